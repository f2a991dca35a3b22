"""Text of ``go test`` with events in it: printed by a test, or a stream that follows the text.

Where text begins, a line that is an event is output as long as some package of the text is open:
a test can print anything. Behind the line that closes the package it is an event (S4, S89).
"""

import re
from collections.abc import Iterable
from itertools import takewhile

from gomanager.gotest.events import read_event, tells

_TEXT = re.compile(
    r"^(?:=== RUN {1,4}\S| *--- FAIL: \S.* \(\d+\.\d+s\)\s*$|(?:ok  |FAIL)\t\S+\t[\d(])"
)
_OPENS = ("=== RUN ", "=== CONT ", "=== NAME ", "=== PAUSE ")
_CLOSES = re.compile(r"^(?:PASS|FAIL|(?:ok  |FAIL|\?   )\t\S.*)\s*$")
_HEADS = (b'{"Time":"', b'{"ImportPath":"')


def is_event(line: bytes) -> bool:
    """A line that begins as an event of go test."""
    if not line.startswith(b"{") or b'"Action"' not in line:
        return False
    if line.startswith(_HEADS):  # of the converter; half of one perhaps, with another behind it
        return True
    return tells(read_event(line))


def begins_as_text(head: bytes) -> bool:
    """Lines of go test for people stand in front of the first event."""
    if is_event(head[: head.find(b"\n") + 1]):
        return False
    from gomanager.gotest.verbose import plain

    lines = plain(head.decode("utf-8", "replace")).split("\n")
    text = takewhile(lambda line: not is_event(line.encode()), lines)
    return any(map(_TEXT.match, text))


def parted(lines: Iterable[str]) -> tuple[list[str], list[str]]:
    """The text and the events of plain lines."""
    text: list[str] = []
    events: list[str] = []
    inside = False
    for line in lines:
        event = "" if inside else line[max(0, line.find('{"')) :]
        if event and is_event(event.encode()):  # with words of another tool before it, perhaps
            events.append(event)
            continue
        text.append(line)
        if _CLOSES.match(line):
            inside = False
        elif line.startswith(_OPENS) or line.lstrip(" ").startswith("--- FAIL: "):
            inside = True
    return text, events
