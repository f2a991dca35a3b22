"""Cases and their attempts as values, and the cases of a package, nearly all of which passed."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from gomanager.ondemand import OnDemand


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


class Failure(Struct, frozen=True, kw_only=True):
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


class Attempt(Struct, frozen=True, kw_only=True):
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


class CaseResult(Struct, frozen=True, kw_only=True):
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


class Cases(OnDemand[CaseResult]):
    """The cases of one process of a package, in order; compares like the tuple of them.

    Nearly all passed at once and have nothing else to tell. There may be a hundred thousand: they
    are a column of names and one of durations, and become values when somebody asks for them.
    """

    __slots__ = ("_attempt", "_told", "durations", "folds", "names")

    def __init__(
        self,
        *,
        names: Sequence[str],
        durations: Sequence[int | None],
        folds: frozenset[str],
        told: Sequence[tuple[int, CaseResult]],
        attempt: Attempt,
    ) -> None:
        super().__init__()
        self.names = names
        """Those that simply passed."""
        self.durations = durations
        self.folds = folds
        """Those of them that have subtests."""
        self._told = told
        self._attempt = attempt

    @property
    def told(self) -> tuple[CaseResult, ...]:
        """All others."""
        return tuple(case for _, case in self._told)

    @property
    def leaves(self) -> int:
        """How many count: all but folds."""
        return len(self.names) - len(self.folds) + sum(not case.fold for _, case in self._told)

    def attempts(self, duration: int | None) -> tuple[Attempt]:
        """The only attempt of a case that simply passed."""
        return (replace(self._attempt, duration_ms=duration),)

    def __len__(self) -> int:
        return len(self.names) + len(self._told)

    def _make(self) -> Iterator[CaseResult]:
        """Equal attempts are one value."""
        attempts = {one: self.attempts(one) for one in set(self.durations)}
        put, before = 0, (*self._told, (len(self.names), None))
        for at, case in before:
            for name, duration in zip(self.names[put:at], self.durations[put:at], strict=True):
                yield CaseResult(name=name, attempts=attempts[duration], fold=name in self.folds)
            put = at
            if case is not None:
                yield case


def told(cases: Sequence[CaseResult]) -> Sequence[CaseResult]:
    """The cases without those that simply passed, as far as they are known to be such."""
    return cases.told if isinstance(cases, Cases) else cases


def remarkable(cases: Sequence[CaseResult]) -> tuple[CaseResult, ...]:
    """The cases that did not simply pass at once: few, and all that most readers need."""
    passed = Outcome.PASS
    return tuple(
        case
        for case in told(cases)
        if len(case.attempts) != 1
        or case.attempts[0].outcome is not passed
        or case.attempts[0].output
        or case.label is not None
        or case.note is not None
    )


def leaves(cases: Sequence[CaseResult]) -> int:
    """How many of them count: all but folds."""
    return cases.leaves if isinstance(cases, Cases) else sum(not case.fold for case in cases)
