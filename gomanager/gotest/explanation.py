"""What reruns prove: a label for each failed case, and whether its package is explained.

A rerun never deletes or hides the first attempt. Whatever is not proven stays red.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from gomanager.gotest.rerun import has_race
from gomanager.results import (
    Attempt,
    CaseResult,
    Kind,
    Label,
    Outcome,
    PackageOutcome,
    PackageResult,
    Purpose,
)

_ENDED = (Outcome.PASS, Outcome.FAIL, Outcome.SKIP)


class Round(Struct, frozen=True, kw_only=True):
    """One rerun of a package as it ended; without ``names`` it was the whole package."""

    names: tuple[str, ...]
    result: PackageResult
    exit_code: int | None

    @property
    def sound(self) -> bool:
        """The process finished its tests and said so: what passed in it has passed."""
        return all(a.complete and not a.result.broken for a in self.result.attempts)

    @property
    def processes(self) -> frozenset[int]:
        """Numbers of the test binary's processes."""
        return frozenset(attempt.process for attempt in self.result.attempts)


def conclude(
    package: PackageResult,
    rounds: Sequence[Round],
    *,
    expected: frozenset[str] = frozenset(),
    why_not: str = "not rerun",
) -> PackageResult:
    """``package`` (all attempts merged) with labels; ``explained`` only if nothing speaks against it.

    ``expected`` are the names that must have an end; ``why_not`` is said of what was not rerun.
    """
    if not package.red:
        return package
    sound = frozenset().union(*(r.processes for r in rounds if r.sound))
    race = has_race(package)
    cases = tuple(_labelled(case, sound, race=race, why_not=why_not) for case in package.cases)
    labelled = replace(package, cases=cases)
    if not rounds:
        return replace(labelled, note=package.note or why_not or None)
    reason = _unexplained(labelled, rounds, expected)
    if reason is not None:
        return replace(labelled, note=reason)
    return _explained(labelled)


def _explained(package: PackageResult) -> PackageResult:
    first = package.attempts[0]
    if any(case.label is Label.FLAKY for case in package.cases):
        return replace(package, explained=True)
    # Nobody is accused where several cases ran when the process ended: the package is flaky.
    lost = [c for c in package.cases if not c.fold and c.attempts[0].outcome is Outcome.UNKNOWN]
    note = f"{first.message or first.result}, then passed in a fresh process"
    if len(lost) != 1:
        return replace(package, explained=True, note=note)
    flaky = replace(lost[0], label=Label.FLAKY, note="ended without a result, then passed")
    cases = tuple(flaky if case is lost[0] else case for case in package.cases)
    return replace(package, explained=True, note=note, cases=cases)


def _unexplained(
    package: PackageResult, rounds: Sequence[Round], expected: frozenset[str]
) -> str | None:
    """What speaks against it, the first that does."""
    last = rounds[-1]
    if has_race(package):
        return "a race is never cleared by a rerun"
    broken = next((a for r in rounds for a in r.result.attempts if a.result.broken), None)
    if broken is not None:
        return f"the rerun did not finish: {broken.message or broken.result}"
    for case in package.cases:
        reason = _open(case)
        if reason is not None:
            return f"{case.name} {reason}"
    if last.exit_code != 0:
        return f"go exited {last.exit_code} after the rerun"
    if last.result.attempts[-1].result is not PackageOutcome.PASS:
        return "no test ran again"
    lost = _lost(package, last, expected)
    return f"{lost} did not run" if lost else None


def _open(case: CaseResult) -> str | None:
    """Why a case still stands against its package; ``None`` where it does not."""
    failed = any(a.outcome is Outcome.FAIL for a in case.attempts)
    if not failed or case.fold:  # a fold stands and falls with its children
        return None
    if case.label is Label.FLAKY and case.outcome is Outcome.PASS:
        return None
    if case.label is Label.CONSISTENT:
        return "failed again"
    return case.note or "is not explained"


def _lost(package: PackageResult, last: Round, expected: frozenset[str]) -> str | None:
    """A case of the expected set without an end, in the whole-package rerun or in any attempt."""
    cases = last.result.cases if not last.names else package.cases
    ended = {case.name for case in cases if any(a.outcome in _ENDED for a in case.attempts)}
    seen = {case.name for case in package.cases if case.attempts[0].outcome is not Outcome.NOT_RUN}
    return min((expected | seen) - ended, default=None)


def _labelled(case: CaseResult, sound: frozenset[int], *, race: bool, why_not: str) -> CaseResult:
    failed = [a for a in case.attempts if a.outcome is Outcome.FAIL]
    if any(f.kind is Kind.RACE for a in case.attempts for f in a.failures):
        return replace(case, label=Label.RACE)
    if not failed or case.fold:
        return case
    reruns = [a for a in case.attempts if a.purpose is Purpose.RERUN]
    label, note = _judged(case, failed, reruns, sound)
    if race:
        label, note = Label.UNRESOLVED, "its package holds a race"
    elif not reruns and not any(a.purpose is Purpose.RERUN for a in failed):
        note = _not_again(case, sound, why_not)
    return replace(case, label=label, note=note or None)


def _not_again(case: CaseResult, sound: frozenset[int], why_not: str) -> str:
    if not sound:
        return why_not
    return "did not run again" + (": its name changes" if "/" in case.name else "")


def _judged(
    case: CaseResult, failed: Sequence[Attempt], reruns: Sequence[Attempt], sound: frozenset[int]
) -> tuple[Label, str | None]:
    passed = any(a.outcome is Outcome.PASS and a.process in sound for a in reruns)
    if failed[0].purpose is Purpose.RERUN:
        return Label.UNRESOLVED, "failed only in the rerun"
    if passed and case.outcome is Outcome.PASS:
        return Label.FLAKY, None
    if reruns and all(a.outcome is Outcome.FAIL for a in case.attempts):
        prints = {f.fingerprint for a in failed for f in a.failures[:1]}
        return Label.CONSISTENT, "fails in different ways" if len(prints) > 1 else None
    if any(a.outcome is Outcome.SKIP for a in reruns):
        return Label.UNRESOLVED, "was skipped in the rerun"
    if reruns:
        return Label.UNRESOLVED, "the rerun proved nothing"
    return Label.UNRESOLVED, None
