"""Streams as they come out of other tools: in UTF-16, in colours, in Docker's log files, as an array.

Nothing here judges: what comes out is what ``go test`` printed, or the bytes as they came.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

WIDE = (b"\xff\xfe", b"\xfe\xff")
"""What UTF-16 begins with."""
_COLOUR = re.compile(rb"\x1b(?:\[[0-9;?]*[A-Za-z]|_bk;t=\d+\x07)")
_DOCKER = re.compile(rb'^\s*\{\s*"log"\s*:\s*"')
_VALUES = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:\[\s*\{|\{[ \t\r]*\n|\{[^\n]*\},[ \t\r]*\n)")
_DECODE = msgspec.json.Decoder().decode
_ENCODE = msgspec.json.Encoder().encode


def unwrapped(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """What the blocks hold, as lines that go test wrote; in blocks again, the first never empty."""
    first = next(blocks, b"")
    coding = _wide(first)
    if coding:
        blocks = _narrowed(chain((first,), blocks), coding)
        first = next(blocks, b"")
    whole = chain((first,), blocks)
    if _DOCKER.match(first):
        return _logged(whole)
    if _VALUES.match(first):
        return _lined(b"".join(whole))
    return _uncoloured(whole)


def _wide(data: bytes) -> str:
    """UTF-16, as PowerShell redirects; without a mark every other byte of what go prints is zero."""
    if data.startswith(WIDE):
        return "utf-16"
    sample = data[: 4096 & ~1]
    for coding, zeros, signs in (
        ("utf-16-le", sample[1::2], sample[::2]),
        ("utf-16-be", sample[::2], sample[1::2]),
    ):
        if (
            len(zeros) > 8
            and zeros.count(0) > 0.9 * len(zeros)
            and signs.count(0) < 0.1 * len(signs)
        ):
            return coding
    return ""


def _narrowed(blocks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    decoder = getincrementaldecoder(coding)("replace")
    for block in blocks:
        yield decoder.decode(block).encode()
    yield decoder.decode(b"", final=True).encode()


def _logged(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The ``json-file`` driver of Docker: each piece of output in an object of its own."""
    torn = b""
    for block in blocks:
        begin, end, rest = (torn + block).rpartition(b"\n")
        torn = rest
        if end:
            yield b"".join(map(_piece, (begin + end).splitlines(keepends=True)))
    yield _piece(torn)


def _piece(line: bytes) -> bytes:
    try:
        value = _DECODE(line)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return line
    log = value.get("log") if isinstance(value, dict) else None
    return log.encode("utf-8", "replace") if isinstance(log, str) else line


def _lined(data: bytes) -> Iterator[bytes]:
    """Events of an array, or spread over lines, one a line; what is torn off stays as it is."""
    text = data.decode("utf-8-sig", "replace")
    import json

    decoder, at, found = json.JSONDecoder(), 0, list[bytes]()
    while True:
        at = _next_value(text, at)
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(_ENCODE(value))
    rest = text[at:].strip(" \t\r\n,[]")
    if not found:
        yield data
        return
    yield b"\n".join((*found, rest.encode("utf-8", "replace")))


def _next_value(text: str, at: int) -> int:
    """Behind brackets and commas of an array; objects of it are read one by one."""
    while at < len(text) and text[at] in " \t\r\n,[]":
        at += 1
    return at


def _uncoloured(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Raw escapes stand around events only: inside of one they are written ``\\u001b``."""
    torn = b""
    for block in blocks:
        data = torn + block if torn else block
        torn = b""
        last = data.rfind(b"\x1b")
        if last >= 0:
            if len(data) - last < 40 and b"\n" not in data[last:]:
                data, torn = data[:last], data[last:]
            data = _COLOUR.sub(b"", data)
        yield data
    if torn:
        yield _COLOUR.sub(b"", torn)
