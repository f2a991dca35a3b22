"""The ledger of proofs: rows are kept and found here, and judged by the selection."""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from gomanager.results import Run
from gomanager.selection.ledger import MAX_AGE, Input, Record
from gomanager.store.lookup import instant
from gomanager.store.protocol import PackageKey

SOURCES = 1
"""The level of a fingerprint over sources; 2 is a linked binary's."""
GREEN_KEPT = MAX_AGE + timedelta(days=1)
RED_KEPT = timedelta(days=90)
LEARNED_PATHS = 2_000
"""Of one package; a test that reads more paths than that reads them all."""
_AT_ONCE = 400

_ROW = """
INSERT INTO ledger (fingerprint, finished_ms, run_id, package_id, phase_id, level, sources, green,
    doubt, dirty, commit_sha, ms, tests_run, tests_skipped, attempts, inputs)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (fingerprint, finished_ms, run_id) DO UPDATE SET green = min(green, excluded.green)
"""
_FIND = """
SELECT l.fingerprint, l.sources, h.name, k.module, k.path, l.green, l.doubt, l.dirty, l.finished_ms,
    l.commit_sha, lower(hex(u.uid)), l.ms, l.tests_run, l.tests_skipped, l.attempts, l.inputs
FROM ledger l JOIN runs u ON u.id = l.run_id JOIN packages k ON k.id = l.package_id
JOIN phases h ON h.id = l.phase_id"""
_NEWEST_FIRST = "ORDER BY l.finished_ms DESC, l.green, l.run_id DESC"
_RED = """
SELECT h.name, k.module, k.path, l.sources
FROM ledger l JOIN packages k ON k.id = l.package_id JOIN phases h ON h.id = l.phase_id
WHERE l.green = 0 AND NOT EXISTS (
    SELECT 1 FROM ledger n WHERE n.fingerprint = l.fingerprint AND n.green = 1
        AND n.finished_ms > l.finished_ms)"""
_OF_PACKAGE = f"""{_FIND}
WHERE k.module = ? AND k.path = ? AND l.finished_ms = (
    SELECT max(n.finished_ms) FROM ledger n
    WHERE n.package_id = l.package_id AND n.phase_id = l.phase_id)
ORDER BY h.name, l.green"""


def write(
    connection: sqlite3.Connection,
    run_id: int,
    phase_result_id: int,
    phase_id: int,
    rows: Iterable[tuple[int, Record, bytes | None]],
) -> None:
    """Rows with the id of their package and their inputs, in the transaction of the result."""
    for package_id, record, inputs in rows:
        print_ = bytes.fromhex(record.fingerprint)
        connection.execute(
            _ROW,
            (
                print_,
                _milliseconds(record),
                run_id,
                package_id,
                phase_id,
                SOURCES,
                bytes.fromhex(record.sources),
                record.green,
                record.doubt,
                record.dirty,
                record.commit,
                record.duration_ms,
                record.tests_run,
                record.tests_skipped,
                record.attempts,
                inputs,
            ),
        )
        connection.execute(
            "UPDATE package_results SET fingerprint = ? "
            "WHERE phase_result_id = ? AND package_id = ?",
            (print_, phase_result_id, package_id),
        )


def learn(
    connection: sqlite3.Connection, package_id: int, paths: Iterable[str], seen_ms: int
) -> None:
    """What the tests of a package read this time takes the place of what they read before."""
    connection.execute("DELETE FROM learned WHERE package_id = ? AND seen_ms < ?",
                       (package_id, seen_ms))  # fmt: skip
    connection.executemany(
        "INSERT OR REPLACE INTO learned (path, package_id, seen_ms) VALUES (?, ?, ?)",
        [(path, package_id, seen_ms) for path in sorted(paths)[:LEARNED_PATHS]],
    )


def learn_variables(
    connection: sqlite3.Connection, package_id: int, phase_id: int, read: Mapping[str, str]
) -> None:
    """Name to digest of what the tests of a green package read this time, in place of before."""
    connection.execute(
        "DELETE FROM learned_variables WHERE package_id = ? AND phase_id = ?",
        (package_id, phase_id),
    )
    connection.executemany(
        "INSERT INTO learned_variables (package_id, phase_id, name, digest) VALUES (?, ?, ?, ?)",
        [(package_id, phase_id, name, digest) for name, digest in sorted(read.items())],
    )


def variables(connection: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    """See :meth:`Store.variables`."""
    rows = connection.execute("SELECT DISTINCT name, digest FROM learned_variables")
    return frozenset((name, digest) for name, digest in rows)


def variable_readers(
    connection: sqlite3.Connection, wanted: Iterable[tuple[str, str]]
) -> Mapping[tuple[str, str], str]:
    """See :meth:`Store.variable_readers`."""
    found: dict[tuple[str, str], str] = {}
    for pair in sorted(wanted):
        for module, path in connection.execute(
            "SELECT DISTINCT k.module, k.path FROM learned_variables v "
            "JOIN packages k ON k.id = v.package_id WHERE v.name = ? AND v.digest = ?",
            pair,
        ):
            found.setdefault((module, path), pair[0])
    return found


def packed(record: Record) -> bytes | None:
    """The inputs as they are stored; made before the database is locked."""
    if not record.inputs:
        return None
    return zlib.compress(json.dumps(record.inputs, separators=(",", ":")).encode(), 6)


def records(
    connection: sqlite3.Connection, fingerprints: Iterable[str]
) -> dict[str, tuple[Record, ...]]:
    """See :meth:`Store.ledger`."""
    found: dict[str, list[Record]] = {}
    for part in _parts(sorted(set(fingerprints))):
        marks = ",".join("?" * len(part))
        select = f"{_FIND} WHERE l.fingerprint IN ({marks}) {_NEWEST_FIRST}"
        for row in connection.execute(select, [bytes.fromhex(one) for one in part]):
            record = _record(row)
            found.setdefault(record.fingerprint, []).append(record)
    return {one: tuple(rows) for one, rows in found.items()}


def exists(connection: sqlite3.Connection) -> bool:
    """See :meth:`Store.has_ledger`."""
    (found,) = connection.execute("SELECT EXISTS (SELECT 1 FROM ledger)").fetchone()
    return bool(found)


def red(connection: sqlite3.Connection) -> dict[tuple[str, str, str], frozenset[str]]:
    """See :meth:`Store.red_sources`."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for phase, module, path, sources in connection.execute(_RED):
        found.setdefault((phase, module, path), set()).add(sources.hex())
    return {key: frozenset(prints) for key, prints in found.items()}


def newest(connection: sqlite3.Connection, module: str, path: str) -> tuple[Record, ...]:
    """See :meth:`Store.newest_records`."""
    found: dict[str, Record] = {}
    for row in connection.execute(_OF_PACKAGE, (module, path)):
        record = _record(row)
        found.setdefault(record.phase, record)
    return tuple(found.values())


def readers(
    connection: sqlite3.Connection, paths: Iterable[str]
) -> Mapping[str, tuple[PackageKey, ...]]:
    """See :meth:`Store.readers`."""
    found: dict[str, list[PackageKey]] = {}
    for part in _parts(sorted(set(paths))):
        marks = ",".join("?" * len(part))
        select = (
            "SELECT d.path, k.module, k.path FROM learned d JOIN packages k ON k.id = d.package_id "
            f"WHERE d.path IN ({marks}) ORDER BY k.module, k.path"
        )
        for name, module, path in connection.execute(select, part):
            found.setdefault(name, []).append(PackageKey(module, path))
    return {path: tuple(packages) for path, packages in found.items()}


def forget(connection: sqlite3.Connection, run: Run) -> None:
    """Green rows that are too old to prove anything, and very old red ones."""
    now = round(run.started.timestamp() * 1000)
    for green, kept in ((1, GREEN_KEPT), (0, RED_KEPT)):
        before = now - round(kept.total_seconds() * 1000)
        connection.execute(
            "DELETE FROM ledger WHERE green = ? AND finished_ms < ?", (green, before)
        )


def _record(row: Sequence[object]) -> Record:
    (fingerprint, sources, phase, module, package, green, doubt, dirty, finished, commit, run, ms,
     tests_run, skipped, attempts, inputs) = row  # fmt: skip
    return Record(
        fingerprint=fingerprint.hex(),  # type: ignore[attr-defined]
        sources=sources.hex(),  # type: ignore[attr-defined]
        phase=str(phase),
        module=str(module),
        package=str(package),
        green=bool(green),
        doubt=str(doubt),
        dirty=bool(dirty),
        finished=instant(int(finished)),  # type: ignore[call-overload]
        commit=None if commit is None else str(commit),
        run=str(run),
        duration_ms=None if ms is None else int(ms),  # type: ignore[call-overload]
        tests_run=int(tests_run),  # type: ignore[call-overload]
        tests_skipped=int(skipped),  # type: ignore[call-overload]
        attempts=int(attempts),  # type: ignore[call-overload]
        inputs=_unpacked(inputs),
    )


def _unpacked(inputs: object) -> tuple[Input, ...]:
    if not isinstance(inputs, bytes):
        return ()
    return tuple(Input(*one) for one in json.loads(zlib.decompress(inputs)))


def _milliseconds(record: Record) -> int:
    return round(record.finished.timestamp() * 1000)


def _parts(values: list[str]) -> Iterator[list[str]]:
    """SQLite takes a bounded number of parameters."""
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
