"""How a changed path enters the graph: one cause at a time, and the trees it is looked up in."""

from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from gomanager.git.change import Change
from gomanager.golang.graph import Graph
from gomanager.golang.mentions import Mentions
from gomanager.golang.reach import Seed
from gomanager.golang.view import View
from gomanager.selection.scope import Edge


class Cause(Struct, frozen=True, kw_only=True):
    """A changed path and the node that it makes different; ``path`` may be empty."""

    seed: Seed
    id: str
    path: str
    status: str
    edge: Edge
    text: str


Claims = set[str]
"""Changed paths that some row knows; the others are ``unclaimed`` (row 12)."""


class Side(Struct, frozen=True, kw_only=True, dict=True):
    """One tree in one configuration and context, with what is worked out of it only once."""

    view: View

    @property
    def graph(self) -> Graph:
        """The tree's packages."""
        return self.view.graph

    @cached_property
    def libraries(self) -> frozenset[str]:
        """Folders whose code the context can compile."""
        return frozenset(self.view.libraries)

    @cached_property
    def mentions(self) -> Mentions:
        """Files that sources name (row 9a)."""
        return Mentions(self.view)


def whole(head: Side, place: str, change: Change, row: str, text: str) -> Iterator[Cause]:
    """Every package below the module's folder; what belongs to other modules stays out."""
    for package in head.graph.packages.values():
        inside = package.dir == place or package.dir.startswith(f"{place}/") or not place
        if package.module != place and not (row == "D19" and inside):
            continue
        if package.dir in head.libraries:
            yield by_module(Seed(package.dir), row, change, text)
        if head.view.has_tests(package.dir):
            yield by_module(Seed(package.dir, test=True), row, change, text)


def by_module(seed: Seed, row: str, change: Change, text: str) -> Cause:
    """A cause that a module file is."""
    return Cause(
        seed=seed,
        id=row,
        path=change.path,
        status=change.status.value,
        edge=Edge.MODULE,
        text=text,
    )
