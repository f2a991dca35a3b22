"""Temporary folders of a run, and the end of those that a killed run left behind.

A folder is locked as long as its run lives. What nobody holds goes with the next folder that is
made: only folders that this user made with this module, and none that a process still needs, for
``go test`` outlives a killed gomanager and starts its wrapper for each package.
"""

import fcntl
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

from gomanager import journal as journals

MARK = ".gomanager"
"""A file that says whose folder it is; it is made once the lock is held."""
EMPTY_SECONDS = 3600
"""A folder without the mark is a moment old, or its run was killed in that moment."""
BLIND_SECONDS = 7 * 24 * 3600
"""Where no table of processes tells who needs a folder."""
_NAME = re.compile(r"gomanager-(?:inputs|run|stress)-[a-z0-9_]{8}")
_PROCESSES = Path("/proc")


class Scratch:
    """A new folder below the temporary one; removed by :meth:`close`."""

    def __init__(self, kind: str) -> None:
        """``kind`` is one of the words in its name: ``inputs``, ``run``, ``stress``."""
        base = Path(tempfile.gettempdir())
        sweep(base)
        self.path = Path(tempfile.mkdtemp(prefix=f"gomanager-{kind}-", dir=base))
        self._held = os.open(self.path, _AS_FOLDER)
        with suppress(OSError):  # a file system without locks: nobody else takes it for an orphan
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            (self.path / MARK).touch(mode=0o600)

    def close(self) -> None:
        """Remove it with all that is in it."""
        if self._held >= 0:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._held)
            self._held = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_AS_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def sweep(base: Path, *, now: float | None = None) -> tuple[Path, ...]:
    """Remove what killed runs of this user left below ``base``; what was removed."""
    now = time.time() if now is None else now
    try:
        names = sorted(name for name in os.listdir(base) if _NAME.fullmatch(name))  # noqa: PTH208
    except OSError:
        return ()
    return tuple(base / name for name in names if _swept(base / name, now))


def _swept(folder: Path, now: float) -> bool:
    try:
        held = os.open(folder, _AS_FOLDER)
    except OSError:  # gone, a link, or somebody else's
        return False
    try:
        facts = os.fstat(held)
        if facts.st_uid != os.geteuid() or stat.S_IMODE(facts.st_mode) != stat.S_IRWXU:
            return False
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _ours(held):
            # Only an empty folder can be removed in this way.
            old = now - facts.st_mtime > EMPTY_SECONDS
            return old and _succeeds(folder)
        if _needed(folder, now - facts.st_mtime):
            return False
        shutil.rmtree(folder)
    except OSError:
        return False
    finally:
        os.close(held)
    return True


def _succeeds(folder: Path) -> bool:
    folder.rmdir()
    return True


def _ours(folder: int) -> bool:
    try:
        mark = os.stat(MARK, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return stat.S_ISREG(mark.st_mode) and mark.st_uid == os.geteuid()


def _needed(folder: Path, age: float) -> bool:
    """Whether a process writes a journal in it, or has it in its command line."""
    if any(journals.locked(journal) for journal in folder.glob("*.jsonl")):
        return True
    if not (_PROCESSES / "self").exists():
        return age < BLIND_SECONDS
    needle = os.fsencode(folder)
    return any(needle in line for line in _command_lines())


def _command_lines() -> Iterator[bytes]:
    for entry in _PROCESSES.iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                yield (entry / "cmdline").read_bytes()
