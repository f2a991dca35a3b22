"""A run says that it lives: a locked file beside its journals, from its start to its verdict."""

import json
import os
from contextlib import suppress
from pathlib import Path

from gomanager import journal as journals


def mark_of(folder: Path, uid: str) -> Path:
    """The file of a run, in the folder of its store's journals."""
    return folder / f"{uid}.run"


class Alive:
    """Held by a run; a child of it does not inherit the lock, so it ends with gomanager."""

    def __init__(self, folder: Path, uid: str) -> None:
        """Where the file cannot be written the journals cannot either, and that is told there."""
        self._path = mark_of(folder, uid)
        self._held = -1
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC
            self._held = os.open(self._path, flags, 0o600)
            journals.lock(self._held)
            os.write(self._held, json.dumps(journals.identity(os.getpid())).encode())

    def finished(self) -> None:
        """The verdict is stored: nothing is left to recover."""
        with suppress(OSError):
            self._path.unlink()

    def close(self) -> None:
        """Without a verdict the file stays, and the next run finds it without its lock."""
        if self._held >= 0:
            with suppress(OSError):
                os.ftruncate(self._held, 0)  # this process may live on without the run
            os.close(self._held)
            self._held = -1


def lives(mark: Path) -> bool:
    """Whether the run of the file goes on, here or in another container that shares the folder."""
    if journals.locked(mark):
        return True
    try:
        known = json.loads(mark.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(known, dict) and journals.owner_alive(known)
