"""Schema steps: numbered files, forward only, one transaction each."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from gomanager.errors import EnvironmentFault
from gomanager.store.connection import APPLICATION_ID, alone, identify, transaction


def scripts() -> tuple[str, ...]:
    """The shipped steps in order; the first leads to version 1."""
    files = sorted((Path(__file__).parent / "schema").glob("*.sql"))
    return tuple(file.read_text(encoding="utf-8") for file in files)


def refuse_newer(step: int, newest: int, path: Path) -> None:
    """Raise EnvironmentFault where the file was written by a newer gomanager."""
    if step > newest:
        what = f"the history store has schema {step}, this gomanager writes {newest}"
        fix = "upgrade gomanager; 'history' and 'report' can still read the file"
        raise EnvironmentFault(what, where=str(path), fix=fix)


def apply(connection: sqlite3.Connection, path: Path, steps: Sequence[str]) -> tuple[int, int]:
    """Bring the file to the newest step; the steps before and after.

    Another process may do the same at once: the version is read again inside each transaction.
    """
    first = step = identify(connection, path)
    refuse_newer(step, len(steps), path)
    if 0 < step < len(steps):
        with alone(path):
            _keep_old(connection, path, step)
    return first, _climb(connection, path, steps, step)


def raised(connection: sqlite3.Connection, path: Path, steps: Sequence[str]) -> sqlite3.Connection:
    """A file of an older step, or one that is still empty, for those who only read.

    They get a copy in memory at the newest step: the file stays as it is until a run writes.
    """
    copy = sqlite3.connect(":memory:", isolation_level=None, cached_statements=256)
    try:
        connection.backup(copy)
        _climb(copy, path, steps, identify(copy, path))
    except BaseException:
        copy.close()
        raise
    connection.close()
    return copy


def _climb(connection: sqlite3.Connection, path: Path, steps: Sequence[str], step: int) -> int:
    while step < len(steps):
        with transaction(connection):
            step = identify(connection, path)
            refuse_newer(step, len(steps), path)
            if step < len(steps):
                for statement in statements(steps[step]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {step + 1}")
                step += 1
    return step


def statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: ``executescript`` would commit before the first."""
    lines: list[str] = []
    for line in script.splitlines():
        lines.append(line)
        text = "\n".join(lines)
        if ";" in line and sqlite3.complete_statement(text):
            yield text
            lines = []


def _keep_old(connection: sqlite3.Connection, path: Path, step: int) -> None:
    """A copy from before the jump, ``history.db.v1``, kept until the next one."""
    if identify(connection, path) != step:
        return  # another process was faster, and has made the copy
    kept = path.with_name(f"{path.name}.v{step}")
    beside = path.with_name(f"{path.name}.old")
    beside.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(beside),))
    beside.replace(kept)
    for older in path.parent.glob(f"{path.name}.v*"):
        if older != kept:
            older.unlink(missing_ok=True)
