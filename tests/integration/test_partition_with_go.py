"""The partition against a real ``go test``: every function runs once, in its own phase."""

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from gomanager.partition import Assignment, partition
from gomanager.pipeline.scope import Question, select

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        shutil.which("go") is None, reason="needs go: install it from https://go.dev/dl/"
    ),
]

FILES = {
    "go.mod": "module example.com/m\n\ngo 1.22\n",
    "store/store.go": "package store\n\nfunc One() int { return 1 }\n",
    "store/store_test.go": "package store\n\nimport \"testing\"\n\n"
    "func TestMain(m *testing.M) { m.Run() }\nfunc TestUnit(t *testing.T) {}\n"
    "func FuzzUnit(f *testing.F) { f.Add(1); f.Fuzz(func(t *testing.T, n int) {}) }\n",
    "store/live_test.go": "//go:build integration\n\npackage store\n\nimport \"testing\"\n\n"
    "func TestLive(t *testing.T) {}\n",
    "store/github_live_test.go": "//go:build integration\n\npackage store_test\n\n"
    "import \"testing\"\n\nfunc TestGitHub(t *testing.T) {}\n",
    "test/integration/network_test.go": "package integration\n\nimport (\n\t\"fmt\"\n"
    "\t\"testing\"\n)\n\nfunc TestRetry(t *testing.T) {}\n"
    "func Example_dial() {\n\tfmt.Println(1)\n\t// Output: 1\n}\n",
    "test/integration/advanced_test.go": "//go:build integration\n\npackage integration\n\n"
    "import \"testing\"\n\nfunc TestAdvanced(t *testing.T) {}\n",
    "test/integration/plain_test.go": "package integration\n\nimport \"testing\"\n\n"
    "func TestPlain(t *testing.T) {}\nfunc TestPlainToo(t *testing.T) {}\n",
    "test/integration/hint_test.go": "//go:build !integration\n\npackage integration\n\n"
    "import \"testing\"\n\nfunc TestHint(t *testing.T) {}\n",
}  # fmt: skip


@pytest.fixture
def module(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def go(module: Path, *args: str) -> str:
    done = subprocess.run(
        ["go", *args], cwd=module, capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout


def listed(module: Path, tags: str) -> set[str]:
    lines = go(module, "test", "-list", ".", f"-tags={tags}", "./...").splitlines()
    return {line for line in lines if line.startswith(("Test", "Example", "Fuzz"))}


def ran(module: Path, tags: tuple[str, ...], assignment: Assignment) -> list[str]:
    flags = [f"-tags={','.join(tags)}"]
    if assignment.run:
        flags.append(f"-run=^({'|'.join(assignment.run)})$")
    if assignment.skip:
        flags.append(f"-skip=^({'|'.join(assignment.skip)})$")
    stream = go(module, "test", "-json", "-count=1", *flags, assignment.package)
    events = [json.loads(line) for line in stream.splitlines()]
    return [e["Test"] for e in events if e["Action"] == "run" and "/" not in e.get("Test", "/")]


@pytest.mark.parametrize("names", [(), ("unit-race", "api", "network", "advanced", "integration")])
def test_every_function_runs_once(module: Path, names: tuple[str, ...], tmp_path: Path) -> None:
    environ = {"PATH": str(Path(shutil.which("go") or "").parent), "HOME": str(tmp_path / "home")}
    answer = select(Question(cwd=module, environ=environ, everything=True, phases=names))
    called = [p for p in answer.phases if p.name in answer.tests]
    shares = partition([(phase, answer.tests[phase.name]) for phase in called])

    times: Counter[str] = Counter()
    by_phase: dict[str, list[str]] = {}
    for share in shares:
        for assignment in share.packages:
            found = ran(module, share.phase.run.tags, assignment)
            assert sorted(found) == sorted(assignment.functions)
            times.update(found)
            by_phase.setdefault(share.phase.name, []).extend(sorted(found))

    assert set(times) == listed(module, "") | listed(module, "integration")
    assert set(times.values()) == {1}
    if names:
        assert by_phase == {
            "unit-race": ["FuzzUnit", "TestUnit", "TestHint"],
            "api": ["TestGitHub"],
            "network": ["Example_dial", "TestRetry"],
            "advanced": ["TestAdvanced"],
            "integration": ["TestLive", "TestPlain", "TestPlainToo"],
        }
