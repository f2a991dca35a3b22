"""What a change calls for: packages and phases, each with its reasons."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from gomanager.git.change import Base
from gomanager.note import Note


def shown(path: str) -> str:
    """A path inside a sentence of ours: bytes that are no UTF-8 as escapes, so any sink takes it."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


class Mode(StrEnum):
    """How much was selected; ``NONE`` is success with the text "nothing affected"."""

    ALL = "all"
    SELECTED = "selected"
    NONE = "none"


class Edge(StrEnum):
    """How a package of a chain is reached from the one before it."""

    CHANGED = "changed"
    """The first link: the package that the changed path belongs to."""
    IMPORT = "import"
    TEST_IMPORT = "test import"
    EMBED = "embed"
    CGO = "cgo include"
    LINKNAME = "linkname"
    MODULE = "module"
    DATA = "data"
    MENTION = "mentioned"
    LEARNED = "learned"
    """Read by the tests when they last ran."""
    PROGRAM = "program"
    UNSEEN = "may import"
    """By a required module that is not at hand and may require ours (D25)."""
    GLOB = "phase glob"
    EXERCISES = "exercises"


class Link(Struct, frozen=True, kw_only=True):
    """A package (import path) and how the chain came to it."""

    package: str
    edge: Edge


class Reason(Struct, frozen=True, kw_only=True):
    """Why a package is selected: a row of the catalogue, a path, the way from one to the other.

    ``path`` is relative to the repository root; empty where no single path is the reason.
    """

    id: str
    path: str
    status: str
    chain: tuple[Link, ...]
    text: str


class SelectedPackage(Struct, frozen=True, kw_only=True):
    """A package to pass to ``go test``; ``module`` is its module's folder in the repository."""

    path: str
    module: str
    reasons: tuple[Reason, ...]
    build_only: bool = False
    seeds: int = 1
    """How many changed paths reach it; ``reasons`` holds the nearest ones."""


class Proved(Struct, frozen=True, kw_only=True):
    """The earlier result that spares a package."""

    package: str
    module: str
    commit: str | None
    dirty: bool
    """The work tree differed from the commit; its files were the same as now."""
    finished: datetime
    run: str
    duration_ms: int | None

    @property
    def text(self) -> str:
        """``proven green at 1a2b3c4d5e6f, run 0123456789ab``."""
        where = f"at {self.commit[:12]}" if self.commit else "outside of git"
        changes = " with uncommitted changes" if self.dirty and self.commit else ""
        return f"proven green {where}{changes}, run {self.run[:12]}"


class Skipped(Struct, frozen=True, kw_only=True):
    """Packages that a phase leaves out, by the word that says why; import paths, sorted."""

    unchanged: tuple[str, ...] = ()
    proved: tuple[str, ...] = ()
    not_in_phase: tuple[str, ...] = ()


class PhaseScope(Struct, frozen=True, kw_only=True):
    """One phase of the catalogue: whether the change calls for it, and with which packages."""

    name: str
    selected: bool
    why: tuple[str, ...]
    configuration: str
    packages: tuple[SelectedPackage, ...] = ()
    build_only: tuple[SelectedPackage, ...] = ()
    skipped: Skipped = Skipped()
    whole: bool = False
    """Nothing of what the phase holds is left out by the scope."""
    proofs: tuple[Proved, ...] = ()
    """Behind each package of ``skipped.proved`` and each build target that is spared."""
    doubts: tuple[tuple[str, str], ...] = ()
    """Selected packages (import paths) and why no earlier result spares them."""
    sampled: tuple[str, ...] = ()
    """Packages that would be skipped and run all the same: the shadow sample."""
    rebuild: tuple[str, ...] = ()
    """Included C files outside their package: go does not see their edits (C3)."""


class Scope(Struct, frozen=True, kw_only=True):
    """The answer for all phases; the same value is stored, shown and asked by ``why``."""

    base: Base | None
    head: str | None
    dirty: bool
    mode: Mode
    reason: str
    phases: tuple[PhaseScope, ...] = ()
    removed: tuple[str, ...] = ()
    unclaimed: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def packages(self) -> tuple[str, ...]:
        """Import paths of the test packages that the called phases would run."""
        return _union(p.packages for p in self.phases if p.selected)

    @property
    def build_only(self) -> tuple[str, ...]:
        """Reached packages without tests in any called phase: compiled by the same calls."""
        tested = set(self.packages)
        targets = _union(p.build_only for p in self.phases if p.selected)
        return tuple(path for path in targets if path not in tested)


def _union(groups: Iterable[tuple[SelectedPackage, ...]]) -> tuple[str, ...]:
    return tuple(sorted({package.path for group in groups for package in group}))
