"""Patterns for -run: exactly the named cases, read as testing reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gomanager.gotest.pattern import exactly, in_parts, quote, runs, skips, split

PARTS = st.text(
    st.characters(min_codepoint=33, max_codepoint=382, blacklist_characters="/"),
    min_size=1,
    max_size=8,
)
NAMES = st.lists(PARTS, min_size=1, max_size=3).map("/".join)


def test_names_become_anchored_patterns():
    assert exactly(["TestA"]) == "^TestA$"
    assert exactly(["TestA", "TestB", "TestA"]) == "^(TestA|TestB)$"
    assert exactly(["A/x", "B/y"]) == "^A$/^x$|^B$/^y$"
    assert exactly(["A/x", "B"]) == "^A$/^x$|^B$"
    assert exactly(["T/"]) == "^T$/^$"


def test_quoting_is_go_s():
    assert quote(r"\.+*?()|[]{}^$-#& ~") == r"\\\.\+\*\?\(\)\|\[\]\{\}\^\$-#& ~"


def test_split_as_testing_does():
    assert split("A/x|B") == (("A", "x"), ("B",))
    assert split("^(A|B)$/[/|]/c") == (("^(A|B)$", "[/|]", "c"),)
    assert split(r"a\|b\/c|d") == ((r"a\|b\/c",), ("d",))
    assert split("") == (("",),)


@given(st.lists(NAMES, min_size=1, max_size=6), NAMES)
def test_a_pattern_runs_its_names_and_no_others(names, other):
    chosen = runs(exactly(names))
    assert all(chosen(name) for name in names)
    related = any(
        other == n or other.startswith(f"{n}/") or n.startswith(f"{other}/") for n in names
    )
    assert chosen(other) == related


@given(st.lists(NAMES, min_size=1, max_size=30))
def test_parts_hold_every_name_once(names):
    parts = list(in_parts(names, limit=60))
    assert [n for part in parts for n in part] == list(dict.fromkeys(names))


def test_a_pattern_stays_below_the_limit():
    names = [f"TestWithALongName{i}/sub test {i}" for i in range(5_000)]
    parts = list(in_parts(names))
    assert len(parts) > 1
    assert all(len(exactly(part).encode()) <= 100_000 for part in parts)


def test_skip_needs_every_level():
    assert skips("^A$/^x$")("A/x")
    assert skips("^A$/^x$")("A/x/y")
    assert not skips("^A$/^x$")("A")
    assert runs("^A$/^x$")("A")
    assert runs("a b")("a_b")


def test_what_go_does_not_accept_is_a_value_error():
    with pytest.raises(ValueError, match="closing"):
        runs("(")
