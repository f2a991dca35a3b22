"""phases, init, doctor, schema and completion, as a user calls them."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from gomanager.cli import run
from gomanager.commands.schema import NAMES
from gomanager.config import ConfigKeys
from gomanager.pipeline import schemas
from gomanager.yamlfile.document import Document, read

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        shutil.which("go") is None, reason="needs go: install it from https://go.dev/dl/"
    ),
]

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Go module on its default branch, with one integration folder and a CI file."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in list(os.environ):
        if name.startswith(("XDG_", "GOMANAGER_", "GITHUB_", "CI")):
            monkeypatch.delenv(name)
    root = tmp_path / "repo"
    files = {
        "go.mod": "module example.com/m\n\ngo 1.22\n",
        "a.go": "package m\n",
        "a_test.go": "package m\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {}\n",
        "test/e2e/b_test.go": "//go:build e2e\n\npackage e2e\n\nimport \"testing\"\n\n"
        "func TestB(t *testing.T) {}\n",
        ".github/workflows/ci.yml": "run: gotestsum --junitfile out/junit-unit.xml\n",
    }  # fmt: skip
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    for args in (["init", "-q", "-b", "main"], ["add", "."], [*identity, "commit", "-qm", "x"]):
        subprocess.run(["git", *args], cwd=root, check=True)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def call(*args: str) -> tuple[int, str, str]:
        code = run(args)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def valid(name: str, text: str) -> dict[str, object]:
    document = json.loads(text)
    jsonschema.validate(document, schemas.schema(name))
    assert text.endswith("\n")
    assert isinstance(document, dict)
    return document


def test_phases_says_for_each_phase_whether_and_why(repository: Path, call: Call) -> None:
    (repository / "a.go").write_text("package m\n\nvar X = 1\n")
    code, out, err = call("phases")
    assert code == 0
    lines = {line.split()[0]: line.split(maxsplit=2)[1:] for line in out.splitlines()}
    assert lines["unit-race"][0] == "run"
    assert lines["integration"][0] == "-"
    assert lines["performance"] == ["-", "nothing here"]
    assert err.startswith("scope: selected")

    document = valid("phases", call("phases", "--json")[1])
    phases = {p["name"]: p for p in document["phases"]}  # type: ignore[attr-defined]
    assert phases["integration"]["tags"] == ["e2e"]
    assert phases["unit-race"]["selected"]
    assert phases["unit-race"]["why"]
    assert phases["performance"]["why"] == ["nothing here"]


def test_scope_document_has_its_schema(repository: Path, call: Call) -> None:
    (repository / "a.go").write_text("package m\n\nvar X = 1\n")
    assert valid("scope", call("scope", "--json")[1])["mode"] == "selected"


def test_init_writes_once(repository: Path, call: Call) -> None:
    code, out, err = call("init", "--dry-run")
    assert (code, (repository / ".gomanager.yaml").exists()) == (0, False)
    assert out.startswith("# yaml-language-server: $schema=.gomanager/config.schema.json\n")
    assert "out/junit-unit.xml" in out
    assert "integration tags: e2e" in err

    code, again, _ = call("init")
    assert (code, again) == (0, "")
    assert (repository / ".gomanager.yaml").read_text() == out
    schema = json.loads((repository / ".gomanager/config.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)

    (repository / ".gomanager.yaml").write_text("version: 1\n")
    code, _, err = call("init")
    assert code == 2
    assert "never overwrites" in err
    assert (repository / ".gomanager.yaml").read_text() == "version: 1\n"
    assert sorted(p.name for p in (repository / ".gomanager").iterdir()) == ["config.schema.json"]


def test_init_json(repository: Path, call: Call) -> None:
    document = valid("init", call("init", "--json", "--dry-run")[1])
    assert document["written"] is False
    assert document["found"]["folders"] == ["test/e2e"]  # type: ignore[index]


def test_what_init_writes_is_right_with_every_key_in_effect(
    repository: Path, call: Call, tmp_path: Path
) -> None:
    text = call("init", "--dry-run")[1]
    keys = [line for line in text.splitlines() if line.startswith("# ") and ": " in line + " "]
    live = text
    for line in keys:
        word = line[2:].split(":")[0].strip()
        if word in set(ConfigKeys.__struct_fields__) - {"version", "phases"}:
            live = live.replace(line, line[2:])
    head, _, tail = live.partition("# phases:\n")
    live = head + "phases:\n" + "".join(f"{line[2:]}\n" for line in tail.splitlines())
    for number, content in enumerate((text, live)):
        file = tmp_path / f"{number}.yaml"
        file.write_text(content)
        found = read(file, ConfigKeys, shown=file.name)
        assert isinstance(found, Document), found
    assert set(found.keys) == set(ConfigKeys.__struct_fields__)


def test_init_needs_a_go_module(repository: Path, call: Call) -> None:
    (repository / "go.mod").unlink()
    code, _, err = call("init")
    assert code == 2
    assert "no Go module" in err
    assert not (repository / ".gomanager.yaml").exists()


def test_doctor_is_content_with_a_plain_repository(repository: Path, call: Call) -> None:
    code, out, _ = call("doctor")
    assert code == 0, out
    names = [line.split(maxsplit=1)[1].split(":")[0] for line in out.splitlines() if line[0] != " "]
    for name in ("git", "repository", "configuration", "phases", "go", "modules", "store", "clock"):
        assert name in names
    assert valid("doctor", call("doctor", "--json")[1])["exit_code"] == 0


def test_doctor_names_remotes_without_passwords_and_worktrees(
    repository: Path, call: Call, tmp_path: Path
) -> None:
    address = "https://ann:hunter22@example.com/app.git"
    for words in (("remote", "add", "origin", address), ("worktree", "add", str(tmp_path / "two"))):
        subprocess.run(("git", *words), cwd=repository, check=True, capture_output=True)
    code, out, _ = call("doctor")
    assert code == 0
    assert "remotes: origin https://***@example.com/app.git" in out
    assert "hunter22" not in out
    assert str(tmp_path / "two") in out


def test_doctor_tells_each_mistake(repository: Path, call: Call) -> None:
    (repository / ".gomanager.yaml").write_text("baze: x\nunclaimed: most\n")
    code, out, _ = call("doctor")
    assert code == 3
    assert "fail  configuration: .gomanager.yaml:1:1: unknown key 'baze'\n" in out
    assert "      did you mean 'base'?\n" in out
    assert "fail  configuration: .gomanager.yaml:2:12: 'most' is not known here" in out


def test_doctor_without_go(
    repository: Path, call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "git").symlink_to(shutil.which("git") or "")
    monkeypatch.setenv("PATH", str(tools))
    code, out, _ = call("doctor")
    assert code == 3
    assert "fail  go: go was not found\n      install Go from" in out


def test_doctor_masks_secrets(
    repository: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "s3cr3t-value-123")
    (repository / ".gomanager.yaml").write_text("base: s3cr3t-value-123\n")
    assert "s3cr3t" not in call("doctor", "--json")[1]


def test_doctor_config_says_where_values_come_from(
    repository: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / ".gomanager.yaml").write_text("version: 1\nkeep_stream: true\n")
    monkeypatch.setenv("GOMANAGER_STORE", "h.db")
    code, out, _ = call("doctor", "--config")
    assert code == 0
    assert "keep_stream: true  (.gomanager.yaml:2)\n" in out
    assert f'store: "{repository}/h.db"  (GOMANAGER_STORE)\n' in out
    assert 'unclaimed: "all"  (default)\n' in out


@pytest.mark.parametrize("name", NAMES)
def test_schemas_are_schemas(name: str, call: Call) -> None:
    code, out, _ = call("schema", name)
    assert code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(out))


def test_schema_names() -> None:
    assert set(NAMES) == set(schemas.NAMES)


def test_an_error_document_has_its_schema(repository: Path, call: Call) -> None:
    (repository / ".gomanager.yaml").write_text("baze: x\n")
    code, out, _ = call("phases", "--json")
    assert code == 2
    document = valid("error", out)
    assert document["errors"] == [
        {
            "message": "unknown key 'baze'",
            "file": ".gomanager.yaml",
            "line": 1,
            "column": 1,
            "suggestion": "did you mean 'base'?",
        }
    ]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_parse(shell: str, call: Call) -> None:
    code, out, _ = call("completion", shell)
    assert code == 0
    assert "_GOMANAGER_COMPLETE" in out
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=out, text=True, check=True)


def test_completion_of_powershell(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Register-ArgumentCompleter" in call("completion", "powershell")[1]
    monkeypatch.setenv("_GOMANAGER_COMPLETE", "powershell_complete")
    monkeypatch.setenv("COMP_WORDS", "gomanager sch")
    monkeypatch.setenv("COMP_CWORD", "sch")
    with pytest.raises(SystemExit) as left:
        run([])
    assert left.value.code == 0


def test_bad_shell(call: Call) -> None:
    assert call("completion", "csh")[0] == 2


def test_performance_tests_run_when_they_changed_or_by_name(repository: Path, call: Call) -> None:
    """Not by --all, which would measure on every unknown path."""
    source = "package m\n\nimport \"testing\"\n\nfunc TestFast(t *testing.T) {}\n"  # fmt: skip
    tagged = f"//go:build performance\n\n{source}"
    (repository / "slow_test.go").write_text(tagged)
    assert "performance  -    only its own files" in call("phases", "--all")[1]
    (repository / "perf_test.go").write_text(tagged.replace("TestFast", "TestFaster"))
    assert "performance  run  " in call("phases", "--all")[1]
    assert "example.com/m\n" in call("scope", "--all", "--phase", "performance")[1]


def test_why_of_a_module_file_says_the_most_it_would_select(repository: Path, call: Call) -> None:
    subprocess.run(["git", "switch", "-qc", "topic"], cwd=repository, check=True)
    code, out, _ = call("why", "go.mod")
    assert code == 0
    assert out.startswith("file go.mod: WOULD SELECT\n  not changed; rule 5\n")
    assert "at most: the packages that reach a module whose entry changes" in out


def test_why_says_what_would_make_a_scope_of_everything_precise(
    repository: Path, call: Call
) -> None:
    subprocess.run(["git", "switch", "-qc", "topic"], cwd=repository, check=True)
    (repository / "notes").mkdir()
    (repository / "notes" / "plan.txt").write_text("x")
    code, out, _ = call("why", ".")
    assert code == 0
    assert "inert: [notes/plan.txt]" in out


def test_why_names_the_word_by_which_a_phase_leaves_a_test_out(
    repository: Path, call: Call
) -> None:
    subprocess.run(["git", "switch", "-qc", "topic"], cwd=repository, check=True)
    (repository / "client_test.go").write_text(
        'package m\n\nimport "testing"\n\nfunc TestC(t *testing.T) {}\n'
    )
    phases = {p["name"]: p["text"] for p in json.loads(call("why", "TestC", "--json")[1])["phases"]}
    where = "folders of integration tests and files behind its tags alone"
    assert phases["api"].startswith(f"the phase takes {where}, and client_test.go is none")
    assert phases["performance"].startswith("the phase takes files *perf*_test.go")
