"""``go test -v`` text, and text without ``-v``, turned into the events that -json would have had.

The same fold then judges it. What text cannot tell: who printed a line that looks like a frame,
the names of passing cases without ``-v``, the package before its last line.
"""

import re
from collections.abc import Iterable

from msgspec import Struct, field

from gomanager.gotest.builds import mistakes, stderr_block
from gomanager.gotest.events import Event
from gomanager.gotest.execution import Execution
from gomanager.gotest.sidetext import plain_failure

_PREFIX = re.compile(
    r"^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ?|\[\d{4}-\d\d-\d\dT[\d:.]+Z\] ?)"
    r"(?:##\[(?:error|warning|command|debug)\])?"
)
_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|_bk;t=\d+\x07)")
_TURN = re.compile(r"^\x16?=== (RUN|PAUSE|CONT|NAME) {1,4}(\S.*?)\s*$")
_END = re.compile(r"^\x16?( *)--- (PASS|FAIL|SKIP|BENCH): (\S.*) \((\d+\.\d+)s\)\s*$")
_BENCHMARK_END = re.compile(r"^--- (FAIL|SKIP): (Benchmark\S*)\s*$")
_BENCHMARK_BEGIN = re.compile(r"^(Benchmark[^a-z\s]\S*)\s*$")
_GLUED = re.compile(r"--- (PASS|FAIL|SKIP): (\S.*) \((\d+\.\d+)s\)$")
_SUMMARY = re.compile(
    r"^(?:(ok  |FAIL|\?   )\t(\S+)(?:\t(.*)| (\[.*))?"
    r"|(ok|FAIL|\?)\s{1,8}(\S+)(?:\s+(.*\S))?|\t(\S+)\t\t(coverage: .*))$",
    re.ASCII,  # a control character in a path is no blank
)
_WORTH = re.compile(r"^(?:[\d.]+m?s|\(cached\)|\[.*\])")
_SECONDS = re.compile(r"^(\d+(?:\.\d+)?)s\b")
_BAD_END = re.compile(
    r"^(?:exit status [1-9]|signal: |\*\*\* Test |panic: |fatal error: |Found \d+ data r)"
)
_COVERED = re.compile(r"^coverage: (?:\d.* of statements|\[no statements\])")
_ACTIONS = {"RUN": "run", "PAUSE": "pause", "CONT": "cont", "NAME": ""}
MARKS = re.compile(
    r"^\x16?(?:=== RUN {1,4}\S| *--- (?:PASS|FAIL|SKIP|BENCH): \S.* \(\d+\.\d+s\)"
    r"|(?:ok  |FAIL|\?   )\t\S+(?:\t| \[)|(?:ok|FAIL) {1,8}\S+[ \t]+(?:[\d.]+s|\(cached\)|\[))",
    re.MULTILINE | re.ASCII,
)
"""What shows that a text comes from ``go test``."""


def plain(text: str) -> str:
    """Without colours, and the times and marks that a CI puts in front of each line."""
    return "\n".join(_PREFIX.sub("", line.rstrip("\r")) for line in _ANSI.sub("", text).split("\n"))


def read_text(text: str, execution: Execution, *, ended_well: bool = False) -> None:
    """Feed the plain text's packages to the fold, each at its last line.

    ``ended_well``: the command is known to have returned 0.
    """
    reader = _Reader(execution=execution, text=text, ended_well=ended_well)
    reader.read()


class _Reader(Struct, kw_only=True):
    execution: Execution
    text: str
    ended_well: bool
    events: list[Event] = field(default_factory=list)
    current: str = ""
    """The case that output belongs to."""
    pending: Event | None = None
    """An end whose case still gets the lines below its frame."""
    depth: int = 0
    known: set[str] = field(default_factory=set)
    runs: bool = False
    bare: str = ""
    """The PASS or FAIL that the binary itself ended with."""
    number: int = 0
    silent: frozenset[int] = frozenset()
    """Lines about packages that say nothing of their tests, among others that do (S43)."""
    behind: bool = False
    """Something was printed behind it."""
    named: bool = False
    """A package's line was read: what follows the last one is of a package whose line was cut off."""
    failed: bool = False
    """A package did, and go's last FAIL may stand for it."""
    headers: bool = False
    """Inside the compiler's text."""
    compiler: list[str] = field(default_factory=list)
    """All of the compiler's text: a package of it may have no line of its own (S79)."""

    def read(self) -> None:
        """All lines, then what no package line followed."""
        lines = self.text.split("\n")
        self.silent = _silent(lines)
        for self.number, line in enumerate(lines):
            self._line(line)
        for path, text in mistakes("\n".join(self.compiler)):
            self.execution.take(Event(action="build-output", import_path=path, output=text))
            self.execution.take(Event(action="build-fail", import_path=path))
            self.failed = True
        if any(event.action != "output" for event in self.events):
            bare, torn = self.bare, (self.behind or self.named) and not self.ended_well
            self._close("", "", None)
            if bare == "FAIL" or (bare and not torn):  # S78: a test binary says no more than that
                self.execution.take(Event(action="pass" if bare == "PASS" else "fail"))
        else:
            self._aside(self.events)
            if self.bare == "FAIL" and not self.failed:  # S88: of a package that was cut away
                self.execution.package("").plain = True
                self.execution.take(Event(action="fail"))

    def _line(self, line: str) -> None:
        turn = _TURN.match(line)
        end = _END.match(line)
        summary = None if turn or end else _read_summary(line)
        if summary is not None:
            word, path, rest = summary
            self._flush()
            self._close(word, path, rest)
        elif turn:
            self._turn(turn[1], turn[2], line)
        elif end:
            self._end(len(end[1]), end[2], end[3], float(end[4]), line)
        elif begun := _BENCHMARK_BEGIN.match(line):
            self._turn("RUN", begun[1], line)
        elif bench := _BENCHMARK_END.match(line):
            self._end(0, bench[1], bench[2], 0.0, line)
        elif line == "PASS" or line.rstrip() == "FAIL":
            self._flush()
            self.current = ""
            self._output(line.rstrip())
            self.bare, self.behind = line.rstrip(), False
        elif not self.runs and (at := _glued_failure(line)):
            self._output(line[:at])
            self._line(line[at:])
        elif not self.current and plain_failure(line):  # S89: of another one, with words before it
            self.execution.take_side_text(line.encode())
        elif not (line.startswith("# ") or self.headers) or self.runs:
            self._output(self._dedented(line))
        else:  # compiler text stands in front of the packages
            self.headers = bool(line.strip())
            self.compiler.append(line)

    def _turn(self, word: str, name: str, line: str) -> None:
        self._flush()
        self.current, self.headers = name, False
        if word == "RUN":
            self.runs = True
            self.known.add(name)
        if _ACTIONS[word]:
            self.events.append(Event(action=_ACTIONS[word], test=name))
        self._output(line)

    def _end(self, indent: int, word: str, name: str, seconds: float, line: str) -> None:
        self._flush()
        self.headers = False
        if name not in self.known and word != "BENCH":  # without -v there is no RUN
            self.events.append(Event(action="run", test=name))
            self.known.add(name)
        self.current, self.depth = name, indent
        self._output(line.lstrip(" "))
        if word != "BENCH":
            self.pending = Event(action=word.lower(), test=name, elapsed=seconds)
        if (
            not indent and "/" in name
        ):  # the texts of a stream one after the other: its parent goes on
            self._flush()
            self.current = self._parent(name)

    def _parent(self, name: str) -> str:
        while name and (name := name.rpartition("/")[0]) not in self.known:
            pass
        return name

    def _output(self, text: str) -> None:
        if self.bare == "PASS" and _BAD_END.match(text):  # go's FAIL line was cut off behind it
            self.bare = ""
        self.behind |= bool(self.bare and text.strip() and not _COVERED.match(text))
        self.events.append(Event(action="output", test=self.current, output=text + "\n"))
        at = text.rfind("--- ") if self.current and self.pending is None else -1
        glued = _GLUED.match(text, at) if at >= 0 else None
        if glued and glued[2] == self.current:
            action = glued[1].lower()
            self.pending = Event(action=action, test=self.current, elapsed=float(glued[3]))

    def _dedented(self, line: str) -> str:
        """Below an indented frame, text is indented by as much again."""
        if self.pending is not None and self.depth and line.startswith(" " * (self.depth + 4)):
            return line[self.depth :]
        return line

    def _flush(self) -> None:
        if self.pending is not None:
            self.events.append(self.pending)
            self.pending = None
        self.depth = 0

    def _close(self, word: str, path: str, rest: str | None) -> None:
        """One package is over: name its events, and feed them."""
        self._flush()
        self.failed |= word == "FAIL"
        self.named |= bool(path)
        line = f"{word}\t{path}\t{rest or ''}" if word.strip() else f"\t{path}\t\t{rest}"
        failed = re.match(r"\[(build|setup) failed\]", rest or "")
        if path:
            self.execution.take(Event(action="start", package=path))
        if not self.runs and path and self.number not in self.silent:
            self.execution.package(path).plain = True
        for event in self.events:
            event.package = path
            self.execution.take(event)
        if path:
            self._package_end(word, path, rest, line, build=failed is not None)
        self.events, self.current, self.known = [], "", set()
        self.runs = self.headers = self.behind = False
        self.bare = ""

    def _package_end(
        self, word: str, path: str, rest: str | None, line: str, *, build: bool
    ) -> None:
        if build:
            text = stderr_block(self.text, path)
            take = Event(action="build-output", import_path=path, output=text)
            self.execution.take(take)
            line = f"FAIL\t{path} {rest}"
        seconds = _SECONDS.match(rest or "")
        elapsed = float(seconds[1]) if seconds else 0.0
        action = {"ok": "pass", "FAIL": "fail", "?": "skip", "": "pass"}[word.strip()]
        self.execution.take(Event(action="output", package=path, output=line + "\n"))
        self.execution.take(
            Event(
                action=action,
                package=path,
                elapsed=elapsed,
                failed_build=path if build else "",
            )
        )

    def _aside(self, events: Iterable[Event]) -> None:
        for event in events:
            self.execution.take_side_text(event.output.rstrip("\n").encode())


def _silent(lines: Iterable[str]) -> frozenset[int]:
    """Where `ok` has no PASS before it, and the packages before and behind it ran with -v."""
    told: list[tuple[int, bool, bool]] = []
    runs = bare = False
    for number, line in enumerate(lines):
        if line.startswith("=== RUN "):
            runs = True
        elif line in ("PASS", "FAIL"):
            bare = True
        elif line.startswith(("ok  \t", "FAIL\t")):
            told.append((number, runs, not (runs or bare or "[" in line or line[0] == "F")))
            runs = bare = False
    around = zip(told, told[1:], told[2:], strict=False)
    return frozenset(
        at for (_, one, _), (at, _, mute), (_, other, _) in around if one and other and mute
    )


def _glued_failure(line: str) -> int:
    """Where a failed case's frame stands behind output without its newline (S7); 0: nowhere.

    Without -v only failed cases have a frame; behind a colon it is a quotation.
    """
    at = line.rfind("--- FAIL: ")
    quoted = at <= 0 or line[:at].endswith(": ") or not line[:at].strip()
    return 0 if quoted or _GLUED.match(line, at) is None else at


def _read_summary(line: str) -> tuple[str, str, str | None] | None:
    """(word, import path, rest) of go's line about a package; logs expand its tabs."""
    found = _SUMMARY.match(line)
    if found is None:
        return None
    if found[8]:
        return "", found[8], found[9]
    if found[1]:
        if found[4] and found[1] != "FAIL":  # a torn line proves no success
            return None
        return found[1], found[2], found[3] or found[4]
    if not _WORTH.match(found[7] or ""):
        return None
    return found[5].ljust(4), found[6], found[7]
