"""The shipped phases on a small repository: which are called, why, and with which packages."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from gomanager.errors import EnvironmentFault, UsageError
from gomanager.pipeline import scopeshape
from gomanager.pipeline.scope import Known, Question, nothing, select
from gomanager.selection.scope import Mode

pytestmark = pytest.mark.integration

M = "example.com/m"


def code(package, *imports):
    return f"package {package}\n\n" + "".join(f'import _ "{path}"\n' for path in imports)


def go_test(package, *names, imports=()):
    functions = "".join(f"func {name}(t *testing.T) {{}}\n" for name in names)
    return code(package, "testing", *imports) + functions


def tagged(text, tag="integration"):
    return f"//go:build {tag}\n\n{text}"


TREE = {
    "go.mod": f"module {M}\n\ngo 1.22\n\nrequire x.org/a v1.0.0\n",
    "go.sum": "x.org/a v1.0.0 h1:a\n",
    "internal/gh/gh.go": code("gh", "net/http"),
    "internal/gh/gh_test.go": go_test("gh", "TestClient"),
    "internal/gh/api_test.go": tagged(go_test("gh", "TestRealAPI")),
    "internal/text/text.go": code("text", "x.org/a"),
    "internal/text/text_test.go": go_test("text", "TestText"),
    "internal/text/speed_bench_test.go": go_test("text", "TestSpeed"),
    "cmd/tool/main.go": code("main", f"{M}/internal/text"),
    "test/integration/network_test.go": go_test(
        "integration", "TestTimeout", imports=(f"{M}/internal/gh", f"{M}/internal/text")
    ),
    "test/integration/other_test.go": tagged(go_test("integration", "TestOther")),
    "README.md": "x",
}


@pytest.fixture
def work(repo):
    repo.commit(TREE)
    repo.git("checkout", "-q", "-b", "feat")
    return repo


def ask(repo, recall=nothing, folder=".", **options):
    cwd = (repo.root / folder).resolve()
    return select(Question(cwd=cwd, environ=repo.environ, **options), recall)


def called(answer):
    """Phase → folders of the packages it runs."""
    return {
        phase.name: sorted(p.path.removeprefix(f"{M}/") for p in phase.packages)
        for phase in answer.scope.phases
        if phase.selected
    }


def why(answer, name):
    return next(phase.why for phase in answer.scope.phases if phase.name == name)


def test_a_change_calls_the_phases_that_it_reaches(work):
    work.commit({"internal/text/text.go": code("text", "x.org/a", "strings")})
    answer = ask(work)
    assert called(answer) == {
        "unit-race": ["internal/text"],
        "integration": ["test/integration"],
    }
    assert [p.path for p in answer.scope.phases[1].build_only] == [f"{M}/cmd/tool"]
    assert why(answer, "network") == ("no changed package imports or starts net …",)


def test_a_changed_http_client_calls_api_and_network(work):
    work.commit({"internal/gh/gh.go": code("gh", "net/http", "strings")})
    answer = ask(work)
    assert called(answer) == {
        "unit-race": ["internal/gh"],
        "api": ["internal/gh"],
        "network": ["test/integration"],
        "integration": ["test/integration"],
    }
    assert f"{M}/internal/gh changed and imports net/http" in why(answer, "api")


def test_no_function_belongs_to_two_phases(work):
    work.commit({"internal/gh/gh.go": code("gh", "net/http", "strings")})
    answer = ask(work)
    held = [
        (package.path, function.name)
        for name in called(answer)
        for package in answer.tests[name]
        for function in package.functions
    ]
    assert len(set(held)) < len(held)  # two configurations compile TestTimeout …
    from gomanager.partition import partition

    phases = [phase for phase in answer.phases if phase.name in called(answer)]
    shares = partition([(phase, answer.tests[phase.name]) for phase in phases])
    runs = [(a.package, f) for share in shares for a in share.packages for f in a.functions]
    assert sorted(runs) == [
        (f"{M}/internal/gh", "TestClient"),
        (f"{M}/internal/gh", "TestRealAPI"),
        (f"{M}/test/integration", "TestOther"),
        (f"{M}/test/integration", "TestTimeout"),
    ]


def test_a_module_bump_calls_full_race_in_place_of_unit_race(work):
    work.commit({"go.mod": TREE["go.mod"].replace("v1.0.0", "v1.1.0")})
    answer = ask(work)
    found = called(answer)
    assert found["full-race"] == ["internal/text", "test/integration"]
    assert "unit-race" not in found
    assert why(answer, "unit-race") == ("full-race runs in its place",)
    assert "go.mod changed" in why(answer, "full-race")


def test_a_go_mod_in_another_form_calls_nothing(work):
    work.commit({"go.mod": TREE["go.mod"].replace("require x.org/a v1.0.0", "require (\n\tx.org/a v1.0.0\n)")})  # fmt: skip
    assert ask(work).scope.mode is Mode.NONE


def test_all_is_all(work):
    answer = ask(work, everything=True)
    found = called(answer)
    assert answer.scope.mode is Mode.ALL
    assert found["full-race"] == ["internal/gh", "internal/text", "test/integration"]
    assert {"unit-race", "network"}.isdisjoint(found)
    assert (found["api"], found["integration"]) == (["internal/gh"], ["test/integration"])
    full = answer.scope.phases[0]
    assert (full.name, full.whole) == ("full-race", True)


def test_documents_call_nothing(work):
    work.commit({"README.md": "y", "docs/x.md": "z"})
    answer = ask(work)
    assert (answer.scope.mode, called(answer)) == (Mode.NONE, {})
    assert answer.scope.reason.startswith("nothing affected: 2 paths changed since ")


def test_a_changed_benchmark_file_calls_performance_for_what_is_left_of_it(work):
    tagged_file = tagged(go_test("text", "TestSlow"), tag="performance")
    work.commit({"internal/text/speed_bench_test.go": go_test("text", "TestSpeed", "TestMore")})
    answer = ask(work)
    assert called(answer) == {"unit-race": ["internal/text"]}
    assert why(answer, "performance")[-1] == "other phases run all of its tests"
    work.commit({"internal/text/slow_bench_test.go": tagged_file})
    answer = ask(work)
    assert called(answer)["performance"] == ["internal/text"]
    assert why(answer, "performance") == ("internal/text/slow_bench_test.go calls for it",)


@pytest.mark.parametrize("flags", ["-modfile=other.mod", "-race -overlay=o.json"])
def test_b8_files_in_the_place_of_others_call_everything(work, flags):
    work.commit({"README.md": "y"})
    work.environ["GOFLAGS"] = flags
    answer = ask(work)
    assert answer.scope.mode is Mode.ALL
    assert flags.rpartition("-")[2].partition("=")[0] in answer.scope.reason


def test_c24_a_vendor_folder_comes_and_goes_with_any_file(work):
    for change in ({"vendor/README": "x"}, {"vendor/README": None}):
        work.commit(change)
        found = called(ask(work, base="HEAD~1"))
        assert {p for packages in found.values() for p in packages} >= {
            "internal/gh",
            "internal/text",
            "test/integration",
        }


def test_a_phase_says_which_files_would_call_it(work):
    work.commit({"internal/text/text.go": code("text", "x.org/a", "strings")})
    assert why(ask(work), "full-race")[0].startswith("none of its trigger files changed (")


def test_magex_settings_call_everything(work):
    work.commit({".mage.yaml": "test:\n  race: true\n"})
    found = called(ask(work))
    assert found["full-race"] == ["internal/gh", "internal/text", "test/integration"]


def test_a_named_phase_is_asked_alone_and_stays_in_the_scope(work):
    work.commit({"internal/text/text.go": code("text", "x.org/a", "strings")})
    assert called(ask(work, phases=("network",))) == {"network": ["test/integration"]}
    assert called(ask(work, phases=("api",))) == {}
    assert called(ask(work, phases=("api",), everything=True)) == {"api": ["internal/gh"]}


def test_an_unknown_phase(work):
    with pytest.raises(UsageError, match="there is no phase 'netwrok'") as caught:
        ask(work, phases=("netwrok",))
    assert "network" in (caught.value.fix or "")


def test_what_was_red_in_ci_is_called_again(work):
    work.commit({"README.md": "y"})
    answer = ask(work, lambda _: Known(red_phases=frozenset({"network"})))
    assert called(answer) == {"network": ["test/integration"]}


def test_a_subfolder_means_the_whole_repository(work):
    work.commit({"internal/text/text.go": code("text", "x.org/a", "strings")})
    assert called(ask(work, folder="cmd/tool")) == called(ask(work))


def test_a_report_folder_of_another_name_is_no_change(work):
    work.write({"out/report.md": "x"})
    assert ask(work).scope.dirty
    answer = ask(work, flags=(("output", "out"),))
    assert (answer.scope.dirty, answer.scope.mode) == (False, Mode.NONE)


def test_without_git_everything_runs(work, tmp_path):
    (work.root / ".git").rename(tmp_path / "away")
    work.environ["GIT_CEILING_DIRECTORIES"] = str(tmp_path)
    answer = ask(work, folder="cmd/tool")
    assert answer.scope.mode is Mode.ALL
    assert answer.scope.reason == "no git: not a git repository"
    assert called(answer)["full-race"] == ["internal/gh", "internal/text", "test/integration"]
    with pytest.raises(UsageError, match="unknown base"):
        ask(work, base="main")


def test_without_go_the_scope_is_that_of_all_platforms(work, tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    git = subprocess.run(["which", "git"], capture_output=True, check=True, text=True).stdout
    (tools / "git").symlink_to(git.strip())
    work.environ["PATH"] = str(tools)
    work.commit({"internal/text/text.go": code("text", "x.org/a", "strings")})
    answer = ask(work)
    assert answer.toolchain is None
    assert called(answer)["unit-race"] == ["internal/text"]
    assert any("go was not found" in note.title for note in answer.scope.notes)


def test_no_go_project(repo):
    repo.commit({"main.py": "x"})
    with pytest.raises(UsageError, match="no Go module here"):
        ask(repo)


def test_a_pull_request_on_github(work, tmp_path):
    head = work.commit({"internal/text/text.go": code("text", "x.org/a", "strings")})
    work.git("checkout", "-q", "main")
    work.commit({"internal/gh/gh.go": code("gh", "net/http", "strings")})
    work.git("merge", "-q", "--no-ff", "--no-edit", "feat")
    work.git("checkout", "-q", "--detach")
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 5, "head": {"sha": head}}}))
    work.environ |= {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REF": "refs/pull/5/merge",
        "GITHUB_SHA": work.git("rev-parse", "HEAD"),
        "GITHUB_BASE_REF": "main",
        "GITHUB_HEAD_REF": "feat",
    }
    answer = ask(work)
    assert called(answer)["unit-race"] == ["internal/text"]
    assert answer.place.branch == "feat"
    assert answer.scope.base is not None
    assert answer.scope.base.how == "first parent of the merge that CI checked out"


def run(repo, *args):
    argv = (sys.executable, "-m", "gomanager", "scope", *args)
    env = repo.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    return subprocess.run(argv, cwd=repo.root, env=env, capture_output=True, check=False)


def test_the_command_prints_import_paths_alone(work):
    work.commit({"internal/text/text.go": code("text", "x.org/a", "strings")})
    done = run(work)
    assert done.returncode == 0
    assert done.stdout.decode().splitlines() == [
        f"{M}/internal/text",
        f"{M}/test/integration",
        f"{M}/cmd/tool",
    ]
    assert "internal/text → test/integration (test import)" in done.stderr.decode()
    none = run(work, "--base", "HEAD")
    assert (none.returncode, none.stdout) == (0, b"")


def test_the_document_has_its_shape(work):
    work.commit({"internal/text/text.go": code("text", "x.org/a", "strings")})
    work.write({"fixtures/\udcff.bin": "x"})
    done = run(work, "--json")
    document = json.loads(done.stdout)
    msgspec.convert(document, scopeshape.Scope)
    assert document["unclaimed"] == ["fixtures/\\xff.bin"]
    assert (document["mode"], document["dirty"]) == ("all", True)


def test_only_what_is_staged(work):
    work.commit({"internal/gh/gh.go": code("gh", "net/http", "strings")})
    work.write({"internal/text/text.go": code("text", "x.org/a", "strings"), "go.mod": "broken"})
    work.git("add", "internal/text/text.go")
    done = run(work, "--staged", "--phase", "unit-race")
    assert done.stdout.decode().splitlines() == [f"{M}/internal/text", f"{M}/cmd/tool"]


def test_one_module_of_several(work):
    work.commit(
        {
            "sub/go.mod": "module example.com/sub\n\ngo 1.22\n",
            "sub/x.go": code("sub"),
            "sub/x_test.go": go_test("sub", "TestX"),
            "internal/gh/gh.go": code("gh", "net/http", "strings"),
        }
    )
    assert run(work, "--module", "sub").stdout.decode().splitlines() == ["example.com/sub"]
    wrong = run(work, "--module", "internal")
    assert (wrong.returncode, wrong.stdout) == (2, b"")
    assert b"modules: ., sub" in wrong.stderr


def test_errors_have_their_exit_codes(work):
    assert run(work, "--base", "nope").returncode == 2
    assert run(work, "--phase", "nope").returncode == 2
    (work.root / "go.mod").unlink()
    assert run(work).returncode == 2


def test_a_refused_repository_is_an_environment_fault(work, monkeypatch):
    bare = work.root.parent / "bare.git"
    work.git("clone", "-q", "--bare", str(work.root), str(bare))
    with pytest.raises(EnvironmentFault):
        select(Question(cwd=bare, environ=work.environ))
