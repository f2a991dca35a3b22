"""Cases of a package as results: attempts with their failures, folds, and what never ran."""

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import chain

from gomanager.gotest.asked import Asked
from gomanager.gotest.caserun import CaseRun
from gomanager.gotest.failure import shown, skip_reason
from gomanager.gotest.passed import Passed
from gomanager.gotest.running import PackageRun
from gomanager.gotest.settled import Settling
from gomanager.gotest.turns import Turns
from gomanager.gotest.whyfailed import failures as why
from gomanager.gotest.whyfailed import with_owners
from gomanager.results import (
    Attempt,
    CaseResult,
    Cases,
    Failure,
    Kind,
    Label,
    Outcome,
    PackageOutcome,
)


def case_results(settling: Settling) -> Sequence[CaseResult]:
    """All cases of the package in order of their first run, then those that did not run."""
    run = settling.settled.run
    names = list(chain.from_iterable(map(_names, run.entries)))
    known = set(names)
    missing = not_run(run.path, known, settling.asked, run.process, _why_not(settling))
    if len(known) == len(names):
        found = _columns(settling, known, missing)
        raced = any(case.label is Label.RACE for case in found.told)
        return with_owners(tuple(found)) if raced else found
    by_name: dict[str, list[CaseRun]] = {}
    for case in run.cases:  # S60, S83
        by_name.setdefault(case.name, []).append(case)
    children = _children(by_name, by_name)
    results = [
        _case(settling, name, runs, children.get(name), by_name) for name, runs in by_name.items()
    ]
    return with_owners((*results, *missing))


def _names(entry: CaseRun | Passed | Turns) -> Sequence[str]:
    return (entry.name,) if isinstance(entry, CaseRun) else entry.names


def _columns(settling: Settling, known: set[str], missing: Iterable[CaseResult]) -> Cases:
    """Of the cases with something to tell each as a value; ``known``: all names, each ran once."""
    run = settling.settled.run
    names: list[str] = []
    durations: list[int | None] = []
    telling: list[tuple[int, CaseRun]] = []
    for some, took, case in chain.from_iterable(_stretches(one, run) for one in run.entries):
        names += some
        durations += took
        if case is not None and _is_simple(settling, case):
            names.append(case.name)
            durations.append(_duration(run, case))
        elif case is not None:
            telling.append((len(names), case))
    parents = _parents(known)
    by_name = {case.name: [case] for _, case in telling}
    children = {name: list[str]() for name in parents} | _children(by_name, known)
    told = [
        (at, _case(settling, case.name, [case], children.get(case.name), by_name))
        for at, case in telling
    ]
    return Cases(
        names=names,
        durations=durations,
        folds=frozenset(parents.difference(by_name)),
        told=(*told, *((len(names), case) for case in missing)),
        attempt=Attempt(
            n=settling.asked.first_attempt,
            purpose=settling.asked.purpose,
            process=run.process,
            outcome=Outcome.PASS,
            duration_ms=None,
        ),
    )


def _stretches(
    entry: CaseRun | Passed | Turns, run: PackageRun
) -> Iterator[tuple[Sequence[str], Sequence[int], CaseRun | None]]:
    """Names and durations of what passed in one go, and the case behind them."""
    if isinstance(entry, CaseRun):
        yield (), (), entry
        return
    durations = entry.durations(cached=run.cached)
    if isinstance(entry, Passed):
        yield entry.names, durations, None
        return
    for begin, end, case in entry.stretches():
        yield entry.names[begin:end], durations[begin:end], case


def _is_simple(settling: Settling, case: CaseRun) -> bool:
    """It passed, and there is nothing to tell."""
    told = case.chunks or case.attrs or case.artifacts
    endings = settling.settled.endings
    return case.event_outcome is Outcome.PASS and not told and id(case) not in endings


def _duration(run: PackageRun, case: CaseRun) -> int | None:
    return case.old_ms if run.cached else case.own_ms


def _why_not(settling: Settling) -> str:
    match settling.settled.result:
        case PackageOutcome.PASS | PackageOutcome.FAIL:
            return "did not run, though its package finished"
        case PackageOutcome.HOLLOW | PackageOutcome.EMPTY:
            return "did not run"
        case _:
            return "its package died first"


def not_run(
    path: str, known: Iterable[str], asked: Asked, process: int, reason: str
) -> tuple[CaseResult, ...]:
    """The expected top-level functions that have no run at all."""
    return tuple(
        CaseResult(
            name=name,
            attempts=(
                Attempt(
                    n=asked.first_attempt,
                    purpose=asked.purpose,
                    process=process,
                    outcome=Outcome.NOT_RUN,
                    duration_ms=None,
                    reason=reason,
                ),
            ),
        )
        for name in sorted(asked.expected.get(path, frozenset()).difference(known))
    )


def _parents(known: set[str]) -> set[str]:
    """The names that have a child: the parent is the longest prefix that had a run (S12)."""
    found = set()
    for prefix in {name.rpartition("/")[0] for name in known}:
        parent = _nearest(prefix, known)
        if parent:
            found.add(parent)
    return found


def _children(names: Iterable[str], known: Container[str]) -> dict[str, list[str]]:
    """Parent → those of the names that are its children."""
    children: dict[str, list[str]] = {}
    for name in names:
        parent = _nearest(name.rpartition("/")[0], known)
        if parent:
            children.setdefault(parent, []).append(name)
    return children


def _nearest(prefix: str, known: Container[str]) -> str:
    while prefix and prefix not in known:
        prefix = prefix.rpartition("/")[0]
    return prefix


def _case(
    settling: Settling,
    name: str,
    runs: list[CaseRun],
    children: list[str] | None,
    by_name: dict[str, list[CaseRun]],
) -> CaseResult:
    outcome_of = settling.settled.outcome
    bad = children is not None and (
        any(case.child_failed for case in runs)  # S12: of a name with a slash, at its end
        or any(
            outcome_of(case) not in (Outcome.PASS, Outcome.SKIP)
            for child in children
            for case in by_name[child]
        )
    )
    attempts = tuple(
        _attempt(settling, case, settling.asked.first_attempt + i, excused=bad)
        for i, case in enumerate(runs)
    )
    fold = runs[0].nested or (
        children is not None
        and all(
            a.outcome in (Outcome.PASS, Outcome.SKIP) or (bad and not a.failures) for a in attempts
        )
    )
    raced = any(f.kind is Kind.RACE for a in attempts for f in a.failures)
    return CaseResult(
        name=name,
        attempts=attempts,
        fold=fold,
        label=Label.RACE if raced else None,
        attrs=runs[-1].attrs,
        artifacts=runs[-1].artifacts,
    )


def _attempt(
    settling: Settling,
    case: CaseRun,
    n: int,
    *,
    excused: bool,
) -> Attempt:
    """``excused``: a child failed, so that a parent without own error is a fold (S14)."""
    run, asked = settling.settled.run, settling.asked
    outcome = settling.settled.outcome(case)
    ending = settling.settled.endings.get(id(case))
    failures: tuple[Failure, ...] = ()
    if outcome is Outcome.FAIL:
        failures = why(settling, case, excused=excused)
    return Attempt(
        n=n,
        purpose=asked.purpose,
        process=run.process,
        outcome=outcome,
        duration_ms=_duration(run, case),
        failures=failures,
        output="" if outcome is Outcome.SKIP and not asked.keep_output else shown(case.text),
        reason=skip_reason(case.text)
        if outcome is Outcome.SKIP
        else ending.reason
        if ending
        else None,
    )
