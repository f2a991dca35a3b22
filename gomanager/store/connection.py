"""A connection to a SQLite file: settings, what sort of file it is, and faults in words."""

import fcntl
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from gomanager.errors import EnvironmentFault

APPLICATION_ID = 0x676F6D67
BUSY_MS = 30_000
OLDEST = (3, 34, 0)
_HINT = "free the place, choose another file with --store, or go on with --no-store"


class BrokenFile(EnvironmentFault):
    """The file is no database, or a damaged one; it may be put aside and begun again."""


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """Turn what SQLite reports about ``path`` into EnvironmentFault; our own bugs stay bugs."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None or code & 0xFF in (sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_ERROR):
            raise
        raise _fault(code & 0xFF, error, path) from error
    except OSError as error:
        what = f"the history store cannot be used: {error.strerror or error}"
        raise EnvironmentFault(what, where=str(path), fix=_HINT) from error


def _fault(code: int, error: sqlite3.Error, path: Path) -> EnvironmentFault:
    where = str(path)
    match code:
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            what = f"the history store is damaged: {error}"
            return BrokenFile(what, where=where, fix="a command that writes puts the file aside")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            what = "the history store is locked by another process"
            return EnvironmentFault(what, where=where, fix="wait for that process, or end it")
        case sqlite3.SQLITE_FULL:
            what = "the history store cannot grow: the disk is full"
            return EnvironmentFault(what, where=where, fix=_HINT)
        case _:
            what = f"the history store cannot be used: {error}"
            return EnvironmentFault(what, where=where, fix=_HINT)


def connect(path: Path, *, write: bool, busy_ms: int = BUSY_MS) -> sqlite3.Connection:
    """An open connection that commits only where told to; raises EnvironmentFault."""
    if sqlite3.sqlite_version_info < OLDEST:
        what = f"SQLite {sqlite3.sqlite_version} is too old for the history store"
        raise EnvironmentFault(what, fix="use a Python built with SQLite 3.34 or newer")
    with faults(path):
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
            return _open(path, "mode=rwc", busy_ms)
        try:
            return _open(path, "mode=ro", busy_ms)
        except sqlite3.OperationalError:
            # In a read-only folder the file of shared memory cannot be made; nobody writes there.
            if not path.is_file():
                raise
            return _open(path, "mode=ro&immutable=1", busy_ms)


def _open(path: Path, mode: str, busy_ms: int) -> sqlite3.Connection:
    address = f"file:{quote(str(path.absolute()))}?{mode}"
    connection = sqlite3.connect(
        address, uri=True, isolation_level=None, timeout=busy_ms / 1000, cached_statements=256
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def configure(connection: sqlite3.Connection, *, write: bool, busy_ms: int = BUSY_MS) -> bool:
    """Set the pragmas of every connection; False where WAL is refused, as on network file systems."""
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    if not write:
        connection.execute("PRAGMA query_only = ON")
        return _pragma(connection, "journal_mode") == "wal"
    wal = _into_wal(connection, busy_ms)
    # Without WAL, NORMAL could lose more than the newest commits in a power cut.
    connection.execute(f"PRAGMA synchronous = {'NORMAL' if wal else 'FULL'}")
    return wal


def _into_wal(connection: sqlite3.Connection, busy_ms: int) -> bool:
    """The switch needs the file alone, and SQLite does not wait for that: two may start at once."""
    patience = time.monotonic() + busy_ms / 1000
    while True:
        try:
            row = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > patience:
                raise
            time.sleep(0.01)
        else:
            return bool(row[0] == "wal")


def identify(connection: sqlite3.Connection, path: Path) -> int:
    """The schema step of our file, 0 for an empty one; raises EnvironmentFault for a foreign one."""
    application = int(_pragma(connection, "application_id"))
    step = int(_pragma(connection, "user_version"))
    if application == APPLICATION_ID:
        return step
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application == 0 and step == 0 and tables == 0:
        return 0
    if int(_pragma(connection, "application_id")) == APPLICATION_ID:
        # Another process made the file between the first question and the tables.
        return int(_pragma(connection, "user_version"))
    what = "the file is a database of another program, not a history store"
    raise EnvironmentFault(what, where=str(path), fix="choose another file with --store")


def _pragma(connection: sqlite3.Connection, name: str) -> str | int:
    value: str | int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """What concerns the file as a whole is done by one process at a time."""
    with path.with_name(f"{path.name}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """``BEGIN IMMEDIATE … COMMIT``: a deferred one that turns into a writer fails at once."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # After a full disk SQLite may have rolled back by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
