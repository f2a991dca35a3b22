"""Order dependence: proof, refutation, and the smallest list of tests before."""

from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gomanager.gotest import order
from gomanager.gotest.order import Trial, reduced
from gomanager.results import (
    Attempt,
    CaseResult,
    Failure,
    Kind,
    Label,
    Outcome,
    PackageAttempt,
    PackageOutcome,
    PackageResult,
    Purpose,
)

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN


def attempt(outcome, n=1, purpose=Purpose.FIRST, *, race=False):
    kind = Kind.RACE if race else Kind.ASSERTION
    failures = (Failure(kind=kind, message="x", text="x"),) if outcome is FAIL else ()
    return Attempt(
        n=n, purpose=purpose, process=n, outcome=outcome, duration_ms=1, failures=failures
    )


def package(*cases, purpose=Purpose.FIRST, process=1, result=PackageOutcome.PASS, **more):
    own = PackageAttempt(n=1, purpose=purpose, process=process, result=result, complete=True)
    return PackageResult(path="m/a", module="m", attempts=(own,), cases=cases, **more)


def alone(name, outcome, *, race=False):
    case = CaseResult(name=name, attempts=(attempt(outcome, 1, Purpose.SEARCH, race=race),))
    result = PackageOutcome.PASS if outcome is PASS else PackageOutcome.FAIL
    return package(case, purpose=Purpose.SEARCH, result=result)


@pytest.mark.parametrize(
    ("alone", "together", "proven", "refuted"),
    [
        ((PASS,) * 3, (FAIL,) * 3, True, None),
        ((PASS,) * 2, (FAIL,) * 3, False, None),
        ((PASS,) * 3, (FAIL,) * 2, False, None),
        ((PASS, FAIL), (FAIL,) * 3, False, order.ALONE),
        ((PASS,) * 3, (FAIL, PASS), False, order.TOGETHER),
        ((PASS,) * 3, (FAIL, FAIL, UNKNOWN), False, None),
        ((), (), False, None),
    ],
)
def test_three_of_three_each_and_nothing_less(alone, together, proven, refuted):
    trial = Trial(alone=alone, together=together)
    assert (trial.proven, trial.refuted) == (proven, refuted)


def flaky(name):
    attempts = (attempt(FAIL), attempt(PASS, 2, Purpose.RERUN))
    return CaseResult(name=name, attempts=attempts, label=Label.FLAKY)


def test_proof_takes_the_explanation_back():
    before = package(flaky("TestV"), result=PackageOutcome.FAIL, explained=True)
    trials = {"TestV": Trial(alone=(PASS,) * 3, together=(FAIL,) * 3)}
    after = order.judged(before, trials, {"TestV": ("TestP",)})
    (case,) = after.cases
    assert (case.label, case.outcome, case.after) == (Label.ORDER_DEPENDENT, FAIL, ("TestP",))
    assert after.red
    assert "TestV" in after.note


def test_without_proof_it_stays_flaky_and_says_what_is_open():
    before = package(flaky("TestV"), result=PackageOutcome.FAIL, explained=True)
    after = order.judged(before, {"TestV": Trial(alone=(PASS,), together=(FAIL,))}, {})
    (case,) = after.cases
    assert (case.label, case.outcome, case.note) == (Label.FLAKY, PASS, order.UNTRIED)
    assert not after.red


def test_isolated_attempts_are_numbered_first_and_decide_nothing():
    first = package(
        CaseResult(name="TestA", attempts=(attempt(PASS),)),
        CaseResult(name="TestB", attempts=(attempt(FAIL),)),
        result=PackageOutcome.FAIL,
    )
    joined = order.isolated(first, (alone("TestA", FAIL), alone("TestB", PASS)))
    a, b = joined.cases
    assert [(x.n, x.purpose) for x in a.attempts] == [(2, Purpose.FIRST), (1, Purpose.SEARCH)]
    assert (a.outcome, a.note) == (PASS, order.NEEDS)
    assert (b.outcome, b.note) == (FAIL, None)
    assert joined.result is PackageOutcome.FAIL
    assert joined.last.purpose is Purpose.FIRST
    assert order.isolated(first, ()) is first


def test_a_race_in_a_search_condemns():
    first = package(CaseResult(name="TestA", attempts=(attempt(PASS),)))
    joined = order.isolated(first, (alone("TestA", FAIL, race=True),))
    assert (joined.condemned, joined.red, joined.cases[0].label) == (True, True, Label.RACE)
    assert joined.cases[0].outcome is FAIL


def asking(culprits, seen):
    def fails(tests):
        seen.append(tests)
        return culprits <= set(tests)

    return fails


@given(st.integers(1, 80), st.data())
def test_the_polluters_and_no_others_are_left(count, data):
    tests = tuple(range(count))
    culprits = set(data.draw(st.lists(st.sampled_from(tests), min_size=1, max_size=3)))
    assert reduced(tests, asking(culprits, [])) == tuple(sorted(culprits))


@pytest.mark.parametrize("culprit", range(0, 64, 7))
def test_one_polluter_among_64_costs_at_most_twelve_subsets_and_a_check(culprit):
    seen = []
    assert reduced(tuple(range(64)), asking({culprit}, seen)) == (culprit,)
    assert len(seen) - 1 <= 2 * ceil(log2(64))


def test_what_cannot_be_shown_again_is_not_reduced():
    assert reduced((1, 2, 3), lambda _: False) is None
    assert reduced((1, 2, 3), lambda _: None) is None


def test_out_of_time_the_smallest_list_so_far_is_kept():
    answers = iter([True, True, None])
    assert reduced(tuple(range(8)), lambda _: next(answers)) == (0, 1, 2, 3)


def test_before_is_the_order_of_the_stream():
    cases = [CaseResult(name=n, attempts=(attempt(PASS),)) for n in ("TestB", "TestA", "TestA/x")]
    cases += [CaseResult(name=n, attempts=(attempt(FAIL),)) for n in ("TestV", "TestV/y")]
    assert order.before(package(*cases), "TestV/y") == ("TestB", "TestA")
    assert order.before(package(*cases), "TestGone") == ()


def test_a_search_that_confirms_a_flake_is_no_news():
    search = Purpose.SEARCH
    first, rerun = attempt(FAIL), attempt(PASS, 2, Purpose.RERUN)
    flaky = CaseResult(
        name="TestA",
        attempts=(first, rerun, attempt(PASS, 3, search), attempt(FAIL, 4, search)),
        label=Label.FLAKY,
    )
    dependent = replace(flaky, name="TestB", label=Label.ORDER_DEPENDENT)
    told = order.told(package(flaky, dependent))
    assert [[a.n for a in case.attempts] for case in told.cases] == [[1, 2, 4], [1, 2, 3, 4]]
