"""What is known while a phase runs: who runs, since when, how much is left."""

import re
from collections.abc import Mapping

from msgspec import Struct, field

from gomanager.results import (
    CaseEnded,
    Outcome,
    PackageEnded,
    PackageStarted,
    PhaseEnded,
    PhaseStarted,
    Progress,
    Purpose,
)


class Board(Struct):
    """What is known while a phase runs; times are seconds of a monotonic clock."""

    usual: Mapping[str, float]
    """Usual seconds of a package, from history."""
    parallel: int = 1
    root: str = ""
    """Absolute path of the repository: output names its files relative to it."""
    phase: str = ""
    purpose: Purpose = Purpose.FIRST
    since: float = 0.0
    pending: set[str] = field(default_factory=set)
    running: dict[str, float] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)
    done: int = 0
    total: int = 0
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    blamed: set[tuple[str, str]] = field(default_factory=set)
    """Ancestors of failed cases: they fail with their children and say nothing new."""

    def begin(self, started: PhaseStarted, now: float) -> None:
        """A phase, or the reruns of one, begins."""
        self.phase, self.purpose, self.since = started.phase, started.purpose, now
        self.pending, self.running, self.cases = set(started.packages), {}, {}
        self.done, self.total = 0, len(started.packages)
        if started.purpose is Purpose.FIRST:
            self.passed = self.failed = self.skipped = 0

    def start(self, package: str, now: float) -> None:
        """A test binary begins."""
        self.pending.discard(package)
        self.running[package] = now

    def case(self, ended: CaseEnded) -> None:
        """A case ended; folds count nowhere."""
        if self.is_fold(ended):
            return
        if ended.outcome is Outcome.FAIL:
            parts = ended.name.split("/")
            self.blamed |= {
                (ended.package, "/".join(parts[:depth])) for depth in range(1, len(parts))
            }
        self.cases[ended.package] = self.cases.get(ended.package, 0) + 1
        match ended.outcome:
            case Outcome.PASS:
                self.passed += 1
            case Outcome.SKIP:
                self.skipped += 1
            case Outcome.FAIL | Outcome.UNKNOWN | Outcome.NOT_RUN:
                self.failed += 1

    def is_fold(self, ended: CaseEnded) -> bool:
        """A parent that failed only through a child counts nowhere and is not shown."""
        if ended.fold:
            return True
        blamed = (ended.package, ended.name) in self.blamed
        return blamed and ended.outcome is Outcome.FAIL and not said(ended.output)

    def end(self, package: str) -> None:
        """A package ended."""
        self.pending.discard(package)
        self.running.pop(package, None)
        self.done += 1

    def eta(self, now: float) -> float | None:
        """Seconds left by longest-first simulation over what history knows; None: no idea."""
        if not self.usual or now - self.since < 3:
            return None
        known = sorted(self.usual.values())
        median = known[len(known) // 2]
        lanes = sorted(
            max(0.0, self.usual.get(name, median) - (now - begun))
            for name, begun in self.running.items()
        )
        lanes += [0.0] * (self.parallel - len(lanes))
        for duration in sorted(self.usual.get(name, median) for name in self.pending)[::-1]:
            lanes[0] += duration
            lanes.sort()
        return max(lanes)


_FRAME = re.compile(r"^ *(?:=== (?:RUN|PAUSE|CONT|NAME|ATTR|ARTIFACTS) |--- (?:FAIL|PASS|SKIP): )")


def said(output: str) -> str:
    """What a case printed itself: the lines that frame its run are left out."""
    kept = (line for line in output.splitlines() if not _FRAME.match(line))
    return "\n".join(kept).strip("\n")


def seconds(value: float) -> str:
    """A duration for people: ``0.31s``, ``12.4s``, ``3m05s``."""
    if value < 10:
        return f"{value:.2f}s"
    if value < 60:
        return f"{value:.1f}s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes}m{rest:02d}s"
    return f"{minutes // 60}h{minutes % 60:02d}m"


def note(board: Board, progress: Progress, now: float) -> None:
    """Keep the board in step with what happened at ``now``."""
    match progress:
        case PhaseStarted():
            board.begin(progress, now)
        case PackageStarted():
            board.start(progress.package, now)
        case CaseEnded():
            board.case(progress)
        case PackageEnded():
            board.end(progress.package)
        case PhaseEnded():
            board.phase = ""
