"""The journal of a started process: which files it has, who owns it, whether somebody still writes.

A journal is the child's stdout: a plain file that outlives a killed gomanager. Beside
``<name>.jsonl`` stand ``<name>.stderr`` and ``<name>.meta.json``, one JSON object with the keys of
:data:`META_KEYS` and whatever the caller adds (run, phase, variant …).

Versions of the meta file:
    1   format, argv, cwd, pid, started, boot, manager, and the caller's keys
"""

import fcntl
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import cast

FORMAT = 1
META_KEYS = ("format", "argv", "cwd", "pid", "started", "boot", "manager")
"""``pid``, ``started`` and ``boot`` name the child; ``manager`` holds the same of gomanager: while
it lives, its journals are nobody else's business, also between two of its processes."""


def meta_path(journal: Path) -> Path:
    """Where the description of ``journal`` stands."""
    return journal.with_suffix(".meta.json")


def stderr_path(journal: Path) -> Path:
    """Where the child's stderr goes."""
    return journal.with_suffix(".stderr")


def write_meta(journal: Path, meta: Mapping[str, object]) -> None:
    """Write the description whole or not at all; raises OSError."""
    target = meta_path(journal)
    beside = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        beside.write_text(json.dumps({"format": FORMAT, **meta}, sort_keys=True), encoding="utf-8")
        beside.replace(target)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise


def read_meta(journal: Path) -> dict[str, object] | None:
    """The description, or ``None`` where it is absent, broken or of a later format."""
    try:
        meta = json.loads(meta_path(journal).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(meta, dict) or not isinstance(meta.get("format"), int):
        return None
    return cast("dict[str, object]", meta) if meta["format"] <= FORMAT else None


def remove(journal: Path) -> None:
    """Remove a journal with its stderr and its description, in an order that recovery can bear."""
    for path in (journal, stderr_path(journal), meta_path(journal)):
        path.unlink(missing_ok=True)


def lock(descriptor: int) -> None:
    """Take the exclusive lock that a child inherits with the descriptor; nothing without flock."""
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def locked(journal: Path) -> bool:
    """True while gomanager, its child or a leaked grandchild holds the journal open."""
    try:
        with journal.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def boot_id() -> str | None:
    """The boot of this machine: a process number means nothing after the next one."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None


def started(pid: int) -> int | None:
    """Start time of a process in ticks since boot; ``None`` where it is gone or there is no /proc.

    A zombie counts as gone: it writes nothing any more.
    """
    stat = status(pid)
    return None if stat is None or stat[0] in {"Z", "X"} else int(stat[19])


def status(pid: int) -> list[str] | None:
    """Fields 3 … of ``/proc/PID/stat`` (proc(5)); the name before them may hold any character."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def identity(pid: int) -> dict[str, object]:
    """A process as :func:`owner_alive` recognises it."""
    return {"pid": pid, "started": started(pid), "boot": boot_id()}


def owner_alive(meta: Mapping[str, object]) -> bool:
    """True while the process that the description names runs: same pid, start time and boot."""
    pid = meta.get("pid")
    if not isinstance(pid, int) or meta.get("boot") != boot_id():
        return False
    begun = meta.get("started")
    if begun is not None:
        return started(pid) == begun
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
