"""The reverse closure: which packages and test binaries a set of seeds reaches, and by what chain."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from msgspec import Struct


class Seed(NamedTuple):
    """Where a change enters the graph: ``lib`` code of a package, or only its test binary.

    ``node`` is a directory of the tree, or ``@`` and an import path outside it.
    """

    node: str
    test: bool = False


class Link(NamedTuple):
    """One step of a chain; ``edge`` says how the package is reached from the one before it."""

    package: str
    edge: str


class Edges(Protocol):
    """What a closure needs of a view."""

    @property
    def test_importers(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Node to (directory, edge) of the test binaries that reach it in one hop, sorted."""

    def has_tests(self, node: str) -> bool: ...

    def import_path(self, node: str) -> str: ...


Parent = tuple[str | None, str]
"""Node and edge; ``None`` at a seed, since the empty name is the root folder's."""
_START: Parent = (None, "")


class Reach(Struct, frozen=True, kw_only=True, dict=True):
    """Reached nodes with their parents: (parent, edge)."""

    edges: Edges
    lib: Mapping[str, Parent]
    """Nodes whose non-test code may differ, in order of distance."""
    tests: Mapping[str, Parent]
    """Directories of the test binaries; the parent is a lib node, their own one included."""

    def chain(self, place: str) -> tuple[Link, ...]:
        """The shortest way from a seed to a test binary, ties broken by name."""
        parent, edge = self.tests[place]
        if parent is None:
            return (Link(self.edges.import_path(place), "test"),)
        chain = self.lib_chain(parent)
        return chain if parent == place else (*chain, Link(self.edges.import_path(place), edge))

    def lib_chain(self, node: str) -> tuple[Link, ...]:
        """The shortest way from a seed to a package's non-test code."""
        links = []
        place: str | None = node
        while place is not None:
            parent, edge = self.lib[place]
            links.append(Link(self.edges.import_path(place), edge))
            place = parent
        return tuple(reversed(links))


def reach(
    edges: Edges, seeds: Iterable[Seed], importers: Mapping[str, tuple[tuple[str, str], ...]]
) -> Reach:
    """Breadth first over lib nodes, then one hop to test binaries; no edge leaves a test.

    ``importers``: node to (importing node, edge) over non-test edges, sorted.
    """
    ordered = sorted(set(seeds))
    lib: dict[str, Parent] = {seed.node: _START for seed in ordered if not seed.test}
    level = list(lib)
    while level:
        following: list[str] = []
        for node in level:
            for importer, edge in importers.get(node, ()):
                if importer not in lib:
                    lib[importer] = (node, edge)
                    following.append(importer)
        level = sorted(following)
    return Reach(edges=edges, lib=lib, tests=_tests(edges, ordered, lib))


def _tests(edges: Edges, seeds: Iterable[Seed], lib: Mapping[str, Parent]) -> dict[str, Parent]:
    tests: dict[str, Parent] = {
        seed.node: _START for seed in seeds if seed.test and edges.has_tests(seed.node)
    }
    for node in lib:
        if edges.has_tests(node):
            tests.setdefault(node, (node, ""))
        for importer, edge in edges.test_importers.get(node, ()):
            tests.setdefault(importer, (node, edge))
    return tests
