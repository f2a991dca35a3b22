"""Lines that look like warnings: passed output is dropped, they are not, they belong to the report."""

import re
from collections.abc import Iterator

from gomanager.gotest.events import Event, read_event
from gomanager.gotest.races import MARK

_WARNING = re.compile(r"WARNING: |level=warn|\"level\":\"warn|goroutine leak")
_HINTS = (b"WARNING: ", b"level=warn", rb"level\":\"warn", b"goroutine leak")
"""The same as it stands in a line of JSON."""


def hinted(data: bytes) -> bool:
    """Some line of it may be one."""
    shouted, level, quoted, leak = _HINTS
    # One rare letter is found ten times as fast as a word.
    return (
        (b"W" in data and shouted in data)
        or (b"v" in data and (level in data or quoted in data))
        or leak in data
    )


def warnings(data: bytes) -> Iterator[Event]:
    """The output events of these lines that are."""
    for line in _lines(data):
        event = read_event(line)
        if event is None or event.action != "output" or MARK in event.output:
            continue
        if _WARNING.search(event.output):
            yield event


def _lines(data: bytes) -> list[bytes]:
    """The lines that hold one of the hints, in order."""
    found: dict[int, int] = {}
    for hint in _HINTS:
        at = data.find(hint)
        while at >= 0:
            end = data.find(b"\n", at)
            end = len(data) if end < 0 else end
            found[data.rfind(b"\n", 0, at) + 1] = end
            at = data.find(hint, end)
    return [data[begin:end] for begin, end in sorted(found.items())]
