"""What every store can do, and the values that it answers with; one shape for all databases."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol, Self

from msgspec import Struct, field

from gomanager.results import Counts, Outcome, PhaseResult, Purpose, Run, Variant, Verdict
from gomanager.selection.ledger import Record
from gomanager.store.habit import Resources


class PackageKey(NamedTuple):
    """A package of a module: two modules may hold one import path."""

    module: str
    path: str


class CaseKey(NamedTuple):
    """A case wherever it ran; ``name`` is the full Go name."""

    module: str
    path: str
    name: str


class StoredPhase(Struct, frozen=True, kw_only=True):
    """What the store keeps of a phase result beside its rows."""

    name: str
    verdict: Verdict
    variant: str
    """Key of the variant; empty where it is unknown."""
    source: str
    duration_ms: int | None
    counts: Counts


class StoredRun(Struct, frozen=True, kw_only=True):
    """One line of the history; ``verdict`` is ``None`` while a run goes on, or after a kill."""

    uid: str
    started: datetime
    duration_ms: int | None
    verdict: Verdict | None
    commit: str | None
    base: str | None
    branch: str | None
    dirty: bool
    ci: str | None
    scope_mode: str
    phases: tuple[StoredPhase, ...]

    @property
    def counts(self) -> Counts:
        """Totals over all phases."""
        return sum((phase.counts for phase in self.phases), Counts())

    @property
    def red_phases(self) -> tuple[str, ...]:
        """Names of the phases that were red or could not be judged."""
        bad = (Verdict.RED, Verdict.ERROR)
        return tuple(phase.name for phase in self.phases if phase.verdict in bad)


class RedPackage(Struct, frozen=True, kw_only=True):
    """A package with something red in the newest run that ran it."""

    key: PackageKey
    phases: tuple[str, ...]
    cases: tuple[str, ...]
    """Full names of the red cases, sorted."""
    whole: bool
    """Broken as a package (build, TestMain, died …): its cases alone do not tell."""


class PastAttempt(Struct, frozen=True, kw_only=True):
    """One attempt of a case as it was stored, with its primary failure."""

    run: str
    started: datetime
    commit: str | None
    branch: str | None
    dirty: bool
    phase: str
    variant: str
    attempt: int
    purpose: Purpose
    process: int
    outcome: Outcome
    duration_ms: int | None
    message: str | None = None
    fingerprint: str | None = None


class CaseStats(Struct, frozen=True, kw_only=True):
    """Sums over a case's attempts: ``n`` and ``f`` are counted ones only."""

    n: int = 0
    f: int = 0
    flakes: int = 0
    skips: int = 0
    unknown: int = 0
    reruns: int = 0
    ms_n: int = 0
    ms_sum: int = 0
    ms_sq: int = 0

    @property
    def mean_ms(self) -> float | None:
        """Mean time of passing first attempts."""
        return self.ms_sum / self.ms_n if self.ms_n else None


class Usual(Struct, frozen=True, kw_only=True):
    """A usual duration: the median of the newest ``n`` (at most 20) passing first attempts."""

    ms: int
    n: int


class Times(Struct, frozen=True, kw_only=True):
    """Usual durations of packages in one variant, for the ETA."""

    packages: Mapping[tuple[str, PackageKey], Usual] = field(default_factory=dict)
    """By phase name and package."""
    anywhere: Mapping[PackageKey, Usual] = field(default_factory=dict)
    """By package, over all phases of the variant."""
    typical_ms: Mapping[str, int] = field(default_factory=dict)
    """Median over the known packages of a phase; the empty name stands for all phases."""

    def package_ms(self, phase: str, key: PackageKey) -> int | None:
        """The usual time, else that of another phase, else the median of known ones, else None."""
        known = self.packages.get((phase, key)) or self.anywhere.get(key)
        if known is not None:
            return known.ms
        return self.typical_ms.get(phase, self.typical_ms.get(""))


class Document(Struct, frozen=True, kw_only=True):
    """A stored report: ``body`` is the JSON of ``schema``, exactly as it was handed in."""

    run: str
    schema: str
    body: bytes


class Difference(Struct, frozen=True, kw_only=True):
    """A sum that does not equal its raw rows."""

    case_id: int
    variant_id: int
    side: bool
    stored: CaseStats | None
    counted: CaseStats | None


Known = Mapping[PackageKey, Mapping[str, frozenset[str]]]
"""By package and test function: every name, its own included, that ended in both of its last two
complete passing attempts. A function that history saw less than twice is absent."""


class Store(Protocol):
    """What gomanager remembers. Every method raises EnvironmentFault where the database fails."""

    journals: Path
    """Folder of the journals of this store's runs."""
    notes: tuple[str, ...]
    """What opening had to do that the user must know: a broken file renamed, a schema stepped."""

    def begin(self, run: Run) -> None:
        """Remember that a run started; its phases, verdict and duration are not looked at."""
        ...

    def add(
        self,
        run: Run,
        phase: PhaseResult,
        *,
        attempt_key: str = "",
        ledger: Iterable[Record] = (),
        learned: Mapping[PackageKey, Iterable[str]] | None = None,
        variables: Mapping[PackageKey, Mapping[str, str]] | None = None,
    ) -> bool:
        """Store a phase result whole; False, and nothing done, where it is there already.

        ``ledger``: rows about its packages; ``learned``: paths of the repository that they read;
        ``variables``: names to digests of the environment that they read, of the green ones.
        """
        ...

    def ledger(self, fingerprints: Iterable[str]) -> Mapping[str, tuple[Record, ...]]:
        """Rows of these fingerprints, newest first; absent: never recorded."""
        ...

    def has_ledger(self) -> bool:
        """False while nothing was ever recorded: no fingerprint need be computed."""
        ...

    def red_sources(self) -> Mapping[tuple[str, str, str], frozenset[str]]:
        """By (phase, module, package): ``sources`` of the fingerprints whose newest row is red."""
        ...

    def newest_records(self, module: str, path: str) -> tuple[Record, ...]:
        """The newest row of a package in each phase, whatever its fingerprint."""
        ...

    def readers(self, paths: Iterable[str]) -> Mapping[str, tuple[PackageKey, ...]]:
        """Packages whose tests read these paths when they last were learned."""
        ...

    def variables(self) -> frozenset[tuple[str, str]]:
        """Name and digest of every variable that tests read when they were last green."""
        ...

    def variable_readers(self, wanted: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
        """(module, import path) of packages last green with one of these values, with its name."""
        ...

    def finish(self, run: Run, document: bytes, *, schema: str = "gomanager.report/1") -> None:
        """Store verdict, end and report of a run; the last call wins."""
        ...

    def runs(self, *, limit: int = 20, branch: str | None = None) -> tuple[StoredRun, ...]:
        """Runs with their phases, newest first."""
        ...

    def unfinished(self) -> tuple[str, ...]:
        """Uids of the runs without a verdict, oldest first: they go on, or were killed."""
        ...

    def run(self, uid: str) -> StoredRun | None:
        """The run of exactly this uid."""
        ...

    def newest(
        self, *, branch: str | None = None, ci: bool | None = None, beside: str = ""
    ) -> StoredRun | None:
        """The newest run that stored a phase, of CI or not; ``beside``: not this uid."""
        ...

    def red_in_ci(self, branch: str | None, *, beside: str = "") -> tuple[str, ...]:
        """Red phases of the branch's newest CI run, else of its newest run."""
        ...

    def matching(self, prefix: str) -> tuple[str, ...]:
        """Uids that begin with ``prefix``, newest first, at most ten."""
        ...

    def document(self, uid: str | None = None) -> Document | None:
        """The stored report of a run; without ``uid``, of the newest run that has one."""
        ...

    def last_failed(self, *, branch: str | None = None) -> tuple[RedPackage, ...]:
        """What was red when it last ran, by package; ``branch`` narrows it to runs of that name."""
        ...

    def known_cases(
        self,
        phase: str,
        variant: Variant | None,
        packages: Iterable[PackageKey],
        *,
        flags: tuple[str, ...] = (),
    ) -> Known:
        """What must end before a package is explained, from runs with equal ``flags``."""
        ...

    def proven(self, commit: str, phases: Iterable[tuple[str, Variant | None]]) -> frozenset[str]:
        """Phases that a whole, clean run of exactly this commit left green at the first attempt.

        Whole: scope ``all``, no user flags, stored while it ran. A variant of None matches any.
        """
        ...

    def times(self, variants: Iterable[Variant] | None = None) -> Times:
        """Usual durations of all packages in one call; without ``variants``, over all of them."""
        ...

    def case_times(
        self, phase: str, variant: Variant | None, cases: Iterable[CaseKey]
    ) -> Mapping[CaseKey, Usual]:
        """Usual durations of the few cases that a finding looks at (0.2 ms each)."""
        ...

    def resources(
        self, phase: PhaseResult, packages: Mapping[PackageKey, int], *, beside: str = ""
    ) -> Mapping[PackageKey, Resources]:
        """What packages with about so many cases usually take, in the phase's series and flags.

        From the newest 20 passing first attempts; ``beside``: not of the run of this uid.
        """
        ...

    def stats(self, phase: str) -> Mapping[CaseKey, CaseStats]:
        """Cases of a phase that ever failed or flaked, summed over variants and branches."""
        ...

    def history(
        self, name: str, *, package: str | None = None, phase: str | None = None, limit: int = 50
    ) -> tuple[PastAttempt, ...]:
        """Attempts of the cases of exactly this name, of the newest run first."""
        ...

    def verify(self) -> tuple[Difference, ...]:
        """Recompute the sums from raw rows; empty when all is well."""
        ...

    def check(self) -> str | None:
        """SQLite's ``quick_check``: what is wrong with the file, or None. Slow on a big file."""
        ...

    def close(self) -> None:
        """Give the database back; further calls are errors."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...
