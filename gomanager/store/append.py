"""One phase result into the database: names, rows, failures, texts and sums, in one transaction."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from operator import itemgetter

from gomanager.results import (
    Attempt,
    CaseResult,
    Failure,
    Kind,
    Outcome,
    PackageAttempt,
    PackageResult,
    PhaseResult,
    Run,
)
from gomanager.store import codes, rollup, texts
from gomanager.store.protocol import PackageKey
from gomanager.version import VERSION

UNNAMED = "(unnamed)"
"""A case without a name, from a foreign file: the empty name stands for the package."""

_RUN = """
INSERT OR IGNORE INTO runs (uid, commit_sha, base_sha, dirty, position, side, branch, pr, ci, tool,
    scope, started_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_PHASE = """
INSERT OR IGNORE INTO phase_results (run_id, phase_id, variant_id, shard, shards, attempt_key,
    source, started_ms, ms, exit_code, verdict, argv, flags, packages, packages_broken, cases,
    passed, failed, skipped, flaky, quarantined, unknown, not_run)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_PACKAGE = """
INSERT INTO package_results (phase_result_id, package_id, attempt, result, purpose, process, ms,
    seed, complete, cached, explained, build_only) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_RESULT = """
INSERT INTO results (phase_result_id, case_id, attempt, outcome, purpose, process, fold, ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_FAILURE = """
INSERT INTO failures (case_id, phase_result_id, attempt, rank, fingerprint_id, message, file, line,
    text_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_FINGERPRINT = """
INSERT INTO fingerprints (text, kind, first_run, last_run) VALUES (?, ?, ?, ?)
    ON CONFLICT (text) DO UPDATE SET last_run = excluded.last_run"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reason:
    """A failure made ready outside the transaction: masked, cut and compressed."""

    fingerprint: str
    kind: str
    message: str
    file: str | None
    line: int | None
    text: texts.StoredText | None


@dataclass(slots=True)
class _Rows:
    """The rows of one package, still by name; results: (name, attempt, outcome, …)."""

    mask: texts.Mask
    packages: list[tuple[int | None, ...]] = field(default_factory=list)
    results: dict[str, list[tuple[int | None, ...]]] = field(default_factory=dict)
    failures: list[tuple[str, int, int, _Reason]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A phase result as rows; :func:`prepare` makes it, :func:`write` stores it."""

    phase: PhaseResult
    attempt_key: str
    argv: str
    flags: str
    rows: dict[PackageKey, _Rows]


def prepare(phase: PhaseResult, attempt_key: str, mask: texts.Mask) -> Prepared:
    """The slow part: nothing is folded, masked or compressed while the database is locked."""
    rows: dict[PackageKey, _Rows] = {}
    for package in phase.packages:
        key = PackageKey(package.module, package.path)
        _package(package, rows.setdefault(key, _Rows(mask=mask)))
    return Prepared(
        phase=phase,
        attempt_key=attempt_key,
        argv=texts.lines(phase.commands, mask),
        flags=texts.flags(phase.flags, mask),
        rows=rows,
    )


def _package(package: PackageResult, into: _Rows) -> None:
    for attempt in package.attempts:
        number = len(into.packages) + 1
        into.packages.append(_package_row(package, attempt, number))
        reasons = _package_reasons(attempt, into.mask)
        into.failures += [("", number, rank, reason) for rank, reason in enumerate(reasons)]
    if package.attempts and package.last.cached:
        return  # F1: a cached package replays old events; they are no attempts
    for case in package.cases:
        _case(case, into)


def _package_row(
    package: PackageResult, attempt: PackageAttempt, number: int
) -> tuple[int | None, ...]:
    return (
        number,
        codes.PACKAGE_CODE[attempt.result],
        codes.PURPOSE_CODE[attempt.purpose],
        attempt.process,
        None if attempt.cached else _bounded(attempt.duration_ms),
        _signed(attempt.seed),
        attempt.complete,
        attempt.cached,
        package.explained,
        package.build_only,
    )


def _signed(seed: int | None) -> int | None:
    """SQLite's integers have 64 bits with a sign; a seed from a foreign stream may not fit."""
    return seed if seed is not None and -(2**63) <= seed < 2**63 else None


def _bounded(ms: int | None) -> int | None:
    """Milliseconds from a foreign stream: nothing negative, nothing above 34 years."""
    return None if ms is None else min(max(ms, 0), 2**40)


def _package_reasons(attempt: PackageAttempt, mask: texts.Mask) -> list[_Reason]:
    if attempt.failures:
        return [_reason(failure, mask) for failure in attempt.failures]
    if attempt.result.broken:
        return [_bare(attempt.message or "", mask)]
    return []


def _case(case: CaseResult, into: _Rows) -> None:
    name = case.name or UNNAMED
    rows = into.results.setdefault(name, [])
    for attempt in case.attempts:
        # Foreign streams may number twice; the key must hold whatever they say.
        number = max(attempt.n, int(rows[-1][0] or 0) + 1 if rows else 1)
        rows.append(
            (
                number,
                codes.OUTCOME_CODE[attempt.outcome],
                codes.PURPOSE_CODE[attempt.purpose],
                attempt.process,
                case.fold,
                _bounded(attempt.duration_ms),
            )
        )
        if not case.fold:
            reasons = enumerate(_case_reasons(attempt, into.mask))
            into.failures += [(name, number, rank, reason) for rank, reason in reasons]


def _case_reasons(attempt: Attempt, mask: texts.Mask) -> list[_Reason]:
    """Failed and unfinished attempts always have a row: it is the index of what was red."""
    if attempt.outcome not in (Outcome.FAIL, Outcome.UNKNOWN):
        return []
    if attempt.failures:
        return [_reason(failure, mask) for failure in attempt.failures]
    return [_bare(attempt.reason or "", mask)]


def _bare(message: str, mask: texts.Mask) -> _Reason:
    return _reason(Failure(kind=Kind.UNKNOWN, message=message, text=""), mask)


def _reason(failure: Failure, mask: texts.Mask) -> _Reason:
    return _Reason(
        fingerprint=failure.fingerprint or f"{failure.kind}:",
        kind=failure.kind,
        message=texts.message(failure.message, mask),
        file=failure.file,
        line=failure.line,
        text=texts.pack(failure.text, mask) if failure.text else None,
    )


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
    )


_Named = tuple[int, int, int, _Reason]


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
