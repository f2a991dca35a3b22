"""The log that a test program writes of what it asked the system for."""

from hypothesis import given
from hypothesis import strategies as st

from gomanager.selection.testlog import read_log


def log(*lines):
    return ("# test log\n" + "".join(f"{line}\n" for line in lines)).encode()


def test_names_are_resolved_where_the_test_stood():
    found = read_log(
        log("getenv HOME", "open ../x", "stat y", "chdir /r/q", "open z", "open a b"), "/r/p"
    )
    assert found.doubt == ""
    assert found.variables == {"HOME"}
    assert found.opened == {"/r/x", "/r/q/z", "/r/q/a b"}
    assert found.looked == {"/r/p/y"}


def test_what_was_opened_is_not_only_looked_at():
    found = read_log(log("stat x", "open x"), "/r")
    assert (found.opened, found.looked) == ({"/r/x"}, frozenset())


def test_a_log_without_lines_is_complete():
    assert read_log(log(), "/r").doubt == ""


def test_what_is_no_whole_log_says_so():
    for data in (b"", b"# test log", b"open x\n", log("open x")[:-1], log("mmap x"), log("open")):
        assert read_log(data, "/r").doubt


def test_a_hole_in_the_log_says_so():
    assert read_log(log("open x\0\0\0y"), "/r").doubt


@given(st.binary(max_size=200))
def test_any_bytes_give_an_answer(data):
    for text in (data, b"# test log\n" + data, b"# test log\n" + data + b"\n"):
        found = read_log(text, "/r")
        assert found.doubt or text.startswith(b"# test log\n")
