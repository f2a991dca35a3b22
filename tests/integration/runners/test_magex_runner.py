"""The magex runner over the real tool."""

import os
import shutil

import pytest
from msgspec.structs import replace

from gomanager.phasefile import Run
from gomanager.results import Label, Outcome, PackageOutcome, Verdict
from gomanager.runners import registry
from gomanager.runners.request import ModuleRequest, PackageRequest

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        shutil.which("magex") is None,
        reason="magex is missing: go install github.com/mrz1836/mage-x/cmd/magex@latest",
    ),
    pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is missing: -race needs it"),
]

HEAD = 'package p\n\nimport (\n\t"os"\n\t"testing"\n)\n\nvar _ = os.Getenv\n\n'
FILES = {
    ".mage.yaml": "test:\n  timeout: 5m\n",
    ".env": "FROM_FILE=file\n",
    "a/a_test.go": HEAD
    + 'func TestEnv(t *testing.T) {\n\tif os.Getenv("FROM_FILE") != "file" {\n\t\tt.Fatal("no")\n\t}\n'
    '\tif _, err := os.Stat("second"); err != nil {\n'
    '\t\tos.WriteFile("second", nil, 0o644)\n\t\tt.Fatal("first")\n\t}\n}\n',
    "sub/go.mod": "module ex.com/sub\n\ngo 1.21\n",
    "sub/b_test.go": HEAD + "func TestB(t *testing.T) {}\n",
}


def magex_request(request_for, root, **fields):
    modules = (
        ModuleRequest(dir=root, path="ex.com/m", packages=(PackageRequest(path="ex.com/m/a"),)),
        ModuleRequest(
            dir=root / "sub", path="ex.com/sub", packages=(PackageRequest(path="ex.com/sub"),)
        ),
    )
    environ = {**os.environ, "GOTOOLCHAIN": "local", "FROM_FILE": "caller"}
    return request_for(root, modules=modules, settings=Run(), environ=environ, whole=True, **fields)


def test_a_whole_repository_runs_in_one_command_and_reruns_see_its_environment(
    project, request_for, run_phase
):
    root = project(FILES)
    result = run_phase(magex_request(request_for, root, reruns=1), runner=registry)
    assert result.runner == "magex"
    assert result.commands[0][:3] == ("magex", "test:race", "ci")
    assert result.commands[1][:2] == ("go", "test")
    assert (result.verdict, result.variant.race) == (Verdict.GREEN, True)
    cases = {c.name: c for p in result.packages for c in p.cases}
    assert cases["TestEnv"].label is Label.FLAKY
    assert cases["TestB"].outcome is Outcome.PASS
    assert {p.path: p.module for p in result.packages} == {
        "ex.com/m/a": "ex.com/m",
        "ex.com/sub": "ex.com/sub",
    }


def test_a_swallowed_message_is_found(project, request_for, run_phase):
    root = project({**FILES, "a/second": ""})
    request = magex_request(request_for, root)
    (root / "sub" / "go.mod").write_text("module ex.com/sub\n\ngo 1.21\n\nrequire x\n")
    result = run_phase(request, runner=registry)
    assert result.verdict is Verdict.RED
    broken = next(p for p in result.packages if p.path == "ex.com/sub")
    assert broken.result is PackageOutcome.SETUP
    assert "go.mod:5" in broken.attempts[0].failures[0].text


def test_a_part_of_the_repository_goes_to_go(project, request_for, run_phase):
    root = project({**FILES, "a/second": ""})
    request = replace(magex_request(request_for, root), whole=False)
    result = run_phase(request, runner=registry)
    assert (result.runner, result.verdict) == ("go", Verdict.GREEN)
