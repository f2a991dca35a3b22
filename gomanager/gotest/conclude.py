"""From a package's run to its result: every case with its outcome, the package with its reason."""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from gomanager.gotest.asked import Asked
from gomanager.gotest.blame import Ending, ended_by_text, endings, find_holder
from gomanager.gotest.builds import BuildFailure
from gomanager.gotest.caserun import CaseRun
from gomanager.gotest.cases import case_results, not_run
from gomanager.gotest.completeness import bare_line, completeness
from gomanager.gotest.location import Places
from gomanager.gotest.nested import REASON, without_nested
from gomanager.gotest.reasons import package_failures, package_message
from gomanager.gotest.running import PackageRun
from gomanager.gotest.settled import Settled, Settling
from gomanager.gotest.spans import unexplained_ms
from gomanager.results import CaseResult, Outcome, PackageAttempt, PackageOutcome, Warned, told


class Concluded(Struct, frozen=True, kw_only=True):
    """One package, judged."""

    attempt: PackageAttempt
    cases: Sequence[CaseResult]
    environment: bool = False
    anomalies: tuple[str, ...] = ()


def conclude(run: PackageRun, asked: Asked, build: BuildFailure | None) -> Concluded:
    """Judge one process of one package; ``build`` is set where it was never built."""
    if build is not None:
        return _not_built(run, asked, build)
    without_run = _adopt(run)
    inner = without_nested(run)
    unfinished = [case for cases in run.open.values() for case in cases]
    endings_by_text, died_in = _read_frames(run, unfinished)
    failed = _failed(run, endings_by_text)
    result = completeness(
        run,
        failed=bool(failed) or any(e.outcome is Outcome.FAIL for e in endings_by_text.values()),
        unfinished=bool(died_in),
        nothing_ok=asked.nothing_ok,
    )
    settled = Settled(run=run, result=result, endings=endings_by_text)
    if result in (PackageOutcome.DIED, PackageOutcome.LATE):
        settled = _with_crash(settled, died_in, failed)
    by_text = sum(ending.swallowed for ending in endings_by_text.values())
    odd = [f"{by_text} end{'s' * (by_text > 1)} read from text, not from events"] * (by_text > 0)
    odd += [f"{run.path}: {inner} not counted: {REASON}"] * (inner > 0)
    return _conclusion(settled, asked, (*without_run, *odd))


def _adopt(run: PackageRun) -> tuple[str, ...]:
    """S86: cases of which the stream says nothing but their ends; what is odd about them."""
    ends, run.unbegun = run.unbegun, []
    if not ends:
        return ()
    if run.stripped and not run.runs:
        run.cases += ends
        return (f"{len(ends)} end{'s' * (len(ends) > 1)} of cases in a stream of ends only",)
    return (f"{len(ends)} end{'s' * (len(ends) > 1)} without a `run`",)


def not_started(path: str, asked: Asked, process: int, result: PackageOutcome) -> Concluded:
    """A package that was asked for and of which the stream does not speak."""
    attempt = PackageAttempt(
        n=asked.first_attempt,
        purpose=asked.purpose,
        process=process,
        result=result,
        complete=False,
        message="asked for, and never started",
    )
    return Concluded(attempt=attempt, cases=not_run(path, (), asked, process, "never started"))


def _read_frames(
    run: PackageRun, unfinished: Sequence[CaseRun]
) -> tuple[dict[int, Ending], list[CaseRun]]:
    """Ends that only the text shows, and the cases that have none at all."""
    complete = run.end in ("pass", "fail") and bool(bare_line(run, failed=False))
    found, left = dict[int, Ending](), list[CaseRun]()
    times = Counter(case.name for case in run.cases) if unfinished else Counter[str]()
    for case in unfinished:
        ending = ended_by_text(case, complete=complete, several=times[case.name] > 1)
        if ending is None:
            left.append(case)
        else:
            found[id(case)] = ending
    return found, left


def _failed(run: PackageRun, by_text: dict[int, Ending]) -> list[CaseRun]:
    return [
        case
        for case in run.told
        if (case.event_outcome is Outcome.FAIL and not case.nested)
        or (id(case) in by_text and by_text[id(case)].outcome is Outcome.FAIL)
    ]


def _with_crash(
    settled: Settled, unfinished: Sequence[CaseRun], failed: Sequence[CaseRun]
) -> Settled:
    run = settled.run
    passed = [case for case in run.cases if case.quotes_crash]
    crash, holder = find_holder(run, unfinished, [*failed, *passed])
    found = endings(run, unfinished, crash, holder)
    for case in run.cases:  # S81
        if case.own_summary and not run.end:
            reason = "the process left with 0 while it ran"
            found[id(case)] = Ending(outcome=Outcome.UNKNOWN, reason=reason)
    return Settled(
        run=run,
        result=settled.result,
        endings={**settled.endings, **found},
        crash=crash,
        holder=holder,
    )


def _conclusion(settled: Settled, asked: Asked, anomalies: tuple[str, ...]) -> Concluded:
    run, result = settled.run, settled.result
    places = Places(asked=asked, package=run.path)
    settling = Settling(settled=settled, asked=asked, places=places)
    cases = case_results(settling)
    missing = tuple(c.name for c in told(cases) if c.attempts[-1].outcome is Outcome.NOT_RUN)
    failures = package_failures(settling)
    hollow_ok = result is PackageOutcome.HOLLOW and run.path in asked.hollow_ok
    complete = result in _FINISHED and not (asked.failfast and result is PackageOutcome.FAIL)
    attempt = PackageAttempt(
        n=asked.first_attempt,
        purpose=asked.purpose,
        process=run.process,
        result=PackageOutcome.EMPTY if hollow_ok else result,
        complete=complete,
        cached=run.cached,
        duration_ms=None if run.elapsed is None else max(0, round(run.elapsed * 1000)),
        seed=run.seed,
        message=package_message(settling, failures, missing, hollow_ok=hollow_ok),
        failures=failures,
        output=run.text,
        exited_zero=run.end == "pass" and result.red,
        warnings=tuple(Warned(case=case or None, text=text) for case, text in run.warnings),
        unexplained_ms=unexplained_ms(run, race=asked.race) if complete else None,
    )
    return Concluded(attempt=attempt, cases=cases, anomalies=anomalies)


_FINISHED = frozenset(
    {PackageOutcome.PASS, PackageOutcome.EMPTY, PackageOutcome.FAIL, PackageOutcome.MASKED}
)


def _not_built(run: PackageRun, asked: Asked, build: BuildFailure) -> Concluded:
    attempt = PackageAttempt(
        n=asked.first_attempt,
        purpose=asked.purpose,
        process=run.process,
        result=build.result,
        complete=False,
        message=build.failure.message,
        failures=(build.failure,),
        output=run.text,
    )
    cases = not_run(run.path, (), asked, run.process, f"{build.result.value} failed")
    return Concluded(attempt=attempt, cases=cases, environment=build.environment)
