"""The files of a journal and who owns them."""

import fcntl
import os

from gomanager import journal


def test_meta_is_read_as_written(tmp_path):
    path = tmp_path / "r-unit-0-1.jsonl"
    journal.write_meta(path, {"run": "r", "argv": ("go", "test")})
    assert journal.read_meta(path) == {"format": 1, "run": "r", "argv": ["go", "test"]}
    assert [p.name for p in tmp_path.iterdir()] == ["r-unit-0-1.meta.json"]


def test_broken_absent_or_later_meta_is_none(tmp_path):
    path = tmp_path / "a.jsonl"
    assert journal.read_meta(path) is None
    for text in ("{", "[]", '{"format": 2}', '{"run": "x"}', "\udce4"):
        journal.meta_path(path).write_bytes(text.encode("utf-8", "surrogateescape"))
        assert journal.read_meta(path) is None


def test_lock_is_held_while_the_file_is_open(tmp_path):
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        assert not journal.locked(path)
        journal.lock(file.fileno())
        assert journal.locked(path)
        fcntl.flock(file, fcntl.LOCK_UN)
    assert not journal.locked(path)
    assert not journal.locked(tmp_path / "absent")


def test_owner_is_this_process_and_no_other():
    me = {"pid": os.getpid(), "started": journal.started(os.getpid()), "boot": journal.boot_id()}
    assert journal.owner_alive(me)
    assert not journal.owner_alive({**me, "boot": "another"})
    assert not journal.owner_alive({"boot": journal.boot_id()})
    if me["started"] is not None:
        assert not journal.owner_alive({**me, "started": 1})


def test_remove_takes_all_three(tmp_path):
    path = tmp_path / "a.jsonl"
    path.touch()
    journal.write_meta(path, {})
    journal.remove(path)
    assert list(tmp_path.iterdir()) == []
