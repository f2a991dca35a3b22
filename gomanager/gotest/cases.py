"""Cases of a package as results: attempts with their failures, folds, and what never ran."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gomanager.gotest.asked import Asked
from gomanager.gotest.blame import Ending
from gomanager.gotest.caserun import CaseRun
from gomanager.gotest.crash import Crash
from gomanager.gotest.failure import (
    CaseText,
    case_failures,
    crash_failure,
    exit_failure,
    mentions_race,
    no_message,
    race_failure,
    shown,
    skip_reason,
)
from gomanager.gotest.location import Places
from gomanager.gotest.races import MARK, races
from gomanager.gotest.running import PackageRun
from gomanager.results import Attempt, CaseResult, Failure, Kind, Label, Outcome, PackageOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A package whose cases all have an outcome."""

    run: PackageRun
    result: PackageOutcome
    endings: dict[int, Ending]
    """``id`` of a case run → what its events do not say."""
    crash: Crash | None = None
    holder: CaseRun | None = None
    """The case whose output holds the crash text; ``None``: the package's own."""

    def outcome(self, case: CaseRun) -> Outcome:
        """How the case ended."""
        ending = self.endings.get(id(case))
        if ending is not None:
            return ending.outcome
        return case.event_outcome or Outcome.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """What the text of failures is made from."""

    settled: Settled
    asked: Asked
    places: Places

    @property
    def package(self) -> str:
        """The package relative to its module: part of every fingerprint."""
        path, module = self.settled.run.path, self.asked.module
        return path.removeprefix(module).lstrip("/") if module else path

    @property
    def died(self) -> bool:
        """A panic in a case's text may be real: no bare line says that the tests went on."""
        return self.settled.result in (PackageOutcome.DIED, PackageOutcome.LATE)


def case_results(settling: Settling) -> tuple[CaseResult, ...]:
    """All cases of the package in order of their first run, then those that did not run."""
    run = settling.settled.run
    by_name: dict[str, list[CaseRun]] = {}
    for case in run.cases:
        known = by_name.get(case.name)
        if known is None:
            by_name[case.name] = [case]
        else:
            known.append(case)
    children = _children(by_name)
    simple = _Simple(settling)
    results = tuple(
        (None if name in children else simple.result(runs))
        or _case(settling, name, runs, children.get(name), by_name)
        for name, runs in by_name.items()
    )
    missing = not_run(run.path, by_name, settling.asked, run.process, _why_not(settling))
    return _with_owners((*results, *missing))


class _Simple:
    """Passed cases without anything to tell: nearly all, so they are made without ceremony.

    Their attempts are equal values again and again: one object each.
    """

    def __init__(self, settling: Settling) -> None:
        self._settling = settling
        self._cached = settling.settled.run.cached
        self._odd = settling.asked.keep_output
        self._attempts: dict[int | None, tuple[Attempt]] = {}

    def result(self, runs: list[CaseRun]) -> CaseResult | None:
        """``None`` where the case is not of that kind."""
        case = runs[0]
        if len(runs) > 1 or case.event_outcome is not Outcome.PASS or self._odd:
            return None
        if case.attrs or case.artifacts or id(case) in self._settling.settled.endings:
            return None
        duration = case.old_ms if self._cached else case.own_ms
        attempts = self._attempts.get(duration)
        if attempts is None:
            attempts = self._attempts[duration] = (self._attempt(duration),)
        return CaseResult(name=case.name, attempts=attempts)

    def _attempt(self, duration: int | None) -> Attempt:
        asked, run = self._settling.asked, self._settling.settled.run
        return Attempt(
            n=asked.first_attempt,
            purpose=asked.purpose,
            process=run.process,
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
        failures = _failures(settling, case, excused=excused)
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


def _failures(settling: Settling, case: CaseRun, *, excused: bool) -> tuple[Failure, ...]:
    ending = settling.settled.endings.get(id(case))
    text = CaseText(
        name=case.name,
        pieces=tuple(case.pieces),
        died=settling.died,
        first_child=case.first_child,
    )
    if ending is not None and ending.crash is not None:
        own = crash_failure(ending.crash, settling.places, settling.package, case.name)
        return own, *_assertions(settling, text)
    if ending is not None and ending.exited:
        return (exit_failure(case.name, text.text, settling.package),)
    found = case_failures(text, settling.places, settling.package)
    if excused:  # S14, S15, S19: a crash text on the parent is its leaf's
        kept = {Kind.RACE, Kind.ASSERTION} if text.own_error else {Kind.RACE}
        return tuple(f for f in found if f.kind in kept)
    found = tuple(_reported(settling, case, f) for f in found)
    return (
        found
        or _borrowed(settling, case)
        or _untyped(settling, text)
        or (no_message(text, settling.package),)
    )


def _reported(settling: Settling, case: CaseRun, failure: Failure) -> Failure:
    """S35: a case with a race whose report stands under another case gets that report."""
    if failure.kind is not Kind.RACE or MARK in failure.text:
        return failure
    root = case.name.split("/", 1)[0]
    for other in settling.settled.run.cases:
        if other.event_outcome is Outcome.FAIL:
            for race in races(other.text):
                if root in race.tests:
                    return race_failure(race, settling.places, settling.package)
    return failure


def _assertions(settling: Settling, text: CaseText) -> tuple[Failure, ...]:
    """What it complained about before the process died."""
    plain = CaseText(name=text.name, pieces=text.pieces, died=False)
    return case_failures(plain, settling.places, settling.package)


def _untyped(settling: Settling, text: CaseText) -> tuple[Failure, ...]:
    """Go ≥ 1.27 types frames, but no errors where the marks are off (S6)."""
    plain = CaseText(name=text.name, pieces=(("", text.text),), died=False)
    return case_failures(plain, settling.places, settling.package) if text.typed else ()


def _borrowed(settling: Settling, case: CaseRun) -> tuple[Failure, ...]:
    """S19: the panic text of the nearest ancestor, then of the package."""
    crash = settling.settled.crash
    if crash is None:
        return ()
    holder = settling.settled.holder
    if holder is not None and not case.name.startswith(holder.name + "/"):
        return ()
    return (crash_failure(crash, settling.places, settling.package, case.name),)


def _with_owners(cases: tuple[CaseResult, ...]) -> tuple[CaseResult, ...]:
    """Races: say on the innocent and on the guilty case who stands behind the report (S34)."""
    raced = [case for case in cases if case.label is Label.RACE]
    if not raced:
        return cases
    notes: dict[str, str] = {}
    for case in raced:
        for report in (
            r for a in case.attempts for r in races(a.output) if mentions_race(a.output)
        ):
            others = [test for test in report.tests if test != case.root]
            if others and case.root not in report.tests:
                names = ", ".join(others)
                notes[case.name] = f"the race lies in {names}: it was only reported here"
                notes.update(dict.fromkeys(others, f"its race was reported under {case.name}"))
    if not notes:
        return cases
    return tuple(replace(c, note=notes[c.name]) if c.name in notes else c for c in cases)
