"""Lines on stdout that are no events: a bounded head and tail of them."""

import re
from collections import deque

LINES = 1000
"""So many lines are kept from the beginning, and as many from the end."""
WIDTH = 16 << 10
_BEFORE = r"(?:[^\n]{1,120}[\s|\]:])?"
"""What compose, kubectl or a CI puts in front of a line."""
_OLD_LINE = re.compile(r"^FAIL\s+(\S+) \[(build|setup) failed\]\s*$")
_PLAIN_LINE = re.compile(
    rf"^{_BEFORE}(FAIL\t(\S+)(?:\t\d+(?:\.\d+)?s| \[(?:build|setup) failed\]))\s*$"
)
_FAILED = re.compile(rf"^{_BEFORE}(--- FAIL: (?:Test|Fuzz|Example)\S* \(\d+\.\d+s\))\s*$")


def plain_failures(side_text: tuple[str, ...]) -> dict[str, str]:
    """Package → the line of a `go test` without -json that is in the same log (S89).

    Without a name: a failed test whose package has no line, as where a test binary ran by hand.
    """
    found = {line[2]: line[1] for line in map(plain_failure, side_text) if line}
    frames = (_FAILED.match(line) for line in side_text if "--- FAIL: " in line)
    if not found and (frame := next(filter(None, frames), None)):
        return {"": frame[1]}
    return found


def plain_failure(line: str) -> re.Match[str] | None:
    """A line about a failed package: all of it, and the package's path."""
    return _PLAIN_LINE.match(line) if "FAIL\t" in line else None


def old_style(side_text: tuple[str, ...]) -> dict[str, str]:
    """Go ≤ 1.23: package → ``build`` or ``setup`` by the raw lines on stdout (S50)."""
    found = (_OLD_LINE.match(line) for line in side_text)
    return {line[1]: line[2] for line in found if line}


class SideText:
    """Banners, progress, half lines, Go ≤ 1.23's own words about packages."""

    def __init__(self) -> None:
        self._head: list[str] = []
        self._tail: deque[str] = deque(maxlen=LINES)
        self._left_out = 0

    def add(self, line: bytes) -> None:
        """Keep one line; it decides nothing (but S50, S89)."""
        text = line[:WIDTH].decode("utf-8", "replace").rstrip("\r")
        if not text.strip():
            return
        if len(self._head) < LINES:
            self._head.append(text)
            return
        self._left_out += len(self._tail) == LINES
        self._tail.append(text)

    @property
    def lines(self) -> tuple[str, ...]:
        """All that was kept, with the gap said in its place."""
        gap = [f"[{self._left_out} lines left out]"] if self._left_out else []
        return (*self._head, *gap, *self._tail)
