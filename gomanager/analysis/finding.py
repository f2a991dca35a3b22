"""What the analysis hands to the report: findings, recommendations, and what they are made from."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from gomanager.results import Severity
from gomanager.store.habit import Resources

CaseKey = tuple[str, str, str]
"""Phase, package, case."""


class Finding(Struct, frozen=True, kw_only=True):
    """One thing a reader must know, with its evidence; ``kind`` is a failure kind or a word of its own.

    ``reproduce`` is one line for a shell at the repository root.
    """

    severity: Severity
    kind: str
    title: str
    phase: str | None = None
    package: str | None = None
    case: str | None = None
    text: str = ""
    file: str | None = None
    line: int | None = None
    reproduce: str | None = None
    evidence: tuple[str, ...] = ()


class Advice(StrEnum):
    """What a recommendation is about, most urgent first."""

    IMMEDIATE = "immediate"
    RELIABILITY = "reliability"
    PERFORMANCE = "performance"
    TESTS = "tests"


class Recommendation(Struct, frozen=True, kw_only=True):
    """Something to do, why, and the command that helps with it."""

    kind: Advice
    text: str
    evidence: tuple[str, ...]
    command: str | None = None


class Reproduction(Struct, frozen=True, kw_only=True):
    """How the packages of one module ran in one phase; what a pasted command must repeat.

    ``folder`` is the module's folder relative to the repository root, ``module`` its path.
    """

    folder: str = ""
    module: str = ""
    flags: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()


class Context(Struct, frozen=True, kw_only=True):
    """What is known beside the run itself; everything may be empty."""

    reproductions: Mapping[tuple[str, str], Reproduction] = field(default_factory=dict)
    """By phase and module path."""
    medians: Mapping[CaseKey, int] = field(default_factory=dict)
    """Usual milliseconds of a case in this variant, from history."""
    slow_ms: Mapping[str, int] = field(default_factory=dict)
    """By phase: its own limit, for cases without history."""
    flakes: Mapping[CaseKey, int] = field(default_factory=dict)
    """How many earlier runs saw the case flaky."""
    resources: Mapping[tuple[str, str, str], Resources] = field(default_factory=dict)
    """By phase, module and package: what its test process usually takes."""
    nameless: frozenset[str] = frozenset()
    """Paths that are no packages: recorded files whose results name none."""
    changed: frozenset[str] = frozenset()
    """Import paths of packages whose own files the change touches."""
