"""Order dependence and isolation over real packages."""

import msgspec
import pytest
from msgspec.structs import replace

from gomanager.phasefile import Run
from gomanager.results import Kind, Label, Outcome, PackageOutcome, Purpose, Verdict
from gomanager.runners.request import PackageRequest

pytestmark = pytest.mark.integration

SHARED = """package p

import "testing"

var total int

func TestA(t *testing.T)       {}
func TestPollute(t *testing.T) { total = 7 }
func TestC(t *testing.T)       {}
func TestVictim(t *testing.T) {
	if total != 0 {
		t.Fatalf("total is %d, want 0", total)
	}
}
func TestNeeds(t *testing.T) {
	if total != 7 {
		t.Fatalf("total is %d, want 7", total)
	}
}
"""
TESTS = ("TestA", "TestPollute", "TestC", "TestVictim", "TestNeeds")


def case_of(result, name):
    return next(c for p in result.packages for c in p.cases if c.name == name)


def purposes(case):
    return [(a.n, a.purpose.value, a.outcome.value) for a in case.attempts]


def isolating(request):
    return replace(request, phase=msgspec.structs.replace(request.phase, isolation=True))


def test_what_passes_alone_and_fails_together_is_proven_and_red(project, request_for, run_phase):
    root = project({"a/a_test.go": SHARED})
    result = run_phase(request_for(root, "ex.com/m/a", reruns=2))
    victim = case_of(result, "TestVictim")
    assert (result.verdict, victim.label, victim.after) == (
        Verdict.RED,
        Label.ORDER_DEPENDENT,
        ("TestPollute",),
    )
    assert victim.outcome is Outcome.FAIL
    assert victim.note.startswith("passed alone 3 of 3, failed with its package 3 of 3, after")
    assert purposes(victim) == [
        (1, "first", "fail"),
        (2, "rerun", "pass"),
        (3, "search", "fail"),
        (4, "search", "pass"),
        (5, "search", "pass"),
        (6, "search", "fail"),
    ]
    (package,) = result.packages
    assert (package.result, package.explained) == (PackageOutcome.FAIL, False)
    assert result.counts.failed == 1
    assert len(case_of(result, "TestA").attempts) == 1


def test_without_reruns_nothing_is_searched(project, request_for, run_phase):
    root = project({"a/a_test.go": SHARED})
    result = run_phase(request_for(root, "ex.com/m/a"))
    assert (result.verdict, len(result.commands)) == (Verdict.RED, 1)


def test_the_seed_comes_back(project, request_for, run_phase):
    root = project({"a/a_test.go": SHARED})
    for seed in range(1, 20):
        settings = Run(race=False, shuffle=str(seed))
        request = request_for(root, "ex.com/m/a", reruns=1, settings=settings)
        result = run_phase(replace(request, run_uid=f"{seed:032x}"))
        victim = case_of(result, "TestVictim")
        if victim.label is Label.ORDER_DEPENDENT:
            together = [c for c in result.commands if f"-shuffle={seed}" in c]
            assert len(together) >= 3
            assert victim.after == ("TestPollute",)
            return
    pytest.fail("no seed runs TestPollute before TestVictim")


def test_changed_functions_run_alone_first(project, request_for, run_phase):
    root = project({"a/a_test.go": SHARED.replace("total != 0", "false")})
    package = PackageRequest(
        path="ex.com/m/a", expected=frozenset(TESTS), changed=("TestA", "TestNeeds")
    )
    result = run_phase(isolating(request_for(root, package)))
    runs = [[w for w in c if w.startswith("-run")] for c in result.commands]
    assert runs == [["-run=^TestA$"], ["-run=^TestNeeds$"], []]
    needs = case_of(result, "TestNeeds")
    assert result.verdict is Verdict.GREEN
    assert (needs.outcome, needs.label) == (Outcome.PASS, None)
    assert purposes(needs) == [(2, "first", "pass"), (1, "search", "fail")]
    assert "fails when it runs alone" in needs.note
    assert purposes(case_of(result, "TestA")) == [(2, "first", "pass"), (1, "search", "pass")]
    assert [a.purpose for a in result.packages[0].attempts] == [
        Purpose.FIRST,
        Purpose.SEARCH,
        Purpose.SEARCH,
    ]


def test_a_pass_alone_hides_no_red(project, request_for, run_phase):
    root = project({"a/a_test.go": SHARED})
    package = PackageRequest(path="ex.com/m/a", expected=frozenset(TESTS), changed=("TestVictim",))
    result = run_phase(isolating(request_for(root, package)))
    victim = case_of(result, "TestVictim")
    assert (result.verdict, victim.outcome) == (Verdict.RED, Outcome.FAIL)
    assert purposes(victim) == [(2, "first", "fail"), (1, "search", "pass")]


def test_only_an_isolating_phase_isolates(project, request_for, run_phase):
    root = project({"a/a_test.go": SHARED})
    package = PackageRequest(path="ex.com/m/a", expected=frozenset(TESTS), changed=("TestA",))
    assert len(run_phase(request_for(root, package)).commands) == 1


RACES = """package p

import (
	"testing"
	"time"
)

var n int

func TestOther(t *testing.T) { ran = true }

var ran bool

func TestRaces(t *testing.T) {
	if ran {
		return
	}
	go func() { n++ }()
	n++
	time.Sleep(100 * time.Millisecond)
}
"""


def test_a_race_found_alone_is_red(project, request_for, run_phase):
    root = project({"a/a_test.go": RACES})
    expected = frozenset({"TestOther", "TestRaces"})
    package = PackageRequest(path="ex.com/m/a", expected=expected, changed=("TestRaces",))
    request = request_for(root, package, settings=Run(race="auto"))
    if request.toolchain.no_race():
        pytest.skip("the race detector needs a C compiler: install gcc")
    result = run_phase(isolating(request))
    case = case_of(result, "TestRaces")
    assert (case.label, case.outcome) == (Label.RACE, Outcome.FAIL)
    assert case.attempts[1].failures[0].kind is Kind.RACE
    assert (result.verdict, result.packages[0].condemned) == (Verdict.RED, True)
