"""Packages that were never built: compiler, vet and setup messages, and who they belong to."""

import re
from collections.abc import Iterator

from msgspec import Struct

from gomanager.gotest.events import Event
from gomanager.gotest.fingerprint import fingerprint, normalise
from gomanager.gotest.gofault import DISK_FULL
from gomanager.gotest.location import Place, Places
from gomanager.regex import late
from gomanager.results import Failure, Kind, PackageOutcome

LIMIT = 1 << 20
"""Characters kept of one message."""
ENVIRONMENT = late(
    DISK_FULL + r"|(?:^|[\s/])(?:link|compile|asm|cc1(?:plus)?|cgo|go)(?:\.exe)?: signal: killed"
    r"|^signal: killed|cannot allocate memory"
    r"|exec: \"[^\"]*(?:gcc|cc|clang)\": executable file not found|C compiler \"[^\"]+\" not found",
    re.MULTILINE,
)
_HEADER = late(r"^# (\S+)(?: \[(\S+)\])?\s*$")
_VET_HEADER = late(r"^# \[[^\]]+\]\s*$", re.MULTILINE)
_PLACE = late(r"^(?:vet: )?((?:[A-Za-z]:)?[^\s:]+\.\w+):(\d+)(?::\d+)?: (.*)$")


class BuildFailure(Struct, frozen=True, kw_only=True):
    """What stopped a package, and whether the machine is to blame (S49)."""

    result: PackageOutcome
    failure: Failure
    environment: bool


class Builds:
    """Build events by ImportPath; several packages may share one (S46)."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}
        self._failed: dict[str, None] = {}
        self._claimed: set[str] = set()

    def add(self, event: Event) -> None:
        """A ``build-output`` or ``build-fail`` event."""
        path = event.import_path or event.package
        if event.action == "build-fail":
            self._failed.setdefault(path)
        else:
            self._texts.setdefault(path, []).append(event.output)

    def text(self, import_path: str) -> str:
        """All build output of one ImportPath, bounded in the middle."""
        self._claimed.add(import_path)
        text = "".join(self._texts.get(import_path, ()))
        if len(text) > LIMIT:
            cut = len(text) - LIMIT
            text = f"{text[: LIMIT // 2]}\n[{cut} characters left out]\n{text[-LIMIT // 2 :]}"
        return text

    @property
    def unclaimed(self) -> tuple[str, ...]:
        """ImportPaths that failed and that no package event named (S79)."""
        return tuple(path for path in self._failed if path not in self._claimed)


def build_failure(word: str, text: str, places: Places) -> BuildFailure:
    """Judge a package by the bracketed word of its FAIL line and by its text (S46–S49, S84)."""
    environment = ENVIRONMENT.search(text) is not None
    if word == "setup":
        result, kind = PackageOutcome.SETUP, Kind.SETUP
    elif _VET_HEADER.search(text):
        result, kind = PackageOutcome.VET, Kind.VET
    else:
        result, kind = PackageOutcome.BUILD, Kind.BUILD
    message, (file, line) = _headline(text, places)
    message = message or f"{word} failed, and nothing here says why"
    if places.asked.root:
        message = message.replace(f"{places.asked.root}/", "")
    if environment:
        message = f"environment: {message}"
    failure = Failure(
        kind=kind,
        message=message[:1000],
        text=text.rstrip("\n"),
        file=file,
        line=line,
        fingerprint=fingerprint(kind, "", *_mistakes(text, message)),
    )
    return BuildFailure(result=result, failure=failure, environment=environment)


_TESTS = ("=== ", "--- ", "ok  \t", "FAIL\t", "?   \t", "PASS")


def stderr_block(stderr: str, package: str) -> str:
    """The text under ``# package`` on stderr: of the compiler, of vet or of the linker (S50)."""
    wanted, block = False, list[str]()
    for line in stderr.split("\n"):
        header = _HEADER.match(line)
        if header:
            named = {one.strip("[]").removesuffix(".test") for one in (header[1], header[2] or "")}
            wanted = package in named or f"{package}_test" in named
        elif line.startswith(_TESTS):  # in a log of both
            wanted = False
        if wanted:
            block.append(line)
    return "\n".join(block).strip("\n")


def mistakes(text: str) -> Iterator[tuple[str, str]]:
    """Packages under whose header the compiler names a mistake in Go code, each once.

    Warnings of a C compiler name Go files too, and stop nothing.
    """
    seen = set()
    headers = list(re.finditer(r"^# ([^\s\[]\S*)(?: \[\S+\])?[ \t]*$", text, re.MULTILINE))
    ends = [header.start() for header in headers[1:]] + [len(text)]
    for header, end in zip(headers, ends, strict=False):
        path = header[1].removesuffix("_test").removesuffix(".test")
        block = text[header.start() : end].strip("\n")
        wrong = any(
            place[1].endswith(".go") and not place[3].startswith(("warning:", "note:"))
            for place in map(_PLACE.match, block.split("\n"))
            if place
        )
        if wrong and path not in seen:
            seen.add(path)
            yield path, block


def _headline(text: str, places: Places) -> tuple[str, Place]:
    header, first = "", ""
    for line in text.split("\n"):
        named = _HEADER.match(line)
        if named:
            header = named[1].removesuffix("_test")
            continue
        place = _PLACE.match(line)
        if place:
            return line.removeprefix("vet: "), places.of_compiler(header, place[1], place[2])
        if line.strip() and not line.startswith(("#", "FAIL\t")):
            cycle = line.lstrip().startswith("imports ") and ": " in line  # S84
            more = f"{first} {line.strip()}" if first.endswith(":") else first
            first = line.strip() if cycle else more or line.strip()
    environment = ENVIRONMENT.search(text)
    if environment:
        end = text.find("\n", environment.end())
        start = text.rfind("\n", 0, environment.end()) + 1
        first = text[start : end if end >= 0 else len(text)].strip()
    return first, (None, None)


def _mistakes(text: str, message: str) -> list[str]:
    """The set of (file, message): line numbers move, mistakes do not."""
    found = (_PLACE.match(line) for line in text.split("\n"))
    mistakes = {f"{m[1].rsplit('/', 1)[-1]}: {normalise(m[3])}" for m in found if m}
    return sorted(mistakes) or [normalise(message)]
