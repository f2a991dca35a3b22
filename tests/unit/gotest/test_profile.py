"""Reading one coverage profile."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gomanager.gotest.profile import BadProfile, Family, Layout, Mode, Source, layout, read

RECORDED = Path(__file__).parents[2] / "recordings" / "coverage"
SOURCE = Source(name="c.out", go="go1.26.4")


def lines(text: str) -> list[bytes]:
    return text.encode().splitlines(keepends=True)


def profile(text: str):
    return read(lines(text), SOURCE)


def test_c1_split_from_the_right():
    found = profile("mode: set\nex.com/my dir/c:d.go:8.23,9.11 2 1\n")
    assert found.counts == {b"ex.com/my dir/c:d.go:8.23,9.11 2": 1}
    assert found.mode is Mode.SET


def test_c3_second_mode_line():
    same = profile("mode: count\na.go:1.2,3.4 1 3\nmode: count\na.go:1.2,3.4 1 4\n")
    assert (same.mode, same.counts) == (Mode.COUNT, {b"a.go:1.2,3.4 1": 7})
    mixed = profile("mode: atomic\na.go:1.2,3.4 1 3\nmode: set\nb.go:1.2,3.4 1 1\n")
    assert (mixed.mode, set(mixed.counts.values())) == (Mode.SET, {1})


@pytest.mark.parametrize(
    "cut", ["a.go:5.1,6", "a.go:5.1,6.2 1", "a.go:5.1,6.2 1 ", "a", "mode: se", "my dir/a.go:5.1"]
)
def test_c4_cut_off_last_line(cut):
    found = profile(f"mode: set\na.go:1.2,3.4 1 1\n{cut}")
    assert found.counts == {b"a.go:1.2,3.4 1": 1}
    assert found.warnings == ("c.out:3: the last line is cut off and left out",)


def test_c4_no_newline_at_the_end():
    found = profile("mode: set\na.go:1.2,3.4 1 1")
    assert found.counts == {b"a.go:1.2,3.4 1": 1}
    assert not found.warnings


def test_c4_carriage_returns():
    found = profile("mode: count\r\na.go:1.2,3.4 1 2\r\na.go:1.2,3.4 1 3\r\na.go:1.2,3.4 1 0\r\n")
    assert (found.mode, found.counts) == (Mode.COUNT, {b"a.go:1.2,3.4 1": 5})


def test_c5_no_data():
    assert profile("").empty
    assert profile("").mode is None
    assert profile("mode: atomic\n").empty
    assert profile("mode: atomic\n").mode is Mode.ATOMIC


@pytest.mark.parametrize(
    ("bad", "place"),
    [
        ("mode: set\na.go:1.2,3.4 1 1\n\x1b[31mhello\n", "c.out:3"),
        ("mode: set\n\na.go:1.2,3.4 1 1\n", "c.out:2"),
        ("mode: set\na.go:1.2,3.4 1 -1\n", "c.out:2"),
        ("mode: set\na.go:1.2,3.4 1 1_0\n", "c.out:2"),
        ("mode: set\na.go:1.2,3.4 1 1\na.go:1.2,3.4 1 x\n", "c.out:3"),
        ("mode: set\na.go:1.2,3 1 1\n", "c.out:2"),
        ("mode: fast\na.go:1.2,3.4 1 1\n", "c.out:1"),
        ("a.go:1.2,3.4 1 1\n", "c.out:1"),
    ],
)
def test_c6_any_other_line(bad, place):
    with pytest.raises(BadProfile) as caught:
        profile(bad)
    assert caught.value.where == place
    assert "\x1b" not in caught.value.what


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("go1.24.11", Layout(Family.BRACE)),
        ("go1.26", Layout(Family.BRACE)),
        ("go1.27rc1", Layout(Family.TOKEN, miscounts=True)),
        ("go1.27", Layout(Family.TOKEN, miscounts=True)),
        ("go1.27.1", Layout(Family.TOKEN, miscounts=True)),
        ("1.27.2", Layout(Family.TOKEN)),
        ("devel go1.28-3f4a", Layout(Family.TOKEN)),
        ("", Layout(Family.UNKNOWN)),
        ("mine", Layout(Family.UNKNOWN)),
    ],
)
def test_c14_layout_of_a_version(version, expected):
    assert layout(version) == expected


def test_c18_every_binary_writes_each_block():
    text = (RECORDED / "go1.26.6.set.out").read_bytes().splitlines(keepends=True)
    found = read(text, SOURCE)
    assert len(text) > 1.5 * len(found.counts)
    assert found.counts[b"example.com/cover/inner/inner.go:4.22,5.11 1"] == 1
    assert found.counts[b"example.com/cover/untested/untested.go:4.19,6.2 1"] == 0


def test_c19_modes_add_or_unite():
    twice = "a.go:1.2,3.4 1 1\na.go:1.2,3.4 1 1\n"
    assert profile(f"mode: set\n{twice}").counts == {b"a.go:1.2,3.4 1": 1}
    assert profile(f"mode: atomic\n{twice}").counts == {b"a.go:1.2,3.4 1": 2}


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_read_or_refused(data, headed):
    body = b"mode: set\n" * headed + data
    try:
        found = read(body.splitlines(keepends=True), SOURCE)
    except BadProfile:
        return
    assert all(count in (0, 1) for count in found.counts.values()) or found.mode is not Mode.SET


POSITIONS = st.tuples(*[st.integers(0, 99)] * 4)


@given(
    st.lists(st.tuples(POSITIONS, st.integers(0, 9), st.integers(0, 9)), max_size=30),
    st.randoms(),
)
def test_c12_order_does_not_matter(blocks, random):
    written = [b"a b.go:%d.%d,%d.%d %d %d\n" % (*where, n, hits) for where, n, hits in blocks]
    once = read([b"mode: count\n", *written], SOURCE)
    random.shuffle(written)
    assert read([b"mode: count\n", *written], SOURCE).counts == once.counts
    assert sum(once.counts.values()) == sum(hits for *_, hits in blocks)
