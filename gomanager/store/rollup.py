"""Sums per case, kept in the transaction that adds the rows they count."""

import sqlite3
from collections.abc import Iterator

from gomanager.store.protocol import CaseStats, Difference

# Codes: outcome 0 pass, 1 fail, 2 skip, 4 unknown; purpose 0 first, 1 rerun, 3 search. A flake is a
# failure with a later pass in another process of the same phase result, searches left out; it is
# looked for only where a case has both, so that the subquery costs nothing for the mass. Squares count a day at most: a foreign
# stream may claim any duration, and sums have 63 bits.
_SUMS = """
SELECT r.case_id, p.variant_id, u.side, r.phase_result_id,
    sum(r.purpose = 0 AND r.outcome IN (0, 1) AND NOT u.dirty AND NOT u.outage) AS n,
    sum(r.purpose = 0 AND r.outcome = 1 AND NOT u.dirty AND NOT u.outage) AS f,
    CASE WHEN count(*) > 1 AND sum(r.outcome = 0) > 0 AND sum(r.outcome = 1) > 0 THEN EXISTS (
        SELECT 1 FROM results a JOIN results b
            ON b.phase_result_id = a.phase_result_id AND b.case_id = a.case_id
            AND b.attempt > a.attempt AND b.process <> a.process AND b.outcome = 0
            AND b.purpose <> 3
        WHERE a.phase_result_id = r.phase_result_id AND a.case_id = r.case_id AND a.outcome = 1
            AND a.purpose <> 3
    ) ELSE 0 END AS flakes,
    sum(r.purpose = 0 AND r.outcome = 2 AND NOT u.dirty AND NOT u.outage) AS skips,
    sum(r.purpose = 0 AND r.outcome = 4 AND NOT u.dirty AND NOT u.outage) AS unknown,
    sum(r.purpose = 1) AS reruns,
    sum(r.purpose = 0 AND r.outcome = 0 AND r.ms IS NOT NULL) AS ms_n,
    sum(CASE WHEN r.purpose = 0 AND r.outcome = 0 THEN coalesce(r.ms, 0) ELSE 0 END) AS ms_sum,
    sum(CASE WHEN r.purpose = 0 AND r.outcome = 0
        THEN min(coalesce(r.ms, 0), 86400000) * min(coalesce(r.ms, 0), 86400000) ELSE 0 END)
        AS ms_sq
FROM results r
JOIN phase_results p ON p.id = r.phase_result_id
JOIN runs u ON u.id = p.run_id
WHERE r.fold = 0 {where}
GROUP BY r.case_id, r.phase_result_id
"""
_ADD = f"""
INSERT INTO case_stats (case_id, variant_id, side, n, f, flakes, skips, unknown, reruns, ms_n,
    ms_sum, ms_sq)
SELECT case_id, variant_id, side, n, f, flakes, skips, unknown, reruns, ms_n, ms_sum, ms_sq
FROM ({_SUMS.format(where="AND r.phase_result_id = ?")})
WHERE true
ON CONFLICT (case_id, variant_id, side) DO UPDATE SET
    n = n + excluded.n, f = f + excluded.f, flakes = flakes + excluded.flakes,
    skips = skips + excluded.skips, unknown = unknown + excluded.unknown,
    reruns = reruns + excluded.reruns, ms_n = ms_n + excluded.ms_n,
    ms_sum = ms_sum + excluded.ms_sum, ms_sq = ms_sq + excluded.ms_sq
"""
_ALL = f"""
SELECT case_id, variant_id, side, sum(n), sum(f), sum(flakes), sum(skips), sum(unknown),
    sum(reruns), sum(ms_n), sum(ms_sum), sum(ms_sq)
FROM ({_SUMS.format(where="")}) GROUP BY case_id, variant_id, side
"""
_STORED = """
SELECT case_id, variant_id, side, n, f, flakes, skips, unknown, reruns, ms_n, ms_sum, ms_sq
FROM case_stats
"""


def add(connection: sqlite3.Connection, phase_result_id: int) -> None:
    """Add the rows just inserted to their cases' sums."""
    connection.execute(_ADD, (phase_result_id,))


def differences(connection: sqlite3.Connection) -> tuple[Difference, ...]:
    """Where the stored sums are not those of the raw rows."""
    stored, counted = dict(_sums(connection, _STORED)), dict(_sums(connection, _ALL))
    wrong = [key for key in stored.keys() | counted.keys() if stored.get(key) != counted.get(key)]
    return tuple(
        Difference(
            case_id=case_id,
            variant_id=variant_id,
            side=bool(side),
            stored=stored.get((case_id, variant_id, side)),
            counted=counted.get((case_id, variant_id, side)),
        )
        for case_id, variant_id, side in sorted(wrong)
    )


def _sums(
    connection: sqlite3.Connection, select: str
) -> Iterator[tuple[tuple[int, int, int], CaseStats]]:
    for row in connection.execute(select):
        yield tuple(row[:3]), stats(row[3:])


def stats(row: tuple[int, ...]) -> CaseStats:
    """The nine sums in the order of the table."""
    n, f, flakes, skips, unknown, reruns, ms_n, ms_sum, ms_sq = row
    return CaseStats(
        n=n,
        f=f,
        flakes=flakes,
        skips=skips,
        unknown=unknown,
        reruns=reruns,
        ms_n=ms_n,
        ms_sum=ms_sum,
        ms_sq=ms_sq,
    )
