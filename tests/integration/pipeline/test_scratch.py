"""Temporary folders of killed runs go; those that somebody holds, needs or owns stay."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from gomanager import journal as journals
from gomanager.pipeline.scratch import EMPTY_SECONDS, MARK, Scratch, sweep

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def base(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def orphan(base, kind="inputs", tail="abcd_123"):
    """A folder as a killed run leaves it."""
    folder = base / f"gomanager-{kind}-{tail}"
    folder.mkdir(mode=0o700)
    (folder / MARK).touch()
    (folder / "deep").mkdir()
    (folder / "deep" / "file").write_text("x")
    return folder


def test_a_folder_ends_with_its_run(base):
    with Scratch("run") as scratch:
        (scratch.path / "a").write_text("x")
        assert scratch.path.parent == base
        assert scratch.path.stat().st_mode & 0o777 == 0o700
    assert list(base.iterdir()) == []
    scratch.close()


@pytest.mark.parametrize("kind", ["inputs", "run", "stress"])
def test_the_next_folder_takes_orphans_along(base, kind):
    gone = orphan(base, kind)
    with Scratch("inputs") as scratch:
        assert list(base.iterdir()) == [scratch.path]
    assert not gone.exists()


def test_living_runs_keep_theirs(base):
    with Scratch("inputs") as one, Scratch("inputs") as other:
        assert sweep(base) == ()
        assert one.path.exists()
        assert other.path.exists()


def test_a_run_that_is_killed_loses_its_lock(base):
    code = (
        "import time; from gomanager.pipeline.scratch import Scratch\n"
        "s = Scratch('stress'); print(s.path, flush=True); time.sleep(60)"
    )
    child = subprocess.Popen(
        (sys.executable, "-c", code),
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(base)},
    )
    with child:
        made = child.stdout.readline().strip()
        assert sweep(base) == ()
        child.kill()
        child.wait()
        assert [str(path) for path in sweep(base)] == [made]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_what_an_orphaned_go_test_needs_stays(base):
    """It starts the wrapper for each package; without it the package would look failed."""
    folder = orphan(base)
    child = subprocess.Popen(("sh", "-c", f"sleep 60; : -exec={folder}/learn"))
    try:
        while b"sleep" not in Path(f"/proc/{child.pid}/cmdline").read_bytes():
            time.sleep(0.01)  # it is started before it has its command line
        assert sweep(base) == ()
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert sweep(base) == (folder,)


def test_a_journal_that_is_written_stays(base):
    folder = orphan(base, "run")
    descriptor = os.open(folder / "x.jsonl", os.O_CREAT | os.O_WRONLY)
    journals.lock(descriptor)
    assert sweep(base) == ()
    os.close(descriptor)
    assert sweep(base) == (folder,)


def test_links_are_never_followed(base):
    kept = base / "kept"
    kept.mkdir(mode=0o700)
    (kept / MARK).touch()
    (kept / "precious").write_text("x")
    (base / "gomanager-inputs-abcd_123").symlink_to(kept)
    folder = orphan(base, tail="abcd_124")
    (folder / "link").symlink_to(kept)
    assert sweep(base) == (folder,)
    assert (kept / "precious").exists()


def test_other_folders_stay(base):
    open_to_all = orphan(base, tail="abcd_125")
    open_to_all.chmod(0o755)
    others = [open_to_all, orphan(base, "overhead"), base / "gomanager-inputs-own", base / "x"]
    for folder in others[2:]:
        folder.mkdir(mode=0o700)
        (folder / MARK).touch()
    unmarked = orphan(base, tail="abcd_126")
    (unmarked / MARK).unlink()
    (base / "gomanager-run-abcd_127").write_text("a file")
    assert sweep(base, now=time.time() + 10 * EMPTY_SECONDS) == ()
    assert all(folder.exists() for folder in (*others, unmarked))


def test_a_mark_that_is_a_link_is_none(base):
    folder = orphan(base)
    (folder / MARK).unlink()
    (folder / MARK).symlink_to("/dev/null")
    assert sweep(base) == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
def test_folders_of_others_stay(base):
    folder = orphan(base)
    os.chown(folder, 12345, 12345)
    assert sweep(base) == ()


def test_an_empty_folder_without_mark_goes_when_it_is_old(base):
    folder = base / "gomanager-run-abcd_123"
    folder.mkdir(mode=0o700)
    assert sweep(base) == ()
    assert sweep(base, now=time.time() + EMPTY_SECONDS + 10) == (folder,)


def test_a_base_that_cannot_be_read(base):
    assert sweep(base / "absent") == ()
