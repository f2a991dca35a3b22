"""One event of ``go test -json``, and how a line of the stream becomes one.

Fields and their history: ``go doc test2json`` and cmd/go's build-output events. Decoding is the
validation: what does not fit is repaired field by field, and what is no event is ``None``.
"""

import re
from itertools import pairwise
from typing import Any

import msgspec

ENDS = frozenset({"pass", "fail", "skip"})
"""The only actions that end a case or a package, whatever the future brings."""

KNOWN = ENDS | {
    "start", "run", "pause", "cont", "output", "bench", "attr", "artifacts",
    "build-output", "build-fail",
}  # fmt: skip

ERROR_TYPES = frozenset({"error", "error-continue"})


class Event(msgspec.Struct, gc=False, rename="pascal"):
    """All fields of all releases (1.10 to 1.27); an absent one is empty."""

    time: str = ""
    action: str = ""
    package: str = ""
    import_path: str = ""
    test: str = ""
    elapsed: float | None = None
    output: str = ""
    output_type: str = ""
    failed_build: str = ""
    key: str = ""
    value: str = ""
    path: str = ""


_FIELDS = {field.encode_name: field.type for field in msgspec.structs.fields(Event)}
_SURROGATES = re.compile(
    rb"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
FAIL = b'"Action":"fail"'
_HEADS = (b'{"Time":"', b'{"Action":"')
_DECODE = msgspec.json.Decoder(Event).decode
_DECODE_ANY = msgspec.json.Decoder().decode


def read_event(line: bytes) -> Event | None:
    """The event of one line without its newline, ``None`` for anything else; never raises."""
    try:
        event = _DECODE(line)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _repaired(line)
    return event if event.action else None


def tells(event: Event | None) -> bool:
    """Whether it is an event of go test: a known action about a package or an import path."""
    return bool(
        event and event.action in KNOWN and (event.package or event.import_path or event.test)
    )


def unglued(data: bytes) -> bytes:
    """Lines in which each failure begins one: behind half a line, or one without its newline, no
    failure is lost. What tests print cannot look like that, its quotes are escaped.
    """
    cuts, at = [0], data.find(FAIL)
    while at >= 0:
        begin = data.rfind(b"\n", 0, at) + 1
        event = max(data.rfind(head, begin, at + len(FAIL)) for head in _HEADS)
        if event > max(begin, cuts[-1]):
            cuts.append(event)
        at = data.find(FAIL, at + 1)
    if len(cuts) == 1:
        return data
    return b"\n".join(data[begin:end] for begin, end in pairwise((*cuts, len(data))))


def _repaired(line: bytes) -> Event | None:
    """An event of another converter: wrong types, bytes that are not UTF-8, lone surrogates."""
    if not line.startswith(b"{") or b'"Action"' not in line:
        return None
    clean = line.decode("utf-8", "replace").encode()
    clean = _SURROGATES.sub(lambda pair: pair[1] or rb"\ufffd", clean)
    try:
        fields = _DECODE_ANY(clean)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    if not isinstance(fields, dict) or not isinstance(fields.get("Action"), str):
        return None
    return msgspec.convert({k: v for k, v in fields.items() if _fits(k, v)}, Event)


def _fits(name: str, value: Any) -> bool:
    if name == "Elapsed":
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
    return name in _FIELDS and isinstance(value, str)
