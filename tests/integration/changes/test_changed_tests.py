"""``isolation: true`` end to end: the functions that a branch touches run alone first."""

import json
import shutil
import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("go") is None, reason="needs go: https://go.dev/dl/"),
]

TESTS = """package p

import "testing"

var ready bool

func TestSetsUp(t *testing.T) { ready = true }

func TestOld(t *testing.T) {}

func TestMoved(t *testing.T) {}
"""
NEEDS = '\nfunc TestNeeds(t *testing.T) {\n\tif !ready {\n\t\tt.Error("not ready")\n\t}\n}\n'
CONFIG = "version: 1\nphases:\n  unit-race:\n    isolation: true\n    run: {race: false}\n"


def test_a_branch_that_adds_moves_and_edits(make, tmp_path):
    repo = make()
    repo.commit({"go.mod": "module m\n\ngo 1.21\n", "a_test.go": TESTS, ".gomanager.yaml": CONFIG})
    repo.git("checkout", "-qb", "topic")
    moved = "func TestMoved(t *testing.T) {}\n"
    kept = TESTS.replace(moved, "").replace(
        "TestOld(t *testing.T) {}", "TestOld(t *testing.T) { _ = t }"
    )
    head = 'package p\n\nimport "testing"\n\n'
    repo.commit({"a_test.go": kept, "b_test.go": head + moved})
    repo.write({"c_test.go": head + NEEDS})
    done = subprocess.run(
        [sys.executable, "-m", "gomanager", "run", "--json", "--store", str(tmp_path / "h.db")],
        cwd=repo.root,
        env={**repo.environ, "GOFLAGS": "-mod=mod", "GOCACHE": str(tmp_path / "cache")},
        capture_output=True,
        check=False,
    )
    document = json.loads(done.stdout)
    assert (done.returncode, document["run"]["verdict"]) == (0, "green"), done.stderr.decode()
    (phase,) = document["phases"]
    runs = [word for words in phase["commands"] for word in words if word.startswith("-run")]
    assert runs == ["-run=^TestNeeds$", "-run=^TestOld$"]
    (finding,) = document["findings"]
    assert (finding["severity"], finding["kind"], finding["case"]) == (
        "warning",
        "order",
        "TestNeeds",
    )
    assert finding["reproduce"] == "go test -run '^TestNeeds$' -count=1 ."
    (advice,) = [r for r in document["recommendations"] if "independent" in r["text"]]
    assert advice["kind"] == "reliability"
