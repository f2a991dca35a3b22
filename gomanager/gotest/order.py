"""What tests run alone and tests run together say about one another.

Pure. ``isolated`` puts beside a first run what its functions did alone before it; ``suspects`` and
``judged`` prove or refute order dependence; ``reduced`` finds the tests that must run before.
"""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gomanager.gotest.explanation import Round
from gomanager.gotest.rerun import add
from gomanager.results import (
    Attempt,
    CaseResult,
    Kind,
    Label,
    Outcome,
    PackageAttempt,
    PackageOutcome,
    PackageResult,
    Purpose,
)

PROOF = 3
"""So many times alone and so many times with its package, all of them agreeing."""
AGAIN = 2
"""A subset of tests shows the failure when it shows it so many times."""
UNTRIED = "passed without the other tests of its package: whether it depends on them is open"
TOGETHER = "passed with the other tests of its package too: it does not depend on their order"
ALONE = "failed without the other tests of its package too: it does not depend on them"
NEEDS = "fails when it runs alone, and passes with its package: it needs what another test leaves"


class Trial(Struct, frozen=True, kw_only=True):
    """What the search saw of one case, in processes of its own and in those of its package."""

    alone: tuple[Outcome, ...]
    together: tuple[Outcome, ...]

    @property
    def proven(self) -> bool:
        """3 of 3 each, which nothing but order explains."""
        alone = len(self.alone) >= PROOF and all(o is Outcome.PASS for o in self.alone)
        beside = len(self.together) >= PROOF and all(o is Outcome.FAIL for o in self.together)
        return alone and beside

    @property
    def refuted(self) -> str | None:
        """Why order is not the reason; ``None`` as long as it may be."""
        if any(outcome is Outcome.FAIL for outcome in self.alone):
            return ALONE
        if any(outcome is Outcome.PASS for outcome in self.together):
            return TOGETHER
        return None


def suspects(package: PackageResult, rounds: Sequence[Round]) -> tuple[str, ...]:
    """Cases that failed with their package and passed when they were rerun by name."""
    if not package.explained:
        return ()
    by_name = {process for one in rounds if one.names for process in one.processes}
    ran_first = {process for a in package.attempts[:1] for process in (a.process,)}
    return tuple(
        case.name
        for case in package.cases
        if case.label is Label.FLAKY
        and any(a.process in ran_first and a.outcome is Outcome.FAIL for a in case.attempts)
        and any(a.process in by_name and a.outcome is Outcome.PASS for a in case.attempts)
    )


def begun(case: CaseResult, rounds: Sequence[Round]) -> Trial:
    """What first run and reruns have shown: a rerun of this case and no other was alone."""
    lone = {p for one in rounds if one.names == (case.name,) for p in one.processes}
    firsts = (a.outcome for a in case.attempts if a.purpose is Purpose.FIRST)
    alone = (a.outcome for a in case.attempts if a.process in lone)
    return Trial(alone=tuple(alone), together=tuple(firsts))


def outcome_of(result: PackageResult, name: str) -> Outcome:
    """How a case ended in one process; ``not_run`` where it is not there."""
    case = next((one for one in result.cases if one.name == name), None)
    return Outcome.NOT_RUN if case is None else case.outcome


def kept(result: PackageResult, names: Iterable[str]) -> PackageResult:
    """A search process with the cases that were asked about, and whatever failed beside them."""
    wanted = frozenset(names)
    cases = tuple(c for c in result.cases if c.name in wanted or c.outcome is Outcome.FAIL)
    return replace(result, cases=cases)


def judged(
    package: PackageResult, trials: dict[str, Trial], after: dict[str, tuple[str, ...]]
) -> PackageResult:
    """The package (search attempts added) with what the trials prove; proof makes it red again."""
    cases = tuple(_judged(case, trials.get(case.name), after) for case in package.cases)
    proven = [case.name for case in cases if case.label is Label.ORDER_DEPENDENT]
    package = raced(replace(package, cases=cases))
    if not proven or not package.explained:
        return package
    note = f"{proven[0]} passes alone and fails with its package"
    return replace(package, explained=False, note=note)


def _judged(case: CaseResult, trial: Trial | None, after: dict[str, tuple[str, ...]]) -> CaseResult:
    if trial is None or case.label is not Label.FLAKY:
        return case
    if not trial.proven:
        return replace(case, note=trial.refuted or UNTRIED)
    before = after.get(case.name, ())
    names = f", after {', '.join(before)}" if before else ""
    alone, beside = len(trial.alone), len(trial.together)
    note = f"passed alone {alone} of {alone}, failed with its package {beside} of {beside}{names}"
    return replace(case, label=Label.ORDER_DEPENDENT, note=note, after=before)


def raced(package: PackageResult) -> PackageResult:
    """A race that a search process reported is a race: nothing clears it."""
    cases = tuple(
        replace(case, label=Label.RACE) if _raced(case) else case for case in package.cases
    )
    own = (a.failures for a in package.attempts if a.purpose is Purpose.SEARCH)
    if cases == package.cases and not any(f.kind is Kind.RACE for fs in own for f in fs):
        return package
    return replace(
        package,
        cases=cases,
        condemned=not package.red or package.explained,
        explained=False,
        note="a race is never cleared by a rerun",
    )


def _raced(case: CaseResult) -> bool:
    return any(
        failure.kind is Kind.RACE
        for attempt in case.attempts
        if attempt.purpose is Purpose.SEARCH
        for failure in attempt.failures
    )


def isolated(package: PackageResult, alone: Sequence[PackageResult]) -> PackageResult:
    """``package`` with what its functions did alone before it: numbered first, listed last.

    What fails alone and passes with its package needs another test: said, never red by itself. A
    failure of the first run stays what it is, whatever passed before it.
    """
    if not alone:
        return package
    first = {case.name: case.outcome for case in package.cases}
    together = alone[0]
    for one in alone[1:]:
        together = add(together, one)
    before = {case.name: case for case in together.cases}
    cases = tuple(
        _isolated(case, before[case.name], first[case.name]) if case.name in before else case
        for case in package.cases
    )
    count = len(together.attempts)
    own = tuple(replace(a, n=a.n + count) for a in package.attempts)
    early = tuple(replace(a, n=n) for n, a in enumerate(together.attempts, 1))
    return raced(replace(package, cases=cases, attempts=(*own, *early)))


def _isolated(case: CaseResult, alone: CaseResult, first: Outcome) -> CaseResult:
    count = len(alone.attempts)
    own: tuple[Attempt, ...] = tuple(replace(a, n=a.n + count) for a in case.attempts)
    early = tuple(replace(a, n=n) for n, a in enumerate(alone.attempts, 1))
    joined = replace(case, attempts=(*own, *early))
    if case.fold or alone.fold or case.label is not None:
        return joined
    if first is Outcome.PASS and any(a.outcome is Outcome.FAIL for a in early):
        return replace(joined, note=NEEDS)
    return joined


def lone_failure(attempt: PackageAttempt) -> bool:
    """True where a process that ran one function alone tells something: it was built and began."""
    return attempt.result not in _SILENT


_SILENT = (PackageOutcome.BUILD, PackageOutcome.VET, PackageOutcome.SETUP, PackageOutcome.MISSING)


def before(package: PackageResult, name: str) -> tuple[str, ...]:
    """Test functions that ran before this case in its first process, in their order."""
    root = name.split("/", 1)[0]
    roots = dict.fromkeys(
        case.root
        for case in package.cases
        if case.attempts[0].purpose is Purpose.FIRST
        and case.attempts[0].outcome is not Outcome.NOT_RUN
    )
    ordered = list(roots)
    return tuple(ordered[: ordered.index(root)]) if root in roots else ()


def reduced(
    tests: Sequence[str], fails: Callable[[tuple[str, ...]], bool | None]
) -> tuple[str, ...] | None:
    """Zeller's ddmin: a smallest list of tests before the victim under which it fails.

    ``fails`` runs a list, ``None``: no more time; then the smallest list so far. ``None`` comes
    back where not even all of them bring the failure about.
    """
    left = tuple(tests)
    if fails(left) is not True:
        return None
    parts = 2
    while len(left) > 1:
        size = -(-len(left) // parts)
        pieces = [left[at : at + size] for at in range(0, len(left), size)]
        smaller = _smaller(pieces, fails)
        if smaller is None:
            return left
        if smaller:
            left, parts = smaller
        elif parts >= len(left):
            return left
        else:
            parts = min(len(left), parts * 2)
    return left


def _smaller(
    pieces: list[tuple[str, ...]], fails: Callable[[tuple[str, ...]], bool | None]
) -> tuple[tuple[str, ...], int] | tuple[()] | None:
    """A piece that suffices, or the rest without one; empty: neither; ``None``: no more time."""
    for piece in pieces:
        answer = fails(piece)
        if answer is None:
            return None
        if answer:
            return piece, 2
    if len(pieces) > 2:
        for index in range(len(pieces)):
            rest = tuple(t for i, piece in enumerate(pieces) if i != index for t in piece)
            answer = fails(rest)
            if answer is None:
                return None
            if answer:
                return rest, max(len(pieces) - 1, 2)
    return ()


def told(package: PackageResult) -> PackageResult:
    """The package as reports tell of it: a search that only confirms a flake is no news.

    The store keeps those attempts; "failed 1 of 2" counts the first one and its reruns.
    """
    if not any(case.label is Label.FLAKY for case in package.cases):
        return package
    return replace(package, cases=tuple(_told(case) for case in package.cases))


def _told(case: CaseResult) -> CaseResult:
    if case.label is not Label.FLAKY:
        return case
    kept = (
        attempt
        for attempt in case.attempts
        if attempt.purpose is not Purpose.SEARCH or attempt.outcome is not Outcome.PASS
    )
    return replace(case, attempts=tuple(kept))
