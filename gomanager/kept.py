"""Values kept on disk between runs: written whole or not at all, checked before they are believed.

A file that is damaged, of another version or of another Python is as good as none.
"""

import marshal
import os
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

_MAGIC = b"gomanager-"
_CRC = 4


class Damaged(Exception):
    """The file is there and cannot be used; the message is one line for the report."""


def load(path: Path, version: str) -> object | None:
    """The value of a file, ``None`` where there is none of this version; raises Damaged."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise Damaged(message) from error
    if not data.startswith(_MAGIC):
        message = f"{path} is no cache of gomanager; it is built again"
        raise Damaged(message)
    head = _head(version)
    if not data.startswith(head):
        return None  # another version is no damage
    body = memoryview(data)[len(head) + _CRC :]
    if zlib.crc32(body).to_bytes(_CRC, "big") != data[len(head) : len(head) + _CRC]:
        message = f"{path} is damaged; it is built again"
        raise Damaged(message)
    with suppress(ValueError, EOFError, TypeError):
        value: object = marshal.loads(body)
        return value
    return None


def save(path: Path, version: str, value: Any) -> None:
    """Replace the file; a disk that refuses, or a value of odd types, costs time, nothing else."""
    with suppress(OSError, ValueError):
        body = marshal.dumps(value)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        try:
            with beside.open("wb") as file:
                crc = zlib.crc32(body).to_bytes(_CRC, "big")
                file.writelines((_head(version), crc, body))
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


def _head(version: str) -> bytes:
    return _MAGIC + f"{version}-{marshal.version}\n".encode()
