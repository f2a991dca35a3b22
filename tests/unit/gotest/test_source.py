"""What a recorded file holds is told by its content."""

import gzip
import io
import tarfile
import zipfile

import pytest
from recordings.recording import recordings

from gomanager.errors import UsageError
from gomanager.gotest.archive import Recorded
from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.source import read_recorded
from gomanager.gotest.verdict import judge
from gomanager.results import Label, Outcome, PackageOutcome, Verdict

STREAM = next(one.stream for one in recordings() if str(one) == "S14-go1.27")
GREEN = next(one.stream for one in recordings() if str(one) == "S61-go1.27")

VERBOSE = """\
=== RUN   TestA
=== RUN   TestA/bad
    p_test.go:6: child
=== RUN   TestA/good
--- FAIL: TestA (0.01s)
    --- FAIL: TestA/bad (0.00s)
    --- PASS: TestA/good (0.01s)
=== RUN   TestB
    p_test.go:12: no database here
--- SKIP: TestB (0.00s)
FAIL
FAIL\texample.com/m/p\t0.012s
=== RUN   TestC
--- PASS: TestC (0.00s)
PASS
ok  \texample.com/m/q\t0.002s
?   \texample.com/m/r\t[no test files]
FAIL
"""

PLAIN = """\
# example.com/m/broken [example.com/m/broken.test]
broken/b_test.go:5:28: undefined: thing
--- FAIL: TestA (0.00s)
    --- FAIL: TestA/bad (0.00s)
        p_test.go:6: child
            second line
FAIL
FAIL\texample.com/m/p\t0.012s
ok  \texample.com/m/q\t(cached)
FAIL\texample.com/m/broken [build failed]
FAIL
"""

MAGEX = b"""\
{"type":"start","timestamp":"2026-01-01T00:00:00Z","metadata":{"platform":"linux/amd64","go_version":"go1.26"}}
{"type":"failure","failure":{"package":"example.com/m/p","test":"TestA","error":"got 1","output":"    p_test.go:7: got 1, want 2\\n","type":"test","file":"","line":0,"signature":"x"}}
{"type":"summary","summary":{"status":"failed","total":2,"unique_total":2,"passed":1,"failed":1,"skipped":0,"duration":"1s"}}
"""


def read(data: bytes | str, exit_code: int | None = None) -> Fold:
    data = data.encode() if isinstance(data, str) else data
    (fold,) = read_recorded((Recorded(name="given", data=data),), Asked(), exit_code)
    return fold


def spelled(fold: Fold) -> dict[str, dict[str, str]]:
    return {p.path: {c.name: c.outcome.value for c in p.cases} for p in fold.packages}


def test_a_stream() -> None:
    assert spelled(read(STREAM)) == {
        "example.com/m/p": {"TestA": "fail", "TestA/bad": "fail", "TestA/good": "pass"}
    }


def test_verbose_text() -> None:
    fold = read(VERBOSE)
    assert spelled(fold) == {
        "example.com/m/p": {
            "TestA": "fail", "TestA/bad": "fail", "TestA/good": "pass", "TestB": "skip",
        },
        "example.com/m/q": {"TestC": "pass"},
        "example.com/m/r": {},
    }  # fmt: skip
    cases = {case.name: case for case in fold.packages[0].cases}
    assert cases["TestA"].fold
    failure = cases["TestA/bad"].attempts[0].failures[0]
    assert (failure.message, failure.file, failure.line) == ("child", "p_test.go", 6)
    assert cases["TestB"].attempts[0].reason == "no database here"
    assert cases["TestA/good"].duration_ms == 10
    assert [p.result.value for p in fold.packages] == ["fail", "pass", "empty"]
    assert judge(fold).verdict is Verdict.RED


def test_text_without_v() -> None:
    fold = read(PLAIN)
    assert [p.result.value for p in fold.packages] == ["fail", "pass", "build"]
    case = {case.name: case for case in fold.packages[0].cases}["TestA/bad"]
    assert case.attempts[0].failures[0].text == "    p_test.go:6: child\n        second line"
    broken = fold.packages[2].attempts[0].failures[0]
    assert broken.message == "broken/b_test.go:5:28: undefined: thing"
    assert fold.packages[1].attempts[0].cached


def test_s47_text_tells_what_vet_and_the_linker_said() -> None:
    fold = read(
        "# example.com/m/v\n# [example.com/m/v]\nv/v.go:5:2: fmt.Printf format %d has arg\n"
        "# example.com/m/l.test\nexample.com/m/l.TestA: relocation target l.no not defined\n"
        "FAIL\texample.com/m/v [build failed]\nFAIL\texample.com/m/l [build failed]\n"
        "FAIL\texample.com/m/u [build failed]\n--- FAIL: TestA (0.00s)\nsignal: killed\n"
        "FAIL\nFAIL\texample.com/m/p\t0.1s\nFAIL\n"
    )
    told = {one.path[-1]: one.attempts[0] for one in fold.packages}
    assert (told["v"].result, told["l"].result) == (PackageOutcome.VET, PackageOutcome.BUILD)
    assert told["v"].message == "v/v.go:5:2: fmt.Printf format %d has arg"
    assert told["l"].message == "example.com/m/l.TestA: relocation target l.no not defined"
    assert told["u"].message == "build failed, and nothing here says why"


def test_s6_packages_in_which_nothing_begins_are_those_of_v_false() -> None:
    def package(name: str, *said: str) -> str:
        path = f'"Package":"example.com/{name}"'
        lines = [f'{{"Action":"start",{path}}}']
        lines += [f'{{"Action":"output",{path},"Output":"{word}\\n"}}' for word in said]
        return "\n".join([*lines, f'{{"Action":"pass",{path}}}', ""])

    green = package("a", "PASS", "ok  \\texample.com/a\\t0.1s")
    other = green.replace("example.com/a", "example.com/b")
    assert judge(read(green + other)).verdict is Verdict.GREEN
    assert judge(read(green)).verdict is Verdict.RED
    assert (
        judge(read(green + other + package("c", "ok  \\texample.com/c\\t0.1s"))).verdict
        is Verdict.RED
    )
    begun = other.replace(
        '{"Action":"output"',
        '{"Action":"run","Package":"example.com/b","Test":"T"}\n{"Action":"pass","Package":"example.com/b","Test":"T"}\n{"Action":"output"',
        1,
    )
    assert judge(read(green + begun)).verdict is Verdict.RED


def test_s43_a_package_without_pass_among_verbose_ones_is_hollow() -> None:
    def package(name: str) -> str:
        return f"=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \texample.com/{name}\t0.1s\n"

    mute = "ok  \texample.com/mute\t0.1s\n"
    hollow = read(package("a") + mute + package("b"))
    assert [one.result for one in hollow.packages if one.path == "example.com/mute"] == ["hollow"]
    for fine in (
        package("a") + mute,
        mute + package("a"),
        package("a") + mute + mute + package("b"),
    ):
        assert judge(read(fine)).verdict is Verdict.GREEN  # of another go test without -v, perhaps


def test_green_text_without_v_is_green() -> None:
    fold = read("ok  \texample.com/m/q\t0.002s\n?   \texample.com/m/r\t[no test files]\n")
    assert judge(fold).verdict is Verdict.GREEN


def test_text_that_a_log_has_prefixed_and_coloured() -> None:
    prefixed = "".join(
        f"2026-01-01T00:00:00.1234567Z \x1b[31m{line}\x1b[0m\n" for line in VERBOSE.splitlines()
    )
    assert spelled(read(prefixed)) == spelled(read(VERBOSE))


def test_text_with_a_compiler_message_and_no_line_about_its_package_is_red() -> None:
    """S79 in text: a log may keep the compiler's words and lose go's."""
    text = (
        b"ok  \texample.com/a\t0.01s\n# example.com/b\nb/b.go:3:1: undefined: x\n"
        b"# example.com/c\nc/c.go:3:1: warning: deprecated [-Wdeprecated]\n"
    )
    (fold,) = read_recorded((Recorded(name="log", data=text),), Asked(), None)
    assert {p.path: str(p.result) for p in fold.packages} == {
        "example.com/a": "pass",
        "example.com/b": "build",
    }
    assert judge(fold).verdict is Verdict.RED


def test_text_that_was_cut_short_is_red() -> None:
    fold = read(VERBOSE[: VERBOSE.index("--- FAIL: TestA (")])
    assert fold.packages[0].result is PackageOutcome.DIED
    assert judge(fold).verdict is Verdict.RED


def test_text_ending_in_a_glued_frame() -> None:
    text = "=== RUN   TestA\nno newline--- PASS: TestA (0.00s)\nPASS\nok  \texample.com/m/q\t0.1s\n"
    assert spelled(read(text)) == {"example.com/m/q": {"TestA": "pass"}}


def test_text_with_two_packages_of_one_name_is_two_attempts() -> None:
    block = "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \texample.com/m/q\t0.1s\n"
    assert len(read(block * 2).packages[0].attempts) == 2


def test_magex_results_prove_failures_only() -> None:
    fold = read(MAGEX)
    assert spelled(fold) == {"example.com/m/p": {"TestA": "fail"}}
    failure = fold.packages[0].cases[0].attempts[0].failures[0]
    assert (failure.message, failure.line) == ("got 1, want 2", 7)
    assert judge(fold).verdict is Verdict.RED


def test_magex_results_without_a_failure_are_not_green() -> None:
    start, _, summary = MAGEX.splitlines()
    failed = summary.replace(b'"failed":1', b'"failed":0')
    passed = failed.replace(b'"status":"failed"', b'"status":"passed"')
    assert judge(read(start + b"\n" + passed)).verdict is Verdict.NOTHING
    code = passed.replace(b'"duration"', b'"exit_code":1,"duration"')
    torn = passed + b'\n{"type":"failure","fail'
    for red in (failed, code, start, start + b"\n" + torn):
        assert judge(read(red, exit_code=0)).verdict is Verdict.RED


def test_gzip_and_zip() -> None:
    assert spelled(read(gzip.compress(STREAM))) == spelled(read(STREAM))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("job/1_test.txt", STREAM)
        archive.writestr("job/2_notes.txt", "prose")
        archive.writestr("job/3_more.txt", VERBOSE)
    inputs = (Recorded(name="logs.zip", data=buffer.getvalue()),)
    folds = read_recorded(inputs, Asked(), None)
    assert [len(fold.packages) for fold in folds] == [1, 3]
    assert folds[1].packages[0].attempts[0].process == folds[0].next_process


def test_tar_holds_all_its_members() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        members = {"a.json": GREEN, "b.xml": suite(FAILED).encode(), "c.txt": VERBOSE.encode()}
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    found = read_recorded([Recorded(name="x.tgz", data=packed.getvalue())], Asked(), None)
    assert [judge(fold).verdict for fold in found] == [Verdict.GREEN, Verdict.RED, Verdict.RED]
    with pytest.raises(UsageError, match="tar file cannot be read"):
        read(gzip.compress(gzip.decompress(packed.getvalue())[:700]))


@pytest.mark.parametrize("magic", [b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"BZh9"])
def test_what_else_is_packed_is_named(magic: bytes) -> None:
    with pytest.raises(UsageError, match="is packed with"):
        read(magic + b"\x00" * 50)


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_what_powershell_redirects(coding: str) -> None:
    mark = b"\xfe\xff" if coding == "utf-16-be" else b""
    stream = mark + STREAM.replace(b"\n", b"\r\n").decode().encode(coding)
    assert spelled(read(stream)) == spelled(read(STREAM))
    assert spelled(read(mark + VERBOSE.encode(coding))) == spelled(read(VERBOSE))
    assert spelled(
        read(mark + JUNIT.replace("?>", f' encoding="{coding[:6].strip("-")}"?>').encode(coding))
    )
    pieces = (stream[at : at + 7] for at in range(0, len(stream), 7))
    (fold,) = read_recorded((Recorded(name="given", more=pieces),), Asked(), None)
    assert spelled(fold) == spelled(read(STREAM))


def test_several_files_are_several_folds_with_processes_of_their_own() -> None:
    inputs = (Recorded(name="a", data=STREAM), Recorded(name="b", data=GREEN))
    first, second = read_recorded(inputs, Asked(), None)
    assert second.packages[0].attempts[0].process == first.next_process


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"Dear reader,\nall tests pass.\n",
        bytes(range(256)) * 10,
        b'{"level":"info","msg":"PASS"}\n',
        b'{"Action":"opened","number":1}\n',
        b"# a heading\n\nok then, FAIL we did\n",
        b"<html><body>ok</body></html>",
        b"<test-run></test-run>",
        b"<testsuites/>",
        b"<testsuites><testsuite",
        gzip.compress(b"nothing", mtime=0),
        gzip.compress(b"cut off" * 1000, mtime=0)[:-20],
        b"PK\x03\x04 not a zip",
    ],
)
def test_an_input_without_any_result_is_an_error(data: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        read(data)
    assert caught.value.where is not None
    assert caught.value.where.startswith("given")


def test_a_bomb_is_refused() -> None:
    with pytest.raises(UsageError, match="refused"):
        read(gzip.compress(b"\0" * (64 << 20)))


JUNIT = """<?xml version="1.0"?>
<testsuites><testsuite name="example.com/m/p" tests="4" failures="1" time="1,234.5">
<testcase classname="example.com/m/p" name="TestPass" time="-0.0"/>
<testcase classname="example.com/m/p" name="TestFail" time="">
<failure message="Failed" type="">=== RUN   TestFail
    p_test.go:7: got 1, want 2
--- FAIL: TestFail (0.00s)
</failure></testcase>
<testcase name="TestSkip"><skipped message="=== RUN   TestSkip&#xA;    p_test.go:9: no database"/></testcase>
<testcase name="TestOff" status="notrun"><unknown><deep/></unknown></testcase>
</testsuite></testsuites>"""


def test_junit() -> None:
    fold = read(JUNIT)
    assert spelled(fold) == {
        "example.com/m/p": {
            "TestPass": "pass", "TestFail": "fail", "TestSkip": "skip", "TestOff": "skip",
        }
    }  # fmt: skip
    package = fold.packages[0]
    assert package.attempts[0].duration_ms == 1_234_500
    cases = {case.name: case for case in package.cases}
    assert cases["TestPass"].duration_ms == 0
    assert cases["TestFail"].duration_ms is None
    failure = cases["TestFail"].attempts[0].failures[0]
    assert (failure.message, failure.file, failure.line) == ("got 1, want 2", "p_test.go", 7)
    assert cases["TestSkip"].attempts[0].reason == "no database"
    assert judge(fold).verdict is Verdict.RED


def suite(*cases: str, attributes: str = "") -> str:
    return f'<testsuite name="p" {attributes}>{"".join(cases)}</testsuite>'


FAILED = '<testcase name="TestA"><failure message="no">    a_test.go:1: no</failure></testcase>'
PASSED = '<testcase name="TestA"/>'


def test_s88_a_last_fail_of_a_package_that_was_cut_away() -> None:
    fold = read("ok  \tp\t0.1s\nFAIL\nmake: *** [test] Error 1\n")
    assert [package.result for package in fold.packages] == ["pass", "late"]
    assert judge(fold).verdict is Verdict.RED


@pytest.mark.parametrize(
    "text",
    [
        "FAIL\tq\t0.2s\nok  \tp\t0.1s\nFAIL\n",
        "# q\nq/a.go:3:1: no\nFAIL\tq [build failed]\nok  \tp\t0.1s\nFAIL\n",
        "--- FAIL: TestA (0.00s)\nFAIL\nFAIL\tq\t0.2s\nok  \tp\t0.1s\nFAIL\n",
    ],
)
def test_s88_a_last_fail_says_nothing_more_of_packages_that_failed(text: str) -> None:
    assert {package.path for package in read(text).packages} == {"p", "q"}


@pytest.mark.parametrize(
    "end",
    [
        "FAIL\t",
        "*** Test killed with quit: ran too long (1m1s).\n",
        "exit status 3\n",
        "panic: x\n",
    ],
)
def test_s78_a_pass_is_not_the_last_word_of_a_text_cut_short(end: str) -> None:
    fold = read(f"=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\n{end}")
    assert judge(fold).verdict is Verdict.RED


@pytest.mark.parametrize(
    "text",
    [
        "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nleak check: 3 gorou",
        "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\n======",
        "ok  \texample.com/m/p\t0.1s\n=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\n",
    ],
)
def test_s78_only_a_pass_at_the_very_end_is_that_of_a_test_binary(text: str) -> None:
    assert judge(read(text)).verdict is Verdict.RED
    assert judge(read(text, exit_code=0)).verdict is Verdict.GREEN
    covered = "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\ncoverage: 5.0% of statements\n"
    assert judge(read(covered)).verdict is Verdict.GREEN


def test_s89_a_go_test_without_json_in_the_same_log() -> None:
    log = GREEN + b"--- FAIL: TestQ (0.00s)\nFAIL\nFAIL\texample.com/other\t0.2s\nFAIL\n"
    assert [package.result.red for package in read(log).packages] == [False, True]
    assert judge(read(log)).verdict is Verdict.RED
    assert judge(read(log, exit_code=0)).verdict is Verdict.GREEN
    assert judge(read(GREEN + b"FAIL\texample.com/other\n")).verdict is Verdict.GREEN


def test_junit_equal_names_are_attempts_and_the_worst_counts() -> None:
    fold = read(suite(FAILED, PASSED))
    case = fold.packages[0].cases[0]
    assert [a.outcome.value for a in case.attempts] == ["fail", "pass"]
    assert case.outcome is Outcome.FAIL
    assert judge(fold).verdict is Verdict.RED


def test_junit_equal_names_under_exit_0_are_a_flake() -> None:
    fold = read(suite(FAILED, PASSED), exit_code=0)
    case = fold.packages[0].cases[0]
    assert (case.outcome, case.label) == (Outcome.PASS, Label.FLAKY)
    assert judge(fold).verdict is Verdict.GREEN


def test_junit_flaky_and_rerun_failures() -> None:
    flaky = '<testcase name="TestA"><flakyFailure message="no"><stackTrace>text</stackTrace></flakyFailure></testcase>'
    case = read(suite(flaky)).packages[0].cases[0]
    assert (case.outcome, case.label, len(case.attempts)) == (Outcome.PASS, Label.FLAKY, 2)
    rerun = (
        '<testcase name="TestA"><failure message="no"/><rerunFailure message="again"/></testcase>'
    )
    case = read(suite(rerun)).packages[0].cases[0]
    assert (case.outcome, case.label) == (Outcome.FAIL, Label.CONSISTENT)
    assert [a.failures[0].message for a in case.attempts] == ["no", "again"]


def test_junit_a_suite_that_claims_more_than_it_shows_is_red() -> None:
    fold = read(suite(PASSED, attributes='failures="2"'))
    assert fold.packages[0].attempts[0].message == "the suite claims 2 failures, its cases show 0"
    assert judge(fold).verdict is Verdict.RED


@pytest.mark.parametrize(
    "one",
    [
        '<testsuite name="p" tests="2"><testcase name="TestA"/></testsuite>',
        '<testsuite name="p" tests="2"/>',
        '<testsuite name="p" tests="3" skipped="1"><testcase name="TestA"/></testsuite>',
        '<testsuites tests="2"><testsuite name="p" tests="1"><testcase name="TestA"/></testsuite></testsuites>',
    ],
)
def test_junit_a_suite_that_claims_more_tests_than_it_holds_is_red(one: str) -> None:
    found = read(one)
    assert judge(found).verdict is Verdict.RED
    assert "claims" in (found.packages[-1].attempts[0].message or "")


@pytest.mark.parametrize(
    "one",
    [
        '<testsuite name="p" tests="2" skipped="1"><testcase name="TestA"/></testsuite>',
        '<testsuite name="Catch2" tests="9" hostname="tbd"><testcase name="a"/></testsuite>',
        '<testsuite name="p" tests="2"><testcase name="TestA"><flakyFailure type="x"/></testcase></testsuite>',
    ],
)
def test_junit_tests_that_are_known_to_be_left_out_are_not_missed(one: str) -> None:
    assert judge(read(one)).verdict is Verdict.GREEN


@pytest.mark.parametrize(
    "claim", ['<testsuites errors="1">', '<testsuites><testsuite failures="1">']
)
def test_junit_what_claims_more_than_all_suites_show_is_red(claim: str) -> None:
    end = "</testsuite></testsuites>" if claim.count("<") > 1 else "</testsuites>"
    inner = f'<testsuite name="p">{PASSED}</testsuite>'
    fold = read(f"{claim}{inner}{end}".encode(), exit_code=0)
    assert [package.result for package in fold.packages] == ["pass", "late"]
    assert judge(fold).verdict is Verdict.RED
    shown = inner.replace(PASSED, '<testcase name="TestA"><flakyFailure message="no"/></testcase>')
    assert len(read(f"{claim}{shown}{end}".encode(), exit_code=0).packages) == 1


@pytest.mark.parametrize(
    "said",
    ['status="failed"', 'status="FAIL"', 'result="error"', 'status="timedout"', 'success="False"'],
)
def test_junit_a_case_that_says_it_failed_did(said: str) -> None:
    case = read(suite(f'<testcase name="TestA" {said}/>'), exit_code=0).packages[0].cases[0]
    assert (case.outcome, case.attempts[0].failures[0].message) == (Outcome.FAIL, "failed")


@pytest.mark.parametrize("text", ["1,000", "1.0", " 3 "])
def test_junit_numbers_are_read_as_tools_write_them(text: str) -> None:
    found = read(f'<testsuite name="p" failures="{text}"><testcase name="TestA"/></testsuite>')
    assert judge(found).verdict is Verdict.RED


def test_junit_cases_without_a_suite_are_one_named_by_the_file() -> None:
    found = read('<testsuites><testcase name="TestA"><failure/></testcase></testsuites>')
    assert [package.result for package in found.packages] == [PackageOutcome.FAIL]


def test_s9_text_with_a_zero_byte_in_it_is_still_text() -> None:
    found = read(VERBOSE.replace("no database here", "no \0 database"))
    assert found.packages[0].result is PackageOutcome.FAIL


def test_junit_reruns_that_failed_without_a_first_failure() -> None:
    again = '<testcase name="TestA"><rerunFailure message="again"/></testcase>'
    case = read(suite(again), exit_code=0).packages[0].cases[0]
    assert [a.outcome for a in case.attempts] == [Outcome.FAIL]


def test_junit_cases_in_the_wrong_place_show_no_failure() -> None:
    hidden = f"<properties>{FAILED}</properties>"
    assert judge(read(suite(PASSED, hidden, attributes='failures="1"'))).verdict is Verdict.RED


def test_junit_a_failure_beside_the_cases_is_red() -> None:
    beside = suite('<testcase name="TestA"/><failure message="no"/>')
    assert judge(read(beside, exit_code=0)).verdict is Verdict.RED


def test_junit_a_status_with_a_failure_is_a_failure() -> None:
    text = '<testcase name="TestA" status="disabled"><error message="no"/></testcase>'
    assert read(suite(text)).packages[0].cases[0].outcome is Outcome.FAIL


def test_junit_package_events_are_no_cases() -> None:
    build = '<testcase name="(build)"><error type="build" message="undefined: x">p.go:1:2: undefined: x</error></testcase>'
    package = read(suite(build)).packages[0]
    assert (package.result, package.cases) == (PackageOutcome.BUILD, ())


def test_junit_parents_are_folds() -> None:
    parent = '<testcase name="TestA"><failure message="Failed">--- FAIL: TestA (0.00s)</failure></testcase>'
    child = '<testcase name="TestA/x"><failure message="Failed">    a_test.go:3: no</failure></testcase>'
    cases = {c.name: c.fold for c in read(suite(parent, child)).packages[0].cases}
    assert cases == {"TestA": True, "TestA/x": False}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]><testsuites/>', "DOCTYPE"),
        ("<testsuite>" * 200, "nested"),
        ("<testsuite name='x'>", "not well-formed"),
        ("<assemblies/>", "xUnit.net"),
        ("<other/>", "root <other>"),
        ("<?xml version='1.0' encoding='klingon'?><testsuites/>", "cannot be read|not well-formed"),
    ],
)
def test_junit_hostile_or_foreign_xml_is_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(text)


def test_junit_characters_that_xml_forbids_are_dropped() -> None:
    text = suite('<testcase name="TestA"><failure message="a\x1b[31mb&#27;c"/></testcase>')
    assert read(text).packages[0].cases[0].attempts[0].failures[0].message == "a[31mbc"


def test_text_of_a_compiled_test_binary_is_one_package_named_by_its_file() -> None:
    fold = read("=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\n")
    assert [(p.path, p.result.value) for p in fold.packages] == [("given", "pass")]
    fold = read("--- FAIL: TestA (0.00s)\n    a_test.go:3: no\nFAIL\n")
    assert [(p.path, p.result.value) for p in fold.packages] == [("given", "fail")]


def test_text_of_benchmarks() -> None:
    fold = read(
        "BenchmarkGood\nBenchmarkGood-8 \t 100\t 12 ns/op\nBenchmarkBad\n    b_test.go:6: no\n"
        "--- FAIL: BenchmarkBad\nFAIL\nexit status 1\nFAIL\texample.com/m/p\t0.002s\n"
    )
    assert spelled(fold) == {"example.com/m/p": {"BenchmarkGood": "pass", "BenchmarkBad": "fail"}}


def test_a_passed_case_that_holds_the_crash_of_its_process() -> None:
    """go 1.20 ended a case whose process had timed out under it."""
    text = "panic: test timed out after 1s\\nrunning tests:\\n\\tTestA (1s)\\n"
    lines = (
        '"run","Package":"p","Test":"TestA"',
        f'"output","Package":"p","Test":"TestA","Output":"{text}"',
        '"pass","Package":"p","Test":"TestA","Elapsed":1',
        '"output","Package":"p","Output":"FAIL\\tp\\t1.012s\\n"',
        '"fail","Package":"p","Elapsed":1.012',
    )
    fold = read("".join(f'{{"Action":{line}}}\n' for line in lines))
    assert fold.packages[0].result is PackageOutcome.DIED
    message = fold.packages[0].attempts[0].message
    assert message == "test timed out after 1s, running: TestA"


def test_text_indented_by_depth_as_old_releases_did() -> None:
    lines = (
        '"run","Package":"p","Test":"TestA/x"',
        '"output","Package":"p","Test":"TestA/x","Output":"        --- FAIL: TestA/x (0.00s)\\n"',
        '"output","Package":"p","Test":"TestA/x","Output":"        a_test.go:9: no\\n"',
        '"fail","Package":"p","Test":"TestA/x"',
    )
    fold = read("".join(f'{{"Action":{line}}}\n' for line in lines))
    failure = fold.packages[0].cases[0].attempts[0].failures[0]
    assert (failure.message, failure.file, failure.line) == ("no", "a_test.go", 9)


def test_magex_lines_beside_events_are_read_too() -> None:
    """A log of both: green events outweigh no failure that magex itself wrote down."""
    stream, said = read_recorded((Recorded(name="x", data=GREEN + MAGEX),), Asked(), 0)
    assert judge(stream).verdict is Verdict.GREEN
    assert judge(said).verdict is Verdict.RED
    assert said.packages[0].attempts[0].process == stream.next_process


@pytest.mark.parametrize("size", [1, 7, 100, 1 << 20])
def test_an_input_is_read_in_blocks(size: int) -> None:
    data = b"a banner\n" * 50 + STREAM
    blocks = (data[at : at + size] for at in range(0, len(data), size))
    (found,) = read_recorded((Recorded(name="x", more=blocks),), Asked(), 1)
    assert found == read(data, 1)


@pytest.mark.parametrize("data", [VERBOSE.encode(), MAGEX, gzip.compress(STREAM, mtime=0)])
def test_what_is_no_stream_is_read_in_blocks_too(data: bytes) -> None:
    blocks = (data[at : at + 64] for at in range(0, len(data), 64))
    (found,) = read_recorded((Recorded(name="given", more=blocks),), Asked(), 1)
    assert found == read(data, 1)


def test_text_with_a_torn_line_about_a_package_that_failed_is_red() -> None:
    torn = "FAIL\t./nothing [setup fai=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\n"
    text = f"{torn}ok  \texample.com/m/p\t0.002s\n"
    (found,) = read_recorded([Recorded(name="log", data=text.encode())], Asked(), None)
    assert judge(found).verdict is Verdict.RED


def test_junit_behind_a_line_of_something_else_is_an_error_and_no_text() -> None:
    """Its texts quote go test's own lines."""
    xml = '<?xml version="1.0"?>\n<testsuites>\n<testsuite name="p">\n<testcase name="TestA">'
    xml += "<failure>\nok  \texample.com/m/p\t0.1s\n</failure></testcase></testsuite></testsuites>"
    with pytest.raises(UsageError, match="XML"):
        read_recorded([Recorded(name="f", data=f"a log\n{xml}".encode())], Asked(), None)
    quoted = f"=== RUN   TestA\n{xml.replace('ok  ', '')}\n--- PASS: TestA (0.00s)\nPASS\nok  \tp\t0.1s\n"
    (found,) = read_recorded([Recorded(name="f", data=quoted.encode())], Asked(), None)
    assert [c.name for p in found.packages for c in p.cases] == ["TestA"]


def test_text_with_a_mangled_time_is_read() -> None:
    text = "--- PASS: TestA (0.00s)\nok  \texample.com/m/p\t0..02s\n"
    (found,) = read_recorded([Recorded(name="log", data=text.encode())], Asked(), None)
    assert judge(found).verdict is not Verdict.RED


def test_text_with_a_control_character_in_the_path_of_a_failed_package_is_red() -> None:
    text = "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nFAIL\tex.co\x1f/m/p\t0.007s\n"
    (found,) = read_recorded([Recorded(name="log", data=text.encode())], Asked(), None)
    assert judge(found).verdict is Verdict.RED
