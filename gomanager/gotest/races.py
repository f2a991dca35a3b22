"""Reports of the race detector: what touched what, and which tests stand behind it."""

import re

from msgspec import Struct

from gomanager.gotest.stack import Frame, frames

MARK = "WARNING: DATA RACE"
DETECTED = re.compile(
    r"^[ \t]*(?:\S(?:(?!: )[^\n])*[/\\])?testing\.go:\d+: race detected during execution of test",
    re.MULTILINE,
)
"""The error of a case; with ``-fullpath`` it names the file in GOROOT."""
FOUND = re.compile(r"^Found \d+ data race\(s\)", re.MULTILINE)
_ACCESS = re.compile(r"^((?:Previous )?(?:atomic )?(?:read|write|Read|Write)) at 0x", re.MULTILINE)
_RULE = "=================="
REPORTS = 20
"""So many reports of one package are read."""


class Race(Struct, frozen=True, kw_only=True):
    """One report."""

    text: str
    accesses: tuple[tuple[str, Frame | None], ...]
    """(``Write`` …, first user frame) of the two accesses."""
    tests: tuple[str, ...]
    """Test functions in its stacks, in order: the true owners (S34)."""

    @property
    def pair(self) -> tuple[str, ...]:
        """The unordered pair of functions: one race, however often and whichever way reported."""
        return tuple(sorted(frame.key if frame else "?" for _, frame in self.accesses))

    @property
    def message(self) -> str:
        """Both accesses in one line."""
        sides = [
            f"{kind.lower()} in {frame.key if frame else '?'}" for kind, frame in self.accesses
        ]
        return "data race: " + ", ".join(sides) if sides else "data race"


def races(text: str) -> tuple[Race, ...]:
    """All reports in a text, bounded."""
    found: list[Race] = []
    at = text.find(MARK)
    while at >= 0 and len(found) < REPORTS:
        end = text.find(_RULE, at)
        end = len(text) if end < 0 else end
        found.append(_read(text[at:end]))
        at = text.find(MARK, max(end, at + 1))
    return tuple(found)


def _read(report: str) -> Race:
    accesses, tests = [], dict[str, None]()
    for block in re.split(r"\n\s*\n", report[: 64 << 10]):
        kind = _ACCESS.search(block)
        lines = block[block.find("\n", kind.start()) + 1 :] if kind else block
        stack = tuple(frames(lines.partition("created at:\n")[2] or lines))
        tests.update((frame.test, None) for frame in stack if frame.test)
        if kind:
            accesses.append((kind[1], next((frame for frame in stack if frame.user), None)))
    return Race(text=report.rstrip(), accesses=tuple(accesses[:2]), tests=tuple(tests))
