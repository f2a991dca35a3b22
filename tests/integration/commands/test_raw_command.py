"""``run --raw-command``: any command whose stdout is a test stream."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gomanager.store.sqlite import SqliteStore

pytestmark = pytest.mark.integration

RECORDED = (
    '{"Action":"start","Package":"ex.com/m/a"}\n'
    '{"Action":"run","Package":"ex.com/m/a","Test":"TestA"}\n'
    '{"Action":"pass","Package":"ex.com/m/a","Test":"TestA","Elapsed":0.01}\n'
    '{"Action":"run","Package":"ex.com/m/a","Test":"TestB"}\n'
    '{"Action":"output","Package":"ex.com/m/a","Test":"TestB","Output":"    a_test.go:7: boo\\n"}\n'
    '{"Action":"fail","Package":"ex.com/m/a","Test":"TestB","Elapsed":0.01}\n'
    '{"Action":"output","Package":"ex.com/m/a","Output":"FAIL\\n"}\n'
    '{"Action":"fail","Package":"ex.com/m/a","Elapsed":0.02}\n'
)
GREEN = "".join(line + "\n" for line in RECORDED.split("\n") if '"TestB"' not in line and line)
GREEN = GREEN.replace("FAIL", "PASS").replace('"fail"', '"pass"')
TEXT = "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \tex.com/m/a\t0.010s\n"
MAGEX = (
    '{"type":"start","timestamp":"2026-01-01T00:00:00Z"}\n'
    '{"type":"failure","failure":{"package":"ex.com/m/a","test":"TestB","error":"boo","type":"test"}}\n'
    '{"type":"summary","summary":{"status":"failed","failed":1,"passed":2,"exit_code":1}}\n'
)


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "repo"
    (folder / "a").mkdir(parents=True)
    (folder / "go.mod").write_text("module ex.com/m\n")
    return folder


@pytest.fixture
def run(place, tmp_path):
    def call(*words, options=()):
        done = subprocess.run(
            [*argv(tmp_path), "--json", *options, "--raw-command", "--", *words],
            cwd=place,
            env={**os.environ, "GITHUB_ACTIONS": "", "CI": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, json.loads(done.stdout)

    return call


def argv(tmp_path):
    return [sys.executable, "-m", "gomanager", "run", "--store", str(tmp_path / "h" / "h.db")]


def printing(place: Path, text: str, code: int = 0) -> tuple[str, ...]:
    (place / "stream").write_text(text)
    return "sh", "-c", f"cat stream; echo aside >&2; exit {code}"


def test_a_stream_is_judged_stored_and_reported(run, place, tmp_path):
    code, report = run(*printing(place, RECORDED, 1))
    assert (code, report["run"]["verdict"], report["scope"]["mode"]) == (1, "red", "selected")
    (phase,) = report["phases"]
    assert (phase["name"], phase["runner"], phase["exit_code"]) == ("raw-command", "stream", 1)
    assert phase["commands"] == [["sh", "-c", "cat stream; echo aside >&2; exit 1"]]
    assert phase["side_text"] == ["aside"]
    finding = report["findings"][0]
    assert (finding["case"], finding["file"], finding["line"]) == ("TestB", "a/a_test.go", 7)
    assert finding["reproduce"] == "go test -run '^TestB$' -count=1 ./a"
    assert (place / "gomanager-report" / "junit.xml").is_file()
    with SqliteStore(tmp_path / "h" / "h.db", write=False) as store:
        assert [past.outcome for past in store.history("TestB")] == ["fail"]
        (stored,) = store.runs()
        assert [(p.name, p.source) for p in stored.phases] == [("raw-command", "run")]
    assert list((tmp_path / "h" / "journal").glob("*.jsonl")) == []


@pytest.mark.parametrize(
    ("text", "code", "exit_code", "verdict"),
    [
        (GREEN, 0, 0, "green"),
        (GREEN, 1, 1, "red"),
        (RECORDED, 0, 1, "red"),
        (RECORDED[: RECORDED.index('{"Action":"fail"')], 0, 1, "red"),
        (TEXT, 0, 0, "green"),
        (TEXT, 3, 1, "red"),
        (MAGEX, 1, 1, "red"),
        ("prose\n", 0, 2, "error"),
        ("", 0, 2, "error"),
        ("make: *** [test] Error 1\n", 2, 1, "red"),
    ],
)
def test_exit_code_and_stream_together(run, place, text, code, exit_code, verdict):
    ended, report = run(*printing(place, text, code))
    assert (ended, report["run"]["verdict"]) == (exit_code, verdict)
    assert report["run"]["exit_code"] == exit_code
    assert bool(report["findings"]) == (verdict != "green")


def test_without_a_store_and_without_go(run, place, tmp_path):
    (place / "go.mod").unlink()
    code, report = run(*printing(place, GREEN), options=("--no-store",))
    assert (code, report["summary"]["passed"]) == (0, 1)
    assert not (tmp_path / "h").exists()


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--all", "--rerun-fails=1"), "--all, --rerun-fails"),
        (("--phase", "x"), "--phase"),
    ],
)
def test_what_needs_a_scope_is_refused(run, options, part):
    code, said = run("true", options=options)
    assert (code, said["schema"]) == (2, "gomanager.error/1")
    assert part in said["what"]


def test_a_command_that_is_not_there_is_an_environment_fault(run):
    code, said = run("no-such-program")
    assert (code, said["what"]) == (3, "no-such-program was not found")


def test_no_command(place, tmp_path):
    done = subprocess.run(
        [*argv(tmp_path), "--raw-command"], cwd=place, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "needs a command" in done.stderr


def test_dry_run_starts_nothing(run, place, tmp_path):
    done = subprocess.run(
        [*argv(tmp_path), "--dry-run", "--raw-command", "--", "touch", "it is"],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "touch 'it is'\n")
    assert not (place / "it is").exists()


def started(place, tmp_path):
    (place / "stream").write_text(
        RECORDED[: RECORDED.index('{"Action":"run","Package":"ex.com/m/a","Test":"TestB"')]
    )
    child = subprocess.Popen(
        [
            *argv(tmp_path),
            "--json",
            "--raw-command",
            "--",
            "sh",
            "-c",
            "cat stream; touch go; sleep 60",
        ],
        cwd=place,
        stdout=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 30
    while not (place / "go").exists() and time.monotonic() < end:
        time.sleep(0.02)
    return child


def test_an_interrupt_keeps_what_ended(place, tmp_path):
    child = started(place, tmp_path)
    child.send_signal(signal.SIGINT)
    said, _ = child.communicate(timeout=30)
    report = json.loads(said)
    assert (child.returncode, report["run"]["verdict"]) == (130, "interrupted")
    assert report["summary"]["passed"] == 1


def test_kill_9_loses_no_finished_case(run, place, tmp_path):
    child = started(place, tmp_path)
    (meta,) = (tmp_path / "h" / "journal").glob("*.meta.json")
    child.kill()
    child.communicate()
    os.killpg(json.loads(meta.read_text())["pid"], signal.SIGKILL)
    run(*printing(place, GREEN))
    with SqliteStore(tmp_path / "h" / "h.db", write=False) as store:
        outcomes = [(past.phase, past.outcome) for past in store.history("TestA")]
        assert outcomes == [("raw-command", "pass"), ("raw-command", "pass")]
        assert {p.source for r in store.runs() for p in r.phases} == {"run", "recovered"}


def test_places_are_told_from_the_repository_in_a_module_below_it(run, place):
    subprocess.run(["git", "init", "-q", place.parent], check=True)
    (place / "a/a_test.go").write_text("package a\n\n\nfunc TestA(t *testing.T) {}\n")
    _, report = run(*printing(place, RECORDED, 1))
    (package,) = report["phases"][0]["packages"]
    cases = {case["name"]: (case["file"], case["line"]) for case in package["cases"]}
    assert cases["TestA"] == ("repo/a/a_test.go", 4)
    (finding,) = (one for one in report["findings"] if one["case"] == "TestB")
    assert (finding["file"], finding["line"]) == ("repo/a/a_test.go", 7)
