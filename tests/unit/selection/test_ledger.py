"""When a row is a proof, and when a result proves anything: every condition by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from gomanager.results import (
    Attempt,
    CaseResult,
    Label,
    Outcome,
    PackageAttempt,
    PackageOutcome,
    PackageResult,
    Purpose,
)
from gomanager.selection.ended import ended
from gomanager.selection.ledger import Input, Record, proof, sampled

NOW = datetime(2026, 3, 20, tzinfo=UTC)
FILE = Input("file", "cfg/x.json", "d1")
GREEN = Record(
    fingerprint="f" * 64, sources="e" * 64, phase="unit", module="m", package="m/a", green=True,
    finished=NOW - timedelta(days=1), inputs=(FILE,),
)  # fmt: skip
RED = replace(GREEN, green=False)


def judged(*records, digest="d1"):
    return proof(records, NOW, lambda *_: digest)


def test_a_green_row_whose_inputs_are_the_same_is_a_proof():
    assert judged(GREEN) is GREEN


@pytest.mark.parametrize(
    ("records", "digest", "why"),
    [
        ((), "d1", "never ran"),
        ((RED,), "d1", "failed"),
        ((RED, GREEN), "d1", "failed"),
        ((GREEN,), "d2", "cfg/x.json, which it read, has changed"),
        ((GREEN,), "", "has changed"),
        ((replace(GREEN, doubt="it starts git"),), "d1", "it starts git"),
        ((replace(GREEN, finished=NOW - timedelta(days=15)),), "d1", "14 days"),
        ((replace(GREEN, finished=NOW + timedelta(hours=1)),), "d1", "not come yet"),
    ],
)
def test_what_is_no_proof(records, digest, why):
    found = judged(*records, digest=digest)
    assert isinstance(found, str)
    assert why in found


def test_a_red_row_before_a_green_one_stands_against_nothing():
    assert judged(GREEN, replace(RED, finished=NOW - timedelta(days=2))) is GREEN


def test_an_older_row_with_other_inputs_may_prove():
    older = replace(GREEN, inputs=(replace_input("d0"),), finished=NOW - timedelta(days=3))
    assert judged(GREEN, older, digest="d0") is older


def replace_input(digest):
    return FILE._replace(digest=digest)


def attempt(outcome=Outcome.PASS, n=1):
    purpose = Purpose.FIRST if n == 1 else Purpose.RERUN
    return Attempt(n=n, purpose=purpose, process=n, outcome=outcome, duration_ms=1)


def end(result=PackageOutcome.PASS, n=1, **given):
    purpose = Purpose.FIRST if n == 1 else Purpose.RERUN
    values = {"n": n, "purpose": purpose, "process": n, "result": result, "complete": True}
    return PackageAttempt(**(values | given))


def package(*cases, ends=None, **given):
    ends = (end(),) if ends is None else ends
    found = tuple(
        c if isinstance(c, CaseResult) else CaseResult(name=f"Test{i}", attempts=(attempt(c),))
        for i, c in enumerate(cases)
    )
    return PackageResult(path="m/a", module="m", attempts=ends, cases=found, **given)


def verdict(result, *, expected=True, filtered=False):
    found = ended(result, expected=expected, filtered=filtered)
    if found.red:
        return "red"
    return ("green", found.doubt) if found.green else "nothing"


def test_a_pass_at_the_first_attempt_is_green():
    assert verdict(package(Outcome.PASS, Outcome.SKIP)) == ("green", "")


def test_a_package_without_tests_is_green():
    empty = package(ends=(end(PackageOutcome.EMPTY),))
    assert verdict(empty, expected=False) == ("green", "")
    assert verdict(empty, expected=True)[1] == "no test in it ran"
    assert verdict(empty, expected=False, filtered=True)[1] == "no test in it ran"


@pytest.mark.parametrize("outcome", [o for o in PackageOutcome if o.red])
def test_everything_red_is_red(outcome):
    expected = "nothing" if outcome is PackageOutcome.MISSING else "red"
    assert verdict(package(Outcome.PASS, ends=(end(outcome),))) == expected


FLAKY = CaseResult(
    name="TestF", attempts=(attempt(Outcome.FAIL), attempt(n=2)), label=Label.FLAKY
)  # fmt: skip


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (package(Outcome.PASS, ends=(end(cached=True),)), "nothing"),
        (package(Outcome.PASS, ends=()), "nothing"),
        (package(FLAKY, ends=(end(PackageOutcome.FAIL), end(n=2)), explained=True), "red"),
        (package(FLAKY), "red"),
        (package(Outcome.PASS, condemned=True), "red"),
        (package(Outcome.SKIP), ("green", "every test in it was skipped")),
        (package(Outcome.PASS, ends=(end(complete=False),)), ("green", "was not complete")),
        (package(Outcome.PASS, ends=(end(), end(n=2))), ("green", "first attempt")),
        (package(Outcome.PASS, Outcome.UNKNOWN), ("green", "did not come to their end")),
        (package(Outcome.PASS, Outcome.NOT_RUN), ("green", "did not come to their end")),
        (
            package(CaseResult(name="T", attempts=(attempt(),), label=Label.RACE)),
            ("green", "not stable"),
        ),
    ],
)
def test_results_that_prove_nothing(result, expected):
    found = verdict(result)
    if isinstance(expected, tuple):
        assert found[0] == expected[0]
        assert expected[1] in found[1]
    else:
        assert found == expected


def test_the_shadow_sample_is_a_twentieth_and_the_same_every_time():
    names = [f"m/p{i}" for i in range(2000)]
    drawn = [name for name in names if sampled("c" * 40, name)]
    assert 60 < len(drawn) < 140
    assert drawn == [name for name in names if sampled("c" * 40, name)]
    assert drawn != [name for name in names if sampled("d" * 40, name)]
