"""How long packages and cases usually take: medians of the newest passing first attempts."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import median

from gomanager.store.protocol import CaseKey, PackageKey, Times, Usual

NEWEST = 20
WINDOW = 100
"""Phase results of a phase and variant that are looked back upon."""

_SERIES = """
SELECT p.id, f.name FROM (
    SELECT id, phase_id, row_number() OVER (PARTITION BY phase_id, variant_id ORDER BY id DESC) AS n
    FROM phase_results WHERE :all OR variant_id IN (
        SELECT id FROM variants WHERE key IN (SELECT value FROM json_each(:variants)))
) p JOIN phases f ON f.id = p.phase_id WHERE p.n <= :window ORDER BY p.id DESC"""
_PACKAGES = """
SELECT package_id, ms FROM package_results
WHERE phase_result_id = ? AND result = 0 AND purpose = 0 AND NOT cached AND NOT build_only
    AND ms IS NOT NULL"""
_CASE_ID = """
SELECT c.id FROM cases c JOIN phases f ON f.id = c.phase_id JOIN packages k ON k.id = c.package_id
WHERE f.name = ? AND k.module = ? AND k.path = ? AND c.name = ?"""
_CASE = """
SELECT r.ms FROM phase_results p JOIN results r ON r.phase_result_id = p.id AND r.case_id = :case
WHERE p.phase_id = (SELECT id FROM phases WHERE name = :phase)
    AND p.variant_id = (SELECT id FROM variants WHERE key = :variant)
    AND r.purpose = 0 AND r.outcome = 0 AND r.ms IS NOT NULL
ORDER BY p.id DESC LIMIT :newest"""


def times(connection: sqlite3.Connection, variants: Iterable[str] | None) -> Times:
    """See :meth:`Store.times`."""
    here: dict[tuple[str, int], list[int]] = defaultdict(list)
    anywhere: dict[int, list[int]] = defaultdict(list)
    for phase_result, phase in _series(connection, variants):
        for package_id, ms in connection.execute(_PACKAGES, (phase_result,)):
            for samples in (here[phase, package_id], anywhere[package_id]):
                if len(samples) < NEWEST:
                    samples.append(ms)
    select = "SELECT id, module, path FROM packages"
    keys = {id_: PackageKey(module, path) for id_, module, path in connection.execute(select)}
    return Times(
        packages={(phase, keys[id_]): _usual(ms) for (phase, id_), ms in here.items()},
        anywhere={keys[id_]: _usual(ms) for id_, ms in anywhere.items()},
        typical_ms=_typical(here),
    )


def _series(
    connection: sqlite3.Connection, variants: Iterable[str] | None
) -> list[tuple[int, str]]:
    import json

    keys = json.dumps(list(variants or ()))
    given = {"all": variants is None, "variants": keys, "window": WINDOW}
    return connection.execute(_SERIES, given).fetchall()


def _typical(samples: Mapping[tuple[str, int], list[int]]) -> dict[str, int]:
    by_phase: dict[str, list[float]] = defaultdict(list)
    for (phase, _), ms in samples.items():
        for name in (phase, ""):
            by_phase[name].append(median(ms))
    return {name: round(median(ms)) for name, ms in by_phase.items()}


def case_times(
    connection: sqlite3.Connection, phase: str, variant: str, cases: Iterable[CaseKey]
) -> dict[CaseKey, Usual]:
    """See :meth:`Store.case_times`."""
    given = {"phase": phase, "variant": variant, "newest": NEWEST}
    usual = {}
    for key in cases:
        found = connection.execute(_CASE_ID, (phase, *key)).fetchone()
        if found is None:
            continue
        rows = connection.execute(_CASE, given | {"case": found[0]}).fetchall()
        if rows:
            usual[key] = _usual([ms for (ms,) in rows])
    return usual


def _usual(ms: list[int]) -> Usual:
    return Usual(ms=round(median(ms)), n=len(ms))
