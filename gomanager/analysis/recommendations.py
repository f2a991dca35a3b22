"""What to do next, each piece of advice with what this run or history shows for it; often nothing."""

from collections.abc import Iterable, Iterator, Sequence

from gomanager.analysis.finding import Advice, Context, Finding, Recommendation
from gomanager.analysis.machine import cause
from gomanager.analysis.place import Place, names
from gomanager.results import (
    CaseResult,
    Kind,
    Label,
    Outcome,
    PackageOutcome,
    PhaseResult,
    Run,
    Severity,
)

_BUILDS = ("build", "vet", "setup")
_RED = (Outcome.FAIL, Outcome.UNKNOWN)
_SHOWN = 10
_SPARE_MS = 1000
_RACE_EXIT_MS = 1000
"""A green binary with -race sleeps a second at its exit, to find late races."""


def recommendations(
    run: Run,
    findings: Sequence[Finding] = (),
    context: Context | None = None,
    untested: Sequence[str] = (),
) -> tuple[Recommendation, ...]:
    """Immediate fixes, reliability, performance, new tests; in that order.

    ``untested`` are the places of changed code that no test runs, from the coverage analysis.
    """
    context = context or Context()
    places = tuple(
        Place(phase, package, context) for phase in run.phases for package in phase.packages
    )
    found = [
        *_machine(findings),
        *_builds(findings),
        *_false_greens(places),
        *_failed(places),
        *_races(findings),
        *_flaky(places),
        *_ordered(findings),
        *_orphans(places),
        *_all_skipped(run.phases),
        *_unexplained_time(places),
        *_slow(findings),
        *_untested(places, untested),
    ]
    order = list(Advice)
    return tuple(sorted(found, key=lambda one: order.index(one.kind)))


def _machine(findings: Sequence[Finding]) -> Iterator[Recommendation]:
    """The fix that a note of the environment or the configuration names."""
    for one in findings:
        fixes = [text[5:] for text in one.evidence if text.startswith("fix: ")]
        if one.kind in ("environment", "configuration") and fixes:
            yield Recommendation(kind=Advice.IMMEDIATE, text=fixes[0], evidence=(one.title,))


def _builds(findings: Sequence[Finding]) -> Iterator[Recommendation]:
    broken = [f for f in findings if f.kind in _BUILDS and f.severity is Severity.CRITICAL]
    for one in broken:
        yield Recommendation(
            kind=Advice.IMMEDIATE,
            text=f"make {one.package} build first: it hides every other result",
            evidence=(one.title, *one.evidence),
            command=one.reproduce,
        )


def _false_greens(places: Iterable[Place]) -> Iterator[Recommendation]:
    for at in places:
        match at.package.result:
            case PackageOutcome.HOLLOW:
                text = (
                    f"let TestMain of {at.package.path} return the code of m.Run(), "
                    "and skip with t.Skip what cannot run"
                )
            case PackageOutcome.MASKED:
                text = f"let TestMain of {at.package.path} leave with os.Exit(m.Run())"
            case _:
                continue
        message = at.deciding.message or at.package.result.value
        yield Recommendation(
            kind=Advice.IMMEDIATE, text=text, evidence=(message,), command=at.line()
        )


def _failed(places: Iterable[Place]) -> Iterator[Recommendation]:
    """One command for all that failed in a package: they often share a cause.

    What the machine lacks is no fault of theirs, and has its own advice.
    """
    for at in places:
        cases = [c for c in at.package.remarkable if c.outcome is Outcome.FAIL and not c.fold]
        cases = [c for c in cases if cause(c) is None]
        cases = [c for c in cases if c.label not in (Label.RACE, Label.ORDER_DEPENDENT)]
        if not cases:
            continue
        what = cases[0].name if len(cases) == 1 else f"{len(cases)} failing tests"
        yield Recommendation(
            kind=Advice.IMMEDIATE,
            text=f"fix {what} in {at.package.path}",
            evidence=tuple(_headlines(cases)),
            command=at.line(*(case.name for case in cases)),
        )


def _headlines(cases: Sequence[CaseResult]) -> Iterator[str]:
    for case in cases[:_SHOWN]:
        bad = next((a for a in case.attempts if a.outcome in _RED), None)
        said = bad and (bad.failures[0].message if bad.failures else bad.reason)
        yield f"{case.name}: {said}" if said else case.name
    if len(cases) > _SHOWN:
        yield f"{len(cases) - _SHOWN} more"


def _races(findings: Sequence[Finding]) -> Iterator[Recommendation]:
    for one in findings:
        if one.kind == Kind.RACE.value:
            where = f"{one.file}:{one.line}" if one.file else str(one.package)
            yield Recommendation(
                kind=Advice.IMMEDIATE,
                text=f"guard the data that two goroutines share at {where}: "
                "a rerun never clears a race",
                evidence=(one.title,),
                command=one.reproduce,
            )


def _flaky(places: Iterable[Place]) -> Iterator[Recommendation]:
    for at in places:
        for case in at.package.remarkable:
            if case.label is not Label.FLAKY:
                continue
            bad = sum(a.outcome in _RED for a in case.attempts)
            before = at.context.flakes.get((at.phase.name, at.package.path, case.name), 0)
            evidence = [f"failed {bad} of {len(case.attempts)} attempts in this run"]
            evidence += [f"flaky in {before} earlier run{'s' * (before != 1)}"] if before else []
            evidence += list(_headlines([case]))
            yield Recommendation(
                kind=Advice.RELIABILITY,
                text=f"make {case.name} in {at.package.path} deterministic",
                evidence=tuple(evidence),
                command=at.line(case.name, count=50),
            )


def _ordered(findings: Sequence[Finding]) -> Iterator[Recommendation]:
    """A test that needs others, or that others break: what it shares must be set up by itself."""
    marks = (f"{Label.ORDER_DEPENDENT.value}: ", "fails when it runs alone")
    for one in findings:
        if one.case and any(text.startswith(marks) for text in one.evidence):
            yield Recommendation(
                kind=Advice.RELIABILITY,
                text=f"make {one.case} in {one.package} independent of the tests around it",
                evidence=tuple(text for text in one.evidence if text.startswith(marks)),
                command=one.reproduce,
            )


def _orphans(places: Iterable[Place]) -> Iterator[Recommendation]:
    """A child process that outlives the tests holds their output open (S39)."""
    for at in places:
        if any(f.kind is Kind.ORPHAN for a in at.package.attempts for f in a.failures):
            yield Recommendation(
                kind=Advice.RELIABILITY,
                text=f"stop in t.Cleanup the processes that tests of {at.package.path} start",
                evidence=(at.deciding.message or "Test I/O incomplete",),
                command=at.line(),
            )


def _all_skipped(phases: Iterable[PhaseResult]) -> Iterator[Recommendation]:
    """A phase whose every case skips itself proves nothing, day after day."""
    for phase in phases:
        told = (c for p in phase.packages for c in p.remarkable if not c.fold)
        skipped = [c for c in told if c.outcome is Outcome.SKIP]
        if not skipped or len(skipped) < (total := phase.counts.cases):
            continue
        reasons = dict.fromkeys(c.attempts[-1].reason or "no reason given" for c in skipped)
        yield Recommendation(
            kind=Advice.RELIABILITY,
            text=f"give phase {phase.name} what its tests need: all of them skip themselves",
            evidence=(f"{len(skipped)} of {total} skipped: {names(reasons)}",),
        )


def _unexplained_time(places: Iterable[Place]) -> Iterator[Recommendation]:
    """Time of a package outside its cases: a slow TestMain, or an orphan that left (S40)."""
    for at in places:
        attempt = at.package.attempts[0]
        raced = at.phase.variant is not None and at.phase.variant.race
        spare = (attempt.unexplained_ms or 0) - (_RACE_EXIT_MS if raced else 0)
        if attempt.cached or spare < max(_SPARE_MS, (attempt.duration_ms or 0) // 5):
            continue
        took = "" if attempt.duration_ms is None else f" of {attempt.duration_ms / 1000:.1f} s"
        yield Recommendation(
            kind=Advice.PERFORMANCE,
            text=f"look at TestMain, init and child processes of {at.package.path}",
            evidence=(f"{spare / 1000:.1f} s{took} are not explained by its tests",),
            command=at.line(),
        )


def _slow(findings: Sequence[Finding]) -> Iterator[Recommendation]:
    """Only what became slower: a test that was always slow may have its reasons."""
    for one in findings:
        if one.kind == "slow" and one.severity is Severity.WARNING:
            yield Recommendation(
                kind=Advice.PERFORMANCE,
                text=f"find out why {one.case} in {one.package} became slower",
                evidence=(one.title, *one.evidence),
                command=one.reproduce,
            )


def _untested(places: Iterable[Place], untested: Sequence[str]) -> Iterator[Recommendation]:
    """Changed code that no test runs, and changed packages without any test."""
    if untested:
        more = len(untested) - _SHOWN
        yield Recommendation(
            kind=Advice.TESTS,
            text="write tests for the changed code that none runs",
            evidence=(*untested[:_SHOWN], *((f"{more} more",) if more > 0 else ())),
            command="gomanager run --cover",
        )
    tested = {at.package.path for at in places if at.package.cases or _broken(at)}
    seen: set[str] = set()
    for at in places:
        path = at.package.path
        bare = at.package.build_only or at.package.result is PackageOutcome.EMPTY
        if not bare or path in tested or path in seen or path not in at.context.changed:
            continue
        seen.add(path)
        yield Recommendation(
            kind=Advice.TESTS,
            text=f"write a first test for {path}",
            evidence=("the change touches it, and no test in it ran",),
            command=at.line(),
        )


def _broken(at: Place) -> bool:
    return at.package.result.broken
