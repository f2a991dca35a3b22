"""Failures of a testing run inside a test: the test expects them, and the binary does not count them (S87)."""

from collections.abc import Collection, Iterable

from gomanager.gotest.caserun import CaseRun, moment
from gomanager.gotest.running import PackageRun
from gomanager.results import Outcome

REASON = "failed in a testing run inside a passing test, which expects that"


def without_nested(run: PackageRun) -> int:
    """Mark the failed cases that ``testing.RunTests`` ran inside a passing test; their number.

    They lie below a parent that passed, which no real subtest can fail, or ran while another test
    was running that never waited for its turn. A binary that says FAIL has failures of its own
    beside them; one that says PASS and nothing else has none, and one failure that nothing
    explains leaves all of them what they look like.
    """
    words = {word for word, _ in run.bare}
    if (run.end, *words) not in (("pass", "PASS"), ("fail", "FAIL")):
        return 0
    failed = [case for case in run.told if case.event_outcome is Outcome.FAIL]
    if not failed:
        return 0
    inner = _inner(run, failed)
    if (len(inner) < len(failed)) is (run.end == "pass"):
        return 0
    for case in inner:
        case.nested = True
    return len(inner)


def _inner(run: PackageRun, failed: Collection[CaseRun]) -> list[CaseRun]:
    """A test that both passed and failed may be two runs of one test (S45), so it tells nothing."""
    passed = [c for c in run.cases if "/" not in c.name and c.event_outcome is Outcome.PASS]
    fine = {case.name for case in passed} - {case.name for case in failed}
    for root in {case.name.partition("/")[0] for case in failed} - fine:
        if _within(root, failed, passed):
            fine.add(root)
    found = (case for case in failed if case.name.partition("/")[0] in fine)
    return [case for case in found if "/" in case.name or not _one_by_one(case, passed)]


def _one_by_one(case: CaseRun, passed: Iterable[CaseRun]) -> bool:
    """Runs of one name, none of them inside another: m.Run twice, ``-count`` (S45, S60)."""
    own = [other for other in passed if other.name == case.name]
    return bool(own) and not any(_overlap(case, other) for other in own)


def _overlap(case: CaseRun, other: CaseRun) -> bool:
    spans = case.span, other.span
    if spans[0] is None or spans[1] is None or case.waited or other.waited:
        return False
    return spans[0][0] < spans[1][1] and spans[1][0] < spans[0][1]


def _within(root: str, failed: Iterable[CaseRun], passed: Iterable[CaseRun]) -> bool:
    """All its failed runs began and ended while another test ran, one that passed."""
    outer = [o for o in passed if o.name != root and not o.waited]
    own = [case for case in failed if case.name == root]
    return bool(own) and all(_during(case, outer) for case in own)


def _during(case: CaseRun, outer: Iterable[CaseRun]) -> bool:
    began, until = moment(case.began), moment(case.until)
    if case.waited or began is None or until is None:
        return False
    spans = (one.span for one in outer)
    return any(span is not None and span[0] <= began <= until <= span[1] for span in spans)
