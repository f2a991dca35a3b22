"""CPU time, peak of memory and leftover children of real test processes; build time apart."""

import os
import re
import shutil
import signal

import pytest

from gomanager.results import PackageOutcome, Verdict

pytestmark = pytest.mark.integration

HUNGRY = """package a

import (
	"testing"
	"time"
)

var kept []byte

func TestMemory(t *testing.T) {
	kept = make([]byte, 200<<20)
	for i := range kept {
		kept[i] = 1
	}
	time.Sleep(50 * time.Millisecond)
}

func TestCPU(t *testing.T) {
	x := 0
	for end := time.Now().Add(400 * time.Millisecond); time.Now().Before(end); {
		x++
	}
	_ = x
}
"""
SLEEPER = """package b

import (
	"testing"
	"time"
)

func TestSleeps(t *testing.T) { time.Sleep(300 * time.Millisecond) }
"""
LEAVES = """package c

import (
	"os/exec"
	"testing"
	"time"
)

func TestLeaves(t *testing.T) {
	exec.Command("sleep", "61").Start()
	exec.Command("setsid", "sh", "-c", "sleep 62 & sleep 63").Start()
	gone := exec.Command("sleep", "64")
	gone.Start()
	t.Cleanup(func() { gone.Process.Kill() })
	time.Sleep(300 * time.Millisecond)
}
"""


def of(result, path):
    package = next(p for p in result.packages if p.path == path)
    return package.attempts[0]


def test_each_test_process_has_its_own_cpu_and_memory(project, request_for, run_phase):
    root = project({"a/a_test.go": HUNGRY, "b/b_test.go": SLEEPER})
    result = run_phase(request_for(root, "ex.com/m/a", "ex.com/m/b"))
    hungry, sleeper = of(result, "ex.com/m/a"), of(result, "ex.com/m/b")
    assert 200 << 20 <= hungry.peak_bytes < 400 << 20
    # The machine may be busy: then a loop that ends by the clock gets less of it.
    assert 80 <= hungry.cpu_ms < 3000
    assert 1 << 20 < sleeper.peak_bytes < 100 << 20
    assert sleeper.cpu_ms < 200
    assert result.build_ms > 0
    assert result.build_cpu_ms > 0
    assert result.build_ms < result.duration_ms


def test_a_rerun_has_its_own_numbers(project, request_for, run_phase):
    red = SLEEPER.replace("time.Sleep(300", 't.Error("red")\n\ttime.Sleep(300')
    root = project({"b/b_test.go": red})
    result = run_phase(request_for(root, "ex.com/m/b", reruns=1))
    (package,) = result.packages
    assert package.result is PackageOutcome.FAIL
    first, again = package.attempts
    assert first.peak_bytes > 1 << 20
    assert again.peak_bytes > 1 << 20


def test_what_does_not_build_has_no_numbers(project, request_for, run_phase):
    root = project({"b/b_test.go": SLEEPER, "d/d_test.go": "package d\n\nfunc broken( {\n"})
    result = run_phase(request_for(root, "ex.com/m/b", "ex.com/m/d"))
    broken = of(result, "ex.com/m/d")
    assert (broken.cpu_ms, broken.peak_bytes, broken.left) == (None, None, ())


def test_a_program_of_the_users_own_around_the_tests_is_not_measured(
    project, request_for, run_phase
):
    root = project({"b/b_test.go": SLEEPER})
    result = run_phase(request_for(root, "ex.com/m/b", flags=(f"-exec={shutil.which('env')}",)))
    assert result.verdict is Verdict.GREEN
    attempt = of(result, "ex.com/m/b")
    assert (attempt.cpu_ms, attempt.peak_bytes) == (None, None)
    assert (result.build_ms, result.build_cpu_ms) == (None, None)


def test_s40_children_are_named_with_their_package(project, request_for, run_phase):
    if shutil.which("setsid") is None:
        pytest.skip("setsid is missing: install util-linux")
    root = project({"b/b_test.go": SLEEPER, "c/c_test.go": LEAVES})
    result = run_phase(request_for(root, "ex.com/m/b", "ex.com/m/c"))
    left = of(result, "ex.com/m/c").left
    try:
        assert result.verdict is Verdict.GREEN
        assert sorted(name.partition(" ")[0] for name in left) == ["sh", *["sleep"] * 3]
        (note,) = result.notes
        assert (note.severity, note.kind) == ("warning", "orphan")
        title = r"tests of ex\.com/m/c left 4 processes running: (\w+ \(\d+\)(, )?){4}"
        assert re.fullmatch(title, note.title)
    finally:
        for name in left:
            os.kill(int(re.search(r"\((\d+)\)", name)[1]), signal.SIGKILL)
