"""One configuration's look at a graph in one context: which package leads to which."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from gomanager.golang.beyond import leading_back, suspected
from gomanager.golang.compiled import Compiled
from gomanager.golang.constraints import Configuration
from gomanager.golang.modules import Context
from gomanager.golang.packages import LIB, Group
from gomanager.golang.prebuilt import Prebuilt
from gomanager.golang.programs import examined, programs
from gomanager.golang.reach import Reach, Seed, reach

if TYPE_CHECKING:
    from gomanager.golang.graph import Graph

IMPORT = "import"
TEST_IMPORT = "test import"
LINKNAME = "linkname"
PROGRAM = "program"

_Edge = tuple[str, str]
_STARTING = frozenset("bpP")
"""Traits of code that builds or starts programs."""


class View(Compiled):
    """What is compiled, and what of it leads to what."""

    def __init__(self, graph: "Graph", configuration: Configuration, context: Context) -> None:
        super().__init__(graph, configuration, context)
        self._libs: dict[str, list[Group]] = {}
        self._read: dict[Seed, tuple[str, ...]] = {}

    @cached_property
    def imports(self) -> Mapping[str, tuple[_Edge, ...]]:
        """Node to (node, edge) of its non-test code; of nodes outside the tree what leads back."""
        return {**self.direct_imports, **self._back} if self._back else self.direct_imports

    @cached_property
    def suspected(self) -> Mapping[str, str]:
        """Nodes outside the tree that may import any package of it, for all we know (D25)."""
        return suspected(self, self.graph.store)

    @cached_property
    def _back(self) -> Mapping[str, tuple[_Edge, ...]]:
        return leading_back(self, self.graph.store)

    @cached_property
    def direct_imports(self) -> Mapping[str, tuple[_Edge, ...]]:
        """Directory to (node, edge) of its non-test code."""
        vendored = [p for p in self.libraries if self.graph.packages[p].vendored]
        return {**self.own_imports, **self._imports(vendored)} if vendored else self.own_imports

    @cached_property
    def own_imports(self) -> Mapping[str, tuple[_Edge, ...]]:
        """The same of first-party code alone: vendored code is most of a large tree."""
        forward = {**self._linking}
        for place, edges in self._linking.items():
            letters = "".join([group.traits for group in self._lib_groups(place)])
            if _STARTING.isdisjoint(letters):
                continue
            more: list[str] = []
            if "b" in letters and "t" not in letters and self._prebuilt.supports(place):
                more += [node for node, _ in self._programs(place, tests=False)]
            if "p" in letters or "P" in letters:
                more += self._prebuilt.of_library(place)
            if more:
                forward[place] = tuple(dict.fromkeys((*edges, *((n, PROGRAM) for n in more))))
        return forward

    @cached_property
    def _linking(self) -> Mapping[str, tuple[_Edge, ...]]:
        return self._imports(p for p in self.libraries if not self.graph.packages[p].vendored)

    @cached_property
    def _prebuilt(self) -> Prebuilt:
        return Prebuilt(self, self._linking)

    def _lib_groups(self, place: str) -> list[Group]:
        found = self._libs.get(place)
        if found is None:
            groups = self._groups(self.graph.packages[place])
            found = self._libs[place] = [group for group in groups if group.kind == LIB]
        return found

    def _imports(self, places: Iterable[str]) -> dict[str, tuple[_Edge, ...]]:
        forward: dict[str, tuple[_Edge, ...]] = {}
        pushed: dict[str, list[_Edge]] = {}
        for place in places:
            groups = self._lib_groups(place)
            edges = self._edges(groups, IMPORT)
            for target in self._linked(groups, place):
                edges = (*edges, (target, LINKNAME))
                pushed.setdefault(target, []).append((place, LINKNAME))
            if any("b" in group.traits and "t" in group.traits for group in groups):
                edges = (*edges, *self._programs(place, tests=False))
            forward[place] = edges
        for target, edges_back in pushed.items():  # A23: a push changes the other side too
            forward[target] = (*forward.get(target, ()), *edges_back)
        return forward

    @cached_property
    def test_imports(self) -> Mapping[str, tuple[_Edge, ...]]:
        """Directory to (node, edge) of its test binary, its own code left out."""
        forward = {}
        for place in self.tested:
            groups = [g for g in self._groups(self.graph.packages[place]) if g.kind != LIB]
            edges = self._edges(groups, TEST_IMPORT)
            if any("b" in group.traits for group in groups):
                edges = (*edges, *self._programs(place, tests=True))
            started = self._prebuilt.of_tests(place, [node for node, _ in edges])
            if started:
                edges = tuple(dict.fromkeys((*edges, *((node, PROGRAM) for node in started))))
            forward[place] = edges
        return forward

    @cached_property
    def foreign(self) -> Mapping[str, tuple[Seed, ...]]:
        """Programs of modules that this context does not link, to the nodes that start them."""
        known = frozenset(self.libraries)
        found: dict[str, list[Seed]] = {}
        for edges, test in ((self.own_imports, False), (self.test_imports, True)):
            for place, targets in edges.items():
                for node, edge in targets:
                    if edge == PROGRAM and node not in known and not node.startswith("@"):
                        found.setdefault(node, []).append(Seed(place, test))
        return {node: tuple(seeds) for node, seeds in found.items()}

    @cached_property
    def importers(self) -> Mapping[str, tuple[_Edge, ...]]:
        """Node to (importing directory, edge), sorted."""
        return _reversed(self.imports)

    @cached_property
    def test_importers(self) -> Mapping[str, tuple[_Edge, ...]]:
        """Node to (directory of the test binary, edge), sorted."""
        return _reversed(self.test_imports)

    @cached_property
    def _own_importers(self) -> Mapping[str, tuple[_Edge, ...]]:
        return _reversed(self.own_imports)

    def reach(self, seeds: Iterable[Seed]) -> Reach:
        """The reverse closure of the seeds."""
        wanted = tuple(seeds)
        # Vendored code is most of a large tree and leads back to our own code next to never.
        own = not (self._back or self.resolver.vendor_leads_back) and not any(
            seed.node.startswith("@") or self.resolver.is_vendored(seed.node) for seed in wanted
        )
        return reach(self, wanted, self._own_importers if own else self.importers)

    def _edges(self, groups: Sequence[Group], edge: str) -> tuple[_Edge, ...]:
        if len(groups) == 1:
            return self.resolver.edges(groups[0], edge)
        return tuple(dict.fromkeys(e for g in groups for e in self.resolver.edges(g, edge)))

    def _linked(self, groups: Iterable[Group], place: str) -> Iterable[str]:
        for group in groups:
            for target in group.linknames:
                node = self.resolver.symbol(target)
                if node is not None and node != place:
                    yield node

    @property
    def examined(self) -> Mapping[Seed, tuple[str, ...]]:
        """Nodes whose code runs or examines tests to the directories of these (row 9b)."""
        _ = self.own_imports, self.test_imports  # which find them out
        return self._read

    @cached_property
    def rehearsed(self) -> Mapping[str, tuple[Seed, ...]]:
        """The same the other way round."""
        found: dict[str, list[Seed]] = {}
        for seed, places in self.examined.items():
            for place in places:
                found.setdefault(place, []).append(seed)
        return {place: tuple(seeds) for place, seeds in found.items()}

    def _programs(self, place: str, *, tests: bool) -> tuple[_Edge, ...]:
        """What a package builds or examines, with what the tests of that import if they count."""
        files = [f for f in self.files(place) if f.is_test is tests and "builds" in f.header.flags]
        named = programs(self.graph, self.resolver, place, files)
        read = examined(self.graph, self.resolver, place, files)
        if not read:
            return tuple((node, PROGRAM) for node in named)
        self._read[Seed(place, tests)] = read
        groups = [g for p in read for g in self._groups(self.graph.packages[p]) if g.kind != LIB]
        nodes = dict.fromkeys((*named, *(n for n, _ in self._edges(groups, TEST_IMPORT))))
        nodes.pop(place, None)
        return tuple((node, PROGRAM) for node in nodes)


def _reversed(forward: Mapping[str, Iterable[_Edge]]) -> dict[str, tuple[_Edge, ...]]:
    backward: dict[str, list[_Edge]] = {}
    for place in sorted(forward):
        for node, edge in forward[place]:
            if node in backward:
                backward[node].append((place, edge))
            else:
                backward[node] = [(place, edge)]
    return {node: tuple(edges) for node, edges in backward.items()}
