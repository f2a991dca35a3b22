"""Time of a package that its tests do not explain (S40)."""

from collections.abc import Iterable
from itertools import chain

from gomanager.gotest.caserun import CaseRun, instant
from gomanager.gotest.passed import Passed
from gomanager.gotest.running import PackageRun
from gomanager.gotest.turns import Turns

LEAST_MS = 1000
SHARE = 0.2
RACE_EXIT_MS = 1000
"""GORACE's atexit_sleep_ms."""


def unexplained_ms(run: PackageRun, *, race: bool) -> int | None:
    """Package time outside the union of its root cases, where it is ≥ 1 s and ≥ 20 %."""
    if run.cached or not run.runs or not run.elapsed or run.elapsed * 1000 < LEAST_MS:
        return None
    total = run.elapsed * 1000
    left = round(total - _union_ms(run) - (RACE_EXIT_MS if race else 0))
    return left if left >= LEAST_MS and left >= SHARE * total else None


def _union_ms(run: PackageRun) -> float:
    if not run.paused:  # they ran one after the other
        return sum(chain.from_iterable(map(_root_times, run.entries))) * 1000
    spans = sorted(chain.from_iterable(map(_root_spans, run.entries)))
    if not spans:
        return 0.0
    covered, (began, reached) = 0.0, spans[0]
    for start, end in spans:
        if start > reached:
            covered += reached - began
            began = start
        reached = max(reached, end)
    return (covered + (reached - began)) * 1000


def _root_spans(entry: CaseRun | Passed | Turns) -> Iterable[tuple[float, float]]:
    """From when to when test functions ran or waited, in seconds."""
    if isinstance(entry, CaseRun):
        began, until = instant(entry.began), instant(entry.until)
        if "/" in entry.name or began is None or until is None:
            return ()
        return ((began, until),)
    spans = entry.spans()
    return (span for name, span in zip(entry.names, spans, strict=True) if span and "/" not in name)


def _root_times(entry: CaseRun | Passed | Turns) -> Iterable[float]:
    """Seconds of test functions."""
    if isinstance(entry, CaseRun):
        return () if "/" in entry.name else (entry.took or 0.0,)
    if isinstance(entry, Turns):
        return ()  # they paused
    if not entry.nested:
        return entry.took
    return (took for name, took in zip(entry.names, entry.took, strict=True) if "/" not in name)
