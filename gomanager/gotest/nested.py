"""Failures of a testing run inside a test: the test expects them, and the binary does not count them (S87)."""

from collections.abc import Iterable

from gomanager.gotest.caserun import CaseRun, moment
from gomanager.gotest.running import PackageRun
from gomanager.results import Outcome

REASON = "failed in a testing run inside a passing test, which expects that"


def without_nested(run: PackageRun) -> int:
    """Mark the failed cases that ``testing.RunTests`` ran inside a passing test; their number.

    A binary whose own tests fail says FAIL. One that says PASS, and nothing else, has failed cases
    only where its tests run others: below a parent that passed, which no real subtest can fail, or
    while another test was running that never waited for its turn. One failure that neither
    explains leaves all of them what they look like.
    """
    if run.end != "pass" or {word for word, _ in run.bare} != {"PASS"}:
        return 0
    failed = [case for case in run.told if case.event_outcome is Outcome.FAIL]
    if not failed:
        return 0
    passed = [c for c in run.cases if "/" not in c.name and c.event_outcome is Outcome.PASS]
    names = {case.name for case in passed}
    for root in {case.name.partition("/")[0] for case in failed} - names:
        if not _inside(root, failed, passed):
            return 0
    for case in failed:
        case.nested = True
    _leave_the_outer(run, failed)
    return len(failed)


def _inside(root: str, failed: Iterable[CaseRun], passed: Iterable[CaseRun]) -> bool:
    """It ran from its begin to its end while a passing test ran."""
    for case in failed:
        if case.name == root:
            began, until = moment(case.began), moment(case.until)
            if case.waited or began is None or until is None:
                return False
            return any(
                not outer.waited
                and (span := outer.span) is not None
                and span[0] <= began <= until <= span[1]
                for outer in passed
            )
    return False


def _leave_the_outer(run: PackageRun, failed: Iterable[CaseRun]) -> None:
    """An inner run under the name of the outer one says nothing about that."""
    doubled = {case.name for case in failed} & {c.name for c in run.cases if not c.nested}
    if doubled:
        run.cases = [case for case in run.cases if not (case.nested and case.name in doubled)]
