"""Which test functions of a package are new or read differently than before, by their own text."""

from collections.abc import Iterable, Iterator

from gomanager.golang.declarations import read_declarations
from gomanager.golang.lines import read_source

NEVER_ALONE = "Benchmark"
"""`-run` starts none."""


def changed_functions(now: Iterable[bytes], before: Iterable[bytes]) -> frozenset[str]:
    """Names in the test files of ``now`` whose text stands in no file of ``before``.

    A function that moved to another file of its package is the same function.
    """
    known = {pair for data in before for pair in _texts(data)}
    return frozenset(
        name for data in now for name, text in _texts(data) if (name, text) not in known
    )


def _texts(data: bytes) -> Iterator[tuple[str, bytes]]:
    declared = {one.name for one in read_declarations(data)}
    lines = data.replace(b"\r\n", b"\n").split(b"\n")
    for function in read_source(data).functions:
        if function.name in declared and not function.name.startswith(NEVER_ALONE):
            body = lines[function.first - 1 : function.last]
            yield function.name, b"\n".join(line.rstrip() for line in body)
