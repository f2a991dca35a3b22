"""One text profile of ``go test -coverprofile``: which toolchain wrote it, and its blocks.

A line is ``path/file.go:SL.SC,EL.EC statements count``; columns are bytes from 1 and the end is
exclusive. The text in front of the count is the key of a block: with ``-coverpkg`` every test
binary writes each block again (C18), so numbers are parsed for distinct keys only.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from gomanager.errors import EnvironmentFault

_KEY = re.compile(rb"(.+):(\d+)\.(\d+),(\d+)\.(\d+) (\d+)", re.DOTALL)
_COUNT = re.compile(rb"\d+\r?\n?")
_ZEROS = frozenset({b"0\n", b"0\r\n", b"0"})
_VERSION = re.compile(r"(?:^|[^\d.])1\.(\d+)(?:\.(\d+))?(?![\d.])")
_SHOWN = 200


class Mode(StrEnum):
    """How counts are to be read."""

    SET = "set"
    COUNT = "count"
    ATOMIC = "atomic"


_MODES = {mode.value: mode for mode in Mode}


class Family(StrEnum):
    """Where blocks begin and end: with their braces (to Go 1.26) or with their tokens."""

    BRACE = "brace"
    TOKEN = "token"
    UNKNOWN = "unknown"


class Layout(NamedTuple):
    """The family, and whether statements are counted in every part of a split block (C14)."""

    family: Family
    miscounts: bool = False


class Origin(StrEnum):
    """Which sort of tests ran the code; the phase says so."""

    UNIT = "unit"
    INTEGRATION = "integration"


class BadProfile(EnvironmentFault):
    """A profile cannot be read, or two cannot be merged: nothing of them is used."""


class Source(Struct, frozen=True, kw_only=True):
    """Where a profile comes from; ``go`` is the toolchain's version, ``go1.27.3``."""

    name: str
    go: str | None = None
    origin: Origin = Origin.UNIT
    module: str = ""
    """Folder, from the repository root, of the module whose tests wrote it."""
    family: Family | None = None
    """What a look at the sources told where ``go`` is unknown (C15)."""

    @property
    def layout(self) -> Layout:
        """Of its version, else of what was seen."""
        return layout(self.go) if self.go else Layout(self.family or Family.UNKNOWN)

    def __str__(self) -> str:
        return f"{self.name} ({self.go or 'unknown Go version'})"


class Profile(Struct, frozen=True, kw_only=True):
    """One file, merged by position within itself; ``counts`` by the text in front of the count."""

    source: Source
    mode: Mode | None
    """None: a file of zero bytes."""
    counts: Mapping[bytes, int]
    warnings: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """No block at all: no data, which is not 0 % (C5)."""
        return not self.counts


def layout(version: str | None) -> Layout:
    """``go1.26.4`` → brace; ``1.27.1`` → token that miscounts; pre-releases of 1.27 do too."""
    match = _VERSION.search((version or "").replace("go", " "))
    if match is None:
        return Layout(Family.UNKNOWN)
    minor, patch = int(match[1]), int(match[2] or 0)
    if minor < 27:
        return Layout(Family.BRACE)
    return Layout(Family.TOKEN, miscounts=(minor, patch) < (27, 2))


def read(lines: Iterable[bytes], source: Source) -> Profile:
    """One pass over an open binary file; raises BadProfile at a line that is none (C6).

    A last line that was cut off is left out with a warning (C4).
    """
    counts: dict[bytes, int] = {}
    known, numbers = counts.get, dict.fromkeys(_ZEROS, 0)
    mode: Mode | None = None
    for number, line in enumerate(lines, 1):
        key, _, tail = line.rpartition(b" ")
        before = known(key)
        hits = numbers.get(tail)
        if hits is None and _COUNT.fullmatch(tail):
            hits = numbers[tail] = int(tail)
        if before is not None and hits is not None:
            if hits:
                counts[key] = before + hits
        elif hits is not None and mode is not None and _KEY.fullmatch(key):
            counts[key] = hits
        elif key == b"mode:" and (said := _mode(tail)):
            mode = said if mode in (None, said) else Mode.SET  # C3
        elif not line.endswith(b"\n"):
            warning = f"{source.name}:{number}: the last line is cut off and left out"
            return _profile(source, mode, counts, (warning,))
        else:
            raise _bad_line(source, number, line, headless=mode is None)
    return _profile(source, mode, counts, ())


def _mode(text: bytes) -> Mode | None:
    word = text.strip().decode("ascii", "replace")
    return _MODES.get(word)


def _profile(
    source: Source, mode: Mode | None, counts: dict[bytes, int], warnings: tuple[str, ...]
) -> Profile:
    if mode is Mode.SET:
        counts = {key: min(count, 1) for key, count in counts.items()}
    return Profile(source=source, mode=mode, counts=counts, warnings=warnings)


def _bad_line(source: Source, number: int, line: bytes, *, headless: bool) -> BadProfile:
    shown = line.rstrip(b"\r\n")[:_SHOWN].decode("utf-8", "backslashreplace")
    what = f"not a line of a coverage profile: {shown!r}"
    if headless:
        what = f"not a coverage profile, 'mode: …' is missing: {shown!r}"
    return BadProfile(what, where=f"{source.name}:{number}", fix="write the profile again")
