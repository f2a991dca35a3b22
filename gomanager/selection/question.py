"""All that the selection is told, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gomanager.git.change import Changes
from gomanager.golang.constraints import Configuration
from gomanager.golang.graph import Graph
from gomanager.golang.modcache import ModuleCache
from gomanager.phases import Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store remembers; the default is an empty store."""

    last_green: str | None = None
    """Newest commit of the default branch with a complete green run."""
    red_phases: frozenset[str] = frozenset()
    """Red in the newest CI run of this branch, else in the newest run."""
    red_packages: frozenset[str] = frozenset()
    """Import paths that were red when they last ran on this branch (E16)."""


@dataclass(frozen=True, kw_only=True)
class Inquiry:
    """``base`` is the graph before the changes, ``configurations`` one for each phase's name."""

    changes: Changes
    head: Graph
    base: Graph | None
    phases: tuple[Phase, ...]
    configurations: Mapping[str, Configuration]
    known: Known = field(default_factory=Known)
    everything: bool = False
    """``--all``."""
    narrowed: bool = False
    """Packages stand behind ``--``: phases over everything have no place then."""
    names: frozenset[str] = frozenset()
    """``--phase``: just these, whatever their ``when`` says; empty: the catalogue decides."""
    store: ModuleCache | None = None
    """Sources of third-party modules; asked only when a module changed."""
    inert: tuple[str, ...] = ()
    unclaimed: str = "all"
    """``all`` or ``none``: what a path selects that no row knows."""
