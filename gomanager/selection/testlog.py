"""What ``-test.testlogfile`` says: environment variables and files that a test asked for.

The log holds calls of package ``os`` while ``m.Run`` is active; cmd/go reads it for its own result
cache (src/cmd/go/internal/test/test.go, computeTestInputsID).
"""

from collections.abc import Iterable
from posixpath import join, normpath

from msgspec import Struct

FIRST = b"# test log\n"
MOST = 20_000
"""Names beyond this are not worth being digested one by one."""


class TestLog(Struct, frozen=True, kw_only=True):
    """Absolute paths and names of variables; ``doubt``: why the log does not tell all."""

    __test__ = False

    variables: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()
    looked: frozenset[str] = frozenset()
    """Asked about, not opened."""
    doubt: str = ""


def read_log(data: bytes, cwd: str) -> TestLog:
    """The log of one process that began in ``cwd``; never raises."""
    if not data.startswith(FIRST) or not data.endswith(b"\n"):
        return TestLog(doubt="the log of what it read is not complete")
    variables: set[str] = set()
    opened: set[str] = set()
    looked: set[str] = set()
    for line in dict.fromkeys(data[len(FIRST) : -1].split(b"\n") if len(data) > len(FIRST) else ()):
        word, blank, rest = line.partition(b" ")
        name = rest.decode("utf-8", "surrogateescape")
        if not blank or "\0" in name:
            return TestLog(doubt="the log of what it read cannot be read")
        match word:
            case b"getenv":
                variables.add(name)
            case b"open":
                opened.add(name)
            case b"stat":
                looked.add(name)
            case b"chdir":
                # The same name may mean another file afterwards; lines before it are settled.
                return _moved(data, cwd)
            case _:
                return TestLog(doubt="the log of what it read has lines of a kind that is unknown")
    return _log(variables, _absolute(opened, cwd), _absolute(looked, cwd))


def _moved(data: bytes, cwd: str) -> TestLog:
    """Line by line, for a test that changes its folder."""
    variables: set[str] = set()
    opened: set[str] = set()
    looked: set[str] = set()
    for line in data[len(FIRST) : -1].split(b"\n"):
        word, blank, rest = line.partition(b" ")
        name = rest.decode("utf-8", "surrogateescape")
        if not blank or "\0" in name:
            return TestLog(doubt="the log of what it read cannot be read")
        match word:
            case b"getenv":
                variables.add(name)
            case b"open":
                opened.add(_path(name, cwd))
            case b"stat":
                looked.add(_path(name, cwd))
            case b"chdir":
                cwd = _path(name, cwd)
            case _:
                return TestLog(doubt="the log of what it read has lines of a kind that is unknown")
    return _log(variables, opened, looked)


def _log(variables: set[str], opened: set[str], looked: set[str]) -> TestLog:
    if len(variables) + len(opened) + len(looked) > MOST:
        return TestLog(doubt=f"it read more than {MOST} files")
    return TestLog(
        variables=frozenset(variables),
        opened=frozenset(opened),
        looked=frozenset(looked - opened),
    )


def _absolute(names: Iterable[str], cwd: str) -> set[str]:
    return {_path(name, cwd) for name in names}


def _path(name: str, cwd: str) -> str:
    # normpath would follow ".." behind a link wrongly; such names keep their text.
    path = join(cwd, name)
    return path if ".." in name.split("/")[1:] and "/../" in path[len(cwd) :] else normpath(path)
