"""The shape of ``gomanager.scope/1`` as types; ``scopedocument`` fills it."""

from typing import Literal

import msgspec

from gomanager.results import Severity
from gomanager.selection.scope import Edge


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """What the work is compared with."""

    ref: str
    commit: str
    how: str


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A package and how the chain came to it."""

    package: str
    edge: Edge


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """``id`` is the row of the selection's catalogue; no single path or status: empty texts."""

    id: str
    path: str
    status: Literal["added", "modified", "deleted", "type", "mode", ""]
    text: str
    chain: tuple[Link, ...]


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """A package to pass to go test; ``module`` is its module's folder, ``.`` for the root."""

    path: str
    module: str
    reasons: tuple[Reason, ...]


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """Import paths that a phase leaves out."""

    unchanged: tuple[str, ...]
    proved: tuple[str, ...]
    not_in_phase: tuple[str, ...]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """The earlier result that spares a package, or a build target; ``finished``: RFC 3339."""

    package: str
    module: str
    commit: str | None
    dirty: bool
    run: str
    finished: str
    duration_ms: int | None


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one phase."""

    name: str
    selected: bool
    why: tuple[str, ...]
    configuration: str
    packages: tuple[Package, ...]
    build_only: tuple[Package, ...]
    skipped: Skipped
    proofs: tuple[Proof, ...]


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What the selection noticed."""

    severity: Severity
    kind: str
    title: str
    text: str


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """gomanager.scope/1"""

    schema: Literal["gomanager.scope/1"]
    base: Base | None
    head: str | None
    dirty: bool
    mode: Literal["all", "selected", "none"]
    reason: str
    packages: tuple[str, ...]
    build_only: tuple[str, ...]
    removed: tuple[str, ...]
    unclaimed: tuple[str, ...]
    phases: tuple[Phase, ...]
    notes: tuple[Note, ...]
