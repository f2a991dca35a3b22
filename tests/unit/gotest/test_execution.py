"""Rows of the catalogue that no small Go program can record: foreign, old, torn and huge streams."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from recordings.recording import asked, fold, recordings

from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.buffer import HEAD, TAIL
from gomanager.gotest.execution import Execution
from gomanager.gotest.verdict import judge
from gomanager.results import (
    CaseEnded,
    Kind,
    Outcome,
    PackageEnded,
    PackageOutcome,
    PackageStarted,
    Progress,
    Verdict,
)

P = "example.com/m/p"
START = datetime(2026, 1, 1, tzinfo=UTC)
RECORDED = {str(one): one for one in recordings()}


def event(action: str, test: str = "", *, at: float | None = None, **more: object) -> str:
    """One line; ``at`` are seconds after the beginning."""
    fields: dict[str, object] = {}
    if at is not None:
        fields["Time"] = (START + timedelta(seconds=at)).isoformat().replace("+00:00", "Z")
    fields |= {"Action": action, "Package": P}
    if test:
        fields["Test"] = test
    return json.dumps(fields | more, separators=(",", ":"))


def out(text: str, test: str = "", **more: object) -> str:
    return event("output", test, Output=text, **more)


def read(
    *lines: str, exit_code: int | None = 0, stderr: str = "", ask: Asked | None = None
) -> Fold:
    execution = Execution(ask)
    execution.feed("".join(line + "\n" for line in lines).encode())
    return execution.finish(exit_code, stderr)


def green(*names: str) -> list[str]:
    """The middle of a green package."""
    lines = []
    for name in names:
        lines += [event("run", name), out(f"=== RUN   {name}\n", name)]
        lines += [out(f"--- PASS: {name} (0.00s)\n", name), event("pass", name, Elapsed=0)]
    return lines


def end(action: str = "pass", bare: str = "PASS") -> list[str]:
    word = "ok  " if action == "pass" else "FAIL"
    return [out(f"{bare}\n"), out(f"{word}\t{P}\t0.010s\n"), event(action, Elapsed=0.01)]


def result(found: Fold) -> PackageOutcome:
    return found.packages[0].result


def outcomes(found: Fold) -> dict[str, str]:
    return {case.name: case.outcome.value for case in found.packages[0].cases}


def test_s12_a_fold_fails_through_the_child_that_ran_in_it() -> None:
    """`TestA/a/b` is its child; that `TestA/a` begins later takes nothing of that back."""
    bad, late = "TestA/a/b", "TestA/a"
    found = read(
        event("start"),
        event("run", "TestA"),
        event("run", bad),
        out("    x_test.go:7: no\n", bad),
        out(f"--- FAIL: {bad} (0.00s)\n", bad),
        event("fail", bad),
        *green(late),
        out("--- FAIL: TestA (0.00s)\n", "TestA"),
        event("fail", "TestA"),
        *end("fail", "FAIL"),
        exit_code=1,
    )
    assert [
        c.name for c in found.packages[0].cases if c.outcome is Outcome.FAIL and not c.fold
    ] == [bad]


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("testing.go:1712", "race"),
        ("/usr/local/go/src/testing/testing.go:1712", "race"),
        ("C:\\Program Files\\Go\\src\\testing\\testing.go:1712", "race"),
        ("x_test.go:3: testing.go:1712", None),
        ("/m/x_test.go:3: /go/src/testing/testing.go:1712", None),
    ],
)
def test_s35_a_race_whose_report_stands_elsewhere_is_one_with_fullpath_too(
    line: str, label: str | None
) -> None:
    found = read(
        event("start"),
        event("run", "TestA"),
        out(f"    {line}: race detected during execution of test\n", "TestA"),
        out("--- FAIL: TestA (0.00s)\n", "TestA"),
        event("fail", "TestA"),
        *end("fail", "FAIL"),
        exit_code=1,
    )
    assert found.packages[0].cases[0].label == label


@pytest.mark.parametrize("kind", [{}, {"OutputType": "error"}])
@pytest.mark.parametrize("root", ["/home/me/my project", "C:\\My Code"])
def test_s13_a_repository_with_a_blank_in_its_path_keeps_messages_and_places(
    root: str, kind: dict[str, str]
) -> None:
    slash = "\\" if ":" in root else "/"
    found = read(
        event("start"),
        event("run", "TestA"),
        out(f"    {root}{slash}p{slash}x_test.go:3: got 1\n", "TestA", **kind),
        out("--- FAIL: TestA (0.00s)\n", "TestA"),
        event("fail", "TestA"),
        event("run", "TestB"),
        out(f"    {root}{slash}p{slash}x_test.go:5: no database\n", "TestB"),
        out("--- SKIP: TestB (0.00s)\n", "TestB"),
        event("skip", "TestB"),
        *end("fail", "FAIL"),
        exit_code=1,
        ask=Asked(root=root),
    )
    by_name = {case.name: case.attempts[0] for case in found.packages[0].cases}
    failure = by_name["TestA"].failures[0]
    assert (failure.message, failure.file, failure.line) == ("got 1", "p/x_test.go", 3)
    assert by_name["TestB"].reason == "no database"


def test_s19_a_panic_that_stands_under_a_passed_sibling_is_that_of_the_mute_one() -> None:
    """As Go 1.21 prints it: the siblings ended, the stack names only their function."""
    panic = f"panic: sub b [recovered]\n\tpanic: sub b\n\ngoroutine 8 [running]:\n{P}.TestA.func1(0x0)\n\t/m/x_test.go:8 +0x5e\n"
    found = read(
        event("start"),
        *(event("run", name) for name in ("TestA", "TestA/b", "TestA/c")),
        out("--- FAIL: TestA/b (0.00s)\n", "TestA/b"),
        event("fail", "TestA/b"),
        out("--- FAIL: TestA (0.30s)\n", "TestA"),
        event("fail", "TestA"),
        out("--- PASS: TestA/c (0.30s)\n", "TestA/c"),
        out(panic, "TestA/c"),
        event("pass", "TestA/c"),
        out(f"FAIL\t{P}\t0.3s\n"),
        event("fail"),
        exit_code=1,
    )
    cases = {case.name: case for case in found.packages[0].cases}
    assert [f.kind for f in cases["TestA/b"].attempts[0].failures] == [Kind.PANIC]
    assert cases["TestA"].fold
    assert cases["TestA/c"].outcome is Outcome.PASS


def test_s87_a_failure_inside_a_running_test_is_not_shown_live() -> None:
    shown: list[str] = []

    def hear(progress: Progress) -> None:
        if isinstance(progress, CaseEnded) and progress.outcome is Outcome.FAIL:
            shown.extend([] if progress.fold else [progress.name])

    execution = Execution(Asked(), hear)
    lines = [
        event("start"),
        event("run", "TestSuite"),
        *(event("run", name) for name in ("inner", "inner/TestOne")),
        *(event("fail", name) for name in ("inner/TestOne", "inner")),
        event("pass", "TestSuite"),
        event("run", "TestParallel"),
        event("pause", "TestParallel", at=1),
        event("run", "TestReal"),
        event("fail", "TestReal"),
        event("cont", "TestParallel", at=2),
        event("run", "TestParallel/x"),
        event("fail", "TestParallel/x"),
        event("fail", "TestParallel"),
    ]
    execution.feed("".join(line + "\n" for line in lines).encode())
    assert shown == ["TestReal", "TestParallel/x"]


def test_s41_a_list_of_flags_hides_no_message() -> None:
    said = 'invalid value "-1" for flag -test.count: parse error\n'
    usage = "Usage of /tmp/b001/p.test:\n  -test.v\n    \tverbose: print additional output\n"
    found = read(event("start"), out(said), out(usage), event("fail"), exit_code=1)
    assert "invalid value" in (found.packages[0].attempts[0].message or "")


def test_s52_flags_of_the_environment_are_no_fault_of_the_module() -> None:
    alone = judge(read(exit_code=1, stderr="go: parsing $GOFLAGS: unknown flag -nosuch\n"))
    assert (alone.verdict, alone.exit_code) == (Verdict.ERROR, 3)


def test_s2_lines_that_are_no_events_are_side_text() -> None:
    lines = ["Running tests...", '{"level":"info"}', event("start"), *green("TestA")]
    found = read(*lines, "[1,2]", *end(), "done")
    assert found.side_text == ("Running tests...", '{"level":"info"}', "[1,2]", "done")
    assert judge(found).verdict is Verdict.GREEN


def test_s45_a_failure_glued_to_output_counts_beside_a_run_that_passes() -> None:
    """Found by fuzzing: the newline before ``fail`` was lost, and the ``run`` of what passed."""
    half = out("--- FAIL: TestA (0.00s)\n", "TestA")[:-3]
    found = read(
        event("start"),
        event("run", "TestA"),
        half + event("fail", "TestA", at=1, Elapsed=0),
        out("FAIL\n"),
        out("--- PASS: TestA (0.00s)\n", "TestA"),
        event("pass", "TestA", at=2, Elapsed=0),
        *end(),
    )
    assert judge(found).verdict is Verdict.RED


def test_a_failure_glued_between_two_events() -> None:
    glued = event("run", "TestB") + event("fail", "TestA", at=1) + event("run", "TestC", at=2)
    found = read(event("start"), event("run", "TestA"), glued, event("pass", "TestA"), *end())
    assert judge(found).verdict is Verdict.RED


def test_s87_nothing_is_inside_a_test_around_which_none_began() -> None:
    """Clocks of one step: times alone would say that one ran inside the other."""
    found = read(
        event("start"),
        event("run", "TestB", at=1),
        event("fail", "TestB", at=1, Elapsed=0),
        event("run", "TestA", at=1),
        event("pass", "TestA", at=1, Elapsed=0),
        *end(),
    )
    assert judge(found).verdict is Verdict.RED


def test_many_failures_beside_many_parents_are_read_in_linear_time() -> None:
    lines = [event("start")]
    for number in range(3000):
        name, at = f"TestA{number}", number
        lines += [event("run", name, at=at), event("run", f"{name}/x", at=at)]
        lines += [event("pass", f"{name}/x", at=at), event("pass", name, at=at + 0.5)]
        lines += [event("run", f"TestB{number}", at=at), event("fail", f"TestB{number}", at=at)]
    began = time.process_time()
    found = read(*lines, out("FAIL\n"), event("fail"), exit_code=1)
    assert time.process_time() - began < 5
    assert len(found.packages[0].cases) == 9000


def test_s44_says_once_that_go_reported_success() -> None:
    """The package's own finding does, beside its name."""
    failing = [
        event("run", "TestA"),
        out("--- FAIL: TestA (0.00s)\n", "TestA"),
        event("fail", "TestA"),
    ]
    judgement = judge(read(event("start"), *failing, out("FAIL\n"), event("pass")))
    assert judgement.verdict is Verdict.RED
    assert all(reason.startswith(f"{P}: masked") for reason in judgement.reasons)


def test_s2_an_event_glued_to_progress_text_is_read() -> None:
    glued = "downloading 50%" + event("pass", "TestA", at=1, Elapsed=0)
    found = read(event("start"), event("run", "TestA"), glued, *end())
    assert outcomes(found) == {"TestA": "pass"}
    assert found.side_text == ("downloading 50%",)


def test_s3_stderr_decides_only_when_no_event_explains_the_exit() -> None:
    stderr = "go: downloading example.com/x v1.0.0\n"
    assert judge(read(event("start"), *green("TestA"), *end(), stderr=stderr)).exit_code == 0
    alone = judge(read(event("start"), *green("TestA"), *end(), exit_code=1, stderr="go: odd\n"))
    assert alone.verdict is Verdict.RED
    assert alone.reasons == ("go exited 1 without a reason: go: odd",)


def test_s8_a_message_of_megabytes_is_one_event() -> None:
    text = f"# {P}\np.go:1:1: {'x' * 3_000_000}\n"
    build = json.dumps({"ImportPath": P, "Action": "build-output", "Output": text})
    fail = json.dumps({"ImportPath": P, "Action": "build-fail"})
    last = [out(f"FAIL\t{P} [build failed]\n"), event("fail", Elapsed=0, FailedBuild=P)]
    found = read(build, fail, event("start"), *last, exit_code=1)
    assert result(found) is PackageOutcome.BUILD
    assert len(found.packages[0].attempts[0].failures[0].text) < 1_100_000


def test_s10_half_a_line_and_no_end() -> None:
    lines = [event("start"), *green("TestA"), event("run", "TestB")]
    execution = Execution(Asked())
    execution.feed("\n".join(lines).encode() + b'\n{"Time":"2026')
    found = execution.finish(-9)
    assert outcomes(found) == {"TestA": "pass", "TestB": "unknown"}
    assert result(found) is PackageOutcome.DIED
    assert found.side_text == ('{"Time":"2026',)


def test_s10_a_last_line_without_newline_is_read() -> None:
    execution = Execution(Asked())
    execution.feed("\n".join([event("start"), *green("TestA"), *end()]).encode())
    assert judge(execution.finish(0)).verdict is Verdict.GREEN


def test_s11_future_actions_and_fields_are_anomalies_and_never_ends() -> None:
    retry = event("retry", "TestA", Attempt=2)
    lines = [event("start"), event("run", "TestA"), retry, retry]
    found = read(*lines, event("pass", "TestA", Elapsed=0, Location="x.go:1"), *end())
    assert found.anomalies == ("2 events of unknown action `retry`",)
    assert judge(found).verdict is Verdict.GREEN
    assert outcomes(read(*lines, *end())) == {"TestA": "unknown"}


@pytest.mark.parametrize(
    "broken",
    [
        event("fail", "TestA", Elapsed="soon"),
        event("fail", "TestA", Elapsed=10**400),
        event("fail", "TestA", Output=7, Time=False),
        event("fail", "TestA", Output="\ud800"),
    ],
)
def test_s11_an_end_with_wrong_types_is_still_an_end(broken: str) -> None:
    found = read(event("start"), event("run", "TestA"), broken, *end("fail", "FAIL"), exit_code=1)
    assert outcomes(found) == {"TestA": "fail"}
    assert result(found) is PackageOutcome.FAIL


def test_s16_own_time_is_run_to_end_without_the_pauses() -> None:
    found = read(
        event("start", at=0),
        event("run", "TestA", at=1),
        event("pause", "TestA", at=1.25),
        event("cont", "TestA", at=5.25),
        event("pass", "TestA", at=5.5, Elapsed=0.49),
        *end(),
    )
    assert found.packages[0].cases[0].duration_ms == 500


def test_s40_time_that_no_test_explains() -> None:
    lines = [event("start", at=0), event("run", "TestA", at=0), event("pass", "TestA", at=0.5)]
    slow = [out("PASS\n"), out(f"ok  \t{P}\t20.5s\n"), event("pass", Elapsed=20.5, at=20.5)]
    assert read(*lines, *slow).packages[0].attempts[0].unexplained_ms == 20_000
    assert read(*lines, *end()).packages[0].attempts[0].unexplained_ms is None


def test_s49_the_machine_is_to_blame() -> None:
    text = f"# {P}.test\n/goroot/pkg/tool/linux_amd64/link: signal: killed\n"
    build = json.dumps({"ImportPath": f"{P}.test", "Action": "build-output", "Output": text})
    last = [out(f"FAIL\t{P} [build failed]\n"), event("fail", FailedBuild=f"{P}.test")]
    found = read(build, event("start"), *last, exit_code=1)
    assert [note.kind for note in found.notes] == ["environment"]
    message = "environment: /goroot/pkg/tool/linux_amd64/link: signal: killed"
    assert found.packages[0].attempts[0].message == message


def test_s50_go_before_1_24_says_it_beside_the_stream() -> None:
    stderr = f"# {P} [{P}.test]\n./p_test.go:5:28: undefined: x\n# other\nfoo.go:1:1: no\n"
    found = read(
        f"FAIL\t{P} [build failed]", f"FAIL    {P}2 [setup failed]", exit_code=1, stderr=stderr
    )
    assert [p.result.value for p in found.packages] == ["build", "setup"]
    failure = found.packages[0].attempts[0].failures[0]
    assert failure.text == f"# {P} [{P}.test]\n./p_test.go:5:28: undefined: x"
    assert (failure.line, failure.message) == (5, "./p_test.go:5:28: undefined: x")
    assert found.speaks
    assert judge(found).verdict is Verdict.RED
    assert [reason.split(":")[0] for reason in judge(found).reasons] == [P, f"{P}2"]


def test_s50_a_package_that_could_not_load_is_no_fault_of_the_machine() -> None:
    stderr = f"# {P}\np_test.go:2:20: no required module provides package ex.com/x; to add it:\n"
    found = read(f"FAIL\t{P} [setup failed]", exit_code=1, stderr=stderr)
    assert judge(found).verdict is Verdict.RED
    assert not read(exit_code=1, stderr="go: no go.mod\n").speaks


def test_s57_cached_cases_keep_their_old_times() -> None:
    lines = [event("start", at=0), event("run", "TestA", at=0)]
    lines += [event("pass", "TestA", at=0, Elapsed=1.5), out("PASS\n")]
    found = read(*lines, out(f"ok  \t{P}\t(cached)\n"), event("pass", Elapsed=0))
    assert found.packages[0].attempts[0].cached
    assert found.packages[0].cases[0].duration_ms == 1500


def test_s57_the_recorded_one_is_cached() -> None:
    assert fold(RECORDED["S57-go1.26"]).packages[0].attempts[0].cached


def test_s58_with_failfast_no_failing_package_is_complete() -> None:
    assert not fold(RECORDED["S58-go1.26"]).packages[0].attempts[0].complete
    assert fold(RECORDED["S14-go1.26"]).packages[0].attempts[0].complete


def test_s61_the_seed_is_kept() -> None:
    assert fold(RECORDED["S61-go1.27"]).packages[0].attempts[0].seed == 7


def test_s67_s68_attributes_and_artifacts() -> None:
    attrs = fold(RECORDED["S67-go1.27"]).packages[0].cases[0].attrs
    assert attrs == (("ticket", "ABC-1"), ("owner", "storage"))
    artifacts = fold(RECORDED["S68-go1.27"]).packages[0].cases[0].artifacts
    assert artifacts is not None
    assert artifacts.startswith("/tmp/_artifacts/")


def test_s70_forty_thousand_subtests_in_linear_time() -> None:
    def seconds(count: int) -> float:
        names = [f"TestBig/case_{i}" for i in range(count)]
        data = "\n".join([event("start"), event("run", "TestBig"), *green(*names)])
        tail = "\n".join(["", event("pass", "TestBig"), *end(), ""])
        execution = Execution(Asked())
        began = time.process_time()
        execution.feed((data + tail).encode())
        found = execution.finish(0)
        assert len(found.packages[0].cases) == count + 1
        return time.process_time() - began

    few = min(seconds(5_000) for _ in range(3))
    assert seconds(40_000) < 8 * few * 3 + 0.2


def test_s71_output_is_capped_with_the_errors_kept() -> None:
    execution = Execution(Asked())
    lines = [event("start", at=0), event("run", "TestA", at=0)]
    lines += [out("the first line\n", "TestA", at=0)]
    execution.feed("".join(line + "\n" for line in lines).encode())
    noise = (out("noise " * 100 + "\n", "TestA", at=0) + "\n").encode()
    error = out("    p_test.go:3: the error\n", "TestA", at=0, OutputType="error") + "\n"
    for round_ in range(40):
        execution.feed(noise * 2000 if round_ != 5 else error.encode())
    rest = [out("the last line\n", "TestA", at=0), event("fail", "TestA"), *end("fail", "FAIL")]
    execution.feed("".join(line + "\n" for line in rest).encode())
    attempt = execution.finish(1).packages[0].cases[0].attempts[0]
    assert attempt.output.startswith("the first line\n")
    assert attempt.output.endswith("the last line\n")
    assert "bytes left out]" in attempt.output
    assert len(attempt.output) < HEAD + 12 * TAIL
    assert attempt.failures[0].message == "the error"


def test_s72_passes_of_one_package_stand_side_by_side() -> None:
    first = [event("start"), *green("TestA"), *end()]
    second = [event("start"), event("run", "TestA"), event("fail", "TestA"), *end("fail", "FAIL")]
    found = read(*first, *second, *first, exit_code=1)
    assert [a.result.value for a in found.packages[0].attempts] == ["pass", "fail", "pass"]
    assert result(found) is PackageOutcome.FAIL
    assert outcomes(found) == {"TestA": "fail"}
    assert [a.process for a in found.packages[0].cases[0].attempts] == [1, 2, 3]


@pytest.mark.parametrize(
    "middle",
    [
        [out("PASS\n"), out(f"FAIL\t{P}\t0.010s\n")],
        [out("PASS\n"), out("WARNING: DATA RACE\n"), out(f"ok  \t{P}\t0.010s\n")],
    ],
)
def test_s73_a_fail_line_outweighs_the_event(middle: list[str]) -> None:
    found = read(event("start"), *green("TestA"), *middle, event("pass", Elapsed=0))
    assert result(found) is PackageOutcome.LATE
    assert judge(found).verdict is Verdict.RED


def test_s74_of_runs_that_share_their_text_the_worst_frame_counts() -> None:
    """The end of the first run was lost: its failure stands in the text of the second."""
    lines = [event("start"), event("run", "TestX"), out("--- FAIL: TestX (0.00s)\n", "TestX")]
    lines += [event("run", "TestX"), out("--- PASS: TestX (0.00s)\n", "TestX")]
    lines += [event("pass", "TestX"), out("PASS\n"), out(f"ok  \t{P}\t0.1s\n"), event("pass")]
    found = read(*lines)
    assert judge(found).verdict is Verdict.RED
    assert found.packages[0].cases[0].outcome is Outcome.FAIL


def test_a_fail_behind_the_end_of_its_package_counts() -> None:
    lines = [event("start"), event("run", "TestX"), out("--- PASS: TestX (0.00s)\n", "TestX")]
    lines += [out("PASS\n"), out(f"ok  \t{P}\t0.1s\n"), event("pass"), event("fail", "TestX")]
    assert judge(read(*lines)).verdict is Verdict.RED


def test_a_fail_behind_an_early_end_counts_though_the_package_begins_again() -> None:
    lines = [event("start"), event("run", "TestX"), event("pass"), event("fail", "TestX")]
    found = read(*lines, *green("TestX"), *end())
    assert judge(found).verdict is Verdict.RED
    assert [a.outcome.value for a in found.packages[0].cases[0].attempts] == ["fail", "pass"]


def test_a_fail_behind_half_a_line_of_its_output_counts() -> None:
    torn = out("--- FAIL: TestX (0.00s)\n", "TestX", at=0)[:90] + event("fail", "TestX", at=0)
    lines = [event("start"), event("run", "TestX", at=0), torn, event("run", "TestX", at=0)]
    lines += [out("--- PASS: TestX (0.00s)\n", "TestX", at=0), event("pass", "TestX", at=0)]
    assert judge(read(*lines, *end())).verdict is Verdict.RED
    assert judge(read(event("start"), event("run", "TestX", at=0), torn, *end())).exit_code == 1


def test_s69_a_parent_whose_subtests_all_skip_proves_nothing() -> None:
    found = fold(RECORDED["S69-go1.27"])
    assert (judge(found).verdict, judge(found).exit_code) == (Verdict.NOTHING, 0)


def test_s74_overlapping_runs_of_one_name_are_two_functions() -> None:
    runs = [event("run", "TestX"), event("pause", "TestX")] * 2
    found = read(
        event("start"), *runs, event("pass", "TestX"), event("fail", "TestX"),
        *end("fail", "FAIL"), exit_code=1,
    )  # fmt: skip
    assert [a.outcome.value for a in found.packages[0].cases[0].attempts] == ["pass", "fail"]
    assert outcomes(found) == {"TestX": "fail"}


def test_a_second_run_without_an_end_leaves_one_unknown() -> None:
    runs = [event("run", "TestX"), event("run", "TestX"), event("pass", "TestX")]
    found = read(event("start"), *runs, *end())
    assert result(found) is PackageOutcome.DIED
    assert outcomes(found) == {"TestX": "unknown"}


def test_s75_foreign_streams_without_their_flags() -> None:
    warning = out("testing: warning: no tests to run\n")
    assert result(read(event("start"), warning, *end())) is PackageOutcome.EMPTY
    bench = out("BenchmarkX-8 \t 100\t 12 ns/op\n")
    assert result(read(event("start"), bench, *end())) is PackageOutcome.EMPTY
    assert result(read(event("start"), *end())) is PackageOutcome.HOLLOW


def test_s76_a_bare_fail_behind_the_summary_is_gos_own() -> None:
    lines = [event("start"), *green("TestA"), out("PASS\n"), out(f"ok  \t{P}\t0.1s\n")]
    assert result(read(*lines, out("FAIL\n"), event("pass"))) is PackageOutcome.PASS


def test_s77_a_timeout_without_its_list() -> None:
    panic = out("panic: test timed out after 3s\n", "TestB")
    lines = [event("start"), *green("TestA"), event("run", "TestB"), panic]
    found = read(*lines, out(f"FAIL\t{P}\t3.0s\n"), event("fail"), exit_code=1)
    assert outcomes(found) == {"TestA": "pass", "TestB": "fail"}
    assert found.packages[0].cases[1].attempts[0].failures[0].kind is Kind.TIMEOUT


def test_s77_an_end_outranks_the_list() -> None:
    panic = out(
        "panic: test timed out after 3s\n\trunning tests:\n\t\tTestA (3s)\n\t\tTestB (1s)\n",
        "TestB",
    )
    lines = [event("start"), *green("TestA"), event("run", "TestB"), panic]
    found = read(*lines, out(f"FAIL\t{P}\t3.0s\n"), event("fail"), exit_code=1)
    assert outcomes(found) == {"TestA": "pass", "TestB": "fail"}


def test_s78_a_stream_without_packages_is_one_package() -> None:
    lines = [event("start"), *green("TestA"), *end()]
    bare = [line.replace(f',"Package":"{P}"', "").replace(P, "p") for line in lines]
    found = read(*bare, ask=Asked(nameless="log.json"))
    assert found.packages[0].path == "log.json"
    assert judge(found).verdict is Verdict.GREEN


def test_s78_output_without_a_package_beside_others_is_side_text() -> None:
    lines = [
        event("start"),
        *green("TestA"),
        '{"Action":"cont"}',
        '{"Action":"output","Output":"x"}',
    ]
    found = read(*lines, *end())
    assert len(found.packages) == 1
    assert "x" in found.side_text


def test_s79_a_failed_package_without_a_failed_case() -> None:
    found = read(event("start"), *green("TestA"), *end("fail", "FAIL"), exit_code=1)
    assert result(found) is PackageOutcome.LATE
    assert found.packages[0].attempts[0].message == "failed although no test failed"


def test_s79_build_events_without_any_package() -> None:
    build = json.dumps(
        {"ImportPath": P, "Action": "build-output", "Output": f"# {P}\np.go:1:2: no\n"}
    )
    found = read(build, json.dumps({"ImportPath": P, "Action": "build-fail"}), exit_code=1)
    assert [(p.path, p.result.value) for p in found.packages] == [(P, "build")]


def test_s82_on_any_release_a_fail_line_with_a_failed_case_counts() -> None:
    lines = [event("start"), event("run", "TestA"), event("fail", "TestA"), out("FAIL\n")]
    assert result(read(*lines, *green("TestA"), *end())) is PackageOutcome.MASKED


def test_a_fail_event_without_a_run_is_a_failure() -> None:
    found = read(
        event("start"), *green("TestA"), event("fail", "TestB"), *end("fail", "FAIL"), exit_code=1
    )
    assert outcomes(found) == {"TestA": "pass", "TestB": "fail"}


def test_a_fail_after_the_packages_end_still_counts() -> None:
    found = read(event("start"), *green("TestA"), *end(), event("fail", "TestB"))
    assert judge(found).verdict is Verdict.RED


def test_expected_functions_that_did_not_run_are_red() -> None:
    ask = Asked(expected={P: frozenset({"TestA", "TestB"})})
    found = read(event("start"), *green("TestA"), *end(), ask=ask)
    assert outcomes(found) == {"TestA": "pass", "TestB": "not_run"}
    assert judge(found).verdict is Verdict.RED
    assert judge(found).reasons == (f"{P}: did not run: TestB",)


def test_missing_packages_are_red() -> None:
    found = read(event("start"), *green("TestA"), *end(), ask=Asked(packages=(P, f"{P}/q")))
    assert [p.result.value for p in found.packages] == ["pass", "missing"]
    assert judge(found).verdict is Verdict.RED


def test_a_package_may_be_hollow_where_its_phase_says_so() -> None:
    recording = RECORDED["S43-go1.27"]
    found = fold(recording, Asked(hollow_ok=frozenset({P})))
    assert result(found) is PackageOutcome.EMPTY
    assert judge(found).verdict is Verdict.NOTHING


def test_progress_is_told_as_it_happens() -> None:
    told: list[Progress] = []
    execution = Execution(asked("S14"), told.append)
    execution.feed(RECORDED["S14-go1.27"].stream)
    assert isinstance(told[0], PackageStarted)
    ended = [(t.name, t.outcome, t.fold) for t in told if isinstance(t, CaseEnded)]
    assert ended == [
        ("TestA/bad", Outcome.FAIL, False),
        ("TestA/good", Outcome.PASS, False),
        ("TestA", Outcome.FAIL, True),
    ]
    texts = [t.output for t in told if isinstance(t, CaseEnded) and t.outcome is Outcome.FAIL]
    assert "child" in texts[0]
    assert isinstance(told[-1], PackageEnded)
    assert told[-1].attempt.result is PackageOutcome.FAIL


def test_cases_without_an_end_are_told_at_the_packages_end() -> None:
    told: list[Progress] = []
    Execution(asked("S18"), told.append).feed(RECORDED["S18-go1.27"].stream)
    ended = {t.name: t for t in told if isinstance(t, CaseEnded)}
    assert ended["TestStarts"].outcome is Outcome.FAIL
    assert "boom in goroutine" in ended["TestStarts"].output


def test_output_of_passed_cases_on_request() -> None:
    lines = [event("start"), event("run", "TestA"), out("hello\n", "TestA"), event("pass", "TestA")]
    kept = read(*lines, *end(), ask=Asked(keep_output=True))
    assert kept.packages[0].cases[0].attempts[0].output == "hello\n"
    assert read(*lines, *end()).packages[0].cases[0].attempts[0].output == ""


def test_warnings_in_passing_packages_are_remembered_once() -> None:
    text = "WARNING: the cache is cold\n"
    lines = [event("start"), event("run", "TestA"), out(text, "TestA"), out(text, "TestA")]
    found = read(*lines, event("pass", "TestA"), out("level=warn msg=slow\n"), *end())
    warned = found.packages[0].attempts[0].warnings
    assert [(w.case, w.text) for w in warned] == [
        ("TestA", "WARNING: the cache is cold"),
        (None, "level=warn msg=slow"),
    ]


def test_interrupted_runs_are_interrupted_and_keep_what_finished() -> None:
    one = RECORDED["S38-go1.27"]
    execution = Execution(asked(one.case))
    execution.feed(one.stream)
    found = execution.finish(one.exit_code, one.stderr, interrupted=True)
    assert judge(found).exit_code == 130
    assert outcomes(found)["TestDone"] == "pass"


def test_s40_the_second_that_a_race_binary_sleeps_is_explained() -> None:
    lines = [event("start", at=0), event("run", "TestA", at=0), event("pass", "TestA", at=0.01)]
    slow = [out("PASS\n"), out(f"ok  \t{P}\t1.02s\n"), event("pass", Elapsed=1.02, at=1.02)]
    assert read(*lines, *slow).packages[0].attempts[0].unexplained_ms == 1010
    assert read(*lines, *slow, ask=Asked(race=True)).packages[0].attempts[0].unexplained_ms is None


def test_s86_a_stream_without_output_is_judged_by_its_events() -> None:
    cases = [event("run", "TestA"), event("pass", "TestA"), event("run", "TestB")]
    found = read(event("start"), *cases, event("skip", "TestB"), event("pass"))
    assert (result(found), judge(found).verdict) == (PackageOutcome.PASS, Verdict.GREEN)
    found = read(event("start"), *cases, event("fail", "TestB"), event("fail"), exit_code=1)
    assert (result(found), judge(found).verdict) == (PackageOutcome.FAIL, Verdict.RED)
    found = read(event("start"), *cases, event("fail", "TestB"), event("pass"))
    assert (result(found), judge(found).verdict) == (PackageOutcome.MASKED, Verdict.RED)
    found = read(event("start"), *cases, event("pass"))
    assert (result(found), judge(found).verdict) == (PackageOutcome.DIED, Verdict.RED)
    found = read(event("start"), event("pass"))
    assert (result(found), judge(found).verdict) == (PackageOutcome.HOLLOW, Verdict.RED)


def test_s86_a_stream_of_ends_only() -> None:
    ends = [event("pass", "TestA/x", Elapsed=0.5), event("pass", "TestA"), event("skip", "TestB")]
    found = read(*ends, event("pass", Elapsed=0.7))
    assert judge(found).verdict is Verdict.GREEN
    assert outcomes(found) == {"TestA/x": "pass", "TestA": "pass", "TestB": "skip"}
    assert [c.fold for c in found.packages[0].cases] == [False, True, False]
    assert found.packages[0].cases[0].duration_ms == 500
    found = read(*ends, event("fail", "TestC"), event("fail"), exit_code=1)
    assert (result(found), judge(found).verdict) == (PackageOutcome.FAIL, Verdict.RED)


@pytest.mark.parametrize("line", [out("ok  \texample.com/m/p\t0.1s\n"), event("run", "TestB")])
def test_s5_an_end_without_a_run_is_no_case_beside_anything_else(line: str) -> None:
    found = read(event("pass", "TestA"), line, event("pass", "TestB"), event("pass"))
    assert "TestA" not in outcomes(found)
    assert "1 end without a `run`" in found.anomalies
