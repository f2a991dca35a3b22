"""What the store knows of single cases: their sums, and their attempts one by one."""

import sqlite3

from gomanager.store.codes import OUTCOMES, PURPOSES
from gomanager.store.lookup import instant
from gomanager.store.protocol import CaseKey, CaseStats, PastAttempt
from gomanager.store.rollup import stats as sums

# Two halves, so that the partial index serves both sides.
_TROUBLED = """
SELECT k.module, k.path, c.name, sum(s.n), sum(s.f), sum(s.flakes), sum(s.skips), sum(s.unknown),
    sum(s.reruns), sum(s.ms_n), sum(s.ms_sum), sum(s.ms_sq)
FROM case_stats s JOIN cases c ON c.id = s.case_id JOIN packages k ON k.id = c.package_id
WHERE s.case_id IN (
    SELECT case_id FROM case_stats WHERE side = 0 AND (flakes > 0 OR f > 0)
    UNION SELECT case_id FROM case_stats WHERE side = 1 AND (flakes > 0 OR f > 0))
    AND c.phase_id = (SELECT id FROM phases WHERE name = ?)
GROUP BY s.case_id"""
# Without a phase in the index a name is looked for in the table of names: small beside results.
_NAMED = """
SELECT c.id, f.name FROM cases c JOIN phases f ON f.id = c.phase_id
JOIN packages k ON k.id = c.package_id
WHERE c.name = :name AND (:package IS NULL OR k.path = :package)
    AND (:phase IS NULL OR f.name = :phase)"""
_ATTEMPTS = """
SELECT u.uid, u.started_ms, u.commit_sha, u.branch, u.dirty, v.key, r.attempt, r.purpose, r.process,
    r.outcome, r.ms, f.message, g.text
FROM runs u JOIN phase_results p ON p.run_id = u.id JOIN variants v ON v.id = p.variant_id
JOIN results r ON r.phase_result_id = p.id AND r.case_id = :case
LEFT JOIN failures f ON f.case_id = r.case_id AND f.phase_result_id = p.id
    AND f.attempt = r.attempt AND f.rank = 0
LEFT JOIN fingerprints g ON g.id = f.fingerprint_id
WHERE p.phase_id = (SELECT phase_id FROM cases WHERE id = :case)
ORDER BY u.started_ms DESC, p.id DESC, r.attempt LIMIT :limit"""


def stats(connection: sqlite3.Connection, phase: str) -> dict[CaseKey, CaseStats]:
    """See :meth:`Store.stats`."""
    rows = connection.execute(_TROUBLED, (phase,))
    return {CaseKey(*row[:3]): sums(row[3:]) for row in rows}


def history(
    connection: sqlite3.Connection,
    name: str,
    *,
    package: str | None,
    phase: str | None,
    limit: int,
) -> tuple[PastAttempt, ...]:
    """See :meth:`Store.history`."""
    given = {"name": name, "package": package, "phase": phase}
    attempts: list[PastAttempt] = []
    for case_id, in_phase in connection.execute(_NAMED, given).fetchall():
        rows = connection.execute(_ATTEMPTS, {"case": case_id, "limit": limit})
        attempts += [_attempt(in_phase, row) for row in rows]
    attempts.sort(key=lambda past: past.started, reverse=True)
    return tuple(attempts[:limit])


def _attempt(
    phase: str,
    row: tuple[
        bytes,
        int,
        str | None,
        str | None,
        int,
        str,
        int,
        int,
        int,
        int,
        int | None,
        str | None,
        str | None,
    ],
) -> PastAttempt:
    uid, started, commit, branch, dirty, variant, number, purpose, process, outcome, ms, *why = row
    return PastAttempt(
        run=uid.hex(),
        started=instant(started),
        commit=commit,
        branch=branch,
        dirty=bool(dirty),
        phase=phase,
        variant=variant,
        attempt=number,
        purpose=PURPOSES[purpose],
        process=process,
        outcome=OUTCOMES[outcome],
        duration_ms=ms,
        message=why[0],
        fingerprint=why[1],
    )
