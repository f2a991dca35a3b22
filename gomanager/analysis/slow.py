"""Slow cases: against what they usually take, or where nobody knows, against the phase's limit."""

from collections.abc import Iterator

from gomanager.analysis.finding import Context, Finding
from gomanager.analysis.place import Place
from gomanager.results import CaseResult, Outcome, PhaseResult, Purpose, Severity

FACTOR = 3
"""A case above this multiple of its usual time is slow …"""
LEAST_MS = 1000
"""… if that costs at least so much more than usual: less is noise."""
_SHOWN = 10


def of_phase(phase: PhaseResult, context: Context) -> Iterator[Finding]:
    """The slowest first, ten at most, and a word about the others."""
    found = sorted(
        (
            (took, place, case, usual)
            for place, case, took in _timed(phase, context)
            for usual in (context.medians.get((phase.name, place.package.path, case.name)),)
            if _is_slow(took, usual, context.slow_ms.get(phase.name))
        ),
        key=lambda item: (-item[0], item[1].package.path, item[2].name),
    )
    for took, place, case, usual in found[:_SHOWN]:
        yield _slow(place, case, took, usual)
    if len(found) > _SHOWN:
        yield Finding(
            severity=Severity.NOTE,
            kind="slow",
            title=f"{len(found) - _SHOWN} more slow tests in phase {phase.name}",
            phase=phase.name,
        )


def _timed(phase: PhaseResult, context: Context) -> Iterator[tuple[Place, CaseResult, int]]:
    """Leaves with a time of this run: cached packages replay old ones (S57)."""
    if not context.medians and phase.name not in context.slow_ms:
        return
    for package in phase.packages:
        if package.attempts[0].cached:
            continue
        place = Place(phase, package, context)
        for case in package.cases:
            first = case.attempts[0]
            measured = first.outcome is Outcome.PASS and first.purpose is Purpose.FIRST
            if measured and not case.fold and first.duration_ms is not None:
                yield place, case, first.duration_ms


def _is_slow(took: int, usual: int | None, limit: int | None) -> bool:
    if usual is not None:
        return took >= FACTOR * usual and took - usual >= LEAST_MS
    return limit is not None and took > limit


def _slow(at: Place, case: CaseResult, took: int, usual: int | None) -> Finding:
    limit = at.context.slow_ms.get(at.phase.name)
    if usual is not None:
        evidence, severity = f"usually {usual / 1000:.2f} s", Severity.WARNING
    else:
        evidence = f"no history; the phase calls more than {(limit or 0) / 1000:g} s slow"
        severity = Severity.NOTE
    return at.finding(
        severity,
        "slow",
        f"{case.name} took {took / 1000:.1f} s",
        case=case.name,
        file=case.file,
        line=case.line,
        reproduce=at.line(case.name),
        evidence=(evidence,),
    )
