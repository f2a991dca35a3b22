"""Findings about what failed: cases, packages, builds; each thing once, the cause before its effects."""

import re
from collections.abc import Iterable, Iterator, Sequence

from gomanager.analysis import lost
from gomanager.analysis.finding import Context, Finding
from gomanager.analysis.place import Place, names
from gomanager.results import (
    Attempt,
    CaseResult,
    Failure,
    Kind,
    Label,
    Outcome,
    PackageOutcome,
    PhaseResult,
    Purpose,
    Severity,
)
from gomanager.text import first_line

STRESS = 20
"""A flaky case is started so often by its command, until it fails."""
_TOLD = 20
"""Attempts that are told one by one."""
_SEED = re.compile(r"^\s*go test -run=(Fuzz\w*/[0-9a-f]+)\s*$", re.MULTILINE)
_TIMED_OUT = re.compile(r"timed out after (\d[\w.]*)")
_BUILDS = (PackageOutcome.BUILD, PackageOutcome.VET, PackageOutcome.SETUP)
_FALSE_GREEN = {
    PackageOutcome.HOLLOW: "false green: TestMain exited 0 without running tests",
    PackageOutcome.MASKED: "false green: a test failed, and TestMain's exit code 0 hides it",
    PackageOutcome.MISSING: "asked for, and never started",
}


def of_packages(phase: PhaseResult, context: Context) -> Iterator[Finding]:
    """Cases and packages of one phase, builds left out: those are counted over all phases."""
    for package in phase.packages:
        at = Place(phase, package, context)
        cases = tuple(_cases(at))
        own = tuple(_package(at, cases))
        yield from lost.with_lost(at, (*own, *cases))


def of_builds(phases: Sequence[PhaseResult], context: Context) -> Iterator[Finding]:
    """One finding for each thing that was not built, whatever number of packages it stops (S46)."""
    found: dict[tuple[str, str], list[Place]] = {}
    for phase in phases:
        for package in phase.packages:
            if package.result in _BUILDS:
                at = Place(phase, package, context)
                failure = _first_failure(at)
                found.setdefault(_same(failure, package.path), []).append(at)
    for places in found.values():
        yield _build(places)


def _same(failure: Failure | None, path: str) -> tuple[str, str]:
    """Equal for what is one mistake: a place and a message, else the whole text."""
    if failure is None:
        return "", path
    return failure.kind.value, failure.message if ":" in failure.message else failure.text


def _cases(at: Place) -> Iterator[Finding]:
    """Failed and flaky cases; a race that two cases report is one finding (S35)."""
    races: dict[str, list[str]] = {}
    for case in at.package.remarkable:
        if not case.fold and case.outcome is Outcome.FAIL and (mark := _race_mark(case)):
            races.setdefault(mark, []).append(case.name)
    for case in at.package.remarkable:
        if case.fold:
            continue
        if case.label is Label.FLAKY and case.outcome is Outcome.PASS:
            yield _flaky(at, case)
        elif case.outcome is Outcome.PASS and (doubt := _failed_in_search(case)):
            yield _brittle(at, case, doubt)
        elif case.outcome is Outcome.FAIL:
            together = races.get(_race_mark(case), [case.name])
            if together[0] == case.name:
                yield _failed(at, case, tuple(together[1:]))


def _race_mark(case: CaseResult) -> str:
    failures = _failures(case)
    return failures[0].fingerprint if failures and failures[0].kind is Kind.RACE else ""


def _failures(case: CaseResult) -> tuple[Failure, ...]:
    """What the first failed attempt says."""
    return next((a.failures for a in case.attempts if a.outcome is Outcome.FAIL), ())


def _failed(at: Place, case: CaseResult, twins: tuple[str, ...]) -> Finding:
    failures = _failures(case)
    first = failures[0] if failures else None
    evidence = list(_attempt_evidence(case))
    if twins:
        evidence.append(f"the same race is reported under {names(twins)}")
    message = first.message if first else "failed without an error message"
    return at.finding(
        Severity.CRITICAL,
        (first.kind if first else Kind.UNKNOWN).value,
        f"{case.name}: {first_line(message)}",
        case=case.name,
        text=_text(failures) or _output(case),
        file=first.file if first and first.file else case.file,
        line=first.line if first and first.file else case.line,
        reproduce=_again(at, case, first, twins),
        evidence=tuple(evidence),
    )


def _failed_in_search(case: CaseResult) -> Attempt | None:
    """The failed attempt of a search about a case that passed where it counts."""
    if len(case.attempts) == 1:
        return None
    search = (a for a in case.attempts if a.purpose is Purpose.SEARCH)
    return next((a for a in search if a.outcome is Outcome.FAIL), None)


def _brittle(at: Place, case: CaseResult, attempt: Attempt) -> Finding:
    """Passed with its package, failed in a search: no red by itself, and never silent."""
    first = next(iter(attempt.failures), None)
    message = first_line(first.message) if first else "failed without an error message"
    why = "fails alone" if case.note else "failed once in a search"
    return at.finding(
        Severity.WARNING,
        "order",
        f"{case.name} {why}: {message}",
        case=case.name,
        text=_text(attempt.failures) or attempt.output.strip("\n"),
        file=first.file if first and first.file else case.file,
        line=first.line if first and first.file else case.line,
        reproduce=at.line(case.name),
        evidence=tuple(_attempt_evidence(case)),
    )


def _again(
    at: Place, case: CaseResult, first: Failure | None, twins: tuple[str, ...]
) -> str | None:
    """What shows the failure again: its kind may need more than the test's name."""
    if case.label is Label.ORDER_DEPENDENT:
        return at.line(*case.after, *((case.name,) if case.after else ()), seed=_seed(at))
    if first is None:
        return at.line(case.name)
    if first.kind is Kind.RACE:
        # S34: reported under an innocent test, it shows again only beside the guilty one.
        alone = () if case.note is not None else (case.name, *twins)
        return at.line(*alone, more=("-race",))
    # S63: the input that fuzzing found is a subtest now, under the name that Go gives.
    seed = _SEED.search(first.text)
    return at.line(seed[1] if seed else case.name, more=_limits(first))


def _seed(at: Place) -> int | None:
    return at.package.attempts[0].seed


def _limits(failure: Failure) -> tuple[str, ...]:
    """The time limit that was exceeded: without it the test hangs for ten minutes."""
    limit = _TIMED_OUT.search(failure.message) if failure.kind is Kind.TIMEOUT else None
    return (f"-timeout={limit[1]}",) if limit else ()


def _flaky(at: Place, case: CaseResult) -> Finding:
    failures = _failures(case)
    first = failures[0] if failures else None
    total = len(case.attempts)
    bad = sum(a.outcome in (Outcome.FAIL, Outcome.UNKNOWN) for a in case.attempts)
    evidence = [f"failed {bad} of {total} attempts", *_attempt_evidence(case)]
    before = at.context.flakes.get((at.phase.name, at.package.path, case.name), 0)
    evidence += [f"flaky in {before} earlier run{'s' * (before != 1)}"] if before else []
    message = first_line(first.message) if first else case.note or "no result, then passed"
    return at.finding(
        Severity.WARNING,
        "flaky",
        f"{case.name} failed {bad} of {total}, then passed: {message}",
        case=case.name,
        text=_text(failures),
        file=first.file if first and first.file else case.file,
        line=first.line if first and first.file else case.line,
        reproduce=at.line(case.name, count=STRESS),
        evidence=tuple(evidence),
    )


def _attempt_evidence(case: CaseResult) -> Iterator[str]:
    if len(case.attempts) > _TOLD:
        bad = sum(a.outcome in (Outcome.FAIL, Outcome.UNKNOWN) for a in case.attempts)
        yield f"failed {bad} of {len(case.attempts)} attempts"
    elif len(case.attempts) > 1:
        for attempt in sorted(case.attempts, key=lambda a: a.n):
            yield f"attempt {attempt.n} ({attempt.purpose.value}): {_ended(attempt)}"
    if case.label is not None and case.label is not Label.FLAKY:
        if case.note:
            yield f"{case.label.value}: {case.note}"
        elif case.label is not Label.UNRESOLVED:
            yield case.label.value
    elif case.note:
        yield case.note


def _ended(attempt: Attempt) -> str:
    said = first_line(attempt.failures[0].message, 200) if attempt.failures else attempt.reason
    return f"{attempt.outcome.value}: {said}" if said else attempt.outcome.value


def _text(failures: Iterable[Failure]) -> str:
    texts = (f.text.strip("\n") or f.message for f in failures)
    return "\n\n".join(dict.fromkeys(text for text in texts if text.strip()))


def _output(case: CaseResult) -> str:
    return next((a.output for a in case.attempts if a.outcome is Outcome.FAIL), "").strip("\n")


def _first_failure(at: Place) -> Failure | None:
    return next(iter(at.deciding.failures), None)


def _package(at: Place, cases: Sequence[Finding]) -> Iterator[Finding]:
    """What the package itself did wrong; silent where a case says it already."""
    package = at.package
    result = package.result
    if result in _BUILDS or _stopped_by_us(at):
        return
    attempt = at.deciding
    if package.explained:
        if not any(one.kind == "flaky" for one in cases):
            yield _flaky_package(at)
        return
    said = {f.fingerprint for c in package.remarkable for a in c.attempts for f in a.failures}
    failures = [f for f in attempt.failures if not f.fingerprint or f.fingerprint not in said]
    critical = any(one.severity is Severity.CRITICAL for one in cases)
    if not package.red or (critical and not failures and result not in _FALSE_GREEN):
        return
    message = failures[0].message if failures else attempt.message or package.note or result.value
    title = _FALSE_GREEN.get(result) or first_line(message)
    first = failures[0] if failures else None
    kind = first.kind.value if first and result not in _FALSE_GREEN else _kind(result)
    text = _text(failures) or attempt.output.strip("\n")
    evidence = [message] if first_line(message) not in title + text else []
    if attempt.exited_zero or at.phase.exit_code == 0:
        evidence.append("go reported success")
    evidence += [f"not explained by a rerun: {package.note}"] if package.note else []
    yield at.finding(
        Severity.CRITICAL,
        kind,
        f"{package.path}: {title}",
        text=text,
        file=first.file if first else None,
        line=first.line if first else None,
        reproduce=at.line(seed=attempt.seed, more=_needs(first)),
        evidence=tuple(evidence),
    )


def _stopped_by_us(at: Place) -> bool:
    """Cut short or never begun in an interrupted phase: the phase says so once."""
    if not at.phase.interrupted:
        return False
    kinds = {failure.kind for failure in at.deciding.failures}
    match at.package.result:
        case PackageOutcome.MISSING:
            return True
        case PackageOutcome.DIED:
            return kinds <= {Kind.UNKNOWN, Kind.EXIT, Kind.KILLED}
        case _:
            return False


def _needs(failure: Failure | None) -> tuple[str, ...]:
    if failure is None:
        return ()
    return ("-race",) if failure.kind is Kind.RACE else _limits(failure)


def _kind(result: PackageOutcome) -> str:
    return "unknown" if result is PackageOutcome.FAIL else result.value


def _flaky_package(at: Place) -> Finding:
    first = at.package.attempts[0]
    why = at.package.note or f"{first.message or first.result.value}, then passed"
    total = len(at.package.attempts)
    bad = sum(a.result.red for a in at.package.attempts)
    return at.finding(
        Severity.WARNING,
        "flaky",
        f"{at.package.path}: {first_line(why)}",
        text=_text(first.failures),
        reproduce=at.line(count=STRESS, seed=first.seed),
        evidence=(f"failed {bad} of {total} attempts",),
    )


def _build(places: Sequence[Place]) -> Finding:
    at = places[0]
    failure = _first_failure(at)
    message = failure.message if failure else at.package.attempts[0].message or "not built"
    stopped = dict.fromkeys(place.package.path for place in places)
    silent = sum(c.outcome is Outcome.NOT_RUN for p in places for c in p.package.cases)
    evidence = [f"stops {len(stopped)} packages: {names(stopped)}"] if len(stopped) > 1 else []
    phases = dict.fromkeys(place.phase.name for place in places)
    evidence += [f"in the phases {', '.join(phases)}"] if len(phases) > 1 else []
    evidence += [f"{silent} test{'s' * (silent != 1)} did not run"] if silent else []
    return at.finding(
        Severity.CRITICAL,
        (failure.kind if failure else Kind.BUILD).value,
        f"{at.package.path}: {first_line(message)}",
        text=failure.text if failure else at.package.attempts[0].output,
        file=failure.file if failure else None,
        line=failure.line if failure else None,
        reproduce=at.line(only_build=True),
        evidence=tuple(evidence),
    )
