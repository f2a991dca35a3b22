"""How a changed path enters the graph: one cause at a time, and the trees it is looked up in."""

from dataclasses import dataclass
from functools import cached_property

from gomanager.golang.graph import Graph
from gomanager.golang.mentions import Mentions
from gomanager.golang.reach import Seed
from gomanager.golang.view import View
from gomanager.selection.scope import Edge


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A changed path and the node that it makes different; ``path`` may be empty."""

    seed: Seed
    id: str
    path: str
    status: str
    edge: Edge
    text: str


Claims = set[str]
"""Changed paths that some row knows; the others are ``unclaimed`` (row 12)."""


@dataclass(frozen=True, kw_only=True)
class Side:
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
