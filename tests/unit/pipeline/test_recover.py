"""Journals without their gomanager become phase results; nothing finished is lost."""

import fcntl
import json
import os
import time
from datetime import UTC, datetime

import pytest

from gomanager import journal as journals
from gomanager.pipeline.orphan import variant
from gomanager.pipeline.recover import recover
from gomanager.report.model import decode
from gomanager.results import Outcome, Run, Variant, Verdict
from gomanager.store.sqlite import SqliteStore

UID = "0199c2d4e5f6" + "ab" * 10
VARIANT = "linux/amd64 go1.27 race tags=e2e cgo ci=local"
DEAD = {"pid": 2**22 + 5, "started": 1, "boot": journals.boot_id()}


@pytest.fixture
def store(tmp_path):
    with SqliteStore(tmp_path / "history.db") as opened:
        yield opened


def event(action, test=None, package="m/a", **more):
    values = {"Time": "2026-03-01T12:00:00Z", "Action": action, "Package": package}
    if test:
        values["Test"] = test
    return json.dumps(values | more) + "\n"


def passed(*names, package="m/a"):
    lines = [event("start", package=package)]
    for name in names:
        lines += [event("run", name, package), event("pass", name, package, Elapsed=0.1)]
    end = [event("output", package=package, Output="PASS\n", OutputType="frame")]
    return "".join([*lines, *end, event("pass", package=package, Elapsed=0.2)])


def journal(store, number, stream, *, uid=UID, phase="unit-race", **meta):
    path = store.journals / f"{uid}-{phase}-0-{number}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(stream.encode() if isinstance(stream, str) else stream)
    journals.stderr_path(path).write_text("go: downloading x\n")
    known = {
        "run": uid,
        "phase": phase,
        "argv": ["go", "test", "-json", "m/a"],
        "commit": "c" * 40,
        "variant": VARIANT,
        "module": "m",
        "packages": ["m/a", "m/b"],
        "expected": {"m/a": ["TestA"]},
        "purpose": "first",
        "manager": DEAD,
        **DEAD,
    }
    journals.write_meta(path, known | meta)
    return path


def begun(store, **given):
    values = {
        "uid": UID,
        "started": datetime(2026, 3, 1, tzinfo=UTC),
        "duration_ms": 0,
        "command": (),
        "verdict": Verdict.NOTHING,
        "exit_code": 0,
        "phases": (),
        "commit": "c" * 40,
        "branch": "topic",
        "scope_mode": "all",
    }
    run = Run(**(values | given))
    store.begin(run)
    return run


def test_finished_cases_are_kept_and_unfinished_ones_said_so(store):
    begun(store)
    torn = passed("TestA") + event("start", package="m/b")
    torn += event("run", "TestB", "m/b") + event("pass", "TestB", "m/b")
    torn += event("run", "TestC", "m/b") + event("run", "TestD", "m/b")
    torn += event("pass", "TestD", "m/b")[:40]
    journal(store, 1, torn)
    recovery = recover(store)
    (one,) = recovery.recovered
    assert (one.run, one.phase) == (UID, "unit-race")
    assert recovery.waiting == recovery.broken == ()
    assert "2 finished cases" in str(one)
    outcomes = {name: store.history(name)[0].outcome for name in ("TestA", "TestB")}
    assert set(outcomes.values()) == {Outcome.PASS}
    assert {store.history(name)[0].outcome for name in ("TestC", "TestD")} == {Outcome.UNKNOWN}
    (run,) = store.runs()
    assert (run.verdict, run.branch) == (Verdict.INTERRUPTED, "topic")
    (phase,) = run.phases
    assert (phase.source, phase.verdict, phase.variant) == (
        "recovered",
        Verdict.INTERRUPTED,
        VARIANT,
    )
    assert list(store.journals.iterdir()) == []
    assert store.verify() == ()
    assert recover(store).lines == ()


def test_a_green_looking_journal_proves_nothing(store):
    begun(store)
    journal(store, 1, passed("TestA") + passed("TestB", package="m/b"))
    recover(store)
    (phase,) = store.runs()[0].phases
    assert phase.verdict is Verdict.INTERRUPTED
    assert store.proven("c" * 40, [("unit-race", None)]) == frozenset()


def test_a_proven_failure_is_red_and_has_a_report(store):
    begun(store)
    stream = event("start") + event("run", "TestA")
    stream += event("output", "TestA", Output="    a_test.go:3: boom\n", OutputType="error")
    stream += event("fail", "TestA", Elapsed=0.1)
    journal(store, 1, stream)
    recover(store)
    assert store.runs()[0].verdict is Verdict.RED
    report = decode(store.document(UID).body)
    assert report.run.exit_code == 1
    assert any("boom" in finding.title + finding.text for finding in report.findings)
    assert [package.key.path for package in store.last_failed()] == ["m/a"]


def test_parts_and_reruns_of_a_phase_become_one_result(store):
    begun(store)
    failing = event("start") + event("run", "TestA") + event("fail", "TestA")
    failing += event("output", Output="FAIL\n", OutputType="frame") + event("fail")
    journal(store, 1, failing)
    journal(store, 2, passed("TestB", package="m/b"), first_process=2)
    journal(store, 10, passed("TestA"), purpose="rerun", first_process=3)
    assert len(recover(store).recovered) == 1
    first, second = store.history("TestA")
    assert (first.outcome, second.outcome) == (Outcome.FAIL, Outcome.PASS)
    assert second.process != first.process
    counts = store.runs()[0].counts
    assert (counts.packages, counts.cases, counts.flaky) == (2, 2, 1)
    assert [p.key.path for p in store.last_failed()] == []
    assert store.runs()[0].phases[0].verdict is not Verdict.GREEN


def test_a_crash_between_commit_and_removal_is_harmless(store):
    """Section 4, rule 6; the runner may have corrected the variant."""
    run = begun(store)
    stream = passed("TestA")
    path = journal(store, 1, stream, variant=VARIANT.replace(" race", ""))
    saved = path.read_bytes(), journals.meta_path(path).read_bytes()
    recover(store)
    path.write_bytes(saved[0])
    journals.meta_path(path).write_bytes(saved[1])
    recovery = recover(store)
    assert recovery.lines == ()
    assert not path.exists()
    assert len(store.history("TestA")) == 1
    assert [phase.name for phase in store.run(run.uid).phases] == ["unit-race"]


def test_the_verdict_of_a_finished_run_is_not_touched(store):
    run = begun(store)
    store.finish(run, b'{"mine":1}')
    journal(store, 1, passed("TestA"))
    assert len(recover(store).recovered) == 1
    assert store.runs()[0].verdict is Verdict.NOTHING
    assert store.document(UID).body == b'{"mine":1}'


def test_without_a_row_the_run_is_made_from_the_journal(store):
    """The store was put aside meanwhile: what the journal knows is kept, and enters no rate."""
    journal(store, 1, passed("TestA"))
    recover(store)
    (run,) = store.runs()
    assert (run.uid, run.commit, run.dirty) == (UID, "c" * 40, True)
    assert store.stats("unit-race") == {}


def test_journals_of_a_living_run_are_left_alone(store):
    """Two runs at once: between two of its processes nothing is locked, and it is still alive."""
    begun(store)
    path = journal(store, 1, passed("TestA"), manager=journals.identity(os.getpid()))
    recovery = recover(store)
    assert recovery.lines == ()
    assert path.exists()
    assert store.history("TestA") == ()


def test_a_journal_that_still_grows_is_left_and_named(store):
    begun(store)
    path = journal(store, 1, passed("TestA"), **journals.identity(os.getpid()))
    other = journal(store, 2, passed("TestB"))
    (waiting,) = recover(store).waiting
    assert (waiting.journal, waiting.pid) == (path, os.getpid())
    assert str(os.getpid()) in str(waiting)
    assert other.exists(), "a phase is stored whole or not at all"
    assert store.history("TestB") == ()


def test_a_leaked_daemon_holds_the_lock_for_a_minute_only(store):
    begun(store)
    path = journal(store, 1, passed("TestA"))
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        (waiting,) = recover(store).waiting
        assert waiting.pid is None
        assert recover(store, now=time.time() + 61).recovered


@pytest.mark.parametrize("meta", [b"", b"{", b'{"format": 1}', b'{"format": 9}', None])
def test_unreadable_journals_are_moved_away(store, meta):
    path = journal(store, 1, b"\xff\x00 rubbish")
    if meta is None:
        journals.meta_path(path).unlink()
    else:
        journals.meta_path(path).write_bytes(meta)
    assert recover(store).lines == (), "it may have been started this moment"
    (moved,) = recover(store, now=time.time() + 3).broken
    assert moved == store.journals / "broken" / path.name
    assert moved.read_bytes() == b"\xff\x00 rubbish"
    assert [p.name for p in store.journals.iterdir()] == ["broken"]
    assert recover(store).lines == ()


@pytest.mark.parametrize(
    "stream", [b"", b"\xff\x00 rubbish\n", b"{}\n[]\nnull\n", b'{"Action":"pass"}\n' * 3]
)
def test_a_journal_of_anything_is_folded_somehow(store, stream):
    begun(store)
    journal(store, 1, stream)
    assert len(recover(store).recovered) == 1
    assert store.runs()[0].phases[0].verdict is not Verdict.GREEN
    assert list(store.journals.iterdir()) == []


@pytest.mark.parametrize("bad", [{"run": "zz"}, {"run": "abcd"}, {"phase": ""}, {"packages": 3}])
def test_descriptions_that_make_no_sense(store, bad):
    path = journal(store, 1, passed("TestA"), **bad)
    assert recover(store, now=time.time() + 3).broken == (store.journals / "broken" / path.name,)


def test_two_runs_are_two_results_and_profiles_go(store):
    other = UID[:-1] + "0"
    begun(store)
    begun(store, uid=other)
    journal(store, 1, passed("TestA"))
    journal(store, 1, passed("TestA"), uid=other)
    journal(store, 1, passed("TestA"), phase="network")
    profile = store.journals / f"{UID}-unit-race-1.cover"
    profile.write_text("mode: set\n")
    assert len(recover(store).recovered) == 3
    assert not profile.exists()
    assert len(store.history("TestA")) == 3


def test_what_a_kill_between_two_removals_left_goes_after_a_day(store):
    path = journal(store, 1, passed("TestA"))
    path.unlink()
    recover(store)
    assert len(list(store.journals.iterdir())) == 2
    recover(store, now=time.time() + 25 * 3600)
    assert list(store.journals.iterdir()) == []


def test_magex_journals_hold_several_modules(store, tmp_path):
    root = tmp_path / "repo"
    (root / "sub").mkdir(parents=True)
    (root / "go.mod").write_text("module m\n")
    (root / "sub" / "go.mod").write_text("module m/sub\n")
    stream = "Running unit tests main module...\n" + passed("TestA")
    stream += "Running unit tests module in sub...\n" + passed("TestB", package="m/sub/b")
    begun(store)
    journal(store, 1, stream, runner="magex", root=str(root), module="", packages=[])
    recover(store)
    rows = store._connection.execute("SELECT module, path FROM packages ORDER BY path").fetchall()
    assert rows == [("m", "m/a"), ("m/sub", "m/sub/b")]


@pytest.mark.parametrize(
    "given",
    [
        Variant(goos="linux", goarch="amd64", go="go1.27"),
        Variant(
            goos="windows",
            goarch="arm64",
            go="go1.24",
            race=True,
            tags=("a", "b"),
            cgo=True,
            ci="github",
        ),
    ],
)
def test_a_variant_is_read_from_its_key(given):
    assert variant(given.key) == given


def test_no_variant_is_made_up():
    assert variant("") is None
    assert variant("rubbish") is None
