"""Which cases a package is known to have: those of its last two complete passing attempts."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable

from gomanager.store.protocol import Known, PackageKey

WINDOW = 200
"""Phase results that are looked back upon."""
ATTEMPTS = 4
"""Newest attempts of a package that are read: a run of some functions only must not hide others."""
AGREE = 2
"""Two, so that names with a port or a time drop out."""

_SERIES = """
SELECT p.id FROM phase_results p JOIN phases f ON f.id = p.phase_id
JOIN variants v ON v.id = p.variant_id
WHERE f.name = ? AND v.key = ? AND p.flags = ? ORDER BY p.id DESC LIMIT ?"""
# Complete, passing, first, and really executed: a cached package replays old events (S57).
_PACKAGES = """
SELECT package_id FROM package_results
WHERE phase_result_id = ? AND result = 0 AND purpose = 0 AND complete AND NOT cached"""
# CROSS fixes the order: the names of the package first, then a seek each.
_ENDED = """
SELECT r.phase_result_id, c.name FROM cases c
CROSS JOIN results r ON r.phase_result_id IN ({marks}) AND r.case_id = c.id
WHERE c.phase_id = (SELECT id FROM phases WHERE name = ?) AND c.package_id = ?
    AND r.purpose = 0 AND r.outcome IN (0, 1, 2)"""


def known_cases(
    connection: sqlite3.Connection,
    phase: str,
    variant: str,
    packages: Iterable[PackageKey],
    flags: str,
) -> Known:
    """See :meth:`Store.known_cases`."""
    ids = package_ids(connection, packages)
    attempts = _attempts(connection, (phase, variant, flags), set(ids.values()))
    known = {}
    for key, package_id in ids.items():
        if len(attempts[package_id]) >= AGREE:
            known[key] = _roots(connection, phase, package_id, attempts[package_id])
    return known


def package_ids(
    connection: sqlite3.Connection, packages: Iterable[PackageKey]
) -> dict[PackageKey, int]:
    """Ids of the packages that the store has seen."""
    select = "SELECT id FROM packages WHERE module = ? AND path = ?"
    found = ((key, connection.execute(select, key).fetchone()) for key in packages)
    return {key: row[0] for key, row in found if row}


def _attempts(
    connection: sqlite3.Connection, series: tuple[str, str, str], wanted: set[int]
) -> dict[int, list[int]]:
    """Newest phase results in which each package passed completely."""
    found: dict[int, list[int]] = defaultdict(list)
    open_ids = set(wanted)
    for (phase_result,) in connection.execute(_SERIES, (*series, WINDOW)).fetchall():
        if not open_ids:
            break
        passed = {row[0] for row in connection.execute(_PACKAGES, (phase_result,))}
        for package_id in open_ids & passed:
            found[package_id].append(phase_result)
            if len(found[package_id]) == ATTEMPTS:
                open_ids.remove(package_id)
    return found


def _roots(
    connection: sqlite3.Connection, phase: str, package_id: int, attempts: list[int]
) -> dict[str, frozenset[str]]:
    """By test function, what ended in both of the newest two attempts in which it ran."""
    select = _ENDED.format(marks=", ".join("?" * len(attempts)))
    names: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for phase_result, name in connection.execute(select, (*attempts, phase, package_id)):
        names[name.partition("/")[0]][phase_result].add(name)
    known = {}
    for root, by_result in names.items():
        newest = sorted(by_result, reverse=True)[:AGREE]
        if len(newest) == AGREE:
            known[root] = frozenset.intersection(*(frozenset(by_result[id_]) for id_ in newest))
    return known
