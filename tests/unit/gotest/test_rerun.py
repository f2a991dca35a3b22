"""What is run again, by which names, and what that proves."""

import pytest
from msgspec.structs import replace

from gomanager.errors import UsageError
from gomanager.gotest.explanation import Round, conclude
from gomanager.gotest.rerun import add, again, allowed, plan, together
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

PASS, FAIL, SKIP, UNKNOWN, NOT_RUN = (
    Outcome.PASS,
    Outcome.FAIL,
    Outcome.SKIP,
    Outcome.UNKNOWN,
    Outcome.NOT_RUN,
)


def failure(kind=Kind.ASSERTION, text="boo", fingerprint="a"):
    return Failure(kind=kind, message=text, text=text, fingerprint=fingerprint)


def case(name, outcome, *, fold=False, failures=(), process=1, purpose=Purpose.FIRST):
    attempt = Attempt(
        n=1,
        purpose=purpose,
        process=process,
        outcome=outcome,
        duration_ms=1,
        failures=tuple(failures),
    )
    return CaseResult(name=name, attempts=(attempt,), fold=fold)


def package(result, *cases, process=1, purpose=Purpose.FIRST, **more):
    complete = result in (PackageOutcome.PASS, PackageOutcome.FAIL)
    attempt = PackageAttempt(
        n=1, purpose=purpose, process=process, result=result, complete=complete, **more
    )
    return PackageResult(path="ex.com/m/a", module="ex.com/m", attempts=(attempt,), cases=cases)


def failed(*cases, **more):
    return package(PackageOutcome.FAIL, *cases, **more)


def rerun(outcomes, *, result=None, process=2, **more):
    """The package as a rerun left it."""
    red = any(outcome is FAIL for outcome in outcomes.values())
    result = result or (PackageOutcome.FAIL if red else PackageOutcome.PASS)
    cases = (
        case(name, outcome, process=process, purpose=Purpose.RERUN)
        for name, outcome in outcomes.items()
    )
    return package(result, *cases, process=process, purpose=Purpose.RERUN, **more)


def concluded(first, *results, names=("TestA",), code=0, expected=()):
    merged, rounds = first, []
    for result in results:
        merged = add(merged, result)
        rounds.append(Round(names=names, result=result, exit_code=code))
    return conclude(merged, rounds, expected=frozenset(expected))


def labels(result):
    return {one.name: one.label for one in result.cases if one.label}


def names_of(first, known=None):
    return plan([first], known={first.path: known or {}}).reruns[0].names


# What is run again


@pytest.mark.parametrize(
    "result",
    [
        PackageOutcome.BUILD,
        PackageOutcome.VET,
        PackageOutcome.SETUP,
        PackageOutcome.MISSING,
        PackageOutcome.HOLLOW,
        PackageOutcome.MASKED,
    ],
)
def test_what_is_never_rerun(result):
    planned = plan([package(result)], known={})
    assert planned.reruns == ()
    assert planned.reasons[("ex.com/m", "ex.com/m/a")]


@pytest.mark.parametrize("result", [PackageOutcome.DIED, PackageOutcome.LATE])
def test_an_incomplete_package_is_rerun_whole_with_its_seed(result):
    first = package(result, case("TestA", FAIL), seed=7)
    (wanted,) = plan([first], known={}).reruns
    assert (wanted.names, wanted.seed) == ((), 7)


def test_s49_a_killed_compiler_is_asked_once_more_alone():
    text = failure(Kind.BUILD, "compile: signal: killed")
    (wanted,) = plan([package(PackageOutcome.BUILD, failures=(text,))], known={}).reruns
    assert wanted.single
    assert wanted.names == ()


def test_a_race_is_never_cleared():
    first = failed(case("TestA", FAIL, failures=[failure(Kind.RACE)]), case("TestB", FAIL))
    assert plan([first], known={}).reruns == ()
    assert labels(concluded(first)) == {"TestA": Label.RACE, "TestB": Label.UNRESOLVED}


def test_a_run_that_allows_none_says_why():
    assert plan([failed(case("TestA", FAIL))], known={}, unfit="-count is above 1").refused
    assert plan([package(PackageOutcome.PASS)], known={}, unfit="x").refused is None


def test_green_packages_are_left_alone():
    assert plan([package(PackageOutcome.PASS, case("TestA", PASS))], known={}).reruns == ()


# limits


@pytest.mark.parametrize(
    ("limit", "ended", "most"),
    [("10", 1000, 10), ("5%", 1000, 50), ("", 1000, 50), ("", 20, 10), ("3,50%", 10, 5)],
)
def test_limits(limit, ended, most):
    assert allowed(limit, ended) == most


@pytest.mark.parametrize("limit", ["ten", "-1", "101%", "5%%", "1.5", ","])
def test_a_wrong_limit_is_a_usage_error(limit):
    with pytest.raises(UsageError):
        allowed(limit, 10)


def test_above_the_limit_nothing_is_rerun_and_that_is_said():
    first = failed(*(case(f"Test{i}", FAIL) for i in range(37)))
    planned = plan([first], known={}, limit="10")
    assert (planned.reruns, planned.refused) == ((), "37 failed, limit 10: not rerun")


def test_a_share_of_all_takes_in_a_package_that_died_before_its_first_test():
    first = package(PackageOutcome.DIED, case("TestA", Outcome.NOT_RUN))
    assert len(plan([first], known={}, limit="100%").reruns) == 1
    assert plan([first], known={}, limit="99%").refused == "1 failed, limit 0: not rerun"


# By which names


def test_leaves_are_named_where_history_knows_their_siblings():
    first = failed(
        case("TestA", FAIL, fold=True),
        case("TestA/x", FAIL),
        case("TestA/y", PASS),
        case("TestB", FAIL),
    )
    assert names_of(first, {"TestA": frozenset({"TestA/x", "TestA/y"})}) == ("TestA/x", "TestB")


def test_s23_s24_the_root_is_named_where_a_known_sibling_has_no_end():
    first = failed(case("TestA", FAIL, fold=True), case("TestA/x", FAIL))
    assert names_of(first, {"TestA": frozenset({"TestA/x", "TestA/y"})}) == ("TestA",)


def test_the_root_is_named_where_history_knows_nothing():
    first = failed(case("TestA", FAIL, fold=True), case("TestA/x", FAIL), case("TestA/y", FAIL))
    assert names_of(first) == ("TestA",)


def test_s15_a_parent_with_an_error_of_its_own_replaces_its_leaves():
    first = failed(
        case("TestA", FAIL, fold=True),
        case("TestA/g", FAIL),
        case("TestA/g/x", FAIL),
        case("TestA/h", PASS),
    )
    known = {"TestA": frozenset({"TestA/g", "TestA/g/x", "TestA/h"})}
    assert names_of(first, known) == ("TestA/g",)


def test_a_name_that_only_begins_like_another_is_kept():
    first = failed(case("TestA", FAIL), case("TestAB", FAIL))
    assert names_of(first) == ("TestA", "TestAB")


# What it proves


def test_a_pass_in_a_fresh_process_is_flaky_and_explains():
    result = concluded(failed(case("TestA", FAIL)), rerun({"TestA": PASS}))
    assert result.explained
    assert not result.red
    assert labels(result) == {"TestA": Label.FLAKY}
    assert [a.n for a in result.cases[0].attempts] == [1, 2]
    assert result.cases[0].attempts[0].outcome is FAIL


def test_failed_everywhere_is_consistent():
    again_failed = rerun({"TestA": FAIL}), rerun({"TestA": FAIL}, process=3)
    result = concluded(failed(case("TestA", FAIL)), *again_failed, code=1)
    assert result.red
    assert labels(result) == {"TestA": Label.CONSISTENT}


def test_different_fingerprints_are_said():
    first = failed(case("TestA", FAIL, failures=[failure(fingerprint="a")]))
    other = failed(
        case(
            "TestA",
            FAIL,
            failures=[failure(fingerprint="b")],
            process=2,
            purpose=Purpose.RERUN,
        ),
        process=2,
        purpose=Purpose.RERUN,
    )
    assert concluded(first, other, code=1).cases[0].note == "fails in different ways"


def test_one_flaky_and_one_consistent_stay_red_together():
    first = failed(case("TestA", FAIL), case("TestB", FAIL))
    result = concluded(
        first,
        rerun({"TestA": PASS, "TestB": FAIL}),
        rerun({"TestB": FAIL}, process=3),
        names=("TestA", "TestB"),
        code=1,
    )
    assert result.red
    assert labels(result) == {"TestA": Label.FLAKY, "TestB": Label.CONSISTENT}


def test_two_flakes_may_pass_in_different_rounds():
    first = failed(case("TestA", FAIL), case("TestB", FAIL))
    merged = add(first, rerun({"TestA": PASS, "TestB": FAIL}))
    assert again([merged], known={}).reruns[0].names == ("TestB",)
    result = concluded(
        first, rerun({"TestA": PASS, "TestB": FAIL}), rerun({"TestB": PASS}, process=3)
    )
    assert result.explained
    assert labels(result) == {"TestA": Label.FLAKY, "TestB": Label.FLAKY}


def test_s59_a_name_that_did_not_come_back_proves_nothing():
    first = failed(case("TestA", FAIL, fold=True), case("TestA/port_8123", FAIL))
    result = concluded(first, rerun({"TestA": PASS}), names=("TestA/port_8123",))
    assert result.red
    assert labels(result) == {"TestA/port_8123": Label.UNRESOLVED}
    assert result.note == "TestA/port_8123 did not run again: its name changes"


def test_s85_a_skip_on_rerun_explains_nothing():
    result = concluded(failed(case("TestA", FAIL)), rerun({"TestA": SKIP}))
    assert result.red
    assert labels(result) == {"TestA": Label.UNRESOLVED}
    assert "skipped" in str(result.note)


@pytest.mark.parametrize(
    "result", [PackageOutcome.HOLLOW, PackageOutcome.MASKED, PackageOutcome.DIED]
)
def test_a_rerun_that_is_no_sound_process_explains_nothing(result):
    after = concluded(failed(case("TestA", FAIL)), rerun({"TestA": PASS}, result=result))
    assert after.red
    assert labels(after) == {"TestA": Label.UNRESOLVED}


def test_an_exit_code_outweighs_green_events():
    result = concluded(failed(case("TestA", FAIL)), rerun({"TestA": PASS}), code=1)
    assert result.red
    assert result.note == "go exited 1 after the rerun"


def test_a_race_in_the_rerun_explains_nothing():
    racy = failed(
        case("TestA", FAIL, failures=[failure(Kind.RACE)], process=2, purpose=Purpose.RERUN),
        process=2,
        purpose=Purpose.RERUN,
    )
    result = concluded(failed(case("TestA", FAIL)), racy, code=1)
    assert labels(result) == {"TestA": Label.RACE}
    assert result.red


def test_s24_a_sibling_that_never_came_back_keeps_the_package_red():
    first = failed(case("TestA", FAIL, fold=True), case("TestA/x", FAIL))
    after = rerun({"TestA": PASS, "TestA/x": PASS})
    assert concluded(first, after).explained
    result = concluded(first, after, expected={"TestA/y"})
    assert result.red
    assert result.note == "TestA/y did not run"


def test_a_whole_rerun_must_end_everything_by_itself():
    first = package(PackageOutcome.DIED, case("TestA", FAIL), case("TestB", PASS))
    assert concluded(first, rerun({"TestA": PASS, "TestB": PASS}), names=()).explained
    result = concluded(first, rerun({"TestA": PASS}), names=())
    assert result.note == "TestB did not run"


def test_s41_a_package_that_broke_without_a_case_is_explained_without_accusing_one():
    first = package(PackageOutcome.DIED, message="cannot connect")
    result = concluded(first, rerun({"TestA": PASS}), names=(), expected={"TestA"})
    assert result.explained
    assert labels(result) == {}
    assert result.note == "cannot connect, then passed in a fresh process"


def test_s20_of_several_unknown_cases_none_is_accused():
    first = package(PackageOutcome.DIED, case("TestA", UNKNOWN), case("TestB", UNKNOWN))
    after = rerun({"TestA": PASS, "TestB": PASS})
    assert labels(concluded(first, after, names=())) == {}
    alone = package(PackageOutcome.DIED, case("TestA", UNKNOWN), case("TestB", NOT_RUN))
    assert labels(concluded(alone, after, names=())) == {"TestA": Label.FLAKY}


def test_not_rerun_is_unresolved_with_the_reason():
    result = conclude(failed(case("TestA", FAIL)), [], why_not="37 failed, limit 10: not rerun")
    assert labels(result) == {"TestA": Label.UNRESOLVED}
    assert result.cases[0].note == "37 failed, limit 10: not rerun"


def test_no_test_ran_again_is_no_explanation():
    first = package(PackageOutcome.LATE, case("TestA", PASS))
    after = rerun({}, result=PackageOutcome.EMPTY)
    assert concluded(first, after, names=()).red


def test_s72_passes_of_one_package_stand_side_by_side_the_worst_first():
    green = package(PackageOutcome.PASS, case("TestA", PASS))
    red = replace(failed(case("TestA", FAIL), case("TestB", PASS), process=2))
    (merged,) = together([green, red])
    assert merged.result is PackageOutcome.FAIL
    assert [a.n for a in merged.attempts] == [1, 2]
    assert {c.name: len(c.attempts) for c in merged.cases} == {"TestA": 2, "TestB": 1}
