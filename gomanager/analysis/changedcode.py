"""Changed lines of Go code and what the tests did with them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from gomanager.analysis.linestates import State, never_ran, ranges, stale, states
from gomanager.golang.lines import Function, Source, read_source
from gomanager.gotest.profile import Origin
from gomanager.gotest.profiles import Block, FileCounts


class Standing(StrEnum):
    """Whether a profile can speak about a changed file."""

    MEASURED = "measured"
    STALE = "stale"
    """The profile was made from other sources (C10)."""
    UNMAPPED = "unmapped"
    """``//line`` directives: its lines are not its own (C9)."""
    GENERATED = "generated"
    NOT_MEASURED = "not measured"
    """No test binary that ran holds its package (C50)."""
    NOT_COMPILED = "not compiled"
    """Its package was measured, and the file's build constraints left it out (C46)."""
    PLAIN = "plain"
    """Types, constants, comments: nothing that could run."""


class ChangedFile(Struct, frozen=True, kw_only=True):
    """One changed file; ``states`` of its changed code lines that lie in blocks."""

    path: str
    standing: Standing
    lines: int
    """Changed code lines, in blocks or not."""
    source: Source
    blocks: tuple[Block, ...] = ()
    states: Mapping[int, State]
    unit_only: int = 0
    """Changed code lines that unit tests ran and integration tests did not."""

    @property
    def missed(self) -> tuple[int, ...]:
        """Lines that did not run, or only in part."""
        return tuple(line for line, state in self.states.items() if state is not State.HIT)

    def function_at(self, line: int) -> Function | None:
        """The function that holds a line."""
        return next((f for f in self.source.functions if f.first <= line <= f.last), None)


def is_program(path: str) -> bool:
    """A Go file that tests can cover: no test, nothing vendored, nothing the go command skips."""
    parts = path.split("/")
    return (
        path.endswith(".go")
        and not path.endswith("_test.go")
        and not {"vendor", "testdata"}.intersection(parts[:-1])
        and not any(part[:1] in ("_", ".") for part in parts)
    )


def changed_code(source: Source, spans: Iterable[range]) -> tuple[int, ...]:
    """The code lines within the spans, in order."""
    last = max(source.columns, default=0)
    lines = {n for span in spans for n in range(span.start, min(span.stop, last + 1))}
    return tuple(sorted(lines.intersection(source.columns)))


def look(
    changed: Mapping[str, tuple[range, ...]],
    files: Mapping[str, FileCounts],
    read: Callable[[str], bytes | None],
) -> tuple[ChangedFile, ...]:
    """Each changed program file, by path."""
    folders = {path.rpartition("/")[0] for path in files}
    origins = {origin for counts in files.values() for origin in counts.ran}
    both = origins == {Origin.UNIT, Origin.INTEGRATION}
    found = []
    for path in sorted(filter(is_program, changed)):
        data = read(path)
        if data is not None:
            spans = changed[path]
            measured = path.rpartition("/")[0] in folders
            found.append(_file(path, data, spans, files.get(path), measured=measured, both=both))
    return tuple(found)


def _file(
    path: str,
    data: bytes,
    spans: Sequence[range],
    counts: FileCounts | None,
    *,
    measured: bool,
    both: bool,
) -> ChangedFile:
    source = read_source(data)
    wanted = changed_code(source, spans)
    blocks = counts.blocks if counts is not None else ()
    standing = _standing(source, blocks, data, measured=measured)
    if standing is not Standing.MEASURED or counts is None:
        return ChangedFile(
            path=path, standing=standing, lines=len(wanted), source=source, states={}
        )
    found = states(blocks, source, wanted)
    unit_only = 0
    if both:
        reached = states(counts.blocks_of(Origin.INTEGRATION), source, found)
        unit_only = sum(
            state is not State.MISSED and reached[line] is State.MISSED
            for line, state in found.items()
        )
    return ChangedFile(
        path=path,
        standing=standing,
        lines=len(wanted),
        source=source,
        blocks=blocks,
        states=found,
        unit_only=unit_only,
    )


def _standing(source: Source, blocks: Sequence[Block], data: bytes, *, measured: bool) -> Standing:
    if source.generated:
        return Standing.GENERATED
    if source.renamed:
        return Standing.UNMAPPED
    if not blocks:
        if not source.functions:
            return Standing.PLAIN
        return Standing.NOT_COMPILED if measured else Standing.NOT_MEASURED
    return Standing.STALE if stale(blocks, data) else Standing.MEASURED


def gaps(files: Iterable[ChangedFile]) -> Iterator[tuple[str, int, str]]:
    """(path, line, text) for each stretch of changed code lines that did not run."""
    for file in files:
        for first, last in ranges(file.missed, file.source.columns):
            yield file.path, first, _stretch(file, first, last)


def _stretch(file: ChangedFile, first: int, last: int) -> str:
    lines = [line for line in file.missed if first <= line <= last]
    partly = sum(file.states[line] is State.PARTIAL for line in lines)
    what = number(len(lines), "changed code line")
    never = "ran only in part" if partly == len(lines) else "never ran"
    function = file.function_at(first)
    where = f" in {function.name}" if function is not None else ""
    until = f", to line {last}" if last > first else ""
    return f"{what} {never}{where}{until}"


def untested(files: Iterable[ChangedFile]) -> Iterator[str]:
    """Changed functions of which no statement ran, and changed files that nothing measured."""
    for file in files:
        touched = {id(f) for line in file.states if (f := file.function_at(line)) is not None}
        for function, size in never_ran(file.source.functions, file.blocks):
            if id(function) in touched:
                yield f"{file.path}:{function.first}: {function.name} ({number(size, 'statement')})"
        if file.standing is Standing.NOT_MEASURED and file.lines:
            yield f"{file.path}: no test binary that ran holds it"


def number(count: int, noun: str) -> str:
    """``1 statement``, ``2,000 statements``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def remarks(files: Sequence[ChangedFile]) -> Iterator[str]:
    """What is known of changed lines beside hit and missed."""
    unit_only = sum(file.unit_only for file in files)
    if unit_only:
        lines = number(unit_only, "changed code line")
        yield f"{lines} ran in unit tests and in no integration test"
    told = {
        Standing.STALE: "the profile was made from other sources",
        Standing.UNMAPPED: "its //line directives give its lines to another file",
        Standing.NOT_COMPILED: "changed, and its build constraints left it out of what ran",
    }
    for file in files:
        if file.standing in told and file.lines:
            yield f"{file.path}: {told[file.standing]}"
    outside = sum(
        file.lines - len(file.states) for file in files if file.standing is Standing.MEASURED
    )
    if outside:
        lines = number(outside, "changed code line")
        yield f"without a statement (types, constants, signatures): {lines}"
