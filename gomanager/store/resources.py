"""What the test process of a package usually takes: its newest passing first attempts."""

import sqlite3
from collections.abc import Iterable, Mapping
from statistics import median

from gomanager.store.expected import package_ids
from gomanager.store.habit import Habit, Resources
from gomanager.store.protocol import PackageKey

NEWEST = 20
WINDOW = 100
"""Phase results of the series that are looked back upon."""

# Rows of the same flags and of about as many cases: a part of a package takes a part.
_SERIES = """
SELECT p.id FROM phase_results p JOIN phases f ON f.id = p.phase_id
JOIN variants v ON v.id = p.variant_id JOIN runs u ON u.id = p.run_id
WHERE f.name = ? AND v.key = ? AND p.flags = ? AND u.scope <> 'stress' AND lower(hex(u.uid)) <> ?
ORDER BY p.id DESC LIMIT ?"""
_ROW = """
SELECT cpu_ms, peak_bytes FROM package_results
WHERE phase_result_id = ? AND package_id = ? AND purpose = 0 AND result = 0 AND complete
    AND NOT cached AND cpu_ms IS NOT NULL AND peak_bytes IS NOT NULL
    AND 2 * cases <= 3 * ? AND 3 * cases >= 2 * ?
ORDER BY attempt LIMIT 1"""


def resources(
    connection: sqlite3.Connection,
    series: tuple[str, str, str],
    packages: Mapping[PackageKey, int],
    beside: str,
) -> dict[PackageKey, Resources]:
    """See :meth:`Store.resources`."""
    found = {}
    ids = package_ids(connection, packages)
    newest = (
        connection.execute(_SERIES, (*series, beside.lower(), WINDOW)).fetchall() if ids else []
    )
    for key, package_id in ids.items():
        rows = list(_rows(connection, newest, package_id, packages[key]))
        if rows:
            cpu, peak = zip(*rows, strict=True)
            found[key] = Resources(cpu_ms=_habit(cpu), peak_bytes=_habit(peak))
    return found


def _rows(
    connection: sqlite3.Connection, newest: Iterable[tuple[int]], package_id: int, cases: int
) -> Iterable[tuple[int, int]]:
    left = NEWEST
    for (phase_result,) in newest:
        row = connection.execute(_ROW, (phase_result, package_id, cases, cases)).fetchone()
        if row is not None:
            yield row
            left -= 1
        if not left:
            return


def _habit(values: tuple[int, ...]) -> Habit:
    middle = median(values)
    spread = median(abs(value - middle) for value in values)
    return Habit(median=round(middle), mad=round(spread), n=len(values))
