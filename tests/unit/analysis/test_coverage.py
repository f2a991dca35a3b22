"""The Coverage Analysis of a run, on recorded profiles."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from gomanager.analysis.coverage import Coverage, Evidence, Patch, analyse
from gomanager.gotest.profile import Origin, Source, read

TESTS = Path(__file__).parents[2]
PROJECT = TESTS / "projects" / "coverage"
VERSIONS = ["go1.26.6", "go1.27.3"]


@dataclass(frozen=True)
class Module:
    path: str
    dir: str


MODULES = (Module("example.com/cover", ""),)


def sources(path: str) -> bytes | None:
    file = PROJECT / path
    return file.read_bytes() if file.is_file() else None


def profile(version: str, mode: str = "set", **given):
    path = TESTS / "recordings" / "coverage" / f"{version}.{mode}.out"
    with path.open("rb") as file:
        return read(file, Source(name=path.name, go=version, **given))


def made(text: str, **given):
    source = Source(name="c.out", go="go1.26.6", **given)
    return read(text.encode().splitlines(keepends=True), source)


def analysed(*profiles, **given) -> Coverage:
    evidence = {"modules": MODULES, "read": sources, "measured": True, "changed": {}, **given}
    return analyse(Evidence(profiles=profiles, **evidence))


def test_without_a_measurement_the_rest_is_said():
    found = analyse(
        Evidence(modules=MODULES, read=sources, integration_tests=("a",), untested=("b",))
    )
    assert (found.total_pct, found.patch, found.packages) == (None, None, ())
    assert (found.integration_tests, found.untested, found.scenarios) == (("a",), ("b",), ())
    assert found.notes == ("not measured: add --cover, or coverage: to a phase",)


@pytest.mark.parametrize("version", VERSIONS)
def test_totals_agree_with_go_but_for_generated_code(version):
    found = analysed(profile(version))
    shares = {package.path: package.pct for package in found.packages}
    assert shares["example.com/cover/inner"] == 66.7
    assert shares["example.com/cover/untested"] == 0.0
    assert "left out: 1 statement in 1 generated file" in found.notes
    assert found.total_pct is not None


def test_both_families_agree_on_changed_lines():
    changed = {"shapes.go": (range(8, 35),), "inner/inner.go": (range(1, 2**31),)}
    older, newer = (analysed(profile(version), changed=changed) for version in VERSIONS)
    assert older.patch == newer.patch == Patch(covered=7, lines=16)
    assert [gap for gap in older.gaps if "changed" in gap.text] == [
        gap for gap in newer.gaps if "changed" in gap.text
    ]


def test_gaps_name_file_line_and_function():
    found = analysed(profile("go1.26.6"), changed={"inner/inner.go": (range(1, 2**31),)})
    first = found.gaps[0]
    assert (first.file, first.line) == ("inner/inner.go", 6)
    assert first.text == "1 changed code line never ran in Deep"
    assert any(gap.text == "Loop never ran (9 statements)" for gap in found.gaps)


def test_changed_functions_that_never_ran_are_untested():
    found = analysed(profile("go1.26.6"), changed={"shapes.go": (range(59, 63),)})
    assert found.untested == ("shapes.go:60: Never (2 statements)",)
    assert not [gap for gap in found.gaps if gap.text.startswith("Never")]


def test_c5_c25_no_data_is_not_zero_percent():
    found = analysed(made("mode: atomic\n"))
    assert (found.total_pct, found.patch) == (None, None)
    assert "not 0 %" in found.notes[0]
    assert "-coverpkg" in found.notes[1]


def test_c27_a_panic_leaves_no_profile():
    found = analysed(made("mode: atomic\n"), died=("example.com/cover",))
    assert any("example.com/cover: not measured by its own tests" in note for note in found.notes)


def test_c13_families_are_told_and_not_mixed():
    found = analysed(profile("go1.26.6"), profile("go1.27.3"))
    assert (found.total_pct, found.packages, found.patch) == (None, (), None)
    assert "go1.26.6" in found.notes[0]
    assert "go1.27.3" in found.notes[0]
    assert "one toolchain" in found.notes[0]


def test_c14_lines_only():
    found = analysed(profile("go1.27.1"), changed={"shapes.go": (range(8, 35),)})
    assert found.total_pct is None
    assert {package.pct for package in found.packages} == {None}
    assert found.patch == Patch(covered=5, lines=13)
    assert any("use Go 1.27.2 or newer" in note for note in found.notes)


def test_c19_race_and_plain_runs_belong_together():
    found = analysed(profile("go1.26.6"), profile("go1.26.6", "atomic"))
    assert found.total_pct == analysed(profile("go1.26.6")).total_pct


def test_c47_without_a_base_the_patch_is_unknown():
    found = analysed(profile("go1.26.6"), changed=None, no_base="shallow clone")
    assert found.patch is None
    assert "changed lines are unknown: shallow clone" in found.notes


def test_c9_line_directives_are_marked():
    found = analysed(profile("go1.26.6"), changed={"grammar.go": (range(1, 99),)})
    assert found.patch == Patch(covered=0, lines=0)
    assert any("//line directives" in note for note in found.notes)


def test_c10_stale_files_get_no_lines():
    def other(path: str) -> bytes | None:
        return b"package cover\n\nfunc A() {\n}\n" if path == "shapes.go" else sources(path)

    found = analysed(profile("go1.26.6"), read=other, changed={"shapes.go": (range(1, 9),)})
    assert found.patch == Patch(covered=0, lines=0)
    assert any("shapes.go: the profile was made from other sources" in n for n in found.notes)
    assert not [gap for gap in found.gaps if gap.file == "shapes.go"]


def test_c39_packages_without_a_block_are_not_measured():
    found = analysed(profile("go1.26.6"), packages=("example.com/cover/other",))
    assert any(p.path == "example.com/cover/other" and p.pct is None for p in found.packages)
    assert found.gaps[-1].text == "not measured: no test binary that ran holds it"


def test_c45_generated_and_c50_unmeasured_changes_are_no_missed_lines():
    text = "mode: set\nexample.com/cover/shapes.go:9.2,9.11 1 1\n"
    changed = {"generated.go": (range(1, 99),), "inner/inner.go": (range(1, 99),)}
    found = analysed(made(text), changed=changed)
    assert found.patch == Patch(covered=0, lines=0)
    assert found.untested == ("inner/inner.go: no test binary that ran holds it",)


def test_c46_files_left_out_by_constraints():
    text = "mode: set\nexample.com/cover/grammar.go:9.2,9.11 1 1\n"
    found = analysed(made(text), changed={"shapes.go": (range(1, 99),)})
    assert found.patch == Patch(covered=0, lines=0)
    assert any("shapes.go: changed, and its build constraints" in note for note in found.notes)


def test_tests_and_vendored_files_are_no_patch():
    changed = {"shapes_test.go": (range(1, 9),), "vendor/x/x.go": (range(1, 9),)}
    assert analysed(profile("go1.26.6"), changed=changed).patch == Patch(covered=0, lines=0)


def test_lines_that_unit_tests_alone_ran():
    unit = made("mode: set\nexample.com/cover/inner/inner.go:8.2,8.10 1 1\n")
    integration = made(
        "mode: set\nexample.com/cover/inner/inner.go:8.2,8.10 1 0\n"
        "example.com/cover/shapes.go:9.2,9.11 1 1\n",
        origin=Origin.INTEGRATION,
    )
    found = analysed(unit, integration, changed={"inner/inner.go": (range(8, 9),)})
    assert found.patch == Patch(covered=1, lines=1)
    assert any("1 changed code line ran in unit tests and in no" in n for n in found.notes)


def test_well_covered_areas():
    text = "mode: set\nexample.com/cover/inner/inner.go:4.22,5.11 9 1\nexample.com/cover/shapes.go:9.2,9.11 1 0\n"
    found = analysed(made(text))
    assert found.well_covered == ("example.com/cover/inner: 100.0 % (9 of 9 statements)",)


def test_c72_same_input_same_order():
    changed = {"shapes.go": (range(1, 99),), "inner/inner.go": (range(1, 99),)}
    once = analysed(profile("go1.26.6"), profile("go1.26.6", "atomic"), changed=changed)
    again = analysed(
        profile("go1.26.6", "atomic"),
        profile("go1.26.6"),
        changed=dict(reversed(changed.items())),
    )
    assert once == again
