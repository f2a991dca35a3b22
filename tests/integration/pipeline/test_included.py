"""C3 in whole runs: go takes stale objects for good where a file that it does not hash changed."""

import platform
import shutil
import subprocess

import pytest

from gomanager import cli

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("go") is None, reason="go is missing: https://go.dev/dl/"),
]

ASSEMBLY = {
    "p/p.go": "package p\n\nfunc V() int\n",
    "p/inc/v.h": "#define X 1\n",
    "p/p_amd64.s": '#include "textflag.h"\n#include "inc/v.h"\n'
    "TEXT ·V(SB),NOSPLIT,$0-8\n\tMOVQ $X, ret+0(FP)\n\tRET\n",
}
CGO = {
    "p/p.go": 'package p\n\n// #include "inc/v.h"\nimport "C"\n\nfunc V() int { return C.X }\n',
    "p/inc/v.h": "#define X 1\n",
}
TEST = (
    'package q\n\nimport (\n\t"testing"\n\n\t"example.com/m/p"\n)\n\n'
    "func TestV(t *testing.T) {\n\tif p.V() != 1 {\n\t\tt.Fatal(p.V())\n\t}\n}\n"
)


@pytest.fixture(
    params=[
        pytest.param(
            ASSEMBLY,
            id="assembly",
            marks=pytest.mark.skipif(platform.machine() != "x86_64", reason="assembly of amd64"),
        ),
        pytest.param(
            CGO,
            id="cgo",
            marks=pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is missing"),
        ),
    ]
)
def project(request, tmp_path, monkeypatch):
    """A green package whose dependency includes a file of another folder; how to change it."""
    monkeypatch.setenv("GOMANAGER_STORE", str(tmp_path / "history.db"))
    for name in ("CI", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "repo"

    def commit(files):
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(("git", "add", "-A"), cwd=root, check=True)
        subprocess.run(("git", *who, "commit", "-q", "-m", "x"), cwd=root, check=True)

    root.mkdir()
    subprocess.run(("git", "init", "-q", "-b", "main"), cwd=root, check=True)
    settings = (
        "version: 1\nphases:\n  full-race: {disabled: true}\n  unit-race: {run: {race: false}}\n"
    )
    commit(
        request.param
        | {
            "go.mod": "module example.com/m\n\ngo 1.24\n",
            "q/q_test.go": TEST,
            ".gomanager.yaml": settings,
        }
    )
    monkeypatch.chdir(root)
    return commit


def test_c3_what_is_included_is_built_anew(project):
    assert cli.run(["run", "-qq", "--all"]) == 0
    project({"p/inc/v.h": "#define X 2\n"})
    assert cli.run(["run", "-qq", "--base", "HEAD~1"]) == 1


def test_c3_what_was_included_before_is_not_taken_from_the_cache(project):
    subprocess.run(("go", "test", "./..."), check=True, capture_output=True)
    project({"p/inc/v.h": "#define X 2\n"})
    project({"q/q.go": "package q\n"})
    assert cli.run(["run", "-qq", "--base", "HEAD~1"]) == 1
