"""Failures of a testing run inside a test: the test expects them, and the binary does not count them (S87)."""

from bisect import bisect_right
from collections.abc import Collection, Container, Iterable
from datetime import datetime

from gomanager.gotest.caserun import CaseRun
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
    bad = {case.name for case in failed}
    inside = (one for one in run.entries if not isinstance(one, CaseRun))
    columns = {name for one in inside for name in one.passed_names}
    if not bad.isdisjoint(columns):
        columns.difference_update(case.name for case in run.cases)  # as objects from now on
    passed = [c for c in run.told if "/" not in c.name and c.event_outcome is Outcome.PASS]
    fine = {case.name for case in passed} | columns
    fine -= bad
    by_root: dict[str, list[CaseRun]] = {}
    for case in failed:
        by_root.setdefault(case.name.partition("/")[0], []).append(case)
    outer = _Outer(
        case
        for case in run.outer
        if "/" not in case.name and case.event_outcome is Outcome.PASS and not case.since
    )
    for root in by_root.keys() - fine:
        own = [case for case in by_root[root] if case.name == root]
        if own and all(outer.holds(case) for case in own):
            fine.add(root)
    twice = _Twice(passed, bad)
    found = (case for root in fine & by_root.keys() for case in by_root[root])
    return [case for case in found if "/" in case.name or not twice.one_by_one(case)]


class _Twice:
    """The passed runs of names that failed too."""

    def __init__(self, passed: Iterable[CaseRun], names: Container[str]) -> None:
        self._runs: dict[str, list[CaseRun]] = {}
        for case in passed:
            if case.name in names:
                self._runs.setdefault(case.name, []).append(case)

    def one_by_one(self, case: CaseRun) -> bool:
        """Runs of one name, none of them inside another: m.Run twice, ``-count`` (S45, S60)."""
        own = self._runs.get(case.name, [])
        return bool(own) and not any(_overlap(case, other) for other in own)


def _overlap(case: CaseRun, other: CaseRun) -> bool:
    spans = case.span, other.span
    if spans[0] is None or spans[1] is None or case.since or other.since:
        return False
    return spans[0][0] < spans[1][1] and spans[1][0] < spans[0][1]


class _Outer:
    """Passed tests around which others began: the two latest ends up to each beginning."""

    def __init__(self, cases: Iterable[CaseRun]) -> None:
        spans = ((case.span, case.name) for case in cases)
        known = sorted((span, name) for span, name in spans if span is not None)
        self._begins = [began for (began, _), _ in known]
        self._latest: list[tuple[tuple[datetime, str], ...]] = []
        best: dict[str, datetime] = {}
        for (_, until), name in known:
            best[name] = max(until, best.get(name, until))
            best = dict(sorted(best.items(), key=lambda one: one[1], reverse=True)[:2])
            self._latest.append(tuple((end, name) for name, end in best.items()))

    def holds(self, case: CaseRun) -> bool:
        """It began and ended while another test ran."""
        if case.since or case.span is None:
            return False
        began, until = case.span
        at = bisect_right(self._begins, began)
        latest = self._latest[at - 1] if at else ()
        return any(end >= until for end, name in latest if name != case.name)
