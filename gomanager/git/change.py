"""What differs from the base, path by path: values only, no git."""

from enum import StrEnum

from msgspec import Struct

from gomanager.regex import late

GITLINK = 0o160000
SOURCES = (".go", ".s")
_FOLLOWS = late(r"/(?:vendor|pkg/mod|[._][^/]*)/")


class Status(StrEnum):
    """How a path differs; a rename is a deletion and an addition (A10–A13, C6)."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    TYPE = "type"
    """A file became a link, a link a submodule …"""
    MODE = "mode"
    """Only the executable bit."""


class Origin(StrEnum):
    """Where the newest part of the difference lives (E8)."""

    COMMITTED = "committed"
    STAGED = "staged"
    UNSTAGED = "unstaged"
    UNTRACKED = "untracked"


class Side(Struct, frozen=True, kw_only=True):
    """A path in one tree; ``oid`` is empty for an unread file on disk."""

    mode: int
    oid: str


class Change(Struct, frozen=True, kw_only=True):
    """One path, relative to the repository root; ``old`` is its state at the base, if any."""

    path: str
    status: Status
    origin: Origin
    old: Side | None = None
    new: Side | None = None


class Base(Struct, frozen=True, kw_only=True):
    """The commit that the work is compared with, and how it was found.

    ``others`` are further merge bases: the changes are the union of the differences (E4).
    """

    ref: str
    commit: str
    how: str
    others: tuple[str, ...] = ()


class NoBase(Struct, frozen=True, kw_only=True):
    """Why there is nothing to compare with; everything is selected, and the report says so."""

    reason: str
    fix: str | None = None
    fault: bool = False


class Changes(Struct, frozen=True, kw_only=True):
    """All changed paths, sorted, and what they were found against.

    ``settled``: HEAD is a plain state of the default branch, there is no work of its own to test.
    """

    base: Base | None
    reason: str
    """How the base was found, or why there is none."""
    fix: str | None
    fault: bool
    head: str | None
    branch: str | None
    default: bool
    """HEAD is (a part of) the default branch."""
    dirty: bool
    changes: tuple[Change, ...]
    ignored: tuple[str, ...] = ()
    """Files on disk that git ignores and go may read (E9)."""

    @property
    def unseen(self) -> tuple[Change, ...]:
        """The ignored sources as additions: nobody knows what they were at the base.

        Of an ignored ``vendor/``, module cache or go.work no difference is suspected: they follow
        from other files. Hidden folders hold no package of ``./...``.
        """
        return tuple(
            Change(path=path, status=Status.ADDED, origin=Origin.UNTRACKED)
            for path in self.ignored
            if path.endswith(SOURCES) and not _FOLLOWS.search(f"/{path}")
        )


def status_of(old: Side | None, new: Side | None) -> Status | None:
    """What happened to a path between two states; ``None`` where they are equal."""
    if old is None or new is None:
        return None if old is new else Status.ADDED if old is None else Status.DELETED
    if old.mode >> 12 != new.mode >> 12:
        return Status.TYPE
    if old.oid != new.oid or not new.oid:
        return Status.MODIFIED
    return Status.MODE if old.mode != new.mode else None
