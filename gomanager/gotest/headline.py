"""What a failed assertion says in one line, for the libraries that say it in many."""

import re
from collections.abc import Iterable

from msgspec import Struct

from gomanager.regex import late

_TESTIFY = late(
    r"^[ \t]*Error:[ \t]+(.*(?:\n(?!\s*(?:Test|Messages|Error Trace):)\s.*)*)", re.MULTILINE
)
_MESSAGES = late(r"^[ \t]*Messages:[ \t]+(.*)$", re.MULTILINE)
_BEHIND = late(r"^(?:Diff:|Panic stack:|stack:|You can run 'go test )")
"""From here on it is the same once more, or no part of what is wrong."""
_LABEL = late(r"^(\w[\w ]*(?: \([-+\w ]+\))?):$")
_OPENS = late(r"^\s*[\w.*\[\]&]+[({]$")
"""The first line of a value that go-cmp compares."""
_HUNK = ("--- ", "+++ ", "@@")
_LONG = 160
_LINES = 10
_CHANGES = 6


class Headline(Struct, frozen=True, kw_only=True):
    """``key`` holds the same words whatever else the libraries show beside them."""

    key: str
    title: str


def headline(said: str, block: str) -> Headline:
    """``said``: behind the place; ``block``: that line and what continues it."""
    testify = _TESTIFY.search(block)
    if testify:
        note = _MESSAGES.search(block)
        before = note[1].strip() if note else ""
        words = " ".join(testify[1].split())
        return Headline(key=_joined(before, words), title=_joined(before, _testify(testify[1])))
    rest = block.partition("\n")[2].split("\n")
    if not said.strip():  # gomega, quicktest and others begin on the next line
        words = " ".join(" ".join(rest[:6]).split())
        return Headline(key=words, title=_labelled(rest) or _gist(rest))
    said = said.strip()
    opens = _OPENS.match(said)
    if opens or said.endswith(":"):
        title = _joined(said.rstrip("({: "), _gist(rest, bare=bool(opens)))
        return Headline(key=said, title=title)
    return Headline(key=said, title=said)


def _testify(text: str) -> str:
    """Without what it shows twice; where both values are long only what differs."""
    lines = [line.strip() for line in text.split("\n")]
    words = _words(lines).replace("actual :", "actual:").replace("actual  :", "actual:")
    changes = _changes(lines[1:])
    return _joined(lines[0].rstrip(" :"), changes) if len(words) > _LONG and changes else words


def _labelled(lines: Iterable[str]) -> str:
    """quicktest: a label on a line of its own, the text below it."""
    parts: dict[str, list[str]] = {}
    for line in filter(None, map(str.strip, lines)):
        label = _LABEL.match(line)
        if label:
            parts[label[1]] = []
        elif not parts:
            return ""
        else:
            parts[next(reversed(parts))].append(line)
    if "error" not in parts:
        return ""
    found = [" ".join(parts.pop("comment", ())), " ".join(parts.pop("error"))]
    parts.pop("stack", None)
    differs = (_changes(text) for name, text in parts.items() if name.startswith("diff"))
    values = [*filter(None, differs)] or [
        f"{name} {' '.join(text)}" for name, text in parts.items()
    ]
    return _joined(*found, ", ".join(values))


def _gist(lines: list[str], *, bare: bool = False) -> str:
    """What differs, where that is marked; else the first lines."""
    return _changes(lines) or ("" if bare else _words(lines))


def _changes(lines: Iterable[str]) -> str:
    """The lines of a comparison that are marked with - and +."""
    marked = (line for line in map(str.strip, lines) if line[:1] in ("-", "+"))
    found = [
        line[0] + " ".join(line[1:].split()).rstrip(",")
        for line in marked
        if not line.startswith(_HUNK)
    ]
    more = ", …" if len(found) > _CHANGES else ""
    return ", ".join(found[:_CHANGES]) + more


def _words(lines: Iterable[str]) -> str:
    kept: list[str] = []
    for line in filter(None, map(str.strip, lines)):
        if _BEHIND.match(line) or len(kept) == _LINES:
            break
        kept.append(line)
    return " ".join(" ".join(kept).split())


def _joined(*parts: str) -> str:
    return ": ".join(part for part in parts if part)
