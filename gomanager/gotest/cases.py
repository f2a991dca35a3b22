"""Cases of a package as results: attempts with their failures, folds, and what never ran."""

from collections.abc import Iterable

from gomanager.gotest.asked import Asked
from gomanager.gotest.caserun import CaseRun
from gomanager.gotest.failure import (
    shown,
    skip_reason,
)
from gomanager.gotest.settled import Settling
from gomanager.gotest.whyfailed import failures as why
from gomanager.gotest.whyfailed import with_owners
from gomanager.results import (
    Attempt,
    CaseResult,
    Failure,
    Kind,
    Label,
    Outcome,
    PackageOutcome,
    simply_passed,
)


def case_results(settling: Settling) -> tuple[CaseResult, ...]:
    """All cases of the package in order of their first run, then those that did not run."""
    run = settling.settled.run
    by_name = _by_name(run.cases)
    children = _children(by_name)
    simple = _Simple(settling)
    results = [
        simple.result(runs[0], fold=name in children)
        if simple.fits(runs)
        else _case(settling, name, runs, children.get(name), by_name)
        for name, runs in by_name.items()
    ]
    missing = not_run(run.path, by_name, settling.asked, run.process, _why_not(settling))
    return with_owners((*results, *missing))


def _by_name(cases: list[CaseRun]) -> dict[str, list[CaseRun]]:
    by_name = {case.name: [case] for case in cases}
    if len(by_name) < len(cases):  # S60, S83
        for runs in by_name.values():
            runs.clear()
        for case in cases:
            by_name[case.name].append(case)
    return by_name


class _Simple:
    """Passed cases without anything to tell: nearly all, so they are made without ceremony.

    Their attempts are equal values again and again: one object each.
    """

    def __init__(self, settling: Settling) -> None:
        self._endings = settling.settled.endings
        self._asked = settling.asked
        self._run = settling.settled.run
        self._passed = Outcome.PASS
        self._attempts: dict[int | None, tuple[Attempt]] = {}

    def fits(self, runs: list[CaseRun]) -> bool:
        """Whether a case is of that kind."""
        case = runs[0]
        told = case.chunks or case.attrs or case.artifacts or len(runs) > 1
        return case.event_outcome is self._passed and not told and id(case) not in self._endings

    def result(self, case: CaseRun, *, fold: bool) -> CaseResult:
        """``fold``: it has subtests."""
        duration = case.old_ms if self._run.cached else case.own_ms
        attempts = self._attempts.get(duration)
        if attempts is None:
            attempts = self._attempts[duration] = (self._attempt(duration),)
        return simply_passed(case.name, attempts, fold=fold)

    def _attempt(self, duration: int | None) -> Attempt:
        return Attempt(
            n=self._asked.first_attempt,
            purpose=self._asked.purpose,
            process=self._run.process,
            outcome=Outcome.PASS,
            duration_ms=duration,
        )


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


def _children(by_name: dict[str, list[CaseRun]]) -> dict[str, list[str]]:
    """Parent → children; the parent is the longest prefix that had a run (S12)."""
    children: dict[str, list[str]] = {}
    for name in by_name:
        at = name.rfind("/")
        while at > 0:
            parent = name[:at]
            if parent in by_name:
                children.setdefault(parent, []).append(name)
                break
            at = name.rfind("/", 0, at)
    return children


def _case(
    settling: Settling,
    name: str,
    runs: list[CaseRun],
    children: list[str] | None,
    by_name: dict[str, list[CaseRun]],
) -> CaseResult:
    outcome_of = settling.settled.outcome
    bad = children is not None and any(
        outcome_of(case) not in (Outcome.PASS, Outcome.SKIP)
        for child in children
        for case in by_name[child]
    )
    attempts = tuple(
        _attempt(settling, case, settling.asked.first_attempt + i, excused=bad)
        for i, case in enumerate(runs)
    )
    fold = children is not None and all(
        a.outcome in (Outcome.PASS, Outcome.SKIP) or (bad and not a.failures) for a in attempts
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
    duration = case.old_ms if run.cached else case.own_ms
    ending = settling.settled.endings.get(id(case))
    failures: tuple[Failure, ...] = ()
    if outcome is Outcome.FAIL:
        failures = why(settling, case, excused=excused)
    return Attempt(
        n=n,
        purpose=asked.purpose,
        process=run.process,
        outcome=outcome,
        duration_ms=duration,
        failures=failures,
        output="" if outcome is Outcome.SKIP and not asked.keep_output else shown(case.text),
        reason=skip_reason(case.text)
        if outcome is Outcome.SKIP
        else ending.reason
        if ending
        else None,
    )
