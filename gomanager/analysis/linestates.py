"""From blocks to lines: which code lines of a file ran."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from gomanager.golang.lines import Function, Source
from gomanager.gotest.profiles import Block


class State(StrEnum):
    """A line of which nothing lies in a block has no state: it is not coverable."""

    HIT = "hit"
    PARTIAL = "partial"
    MISSED = "missed"


def states(
    blocks: Sequence[Block], source: Source, wanted: Iterable[int] | None = None
) -> dict[int, State]:
    """Of all code lines, or of the wanted ones; ``blocks`` in order.

    A block counts for a line where a token of the line begins in it: a body that begins with a
    brace at the end of the ``if`` line says nothing of that line, in both families (C2).
    """
    starts = [block.start for block in blocks]
    columns = source.columns
    lines = columns if wanted is None else (line for line in wanted if line in columns)
    found = {}
    for line in lines:
        hits = {block.hits > 0 for block in _at(line, columns[line], blocks, starts)}
        if hits:  # C11: several blocks on one line
            found[line] = State.PARTIAL if len(hits) > 1 else _whole(hit=hits.pop())
    return found


def _whole(*, hit: bool) -> State:
    return State.HIT if hit else State.MISSED


def _at(
    line: int, columns: Iterable[int], blocks: Sequence[Block], starts: Sequence[tuple[int, int]]
) -> Iterator[Block]:
    for column in columns:
        at = bisect_right(starts, (line, column)) - 1
        if at >= 0 and blocks[at].end > (line, column):
            yield blocks[at]


def ranges(lines: Iterable[int], between: Mapping[int, object]) -> Iterator[tuple[int, int]]:
    """Sorted lines as (first, last), joined where no other code line lies between them."""
    first = last = 0
    for line in lines:
        if first and not any(number in between for number in range(last + 1, line)):
            last = line
            continue
        if first:
            yield first, last
        first = last = line
    if first:
        yield first, last


def stale(blocks: Sequence[Block], data: bytes) -> bool:
    """The profile speaks of lines that the file does not have (C10)."""
    lines = data.count(b"\n") + 1
    return any(block.end[0] > lines for block in blocks)


def never_ran(
    functions: Iterable[Function], blocks: Sequence[Block]
) -> Iterator[tuple[Function, int]]:
    """Functions with statements of which none ran, with their number."""
    at = 0
    for function in functions:
        while at < len(blocks) and blocks[at].start[0] < function.first:
            at += 1
        inside = []
        while at < len(blocks) and blocks[at].end[0] <= function.last:
            inside.append(blocks[at])
            at += 1
        size = sum(block.statements for block in inside)
        if size and not any(block.hits for block in inside):
            yield function, size
