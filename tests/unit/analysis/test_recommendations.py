"""Recommendations: only what this run or history shows, with that evidence."""

import samples as s
from msgspec.structs import replace

from gomanager.analysis.finding import Advice, Context, Recommendation
from gomanager.analysis.findings import findings
from gomanager.analysis.recommendations import recommendations
from gomanager.results import Outcome, PackageOutcome, PackageResult, Run, Verdict


def advice(run: Run, context: Context | None = None, *untested: str) -> tuple[Recommendation, ...]:
    return recommendations(run, findings(run, context), context, untested)


def green(*packages: PackageResult) -> Run:
    return s.run(Verdict.GREEN, s.phase(Verdict.GREEN, *packages))


def test_none_where_nothing_calls_for_one() -> None:
    assert advice(s.green()) == ()
    assert advice(s.unaffected()) == ()


def test_every_piece_has_evidence_and_is_said_once() -> None:
    for make in s.RUNS.values():
        found = advice(make())
        assert all(one.evidence for one in found)
        assert len(set(found)) == len(found)


def test_one_command_for_all_that_failed_in_a_package() -> None:
    found = [one for one in advice(s.red()) if one.text.startswith("fix 2 failing tests")]
    assert [one.command for one in found] == [
        "go test -race -run '^TestGet$/^missing$|^TestQuiet$' -count=1 example.com/app/store"
    ]


def test_flaky_is_reliability_with_a_stress_command() -> None:
    context = Context(flakes={("unit-race", "example.com/app/client", "TestRetry/backoff"): 1})
    (one,) = advice(s.flake(), context)
    assert one.kind is Advice.RELIABILITY
    assert one.evidence[:2] == (
        "failed 1 of 2 attempts in this run",
        "flaky in 1 earlier run",
    )
    assert one.command is not None
    assert "-count=50 -failfast" in one.command


def test_S40_time_that_no_test_explains() -> None:
    package = s.package(
        "p", s.tried(PackageOutcome.PASS, ms=21_100, unexplained_ms=21_000), s.passed("TestA")
    )
    (one,) = advice(green(package))
    assert one.kind is Advice.PERFORMANCE
    # A binary with -race sleeps a second at its exit: that is nobody's fault.
    assert one.evidence == ("20.0 s of 21.1 s are not explained by its tests",)
    cached = s.package(
        "p", s.tried(PackageOutcome.PASS, cached=True, unexplained_ms=20_000), s.passed("TestA")
    )
    assert advice(green(cached)) == ()
    sleeps = s.package(
        "p", s.tried(PackageOutcome.PASS, ms=1021, unexplained_ms=1020), s.passed("TestA")
    )
    assert advice(green(sleeps)) == ()


def test_slower_than_usual_but_not_merely_slow() -> None:
    package = s.package("p", PackageOutcome.PASS, s.passed("TestA", 9000), s.passed("TestB", 9000))
    context = Context(
        medians={("unit-race", "example.com/app/p", "TestA"): 1000}, slow_ms={"unit-race": 5000}
    )
    (one,) = advice(green(package), context)
    assert one.kind is Advice.PERFORMANCE
    assert "TestA" in one.text


def test_environment_fixes_come_from_their_notes() -> None:
    (one,) = advice(s.environment())
    assert one.kind is Advice.IMMEDIATE
    assert one.text == "install gcc, or run with -- -race=false"


def test_all_skipped_names_the_reasons() -> None:
    (one,) = advice(s.nothing())
    assert one.kind is Advice.RELIABILITY
    assert one.evidence == ("1 of 1 skipped: set LIVE=1 to run",)


def test_a_changed_package_without_a_test() -> None:
    bare = s.package("bare", PackageOutcome.EMPTY, build_only=True)
    run = green(bare, s.package("p", PackageOutcome.PASS, s.passed("TestA")))
    assert advice(run) == ()
    (one,) = advice(run, Context(changed=frozenset({bare.path})))
    assert one.kind is Advice.TESTS
    tested = s.package("bare", PackageOutcome.PASS, s.passed("TestB"))
    phases = (run.phases[0], s.phase(Verdict.GREEN, tested, name="integration"))
    both = replace(run, phases=phases)
    assert advice(both, Context(changed=frozenset({bare.path}))) == ()


def test_changed_code_that_no_test_runs() -> None:
    (one,) = advice(s.green(), None, "api/routes.go:12: Serve (3 statements)")
    assert one.kind is Advice.TESTS
    assert one.evidence == ("api/routes.go:12: Serve (3 statements)",)


def test_unfinished_cases_alone_call_for_nothing_more() -> None:
    package = s.package("p", PackageOutcome.PASS, s.ended("TestB", Outcome.UNKNOWN, "no end"))
    run = s.run(Verdict.RED, s.phase(Verdict.RED, package))
    assert advice(run) == ()
