"""``history`` and ``report`` as a user calls them, over a real store."""

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from gomanager import cli
from gomanager.pipeline import history
from gomanager.pipeline.alive import Alive
from gomanager.report.build import build
from gomanager.report.document import encode
from gomanager.results import (
    Attempt,
    CaseResult,
    Failure,
    Kind,
    Outcome,
    PackageAttempt,
    PackageOutcome,
    PackageResult,
    PhaseResult,
    Purpose,
    Run,
    Verdict,
)
from gomanager.store.sqlite import SqliteStore

pytestmark = pytest.mark.integration

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def run_of(number, outcome=Outcome.PASS, **given):
    red = outcome is Outcome.FAIL
    failure = Failure(kind=Kind.ASSERTION, message="want 1", text="want 1\n got 2", fingerprint="x")
    attempt = Attempt(
        n=1,
        purpose=Purpose.FIRST,
        process=1,
        outcome=outcome,
        duration_ms=12,
        failures=(failure,) if red else (),
    )
    result = PackageOutcome.FAIL if red else PackageOutcome.PASS
    end = PackageAttempt(n=1, purpose=Purpose.FIRST, process=1, result=result, complete=True)
    case = CaseResult(name="TestA/x y", attempts=(attempt,))
    package = PackageResult(path="m/a", module="m", attempts=(end,), cases=(case,))
    verdict = Verdict.RED if red else Verdict.GREEN
    phase = PhaseResult(name="unit-race", runner="go", verdict=verdict, packages=(package,))
    values = {
        "uid": f"{0xA0 + number:02x}{number:030x}",
        "started": START + timedelta(hours=number),
        "duration_ms": 61_500,
        "command": ("gomanager", "run"),
        "verdict": verdict,
        "exit_code": int(red),
        "phases": (phase,),
        "commit": "c" * 40,
        "branch": "topic",
    }
    return Run(**(values | given))


@pytest.fixture
def filled(tmp_path, monkeypatch):
    path = tmp_path / "history.db"
    monkeypatch.setenv("GOMANAGER_STORE", str(path))
    monkeypatch.chdir(tmp_path)
    with SqliteStore(path) as store:
        for run in (run_of(1), run_of(2, Outcome.FAIL), run_of(3, branch="main", dirty=True)):
            store.add(run, run.phases[0])
            store.finish(run, encode(build(run)))
        store.begin(run_of(4, branch=None))
    return path


def call(capsys, *args):
    code = cli.run(args)
    out, err = capsys.readouterr()
    return code, out, err


def test_the_table_of_runs(filled, capsys):
    code, out, err = call(capsys, "history")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split()[:3] == ["RUN", "STARTED", "(UTC)"]
    assert [line[:2] for line in lines[1:]] == ["a4", "a3", "a2", "a1"]
    assert "cut short" in lines[1]
    assert "cccccccccc+" in lines[2]
    assert "1 failed" in lines[3]
    assert "1 min 1 s" in lines[3]
    assert lines[3].endswith("topic")


def test_limit_branch_and_json(filled, capsys):
    code, out, _ = call(capsys, "history", "--json", "--limit", "1", "--branch", "topic")
    assert code == 0
    assert out.endswith("}\n")
    document = json.loads(out)
    assert document["schema"] == "gomanager.history/1"
    (run,) = document["runs"]
    assert run["uid"].startswith("a2")
    assert run["started"] == "2026-03-01T14:00:00Z"
    assert (run["duration_ms"], run["branch"], run["verdict"]) == (61_500, "topic", "red")
    assert run["commit"] == "c" * 40
    keys = "phases phases_red packages packages_broken cases passed failed skipped flaky"
    assert set(keys.split()) | {"quarantined", "unknown", "not_run"} <= set(run["summary"])
    assert (run["summary"]["phases_red"], run["summary"]["failed"]) == (1, 1)


def test_the_document_is_what_its_schema_says(filled, capsys):
    jsonschema = pytest.importorskip("jsonschema")
    schema = history.json_schema()
    for args in ([], ["TestA/x y"], ["recover"]):
        _, out, _ = call(capsys, "history", "--json", *args)
        jsonschema.validate(json.loads(out), schema)
        assert msgspec.json.decode(out, type=history.History).schema == "gomanager.history/1"


def test_attempts_of_a_case(filled, capsys):
    code, out, _ = call(capsys, "history", "TestA/x y")
    assert code == 0
    assert [line.split()[0][:2] for line in out.splitlines()[1:]] == ["a3", "a2", "a1"]
    assert "want 1" in out.splitlines()[2]
    code, out, _ = call(capsys, "history", "TestNo", "--json")
    assert (code, json.loads(out)["attempts"]) == (0, [])
    code, out, _ = call(capsys, "history", "TestNo")
    assert (code, out) == (0, "no attempt of TestNo is remembered\n")


def test_a_run_that_goes_on_is_running(filled, capsys):
    uid = run_of(4).uid
    alive = Alive(filled.parent / "journal", uid)
    _, out, _ = call(capsys, "history")
    assert "running" in out.splitlines()[1]
    _, out, _ = call(capsys, "history", "--json")
    assert [run["running"] for run in json.loads(out)["runs"]] == [True, False, False, False]
    assert call(capsys, "history", "recover") == (0, "nothing to recover\n", "")
    alive.close()
    code, out, _ = call(capsys, "history", "recover")
    assert code == 0
    assert "was cut short before its verdict" in out
    _, out, _ = call(capsys, "history")
    assert "interrupted" in out.splitlines()[1]
    code, out, _ = call(capsys, "report", uid[:12])
    assert code == 130
    assert "gomanager was killed before its verdict" in out


def test_nothing_to_recover(filled, capsys):
    _, out, _ = call(capsys, "history", "recover")
    assert out.startswith("run a40000000000 was cut short before its verdict: no phase had ended")
    assert call(capsys, "history", "recover") == (0, "nothing to recover\n", "")


def test_an_empty_history(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GOMANAGER_STORE", str(tmp_path / "none" / "history.db"))
    assert call(capsys, "history") == (0, "no runs are remembered yet\n", "")
    code, out, _ = call(capsys, "history", "--json")
    assert (code, json.loads(out)["runs"]) == (0, [])
    assert call(capsys, "history", "recover")[:2] == (0, "nothing to recover\n")
    code, out, err = call(capsys, "report")
    assert (code, out) == (2, "")
    assert "no stored run" in err
    assert not (tmp_path / "none").exists()


def test_a_report_is_rendered_again(filled, capsys):
    code, out, _ = call(capsys, "report", "a2")
    assert code == 1, "the exit code is that of the run"
    for section in (
        "Test Execution Summary",
        "Critical Findings",
        "Coverage Analysis",
        "Recommendations",
    ):
        assert section in out
    code, out, _ = call(capsys, "report", "A1", "--json")
    assert code == 0
    assert out.encode() == encode(build(run_of(1)))
    code, out, _ = call(capsys, "report", "--format", "markdown")
    assert code == 0
    assert run_of(3).uid[:8] in out or "main" in out


def test_formats_go_to_files(filled, capsys, tmp_path):
    code, out, _ = call(capsys, "report", "a2", "--format", "junit=out/j.xml")
    assert (code, out) == (1, "")
    assert "TestA/x y" in (tmp_path / "out" / "j.xml").read_text()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["ff"], "no stored run begins with 'ff'"),
        (["a"], "4 stored runs begin with 'a'"),
        (["%"], "no stored run begins with '%'"),
        (["a4"], "has no report"),
        (["--format", "jnuit"], "did you mean 'junit'?"),
        (["--store", "postgresql://u:geheim@h/d"], "database server"),
    ],
)
def test_what_cannot_be_shown(filled, capsys, args, words):
    code, out, err = call(capsys, "report", *args)
    assert (code, out) == (2, "")
    assert words in err
    assert "geheim" not in err
    assert len(err.splitlines()) > 1, "it says what to do next"


def test_a_report_of_another_time_is_an_environment_fault(filled, capsys):
    with SqliteStore(filled) as store:
        store.finish(run_of(5), b'{"schema": "gomanager.report/9"}')
    code, _, err = call(capsys, "report", "a5")
    assert code == 3
    assert "Traceback" not in err


def test_a_damaged_store_is_not_touched_by_a_reader(filled, capsys):
    filled.write_bytes(b"rubbish" * 1000)
    for command in ("history", "report"):
        code, out, err = call(capsys, command)
        assert (code, out) == (3, "")
        assert "damaged" in err
    assert filled.read_bytes() == b"rubbish" * 1000
