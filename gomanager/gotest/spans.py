"""Time of a package that its tests do not explain (S40)."""

from datetime import timedelta

from gomanager.gotest.running import PackageRun

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
    roots = [case for case in run.cases if "/" not in case.name]
    if not run.paused:  # they ran one after the other
        return sum(case.took or 0.0 for case in roots) * 1000
    spans = sorted(filter(None, (case.span for case in roots)))
    if not spans:
        return 0.0
    covered, (began, reached) = timedelta(), spans[0]
    for start, end in spans:
        if start > reached:
            covered += reached - began
            began = start
        reached = max(reached, end)
    return (covered + (reached - began)).total_seconds() * 1000
