"""kill -9 in the middle of a real ``go test``: no finished case is lost, and nothing is doubled."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from gomanager import journal as journals
from gomanager.pipeline.recover import recover
from gomanager.results import Outcome, Verdict
from gomanager.store.sqlite import SqliteStore

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("go") is None, reason="needs go: https://go.dev/dl/"),
]

UID = "0199c2d4e5f6" + "cd" * 10
RUNNING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from gomanager import process
from gomanager.command import Command
from gomanager.gotest.asked import Asked
from gomanager.gotest.execution import Execution
from gomanager.results import Run, Verdict
from gomanager.store.sqlite import SqliteStore

folder, uid = Path(sys.argv[1]), sys.argv[2]
store = SqliteStore(folder / "data" / "history.db")
store.begin(Run(uid=uid, started=datetime.now(tz=UTC), duration_ms=0, command=(),
                verdict=Verdict.NOTHING, exit_code=0, phases=(), branch="topic"))
argv = ("go", "test", "-json", "-count=1", "./...")
meta = {"run": uid, "phase": "unit", "module": "m", "packages": ["m"], "root": str(folder),
        "variant": "linux/amd64 go1.27 ci=local"}
execution = Execution(Asked(module="m"))
with process.start(Command(argv=argv, cwd=folder / "m"), meta=meta,
                   journal=store.journals / f"{uid}-unit-0-1.jsonl") as child:
    for block in child.blocks():
        execution.feed(block)
        print("read", len(block), flush=True)
"""


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    """A package whose forty cases end one after another, each writing its name when it is over."""
    folder = tmp_path_factory.mktemp("kill")
    (folder / "m").mkdir()
    (folder / "m" / "go.mod").write_text("module m\n\ngo 1.24\n")
    (folder / "m" / "m_test.go").write_text(
        textwrap.dedent(
            """
            package m

            import (
                "fmt"
                "testing"
                "time"
            )

            func TestAll(t *testing.T) {
                for i := range 40 {
                    t.Run(fmt.Sprint("case", i), func(t *testing.T) { time.Sleep(40 * time.Millisecond) })
                }
            }
            """
        )
    )
    subprocess.run(
        ["go", "test", "-count=1", "-run", "^$", "./..."],
        cwd=folder / "m",
        check=True,
        capture_output=True,
    )
    return folder


def begin(folder) -> "subprocess.Popen[str]":
    """gomanager's part of a run, up to its first events."""
    shutil.rmtree(folder / "data", ignore_errors=True)
    child = subprocess.Popen(
        [sys.executable, "-c", RUNNING, str(folder), UID],
        stdout=subprocess.PIPE,
        text=True,
    )
    (journal,) = waited(lambda: list((folder / "data" / "journal").glob("*.jsonl")))
    waited(lambda: b"case8" in journal.read_bytes())
    return child


def waited(condition, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(condition)


def killed(child: "subprocess.Popen[str]") -> None:
    child.kill()
    child.communicate()
    assert child.returncode == -signal.SIGKILL


def ended(store) -> int:
    cases = [f"TestAll/case{n}" for n in range(40)]
    past = [store.history(name) for name in cases]
    assert all(len(attempts) <= 1 for attempts in past)
    return sum(a.outcome is Outcome.PASS for attempts in past for a in attempts)


def test_go_test_outlives_gomanager_and_nothing_is_lost(module):
    child = begin(module)
    with SqliteStore(module / "data" / "history.db") as store:
        assert recover(store).lines == (), "the run is alive"
        killed(child)
        (waiting,) = recover(store).waiting
        assert waiting.pid is not None
        assert ended(store) == 0
        waited(lambda: not journals.locked(waiting.journal))
        (recovered,) = recover(store).recovered
        assert recovered.counts.passed == ended(store) == 40
        assert recover(store).lines == ()
        assert store.runs()[0].verdict is Verdict.INTERRUPTED
        assert store.document(UID) is not None


def test_all_processes_die_and_what_had_ended_is_kept(module):
    child = begin(module)
    with SqliteStore(module / "data" / "history.db") as store:
        (journal,) = store.journals.glob("*.jsonl")
        meta = journals.read_meta(journal)
        assert meta is not None
        killed(child)
        os.killpg(int(str(meta["pid"])), signal.SIGKILL)
        waited(lambda: not journals.locked(journal))
        finished = journal.read_bytes().count(b'"Action":"pass","Package":"m","Test":"TestAll/case')
        assert 5 <= finished < 40
        (recovered,) = recover(store).recovered
        assert ended(store) == finished
        assert recovered.counts.failed == 0, "nobody is accused of a kill"
        assert recovered.counts.unknown >= 1
        assert store.runs()[0].verdict is Verdict.INTERRUPTED
