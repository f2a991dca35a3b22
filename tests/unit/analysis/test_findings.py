"""Critical Findings: every kind, each thing once, in the fixed order, red never without a reason."""

import pytest
import samples as s
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gomanager.analysis import reproduce
from gomanager.analysis.finding import Context, Finding, Reproduction
from gomanager.analysis.findings import findings
from gomanager.results import (
    Kind,
    Label,
    Note,
    Outcome,
    PackageOutcome,
    PackageResult,
    PhaseResult,
    Run,
    Severity,
    Verdict,
    Warned,
)


def one(found: tuple[Finding, ...], kind: str) -> Finding:
    matching = [finding for finding in found if finding.kind == kind]
    assert len(matching) == 1, [(finding.kind, finding.title) for finding in found]
    return matching[0]


def red_phase(*packages: PackageResult, **more: object) -> Run:
    return s.run(Verdict.RED, s.phase(Verdict.RED, *packages, **more))


def test_green_has_none() -> None:
    assert findings(s.green()) == ()


def test_a_failure_has_text_place_kind_and_command() -> None:
    found = findings(
        red_phase(s.package("store", PackageOutcome.FAIL, s.failed("TestGet/a b|c", s.ASSERTION))),
        Context(
            reproductions={
                ("unit-race", s.MODULE): Reproduction(
                    folder="sub dir",
                    module=s.MODULE,
                    flags=("-race", "-tags=e2e"),
                    env=(("GOWORK", "off"), ("API_TOKEN", "abcdef")),
                )
            }
        ),
    )
    failure = one(found, "assertion")
    assert failure.severity is Severity.CRITICAL
    assert (failure.file, failure.line) == ("store/store_test.go", 14)
    assert failure.text == "    store_test.go:14: got 1, want 2"
    assert failure.reproduce == (
        "(cd 'sub dir' && GOWORK=off API_TOKEN='***' go test -race -tags=e2e "
        "-run '^TestGet$/^a b\\|c$' -count=1 ./store)"
    )


def test_without_a_runner_the_variant_tells_the_flags() -> None:
    variant = replace(s.RACE, tags=("integration", "e2e"))
    store = s.package("store", PackageOutcome.FAIL, s.failed("TestGet", s.ASSERTION))
    failure = one(findings(red_phase(store, variant=variant)), "assertion")
    assert failure.reproduce == (
        "go test -race -tags=integration,e2e -run '^TestGet$' -count=1 example.com/app/store"
    )


def test_every_kind_of_the_red_sample_once() -> None:
    found = findings(s.red())
    kinds = sorted(finding.kind for finding in found)
    assert kinds == sorted(
        [
            "assertion", "assertion", "unknown", "panic", "timeout", "race", "build", "vet",
            "setup", "exit", "hollow", "masked", "missing", "orphan",
        ]
    )  # fmt: skip
    assert all(finding.severity is Severity.CRITICAL for finding in found)


def test_S46_one_finding_for_one_build() -> None:
    build = one(findings(s.red()), "build")
    assert build.evidence == ("stops 2 packages: example.com/app/parse, example.com/app/lint",)
    assert build.reproduce is not None
    assert "-run '^$'" in build.reproduce


def test_one_build_stops_two_phases_and_both_stay_explained() -> None:
    package = s.package("parse", s.tried(PackageOutcome.BUILD, 1, s.BUILD))
    run = s.run(
        Verdict.RED,
        s.phase(Verdict.RED, package),
        s.phase(Verdict.RED, package, name="integration"),
    )
    found = findings(run)
    assert [finding.kind for finding in found] == ["build"]
    assert "in the phases unit-race, integration" in found[0].evidence


def test_S35_a_race_is_one_finding_with_both_tests() -> None:
    race = one(findings(s.red()), "race")
    assert "the same race is reported under TestDec" in race.evidence
    assert race.reproduce is not None
    assert "'^(TestInc|TestDec)$'" in race.reproduce


def test_S34_a_race_of_another_test_is_repeated_with_the_package() -> None:
    note = "the race lies in TestDec: it was only reported here"
    package = s.package("p", PackageOutcome.FAIL, s.failed("TestIdle", s.DATA_RACE, note=note))
    race = one(findings(red_phase(package)), "race")
    assert note in race.evidence
    assert race.reproduce == "go test -race -count=1 example.com/app/p"


def test_a_race_needs_the_detector_even_where_the_variant_is_unknown() -> None:
    package = s.package("p", PackageOutcome.FAIL, s.failed("TestInc", s.DATA_RACE))
    race = one(findings(red_phase(package, variant=None)), "race")
    assert race.reproduce == "go test -race -run '^TestInc$' -count=1 example.com/app/p"


def test_S29_a_timeout_is_repeated_with_its_limit() -> None:
    timeout = one(findings(s.red()), "timeout")
    assert timeout.reproduce is not None
    assert "-timeout=3s -run '^TestSlow$'" in timeout.reproduce


def test_S63_a_fuzz_finding_is_repeated_by_its_input() -> None:
    text = (
        "    --- FAIL: FuzzX (0.00s)\n        p_test.go:11: no\n    \n"
        "    Failing input written to testdata/fuzz/FuzzX/0123456789abcdef\n"
        "    To re-run:\n    go test -run=FuzzX/0123456789abcdef"
    )
    package = s.package(
        "p", PackageOutcome.FAIL, s.failed("FuzzX", s.failure(Kind.ASSERTION, "no", text))
    )
    found = one(findings(red_phase(package)), "assertion")
    assert found.reproduce == (
        "go test -race -run '^FuzzX$/^0123456789abcdef$' -count=1 example.com/app/p"
    )


def test_a_crash_carries_what_it_took_along() -> None:
    panic = one(findings(s.red()), "panic")
    assert "without result: TestPush" in panic.evidence
    assert "did not run: TestLen" in panic.evidence


def test_S43_S44_false_greens_are_named() -> None:
    found = findings(s.red())
    assert "TestMain exited 0 without running tests" in one(found, "hollow").title
    assert "go reported success" in one(found, "hollow").evidence
    assert "TestMain's exit code 0 hides it" in one(found, "masked").title


def test_S41_a_package_that_dies_first_carries_its_message() -> None:
    exit_ = one(findings(s.red()), "exit")
    assert "no database at localhost:5432" in exit_.title
    assert "did not run: TestQuery" in exit_.evidence


def test_order_machine_broken_failed() -> None:
    note = Note(severity=Severity.CRITICAL, kind="environment", title="disk full")
    run = s.red()
    run = replace(run, phases=(replace(run.phases[0], notes=(note,)),))
    kinds = [finding.kind for finding in findings(run)]
    assert kinds[0] == "environment"
    first_case = next(i for i, finding in enumerate(findings(run)) if finding.case)
    assert {"build", "vet", "setup", "hollow", "masked", "missing", "exit"} == set(
        kinds[1:first_case]
    ) - {"orphan"}


def test_flaky_says_how_often_and_since_when() -> None:
    context = Context(flakes={("unit-race", "example.com/app/client", "TestRetry/backoff"): 3})
    flaky = one(findings(s.flake(), context), "flaky")
    assert flaky.severity is Severity.WARNING
    assert "failed 1 of 2" in flaky.title
    assert flaky.evidence[0] == "failed 1 of 2 attempts"
    assert "flaky in 3 earlier runs" in flaky.evidence
    assert flaky.reproduce is not None
    assert "-count=20 -failfast" in flaky.reproduce


def test_a_phase_that_forbids_flakes_is_red_by_them() -> None:
    run = s.flake()
    red = replace(run, verdict=Verdict.RED, exit_code=1)
    red = replace(red, phases=(replace(run.phases[0], verdict=Verdict.RED),))
    assert one(findings(red), "flaky").severity is Severity.CRITICAL


def test_a_package_no_rerun_explains_says_why() -> None:
    package = s.package(
        "p",
        PackageOutcome.FAIL,
        s.flaky("TestA", s.ASSERTION),
        attempts=(s.tried(PackageOutcome.FAIL), s.tried(PackageOutcome.PASS, 2)),
        note="TestA/port_8123 did not run again",
    )
    found = findings(red_phase(package))
    critical = [finding for finding in found if finding.severity is Severity.CRITICAL]
    assert len(critical) == 1
    assert "TestA/port_8123 did not run again" in critical[0].title


def test_nothing_ran_is_said_and_red_when_tests_are_required() -> None:
    nothing = one(findings(s.nothing()), "nothing")
    assert nothing.severity is Severity.WARNING
    assert nothing.evidence == (
        "1 skipped: set LIVE=1 to run",
        "no tests to run in: example.com/app/docs",
    )
    required = replace(s.nothing(), exit_code=1)
    assert one(findings(required), "nothing").severity is Severity.CRITICAL


def test_nothing_affected_is_no_finding() -> None:
    assert findings(s.unaffected()) == ()


def test_did_not_run_in_a_finished_package() -> None:
    package = s.package(
        "p",
        PackageOutcome.PASS,
        s.passed("TestA"),
        s.ended("TestB", Outcome.NOT_RUN, "did not run, though its package finished"),
        s.ended("TestA/gone", Outcome.NOT_RUN, "did not run"),
    )
    found = [f for f in findings(red_phase(package)) if f.kind == "not_run"]
    assert [(f.severity, f.case) for f in found] == [
        (Severity.CRITICAL, "TestB"),
        (Severity.WARNING, "TestA/gone"),
    ]


def test_an_unfinished_case_in_a_package_that_passed() -> None:
    package = s.package(
        "p", PackageOutcome.PASS, s.passed("TestA"), s.ended("TestB", Outcome.UNKNOWN, "no end")
    )
    assert one(findings(red_phase(package)), "unknown").title == "TestB started and never ended"


def test_interrupted_is_one_finding() -> None:
    found = findings(s.interrupted())
    assert [finding.kind for finding in found] == ["interrupted"]
    assert found[0].evidence == ("were running: TestPop", "never started: example.com/app/api")


def test_a_red_exit_code_without_a_reason() -> None:
    package = s.package("p", PackageOutcome.PASS, s.passed("TestA"))
    run = red_phase(package, exit_code=1, side_text=("go: something odd",))
    finding = one(findings(run), "exit")
    assert "go exited 1 without a reason" in finding.title
    assert finding.text == "go: something odd"


def test_notes_are_findings_once() -> None:
    found = findings(s.environment())
    assert len(found) == 1
    assert found[0].kind == "environment"
    assert found[0].evidence == ("fix: install gcc, or run with -- -race=false",)
    run = s.environment()
    twice = replace(run, notes=run.phases[0].notes)
    assert len(findings(twice)) == 1


def test_slow_against_history_and_against_the_limit() -> None:
    package = s.package(
        "p",
        PackageOutcome.PASS,
        s.passed("TestUsual", 9000),
        s.passed("TestSlower", 9000),
        s.passed("TestNew", 12_000),
        s.passed("TestNewFast", 900),
    )
    key = ("unit-race", "example.com/app/p")
    context = Context(
        medians={(*key, "TestUsual"): 8000, (*key, "TestSlower"): 1000},
        slow_ms={"unit-race": 10_000},
    )
    run = s.run(Verdict.GREEN, s.phase(Verdict.GREEN, package))
    found = [f for f in findings(run, context) if f.kind == "slow"]
    assert [(f.case, f.severity) for f in found] == [
        ("TestSlower", Severity.WARNING),
        ("TestNew", Severity.NOTE),
    ]
    assert found[0].evidence == ("usually 1.00 s",)


def test_S57_cached_times_are_never_slow() -> None:
    package = s.package("p", s.tried(PackageOutcome.PASS, cached=True), s.passed("TestA", 99_000))
    run = s.run(Verdict.GREEN, s.phase(Verdict.GREEN, package))
    assert findings(run, Context(slow_ms={"unit-race": 1000})) == ()


@pytest.mark.parametrize(
    "line",
    [
        "WARNING: config.toml is deprecated",
        "2026/01/02 03:04:05 WARNING: low disk",
        'time=2026-01-02T03:04:05Z level=warn msg="retry"',
        "time=2026-01-02T03:04:05Z level=WARN msg=retry",
        '{"level":"warn","msg":"retry"}',
        "[WARN] retrying",
        "found unexpected goroutines: [Goroutine 7 in state select]",
        "*** Test I/O incomplete 5s after exiting.",
        "DEPRECATED: use Dial",
    ],
)
def test_warnings_in_passing_output(line: str) -> None:
    package = s.package("p", s.tried(PackageOutcome.PASS, output=f"{line}\n"), s.passed("TestA"))
    run = s.run(Verdict.GREEN, s.phase(Verdict.GREEN, package))
    warning = one(findings(run), "warning")
    assert warning.text == line
    assert warning.severity is Severity.WARNING


@pytest.mark.parametrize(
    "line",
    [
        "WARNING: DATA RACE",
        "testing: warning: no tests to run",
        "PASS",
        "warned nobody",
        "level=info msg=warming",
        "the forewarning: none",
    ],
)
def test_what_is_no_warning(line: str) -> None:
    package = s.package("p", s.tried(PackageOutcome.PASS, output=f"{line}\n"), s.passed("TestA"))
    run = s.run(Verdict.GREEN, s.phase(Verdict.GREEN, package))
    assert findings(run) == ()


def test_equal_warnings_are_one_and_failing_packages_have_none() -> None:
    warned = tuple(Warned(case="TestA", text=f"WARNING: retry {i} after {i}0ms") for i in range(40))
    passing = s.package("p", s.tried(PackageOutcome.PASS, warnings=warned), s.passed("TestA"))
    failing = s.package(
        "q", s.tried(PackageOutcome.FAIL, warnings=warned), s.failed("TestB", s.ASSERTION)
    )
    warning = one(findings(red_phase(passing, failing)), "warning")
    assert warning.package == "example.com/app/p"
    assert warning.case == "TestA"
    assert warning.text == "TestA: WARNING: retry 0 after 00ms"


def test_toolchain_warnings() -> None:
    phase = s.phase(
        Verdict.GREEN,
        s.package("p", PackageOutcome.PASS, s.passed("TestA")),
        side_text=(
            "go: downloading example.com/x v1.0.0",
            'go: warning: "./x/..." matched no packages',
            "ld: warning: -bind_at_load is deprecated on macOS",
        ),
    )
    warning = one(findings(s.run(Verdict.GREEN, phase)), "warning")
    assert warning.text.split("\n") == [
        'go: warning: "./x/..." matched no packages',
        "ld: warning: -bind_at_load is deprecated on macOS",
    ]


def test_anomalies_are_a_note() -> None:
    phase = s.phase(
        Verdict.GREEN,
        s.package("p", PackageOutcome.PASS, s.passed("TestA")),
        anomalies=("3 events of unknown action `retry`",),
    )
    assert one(findings(s.run(Verdict.GREEN, phase)), "anomaly").severity is Severity.NOTE


FAILURES = (
    s.ASSERTION, s.PANIC, s.TIMEOUT, s.DATA_RACE, s.BUILD, s.EXIT, s.UNKNOWN, s.LATE, s.HOLLOW,
)  # fmt: skip
cases = st.builds(
    lambda name, outcome, failure, fold, label: s.CaseResult(
        name=name,
        attempts=(s.attempt(outcome, 1, *((failure,) if outcome is Outcome.FAIL else ())),),
        fold=fold,
        label=label,
    ),
    st.sampled_from(["TestA", "TestB", "TestA/x", "TestC"]),
    st.sampled_from(list(Outcome)),
    st.sampled_from(FAILURES),
    st.booleans(),
    st.sampled_from([None, Label.RACE, Label.CONSISTENT, Label.UNRESOLVED]),
)
packages = st.builds(
    lambda name, result, failures, cases_, explained: s.package(
        name,
        s.tried(result, 1, *failures),
        *{case.name: case for case in cases_}.values(),
        explained=explained and result.red,
    ),
    st.sampled_from(["a", "b", "c/d"]),
    st.sampled_from(list(PackageOutcome)),
    st.lists(st.sampled_from(FAILURES), max_size=2),
    st.lists(cases, max_size=4),
    st.booleans(),
)
phases = st.builds(
    lambda verdict, found, interrupted: s.phase(verdict, *found, interrupted=interrupted),
    st.sampled_from(list(Verdict)),
    st.lists(packages, max_size=4),
    st.booleans(),
)


def _judged(phase: PhaseResult) -> bool:
    """A verdict that agrees with the packages, as a runner's does."""
    red = any(package.red for package in phase.packages)
    return phase.verdict in (Verdict.RED, Verdict.ERROR, Verdict.INTERRUPTED) or not red


@given(st.lists(phases.filter(_judged), max_size=3))
def test_red_has_a_critical_finding_and_no_two_are_equal(found: list[PhaseResult]) -> None:
    red = any(phase.verdict in (Verdict.RED, Verdict.ERROR) for phase in found)
    run = s.run(Verdict.RED if red else Verdict.GREEN, *found)
    result = findings(run)
    critical = [finding for finding in result if finding.severity is Severity.CRITICAL]
    assert critical or not run.exit_code
    assert len(set(result)) == len(result)
    for phase in found:
        failed = {
            (package.path, case.name)
            for package in phase.packages
            for case in package.cases
            if case.outcome is Outcome.FAIL and not case.fold
        }
        named = {(finding.package, finding.case) for finding in result}
        for path, name in failed:
            races = any(finding.package == path and finding.kind == Kind.RACE for finding in result)
            assert (path, name) in named or races


@pytest.mark.parametrize(
    ("package", "names", "known"),
    [
        ("example.com/m/p", ("TestA/x y",), True),
        ("pytest", ("test_err",), False),
        ("example.com/m/p", ("Testing",), False),
        ("standard input", (), False),
        ("//foo:go_default_test", (), False),
    ],
)
def test_only_what_go_test_could_know_has_a_command(
    package: str, names: tuple[str, ...], known: bool
) -> None:
    assert reproduce.possible(package, names) is known
