"""Files as they are on disk: folders that git does not describe, and what changed since HEAD."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

_GIT = ".git"


def below(root: Path, folder: str = "") -> Iterator[str]:
    """Paths of all files and links below ``folder``, relative to ``root``; never inside ``.git``.

    Links to folders are files here: neither git nor a pattern of go follows them (C19).
    """
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            entries = sorted(os.scandir(root / current), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            path = f"{current}/{entry.name}" if current else entry.name
            if entry.name == _GIT:
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            else:
                yield path


def mode(root: Path, path: str) -> int | None:
    """The mode git would record; ``None`` where there is no file."""
    try:
        found = (root / path).lstat().st_mode
    except (OSError, ValueError):
        return None
    if stat.S_ISLNK(found):
        return 0o120000
    if stat.S_ISREG(found):
        return 0o100755 if found & 0o100 else 0o100644
    return None


def read(root: Path, path: str) -> bytes | None:
    """The content of a file, the target of a link; ``None`` where it cannot be read."""
    try:
        if (root / path).is_symlink():
            return os.fsencode((root / path).readlink())
        return (root / path).read_bytes()
    except OSError:
        return None


def identity(data: bytes) -> str:
    """The object id of a blob without filters (SHA-1 repositories), good as a cache key."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def entries(root: Path, paths: Iterable[str]) -> Iterator[tuple[str, int, str]]:
    """(path, mode, id) of files outside of git: hashed where go reads them, stamped otherwise."""
    for path in paths:
        found = mode(root, path)
        if found is None:
            continue
        yield path, found, _id(root, path)


def _id(root: Path, path: str) -> str:
    name = path.rpartition("/")[2]
    if name.endswith((".go", ".mod", ".work", ".sum", ".s")) or name == "modules.txt":
        data = read(root, path)
        return identity(data) if data is not None else f"unreadable:{path}"
    facts = (root / path).lstat()
    return f"disk:{facts.st_size}:{facts.st_mtime_ns}:{path}"
