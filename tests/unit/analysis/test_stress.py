"""What many processes of one case say together."""

import pytest
import samples as s

from gomanager.analysis.stress import Tally, Try, ended
from gomanager.results import Kind, Outcome, PackageOutcome

PASS, FAIL, SKIP, UNKNOWN, NOT_RUN = (
    Outcome.PASS,
    Outcome.FAIL,
    Outcome.SKIP,
    Outcome.UNKNOWN,
    Outcome.NOT_RUN,
)
BOO = s.failure(Kind.ASSERTION, "boo", fingerprint="assertion:1")
RACE = s.failure(Kind.RACE, "race", fingerprint="race:2")


def one(outcome, *failures, number=1, ms=10, seed=None, cpu=None, reason=None):
    return Try(
        number=number,
        outcome=outcome,
        result=s.package("a", PackageOutcome.PASS),
        duration_ms=ms,
        failures=failures,
        seed=seed,
        cpu=cpu,
        reason=reason,
    )


def test_only_passes_and_failures_count():
    tally = Tally()
    for outcome in (PASS, PASS, FAIL, UNKNOWN, SKIP, NOT_RUN):
        tally.add(one(outcome, reason="why" if outcome is SKIP else None))
    assert (tally.runs, tally.failed, tally.total) == (4, 2, 6)
    assert (tally.skipped, tally.absent, tally.reason) == (1, 1, "why")
    assert (tally.rate.failed, tally.rate.runs) == (2, 4)


def test_failures_are_grouped_with_their_seeds_and_processors():
    tally = Tally()
    for number in range(1, 9):
        tally.add(one(FAIL, BOO, number=number, seed=number, cpu=str(number % 2 + 1)))
    tally.add(one(FAIL, RACE))
    tally.add(one(FAIL))
    groups = tally.groups
    assert [(g.fingerprint, g.count) for g in groups] == [
        ("assertion:1", 8),
        ("race:2", 1),
        ("unknown:failed without an error message", 1),
    ]
    assert groups[0].seeds == [1, 2, 3, 4, 5]
    assert groups[0].cpus == {"2": 4, "1": 4}


def test_times_are_those_of_passes():
    tally = Tally()
    for ms in (30, 10, 20):
        tally.add(one(PASS, ms=ms))
    tally.add(one(FAIL, BOO, ms=5000))
    assert (tally.median_ms, tally.longest_ms) == (20, 30)
    assert (Tally().median_ms, Tally().longest_ms) == (None, None)


@pytest.mark.parametrize(
    ("package", "alone", "among_others"),
    [
        (s.package("a", PackageOutcome.PASS, s.passed("TestA")), PASS, PASS),
        (s.package("a", PackageOutcome.FAIL, s.failed("TestA", BOO)), FAIL, FAIL),
        (s.package("a", PackageOutcome.DIED, s.ended("TestA", UNKNOWN)), FAIL, FAIL),
        (s.package("a", PackageOutcome.PASS, s.ended("TestA", SKIP)), SKIP, SKIP),
        (s.package("a", PackageOutcome.EMPTY), NOT_RUN, NOT_RUN),
        (s.package("a", PackageOutcome.LATE, s.passed("TestA")), FAIL, PASS),
        (s.package("a", PackageOutcome.DIED), FAIL, NOT_RUN),
        (
            s.package("a", PackageOutcome.FAIL, s.passed("TestA"), s.failed("TestB", BOO)),
            FAIL,
            PASS,
        ),
    ],
)
def test_what_broke_the_process_is_the_cases_where_it_ran_alone(package, alone, among_others):
    assert ended(package, "TestA", whole=False)[0] is alone
    assert ended(package, "TestA", whole=True)[0] is among_others


def test_s15_the_words_of_the_test_around_it_say_why_the_process_failed():
    cases = (s.failed("TestA", BOO), s.passed("TestA/s"))
    assert ended(s.package("a", PackageOutcome.FAIL, *cases), "TestA/s", whole=False) == (
        FAIL,
        (BOO,),
    )


def test_a_parent_fails_by_the_words_of_its_children():
    parent = s.failed("TestA", fold=True)
    package = s.package("a", PackageOutcome.FAIL, parent, s.failed("TestA/x", BOO))
    assert ended(package, "TestA", whole=False) == (FAIL, (BOO,))
