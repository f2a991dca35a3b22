"""Proofs in whole runs over real repositories: what is spared, and every way it must not be."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from gomanager import cli
from gomanager.selection.ledger import sampled

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("go") is None, reason="go is missing: https://go.dev/dl/"),
]

M = "example.com/m"


def go_test(name, body="", *imports):
    lines = "".join(f'\t"{path}"\n' for path in ("testing", *imports))
    return f"package {name}\n\nimport (\n{lines})\n\nfunc TestA(t *testing.T) {{\n{body}\n}}\n"


FILES = {
    "go.mod": f"module {M}\n\ngo 1.24\n",
    ".gomanager.yaml": "version: 1\nphases:\n  full-race: {disabled: true}\n"
    "  unit-race: {run: {race: false}}\n",
    "lib/lib.go": "package lib\n\nfunc One() int { return 1 }\n",
    "pure/pure_test.go": go_test("pure", "if lib.One() != 1 { t.Fatal() }", f"{M}/lib"),
    "env/env_test.go": go_test("env", 'if os.Getenv("MODE") == "bad" { t.Fatal() }', "os"),
    "far/far_test.go": go_test(
        "far",
        'b, _ := os.ReadFile(filepath.Join(filepath.Dir(here()), "cfg", "x.txt"))\n'
        'if string(b) != "v1" { t.Fatal(string(b)) }',
        "os",
        "path/filepath",
    )
    + "\nfunc here() string { d, _ := os.Getwd(); return d }\n",
    "cfg/x.txt": "v1",
    "cfg/c.go": "package cfg\n",
    "exe/exe_test.go": go_test("exe", 'exec.Command("true").Run()', "os/exec"),
    "main/main_test.go": go_test("main", "", "os").replace(
        "func TestA", "func TestMain(m *testing.M) {\n\tload()\n\tos.Exit(m.Run())\n}\n\nfunc TestA"
    )
    + '\nfunc load() { os.ReadFile("../cfg/x.txt") }\n',
    "skip/skip_test.go": go_test("skip", "t.Skip()"),
}
READERS = {"pure", "env", "far"}
UNSURE = {"exe", "main", "skip"}


class Project:
    """A repository, and gomanager called in it as a user does."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.capsys = capsys

    def git(self, *words: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(("git", *who, *words), cwd=self.root, check=True, capture_output=True)

    def head(self) -> str:
        words = ("git", "rev-parse", "HEAD")
        done = subprocess.run(words, cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def commit(self, name: str, text: str) -> None:
        self.write(name, text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")

    def call(self, *words: str) -> tuple[int, dict]:
        self.capsys.readouterr()
        code = cli.run([words[0], "--json", *words[1:]])
        return code, json.loads(self.capsys.readouterr().out)

    def ran(self, *words: str) -> set[str]:
        """Packages that a run ran."""
        _, report = self.call("run", *words)
        return {
            package["path"].rpartition("/")[2]
            for phase in report["phases"]
            for package in phase["packages"]
            if package["cases"] or package["result"] != "empty"
        }

    def planned(self, *words: str) -> set[str]:
        """Test packages that a run would run."""
        _, plan = self.call("run", "--dry-run", *words)
        paths = {path.rpartition("/")[2] for one in plan["phases"] for path in one["packages"]}
        return paths - {"lib", "cfg"}

    def scope(self) -> dict:
        return self.call("scope")[1]

    def proved(self) -> set[str]:
        phases = self.scope()["phases"]
        paths = {path for phase in phases for path in phase["skipped"]["proved"]}
        return {path.rpartition("/")[2] for path in paths}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A repository and a store in which every package ran once: copies prove as much as it."""
    folder = tmp_path_factory.mktemp("template")
    (folder / "repo").mkdir()
    found = Project(folder / "repo", None)
    found.git("init", "-q", "-b", "main")
    for name, text in FILES.items():
        found.write(name, text)
    found.commit("README.md", "x")
    with pytest.MonkeyPatch.context() as patch:
        _surround(patch, folder)
        assert cli.run(["run", "-qq"]) == 0
    return folder


def _surround(patch, folder):
    patch.setenv("GOMANAGER_STORE", str(folder / "store" / "history.db"))
    patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    patch.setenv("GOCACHE", str(Path("~/.cache/go-build").expanduser()))
    for name in ("CI", "GITHUB_ACTIONS", "MODE"):
        patch.delenv(name, raising=False)
    patch.chdir(folder / "repo")


@pytest.fixture
def green(template, tmp_path, monkeypatch, capsys):
    """Every package ran green once, at the newest commit of the default branch."""
    folder = tmp_path / "copy"
    shutil.copytree(template, folder, symlinks=True)
    _surround(monkeypatch, folder)
    return Project(folder / "repo", capsys)


@pytest.fixture
def lost(green):
    """No base at all: only proofs spare anything."""
    green.git("checkout", "-q", "-b", "other")
    green.git("branch", "third")
    green.git("branch", "-D", "main")
    return green


def test_a_copy_at_another_commit_is_spared_package_by_package(lost):
    lost.git("commit", "-q", "--allow-empty", "-m", "another commit")
    assert lost.scope()["mode"] == "all"
    assert lost.proved() == READERS
    assert lost.planned("--no-ledger") == READERS | UNSURE
    assert lost.planned("--all") == READERS | UNSURE
    assert lost.planned("--", "-count=1") == READERS | UNSURE
    assert lost.planned("--", "-short") == READERS | UNSURE
    assert lost.ran() == UNSURE


def test_a_report_names_run_and_commit(lost):
    _, report = lost.call("run")
    text = (lost.root / "gomanager-report" / "report.md").read_text()
    assert "proven green at" in text
    assert report["run"]["verdict"] == "green"


def test_code_and_reverts(lost):
    lost.write("lib/lib.go", FILES["lib/lib.go"] + "\n// more\n")
    assert lost.proved() == READERS - {"pure"}
    lost.write("lib/lib.go", FILES["lib/lib.go"])
    assert lost.proved() == READERS


def test_an_uncommitted_result_speaks_for_the_commit_of_the_same_files(lost):
    lost.write("lib/lib.go", FILES["lib/lib.go"] + "\n// more\n")
    assert "pure" in lost.ran()
    lost.commit("lib/lib.go", FILES["lib/lib.go"] + "\n// more\n")
    assert lost.proved() == READERS


def test_files_that_a_test_read(lost):
    lost.write("cfg/x.txt", "v2")
    assert lost.proved() == READERS - {"far"}
    assert "far" in lost.ran()
    assert "far" not in lost.proved()
    lost.write("cfg/x.txt", "v1")
    # Red with the same code: what it read then is no excuse, it must be seen green again.
    assert "far" not in lost.proved()
    assert "far" in lost.ran()
    assert lost.proved() == READERS


def test_variables_that_a_test_read(lost, monkeypatch):
    monkeypatch.setenv("MODE", "good")
    assert lost.proved() == READERS - {"env"}
    monkeypatch.delenv("MODE")
    assert lost.proved() == READERS


def test_settings_and_files_of_nobody(lost):
    lost.write(".gomanager.yaml", FILES[".gomanager.yaml"] + "output: reports\n")
    assert lost.proved() == set()
    lost.write(".gomanager.yaml", FILES[".gomanager.yaml"])
    lost.write("nobody.dat", "x")
    assert lost.proved() == set()
    (lost.root / "nobody.dat").unlink()
    assert lost.proved() == READERS


def test_a_file_that_changes_while_tests_run_proves_nothing(lost):
    name = "pure/pure_test.go"
    body = f'os.WriteFile("../lib/lib.go", []byte({json.dumps(FILES["lib/lib.go"] + "// new")}), 0o644)'
    lost.write(name, go_test("pure", f"{body}\nlib.One()", f"{M}/lib", "os"))
    assert "pure" in lost.ran()
    assert "pure" not in lost.proved()


def test_a_red_package_stays_until_it_is_green(lost):
    lost.write("pure/pure_test.go", go_test("pure", "t.Fatal()"))
    assert "pure" in lost.ran()
    assert "pure" in lost.ran()
    lost.write("pure/pure_test.go", FILES["pure/pure_test.go"])
    assert "pure" in lost.proved()


def test_git_that_looks_away_proves_nothing(lost):
    lost.git("update-index", "--assume-unchanged", "lib/lib.go")
    assert lost.proved() == set()


def test_code_outside_of_the_repository_proves_nothing(lost):
    outside = lost.root.parent / "outside"
    outside.mkdir()
    (outside / "go.mod").write_text("module example.com/outside\n\ngo 1.24\n")
    lost.write("go.mod", FILES["go.mod"] + "\nreplace example.com/outside => ../outside\n")
    lost.ran()
    assert lost.proved() == set()


def test_an_embedded_file_that_git_ignores_proves_nothing(lost):
    lost.write(".gitignore", "dist\n")
    lost.write("lib/lib.go", 'package lib\n\nimport _ "embed"\n\n//go:embed dist\nvar s string\n\n'
               "func One() int { return len(s) }\n")  # fmt: skip
    lost.write("lib/dist", "1")
    assert "pure" in lost.ran()
    assert "pure" not in lost.proved()
    assert lost.proved() == READERS - {"pure"}


def test_a_learned_file_selects_its_reader(green):
    green.git("checkout", "-q", "-b", "topic")
    green.write(
        "far/far_test.go", FILES["far/far_test.go"].replace('"cfg"', "string([]byte{99, 102, 103})")
    )
    green.ran()
    green.git("add", "-A")
    green.git("commit", "-q", "-m", "x")
    green.git("checkout", "-q", "main")
    green.git("merge", "-q", "topic")
    green.git("checkout", "-q", "-b", "next")
    green.write("cfg/x.txt", "v2")
    scope = green.scope()
    reasons = {
        (package["path"], reason["id"])
        for phase in scope["phases"]
        for package in phase["packages"]
        for reason in package["reasons"]
    }
    assert (f"{M}/far", "9") in reasons


def test_f4_another_value_of_a_variable_selects_its_reader(green, monkeypatch):
    assert green.ran() == set()
    monkeypatch.setenv("MODE", "bad")
    (reason,) = {
        (package["path"], reason["id"], reason["text"])
        for phase in green.scope()["phases"]
        for package in phase["packages"]
        for reason in package["reasons"]
    }
    assert reason[:2] == (f"{M}/env", "F4")
    assert "MODE" in reason[2]
    assert green.call("run")[0] == 1
    monkeypatch.setenv("MODE", "good")
    assert green.ran() == {"env"}
    assert green.ran() == set()
    monkeypatch.delenv("MODE")
    assert green.ran() == {"env"}  # a red result came behind the first one


def test_a_whole_spared_change_is_nothing_to_run(green):
    green.git("checkout", "-q", "-b", "topic")
    green.write("lib/lib.go", FILES["lib/lib.go"] + "\n// more\n")
    assert green.ran() == {"pure"}
    code, report = green.call("run")
    assert (code, report["run"]["verdict"]) == (0, "nothing")
    assert report["scope"]["reason"].startswith("nothing to run: ")


def test_why_names_the_proof_and_the_doubt(lost):
    def answers(target):
        _, found = lost.call("why", target)
        return next(one for one in found["phases"] if one["name"] == "unit-race")

    spared = answers("./pure")
    assert spared["answer"] == "proved"
    assert (
        spared["proof"]["commit"] in spared["text"] or spared["proof"]["run"][:12] in spared["text"]
    )
    assert "it starts true" in answers("./exe")["text"]
    assert "TestMain" in answers("./main")["text"]
    assert "skipped" in answers("./skip")["text"]


def test_a_sample_of_what_is_spared_runs_in_ci_on_the_default_branch(green, monkeypatch):
    green.commit("README.md", "more")
    for number in range(500):
        green.git("commit", "-q", "--amend", "-m", f"{number}")
        tested = READERS | UNSURE
        if {name for name in tested if sampled(green.head(), f"{M}/{name}")} == {"pure"}:
            break
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_REF_NAME", "main")
    monkeypatch.setenv("GITHUB_SHA", green.head())
    (phase,) = (
        one for one in green.call("scope", "--base", "HEAD~1")[1]["phases"] if one["selected"]
    )
    drawn = [p["path"] for p in phase["packages"] if p["reasons"][0]["id"] == "shadow"]
    assert drawn == [f"{M}/pure"]


def test_why_answers_for_files_tests_and_phases(green):
    green.git("checkout", "-q", "-b", "topic")
    green.write("lib/lib.go", FILES["lib/lib.go"] + "\n// more\n")

    def why(target):
        _, found = green.call("why", target)
        unit = next((one for one in found["phases"] if one["name"] == "unit-race"), None)
        return found, unit

    found, unit = why("lib/lib.go")
    assert (found["kind"], found["selected"], found["text"]) == (
        "file", True, "modified, unstaged; rule A1",
    )  # fmt: skip
    assert [package["path"] for package in unit["packages"]] == [f"{M}/pure", f"{M}/lib"]
    found, unit = why("env/env_test.go")
    assert found["text"] == "not changed; rule A6"
    assert unit["text"] == "it would select 1 package"
    found, unit = why("pure.TestA")
    assert (found["kind"], unit["answer"]) == ("case", "selected")
    assert [link["package"] for link in unit["reasons"][0]["chain"]] == [f"{M}/lib", f"{M}/pure"]
    found, unit = why("./lib")
    assert "no test files" in found["text"]
    found, unit = why("README.md")
    assert "rule 11" in found["text"]
    found, unit = why("unit-race")
    assert (found["kind"], unit["answer"]) == ("phase", "selected")
    found, unit = why("./env")
    assert unit["answer"] == "unchanged"
    assert "merge base" in unit["text"]
    integration = next(one for one in found["phases"] if one["name"] == "integration")
    assert integration["answer"] == "not_in_phase"
    assert integration["text"].endswith("it is in unit-race")


@pytest.mark.parametrize(
    ("target", "fix"),
    [("./purr", "did you mean ./pure?"), ("TestB", "TestA"), ("TestA", "PACKAGE.TestName")],
)
def test_why_says_what_it_does_not_know(green, target, fix):
    code, error = green.call("why", target)
    assert code == 2
    assert fix in error["fix"]


def test_why_is_what_its_schema_says(green):
    import jsonschema

    from gomanager.pipeline.schemas import schema

    for target in ("./pure", "cfg/x.txt", "unit-race"):
        jsonschema.validate(green.call("why", target)[1], schema("why"))
    jsonschema.validate(green.scope(), schema("scope"))
