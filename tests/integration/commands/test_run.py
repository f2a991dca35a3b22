"""``gomanager run`` from outside: what it runs, prints, writes and exits with, bad input included."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from gomanager.pipeline import schemas
from gomanager.text import holds_command

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("go") is None, reason="needs go: https://go.dev/dl/"),
]

PHASES = (
    "version: 1\nphases:\n"
    "  unit-race: {run: {race: false}}\n"
    "  full-race: {run: {race: false}}\n"
    "  integration: {run: {race: false}}\n"
)
FILES = {
    ".gomanager.yaml": PHASES,
    "go.mod": "module example.com/m\n\ngo 1.24\n",
    "a/a.go": "package a\n\nfunc One() int { return 1 }\n",
    "a/a_test.go": 'package a\n\nimport "testing"\n\nfunc TestOne(t *testing.T) {\n'
    "\tif One() != 1 {\n\t\tt.Fatalf(\"One() = %d, want 1\", One())\n\t}\n}\n\n"
    "func TestOther(t *testing.T) {}\n",
    "b/b.go": 'package b\n\nimport "example.com/m/a"\n\nfunc Two() int { return 2 * a.One() }\n',
    "b/b_test.go": 'package b\n\nimport "testing"\n\nfunc TestTwo(t *testing.T) { Two() }\n',
    "c/c.go": "package c\n",
    "c/c_test.go": 'package c\n\nimport "testing"\n\nfunc TestC(t *testing.T) {}\n',
    "test/integration/i_test.go": 'package i\n\nimport (\n\t"testing"\n\n\t"example.com/m/b"\n)\n\n'
    "func TestI(t *testing.T) { b.Two() }\n",
}  # fmt: skip
WRONG = "package a\n\nfunc One() int { return 3 }\n"
HOSTILE = r"""package a

import ("fmt"; "testing")

func TestHostile(t *testing.T) {
	fmt.Println("\x1b[31mred\x1b[0m \u202eover ##[error]azure")
	fmt.Println("::error file=x::github")
	fmt.Println("<script>alert(1)</script> ]]> [bold]rich[/bold] | `md` |")
	t.Error("\x1b]0;title\x07::set-output name=x::y")
}
"""


class Project:
    """A repository with a branch, and gomanager called in it as a user does."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path = os.environ["PATH"]

    def write(self, name: str, text: str) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def git(self, *words: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(("git", *who, *words), cwd=self.root, check=True, capture_output=True)

    def environ(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "CI", "XDG_"))}
        home = str(self.root.parent / "home")
        cache = subprocess.run(("go", "env", "GOCACHE"), capture_output=True, text=True, check=True)
        return {**kept, "HOME": home, "GOCACHE": cache.stdout.strip(), "PATH": self.path}

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "gomanager", *words]

    def call(self, *words: str, inside: str = ".") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(*words),
            cwd=self.root / inside,
            env=self.environ(),
            capture_output=True,
            text=True,
            check=False,
        )

    def report(self, *words: str, inside: str = ".") -> dict:
        done = self.call("run", "--json", *words, inside=inside)
        document = json.loads(done.stdout)
        jsonschema.validate(document, schemas.schema("report"))
        assert document["run"]["exit_code"] == done.returncode
        return document

    def refused(self, *words: str) -> str:
        """What a call prints that ends with 2 before anything runs."""
        done = self.call("run", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert not (self.root / "gomanager-report").exists()
        assert "Traceback" not in done.stderr
        return done.stderr


@pytest.fixture
def project(tmp_path):
    one = Project(tmp_path / "repo")
    for name, text in FILES.items():
        one.write(name, text)
    one.git("init", "-q", "-b", "main")
    one.git("add", "-A")
    one.git("commit", "-q", "-m", "x")
    one.git("checkout", "-q", "-b", "work")
    return one


def ran(report: dict) -> dict[str, set[str]]:
    return {
        phase["name"]: {package["path"].removeprefix("example.com/m/") for package in found}
        for phase in report["phases"]
        if (found := phase["packages"])
    }


def functions(report: dict) -> list[tuple[str, str]]:
    return [
        (package["path"].rpartition("/")[2], case["name"])
        for phase in report["phases"]
        for package in phase["packages"]
        for case in package["cases"]
    ]


def test_nothing_changed_runs_nothing_and_is_no_proof(project):
    report = project.report()
    assert (report["run"]["verdict"], report["run"]["exit_code"]) == ("nothing", 0)
    assert report["scope"]["mode"] == "none"
    assert project.report("--require-tests")["run"]["exit_code"] == 1


def test_a_change_runs_what_it_reaches_once(project):
    project.write("b/b.go", FILES["b/b.go"] + "\nfunc New() {}\n")
    report = project.report()
    assert ran(report) == {"unit-race": {"b"}, "integration": {"test/integration"}}
    assert sorted(functions(report)) == [("b", "TestTwo"), ("integration", "TestI")]
    assert report["run"]["verdict"] == "green"
    for name in ("report.md", "report.json", "junit.xml", ".gitignore"):
        assert (project.root / "gomanager-report" / name).is_file()
    assert ran(project.report(inside="c")) == {}, "proven green, and its own files are no change"


def test_a_wrong_change_is_red_and_its_command_reproduces_it(project):
    project.write("a/a.go", WRONG)
    report = project.report()
    assert (report["run"]["verdict"], report["summary"]["failed"]) == ("red", 1)
    [critical] = [one for one in report["findings"] if one["severity"] == "critical"]
    assert (critical["kind"], critical["file"], critical["line"]) == ("assertion", "a/a_test.go", 7)
    again = subprocess.run(critical["reproduce"], shell=True, cwd=project.root, check=False)
    assert again.returncode == 1
    only = project.report("--lf")
    assert functions(only) == [("a", "TestOne")]
    project.write("a/a.go", FILES["a/a.go"])
    assert project.report("--lf")["run"]["verdict"] == "green"


def test_fail_fast_stops_after_the_first_red_phase(project):
    project.write("a/a.go", WRONG)
    report = project.report("-x")
    assert [phase["verdict"] for phase in report["phases"]] == ["red", "not_run"]
    assert report["not_run"][0]["what"] == "phase integration"


def test_all_and_the_default_branch_run_everything(project):
    everything = {"a", "b", "c", "test/integration"}
    assert ran(project.report("--all"))["full-race"] | {"test/integration"} == everything
    project.git("checkout", "-q", "main")
    found = ran(project.report("--no-ledger"))
    assert set().union(*found.values()) == everything


def test_without_a_repository_everything_runs_and_it_says_so(project):
    shutil.rmtree(project.root / ".git")
    report = project.report()
    assert report["scope"]["mode"] == "all"
    assert "git" in report["scope"]["reason"]
    assert len(functions(report)) == 5


def test_tags_that_exclude_each_other_are_built_apart(project):
    body = """//go:build {tag}

package db

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {{ os.Exit(m.Run()) }}

func Test{name}(t *testing.T) {{}}
"""
    project.write("db/a_test.go", body.format(tag="integration", name="Integration"))
    project.write("db/b_test.go", body.format(tag="e2e && !integration", name="EndToEnd"))
    project.write(
        "db/c_test.go", 'package db\n\nimport "testing"\n\nfunc TestUnit(t *testing.T) {}\n'
    )
    project.write(
        "db/d_test.go",
        '//go:build e2e || integration\n\npackage db\n\nimport "testing"\n\n'
        "func TestEither(t *testing.T) {}\n",
    )
    report = project.report()
    found = {
        phase["name"]: sorted(c["name"] for p in phase["packages"] for c in p["cases"])
        for phase in report["phases"]
    }
    assert found == {
        "unit-race": ["TestUnit"],
        "integration": ["TestEither", "TestIntegration"],
        "integration-e2e": ["TestEndToEnd"],
    }
    assert report["run"]["verdict"] == "green"
    only = project.report("--phase", "integration", "--no-ledger")
    assert sorted(ran(only)) == ["integration", "integration-e2e"]


def test_packages_behind_the_dashes_replace_the_scope(project):
    report = project.report("--", "-run", "TestOne", "./a")
    assert functions(report) == [("a", "TestOne")]


def test_a_dry_run_starts_and_writes_nothing(project):
    project.write("a/a.go", WRONG)
    done = project.call("run", "--dry-run")
    assert done.returncode == 0
    assert "go test -json" in done.stdout
    assert not (project.root / "gomanager-report").exists()
    assert "no runs" in project.call("history").stdout


def test_every_format_to_its_file(project, tmp_path):
    project.write("b/b.go", FILES["b/b.go"] + "\nfunc New() {}\n")
    names = ("terminal", "markdown", "json", "junit", "yaml")
    words = [word for name in names for word in ("--format", f"{name}={tmp_path}/{name}.out")]
    assert project.call("run", *words).returncode == 0
    written = {name: (tmp_path / f"{name}.out").read_text() for name in names}
    assert all(written.values())
    assert json.loads(written["json"])["summary"]["passed"] == 2
    for section in ("Test Execution Summary", "Critical Findings", "Coverage Analysis"):
        assert section in written["terminal"]
        assert f"## {section}" in written["markdown"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--phase", "netwrok"], "did you mean 'network'?"),
        (["--base", "nope"], "unknown base 'nope'"),
        (["--rerun-limit", "5x"], "write a number or a share"),
        (["--rerun-fails=99"], "0<=x<=10"),
        (["--format", "yml"], "did you mean 'yaml'?"),
        (["--fromat", "json"], "Did you mean '--format'?"),
        (["--lf", "--no-store"], "--lf needs the history"),
        (["--", "-nosuchflag"], "no flag of go test"),
        (["--", "-c"], "cannot pass -c"),
        (["--", "./nope"], "names no package with tests"),
    ],
)
def test_a_wrong_option_is_told_before_anything_runs(project, words, said):
    assert said in project.refused(*words)


def test_four_mistakes_of_a_phase_file_are_four_messages(project):
    project.write(
        ".gomanager/phases/x.yaml",
        "version: 1\nname: x\nrun:\n  timout: 5m\n  count: many\n  race: maybe\nwhen:\n  affectd: 1\n",
    )
    said = project.refused()
    for place in (":4:3: unknown key 'timout'", ":5:10:", ":6:9:", ":8:3: unknown key 'affectd'"):
        assert f".gomanager/phases/x.yaml{place}" in said


def test_a_folder_without_go(tmp_path):
    (tmp_path / "plain").mkdir()
    done = Project(tmp_path / "plain").call("run")
    assert (done.returncode, done.stdout) == (2, "")
    assert "go mod init" in done.stderr


def test_a_machine_without_go(project, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").symlink_to(str(shutil.which("git")))
    environ = {**project.environ(), "PATH": str(tmp_path / "bin")}
    done = subprocess.run(
        project.argv("run", "--all"),
        cwd=project.root, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert "https://go.dev/dl/" in done.stderr


def test_files_that_do_not_build(project):
    project.write("a/a.go", FILES["a/a.go"] + "func {\n")
    report = project.report()
    [build] = [one for one in report["findings"] if one["severity"] == "critical"]
    assert (build["kind"], build["file"], build["line"]) == ("build", "a/a.go", 4)
    assert report["summary"]["not_run"] == 4
    project.write("a/a.go", FILES["a/a.go"])
    project.write("go.mod", FILES["go.mod"] + "requrie x\n")
    report = project.report()
    setup = next(one for one in report["findings"] if one["severity"] == "critical")
    assert (setup["kind"], setup["file"], setup["line"]) == ("setup", "go.mod", 4)


def test_a_report_that_cannot_be_written_is_the_machines_fault(project):
    project.write("taken", "a file")
    done = project.call("run", "--all", "--output", "taken/report")
    assert done.returncode == 3
    assert "--output" in done.stderr
    assert "1 passed" not in done.stderr


def test_hostile_output_is_harmless_in_every_format(project, tmp_path):
    project.write("a/hostile_test.go", HOSTILE)
    names = ("terminal", "markdown", "json", "junit", "yaml")
    words = [word for name in names for word in ("--format", f"{name}={tmp_path}/{name}.out")]
    done = project.call("run", *words)
    assert done.returncode == 1
    for name in names:
        text = (tmp_path / f"{name}.out").read_text()
        assert "TestHostile" in text
        for live in ("\x1b", "\u202e", "\x07"):
            assert live not in text, name
        if name in ("terminal", "markdown"):
            assert not holds_command(text), name
    assert "<script>" not in (tmp_path / "junit.out").read_text()
    assert not holds_command(done.stderr)
    assert "\x1b" not in done.stderr


def test_an_interrupt_leaves_a_report_and_no_process(project):
    name = f"hang{os.getpid()}"
    project.write(f"{name}/x.go", f"package {name}\n")
    project.write(
        f"{name}/x_test.go",
        f'package {name}\n\nimport (\n\t"testing"\n\t"time"\n)\n\n'
        "func TestFirst(t *testing.T) {}\n\n"
        'func TestHang(t *testing.T) { println("here"); time.Sleep(time.Hour) }\n',
    )
    child = subprocess.Popen(
        project.argv("run", "-vv"),
        cwd=project.root, env=project.environ(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not _running(f"{name}.test") and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=30)
    assert child.returncode == 130
    assert "Interrupted" in out
    assert "unfinished package" in out
    assert not _running(f"{name}.test")
    stored = json.loads((project.root / "gomanager-report" / "report.json").read_text())
    assert stored["run"]["verdict"] == "interrupted"


def _running(name: str) -> bool:
    done = subprocess.run(("pgrep", "-f", name), capture_output=True, check=False)
    return done.returncode == 0
