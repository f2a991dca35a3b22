"""What a test run left behind, as values: cases, attempts, packages, phases, runs.

A phase result looks the same whether ``go test``, magex or a recorded stream produced it.
Durations are whole milliseconds, instants are aware UTC datetimes, unknown is ``None``.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from gomanager.case import (
    Attempt,
    CaseResult,
    Cases,
    Failure,
    Kind,
    Label,
    Outcome,
    Purpose,
    leaves,
    remarkable,
    told,
    worst,
)
from gomanager.note import Note, Severity

__all__ = [
    "Attempt",
    "CaseResult",
    "Cases",
    "Failure",
    "Kind",
    "Label",
    "Note",
    "Outcome",
    "Purpose",
    "Severity",
    "told",
    "worst",
]
"""Values of one case and remarks, imported from here as all others."""


class PackageOutcome(StrEnum):
    """How one process of a package's test binary ended."""

    PASS = "pass"
    FAIL = "fail"
    """Complete, and a case failed."""
    EMPTY = "empty"
    """Legitimately nothing to run."""
    BUILD = "build"
    VET = "vet"
    SETUP = "setup"
    DIED = "died"
    """Cut short: panic, exit, kill, timeout."""
    LATE = "late"
    """Failed after its tests had passed."""
    HOLLOW = "hollow"
    """Left with 0 without running its tests: a false green."""
    MASKED = "masked"
    """A failing case behind an exit code of 0: a false green."""
    MISSING = "missing"
    """Asked for and never started."""

    @property
    def broken(self) -> bool:
        """True for every kind of BrokenPackage: all but pass, fail and empty."""
        return self not in (PackageOutcome.PASS, PackageOutcome.FAIL, PackageOutcome.EMPTY)

    @property
    def red(self) -> bool:
        """True where the package alone makes a run red, unless a rerun explains it."""
        return self not in (PackageOutcome.PASS, PackageOutcome.EMPTY)


_BEST_LAST = (
    PackageOutcome.BUILD,
    PackageOutcome.VET,
    PackageOutcome.SETUP,
    PackageOutcome.DIED,
    PackageOutcome.LATE,
    PackageOutcome.MASKED,
    PackageOutcome.HOLLOW,
    PackageOutcome.MISSING,
    PackageOutcome.FAIL,
    PackageOutcome.PASS,
    PackageOutcome.EMPTY,
)


def worst_package(results: "tuple[PackageOutcome, ...]") -> PackageOutcome:
    """The result that counts where a package ran in several processes side by side."""
    return min(results, key=_BEST_LAST.index)


class Verdict(StrEnum):
    """The judgement over a phase or a run; ``NOT_RUN`` exists for phases only."""

    GREEN = "green"
    RED = "red"
    NOTHING = "nothing"
    ERROR = "error"
    INTERRUPTED = "interrupted"
    NOT_RUN = "not_run"


class Warned(Struct, frozen=True, kw_only=True):
    """A warning found in what a package printed; ``case`` is ``None`` for its own lines."""

    case: str | None
    text: str


class PackageAttempt(Struct, frozen=True, kw_only=True):
    """One process of a package's test binary, or the attempt to build it."""

    n: int
    purpose: Purpose
    process: int
    result: PackageOutcome
    complete: bool
    cached: bool = False
    duration_ms: int | None = None
    seed: int | None = None
    message: str | None = None
    """One line: why the package is broken, or why ``go`` says it failed."""
    failures: tuple[Failure, ...] = ()
    """Failures of the package itself: build, TestMain, a race behind PASS …"""
    output: str = ""
    """Lines that belong to no case; warnings are looked for here too."""
    exited_zero: bool = False
    """The event stream said ``pass`` for a package that is nevertheless not a pass."""
    warnings: tuple[Warned, ...] = ()
    """Warnings printed by passing and failing cases alike, each once, a bounded number."""
    unexplained_ms: int | None = None
    """Time of the package outside all its cases, where that is much (slow TestMain, orphans)."""
    cpu_ms: int | None = None
    """CPU time of the test process, user and system; ``None``: nobody measured it."""
    peak_bytes: int | None = None
    """The most memory that the test process held."""
    left: tuple[str, ...] = ()
    """Processes that the test started and that outlived it: ``sleep (4711)``."""


class PackageResult(Struct, frozen=True, kw_only=True, dict=True):
    """One package of one module in one phase."""

    path: str
    module: str
    attempts: tuple[PackageAttempt, ...]
    cases: Sequence[CaseResult] = ()
    explained: bool = False
    """Red in its first attempt, and a rerun explains every failure of it (flaky)."""
    note: str | None = None
    """Why a rerun did not explain it: "TestA/port_8123 did not run again"."""
    build_only: bool = False
    """Has no tests in this phase; it is here because it must compile."""
    condemned: bool = False
    """Green by itself, and a search found what no green excuses: a race."""

    @cached_property
    def remarkable(self) -> tuple[CaseResult, ...]:
        """The cases that did not simply pass at once: few, and all that most readers need."""
        return remarkable(self.cases)

    @property
    def last(self) -> PackageAttempt:
        """The newest attempt that is not one of a search."""
        judged = (a for a in reversed(self.attempts) if a.purpose is not Purpose.SEARCH)
        return next(judged, self.attempts[-1])

    @property
    def result(self) -> PackageOutcome:
        """``pass`` when explained by a rerun, otherwise the worst of the first attempts."""
        if self.condemned:
            return PackageOutcome.FAIL
        if self.explained:
            return PackageOutcome.PASS
        purpose = self.attempts[0].purpose
        return worst_package(tuple(a.result for a in self.attempts if a.purpose is purpose))

    @property
    def red(self) -> bool:
        """True where the package makes its phase red."""
        return self.result.red


class Variant(Struct, frozen=True, kw_only=True):
    """The configuration a series of results belongs to (patch versions do not split it)."""

    goos: str
    goarch: str
    go: str
    """Minor version: ``go1.27``."""
    race: bool = False
    tags: tuple[str, ...] = ()
    cgo: bool = False
    ci: str = "local"

    @property
    def key(self) -> str:
        """Canonical text: ``linux/amd64 go1.27 race tags=e2e,integration cgo ci=github``."""
        parts = [f"{self.goos}/{self.goarch}", self.go]
        parts += ["race"] if self.race else []
        parts += [f"tags={','.join(sorted(self.tags))}"] if self.tags else []
        parts += ["cgo"] if self.cgo else []
        return " ".join([*parts, f"ci={self.ci}"])


class Counts(Struct, frozen=True, kw_only=True):
    """Numbers over leaves; folds count nowhere, flaky cases count inside ``passed`` too."""

    packages: int = 0
    packages_broken: int = 0
    cases: int = 0
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    flaky: int = 0
    quarantined: int = 0
    unknown: int = 0
    not_run: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in _COUNTS})


_COUNTS = tuple(Counts.__struct_fields__)


class PhaseResult(Struct, frozen=True, kw_only=True):
    """Everything one phase left behind."""

    name: str
    runner: str
    verdict: Verdict
    why: tuple[str, ...] = ()
    variant: Variant | None = None
    exit_code: int | None = None
    started: datetime | None = None
    duration_ms: int | None = None
    commands: tuple[tuple[str, ...], ...] = ()
    not_run: str | None = None
    side_text: tuple[str, ...] = ()
    anomalies: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    packages: tuple[PackageResult, ...] = ()
    profiles: tuple[str, ...] = ()
    """Absolute paths of coverage profiles that the phase wrote."""
    interrupted: bool = False
    source: str = "run"
    """``run``, ``recovered``, ``merged`` or ``imported``."""
    flags: tuple[str, ...] = ()
    """What the user handed on behind ``--``: results under other flags say little about these."""
    build_ms: int | None = None
    """Time in which ``go`` built and no test ran; ``None``: nobody measured it."""
    build_cpu_ms: int | None = None
    """CPU time of ``go``, compilers and linkers."""

    @property
    def counts(self) -> Counts:
        """Totals over the packages of the phase."""
        told = [c for package in self.packages for c in package.remarkable if not c.fold]
        cases = sum(leaves(package.cases) for package in self.packages)
        outcomes = [case.outcome for case in told]
        return Counts(
            packages=len(self.packages),
            packages_broken=sum(package.result.broken for package in self.packages),
            cases=cases,
            passed=cases - len(told) + outcomes.count(Outcome.PASS),
            failed=outcomes.count(Outcome.FAIL),
            skipped=outcomes.count(Outcome.SKIP),
            flaky=sum(case.label is Label.FLAKY for case in told),
            unknown=outcomes.count(Outcome.UNKNOWN),
            not_run=outcomes.count(Outcome.NOT_RUN),
        )


class Run(Struct, frozen=True, kw_only=True):
    """One call of gomanager that ran or read tests."""

    uid: str
    """32 hex digits, time-ordered."""
    started: datetime
    duration_ms: int
    command: tuple[str, ...]
    verdict: Verdict
    exit_code: int
    phases: tuple[PhaseResult, ...]
    commit: str | None = None
    base: str | None = None
    base_how: str | None = None
    branch: str | None = None
    dirty: bool = False
    ci: str | None = None
    pull_request: str | None = None
    position: int | None = None
    side: bool = False
    scope_mode: str = "all"
    scope_reason: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def counts(self) -> Counts:
        """Totals over all phases."""
        return sum((phase.counts for phase in self.phases), Counts())


class PackageStarted(Struct, frozen=True, kw_only=True):
    """Progress: a package's test binary began."""

    package: str


class CaseEnded(Struct, frozen=True, kw_only=True):
    """Progress: an attempt of a case ended; ``output`` is set for failed ones."""

    package: str
    name: str
    outcome: Outcome
    duration_ms: int | None
    fold: bool = False
    output: str = ""


class PackageEnded(Struct, frozen=True, kw_only=True):
    """Progress: a package ended; ``attempt`` says how, with its failures."""

    package: str
    attempt: PackageAttempt


class PhaseStarted(Struct, frozen=True, kw_only=True):
    """Progress: a phase begins with so many packages; ``purpose`` tells reruns apart."""

    phase: str
    packages: tuple[str, ...]
    purpose: Purpose = Purpose.FIRST


class PhaseEnded(Struct, frozen=True, kw_only=True):
    """Progress: a phase is over."""

    phase: str
    result: PhaseResult


Progress = PackageStarted | CaseEnded | PackageEnded | PhaseStarted | PhaseEnded
Listener = Callable[[Progress], None]


def ignore(progress: Progress) -> None:
    """The listener that looks away."""
