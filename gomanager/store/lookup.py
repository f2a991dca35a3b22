"""Questions about runs: which there were, how they ended, what they prove, what they reported."""

import sqlite3
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from gomanager.results import Counts, Variant, Verdict
from gomanager.store.codes import SOURCES, VERDICT_CODE, VERDICTS
from gomanager.store.protocol import Document, StoredPhase, StoredRun

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COUNTS = tuple(Counts.__struct_fields__)
_RUNS = """
SELECT id, uid, started_ms, ended_ms, verdict, commit_sha, base_sha, branch, dirty, ci, scope
FROM runs"""
_PHASES = f"""
SELECT f.name, p.verdict, v.key, p.source, p.ms, {", ".join(f"p.{name}" for name in _COUNTS)}
FROM phase_results p JOIN phases f ON f.id = p.phase_id JOIN variants v ON v.id = p.variant_id
WHERE p.run_id = ? ORDER BY p.id"""
_NEWEST = f"""{_RUNS}
WHERE (:branch IS NULL OR branch = :branch) AND (:ci IS NULL OR (ci IS NOT NULL) = :ci)
    AND scope <> 'stress' AND lower(hex(uid)) <> :beside
    AND EXISTS (SELECT 1 FROM phase_results WHERE run_id = runs.id)
ORDER BY started_ms DESC, id DESC LIMIT 1"""
_DOCUMENT = """
SELECT lower(hex(u.uid)), d.schema, d.body FROM documents d JOIN runs u ON u.id = d.run_id"""
# What one commit's clean runs say of their phases, oldest first. A whole result needs more than a
# green verdict: nothing flaky, nothing hollow on purpose, every package finished at first attempt.
_PROOFS = """
SELECT f.name, v.key, p.verdict,
    u.scope = 'all' AND p.source = 0 AND p.flags = '' AND p.shards = 1 AND p.passed > 0
    AND p.failed + p.flaky + p.unknown + p.not_run = 0 AND NOT EXISTS (
        SELECT 1 FROM package_results k WHERE k.phase_result_id = p.id AND (k.explained
            OR k.result NOT IN (0, 2) OR (k.result = 0 AND NOT k.complete AND NOT k.cached)))
FROM runs u JOIN phase_results p ON p.run_id = u.id
JOIN phases f ON f.id = p.phase_id JOIN variants v ON v.id = p.variant_id
WHERE u.commit_sha = ? AND NOT u.dirty ORDER BY u.started_ms, p.id"""

_RunRow = tuple[
    int,
    bytes,
    int,
    int | None,
    int | None,
    str | None,
    str | None,
    str | None,
    int,
    str | None,
    str,
]


def runs(
    connection: sqlite3.Connection, *, limit: int, branch: str | None
) -> tuple[StoredRun, ...]:
    """See :meth:`Store.runs`."""
    select = f"{_RUNS} WHERE (? IS NULL OR branch = ?) ORDER BY started_ms DESC, id DESC LIMIT ?"
    rows = connection.execute(select, (branch, branch, limit)).fetchall()
    return tuple(_run(connection, row) for row in rows)


def unfinished(connection: sqlite3.Connection) -> tuple[str, ...]:
    """See :meth:`Store.unfinished`."""
    select = "SELECT lower(hex(uid)) FROM runs WHERE verdict IS NULL ORDER BY started_ms, id"
    return tuple(uid for (uid,) in connection.execute(select))


def run(connection: sqlite3.Connection, uid: str) -> StoredRun | None:
    """See :meth:`Store.run`."""
    row = connection.execute(f"{_RUNS} WHERE uid = ?", (bytes.fromhex(uid),)).fetchone()
    return _run(connection, row) if row else None


def newest(
    connection: sqlite3.Connection, *, branch: str | None, ci: bool | None, beside: str
) -> StoredRun | None:
    """See :meth:`Store.newest`."""
    given = {"branch": branch, "ci": ci, "beside": beside.lower()}
    row = connection.execute(_NEWEST, given).fetchone()
    return _run(connection, row) if row else None


def red_in_ci(connection: sqlite3.Connection, branch: str | None, beside: str) -> tuple[str, ...]:
    """See :meth:`Store.red_in_ci`."""
    found = newest(connection, branch=branch, ci=True, beside=beside) or newest(
        connection, branch=branch, ci=None, beside=beside
    )
    return found.red_phases if found else ()


def _run(connection: sqlite3.Connection, row: _RunRow) -> StoredRun:
    run_id, uid, started, ended, verdict, commit, base, branch, dirty, ci, scope = row
    return StoredRun(
        uid=uid.hex(),
        started=instant(started),
        duration_ms=None if ended is None else max(0, ended - started),
        verdict=None if verdict is None else VERDICTS[verdict],
        commit=commit,
        base=base,
        branch=branch,
        dirty=bool(dirty),
        ci=ci,
        scope_mode=scope,
        phases=tuple(_phase(found) for found in connection.execute(_PHASES, (run_id,))),
    )


def _phase(row: tuple[str, int, str, int, int | None, *tuple[int, ...]]) -> StoredPhase:
    name, verdict, variant, source, ms, *counts = row
    return StoredPhase(
        name=name,
        verdict=VERDICTS[verdict],
        variant=variant,
        source=SOURCES[source],
        duration_ms=ms,
        counts=Counts(**dict(zip(_COUNTS, counts, strict=True))),
    )


def matching(connection: sqlite3.Connection, prefix: str) -> tuple[str, ...]:
    """See :meth:`Store.matching`."""
    select = "SELECT lower(hex(uid)) FROM runs ORDER BY started_ms DESC, id DESC"
    wanted = prefix.lower()
    uids = (uid for (uid,) in connection.execute(select) if uid.startswith(wanted))
    return tuple(uid for uid, _ in zip(uids, range(10), strict=False))


def document(connection: sqlite3.Connection, uid: str | None) -> Document | None:
    """See :meth:`Store.document`."""
    if uid is None:
        select = f"{_DOCUMENT} ORDER BY u.started_ms DESC, u.id DESC LIMIT 1"
        row = connection.execute(select).fetchone()
    else:
        row = connection.execute(f"{_DOCUMENT} WHERE u.uid = ?", (bytes.fromhex(uid),)).fetchone()
    return (
        None if row is None else Document(run=row[0], schema=row[1], body=zlib.decompress(row[2]))
    )


def proven(
    connection: sqlite3.Connection, commit: str, phases: Iterable[tuple[str, Variant | None]]
) -> frozenset[str]:
    """See :meth:`Store.proven`; a later red result of the same commit takes a proof back."""
    green: set[tuple[str, str]] = set()
    bad = (VERDICT_CODE[Verdict.RED], VERDICT_CODE[Verdict.ERROR])
    for name, variant, verdict, whole in connection.execute(_PROOFS, (commit,)):
        if verdict == VERDICT_CODE[Verdict.GREEN] and whole:
            green.add((name, variant))
        elif verdict in bad:
            green.discard((name, variant))
    anywhere = {name for name, _ in green}
    return frozenset(
        name
        for name, variant in phases
        if (name in anywhere if variant is None else (name, variant.key) in green)
    )


def instant(ms: int) -> datetime:
    """A stored instant; a nonsensical one from a foreign file stays inside what datetime holds."""
    return _EPOCH + timedelta(milliseconds=min(max(ms, -(10**13)), 10**14))
