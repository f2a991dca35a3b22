"""The order of packages and cases in every report: what needs a look comes first."""

from collections.abc import Iterable
from operator import attrgetter

from gomanager.results import CaseResult, Label, Outcome, PackageResult

_OUTCOMES = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.NOT_RUN, Outcome.SKIP)


def package_order(package: PackageResult) -> tuple[int, str]:
    """Broken packages, failed, flaky, the rest; then by path."""
    if package.result.broken:
        rank = 0
    elif package.red:
        rank = 1
    else:
        rank = 2 if package.explained else 3
    return rank, package.path


def in_order(
    package: PackageResult, cases: Iterable[CaseResult]
) -> tuple[list[CaseResult], list[CaseResult]]:
    """Failed, unfinished, not run, flaky, skipped cases; those that passed; each then by name.

    ``cases``: all of the package, or those that are not known to have simply passed.

    Nearly all cases passed: they are sorted by nothing but their names.
    """
    first = [c for c in package.remarkable if c.outcome in _OUTCOMES or c.label is Label.FLAKY]
    before = set(map(id, first))
    passed = [case for case in cases if id(case) not in before]
    return sorted(first, key=_rank), sorted(passed, key=attrgetter("name"))


def _rank(case: CaseResult) -> tuple[float, str]:
    rank = _OUTCOMES.index(case.outcome) if case.outcome in _OUTCOMES else len(_OUTCOMES)
    return (2.5 if case.label is Label.FLAKY and rank > 2 else rank), case.name
