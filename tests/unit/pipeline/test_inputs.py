"""What tests read, by content: what counts, what is dropped, what leaves a doubt."""

import os
import time
from pathlib import Path

import pytest

from gomanager.pipeline.inputs import Places, current, learned
from gomanager.selection.testlog import TestLog

SALT = "f" * 64


@pytest.fixture
def where(tmp_path):
    for name in ("repo", "outside", "tmp", "goroot"):
        (tmp_path / name).mkdir()
    return Places(
        root=str(tmp_path / "repo"),
        dropped=("/proc", str(tmp_path / "goroot")),
        temporary=(str(tmp_path / "tmp"),),
    )


def write(where, name, text="1", mode=0o644):
    path = Path(os.path.normpath(f"{where.root}/{name}"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def learn(where, *opened, looked=(), variables=(), environ=None, tracked=False, **given):
    log = TestLog(
        variables=frozenset(variables), opened=frozenset(opened), looked=frozenset(looked)
    )
    values = {"variables": (), "starts": False, "since": time.time() + 60}
    return learned(
        (log,), where, environ or {}, SALT, tracked=lambda _: tracked, **(values | given)
    )


def changed(where, found, environ=None):
    return [
        one.name for one in found.inputs if current(one, SALT, where, environ or {}) != one.digest
    ]


def test_content_counts_and_times_do_not(where):
    path = write(where, "cfg/x")
    found = learn(where, path)
    os.utime(path, (1, 1))
    assert not found.doubt
    assert changed(where, found) == []
    write(where, "cfg/x", "2")
    assert changed(where, found) == ["cfg/x"]
    Path(path).unlink()
    assert changed(where, found) == ["cfg/x"]


def test_whether_it_can_be_started_counts_for_what_was_looked_at(where):
    path = write(where, "d/run")
    found = learn(where, looked=[path])
    write(where, "d/run", mode=0o640)
    assert changed(where, found) == []
    write(where, "d/run", mode=0o755)
    assert changed(where, found) == ["d/run"]


def test_a_file_that_is_not_there_is_an_input(where):
    found = learn(where, f"{where.root}/no/such/file")
    assert [one.name for one in found.inputs] == ["no"]
    write(where, "no/such/file")
    assert changed(where, found) == ["no"]


def test_a_folder_is_the_names_in_it(where):
    write(where, "data/a")
    found = learn(where, f"{where.root}/data")
    write(where, "data/a", "other")
    write(where, "gomanager-report/report.json")
    assert changed(where, found) == []
    write(where, "data/b")
    assert changed(where, found) == ["data"]


def test_variables_by_value_and_never_in_the_clear(where):
    found = learn(where, variables=("A", "PWD"), environ={"A": "secret"})
    assert [one.name for one in found.inputs] == ["A"]
    assert "secret" not in repr(found)
    assert changed(where, found, {"A": "secret"}) == []
    assert changed(where, found, {"A": "other"}) == ["A"]
    assert changed(where, found, {}) == ["A"]


def test_an_empty_variable_is_not_an_absent_one(where):
    found = learn(where, variables=("A",), environ={"A": ""})
    assert changed(where, found, {}) == ["A"]


def test_files_outside_of_the_repository_count(where):
    path = write(where, "../outside/x")
    found = learn(where, path)
    write(where, "../outside/x", "2")
    assert changed(where, found) == [path]


def test_an_old_file_in_the_temporary_folder_counts(where):
    path = write(where, "../tmp/shared")
    assert [one.name for one in learn(where, path).inputs] == [path]


def test_what_the_test_made_for_itself_does_not_count(where):
    path = write(where, "../tmp/TestA1234567/x")
    assert learn(where, path, since=0).inputs == ()
    assert learn(where, path, since=0).doubt == ""


@pytest.mark.parametrize("name", ["../goroot/x", "gomanager-report/x", ".git/HEAD"])
def test_what_is_no_input(where, name):
    assert learn(where, write(where, name)).inputs == ()


def test_programs_leave_a_doubt(where):
    assert "starts tool" in learn(where, write(where, "tool", mode=0o755)).doubt
    assert "starts tool" in learn(where, write(where, "../tmp/tool", mode=0o755), since=0).doubt
    gone = f"{where.temporary[0]}/script"
    assert "is gone" in learn(where, gone, starts=True).doubt
    assert learn(where, gone).doubt == ""


def test_what_was_written_meanwhile_leaves_a_doubt(where):
    path = write(where, "cfg/x")
    assert "was written" in learn(where, path, since=0).doubt
    assert learn(where, path, since=0, tracked=True).doubt == ""


def test_no_log_is_a_doubt(where):
    assert learned((), where, {}, SALT, variables=(), starts=False, since=0,
                   tracked=lambda _: True).doubt  # fmt: skip


def test_a_device_leaves_a_doubt(where):
    path = f"{where.root}/pipe"
    os.mkfifo(path)
    assert "no plain file" in learn(where, path).doubt
