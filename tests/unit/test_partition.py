"""No test function runs twice, none is lost."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import convert

from gomanager.config import Config
from gomanager.inventory import PackageTests
from gomanager.partition import Share, claimed, partition, unclaimed
from gomanager.phases import Phase, catalogue, named, with_found_tags
from gomanager.places import found_tags, integration_folder

SHIPPED = catalogue(Path("/nowhere"), Config())


class Function(NamedTuple):
    name: str
    file: str
    line: int = 1
    tagged: frozenset[str] = frozenset()


class File(NamedTuple):
    """One test file of a layout; it is compiled where all of ``needs`` and none of ``not_`` hold."""

    name: str
    functions: tuple[str, ...]
    needs: frozenset[str] = frozenset()
    not_: frozenset[str] = frozenset()

    def compiled(self, tags: frozenset[str]) -> bool:
        return self.needs <= tags and not self.not_ & tags


class Layout(NamedTuple):
    """Folder to its test files, and to the tags of its other files."""

    files: dict[str, tuple[File, ...]]
    library: Mapping[str, frozenset[str]] = MappingProxyType({})

    def seen(self, tags: frozenset[str]) -> list[PackageTests]:
        """What one configuration compiles; without a test file there is no package."""
        packages = []
        for folder, files in self.files.items():
            compiled = [file for file in files if file.compiled(tags)]
            functions = tuple(
                Function(name, f"{folder}/{file.name}", 1, file.needs & tags)
                for file in compiled
                for name in file.functions
            )
            if compiled:
                packages.append(
                    PackageTests(
                        path=f"example.com/m/{folder}",
                        dir=folder,
                        module_dir="",
                        functions=functions,
                        library_tags=self.library.get(folder, frozenset()),
                        untagged_only=self._untagged_only(folder, compiled, tags),
                    )
                )
        return packages

    def _untagged_only(
        self, folder: str, compiled: list[File], tags: frozenset[str]
    ) -> frozenset[str]:
        family = set(found_tags(["@integration"], self.tags))
        if family & tags or not integration_folder(folder):
            return frozenset()
        return frozenset(file.name for file in compiled if file.not_ & family)

    @property
    def tags(self) -> frozenset[str]:
        return frozenset(
            t for files in self.files.values() for f in files for t in f.needs | f.not_
        )


def shares(layout: Layout, phases: tuple[Phase, ...]) -> tuple[Share, ...]:
    real = with_found_tags(phases, layout.tags)
    return partition([(phase, layout.seen(frozenset(phase.run.tags))) for phase in real])


def ran(layout: Layout, share: Share) -> list[tuple[str, str, str]]:
    """What ``go test`` does with the -run or -skip list of each package."""
    seen = {package.path: package for package in layout.seen(frozenset(share.phase.run.tags))}
    result = []
    for assignment in share.packages:
        for function in seen[assignment.package].functions:
            wanted = not assignment.run or function.name in assignment.run
            if wanted and function.name not in assignment.skip:
                result.append((assignment.package, function.file, function.name))
    return result


def by_phase(layout: Layout, phases: tuple[Phase, ...] = SHIPPED) -> dict[str, list[str]]:
    return {
        share.phase.name: sorted({name for _, _, name in ran(layout, share)})
        for share in shares(layout, phases)
        if share.packages
    }


MIXED = Layout(
    files={
        "internal/gh": (
            File("gh_test.go", ("TestUnit",)),
            File("gh_live_test.go", ("TestLive",), frozenset({"integration"})),
            File("api_live_test.go", ("TestAPI",), frozenset({"integration"})),
        ),
        "test/integration": (
            File("network_test.go", ("TestNetwork", "ExampleDial")),
            File("advanced_test.go", ("TestAdvanced",), frozenset({"integration"})),
            File("complex_sync_test.go", ("TestComplex",)),
            File("other_test.go", ("TestOther",)),
        ),
        "internal/slow": (File("perf_test.go", ("TestFast",), frozenset({"performance"})),),
    }
)


def test_shipped_phases_divide_a_mixed_repository() -> None:
    without = tuple(phase for phase in SHIPPED if phase.name != "full-race")
    assert by_phase(MIXED, without) == {
        "unit-race": ["TestUnit"],
        "api": ["TestAPI"],
        "network": ["ExampleDial", "TestNetwork"],
        "workflows": ["TestComplex"],
        "advanced": ["TestAdvanced"],
        "integration": ["TestLive", "TestOther"],
        "performance": ["TestFast"],
    }


def test_full_race_takes_what_needs_no_tag() -> None:
    assert by_phase(MIXED)["full-race"] == [
        "ExampleDial",
        "TestComplex",
        "TestNetwork",
        "TestOther",
        "TestUnit",
    ]
    assert "unit-race" not in by_phase(MIXED)
    assert by_phase(MIXED)["integration"] == ["TestLive"]


def test_what_an_uncalled_phase_would_claim_falls_to_the_next() -> None:
    called = named(SHIPPED, ["unit-race", "integration"])
    assert by_phase(MIXED, called) == {
        "unit-race": ["TestUnit"],
        "integration": [
            "ExampleDial",
            "TestAPI",
            "TestAdvanced",
            "TestComplex",
            "TestLive",
            "TestNetwork",
            "TestOther",
        ],
    }


def test_the_shorter_of_run_and_skip() -> None:
    files = (
        File("a_test.go", tuple(f"TestA{n}" for n in range(9))),
        File("network_test.go", ("TestN",)),
    )
    layout = Layout(files={"test/e2e": files})
    parts = {s.phase.name: s.packages for s in shares(layout, SHIPPED[2:])}
    (network,), (integration,) = parts["network"], parts["integration"]
    assert (network.run, network.skip) == (("TestN",), ())
    assert (integration.run, integration.skip) == ((), ("TestN",))


def test_whole_package_needs_no_list() -> None:
    layout = Layout(files={"pkg/a": (File("a_test.go", ("TestA",)),)})
    (share,) = (share for share in shares(layout, SHIPPED) if share.packages)
    assert share.packages[0].whole
    assert share.packages[0].run == share.packages[0].skip == ()


def test_same_name_under_two_constraints_is_two_functions() -> None:
    files = (
        File("a_test.go", ("TestX",), not_=frozenset({"integration"})),
        File("b_test.go", ("TestX",), needs=frozenset({"integration"})),
    )
    result = by_phase(Layout(files={"pkg/a": files}), named(SHIPPED, ["unit-race", "integration"]))
    assert result == {"unit-race": ["TestX"], "integration": ["TestX"]}


def test_same_name_in_package_and_external_test_runs_once() -> None:
    files = (File("retry_test.go", ("TestX",)), File("z_test.go", ("TestX", "TestY")))
    result = by_phase(Layout(files={"test/e2e": files}), named(SHIPPED, ["network", "integration"]))
    assert result == {"network": ["TestX"], "integration": ["TestY"]}


def test_tagged_library_is_another_program() -> None:
    """Where code carries the tag too, every test of the package runs with the tag as well."""
    files = (
        File("a_test.go", ("TestA",)),
        File("b_test.go", ("TestB",), needs=frozenset({"integration"})),
    )
    layout = Layout(files={"pkg/a": files}, library={"pkg/a": frozenset({"integration"})})
    assert by_phase(layout, named(SHIPPED, ["unit-race", "integration"])) == {
        "unit-race": ["TestA"],
        "integration": ["TestA", "TestB"],
    }


def test_what_the_tag_takes_out_stays_with_the_untagged_phase() -> None:
    files = (
        File("hint_test.go", ("TestHint",), not_=frozenset({"integration"})),
        File("b_test.go", ("TestB",), needs=frozenset({"integration"})),
        File("c_test.go", ("TestC",)),
    )
    layout = Layout(files={"test/integration": files})
    assert by_phase(layout, named(SHIPPED, ["unit-race", "integration"])) == {
        "unit-race": ["TestHint"],
        "integration": ["TestB", "TestC"],
    }


def test_package_without_functions_is_compiled_once() -> None:
    """A33: somebody must compile it, and one is enough."""
    layout = Layout(files={"pkg/a": (File("export_test.go", ()),)})
    assert [s.phase.name for s in shares(layout, SHIPPED) if s.packages] == ["full-race"]
    called = named(SHIPPED, ["unit-race", "integration", "performance"])
    assert [s.phase.name for s in shares(layout, called) if s.packages] == ["unit-race"]


def test_no_integration_tag_leaves_ordinary_packages_alone() -> None:
    """A phase with ``@integration`` in a repository without such a tag takes folders only."""
    phase = convert({"name": "mine", "run": {"tags": ["@integration"]}}, Phase)
    files = {"pkg/a": (File("a_test.go", ("TestA",)),), "e2e": (File("b_test.go", ("TestB",)),)}
    assert by_phase(Layout(files=files), (phase,)) == {"mine": ["TestB"]}


def test_project_tag_phase_takes_tagged_files_only() -> None:
    phase = convert({"name": "db", "run": {"tags": ["db"]}}, Phase)
    files = (
        File("a_test.go", ("TestA",)),
        File("b_test.go", ("TestB",), needs=frozenset({"db"})),
    )
    layout = Layout(files={"pkg/a": files, "test/integration": files})
    assert by_phase(layout, (phase,)) == {"db": ["TestB"]}


def test_explicit_packages_are_taken_whole() -> None:
    """A project that builds everything with a tag loses no test by saying so."""
    phase = convert({"name": "unit", "run": {"tags": ["db"], "packages": ["..."]}}, Phase)
    files = (
        File("a_test.go", ("TestA",)),
        File("b_test.go", ("TestB",), needs=frozenset({"db"})),
    )
    assert by_phase(Layout(files={"pkg/a": files}), (phase,)) == {"unit": ["TestA", "TestB"]}


def test_tests_and_skip_are_patterns_of_names() -> None:
    run = {"tests": "^TestSmoke|^Fuzz", "skip": "Slow$", "packages": ["..."]}
    phase = convert({"name": "smoke", "run": run}, Phase)
    names = ("TestSmokeA", "TestSmokeSlow", "FuzzX", "TestOther")
    (package,) = Layout(files={"a": (File("a_test.go", names),)}).seen(frozenset())
    assert [function.name for function in claimed(phase, package)] == ["TestSmokeA", "FuzzX"]


def test_unclaimed_functions_are_named() -> None:
    real = with_found_tags(named(SHIPPED, ["unit-race", "network"]), MIXED.tags)
    called = [(phase, MIXED.seen(frozenset(phase.run.tags))) for phase in real]
    left = unclaimed(called, MIXED.seen(MIXED.tags))
    assert {package.dir: [f.name for f in functions] for package, functions in left} == {
        "internal/gh": ["TestLive", "TestAPI"],
        "test/integration": ["TestAdvanced", "TestComplex", "TestOther"],
        "internal/slow": ["TestFast"],
    }


FOLDERS = ["a", "internal/net", "test/integration", "e2e", "tests/e2e-tests/deep", "system"]
STEMS = ["net", "network", "api_client", "workflow", "multi", "bench", "misc", "retry_perf"]
TAGS = ["integration", "e2e", "performance", "custom"]


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    files: dict[str, tuple[File, ...]] = {}
    for folder in draw(st.lists(st.sampled_from(FOLDERS), min_size=1, max_size=4, unique=True)):
        stems = draw(st.lists(st.sampled_from(STEMS), min_size=1, max_size=4, unique=True))
        files[folder] = tuple(
            File(
                f"{stem}_test.go",
                tuple(f"Test{stem.title()}{n}" for n in range(draw(st.integers(0, 3)))),
                draw(st.frozensets(st.sampled_from(TAGS), max_size=1)),
                draw(st.frozensets(st.sampled_from(TAGS), max_size=1)),
            )
            for stem in stems
        )
    return Layout(files=files)


def custom(draw: st.DrawFn) -> Phase:
    run = {
        "packages": draw(st.lists(st.sampled_from(["...", "**/e2e", "!a", "@tagged", "a"]))),
        "files": draw(
            st.lists(st.sampled_from(["*net*_test.go", "@tagged", "!*api*"]), max_size=2)
        ),
        "tests": draw(st.sampled_from(["", "1$", "^TestM"])),
        "skip": draw(st.sampled_from(["", "2$"])),
        "tags": draw(st.lists(st.sampled_from(["custom", "@integration"]), max_size=2)),
    }
    return convert({"name": "custom", "order": draw(st.integers(0, 90)), "run": run}, Phase)


@settings(max_examples=150, deadline=None)
@given(st.data(), layouts())
def test_nothing_runs_twice_and_nothing_is_lost(data: st.DataObject, layout: Layout) -> None:
    pool = [*SHIPPED, data.draw(st.composite(custom)())]
    called = data.draw(st.lists(st.sampled_from(pool), unique_by=lambda p: p.name))
    phases = with_found_tags(sorted(called, key=lambda p: p.order), layout.tags)
    parts = partition([(p, layout.seen(frozenset(p.run.tags))) for p in phases])

    count = Counter(key for share in parts for key in ran(layout, share))
    assert [key for key, times in count.items() if times > 1] == []

    for share in parts:
        for assignment in share.packages:
            mine = {name for path, _, name in ran(layout, share) if path == assignment.package}
            assert mine == assignment.functions

    seen = [(p, layout.seen(frozenset(p.run.tags))) for p in phases]
    compiled = {
        (package.path, function.file, function.name)
        for _, packages in seen
        for package in packages
        for function in package.functions
    }
    everything = [package for _, packages in seen for package in packages]
    left = {
        (package.path, function.file, function.name)
        for package, functions in unclaimed(seen, everything)
        for function in functions
    }
    assert set(count) | left == compiled
    assert not set(count) & left


@settings(max_examples=100, deadline=None)
@given(layouts())
def test_the_whole_catalogue_runs_what_go_test_would(layout: Layout) -> None:
    phases = with_found_tags(SHIPPED, layout.tags)
    for left_out in ("full-race", "unit-race"):
        called = [p for p in phases if p.name != left_out and p.name != "performance"]
        parts = partition([(p, layout.seen(frozenset(p.run.tags))) for p in called])
        done = {key for share in parts for key in ran(layout, share)}
        expected = {
            (package.path, function.file, function.name)
            for phase in called
            for package in layout.seen(frozenset(phase.run.tags))
            for function in package.functions
        }
        assert done == expected
