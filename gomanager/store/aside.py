"""A damaged store is put aside under another name, never deleted, and never by two at once."""

import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from gomanager.store.connection import alone, faults


def put_aside(path: Path) -> Path | None:
    """Rename the file with its log to ``history.db.broken-<time>``; None if another did so first.

    The log goes along: replayed into a new file it would damage that one too.
    """
    with faults(path), alone(path):
        if _sound(path):
            return None
        stamp = datetime.now(tz=UTC).strftime("%Y%m%dT%H%M%S.%f")
        target = path.with_name(f"{path.name}.broken-{stamp}Z")
        for tail in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + tail).rename(target.with_name(target.name + tail))
        return target


def _sound(path: Path) -> bool:
    """True where the file is a whole database: whoever waited finds the new one."""
    if not path.exists():
        return True
    try:
        connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)
    except sqlite3.Error:
        return False
    try:
        said: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
    return said == "ok"
