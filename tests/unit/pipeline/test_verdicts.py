"""Runs that were killed near their end: a verdict, never a green one, and the numbers of the store."""

import json
import time
from datetime import UTC, datetime

import pytest
from samples import package, passed, phase, run

from gomanager import journal as journals
from gomanager.pipeline.alive import Alive, lives, mark_of
from gomanager.pipeline.recover import recover
from gomanager.pipeline.verdicts import UNMARKED_SECONDS
from gomanager.report.model import decode
from gomanager.results import PackageOutcome, Verdict
from gomanager.store.sqlite import SqliteStore

DEAD = {"pid": 2**22 + 5, "started": 1, "boot": journals.boot_id()}


@pytest.fixture
def store(tmp_path):
    with SqliteStore(tmp_path / "history.db") as opened:
        yield opened


def killed(store, *phases, marked=True, **given):
    """A run that stored these phases and left without a verdict."""
    one = run(Verdict.NOTHING, started=datetime.now(tz=UTC), pull_request="7", **given)
    if marked:
        store.journals.mkdir(exist_ok=True)
        mark_of(store.journals, one.uid).write_text(json.dumps(DEAD))
    store.begin(one)
    for made in phases:
        store.add(one, made)
    return one


def green(name="unit-race"):
    return phase(Verdict.GREEN, package("store", PackageOutcome.PASS, passed("TestPut")), name=name)


def red(name="api"):
    return phase(Verdict.RED, package("api", PackageOutcome.BUILD), name=name)


def test_all_phases_stored_and_no_verdict(store):
    one = killed(store, green(), green("api"))
    (line,) = recover(store).lines
    assert line == (
        f"run {one.uid[:12]} was cut short before its verdict: 2 phases are in the history, "
        "recovered as interrupted"
    )
    stored = store.run(one.uid)
    assert stored.verdict is Verdict.INTERRUPTED  # nobody knows what else should have run
    assert (stored.branch, stored.base, stored.scope_mode) == (one.branch, one.base, one.scope_mode)
    assert list(store.journals.iterdir()) == []
    assert recover(store).lines == ()


def test_its_report_shows_what_the_store_holds(store):
    one = killed(store, green(), red())
    recover(store)
    report = decode(store.document(one.uid).body)
    assert (report.run.verdict, report.run.exit_code) == (Verdict.RED, 1)
    assert [(p.name, p.verdict, p.summary.passed) for p in report.phases] == [
        ("unit-race", Verdict.GREEN, 1),
        ("api", Verdict.RED, 0),
    ]
    assert (report.summary.phases, report.summary.phases_red) == (2, 1)
    assert (report.summary.passed, report.summary.packages_broken) == (1, 1)
    assert "killed before its verdict" in report.findings[0].title


def test_a_run_without_any_phase(store):
    one = killed(store)
    (line,) = recover(store).lines
    assert "no phase had ended" in line
    assert store.run(one.uid).verdict is Verdict.INTERRUPTED


def test_a_living_run_is_left_alone(store):
    one = killed(store, green(), marked=False)
    alive = Alive(store.journals, one.uid)
    assert lives(mark_of(store.journals, one.uid))
    assert recover(store).lines == ()
    assert store.run(one.uid).verdict is None
    alive.finished()
    alive.close()
    assert not mark_of(store.journals, one.uid).exists()


def test_a_run_on_a_file_system_without_locks_lives_by_its_process(store, monkeypatch):
    one = killed(store, green(), marked=False)
    monkeypatch.setattr(journals, "lock", lambda _descriptor: None)
    alive = Alive(store.journals, one.uid)
    assert recover(store).lines == ()
    alive.close()
    assert len(recover(store).lines) == 1


def test_a_run_that_ended_leaves_nothing(store):
    one = killed(store, green())
    store.finish(one, b"{}")
    mark_of(store.journals, "ab" * 16).write_text(json.dumps(DEAD))  # killed before its row
    assert recover(store).lines == ()
    assert store.run(one.uid).verdict is Verdict.NOTHING
    assert list(store.journals.iterdir()) == []


def test_a_run_whose_go_test_still_writes_waits(store):
    """Its journal comes first: what it holds belongs to the verdict."""
    one = killed(store, green())
    (store.journals / f"{one.uid}-api-0-1.jsonl").touch()
    assert recover(store).lines == ()
    assert store.run(one.uid).verdict is None


def test_runs_of_earlier_releases_are_closed_when_they_are_old(store):
    one = killed(store, green(), marked=False)
    assert recover(store).lines == ()
    assert len(recover(store, now=time.time() + UNMARKED_SECONDS + 10).lines) == 1
    assert store.run(one.uid).verdict is Verdict.INTERRUPTED


def test_nonsense_in_the_file_is_a_dead_run(store):
    one = killed(store, green())
    for text in ("", "[]", "{", '{"pid": "x"}'):
        mark_of(store.journals, one.uid).write_text(text)
        assert not lives(mark_of(store.journals, one.uid))
    assert len(recover(store).lines) == 1


def test_the_pull_request_is_not_forgotten(store):
    killed(store, green())
    recover(store)
    assert store._connection.execute("SELECT pr FROM runs").fetchone() == ("7",)
