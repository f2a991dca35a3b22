"""One build configuration's look at a tree: what is tested in it, and what a phase holds of it."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from msgspec import Struct, field
from msgspec.structs import replace

from gomanager.golang.constraints import Configuration, demanded, included
from gomanager.golang.graph import Graph
from gomanager.inventory import PackageTests, package_tests, test_tags
from gomanager.partition import claimed
from gomanager.phases import Phase
from gomanager.places import file_matches, folder_matches, found_tags, integration_folder
from gomanager.selection.cause import Side


class World(Struct, frozen=True, kw_only=True, dict=True):
    """All contexts of a tree in one configuration."""

    graph: Graph
    configuration: Configuration
    _tests: dict[str, PackageTests] = field(default_factory=dict)

    @cached_property
    def sides(self) -> tuple[Side, ...]:
        """One for each context."""
        return tuple(Side(view=view) for view in self.graph.views(self.configuration))

    @cached_property
    def tested(self) -> Mapping[str, Side]:
        """Folders with a test binary, in order."""
        found = {place: side for side in self.sides for place in side.view.tested}
        return dict(sorted(found.items()))

    @cached_property
    def packages(self) -> Mapping[str, Side]:
        """Folders that ``./...`` of some module matches and compiles."""
        found = {place: side for side in self.sides for place in side.view.packages}
        return dict(sorted(found.items()))

    @cached_property
    def with_tests(self) -> tuple[str, ...]:
        """Folders that ``./...`` matches and that hold test files, compiled or not."""
        return tuple(
            place
            for side in self.sides
            for module in side.view.context.mains
            for place in self.graph.members.get(module.dir, ())
            if any(group.kind for group in self.graph.packages[place].groups)
        )

    @cached_property
    def kept(self) -> frozenset[str]:
        """Folders whose code some context can compile."""
        return frozenset().union(*(side.libraries for side in self.sides))

    def import_path(self, place: str) -> str:
        """Import path of a package folder, in the context that runs its tests."""
        side = self.packages.get(place) or self.sides[0]
        return side.view.import_path(place)

    def module_dir(self, place: str) -> str:
        """Folder of the module that a package is run in."""
        return self.graph.packages[place].module or ""

    def tests(self, place: str) -> PackageTests:
        """The test functions of a tested folder."""
        if place not in self._tests:
            view = self.tested[place].view
            (self._tests[place],) = package_tests(view, (place,), present=self._present)
        return self._tests[place]

    @cached_property
    def _present(self) -> tuple[str, ...]:
        return found_tags(["@integration"], test_tags(self.graph))

    def held(self, phase: Phase) -> tuple[str, ...]:
        """Tested folders of which the phase claims something."""
        memo, packages = self.graph.memo, self.graph.packages
        known = memo.table("held", phase.run, self.configuration.words, self._present)
        found = []
        for place in self.tested:
            holds = known.get(place, packages[place].key)
            if holds is None:
                holds = self._holds(phase, place)
                known.put(place, packages[place].key, holds)
            if holds:
                found.append(place)
        return tuple(found)

    def _holds(self, phase: Phase, place: str) -> bool:
        """Cheap answers first: looking at functions means decoding the files of the package."""
        run = phase.run
        inside = folder_matches(run.packages, place)
        conditional = self._tagged(place)
        if not conditional:
            # No tag can move a function of it from one phase to another: the folder decides.
            if not inside or not (run.files or run.tests or run.skip):
                return inside
        elif not inside and not integration_folder(place) and "@tagged" not in run.packages:
            return False
        if run.files and not self._any_file(run.files, place):
            return False
        package = self.tests(place)
        if not package.functions:
            return inside and not (run.files or run.tests)
        return next(claimed(phase, package), None) is not None

    def _any_file(self, patterns: tuple[str, ...], place: str) -> bool:
        """Whether some test file of the folder has a name that the phase takes."""
        names = (entry.path.rpartition("/")[2] for entry in self.graph.packages[place].entries)
        tests = [name for name in names if name.endswith("_test.go")]
        return "@tagged" in patterns or any(file_matches(patterns, name) for name in tests)

    def _tagged(self, place: str) -> bool:
        """Whether any constraint takes part: a tag may put functions into a phase of its own."""
        return any(group.condition for group in self.graph.packages[place].groups)

    def targets(self, phase: Phase) -> tuple[str, ...]:
        """Folders without tests in this configuration that the phase compiles when reached."""
        run = phase.run
        if run.files or run.tests:
            return ()
        return tuple(
            place
            for place in self.packages
            if place not in self.tested and folder_matches(run.packages, place)
        )

    def imports_of(self, place: str) -> frozenset[str]:
        """What the compiled files of a package import, tests included."""
        package = self.graph.packages.get(place)
        return frozenset(
            path
            for group in (package.groups if package is not None else ())
            if included(group.condition, self.configuration)
            for path in group.imports
        )

    def is_magefile(self, path: str) -> bool:
        """Whether a file is compiled by mage alone (A31)."""
        file = self.graph.file(path) if path.endswith(".go") else None
        if file is None or not file.condition or file.header.problem:
            return False
        mage = replace(self.configuration, tags=self.configuration.tags | {"mage"})
        return "mage" in demanded(file.condition, mage)

    def started_by(self, place: str, programs: Iterable[str]) -> str | None:
        """The first of the programs that a package starts: os/exec and a literal of that name."""
        side = self.packages.get(place)
        if side is None or "os/exec" not in self.imports_of(place):
            return None
        literals = {word for file in side.view.files(place) for word in file.header.literals}
        return next((program for program in programs if program in literals), None)
