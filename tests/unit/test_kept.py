"""Values kept on disk: whole or none, and never believed when damaged."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gomanager import kept

VALUE = {"a": [1, b"two", ("three", None)]}


def test_a_value_comes_back(tmp_path):
    path = tmp_path / "deep" / "file"
    assert kept.load(path, "x-1") is None
    kept.save(path, "x-1", VALUE)
    assert kept.load(path, "x-1") == VALUE
    assert [p.name for p in path.parent.iterdir()] == ["file"]


def test_another_version_is_none_and_no_damage(tmp_path):
    path = tmp_path / "file"
    kept.save(path, "x-1", VALUE)
    assert kept.load(path, "x-2") is None


def test_what_is_not_ours_is_damage(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"something else")
    with pytest.raises(kept.Damaged, match="no cache of gomanager"):
        kept.load(path, "x-1")


def test_values_of_odd_types_are_not_kept(tmp_path):
    path = tmp_path / "file"
    kept.save(path, "x-1", {"when": object()})
    assert not path.exists()


@given(at=st.integers(min_value=0), byte=st.integers(0, 255))
def test_a_changed_byte_never_changes_the_value(tmp_path_factory, at, byte):
    path = tmp_path_factory.mktemp("kept") / "file"
    kept.save(path, "x-1", VALUE)
    data = bytearray(path.read_bytes())
    data[at % len(data)] = byte
    path.write_bytes(data)
    with suppress(kept.Damaged):
        assert kept.load(path, "x-1") in (VALUE, None)


@given(cut=st.integers(0, 60))
def test_half_a_file_is_no_value(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("kept") / "file"
    kept.save(path, "x-1", VALUE)
    whole = path.read_bytes()
    path.write_bytes(whole[: min(cut, len(whole) - 1)])
    with suppress(kept.Damaged):
        assert kept.load(path, "x-1") is None
