"""The first moments of a command: before anything of it is imported, and where it stands."""

import subprocess
import sys
from pathlib import Path

import pytest

INTERRUPTED = """
import builtins, sys
real = builtins.__import__
def interrupted(name, *args, **kwargs):
    if name == "click":
        raise KeyboardInterrupt
    return real(name, *args, **kwargs)
builtins.__import__ = interrupted
from gomanager.__main__ import main
sys.argv = ["gomanager", "scope"]
main()
"""


def _python(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    argv = (sys.executable, *args)
    return subprocess.run(argv, check=False, cwd=cwd, capture_output=True, text=True)


def test_an_interrupt_while_importing_is_quiet(tmp_path: Path) -> None:
    done = _python("-c", INTERRUPTED, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_output_that_does_not_fit(tmp_path: Path) -> None:
    argv = (sys.executable, "-m", "gomanager", "schema", "report")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(argv, check=False, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 3
    assert done.stderr.startswith(b"gomanager: cannot write: No space left on device\n")


@pytest.mark.parametrize("closed", ["1", "2"])
def test_an_output_that_is_closed(tmp_path: Path, closed: str) -> None:
    line = f'"$0" -m gomanager scope {closed}>&-'
    done = subprocess.run(
        ("sh", "-c", line, sys.executable), check=False, cwd=tmp_path, capture_output=True
    )
    assert done.returncode == 2  # no Go module here
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["scope"], ["run"], ["why", "x"], ["replay", "-"]])
def test_a_folder_that_is_gone(tmp_path: Path, command: list[str]) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    inside = f"import os; os.rmdir({str(gone)!r}); "
    code = f"{inside}import sys; sys.argv[1:] = {command!r}; from gomanager.__main__ import main; main()"
    done = _python("-c", code, cwd=gone)
    assert done.returncode == 3
    assert done.stderr.startswith("gomanager: the current folder is gone")
    assert "-C DIR" in done.stderr
