"""The store among real processes: several writers, kills at any moment, full disks, no rights."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest

from gomanager.store import steps
from gomanager.store.sqlite import SqliteStore

pytestmark = pytest.mark.integration

PRELUDE = """
import os, signal, sys, time
from datetime import UTC, datetime
from pathlib import Path
from gomanager.errors import EnvironmentFault
from gomanager.results import (
    Attempt, CaseResult, Failure, Kind, Outcome, PackageAttempt, PackageOutcome, PackageResult,
    PhaseResult, Purpose, Run, Verdict,
)
from gomanager.store.location import open_store
from gomanager.store.sqlite import SqliteStore

def phase(cases, outcome=Outcome.PASS, text=""):
    failures = (Failure(kind=Kind.ASSERTION, message="m", text=text),) if text else ()
    attempt = Attempt(n=1, purpose=Purpose.FIRST, process=1, outcome=outcome, duration_ms=3,
                      failures=failures)
    end = PackageAttempt(n=1, purpose=Purpose.FIRST, process=1, result=PackageOutcome.PASS,
                         complete=True, duration_ms=9)
    named = tuple(CaseResult(name=f"Test{n}", attempts=(attempt,)) for n in range(cases))
    package = PackageResult(path="m/a", module="m", attempts=(end,), cases=named)
    return PhaseResult(name="unit", runner="go", verdict=Verdict.GREEN, packages=(package,))

def run(number):
    return Run(uid=f"{number:032x}", started=datetime.now(tz=UTC), duration_ms=1, command=(),
               verdict=Verdict.GREEN, exit_code=0, phases=())
"""


def python(code: str, *args: str, **given: object) -> "subprocess.Popen[str]":
    script = PRELUDE + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-c", script, *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **given,  # type: ignore[call-overload]
    )


def finished(child: "subprocess.Popen[str]") -> str:
    out, errors = child.communicate(timeout=60)
    assert child.returncode == 0, errors
    return out


def count(path: Path, table: str) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()


def test_four_processes_begin_a_store_and_write_at_once(tmp_path):
    path = tmp_path / "history.db"
    writer = """
    store = SqliteStore(Path(sys.argv[1]))
    first = int(sys.argv[2])
    for number in range(first, first + 10):
        assert store.add(run(number), phase(500, Outcome.FAIL, f"text {number % 3}"))
        store.finish(run(number), b"{}")
    """
    children = [python(writer, str(path), str(first)) for first in (100, 200, 300, 400)]
    for child in children:
        finished(child)
    with SqliteStore(path) as store:
        assert len(store.runs(limit=100)) == 40
        assert store.verify() == ()
        assert store.check() is None
    assert count(path, "results") == 40 * 500
    assert count(path, "texts") == 3
    assert count(path, "cases") == 500


def test_two_processes_add_the_same_phase_result(tmp_path):
    """A recovery beside a late writer: the unique key lets one of them win, whole."""
    path = tmp_path / "history.db"
    with SqliteStore(path):
        pass
    writer = """
    store = SqliteStore(Path(sys.argv[1]))
    for number in range(1, 21):
        print(int(store.add(run(number), phase(50))))
    """
    children = [python(writer, str(path)) for _ in range(2)]
    added = [[int(line) for line in finished(child).split()] for child in children]
    assert [a + b for a, b in zip(*added, strict=True)] == [1] * 20
    assert count(path, "results") == 20 * 50


def test_kill_in_the_middle_of_add_leaves_whole_phase_results(tmp_path):
    path = tmp_path / "history.db"
    writer = """
    store = SqliteStore(Path(sys.argv[1]))
    number = int(sys.argv[2])
    print("ready", flush=True)
    while True:
        number += 1
        store.add(run(number), phase(2000, Outcome.FAIL, "text"))
        store.finish(run(number), b"{}" * 1000)
    """
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for kill in range(12):
        child = python(writer, str(path), str(kill * 1000))
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.1 + 0.1 * kill))  # a busy machine writes slowly
        child.kill()
        child.communicate()
        with SqliteStore(path) as store:
            assert store.notes == ()
            assert store.check() is None
            assert store.verify() == ()
        stored = count(path, "phase_results")
        assert count(path, "results") == count(path, "failures") == stored * 2000
    assert count(path, "phase_results") > 0


DYING = """
import sqlite3
from gomanager.store import steps
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.create_function("die", 0, lambda: os.kill(os.getpid(), signal.SIGKILL))
shipped = steps.scripts()
"""


def killed(code: str, path: Path) -> None:
    child = python(DYING + code, str(path))
    _, errors = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL, errors


def test_kill_inside_a_schema_step(tmp_path):
    path = tmp_path / "history.db"
    killed(
        "steps.apply(connection, Path(sys.argv[1]), [shipped[0] + chr(10) + 'SELECT die();'])", path
    )
    with SqliteStore(path) as store:
        assert store.notes == ()
        assert store.runs() == ()
        assert store.check() is None
    extra = "CREATE TABLE extra (a);"
    code = f"more = [*shipped, {extra!r} + chr(10) + 'SELECT die();']\n"
    killed(code + "steps.apply(connection, Path(sys.argv[1]), more)", path)
    connection = sqlite3.connect(path, isolation_level=None)
    newest = len(steps.scripts())
    assert connection.execute("PRAGMA user_version").fetchone() == (newest,)
    assert steps.apply(connection, path, [*steps.scripts(), extra]) == (newest, newest + 1)
    connection.close()


def test_two_processes_step_at_once(tmp_path):
    path = tmp_path / "history.db"
    with SqliteStore(path):
        pass
    stepping = """
    import sqlite3
    from gomanager.store import steps
    more = [*steps.scripts(), "CREATE TABLE a (x);", "CREATE TABLE b (x);", "CREATE TABLE c (x);"]
    connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
    print(steps.apply(connection, Path(sys.argv[1]), more)[1])
    """
    children = [python(stepping, str(path)) for _ in range(3)]
    newest = str(len(steps.scripts()) + 3)
    assert [finished(child).strip() for child in children] == [newest] * 3


def test_a_full_disk_stores_nothing_half_and_says_so(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    mounted = subprocess.run(["mount", *options], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("needs the right to mount a tmpfs of 1 MiB (run as root)")
    try:
        child = python(FILLING, str(disk / "history.db"))
        said = finished(child)
        assert "the disk is full" in said or "disk I/O error" in said
        with SqliteStore(disk / "history.db") as store:
            assert store.check() is None
            assert store.verify() == ()
            stored = len(store.runs(limit=1000))
        assert count(disk / "history.db", "phase_results") == stored > 0
        begun = python(BEGINNING, str(disk / "other" / "history.db"))
        assert finished(begun).startswith("3 ")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


FILLING = """
store = SqliteStore(Path(sys.argv[1]))
try:
    for number in range(1, 1000):
        store.add(run(number), phase(300, Outcome.FAIL, os.urandom(3000).hex()))
except EnvironmentFault as fault:
    print(fault.what)
"""
BEGINNING = """
path = Path(sys.argv[1])
try:
    filler = path.parent.parent / "filler"
    with filler.open("wb") as file:
        for _ in range(4096):
            file.write(bytes(1024))
            file.flush()
except OSError:
    pass
try:
    open_store(path).begin(run(1))
except EnvironmentFault as fault:
    print(fault.exit_code, fault.what)
"""


def test_a_file_size_limit_is_a_full_disk_too(tmp_path):
    limiting = """
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    """
    child = python(textwrap.dedent(limiting) + FILLING, str(tmp_path / "history.db"))
    assert finished(child).strip()
    with SqliteStore(tmp_path / "history.db") as store:
        assert store.check() is None
        assert store.verify() == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user for a moment")
def test_a_folder_without_write_rights():
    """Read-only home: writing fails before anything runs, reading works."""
    with tempfile.TemporaryDirectory() as home:  # pytest's own folders are closed to others
        Path(home).chmod(0o755)
        read_only_home(Path(home) / "data" / "history.db")


def read_only_home(path):
    finished(
        python("store = SqliteStore(Path(sys.argv[1]))\nstore.finish(run(1), b'{}')", str(path))
    )
    path.chmod(0o444)
    path.parent.chmod(0o555)
    code = """
    from gomanager.store import cases, durations, expected, red
    import zlib
    os.setgid(65534)
    os.setuid(65534)
    with open_store(sys.argv[1], write=False) as store:
        print(len(store.runs()), store.document().body)
    for place in (sys.argv[1], sys.argv[1] + "x", sys.argv[1] + "/../new/history.db"):
        try:
            open_store(place).begin(run(2))
        except EnvironmentFault as fault:
            print(fault.exit_code, fault.what)
    """
    said = finished(python(code, str(path))).splitlines()
    assert said[0] == "1 b'{}'"
    assert len(said) == 4
    assert all(line.startswith("3 the history store cannot be used") for line in said[1:])
