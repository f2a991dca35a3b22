"""Failure text: headline, place and kind, with and without OutputType."""

import pytest
from recordings.recording import directory, fold, recordings

from gomanager.gotest.asked import Asked
from gomanager.gotest.crash import find_crash
from gomanager.gotest.failure import CaseText, case_failures
from gomanager.gotest.location import Places, function_package
from gomanager.results import Failure, Kind

MODULE = "example.com/m"
ASKED = Asked(module=MODULE, root="/project", directory=directory)
PLACES = Places(asked=ASKED, package=f"{MODULE}/p")


def failures(text: str, *, died: bool = False) -> tuple[Failure, ...]:
    case = CaseText(name="TestA", pieces=(("", text),), died=died)
    return case_failures(case, PLACES, "p")


def typed(*pieces: tuple[str, str]) -> tuple[Failure, ...]:
    return case_failures(CaseText(name="TestA", pieces=pieces, died=False), PLACES, "p")


def test_before_1_27_the_last_line_with_a_place_is_the_headline() -> None:
    (failure,) = failures("    p_test.go:3: preparing\n    p_test.go:9: got 1,\n        want 2\n")
    assert (failure.message, failure.file, failure.line) == ("got 1,", "p/p_test.go", 9)
    assert failure.text == "    p_test.go:3: preparing\n    p_test.go:9: got 1,\n        want 2"


def test_since_1_27_errors_are_told_from_logs() -> None:
    (failure,) = typed(
        ("frame", "=== RUN   TestA\n"),
        ("", "    p_test.go:3: only a log\n"),
        ("error", "    p_test.go:9: got 1,"),
        ("error-continue", " want 2\n"),
        ("error-continue", "        more\n"),
        ("", "    p_test.go:11: another log\n"),
        ("error", "    p_test.go:12: second\n"),
    )
    assert (failure.message, failure.line) == ("got 1, want 2", 9)
    assert "log" not in failure.text


def test_testify() -> None:
    (failure,) = failures(
        "    p_test.go:12: \n"
        "        \tError Trace:\t/project/p/helper_test.go:7\n"
        "        \t            \t\t\t\t/project/p/p_test.go:12\n"
        "        \tError:      \tNot equal: \n"
        "        \t            \texpected: 1\n"
        "        \t            \tactual  : 2\n"
        "        \tTest:       \tTestA\n"
        "        \tMessages:   \tthe sum of both\n"
    )
    assert failure.message == "the sum of both: Not equal: expected: 1 actual: 2"
    assert (failure.file, failure.line) == ("p/helper_test.go", 7)


def test_gomega_begins_on_the_next_line() -> None:
    (failure,) = failures(
        "    p_test.go:12: \n        Expected\n            <int>: 1\n        to equal\n            <int>: 2\n"
    )
    assert failure.message == "Expected <int>: 1 to equal <int>: 2"
    assert failure.line == 12


def test_go_cmp() -> None:
    (failure,) = failures(
        '    p_test.go:12: mismatch (-want +got):\n          string(\n        - \t"a",\n        + \t"b",\n          )\n'
    )
    assert failure.message == 'mismatch (-want +got): -"a", +"b"'
    assert '+ \t"b"' in failure.text


def test_fullpath_names_are_made_relative() -> None:
    (failure,) = failures("    /project/p/p_test.go:12: no\n")
    assert (failure.file, failure.line) == ("p/p_test.go", 12)
    (failure,) = failures("    /elsewhere/lib/x.go:12: no\n")
    assert failure.file is None


def test_testing_go_is_never_a_place() -> None:
    (failure,) = failures("    testing.go:1267: TempDir RemoveAll cleanup: not empty\n")
    assert (failure.file, failure.line) == (None, None)


def test_a_panic_that_a_passing_process_quotes_is_text() -> None:
    text = "panic: child\n\ngoroutine 1 [running]:\nmain.main()\n\t/x/main.go:3 +0x1\n"
    found = failures(f"{text}    p_test.go:4: the child panicked\n--- FAIL: TestA (0.00s)\n")
    assert [f.kind for f in found] == [Kind.ASSERTION]


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("panic: boom [recovered, repanicked]\n\ngoroutine 7 [running]:\n", Kind.PANIC, "boom"),
        ("panic: boom [recovered]\n\tpanic: boom\n\ngoroutine 7 [running]:\n", Kind.PANIC, "boom"),
        ("no newlinepanic: boom\n\ngoroutine 7 [running]:\n", Kind.PANIC, "boom"),
        (
            "panic: quoted\nmore\npanic: real\n\ngoroutine 7 [running]:\n",
            Kind.PANIC,
            "real",
        ),
        (
            "fatal error: concurrent map writes\n\ngoroutine 7 [running]:\n",
            Kind.PANIC,
            "fatal error: concurrent map writes",
        ),
        ("log line\nsignal: killed\n", Kind.KILLED, "the process ended by signal: killed"),
        (
            "panic: test timed out after 1m0s\n\trunning tests:\n\t\tTestA (1m0s)\n\t\tTestA/x y (59s)\n",
            Kind.TIMEOUT,
            "test timed out after 1m0s, running: TestA/x y",
        ),
    ],
)
def test_crashes(text: str, kind: Kind, message: str) -> None:
    crash = find_crash(text)
    assert crash is not None
    assert (crash.kind, crash.message) == (kind, message)


def test_a_signal_in_the_middle_of_the_text_is_a_childs() -> None:
    assert find_crash("signal: killed\nand the test went on\n") is None


@pytest.mark.parametrize(
    ("case", "name", "place"),
    [
        ("S13", "TestFail", ("p/p_test.go", 7)),
        ("S17", "TestPanic", ("p/p_test.go", 9)),
        ("S18", "TestStarts", ("p/p_test.go", 11)),
        ("S18leaked", "TestLeaks", ("p/p_test.go", 13)),
        ("S19", "TestA/wild", ("p/p_test.go", 16)),
        ("S27", "TestA", ("p/p_test.go", 13)),
        ("S29", "TestA/hangs", ("p/p_test.go", 9)),
        ("S32", "TestStuck/here", ("p/p_test.go", 8)),
        ("S35", "TestA", ("p/p_test.go", 12)),
        ("S63", "FuzzX", ("p/p_test.go", 11)),
        ("S74", "TestX", ("p/out_test.go", 11)),
    ],
)
def test_places_under_every_release(case: str, name: str, place: tuple[str, int]) -> None:
    for one in recordings():
        if one.case == case:
            found = next(c for p in fold(one).packages for c in p.cases if c.name == name)
            failure = next(f for a in found.attempts for f in a.failures)
            assert place == (failure.file, failure.line)


def test_s34_says_whose_race_it_is() -> None:
    for one in recordings():
        if one.case == "S34":
            guilty, innocent = fold(one).packages[0].cases
            assert innocent.note == "the race lies in TestGuilty: it was only reported here"
            assert guilty.note == "its race was reported under TestInnocent"


def test_s35_is_one_finding_in_two_cases() -> None:
    for one in recordings():
        if one.case == "S35":
            marks = {
                f.fingerprint for c in fold(one).packages[0].cases for f in c.attempts[0].failures
            }
            assert len(marks) == 1


def test_s46_one_finding_for_each_import_path() -> None:
    for one in recordings():
        if one.case == "S46dep":
            marks = {p.attempts[0].failures[0].fingerprint for p in fold(one).packages}
            assert len(marks) == 1


def test_function_packages() -> None:
    assert function_package("example.com/m/p.(*T).Do.func1") == "example.com/m/p"
    assert function_package("gopkg.in/yaml%2ev3.Unmarshal") == "gopkg.in/yaml.v3"
    assert function_package("main.main") == "main"
