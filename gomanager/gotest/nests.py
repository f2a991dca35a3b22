"""Rows of one package as cases that are there whole: in a row of their own, or in several.

A case with subtests, or one between whose lines another package spoke, begins in one row and ends
in another. What lies between them must be its own output and its subtests.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from gomanager.gotest.rows import ALONE, ELAPSED, FIRST, TEST, WORD, Row


class Nest(Struct, frozen=True, kw_only=True):
    """Rows that follow each other; ``begins`` is empty where their cases are not all whole."""

    rows: Sequence[Row]
    begins: Sequence[Row] = ()
    """A row for each case, in order of their begins."""
    ends: Sequence[Row] = ()
    """The row that each of them ended in."""
    until: Sequence[int] = ()
    """Where that stands; empty: each in its own row."""
    around: frozenset[int] = frozenset()
    """Places of those in which others began."""


def nests(rows: Sequence[Row]) -> Iterator[Nest]:
    """Rows of one minute, none of them with a turn or a pause."""
    first = next((at for at, row in enumerate(rows) if not (row[FIRST] or row[ALONE])), len(rows))
    last = len(rows) - (first < len(rows) and not (rows[-1][FIRST] or rows[-1][ELAPSED]))
    if first:  # the block before this one was cut off inside a case
        yield Nest(rows=rows[:first])
    yield from _inner(rows[first:last])
    if last < len(rows):
        yield Nest(rows=rows[last:])


def _inner(rows: Sequence[Row]) -> Iterator[Nest]:
    if all(map(_is_whole, rows)):
        if rows:
            yield Nest(rows=rows, begins=rows, ends=rows)
        return
    ends, whole = _matched(rows)
    for one, places in groupby(range(len(rows)), whole.__getitem__):
        where = list(places)
        some = rows[where[0] : where[-1] + 1]
        if not one:
            yield Nest(rows=some)
            continue
        begins = [at for at in where if not rows[at][FIRST]]
        until = [ends.get(at, at) for at in begins]
        following = (*begins[1:], len(rows))
        yield Nest(
            rows=some,
            begins=[rows[at] for at in begins],
            ends=[rows[at] for at in until],
            until=until,
            around=frozenset(n for n, at in enumerate(until) if following[n] < at),
        )


def _is_whole(row: Row) -> bool:
    return bool(row[ELAPSED] and not row[FIRST])


def _matched(rows: Sequence[Row]) -> tuple[dict[int, int], bytearray]:
    """Begin → end of cases in several rows, and a 1 for each row of cases that are there whole.

    Where something is not as it should be, all that is around it stays open.
    """
    ends: dict[int, int] = {}
    whole = bytearray(len(rows))
    around: list[tuple[int, bytes]] = []
    for at, row in enumerate(rows):
        name = row[TEST]
        if row[WORD] or row[ALONE]:
            around.clear()
        elif not row[FIRST]:
            if around and not name.startswith(around[-1][1] + b"/"):
                around.clear()
            if row[ELAPSED]:
                whole[at] = 1
            else:
                around.append((at, name))
        elif not around or around[-1][1] != name:
            around.clear()
        elif row[ELAPSED]:
            begin, _ = around.pop()
            ends[begin] = at
            whole[begin : at + 1] = b"\1" * (at + 1 - begin)
    return ends, whole
