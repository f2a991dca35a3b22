"""The store over one SQLite file: what is asked is in the modules beside, what is set up is here."""

import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from msgspec.structs import replace

from gomanager.errors import EnvironmentFault
from gomanager.results import PhaseResult, Run, Variant
from gomanager.selection.ledger import Record
from gomanager.store import (
    append,
    aside,
    cases,
    durations,
    expected,
    lookup,
    red,
    rollup,
    rows,
    steps,
    texts,
)
from gomanager.store import ledger as proofs
from gomanager.store import resources as habits
from gomanager.store.connection import (
    BUSY_MS,
    BrokenFile,
    configure,
    connect,
    faults,
    identify,
    transaction,
)
from gomanager.store.habit import Resources
from gomanager.store.protocol import (
    CaseKey,
    CaseStats,
    Difference,
    Document,
    Known,
    PackageKey,
    PastAttempt,
    RedPackage,
    StoredRun,
    Times,
    Usual,
)
from gomanager.text import masker

DOCUMENTS_KEPT = 200
"""Reports that can be shown again; results stay longer than their reports."""


class SqliteStore:
    """See :class:`gomanager.store.protocol.Store`. One connection, for the thread that made it."""

    def __init__(
        self,
        path: Path,
        *,
        write: bool = True,
        environ: Mapping[str, str] = os.environ,
        busy_ms: int = BUSY_MS,
    ) -> None:
        self.path = path
        self.journals = path.parent / "journal"
        self.notes: tuple[str, ...] = ()
        self.wal = False
        self._write = write
        self._mask = masker(environ)
        self._busy_ms = busy_ms
        self._newer = False
        self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            return self._ready(connect(self.path, write=self._write, busy_ms=self._busy_ms))
        except BrokenFile as broken:
            if not self._write:
                raise
            self._put_aside(broken)
        return self._ready(connect(self.path, write=True, busy_ms=self._busy_ms))

    def _ready(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        try:
            with faults(self.path):
                newest = steps.scripts()
                step = identify(connection, self.path)
                self._newer = step > len(newest)
                if not self._write and step < len(newest):
                    connection = steps.raised(connection, self.path, newest)
                if self._write:
                    steps.refuse_newer(step, len(newest), self.path)
                self.wal = configure(connection, write=self._write, busy_ms=self._busy_ms)
                if self._write:
                    self._step(connection, newest)
        except BaseException:
            connection.close()
            raise
        return connection

    def _step(self, connection: sqlite3.Connection, newest: tuple[str, ...]) -> None:
        before, after = steps.apply(connection, self.path, newest)
        if 0 < before < after:
            note = f"the history store was brought from schema {before} to {after}: {self.path}"
            self.notes = (*self.notes, note)

    def _put_aside(self, broken: BrokenFile) -> None:
        renamed = aside.put_aside(self.path)
        if renamed is not None:
            note = f"{broken.what}; it is kept as {renamed}, and a new history begins"
            self.notes = (*self.notes, note)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with faults(self.path):
            try:
                yield self._connection
            except sqlite3.OperationalError as error:
                if not self._newer or error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                    raise
                what = "the history store was written by a newer gomanager and cannot be read"
                raise EnvironmentFault(
                    what, where=str(self.path), fix="upgrade gomanager"
                ) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with faults(self.path), transaction(self._connection):
            yield self._connection

    def begin(self, run: Run) -> None:
        """See the protocol."""
        with self._writing() as connection:
            append.write_run(connection, run)

    def add(
        self,
        run: Run,
        phase: PhaseResult,
        *,
        attempt_key: str = "",
        ledger: Iterable[Record] = (),
        learned: Mapping[PackageKey, Iterable[str]] | None = None,
        variables: Mapping[PackageKey, Mapping[str, str]] | None = None,
    ) -> bool:
        """See the protocol; a file that turns out damaged is put aside, and a new one takes it."""
        prepared = replace(
            rows.prepare(phase, attempt_key, self._mask),
            ledger=tuple((record, proofs.packed(record)) for record in ledger),
            learned=learned or {},
            variables=variables or {},
        )
        try:
            with self._writing() as connection:
                return append.write(connection, run, prepared)
        except BrokenFile as broken:
            self._connection.close()
            self._put_aside(broken)
            self._connection = self._open()
        with self._writing() as connection:
            return append.write(connection, run, prepared)

    def finish(self, run: Run, document: bytes, *, schema: str = "gomanager.report/1") -> None:
        """See the protocol."""
        body = zlib.compress(document, 6)
        with self._writing() as connection:
            append.finish(connection, run, (schema, len(document), body), keep=DOCUMENTS_KEPT)
            proofs.forget(connection, run)

    def ledger(self, fingerprints: Iterable[str]) -> Mapping[str, tuple[Record, ...]]:
        """See the protocol."""
        with self._reading() as connection:
            return proofs.records(connection, fingerprints)

    def has_ledger(self) -> bool:
        """See the protocol."""
        with self._reading() as connection:
            return proofs.exists(connection)

    def red_sources(self) -> Mapping[tuple[str, str, str], frozenset[str]]:
        """See the protocol."""
        with self._reading() as connection:
            return proofs.red(connection)

    def newest_records(self, module: str, path: str) -> tuple[Record, ...]:
        """See the protocol."""
        with self._reading() as connection:
            return proofs.newest(connection, module, path)

    def readers(self, paths: Iterable[str]) -> Mapping[str, tuple[PackageKey, ...]]:
        """See the protocol."""
        with self._reading() as connection:
            return proofs.readers(connection, paths)

    def variables(self) -> frozenset[tuple[str, str]]:
        """See the protocol."""
        with self._reading() as connection:
            return proofs.variables(connection)

    def variable_readers(self, wanted: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
        """See the protocol."""
        with self._reading() as connection:
            return proofs.variable_readers(connection, wanted)

    def runs(self, *, limit: int = 20, branch: str | None = None) -> tuple[StoredRun, ...]:
        """See the protocol."""
        with self._reading() as connection:
            return lookup.runs(connection, limit=limit, branch=branch)

    def unfinished(self) -> tuple[str, ...]:
        """See the protocol."""
        with self._reading() as connection:
            return lookup.unfinished(connection)

    def run(self, uid: str) -> StoredRun | None:
        """See the protocol."""
        with self._reading() as connection:
            return lookup.run(connection, uid)

    def newest(
        self, *, branch: str | None = None, ci: bool | None = None, beside: str = ""
    ) -> StoredRun | None:
        """See the protocol."""
        with self._reading() as connection:
            return lookup.newest(connection, branch=branch, ci=ci, beside=beside)

    def red_in_ci(self, branch: str | None, *, beside: str = "") -> tuple[str, ...]:
        """See the protocol."""
        with self._reading() as connection:
            return lookup.red_in_ci(connection, branch, beside)

    def matching(self, prefix: str) -> tuple[str, ...]:
        """See the protocol."""
        with self._reading() as connection:
            return lookup.matching(connection, prefix)

    def document(self, uid: str | None = None) -> Document | None:
        """See the protocol."""
        with self._reading() as connection:
            return lookup.document(connection, uid)

    def last_failed(self, *, branch: str | None = None) -> tuple[RedPackage, ...]:
        """See the protocol."""
        with self._reading() as connection:
            return red.last_failed(connection, branch)

    def known_cases(
        self,
        phase: str,
        variant: Variant | None,
        packages: Iterable[PackageKey],
        *,
        flags: tuple[str, ...] = (),
    ) -> Known:
        """See the protocol."""
        text = texts.flags(flags, self._mask)
        with self._reading() as connection:
            return expected.known_cases(connection, phase, _key(variant), packages, text)

    def proven(self, commit: str, phases: Iterable[tuple[str, Variant | None]]) -> frozenset[str]:
        """See the protocol."""
        with self._reading() as connection:
            return lookup.proven(connection, commit, phases)

    def times(self, variants: Iterable[Variant] | None = None) -> Times:
        """See the protocol."""
        keys = None if variants is None else [variant.key for variant in variants]
        with self._reading() as connection:
            return durations.times(connection, keys)

    def case_times(
        self, phase: str, variant: Variant | None, cases: Iterable[CaseKey]
    ) -> Mapping[CaseKey, Usual]:
        """See the protocol."""
        with self._reading() as connection:
            return durations.case_times(connection, phase, _key(variant), cases)

    def resources(
        self, phase: PhaseResult, packages: Mapping[PackageKey, int], *, beside: str = ""
    ) -> Mapping[PackageKey, Resources]:
        """See the protocol."""
        series = (phase.name, _key(phase.variant), texts.flags(phase.flags, self._mask))
        with self._reading() as connection:
            return habits.resources(connection, series, packages, beside)

    def stats(self, phase: str) -> Mapping[CaseKey, CaseStats]:
        """See the protocol."""
        with self._reading() as connection:
            return cases.stats(connection, phase)

    def history(
        self, name: str, *, package: str | None = None, phase: str | None = None, limit: int = 50
    ) -> tuple[PastAttempt, ...]:
        """See the protocol."""
        with self._reading() as connection:
            return cases.history(connection, name, package=package, phase=phase, limit=limit)

    def verify(self) -> tuple[Difference, ...]:
        """See the protocol."""
        with self._reading() as connection:
            return rollup.differences(connection)

    def check(self) -> str | None:
        """See the protocol."""
        with self._reading() as connection:
            said: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            return None if said == "ok" else said

    def close(self) -> None:
        """See the protocol."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _key(variant: Variant | None) -> str:
    return variant.key if variant else ""
