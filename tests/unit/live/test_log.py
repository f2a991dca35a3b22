"""Live progress: what a log and a board say, with hostile test output."""

import io

import pytest

from gomanager.live.board import Board, seconds
from gomanager.live.held import Held
from gomanager.live.log import PlainView
from gomanager.results import (
    CaseEnded,
    Failure,
    Kind,
    Outcome,
    PackageAttempt,
    PackageEnded,
    PackageOutcome,
    PackageStarted,
    PhaseStarted,
    Purpose,
)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def ended(result: PackageOutcome = PackageOutcome.PASS) -> PackageEnded:
    attempt = PackageAttempt(
        n=1, purpose=Purpose.FIRST, process=1, result=result, complete=True, duration_ms=310
    )
    return PackageEnded(package="example.com/app/store", attempt=attempt)


def case(outcome: Outcome, output: str = "", name: str = "TestA") -> CaseEnded:
    return CaseEnded(
        package="example.com/app/store", name=name, outcome=outcome, duration_ms=5, output=output
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.314, "0.31s"), (12.44, "12.4s"), (185.2, "3m05s"), (7260, "2h01m")],
)
def test_seconds(value: float, text: str) -> None:
    assert seconds(value) == text


def test_plain_view_prints_packages_and_failures() -> None:
    stream = io.StringIO()
    view = PlainView(stream, Board(usual={}))
    view(PhaseStarted(phase="unit-race", packages=("example.com/app/store",)))
    view(PackageStarted(package="example.com/app/store"))
    view(case(Outcome.FAIL, "    store_test.go:9: got 1, want 2\n"))
    view(ended(PackageOutcome.FAIL))
    lines = stream.getvalue().splitlines()
    assert lines[0] == "phase unit-race: 1 package"
    assert lines[1] == "--- FAIL: example.com/app/store TestA (0.01s)"
    assert lines[2].strip() == "store_test.go:9: got 1, want 2"
    assert lines[3] == "FAIL  example.com/app/store 1 test 0.31s"


def test_hostile_output_is_tamed() -> None:
    stream = io.StringIO()
    view = PlainView(stream, Board(usual={}), fence=None)
    view(case(Outcome.FAIL, "\x1b]0;title\x07 \x1b[2J##[error]x [red]y[/red]", name="T[bold]"))
    text = stream.getvalue()
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[red]y[/red]" in text


def test_heartbeat_names_what_runs_and_what_is_usual() -> None:
    clock = Clock()
    view = PlainView(io.StringIO(), Board(usual={"p": 20.0}), clock=clock)
    view(PhaseStarted(phase="unit", packages=("p", "q")))
    view(PackageStarted(package="p"))
    assert view.heartbeat() is None
    clock.now += 95
    assert view.heartbeat() == "still running: p 1m35s, usual 20.0s"


def test_eta_is_a_longest_first_simulation() -> None:
    board = Board(usual={"a": 10.0, "b": 4.0, "c": 4.0}, parallel=2)
    board.begin(PhaseStarted(phase="unit", packages=("a", "b", "c", "new")), now=0.0)
    assert board.eta(1.0) is None
    board.start("a", 0.0)
    # a has 6 s left; b, c and the unknown one (median 4 s) share the two lanes.
    assert board.eta(4.0) == pytest.approx(10.0)
    assert Board(usual={}).eta(50.0) is None


def test_frames_roots_and_folds_are_left_out() -> None:
    stream = io.StringIO()
    view = PlainView(stream, Board(usual={}, root="/work/app"))
    view(PhaseStarted(phase="unit", packages=("example.com/app/store",)))
    text = "=== RUN   TestA/x\n    /work/app/store/a_test.go:3: no\n--- FAIL: TestA/x (0.00s)\n"
    view(case(Outcome.FAIL, text, name="TestA/x"))
    view(case(Outcome.FAIL, "=== RUN   TestA\n--- FAIL: TestA (0.00s)\n"))
    view(ended(PackageOutcome.FAIL))
    assert stream.getvalue().splitlines()[1:] == [
        "--- FAIL: example.com/app/store TestA/x (0.01s)",
        "    store/a_test.go:3: no",
        "FAIL  example.com/app/store 1 test 0.31s",
    ]


def failures(*told: CaseEnded | PackageEnded) -> list[str]:
    stream = io.StringIO()
    view = PlainView(stream, Board(usual={}), clock=Clock())
    for one in told:
        view(one)
    return [line.split(" ")[3] for line in stream.getvalue().splitlines() if line[:3] == "---"]


def test_s87_what_a_passing_test_wants_to_see_fail_is_not_shown() -> None:
    inner = case(Outcome.FAIL, "no", "TestSuite/inner/TestOne")
    assert failures(inner, case(Outcome.PASS, name="TestSuite"), ended()) == []
    assert failures(inner, ended()) == []
    assert failures(inner, case(Outcome.FAIL, name="TestSuite")) == ["TestSuite/inner/TestOne"]
    assert failures(inner, ended(PackageOutcome.DIED)) == ["TestSuite/inner/TestOne"]
    assert failures(case(Outcome.FAIL, "no"), ended()) == ["TestA"]


def test_s87_a_subtest_of_a_long_test_does_not_wait_for_its_end() -> None:
    held = Held()
    bad, other = case(Outcome.FAIL, "no", "TestLong/x"), case(Outcome.PASS, name="TestLong/y")
    assert held.take(bad, 10.0) == []
    assert held.take(other, 10.1) == [other]
    assert held.due(11.0) == []
    assert held.due(12.5) == [bad]
    end = case(Outcome.FAIL, name="TestLong")
    assert held.take(end, 60.0) == [end]


def test_s81_a_package_that_died_without_a_text_shows_its_message() -> None:
    stream = io.StringIO()
    attempt = PackageAttempt(
        n=1,
        purpose=Purpose.FIRST,
        process=1,
        result=PackageOutcome.DIED,
        complete=False,
        duration_ms=None,
        message="the process left with 0 while TestA ran",
        failures=(Failure(kind=Kind.EXIT, message="left", text="", fingerprint="x"),),
    )
    PlainView(stream, Board(usual={}))(PackageEnded(package="p", attempt=attempt))
    assert stream.getvalue().splitlines() == [
        "FAIL  p [died]",
        "the process left with 0 while TestA ran",
    ]
