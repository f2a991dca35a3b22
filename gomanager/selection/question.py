"""All that the selection is told, as one value."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from msgspec import Struct, field

from gomanager.git.change import Changes
from gomanager.golang.constraints import Configuration
from gomanager.golang.graph import Graph
from gomanager.golang.modcache import ModuleCache
from gomanager.phases import Phase
from gomanager.selection.ledger import Record
from gomanager.selection.scope import Reason
from gomanager.selection.world import World

More = Callable[[World], Iterable[tuple[str, Reason]]]


class Ledger(Protocol):
    """What the store answers; each method raises EnvironmentFault where it cannot."""

    def ledger(self, fingerprints: Iterable[str]) -> Mapping[str, tuple[Record, ...]]:
        """Rows by fingerprint, newest first."""
        ...

    def red_sources(self) -> Mapping[tuple[str, str, str], frozenset[str]]:
        """By (phase, module, package): ``sources`` of the fingerprints whose newest row is red."""
        ...

    def readers(self, paths: Iterable[str]) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """(module, import path) of the packages whose tests read these paths."""
        ...

    def variables(self) -> frozenset[tuple[str, str]]:
        """Name and digest of every variable that tests read when they were last green."""
        ...

    def variable_readers(self, wanted: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
        """(module, import path) of packages last green with one of these values, with its name."""
        ...

    def newest_records(self, module: str, path: str) -> tuple[Record, ...]:
        """The newest row of a package in each phase, whatever its fingerprint."""
        ...


class Known(Struct, frozen=True, kw_only=True):
    """What the store remembers; the default is an empty store."""

    last_green: str | None = None
    """Newest commit of the default branch with a complete green run."""
    red_phases: frozenset[str] = frozenset()
    """Red in the newest CI run of this branch, else in the newest run."""
    red_packages: frozenset[str] = frozenset()
    """Import paths that were red when they last ran on this branch (E16)."""
    green_phases: frozenset[str] | None = None
    """Phases that the run behind ``last_green`` left green; ``None``: not asked."""
    ledger: Ledger | None = None
    """What was recorded of fingerprints; ``None``: nothing."""
    complaint: str = ""
    """Why what is recorded cannot be used."""


class Inquiry(Struct, frozen=True, kw_only=True, dict=True):
    """``base`` is the graph before the changes, ``configurations`` one for each phase's name."""

    changes: Changes
    head: Graph
    base: Graph | None
    phases: tuple[Phase, ...]
    configurations: Mapping[str, Configuration]
    known: Known = field(default_factory=Known)
    everything: bool = False
    """``--all``."""
    unseen: tuple[str, str] | None = None
    """What decides about the code and was not looked at: row and reason; everything is selected."""
    narrowed: bool = False
    """Packages stand behind ``--``: phases over everything have no place then."""
    names: frozenset[str] = frozenset()
    """``--phase``: just these, whatever their ``when`` says; empty: the catalogue decides."""
    store: ModuleCache | None = None
    """Sources of third-party modules; asked only when a module changed."""
    inert: tuple[str, ...] = ()
    readers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Changed paths, or folders that hold them, to the packages whose tests read them (row 9)."""
    more: More | None = None
    """Folders of a world that run whatever the change reaches; ``None``: what was red (E16)."""
    unclaimed: str = "all"
    """``all`` or ``none``: what a path selects that no row knows."""
