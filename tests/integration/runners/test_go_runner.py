"""The go runner over tiny real modules."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from gomanager import journal
from gomanager.interrupt import Interrupt
from gomanager.phasefile import Run
from gomanager.results import (
    CaseEnded,
    Label,
    Outcome,
    PackageOutcome,
    PhaseEnded,
    PhaseStarted,
    Purpose,
    Verdict,
)
from gomanager.runners.request import ModuleRequest, PackageRequest, journals

pytestmark = pytest.mark.integration

HEAD = 'package p\n\nimport (\n\t"os"\n\t"testing"\n\t"time"\n)\n\nvar _, _ = os.Exit, time.Now\n\n'


def test_file(body: str) -> str:
    return HEAD + body


test_file.__test__ = False  # type: ignore[attr-defined]

GREEN = test_file("func TestA(t *testing.T) {}\n")
FLAKY = test_file(
    """func TestFlaky(t *testing.T) {
	if _, err := os.Stat("second"); err != nil {
		os.WriteFile("second", nil, 0o644)
		t.Fatal("the first time it fails")
	}
}
func TestB(t *testing.T) {}
"""
)
MIXED = {
    "green/a_test.go": GREEN,
    "fail/a_test.go": test_file(
        'func TestA(t *testing.T) {\n\tt.Run("x", func(t *testing.T) { t.Error("boo") })\n'
        '\tt.Run("y", func(t *testing.T) {})\n}\n'
    ),
    "panics/a_test.go": test_file(
        'func TestP(t *testing.T) { panic("oh") }\nfunc TestQ(t *testing.T) {}\n'
    ),
    "build/a_test.go": test_file("func TestX(t *testing.T) { undefined() }\n"),
    "hollow/a_test.go": test_file(
        "func TestMain(m *testing.M) { os.Exit(0) }\nfunc TestH(t *testing.T) {}\n"
    ),
    "lib/a.go": "package lib\n",
    "brokenlib/a.go": 'package brokenlib\n\nvar X int = "no"\n',
}


def outcomes(result):
    return {package.path.rpartition("/")[2]: package.result for package in result.packages}


def case_of(result, name):
    return next(c for p in result.packages for c in p.cases if c.name == name)


def ended(result):
    return {c.name: c.outcome for p in result.packages for c in p.cases}


def test_one_process_tells_every_kind_of_package_apart(project, request_for, run_phase):
    root = project(MIXED)
    names = ["green", "fail", "panics", "build", "hollow", "gone"]
    targets = [PackageRequest(path=f"ex.com/m/{n}", build_only=True) for n in ("lib", "brokenlib")]
    seen = []
    packages = [f"ex.com/m/{name}" for name in names]
    result = run_phase(request_for(root, *packages, *targets, why=("x",)), listener=seen.append)
    assert (result.verdict, result.exit_code, result.why) == (Verdict.RED, 1, ("x",))
    assert len(result.commands) == 1
    assert outcomes(result) == {
        "green": PackageOutcome.PASS,
        "fail": PackageOutcome.FAIL,
        "panics": PackageOutcome.DIED,
        "build": PackageOutcome.BUILD,
        "hollow": PackageOutcome.HOLLOW,
        "gone": PackageOutcome.SETUP,
        "lib": PackageOutcome.EMPTY,
        "brokenlib": PackageOutcome.BUILD,
    }
    failure = case_of(result, "TestA/x").attempts[0].failures[0]
    assert (failure.message, failure.file) == ("boo", "fail/a_test.go")
    assert [p.path for p in result.packages if p.build_only] == [
        "ex.com/m/lib",
        "ex.com/m/brokenlib",
    ]
    assert isinstance(seen[0], PhaseStarted)
    assert isinstance(seen[-1], PhaseEnded)
    assert any(isinstance(one, CaseEnded) for one in seen)
    kept = journals(root.parent / "scratch", _uid(root), "unit")
    assert len(kept) == 1
    assert journal.read_meta(kept[0])["phase"] == "unit"


def _uid(root: Path) -> str:
    (path,) = (root.parent / "scratch").glob("*.jsonl")
    return path.name.partition("-")[0]


def test_a_flake_is_shown_as_such_and_green(project, request_for, run_phase):
    root = project({"a/a_test.go": FLAKY})
    seen = []
    result = run_phase(request_for(root, "ex.com/m/a", reruns=2), listener=seen.append)
    assert (result.verdict, result.counts.flaky) == (Verdict.GREEN, 1)
    assert result.commands[1][-3:] == ("-run=^TestFlaky$", "-v=test2json", "ex.com/m/a")
    flaky = case_of(result, "TestFlaky")
    assert flaky.label is Label.FLAKY
    assert [(a.n, a.purpose, a.outcome) for a in flaky.attempts] == [
        (1, Purpose.FIRST, Outcome.FAIL),
        (2, Purpose.RERUN, Outcome.PASS),
        (3, Purpose.SEARCH, Outcome.PASS),
    ]
    assert len({a.process for a in flaky.attempts}) == 3
    assert "does not depend on their order" in flaky.note
    asked = [s.purpose for s in seen if isinstance(s, PhaseStarted)]
    assert asked == ["first", "rerun", "search"]


def test_a_phase_may_forbid_flakes(project, request_for, run_phase):
    root = project({"a/a_test.go": FLAKY})
    result = run_phase(request_for(root, "ex.com/m/a", reruns=1, allow_flaky=False))
    assert (result.verdict, result.counts.flaky) == (Verdict.RED, 1)
    assert "no flakes" in result.notes[-1].title


def test_an_honest_failure_stays_red_and_a_panic_is_rerun_whole(project, request_for, run_phase):
    root = project(MIXED)
    result = run_phase(request_for(root, "ex.com/m/fail", "ex.com/m/panics", reruns=2))
    assert result.verdict is Verdict.RED
    runs = [[w for w in c if w.startswith("-run")] for c in result.commands]
    assert runs == [[], ["-run=^TestA$"], [], ["-run=^TestA$"]]
    assert case_of(result, "TestA/x").label is Label.CONSISTENT
    assert case_of(result, "TestP").label is Label.CONSISTENT


def test_a_flaky_exit_that_hides_the_rest_is_red_or_complete(project, request_for, run_phase):
    """gotestsum turns this green (S20): the rerun must bring every case back."""
    body = (
        'func TestA(t *testing.T) {\n\tif _, err := os.Stat("second"); err != nil {\n'
        '\t\tos.WriteFile("second", nil, 0o644)\n\t\tos.Exit(3)\n\t}\n}\n'
        "func TestB(t *testing.T) {}\n"
    )
    root = project({"a/a_test.go": test_file(body)})
    package = PackageRequest(path="ex.com/m/a", expected=frozenset({"TestA", "TestB"}))
    result = run_phase(request_for(root, package, reruns=1))
    assert result.verdict is Verdict.GREEN
    assert ended(result) == {"TestA": Outcome.PASS, "TestB": Outcome.PASS}


def test_names_and_skips_run_exactly_what_they_name(project, request_for, run_phase):
    body = "".join(f"func Test{n}(t *testing.T) {{}}\n" for n in ("A", "AB", "B", "C"))
    root = project({"a/a_test.go": test_file(body), "b/b_test.go": test_file(body)})
    chosen = PackageRequest(path="ex.com/m/a", run=("TestA", "TestC"))
    others = PackageRequest(path="ex.com/m/b", skip=("TestA", "TestC"))
    result = run_phase(request_for(root, chosen, others))
    by_package = {p.path: sorted(c.name for c in p.cases) for p in result.packages}
    assert by_package == {"ex.com/m/a": ["TestA", "TestC"], "ex.com/m/b": ["TestAB", "TestB"]}
    assert len(result.commands) == 2


def test_a_function_that_should_run_and_does_not_is_red(project, request_for, run_phase):
    root = project({"a/a_test.go": GREEN})
    package = PackageRequest(path="ex.com/m/a", expected=frozenset({"TestA", "TestGone"}))
    result = run_phase(request_for(root, package))
    assert result.verdict is Verdict.RED
    assert case_of(result, "TestGone").outcome is Outcome.NOT_RUN


def test_a_timeout_is_red_and_names_the_test(project, request_for, run_phase):
    body = (
        "func TestSlow(t *testing.T) { time.Sleep(time.Minute) }\nfunc TestLater(t *testing.T) {}\n"
    )
    root = project({"a/a_test.go": test_file(body)})
    settings = Run(race=False, timeout="300ms")
    result = run_phase(request_for(root, "ex.com/m/a", settings=settings))
    assert outcomes(result) == {"a": PackageOutcome.DIED}
    assert case_of(result, "TestSlow").attempts[0].failures[0].kind == "timeout"


@pytest.mark.parametrize(
    ("flags", "code", "part"),
    [(("-run", "("), 2, "invalid regexp"), (("-timeout", "x"), 2, "invalid value")],
)
def test_s52_s53_a_wrong_flag_is_a_usage_error(project, request_for, run_phase, flags, code, part):
    root = project({"a/a_test.go": GREEN})
    result = run_phase(request_for(root, "ex.com/m/a", flags=flags))
    assert (result.verdict, result.exit_code) == (Verdict.ERROR, code)
    assert part in result.notes[-1].title


def test_s52_a_broken_go_mod_is_red_and_an_old_go_an_error(project, request_for, run_phase):
    root = project({"a/a_test.go": GREEN})
    request = request_for(root, "ex.com/m/a")
    (root / "go.mod").write_text("modul x\n")
    result = run_phase(request)
    assert (result.verdict, outcomes(result)) == (Verdict.RED, {"m": PackageOutcome.SETUP})
    failure = result.packages[0].attempts[0].failures[0]
    assert "go: errors parsing go.mod" in failure.text
    assert failure.message == "go.mod:1: unknown directive: modul"
    assert (failure.file, failure.line) == ("go.mod", 1)
    (root / "go.mod").write_text(
        "module ex.com/m\n\ngo 1.24\n\nreplace ex.com/x => ./x\n\nrequire ex.com/x v1.0.0\n"
    )
    (root / "x").mkdir()
    (root / "x" / "go.mod").write_text("module ex.com/x\n\ngo 1.25\n")
    (root / "x" / "x.go").write_text("package x\n")
    (root / "a" / "a.go").write_text('package a\n\nimport _ "ex.com/x"\n')
    result = run_phase(replace(request, run_uid="2" * 32))
    message = result.packages[0].attempts[0].failures[0].message
    assert message == "go: updates to go.mod needed; to update it: go mod tidy"
    (root / "go.mod").write_text("module ex.com/m\n\ngo 1.99\n")
    result = run_phase(replace(request, run_uid="1" * 32))
    assert (result.verdict, result.exit_code) == (Verdict.ERROR, 3)
    assert result.notes[-1].kind == "environment"


INNER = """package a

import "testing"

func TestOuter(t *testing.T) {
	inner := []testing.InternalTest{{Name: "inner", F: func(t *testing.T) {
		t.Run("x", func(t *testing.T) { t.Error("meant to fail") })
	}}}
	if testing.RunTests(func(_, _ string) (bool, error) { return true, nil }, inner) {
		t.Error("it passed")
	}
}
"""


def test_s87_a_failure_that_a_test_expects_is_none(project, request_for, run_phase):
    root = project({"a/a_test.go": INNER})
    result = run_phase(request_for(root, "ex.com/m/a"))
    assert (result.verdict, outcomes(result)) == (
        Verdict.GREEN,
        {"a": PackageOutcome.PASS},
    )
    assert (result.counts.passed, result.counts.failed) == (1, 0)
    assert len(result.anomalies) == 1


def test_a_missing_go_leaves_an_error_with_its_fix(project, request_for, run_phase):
    root = project({"a/a_test.go": GREEN})
    request = replace(request_for(root, "ex.com/m/a"), environ={"PATH": str(root)})
    result = run_phase(request)
    assert (result.verdict, result.exit_code) == (Verdict.ERROR, 3)
    assert "go.dev" in result.notes[-1].fix


def test_race_without_cgo_is_an_environment_finding(project, request_for, run_phase):
    root = project({"a/a_test.go": GREEN})
    environ = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local"}
    result = run_phase(request_for(root, "ex.com/m/a", settings=Run(), environ=environ))
    assert (result.verdict, result.variant.race) == (Verdict.GREEN, False)
    assert [(n.kind, n.title) for n in result.notes] == [("environment", "ran without -race")]
    request = request_for(root, "ex.com/m/a", settings=Run(race=True), environ=environ)
    result = run_phase(request)
    assert (result.verdict, result.exit_code) == (Verdict.ERROR, 3)
    assert "needs -race" in result.not_run
    assert result.commands == ()


def test_modules_and_a_workspace_that_leaves_one_out(project, request_for, run_phase):
    mod = "module ex.com/{0}\n\ngo 1.21\n"
    root = project(
        {
            "a_test.go": GREEN,
            "in/go.mod": mod.format("in"),
            "in/a_test.go": GREEN,
            "out/go.mod": mod.format("out"),
            "out/a_test.go": GREEN,
            "go.work": "go 1.21\n\nuse (\n\t.\n\t./in\n)\n",
        }
    )
    modules = (
        ModuleRequest(dir=root, path="ex.com/m", packages=(PackageRequest(path="ex.com/m"),)),
        ModuleRequest(
            dir=root / "in", path="ex.com/in", packages=(PackageRequest(path="ex.com/in"),)
        ),
        ModuleRequest(
            dir=root / "out", path="ex.com/out", packages=(PackageRequest(path="ex.com/out"),)
        ),
    )
    result = run_phase(request_for(root, modules=modules))
    assert result.verdict is Verdict.GREEN
    assert {p.path: p.module for p in result.packages} == {m.path: m.path for m in modules}
    assert [c[2:4] for c in result.commands[1:]] == [("-C", "in"), ("-C", "out")]


def test_coverage_profiles_are_absolute_and_real(project, request_for, run_phase):
    root = project({"a/a.go": "package p\n\nfunc F() int { return 1 }\n", "a/a_test.go": GREEN})
    result = run_phase(request_for(root, "ex.com/m/a", cover=True, coverpkg=("./...",)))
    (profile,) = result.profiles
    assert Path(profile).is_absolute()
    assert "ex.com/m/a/a.go:3.14,3.26" in Path(profile).read_text()


HANGS = test_file(
    """func TestFirst(t *testing.T) {}
func TestHangs(t *testing.T) {
	os.WriteFile("pid", []byte(strconv.Itoa(os.Getpid())), 0o644)
	time.Sleep(10 * time.Minute)
}
"""
).replace('"os"', '"os"\n\t"strconv"')


def until(true, seconds=30):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(pid):
    state = journal.status(pid)
    return state is not None and state[0] not in {"Z", "X"}


def hanging_pid(root):
    file = root / "a" / "pid"
    until(lambda: file.exists() and file.read_text())
    return int(file.read_text())


def test_s38_an_interrupt_keeps_what_is_finished_and_leaves_no_orphan(
    project, request_for, run_phase
):
    root = project({"a/a_test.go": HANGS, "b/b_test.go": GREEN})
    flag = Interrupt()
    pids = []

    def interrupt():
        pids.append(hanging_pid(root))
        flag.receive(signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    modules = tuple(
        ModuleRequest(
            dir=root,
            path="ex.com/m",
            packages=tuple(PackageRequest(path=f"ex.com/m/{n}") for n in ns),
        )
        for ns in ("a", "b")
    )
    result = run_phase(request_for(root, modules=modules, reruns=2), interrupt=flag)
    thread.join()
    assert (result.verdict, result.interrupted) == (Verdict.INTERRUPTED, True)
    assert case_of(result, "TestFirst").outcome is Outcome.PASS
    assert case_of(result, "TestHangs").outcome is Outcome.UNKNOWN
    assert len(result.commands) == 1
    assert not any(map(alive, pids))


PARENT = """
import importlib.util, os, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("kit", sys.argv[1])
kit = importlib.util.module_from_spec(spec)
spec.loader.exec_module(kit)
kit.run_phase(kit.request_for(Path(sys.argv[2]), "ex.com/m/a"))
"""


def test_a_killed_parent_leaves_a_complete_journal(project):
    body = (
        "func TestBefore(t *testing.T) {}\nfunc TestSlow(t *testing.T) {\n"
        '\tos.WriteFile("pid", nil, 0o644)\n\ttime.Sleep(time.Second)\n}\n'
        "func TestAfter(t *testing.T) {}\n"
    )
    root = project({"a/a_test.go": test_file(body)})
    conftest = Path(__file__).with_name("conftest.py")
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(conftest), str(root)])
    until(lambda: (root / "a" / "pid").exists())
    parent.kill()
    parent.wait()
    (path,) = (root.parent / "scratch").glob("*.jsonl")
    assert journal.locked(path)
    until(lambda: not journal.locked(path))
    text = path.read_text()
    assert text.count('"Action":"pass"') == 4
    assert '"Test":"TestAfter"' in text


def writes_xml(text):
    return test_file(
        'func TestBrowser(t *testing.T) {\n\tos.MkdirAll("../out", 0o755)\n'
        f'\tos.WriteFile("../out/new.xml", []byte(`{text}`), 0o644)\n}}\n'
    )


def test_junit_files_of_the_phase_count_when_this_run_wrote_them(project, request_for, run_phase):
    failing = (
        '<testsuite name="browser" tests="1"><testcase name="login">'
        '<failure message="no button"/></testcase></testsuite>'
    )
    root = project({"a/a_test.go": writes_xml(failing), "out/old.xml": failing})
    os.utime(root / "out" / "old.xml", (1, 1))
    settings = Run(race=False, junit=("out/*.xml", "gone.xml"))
    result = run_phase(request_for(root, "ex.com/m/a", settings=settings))
    assert result.verdict is Verdict.RED
    assert case_of(result, "login").outcome is Outcome.FAIL
    titles = [note.title for note in result.notes if note.kind == "configuration"]
    assert titles == [
        "out/old.xml was not written by this run",
        "gone.xml was not written by this run",
    ]
    (root / "a" / "a_test.go").write_text(writes_xml("<broken"))
    result = run_phase(request_for(root, "ex.com/m/a", settings=settings))
    assert result.verdict is Verdict.RED
    assert any("out/new.xml cannot be read" in note.title for note in result.notes)


LEAVES = (
    'package p\n\nimport (\n\t"os/exec"\n\t"testing"\n)\n\n'
    'func TestLeaves(t *testing.T) { exec.Command("sleep", "30").Start() }\n'
)


def test_children_that_outlive_their_tests_are_named(project, request_for, run_phase):
    root = project({"a/a_test.go": LEAVES})
    result = run_phase(request_for(root, "ex.com/m/a"))
    assert result.verdict is Verdict.GREEN
    (note,) = result.notes
    assert (note.severity, note.kind) == ("warning", "orphan")
    found = re.fullmatch(r"tests .*left a process running: sleep \((\d+)\)", note.title)
    assert found is not None
    os.kill(int(found[1]), signal.SIGKILL)
