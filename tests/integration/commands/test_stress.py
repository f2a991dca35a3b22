"""``gomanager stress`` over a real package: rates, groups, limits, interruption, the store."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import msgspec
import pytest

from gomanager import journal
from gomanager.results import Purpose
from gomanager.store.sqlite import SqliteStore

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("go") is None, reason="needs go: https://go.dev/dl/"),
]

TESTS = """package cart

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

var left bool

func TestLeaves(t *testing.T) { left = true }

func TestGreen(t *testing.T) {}

func TestThird(t *testing.T) {
	data, _ := os.ReadFile(os.Getenv("COUNT"))
	os.WriteFile(os.Getenv("COUNT"), append(data, 'x'), 0o644)
	if len(data)%3 == 2 {
		t.Errorf("number %d is bad", len(data))
	}
}

func TestTable(t *testing.T) {
	t.Run("good", func(t *testing.T) {})
	t.Run("bad one", func(t *testing.T) { t.Error("bad") })
}

func TestExits(t *testing.T) { os.Exit(3) }

func TestSkips(t *testing.T) { t.Skip("no database here") }

func TestOneProcessor(t *testing.T) {
	if runtime.GOMAXPROCS(0) == 1 {
		t.Error("one is too few")
	}
}

func TestVictim(t *testing.T) {
	if left {
		t.Error("somebody was here")
	}
}

func TestSleeps(t *testing.T) {
	fmt.Println("asleep")
	time.Sleep(time.Minute)
}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stress")
    (folder / "cart").mkdir()
    (folder / "other").mkdir()
    (folder / "go.mod").write_text("module ex.com/m\n\ngo 1.21\n")
    (folder / "cart" / "cart_test.go").write_text(TESTS)
    head = 'package other\n\nimport "testing"\n\n'
    (folder / "other" / "o_test.go").write_text(head + "func TestGreen(t *testing.T) {}\n")
    (folder / ".gomanager.yaml").write_text(
        "version: 1\nphases: {full-race: {run: {race: false}}}\n"
    )
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder


@pytest.fixture
def stress(root, tmp_path):
    def run(*words, code=None, as_json=True):
        done = subprocess.run(
            [*argv(tmp_path), *(["--json"] if as_json else []), *words],
            cwd=root,
            env=environ(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )
        if code is not None:
            assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout) if as_json else done.stdout

    return run


def argv(tmp_path):
    return [sys.executable, "-m", "gomanager", "stress", "--store", str(tmp_path / "h" / "h.db")]


def environ(tmp_path):
    return {**os.environ, "COUNT": str(tmp_path / "count"), "GOFLAGS": "-buildvcs=false"}


def test_a_rate_with_its_interval_groups_and_a_line_that_repeats_it(stress, tmp_path, root):
    found = stress("./cart", "TestThird", "--runs", "9", "-p", "1", code=1)
    assert (found["runs"], found["failed"], found["stopped"]) == (9, 3, "runs")
    assert found["rate"] == {
        "failed": 3,
        "runs": 9,
        "mean_pct": 35.0,
        "low_pct": pytest.approx(10.5, abs=1),
        "high_pct": pytest.approx(66, abs=2),
    }
    (group,) = found["groups"]
    assert (group["count"], group["file"]) == (3, "cart/cart_test.go")
    assert group["text"].startswith("    cart/cart_test.go:")
    line = found["reproduce"]
    done = subprocess.run(
        line,
        shell=True,
        cwd=root,
        env=environ(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "is bad" in done.stdout
    with SqliteStore(tmp_path / "h" / "h.db", write=False) as store:
        past = store.history("TestThird")
        assert {p.purpose for p in past} == {Purpose.STRESS}
        assert sorted(p.process for p in past) == list(range(1, 10))
        assert store.newest() is None
        assert store.last_failed() == ()
        document = store.document()
    assert document is not None
    assert msgspec.json.decode(document.body)["run"]["verdict"] == "red"
    assert list((tmp_path / "h" / "journal").glob("*.jsonl")) == []


def test_the_text_says_the_same(stress):
    text = stress("ex.com/m/cart.TestTable/bad one", "--runs", "2", as_json=False, code=1)
    assert text.startswith("ex.com/m/cart TestTable/bad_one failed: 2/2, 95 % interval ")
    assert "go test -run '^TestTable$/^bad_one$' -count=1 ./cart" in text


def test_what_ends_the_process_is_a_failure(stress):
    found = stress("TestExits", "--runs", "2", code=1)
    assert (found["failed"], found["groups"][0]["kind"]) == (2, "exit")


def test_limits(stress):
    assert (
        stress("./cart", "TestGreen", "--until-failure", "--for", "1s", code=0)["stopped"] == "time"
    )
    found = stress("./cart", "TestGreen", "--confidence", "20%", code=0)
    assert found["stopped"] == "confidence"
    assert found["rate"]["high_pct"] < 20
    assert found["runs"] >= 11
    found = stress("TestThird", "--until-failure", "-p", "1", code=1)
    assert (found["stopped"], found["failed"]) == ("failure", 1)
    assert stress("TestThird", "-p", "1", code=1)["stopped"] == "failure"


def test_a_test_that_only_skips_says_nothing(stress):
    found = stress("TestSkips", "--runs", "50", code=0)
    assert (found["verdict"], found["rate"], found["stopped"]) == ("nothing", None, "absent")
    assert found["runs"] < 10


def test_processors_in_turn(stress):
    found = stress("TestOneProcessor", "--cpu", "1,2", "--runs", "6", code=1)
    assert (found["failed"], found["groups"][0]["cpus"]) == (3, {"1": 3})
    assert "-test.cpu=1" in found["reproduce"]


def test_shuffle_shows_what_depends_on_others(stress):
    words = ("--shuffle", "--runs", "12", "--", "-skip", "TestExits|TestSleeps")
    found = stress("TestVictim", *words, code=1)
    assert 0 < found["failed"] < 12
    seed = found["groups"][0]["seeds"][0]
    assert found["reproduce"] == (
        f"go test '-skip=TestExits|TestSleeps' -shuffle={seed} -count=1 ./cart"
    )


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("TestGreen",), "2 packages have a TestGreen"),
        (("./cart", "TestGren"), "did you mean TestGreen"),
        (("./nowhere", "TestGreen"), "no phase runs tests of ./nowhere"),
        (("TestTable/gone", "--runs", "3"), "TestTable/gone did not run"),
        (("TestThird", "--for", "soon"), "is no duration"),
        (("TestThird", "--confidence", "2"), "is no share"),
        (("TestThird", "--cpu", "0"), "is no list of processors"),
        (("TestThird", "--phase", "unti"), "unti"),
    ],
)
def test_what_cannot_be_is_a_usage_error(stress, words, part):
    assert part in json.dumps(stress(*words, code=2))


def test_a_package_that_does_not_compile(stress, root):
    (root / "broken").mkdir()
    head = 'package broken\n\nimport "testing"\n\n'
    (root / "broken" / "b_test.go").write_text(head + "func TestB(t *testing.T) { undefined() }\n")
    assert "undefined" in json.dumps(stress("TestB", code=1))


def test_what_go_vet_finds_is_red_as_in_a_run(stress, root):
    (root / "vetted").mkdir()
    head = 'package vetted\n\nimport "testing"\n\n'
    body = 'func TestV(t *testing.T) { t.Logf("%d", "text") }\n'
    (root / "vetted" / "v_test.go").write_text(head + body)
    assert "wrong type" in json.dumps(stress("TestV", code=1))
    assert "pass" in json.dumps(stress("TestV", "--runs", "2", "--", "-vet=off"))


def test_an_interrupt_keeps_what_ran_and_leaves_no_orphan(root, tmp_path):
    child = subprocess.Popen(
        [*argv(tmp_path), "./cart", "TestThird", "--for", "5m", "--json"],
        cwd=root,
        env=environ(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
    )
    journals = tmp_path / "h" / "journal"
    end = time.monotonic() + 60
    while len(list(journals.glob("*.jsonl"))) < 5 and time.monotonic() < end:
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    said, _ = child.communicate(timeout=60)
    found = json.loads(said)
    assert (child.returncode, found["stopped"], found["verdict"]) == (
        130,
        "interrupted",
        "interrupted",
    )
    assert found["runs"] >= 1
    assert list(journals.glob("*.jsonl")) == []


def test_the_first_failure_stops_what_still_runs(root, tmp_path):
    """A sleeping process beside the failing one is not waited for."""
    child = subprocess.Popen(
        [*argv(tmp_path), "./cart", "TestSleeps", "--for", "2s", "--json"],
        cwd=root,
        env=environ(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
    )
    journals = tmp_path / "h" / "journal"
    end = time.monotonic() + 60
    while not (metas := list(journals.glob("*-1.meta.json"))) and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.2)
    meta = json.loads(metas[0].read_text())
    said, _ = child.communicate(timeout=60)
    assert json.loads(said)["stopped"] == "time"
    assert not journal.owner_alive({**meta})
