"""Line states on recorded profiles of every family."""

from pathlib import Path

import pytest

from gomanager.analysis.linestates import State, never_ran, ranges, stale, states
from gomanager.golang.lines import read_source
from gomanager.gotest.profile import Source, read
from gomanager.gotest.profiles import Block, merge

TESTS = Path(__file__).parents[2]
SHAPES = TESTS / "projects" / "coverage" / "shapes.go"
VERSIONS = ["go1.26.6", "go1.27.1", "go1.27.3"]
HIT, PARTIAL, MISSED = State.HIT, State.PARTIAL, State.MISSED


def blocks(version: str) -> tuple[Block, ...]:
    path = TESTS / "recordings" / "coverage" / f"{version}.set.out"
    with path.open("rb") as file:
        merged = merge([read(file, Source(name=path.name, go=version))])
    assert merged is not None
    return merged.files["example.com/cover/shapes.go"].blocks


@pytest.mark.parametrize("version", VERSIONS)
def test_c2_the_same_lines_in_every_family(version):
    source = read_source(SHAPES.read_bytes())
    found = states(blocks(version), source)
    assert {line: found.get(line) for line in range(8, 20)} == {
        8: None,  # the signature
        9: HIT,
        10: None,  # a comment
        11: None,
        12: HIT,
        13: MISSED,  # } else if x < -5 {
        14: MISSED,
        15: None,  # } else {
        16: MISSED,
        17: None,
        18: HIT,
        19: None,
    }
    assert found[27] is HIT  # a case with its statement, multi-byte text inside
    assert (found[29], found[31], found[32], found[33]) == (MISSED,) * 4


@pytest.mark.parametrize("version", VERSIONS)
def test_c11_several_blocks_on_one_line(version):
    found = states(blocks(version), read_source(SHAPES.read_bytes()))
    assert found[23] is PARTIAL


@pytest.mark.parametrize("version", VERSIONS)
def test_c48_wanted_lines_alone(version):
    source = read_source(SHAPES.read_bytes())
    assert states(blocks(version), source, [10, 11, 12, 17]) == {12: HIT}


@pytest.mark.parametrize("version", VERSIONS)
def test_functions_that_never_ran(version):
    source = read_source(SHAPES.read_bytes())
    names = [function.name for function, _ in never_ran(source.functions, blocks(version))]
    assert names == ["Loop", "Never"]


def test_c10_a_profile_of_other_sources():
    assert not stale(blocks("go1.26.6"), SHAPES.read_bytes())
    assert stale(blocks("go1.26.6"), b"package cover\n")


def test_ranges_join_over_what_is_no_code():
    code = dict.fromkeys([1, 2, 5, 7, 8])
    assert list(ranges([1, 2, 5, 8], code)) == [(1, 5), (8, 8)]
    assert list(ranges([], code)) == []
