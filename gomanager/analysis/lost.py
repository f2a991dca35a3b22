"""Cases that have no result: started and never ended, or expected and never run."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from gomanager.analysis.finding import Finding
from gomanager.analysis.place import Place, names
from gomanager.results import CaseResult, Kind, Outcome, Severity, Verdict

_CRASHES = frozenset(
    kind.value
    for kind in (Kind.PANIC, Kind.TIMEOUT, Kind.DEADLOCK, Kind.EXIT, Kind.KILLED, Kind.RACE)
)


def with_lost(at: Place, found: Sequence[Finding]) -> Iterator[Finding]:
    """``found`` again, the culprit with what it took along; findings of their own without one."""
    unfinished = _of(at, Outcome.UNKNOWN)
    silent = _of(at, Outcome.NOT_RUN)
    culprit = _culprit(found)
    for one in found:
        evidence = tuple(_evidence(unfinished, silent)) if one is culprit else ()
        yield replace(one, evidence=(*one.evidence, *evidence)) if evidence else one
    if culprit is None and not at.phase.interrupted and not at.package.result.broken:
        yield from _alone(at, unfinished, silent)


def _of(at: Place, outcome: Outcome) -> list[CaseResult]:
    return [c for c in at.package.remarkable if c.outcome is outcome and not c.fold]


def _culprit(found: Sequence[Finding]) -> Finding | None:
    """Who ended the process: a crash before anything else."""
    critical = [one for one in found if one.severity is Severity.CRITICAL]
    return next((one for one in critical if one.kind in _CRASHES), next(iter(critical), None))


def _evidence(unfinished: list[CaseResult], silent: list[CaseResult]) -> Iterator[str]:
    if unfinished:
        yield f"without result: {names(case.name for case in unfinished)}"
    if silent:
        yield f"did not run: {names(case.name for case in silent)}"


def _alone(at: Place, unfinished: list[CaseResult], silent: list[CaseResult]) -> Iterator[Finding]:
    """Nothing else in the package is wrong, and yet these have no result."""
    red = at.phase.verdict in (Verdict.RED, Verdict.ERROR)
    for case in unfinished:
        reason = case.attempts[-1].reason
        yield at.finding(
            Severity.CRITICAL if red else Severity.WARNING,
            "unknown",
            f"{case.name} started and never ended",
            case=case.name,
            text=case.attempts[-1].output.strip("\n"),
            file=case.file,
            line=case.line,
            reproduce=at.line(case.name),
            evidence=(reason,) if reason else (),
        )
    # Subtests known from history alone may be gone on purpose: a shortened table is no fault.
    functions = [case for case in silent if "/" not in case.name]
    subtests = [case for case in silent if "/" in case.name]
    for cases, severity in (
        (functions, Severity.CRITICAL if red else Severity.WARNING),
        (subtests, Severity.WARNING),
    ):
        if cases:
            yield _did_not_run(at, cases, severity)


def _did_not_run(at: Place, cases: list[CaseResult], severity: Severity) -> Finding:
    reasons = dict.fromkeys(c.attempts[-1].reason for c in cases if c.attempts[-1].reason)
    known = [case.name for case in cases]
    return at.finding(
        severity,
        "not_run",
        f"did not run: {names(known)}",
        case=known[0] if len(known) == 1 else None,
        file=cases[0].file if len(known) == 1 else None,
        line=cases[0].line if len(known) == 1 else None,
        reproduce=at.line(*known),
        evidence=tuple(str(reason) for reason in reasons),
    )
