"""One phase result into the database: names, rows, failures, texts and sums, in one transaction."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from operator import itemgetter

from gomanager.results import Run
from gomanager.store import codes, ledger, rollup, texts
from gomanager.store.protocol import PackageKey
from gomanager.store.rows import Prepared, Reason
from gomanager.version import VERSION

_RUN = """
INSERT OR IGNORE INTO runs (uid, commit_sha, base_sha, dirty, position, side, branch, pr, ci, tool,
    scope, started_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_PHASE = """
INSERT OR IGNORE INTO phase_results (run_id, phase_id, variant_id, shard, shards, attempt_key,
    source, started_ms, ms, exit_code, verdict, argv, flags, packages, packages_broken, cases,
    passed, failed, skipped, flaky, quarantined, unknown, not_run, build_ms, build_cpu_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_PACKAGE = """
INSERT INTO package_results (phase_result_id, package_id, attempt, result, purpose, process, ms,
    seed, complete, cached, explained, build_only, cpu_ms, peak_bytes, left_running, cases)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_RESULT = """
INSERT INTO results (phase_result_id, case_id, attempt, outcome, purpose, process, fold, ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_FAILURE = """
INSERT INTO failures (case_id, phase_result_id, attempt, rank, fingerprint_id, message, file, line,
    text_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_FINGERPRINT = """
INSERT INTO fingerprints (text, kind, first_run, last_run) VALUES (?, ?, ?, ?)
    ON CONFLICT (text) DO UPDATE SET last_run = excluded.last_run"""

_FINISH = """
UPDATE runs SET ended_ms = ?, verdict = ?, base_sha = ?, branch = ?, pr = coalesce(?, pr), ci = ?, scope = ?
WHERE id = ?"""
_FORGET = """
DELETE FROM documents WHERE run_id NOT IN (
    SELECT u.id FROM runs u JOIN documents d ON d.run_id = u.id
    ORDER BY u.started_ms DESC, u.id DESC LIMIT ?)"""


def write_run(connection: sqlite3.Connection, run: Run) -> int:
    """The row of a run, made where it is missing; its id."""
    uid = bytes.fromhex(run.uid)
    connection.execute(
        _RUN,
        (
            uid,
            run.commit,
            run.base,
            run.dirty,
            run.position,
            run.side,
            run.branch,
            run.pull_request,
            run.ci,
            VERSION,
            run.scope_mode,
            milliseconds(run.started),
        ),
    )
    return int(connection.execute("SELECT id FROM runs WHERE uid = ?", (uid,)).fetchone()[0])


def finish(
    connection: sqlite3.Connection, run: Run, document: tuple[str, int, bytes], *, keep: int
) -> None:
    """Inside a transaction: verdict, end and report; of the reports, the newest are kept."""
    ended = milliseconds(run.started + timedelta(milliseconds=run.duration_ms))
    about = (run.base, run.branch, run.pull_request, run.ci, run.scope_mode)
    run_id = write_run(connection, run)
    connection.execute(_FINISH, (ended, codes.VERDICT_CODE[run.verdict], *about, run_id))
    connection.execute(
        "INSERT OR REPLACE INTO documents (run_id, schema, size, body) VALUES (?, ?, ?, ?)",
        (run_id, *document),
    )
    connection.execute(_FORGET, (keep,))


def write(connection: sqlite3.Connection, run: Run, prepared: Prepared) -> bool:
    """Inside a transaction: all rows of the phase result, or none where it is there already."""
    run_id = write_run(connection, run)
    phase = prepared.phase
    phase_id = _named(connection, "phases", "name", phase.name)
    variant_id = _named(connection, "variants", "key", phase.variant.key if phase.variant else "")
    written = connection.execute(_PHASE, _phase_row(run_id, phase_id, variant_id, prepared))
    if written.rowcount == 0:
        return False
    phase_result_id = written.lastrowid
    assert phase_result_id is not None
    cases = _write_packages(connection, phase_result_id, phase_id, prepared)
    _write_ledger(connection, run_id, phase_result_id, phase_id, prepared)
    _write_failures(connection, run_id, phase_result_id, cases)
    rollup.add(connection, phase_result_id)
    return True


def _phase_row(
    run_id: int, phase_id: int, variant_id: int, prepared: Prepared
) -> tuple[int | str | None, ...]:
    phase, counts = prepared.phase, prepared.phase.counts
    return (
        run_id,
        phase_id,
        variant_id,
        0,
        1,
        prepared.attempt_key,
        codes.SOURCE_CODE[phase.source],
        milliseconds(phase.started) if phase.started else None,
        phase.duration_ms,
        phase.exit_code,
        codes.VERDICT_CODE[phase.verdict],
        prepared.argv,
        prepared.flags,
        counts.packages,
        counts.packages_broken,
        counts.cases,
        counts.passed,
        counts.failed,
        counts.skipped,
        counts.flaky,
        counts.quarantined,
        counts.unknown,
        counts.not_run,
        phase.build_ms,
        phase.build_cpu_ms,
    )


_Named = tuple[int, int, int, Reason]


def _write_ledger(
    connection: sqlite3.Connection,
    run_id: int,
    phase_result_id: int,
    phase_id: int,
    prepared: Prepared,
) -> None:
    rows = [
        (_package_id(connection, PackageKey(record.module, record.package)), record, inputs)
        for record, inputs in prepared.ledger
    ]
    ledger.write(connection, run_id, phase_result_id, phase_id, rows)
    for key, paths in prepared.learned.items():
        seen = milliseconds(prepared.phase.started) if prepared.phase.started else 0
        ledger.learn(connection, _package_id(connection, key), paths, seen)
    for key, read in prepared.variables.items():
        ledger.learn_variables(connection, _package_id(connection, key), phase_id, read)


def _write_packages(
    connection: sqlite3.Connection, phase_result_id: int, phase_id: int, prepared: Prepared
) -> list[_Named]:
    packages: list[tuple[int | None, ...]] = []
    results: list[tuple[int | None, ...]] = []
    failures: list[_Named] = []
    for key, rows in prepared.rows.items():
        package_id = _package_id(connection, key)
        packages += [(phase_result_id, package_id, *row) for row in rows.packages]
        wanted = chain(rows.results, (failure[0] for failure in rows.failures))
        ids = _case_ids(connection, phase_id, package_id, wanted)
        for name, attempts in rows.results.items():
            results += [(phase_result_id, ids[name], *row) for row in attempts]
        failures += [(ids[name], number, rank, why) for name, number, rank, why in rows.failures]
    connection.executemany(_PACKAGE, sorted(packages, key=itemgetter(1, 2)))
    connection.executemany(_RESULT, sorted(results, key=itemgetter(1, 2)))
    return failures


def _write_failures(
    connection: sqlite3.Connection, run_id: int, phase_result_id: int, failures: list[_Named]
) -> None:
    for case_id, attempt, rank, why in failures:
        connection.execute(_FINGERPRINT, (why.fingerprint, why.kind, run_id, run_id))
        found = connection.execute("SELECT id FROM fingerprints WHERE text = ?", (why.fingerprint,))
        fingerprint_id = found.fetchone()[0]
        text_id = _text_id(connection, why.text) if why.text else None
        row = (case_id, phase_result_id, attempt, rank, fingerprint_id)
        connection.execute(_FAILURE, (*row, why.message, why.file, why.line, text_id))


def _text_id(connection: sqlite3.Connection, text: texts.StoredText) -> int:
    connection.execute(
        "INSERT OR IGNORE INTO texts (digest, size, body) VALUES (?, ?, ?)",
        (text.digest, text.size, text.body),
    )
    found = connection.execute("SELECT id FROM texts WHERE digest = ?", (text.digest,))
    return int(found.fetchone()[0])


def _named(connection: sqlite3.Connection, table: str, column: str, value: str) -> int:
    """Id of a name in one of the two tables of a single name; both words are ours."""
    connection.execute(f"INSERT OR IGNORE INTO {table} ({column}) VALUES (?)", (value,))
    found = connection.execute(f"SELECT id FROM {table} WHERE {column} = ?", (value,))
    return int(found.fetchone()[0])


def _package_id(connection: sqlite3.Connection, key: PackageKey) -> int:
    select = "SELECT id FROM packages WHERE module = ? AND path = ?"
    found = connection.execute(select, key).fetchone()
    if found is None:
        made = connection.execute("INSERT INTO packages (module, path) VALUES (?, ?)", key)
        return int(made.lastrowid or 0)
    return int(found[0])


def _case_ids(
    connection: sqlite3.Connection, phase_id: int, package_id: int, names: Iterator[str]
) -> dict[str, int]:
    select = "SELECT name, id FROM cases WHERE phase_id = ? AND package_id = ?"
    ids: dict[str, int] = dict(connection.execute(select, (phase_id, package_id)))
    new = [name for name in dict.fromkeys(names) if name not in ids]
    insert = "INSERT INTO cases (phase_id, package_id, name) VALUES (?, ?, ?)"
    for name in new:
        ids[name] = int(connection.execute(insert, (phase_id, package_id, name)).lastrowid or 0)
    return ids


def milliseconds(instant: datetime) -> int:
    """An instant as the store keeps it: milliseconds since 1970 in UTC."""
    return round(instant.timestamp() * 1000)
