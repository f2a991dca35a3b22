"""Test processes that took far more CPU or memory than their package usually does."""

from collections.abc import Iterator

from msgspec import Struct

from gomanager.analysis.finding import Context, Finding
from gomanager.analysis.place import Place
from gomanager.results import PackageResult, PhaseResult, Purpose, Severity
from gomanager.store.habit import Habit

LEAST_RUNS = 5
"""Below that nobody knows what is usual."""
SPREADS = 9
"""Median distances from the median: about six standard deviations of a normal noise."""
_SHOWN = 10


class Rule(Struct, frozen=True, kw_only=True):
    """When a number stands out: a multiple of the usual, and at least so much more."""

    factor: float
    least: int


MEMORY = Rule(factor=2, least=100_000_000)
CPU = Rule(factor=3, least=2_000)


def outstanding(value: int | None, habit: Habit, rule: Rule) -> bool:
    """Whether a value is far beyond the usual, however the usual varies."""
    if value is None or habit.n < LEAST_RUNS:
        return False
    more = value - habit.median
    return value >= rule.factor * habit.median and more >= max(rule.least, SPREADS * habit.mad)


def notable(package: PackageResult) -> bool:
    """Whether a package took so much that history is worth a question."""
    first = package.attempts[0]
    if first.purpose is not Purpose.FIRST or first.cached:
        return False
    return (first.peak_bytes or 0) >= MEMORY.least or (first.cpu_ms or 0) >= CPU.least


def of_phase(phase: PhaseResult, context: Context) -> Iterator[Finding]:
    """The packages that stand out, ten at most, and a word about the others."""
    found = [
        one
        for package in phase.packages
        if (phase.name, package.module, package.path) in context.resources and notable(package)
        for one in _of_package(Place(phase, package, context))
    ]
    yield from found[:_SHOWN]
    if len(found) > _SHOWN:
        yield Finding(
            severity=Severity.NOTE,
            kind="resources",
            title=f"{len(found) - _SHOWN} more test processes took far more than usual",
            phase=phase.name,
        )


def _of_package(at: Place) -> Iterator[Finding]:
    first = at.package.attempts[0]
    usual = at.context.resources[at.phase.name, at.package.module, at.package.path]
    if first.peak_bytes is not None and outstanding(first.peak_bytes, usual.peak_bytes, MEMORY):
        now, before = size(first.peak_bytes), size(usual.peak_bytes.median)
        yield _finding(at, f"peak memory {now}, usually {before}", usual.peak_bytes.n)
    if first.cpu_ms is not None and outstanding(first.cpu_ms, usual.cpu_ms, CPU):
        now, before = _seconds(first.cpu_ms), _seconds(usual.cpu_ms.median)
        yield _finding(at, f"CPU time {now}, usually {before}", usual.cpu_ms.n)


def _finding(at: Place, what: str, runs: int) -> Finding:
    return at.finding(
        Severity.WARNING,
        "resources",
        f"{what} ({runs} runs): {at.package.path}",
        reproduce=at.line(),
        evidence=("of the test process, against passing first attempts of the same phase",),
    )


def size(count: int) -> str:
    """``310 MB``, ``1.2 GB``."""
    return f"{count / 1e9:.1f} GB" if count >= 999_500_000 else f"{count / 1e6:.0f} MB"


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.1f} s"
