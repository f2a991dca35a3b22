"""Failure texts as they are stored: without secrets, at most 16 KiB, compressed, known by digest."""

import hashlib
import json
import zlib
from collections.abc import Callable

from msgspec import Struct

Mask = Callable[[str], str]
"""``text.masker`` of an environment: made once, it is asked for every text."""

LIMIT_BYTES = 16 * 1024
MESSAGE_CHARACTERS = 500
_ROUGH_CHARACTERS = 8 * LIMIT_BYTES


class StoredText(Struct, frozen=True, kw_only=True):
    """One row of ``texts``; ``size`` is that of the text before compression, in bytes."""

    digest: bytes
    size: int
    body: bytes


def pack(text: str, mask: Mask) -> StoredText:
    """Mask, cut, compress. Masking comes before the cut: half a secret is no pattern any more."""
    kept = cut(mask(_rough(text)).encode("utf-8", "replace"))
    return StoredText(
        digest=hashlib.sha256(kept).digest(), size=len(kept), body=zlib.compress(kept, 6)
    )


def unpack(body: bytes) -> str:
    """The text of a stored body."""
    return zlib.decompress(body).decode("utf-8", "replace")


def message(text: str, mask: Mask) -> str:
    """A failure's message as its row keeps it: masked, bounded, valid UTF-8."""
    masked = mask(text[: 4 * MESSAGE_CHARACTERS]).encode("utf-8", "replace").decode()
    short = len(masked) <= MESSAGE_CHARACTERS
    return masked if short else masked[: MESSAGE_CHARACTERS - 1] + "…"


def cut(data: bytes, limit: int = LIMIT_BYTES) -> bytes:
    """Head and tail of ``data`` with a line between that tells what is missing."""
    if len(data) <= limit:
        return data
    room = limit - 64
    head, tail = data[: room // 2], data[-(room - room // 2) :]
    note = f"\n[… {len(data) - room} bytes left out …]\n".encode()
    return _valid(head) + note + _valid(tail)


def _rough(text: str) -> str:
    """A text of megabytes need not be searched for secrets where it will be cut anyway."""
    if len(text) <= 2 * _ROUGH_CHARACTERS:
        return text
    dropped = len(text) - 2 * _ROUGH_CHARACTERS
    middle = f"\n[… {dropped} characters left out …]\n"
    return text[:_ROUGH_CHARACTERS] + middle + text[-_ROUGH_CHARACTERS:]


def _valid(data: bytes) -> bytes:
    """``data`` without the torn character at either end."""
    return data.decode("utf-8", "ignore").encode()


def lines(commands: tuple[tuple[str, ...], ...], mask: Mask) -> str:
    """Argument lists as one JSON text, each word masked."""
    masked = [[mask(word) for word in command] for command in commands]
    return json.dumps(masked, ensure_ascii=True)


def flags(given: tuple[str, ...], mask: Mask) -> str:
    """The user's flags as the key of a series; empty for none."""
    return lines((given,), mask) if given else ""
