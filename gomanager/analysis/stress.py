"""One case started many times, each in a fresh process: what became of it, counted and grouped."""

from collections.abc import Iterable

from msgspec import Struct, field

from gomanager.analysis.rate import Rate, rate
from gomanager.command import Usage
from gomanager.results import (
    CaseResult,
    Failure,
    Kind,
    Outcome,
    PackageOutcome,
    PackageResult,
)

SEEDS_SHOWN = 5
_CLEAN = (PackageOutcome.PASS, PackageOutcome.EMPTY, PackageOutcome.FAIL)


class Try(Struct, frozen=True, kw_only=True):
    """One process; ``result`` is its package with one attempt, ``skip`` and ``not_run`` count not."""

    number: int
    outcome: Outcome
    result: PackageResult
    duration_ms: int | None = None
    failures: tuple[Failure, ...] = ()
    reason: str | None = None
    seed: int | None = None
    cpu: str | None = None
    usage: Usage | None = None


class Group(Struct, kw_only=True):
    """Failures of one fingerprint; ``first`` stands for them."""

    fingerprint: str
    first: Failure
    count: int = 0
    seeds: list[int] = field(default_factory=list)
    cpus: dict[str, int] = field(default_factory=dict)


class Tally:
    """What all processes so far say together."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self.skipped = 0
        self.absent = 0
        self.reason: str | None = None
        self.cpu_ms: int | None = None
        self.peak_bytes: int | None = None
        self._groups: dict[str, Group] = {}
        self._times: list[int] = []

    def add(self, one: Try) -> None:
        """Count one process."""
        match one.outcome:
            case Outcome.PASS:
                self.passed += 1
            case Outcome.FAIL | Outcome.UNKNOWN:
                self.failed += 1
                self._group(one)
            case Outcome.SKIP:
                self.skipped += 1
                self.reason = one.reason or self.reason
            case Outcome.NOT_RUN:
                self.absent += 1
                self.reason = one.reason or self.reason
        if one.usage is not None:
            self.cpu_ms = (self.cpu_ms or 0) + one.usage.cpu_ms
            self.peak_bytes = max(self.peak_bytes or 0, one.usage.peak_bytes)
        if one.duration_ms is not None and one.outcome is Outcome.PASS:
            self._times.append(one.duration_ms)

    @property
    def runs(self) -> int:
        """Processes that count: the case passed or failed."""
        return self.passed + self.failed

    @property
    def total(self) -> int:
        """All processes."""
        return self.runs + self.skipped + self.absent

    @property
    def rate(self) -> Rate:
        """Failures over processes that count."""
        return rate(self.failed, self.runs)

    @property
    def groups(self) -> tuple[Group, ...]:
        """Kinds of failure, the most frequent first."""
        return tuple(sorted(self._groups.values(), key=lambda g: (-g.count, g.fingerprint)))

    @property
    def median_ms(self) -> int | None:
        """Own time of passing attempts."""
        return sorted(self._times)[len(self._times) // 2] if self._times else None

    @property
    def longest_ms(self) -> int | None:
        """Of passing attempts."""
        return max(self._times, default=None)

    def _group(self, one: Try) -> None:
        first = one.failures[0] if one.failures else _SILENT
        mark = first.fingerprint or f"{first.kind}:{first.message}"
        group = self._groups.setdefault(mark, Group(fingerprint=mark, first=first))
        group.count += 1
        if one.seed is not None and len(group.seeds) < SEEDS_SHOWN:
            group.seeds.append(one.seed)
        if one.cpu is not None:
            group.cpus[one.cpu] = group.cpus.get(one.cpu, 0) + 1


_SILENT = Failure(kind=Kind.UNKNOWN, message="failed without an error message", text="")


def ended(result: PackageResult, name: str, *, whole: bool) -> tuple[Outcome, tuple[Failure, ...]]:
    """How the case fared in one process, and why.

    Where nothing else ran (not ``whole``), whatever broke the process is the case's: a race behind
    PASS, an exit of TestMain, the clean-up of the test around it. Among others a case that ended
    is not blamed for them.
    """
    case = next((one for one in result.cases if one.name == name), None)
    below = tuple(one for one in result.cases if one.name.startswith(f"{name}/"))
    around = tuple(one for one in result.cases if name.startswith(f"{one.name}/"))
    own = _failures(([case] if case else []) + [one for one in below if not one.fold])
    own = own or _failures(reversed(around))
    package = result.last.failures
    if case is None or case.outcome is Outcome.NOT_RUN:
        broken = result.result not in _CLEAN and not whole
        return (Outcome.FAIL, package) if broken else (Outcome.NOT_RUN, ())
    if case.outcome in (Outcome.FAIL, Outcome.UNKNOWN):
        return Outcome.FAIL, own or package
    if not whole and result.red:
        return Outcome.FAIL, own or package
    return case.outcome, ()


def _failures(cases: Iterable[CaseResult]) -> tuple[Failure, ...]:
    return tuple(
        failure for case in cases for attempt in case.attempts for failure in attempt.failures
    )
