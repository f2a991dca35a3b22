"""What one configuration compiles of a graph in one context: packages, files, test functions."""

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from gomanager.golang.constraints import Configuration, condition, demanded, included
from gomanager.golang.memo import Table
from gomanager.golang.modules import Context, Module
from gomanager.golang.packages import LIB, GoFile, Group, Package

if TYPE_CHECKING:
    from gomanager.golang.graph import Graph


class Function(NamedTuple):
    """A top-level function that ``go test -list`` would print for the configuration."""

    name: str
    file: str
    """Path of the file, from the repository root."""
    line: int
    tagged: frozenset[str]
    """Tags of the configuration without which the file would not be compiled."""


class Compiled:
    """Nodes are directories of the tree, or ``@`` and an import path that is not in it."""

    def __init__(self, graph: "Graph", configuration: Configuration, context: Context) -> None:
        self.graph = graph
        self.configuration = configuration
        self.context = context
        self.resolver = graph.resolvers[context.key]
        self._included: dict[str, bool] = {"": True}
        self._files: dict[str, tuple[GoFile, ...]] = {}

    @cached_property
    def libraries(self) -> tuple[str, ...]:
        """Directories whose code the context can compile: of main, linked and vendored modules."""
        return self.resolver.directories

    @cached_property
    def packages(self) -> tuple[str, ...]:
        """What ``./...`` of the context's main modules matches: some file of it is compiled."""
        return tuple(
            place
            for main in self.context.mains
            for place in self.graph.members[main.dir]
            if self._groups(self.graph.packages[place])
        )

    def has_tests(self, node: str) -> bool:
        """Whether ``./...`` matches the package and some test file of it is compiled."""
        return node in self._tested

    @cached_property
    def _tested(self) -> frozenset[str]:
        packages = self.graph.packages
        return frozenset(
            place
            for place in self.packages
            if any(group.kind != LIB for group in self._groups(packages[place]))
        )

    @cached_property
    def tested(self) -> tuple[str, ...]:
        """Directories with a test binary, sorted."""
        return tuple(place for place in self.packages if place in self._tested)

    def files(self, place: str) -> tuple[GoFile, ...]:
        """Compiled Go files of a package directory."""
        found = self._files.get(place)
        if found is None:
            found = self._files[place] = self._compiled(place)
        return found

    def _compiled(self, place: str) -> tuple[GoFile, ...]:
        package = self.graph.packages.get(place)
        if package is None:
            return ()
        conditional = any(group.condition for group in package.groups)
        return tuple(
            file
            for file in package.files
            if file.header.package != "documentation"
            and (not conditional or self._holds(file.condition))
        )

    def compiles(self, path: str) -> bool:
        """Whether a Go file of the tree is compiled."""
        file = self.graph.file(path)
        return (
            file is not None
            and file.header.package != "documentation"
            and self._holds(file.condition)
        )

    def includes_name(self, name: str) -> bool:
        """Whether the suffix of a file that is no Go source lets it in (``x_windows.s``)."""
        return name[:1] not in "_." and self._holds(condition(name))

    def test_functions(self, place: str) -> tuple[Function, ...]:
        """Test functions of a package directory, by file and line."""
        package = self.graph.packages.get(place)
        key = package.key if package is not None else b""
        found = self._declared.get(place, key)
        if found is None:
            found = [
                (
                    test.name,
                    file.name,
                    test.line,
                    sorted(demanded(file.condition, self.configuration)),
                )
                for file in self.files(place)
                if file.is_test
                for test in file.header.tests
            ]
            self._declared.put(place, key, found)
        above = f"{place}/" if place else ""
        return tuple(
            [Function(name, above + file, line, frozenset(t)) for name, file, line, t in found]
        )

    @cached_property
    def _declared(self) -> Table:
        return self.graph.memo.table("test functions", self.configuration.words)

    def import_path(self, node: str) -> str:
        """Import path of a node."""
        return self.resolver.import_path(node)

    def node(self, import_path: str) -> str:
        """Node of an import path; of one outside the tree too."""
        node = self.resolver.node(import_path)
        return f"@{import_path}" if node is None else node

    def module(self, place: str) -> Module:
        """The module of a package directory."""
        return self.graph.module_by_dir[self.graph.packages[place].module or ""]

    def _holds(self, condition: str) -> bool:
        held = self._included.get(condition)
        if held is None:
            held = self._included[condition] = included(condition, self.configuration)
        return held

    def _groups(self, package: Package) -> tuple[Group, ...]:
        groups = package.summary.groups
        for group in groups:
            if not self._holds(group.condition):
                return tuple(g for g in groups if self._holds(g.condition))
        return groups
