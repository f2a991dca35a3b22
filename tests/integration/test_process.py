"""Real processes: journals, signals, orphans, short commands, pipes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gomanager import journal, process
from gomanager.errors import EnvironmentFault, Interrupted
from gomanager.interrupt import Interrupt
from gomanager.process import Command

pytestmark = pytest.mark.integration


def shell(script: str, folder: Path) -> Command:
    return Command(argv=("sh", "-c", script), cwd=folder)


def until(true: Callable[[], object], seconds: float = 10) -> None:
    """Wait for something that must come."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(pid: int) -> bool:
    state = journal.status(pid)
    return state is not None and state[0] not in {"Z", "X"}


def pid_in(file: Path) -> int:
    until(lambda: file.exists() and file.read_text().strip())
    return int(file.read_text())


def test_stdout_is_the_journal_and_stderr_a_file_beside(tmp_path):
    path = tmp_path / "deep" / "r-unit-0-1.jsonl"
    command = shell("echo out; sleep 0.1; echo more; echo err >&2; exit 3", tmp_path)
    with process.start(command, journal=path, meta={"run": "r"}) as child:
        assert journal.locked(path)
        assert b"".join(child.blocks()) == b"out\nmore\n"
        assert (child.wait(), child.stderr, child.interrupted) == (3, "err\n", None)
    assert path.read_bytes() == b"out\nmore\n"
    assert not journal.locked(path)
    meta = journal.read_meta(path)
    assert meta is not None
    assert (meta["run"], meta["pid"], meta["boot"]) == ("r", child.pid, journal.boot_id())
    assert meta["argv"] == list(command.argv)
    assert not journal.owner_alive(meta)


def test_a_grandchild_that_keeps_stdout_open_is_not_waited_for(tmp_path):
    begun = time.monotonic()
    path = tmp_path / "a.jsonl"
    with process.start(shell("echo x; sleep 5 & exit 0", tmp_path), journal=path) as child:
        assert b"".join(child.blocks()) == b"x\n"
        assert child.wait() == 0
        assert time.monotonic() - begun < 4
        os.killpg(child.pid, signal.SIGKILL)


def test_arguments_reach_the_child_as_they_are(tmp_path):
    hostile = ("$(touch x)", "a b", "'\"", "ü\n\x1b[31m", "-e", "")
    command = Command(argv=("printf", "%s\\0", *hostile), cwd=tmp_path)
    with process.start(command, journal=tmp_path / "a.jsonl") as child:
        said = b"".join(child.blocks())
    assert said.decode().split("\0")[:-1] == list(hostile)
    assert not (tmp_path / "x").exists()


def test_a_signal_becomes_a_flag_and_stops_the_whole_group(tmp_path):
    flag = Interrupt()
    code = (
        "import subprocess, pathlib\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        "print('begun', flush=True)\n"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(child.pid))\n"
        "child.wait()\n"
    )
    command = Command(argv=(sys.executable, "-c", code), cwd=tmp_path)
    path = tmp_path / "a.jsonl"
    with process.start(command, journal=path, interrupt=flag) as child:
        grandchild = pid_in(tmp_path / "pid")
        flag.receive(signal.SIGINT)
        assert b"".join(child.blocks()) == b"begun\n"
        child.wait()
        assert child.interrupted == signal.SIGINT
    assert not alive(grandchild)
    with pytest.raises(Interrupted):
        process.start(shell("true", tmp_path), journal=tmp_path / "b.jsonl", interrupt=flag)
    assert not (tmp_path / "b.jsonl").exists()


def test_who_ignores_sigint_gets_sigterm(tmp_path):
    path = tmp_path / "a.jsonl"
    with process.start(shell("trap '' INT; echo on; sleep 60", tmp_path), journal=path) as child:
        until(lambda: path.read_bytes())
        begun = time.monotonic()
        child.stop()
        assert child.wait() == -signal.SIGTERM
        assert 4.5 < time.monotonic() - begun < 9


def test_a_second_signal_kills_at_once_also_who_changed_its_group(tmp_path):
    flag = Interrupt()
    code = (
        "import os, signal, time, pathlib, sys\n"
        "if os.fork() == 0:\n"
        "    os.setpgid(0, 0)\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(tmp_path)!r}, str(os.getpgid(0) == os.getsid(0))).write_text(str(os.getpid()))\n"
        "time.sleep(60)\n"
    )
    command = Command(argv=(sys.executable, "-c", code), cwd=tmp_path)
    with process.start(command, journal=tmp_path / "a.jsonl", interrupt=flag) as child:
        pids = [pid_in(tmp_path / "True"), pid_in(tmp_path / "False")]
        begun = time.monotonic()
        flag.receive(signal.SIGINT)
        flag.urgent = True
        assert child.wait() == -signal.SIGKILL
        assert time.monotonic() - begun < 3
    until(lambda: not any(map(alive, pids)))


def test_leaving_the_block_early_leaves_no_orphan(tmp_path):
    path = tmp_path / "a.jsonl"
    with process.start(shell("echo on; exec sleep 60", tmp_path), journal=path) as child:
        until(lambda: path.read_bytes())
    assert not alive(child.pid)


PARENT = """
import sys
from pathlib import Path
from gomanager import process
folder = Path(sys.argv[1])
script = "i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo line $i; sleep 0.05; done"
command = process.Command(argv=("sh", "-c", script), cwd=folder)
with process.start(command, journal=folder / "a.jsonl") as child:
    for block in child.blocks():
        pass
"""


def test_a_killed_parent_loses_nothing(tmp_path):
    path = tmp_path / "a.jsonl"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)])
    until(lambda: path.exists() and b"line 3" in path.read_bytes())
    parent.kill()
    parent.wait()
    meta = journal.read_meta(path)
    assert meta is not None
    assert journal.locked(path)
    assert journal.owner_alive(meta)
    until(lambda: not journal.locked(path))
    assert path.read_text() == "".join(f"line {i}\n" for i in range(1, 21))
    assert not journal.owner_alive(meta)


def test_what_cannot_be_started_leaves_no_files(tmp_path):
    with pytest.raises(EnvironmentFault) as raised:
        process.start(Command(argv=("no-such-tool",), cwd=tmp_path), journal=tmp_path / "a.jsonl")
    assert raised.value.fix == "install no-such-tool and put it on PATH"
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(EnvironmentFault, match="null byte"):
        process.start(Command(argv=("sh", "\0"), cwd=tmp_path), journal=tmp_path / "a.jsonl")


def test_a_journal_that_cannot_be_written_is_an_environment_fault(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFault, match="cannot write the journal"):
        process.start(shell("true", tmp_path), journal=tmp_path / "file" / "a.jsonl")


def test_short_commands(tmp_path):
    assert process.output(["cat"], cwd=tmp_path, input=b"x") == b"x"
    done = process.result(["sh", "-c", "echo e >&2; exit 4"], cwd=tmp_path)
    assert (done.returncode, done.stderr) == (4, b"e\n")
    assert process.output(["false"], cwd=tmp_path, check=False) == b""
    with pytest.raises(EnvironmentFault, match="ended with 4: e"):
        process.output(["sh", "-c", "echo e >&2; exit 4"], cwd=tmp_path)
    with pytest.raises(EnvironmentFault, match=r"within 0\.1 seconds"):
        process.output(["sleep", "5"], cwd=tmp_path, timeout=0.1)
    with pytest.raises(EnvironmentFault, match="folder is gone"):
        process.output(["true"], cwd=tmp_path / "gone")
    with pytest.raises(Interrupted):
        process.output(["sh", "-c", "kill -INT $$"], cwd=tmp_path)


def test_a_pipe_takes_more_than_it_can_hold(tmp_path):
    lines = [b"%07d\n" % i for i in range(200_000)]
    with process.pipe(["cat"], tmp_path) as pipe:
        pipe.feed(lines)
        assert list(pipe.stdout) == lines
    with process.pipe(["cat"], tmp_path) as pipe:
        pipe.feed(lines)  # nobody reads the answer


def test_a_process_tells_what_it_took(tmp_path):
    code = "x = bytearray(50_000_000)\nfor _ in range(3_000_000): pass"
    command = process.Command(argv=(sys.executable, "-c", code), cwd=tmp_path)
    with process.start(command, journal=tmp_path / "j.jsonl") as child:
        assert child.usage is None
        assert child.wait() == 0
    assert child.usage is not None
    assert child.usage.cpu_ms > 10
    assert 50_000_000 < child.usage.peak_bytes < 1_000_000_000
    assert child.left == ()
