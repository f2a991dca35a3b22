"""Logs in which something put words in front of every line: compose, kubectl, CI, ``ts``, quotes.

What stands in front of ``go test``'s own lines is learned from them. It is believed only where
nearly all lines have it: prose that quotes a line of go test is no log of it.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from msgspec import Struct

_FRAME = re.compile(
    r"^([^\n]{1,120}?)(?:=== RUN {1,4}\S|--- (?:PASS|FAIL|SKIP): \S.* \(\d+\.\d+s\)\s*$"
    r"|(?:ok  |FAIL|\?   )\t\S+(?:\t| \[))",
    re.ASCII,
)
_QUOTED = re.compile(r"\.go:\d+: *$")
"""A test logged what another one printed."""
_SERVICE = re.compile(r"^(?:[\w./@:-]{1,80} *\||\[pod/[^\]\n]{1,200}\])(?: |$)")
"""The line of another service of compose, or of another pod."""
_DIGITS, _BLANKS = re.compile(r"\d+"), re.compile(r" +")
_ENOUGH = 0.8


class Sources(Struct, frozen=True, kw_only=True):
    """A log taken apart."""

    texts: tuple[str, ...]
    """One for each prefix, without it."""
    aside: tuple[str, ...] = ()
    """Lines that have none of them."""


def without_prefixes(text: str) -> Sources | None:
    """The sources of a log; ``None`` where it is none, or its lines begin as go test wrote them."""
    lines = text.split("\n")
    indented = _common_indent(lines)
    if indented:
        lines = [line[indented:] for line in lines]
    shapes = _shapes(lines)
    found = [_match(shapes, line) for line in lines]
    told = [(line, match) for line, match in zip(lines, found, strict=True) if line.strip()]
    covered = sum(match is not None or bool(_SERVICE.match(line)) for line, match in told)
    if not shapes or covered < _ENOUGH * len(told):
        return Sources(texts=("\n".join(lines),)) if indented else None
    matched = [match[0].rstrip() for match in found if match]
    each = len(set(matched)) * 3 <= len(matched)  # else the time of each line, or its number
    sources: dict[str, list[str]] = {}
    for line, match in told:
        if match:
            key = match[0].rstrip() if each else match.re.pattern
            sources.setdefault(key, []).append(line[match.end() :])
    return Sources(
        texts=tuple("\n".join(own) + "\n" for own in sources.values()),
        aside=tuple(line for line, match in told if match is None),
    )


def _common_indent(lines: Sequence[str]) -> int:
    """How many blanks all lines begin with: a log in a list or a block of code."""
    told = [line for line in lines if line.strip()]
    if not told or not told[0].startswith((" ", "\t")):
        return 0
    common = told[0][: len(told[0]) - len(told[0].lstrip(" \t"))]
    for line in told:
        while not line.startswith(common):
            common = common[:-1]
    return len(common)


def _shapes(lines: Iterable[str]) -> list[re.Pattern[str]]:
    """What stands in front of go test's lines, shortest first, none that goes on another."""
    learned = dict.fromkeys(
        match[1]
        for match in map(_FRAME.match, lines)
        if match and match[1].strip() and not _QUOTED.search(match[1])
    )
    kept: dict[str, str] = {}
    for prefix in sorted(learned, key=len):
        plain = _BLANKS.sub(" ", _DIGITS.sub("0", prefix)).rstrip()
        if not any(plain.startswith(known) for known in kept):
            kept[plain] = prefix
    return [_pattern(prefix) for prefix in kept.values()]


def _pattern(prefix: str) -> re.Pattern[str]:
    """Numbers and the blanks between words may differ; what follows keeps its own blanks."""
    body = prefix.rstrip(" ")
    words = (
        [_BLANKS.sub(" +", re.escape(part).replace("\\ ", " ")), r"\d+"]
        for part in _DIGITS.split(body)
    )
    return re.compile(
        "".join([*chain.from_iterable(words)][:-1]) + f"(?:{' ' * (len(prefix) - len(body))}|$)"
    )


def _match(shapes: Iterable[re.Pattern[str]], line: str) -> re.Match[str] | None:
    return next(filter(None, (shape.match(line) for shape in shapes)), None)
