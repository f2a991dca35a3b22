"""Merging coverage profiles by position."""

from pathlib import Path

import pytest

from gomanager.gotest.profile import BadProfile, Family, Mode, Origin, Source, read
from gomanager.gotest.profiles import look, merge, percent, seen, write

RECORDED = Path(__file__).parents[2] / "recordings" / "coverage"
PROJECT = Path(__file__).parents[2] / "projects" / "coverage"
INNER = "example.com/cover/inner/inner.go"


def recorded(version: str, mode: str = "set", **given):
    path = RECORDED / f"{version}.{mode}.out"
    with path.open("rb") as file:
        return read(file, Source(name=path.name, go=version, **given))


def made(text: str, name: str = "a.out", go: str | None = "go1.26", **given):
    return read(text.encode().splitlines(keepends=True), Source(name=name, go=go, **given))


def test_c1_names_with_colons_stay_whole():
    merged = merge([made("mode: set\nex.com/my dir/c:d.go:8.23,9.11 2 1\n")])
    assert merged is not None
    assert list(merged.files) == ["ex.com/my dir/c:d.go"]
    assert merged.files["ex.com/my dir/c:d.go"].blocks == (((8, 23), (9, 11), 2, 1),)


def test_c5_no_data_is_none():
    assert merge([]) is None
    assert merge([made("mode: set\n"), made("")]) is None


def test_c7_empty_bodies_are_blocks_without_statements():
    merged = merge([recorded("go1.26.6")])
    assert merged is not None
    shapes = merged.files["example.com/cover/shapes.go"]
    assert [block for block in shapes.blocks if not block.statements]
    assert shapes.statements == sum(block.statements for block in shapes.blocks)


def test_c12_unordered_blocks_come_in_order():
    merged = merge([made("mode: set\na.go:9.1,9.5 1 0\na.go:1.1,2.1 1 1\na.go:10.1,10.2 1 1\n")])
    assert merged is not None
    assert [block.start[0] for block in merged.files["a.go"].blocks] == [1, 9, 10]


@pytest.mark.parametrize("newer", ["go1.27.1", "go1.27.3"])
def test_c13_families_never_merge(newer):
    with pytest.raises(BadProfile) as caught:
        merge([recorded("go1.26.6"), recorded(newer)])
    assert "go1.26.6" in (caught.value.where or "")
    assert newer in (caught.value.where or "")
    assert "one toolchain" in (caught.value.fix or "")


def test_c13_patch_releases_of_one_family_do():
    older = made("mode: set\na.go:1.1,2.1 1 1\n", go="go1.24.11")
    merged = merge([older, made("mode: set\na.go:1.1,2.1 1 0\n", go="go1.26.6")])
    assert merged is not None
    assert merged.versions == ("go1.24.11", "go1.26.6")


def test_c14_miscounting_releases_are_marked():
    merged = merge([recorded("go1.27.1")])
    right = merge([recorded("go1.27.3")])
    assert merged is not None
    assert right is not None
    assert merged.layout.miscounts
    assert not right.layout.miscounts
    name = "example.com/cover/shapes.go"
    assert merged.files[name].statements > right.files[name].statements


@pytest.mark.parametrize(
    ("version", "family"),
    [("go1.26.6", Family.BRACE), ("go1.27.1", Family.TOKEN), ("go1.27.3", Family.TOKEN)],
)
def test_c15_unknown_version_is_told_by_the_source(version, family):
    merged = merge([recorded(version)])
    assert merged is not None
    for name in ("inner/inner.go", "shapes.go", "generated.go"):
        data = (PROJECT / name).read_bytes()
        assert look(merged.files[f"example.com/cover/{name}"].blocks, data) is family
    assert look(merged.files[INNER].blocks, b"package inner\n") is Family.UNKNOWN


def test_c15_unknown_merges_with_nothing():
    unknown = made("mode: set\na.go:1.1,2.1 1 1\n", go=None)
    assert merge([unknown]) is not None
    with pytest.raises(BadProfile, match="different Go versions"):
        merge([unknown, unknown])
    assert merge([seen(unknown, Family.BRACE), recorded("go1.26.6")]) is not None


def test_c16_same_position_other_statements():
    with pytest.raises(BadProfile, match=r"1 and 2 statements|2 and 1 statements") as caught:
        merge([recorded("go1.27.1"), recorded("go1.27.3")])
    assert "go1.27.1" in (caught.value.where or "")
    assert "go1.27.3" in (caught.value.where or "")


def test_c19_across_modes_hit_or_not():
    merged = merge([recorded("go1.26.6"), recorded("go1.26.6", "atomic")])
    assert merged is not None
    assert merged.mode is Mode.SET
    assert {block.hits for file in merged.files.values() for block in file.blocks} == {0, 1}


def test_c19_within_a_mode_counts_add():
    one = made("mode: atomic\na.go:1.1,2.1 1 3\n")
    merged = merge([one, one])
    assert merged is not None
    assert merged.files["a.go"].blocks[0].hits == 6


def test_c20_origins_are_kept():
    unit = made("mode: set\na.go:1.1,2.1 1 1\na.go:3.1,4.1 1 0\n")
    integration = made("mode: set\na.go:1.1,2.1 1 0\na.go:3.1,4.1 1 1\n", origin=Origin.INTEGRATION)
    merged = merge([unit, integration])
    assert merged is not None
    file = merged.files["a.go"]
    assert [block.hits for block in file.blocks] == [1, 1]
    assert [block.hits for block in file.blocks_of(Origin.UNIT)] == [1, 0]
    assert [block.hits for block in file.blocks_of(Origin.INTEGRATION)] == [0, 1]


def test_c24_two_modules_of_one_path():
    first = made("mode: set\nex.com/a/a.go:1.1,2.1 1 1\n", module="one")
    second = made("mode: set\nex.com/a/a.go:1.1,2.1 1 0\n", module="two")
    merged = merge(
        [first, second], lambda source, name: f"{source.module}/{name.rpartition('/')[2]}"
    )
    assert merged is not None
    assert {path: file.covered for path, file in merged.files.items()} == {
        "one/a.go": 1,
        "two/a.go": 0,
    }


def test_written_profile_reads_back():
    merged = merge([recorded("go1.26.6", "atomic")])
    assert merged is not None
    again = merge([read(write(merged), Source(name="again", go="go1.26.6"))])
    assert again is not None
    assert again.files == {
        path: file.__class__(
            statements=file.statements,
            covered=file.covered,
            counts=file.counts,
            ran=again.files[path].ran,
        )
        for path, file in merged.files.items()
    }


@pytest.mark.parametrize(
    ("covered", "total", "expected"),
    [(0, 0, None), (0, 9, 0.0), (9, 9, 100.0), (9999, 10000, 99.9), (1, 100000, 0.1), (2, 3, 66.7)],
)
def test_percent_never_rounds_to_all_or_none(covered, total, expected):
    assert percent(covered, total) == expected
