"""What a test run left behind, as values: cases, attempts, packages, phases, runs.

A phase result looks the same whether ``go test``, magex or a recorded stream produced it.
Durations are whole milliseconds, instants are aware UTC datetimes, unknown is ``None``.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """How one attempt of a case ended; only pass, fail and skip are ends in the stream."""

    PASS = "pass"
    FAIL = "fail"
    SKIP = "skip"
    UNKNOWN = "unknown"
    """Started, and no end event came."""
    NOT_RUN = "not_run"
    """Expected or paused, and never got its turn."""


_WORST_FIRST = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.NOT_RUN, Outcome.PASS, Outcome.SKIP)


def worst(outcomes: "tuple[Outcome, ...]") -> Outcome:
    """The outcome that counts where one process ran a case several times."""
    return min(outcomes, key=_WORST_FIRST.index)


class Purpose(StrEnum):
    """Why an attempt was made."""

    FIRST = "first"
    RERUN = "rerun"
    STRESS = "stress"
    SEARCH = "search"


class Label(StrEnum):
    """What the attempts of a case together say about it."""

    FLAKY = "flaky"
    CONSISTENT = "consistent"
    ORDER_DEPENDENT = "order-dependent"
    RACE = "race"
    UNRESOLVED = "unresolved"


class Kind(StrEnum):
    """What sort of failure a text shows."""

    ASSERTION = "assertion"
    PANIC = "panic"
    TIMEOUT = "timeout"
    DEADLOCK = "deadlock"
    RACE = "race"
    BUILD = "build"
    VET = "vet"
    SETUP = "setup"
    EXIT = "exit"
    KILLED = "killed"
    ORPHAN = "orphan"
    UNKNOWN = "unknown"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One reason why an attempt or a package failed.

    ``file`` is relative to the repository root, ``line`` counts from 1; both are ``None`` where
    the text names no place inside the repository. ``fingerprint`` is ``kind:hex8`` over the text
    with its numbers, addresses and durations taken out.
    """

    kind: Kind
    message: str
    text: str
    file: str | None = None
    line: int | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One execution of one case; ``process`` numbers the test binary's process in the phase."""

    n: int
    purpose: Purpose
    process: int
    outcome: Outcome
    duration_ms: int | None
    failures: tuple[Failure, ...] = ()
    output: str = ""
    """What the case printed, kept for failed attempts (and for passed ones on request)."""
    reason: str | None = None
    """Why it was skipped, or why nothing is known of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """All attempts of one case of one package in one phase, those of a search behind the others.

    Their numbers tell the order in time: functions that run alone first have the lowest.
    """

    name: str
    attempts: tuple[Attempt, ...]
    fold: bool = False
    """A parent that passed or failed only through its children: left out of all counts."""
    label: Label | None = None
    note: str | None = None
    """Why a case stays unresolved, or what else the label does not say."""
    file: str | None = None
    line: int | None = None
    """Where the test function is declared."""
    attrs: tuple[tuple[str, str], ...] = ()
    artifacts: str | None = None
    after: tuple[str, ...] = ()
    """The tests that must run before it for it to fail, where a search found them."""

    @property
    def outcome(self) -> Outcome:
        """The outcome in the last process that ran the case, the worst if it ran there twice.

        Several first processes (one pass for each build tag) and all processes of a stress run
        stand side by side: the worst counts. A search asks about the order of tests, its processes
        decide nothing but the labels that are red by themselves.
        """
        if len(self.attempts) == 1:
            return self.attempts[0].outcome
        failed = any(a.outcome is Outcome.FAIL for a in self.attempts)
        if failed and self.label in (Label.ORDER_DEPENDENT, Label.RACE):
            return Outcome.FAIL
        last = self._last
        beside = last.purpose in (Purpose.FIRST, Purpose.STRESS)
        return worst(
            tuple(
                a.outcome
                for a in self.attempts
                if a.purpose is last.purpose and (beside or a.process == last.process)
            )
        )

    @property
    def duration_ms(self) -> int | None:
        """Own time of the last attempt that is not one of a search."""
        if len(self.attempts) == 1:
            return self.attempts[0].duration_ms
        return self._last.duration_ms

    @property
    def _last(self) -> Attempt:
        judged = (a for a in reversed(self.attempts) if a.purpose is not Purpose.SEARCH)
        return next(judged, self.attempts[-1])

    @property
    def root(self) -> str:
        """The test function's name."""
        return self.name.split("/", 1)[0]


def simply_passed(name: str, attempts: tuple[Attempt, ...], *, fold: bool) -> CaseResult:
    """A case with nothing else to tell, made in half the time that its constructor takes.

    There are a hundred thousand of these, and a frozen dataclass looks every field up by name.
    """
    case = object.__new__(CaseResult)
    for put, value in _DEFAULTS:
        put(case, value)
    _NAME(case, name)
    _ATTEMPTS(case, attempts)
    _FOLD(case, fold)
    return case


_NAME, _ATTEMPTS, _FOLD = (
    CaseResult.__dict__[name].__set__ for name in ("name", "attempts", "fold")
)
_DEFAULTS = tuple(
    (CaseResult.__dict__[one.name].__set__, one.default)
    for one in fields(CaseResult)
    if one.default is not MISSING and one.name != "fold"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A warning found in what a package printed; ``case`` is ``None`` for its own lines."""

    case: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageAttempt:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageResult:
    """One package of one module in one phase."""

    path: str
    module: str
    attempts: tuple[PackageAttempt, ...]
    cases: tuple[CaseResult, ...] = ()
    explained: bool = False
    """Red in its first attempt, and a rerun explains every failure of it (flaky)."""
    note: str | None = None
    """Why a rerun did not explain it: "TestA/port_8123 did not run again"."""
    build_only: bool = False
    """Has no tests in this phase; it is here because it must compile."""
    condemned: bool = False
    """Green by itself, and a search found what no green excuses: a race."""
    remarkable: tuple[CaseResult, ...] = field(init=False, repr=False, compare=False)
    """The cases that did not simply pass at once: few, and all that most readers need."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "remarkable", _remarkable(self.cases))

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


def _remarkable(cases: tuple[CaseResult, ...]) -> tuple[CaseResult, ...]:
    passed = Outcome.PASS
    return tuple(
        case
        for case in cases
        if len(case.attempts) != 1
        or case.attempts[0].outcome is not passed
        or case.attempts[0].output
        or case.label is not None
        or case.note is not None
    )


class Severity(StrEnum):
    """How much a finding matters; only ``critical`` ones stand behind a red verdict."""

    CRITICAL = "critical"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something a runner or the selection noticed that is no test result: environment, settings."""

    severity: Severity
    kind: str
    title: str
    text: str = ""
    fix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
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


_COUNTS = tuple(Counts.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseResult:
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

    @property
    def counts(self) -> Counts:
        """Totals over the packages of the phase."""
        told = [c for package in self.packages for c in package.remarkable if not c.fold]
        cases = sum(not c.fold for package in self.packages for c in package.cases)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageStarted:
    """Progress: a package's test binary began."""

    package: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEnded:
    """Progress: an attempt of a case ended; ``output`` is set for failed ones."""

    package: str
    name: str
    outcome: Outcome
    duration_ms: int | None
    fold: bool = False
    output: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageEnded:
    """Progress: a package ended; ``attempt`` says how, with its failures."""

    package: str
    attempt: PackageAttempt


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseStarted:
    """Progress: a phase begins with so many packages; ``purpose`` tells reruns apart."""

    phase: str
    packages: tuple[str, ...]
    purpose: Purpose = Purpose.FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseEnded:
    """Progress: a phase is over."""

    phase: str
    result: PhaseResult


Progress = PackageStarted | CaseEnded | PackageEnded | PhaseStarted | PhaseEnded
Listener = Callable[[Progress], None]


def ignore(progress: Progress) -> None:
    """The listener that looks away."""
