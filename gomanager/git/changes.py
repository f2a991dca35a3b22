"""All changed paths of a work tree, and the files as they are now."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from gomanager.git import base as bases
from gomanager.git import disk, objects, status
from gomanager.git.ahead import Ahead
from gomanager.git.change import GITLINK, Base, Change, Changes, NoBase
from gomanager.git.listing import Listing, by_folder, of_head
from gomanager.git.look import Look
from gomanager.git.repository import Repository

OWN = (".mage-x", "gomanager-report")
"""Folder names that magex and gomanager write, wherever they lie (row 0)."""


class Snapshot(Struct, frozen=True, kw_only=True):
    """The files as they are now: ``listing`` with the work tree, ``laid``, over it.

    ``read`` takes object ids of files and yields (id, bytes) in any order, missing ones left
    out; HEAD's and the base's blobs too: any object of the repository.
    """

    listing: Listing
    laid: Mapping[str, tuple[int, str] | None]
    """Mode and object id of each path that differs; ``None``: it is not there."""
    read: Callable[[Iterable[str]], Iterator[tuple[str, bytes]]]
    search: Callable[[Iterable[str], str], Callable[[], list[tuple[str, str]] | None]] | None = None
    """Looks for words below a folder in which nothing differs from ``listing``, beginning at once;
    ``None``: nobody can."""


def foresee(repository: Repository, ref: str | None) -> None:
    """Put the questions of :func:`collect` that need no look at the work tree, where neither
    settings nor a CI say otherwise: the repository keeps the answers."""
    base, _ = bases.resolve(repository, bases.Wanted(ref=ref))
    _committed(repository, base)


def collect(
    repository: Repository,
    wanted: bases.Wanted,
    *,
    look: Look | None = None,
    listed: Callable[[], Listing] | None = None,
    own: tuple[str, ...] = (),
) -> tuple[Changes, Snapshot]:
    """Compare with the base and read the tree.

    ``listed`` brings the files of HEAD. ``own``: further folders, relative to the root, that we write ourselves. Raises UsageError for
    an unknown explicit base.
    """
    look = look or Look(repository.git)
    look.settle()
    listed = listed or Ahead(lambda: of_head(repository)).result
    staged, head = look.staged, repository.head
    base, default = _base(repository, wanted, staged=staged)
    committed = _committed(repository, base)
    seen, ignored = status.seen(repository, look)
    raw = tuple(change for change in seen if not is_own(change.path, own))
    laid = raw if staged else status.hashed(repository, raw)
    changes = status.combined(committed, laid)
    left = tuple(path for path in ignored if not is_own(path, own))
    found = Changes(
        base=base if isinstance(base, Base) else None,
        reason=base.how if isinstance(base, Base) else base.reason,
        fix=None if isinstance(base, Base) else base.fix,
        fault=isinstance(base, NoBase) and base.fault,
        head=head,
        branch=repository.branch or wanted.branch,
        default=default,
        dirty=bool(laid),
        changes=tuple(change for change in changes if not is_own(change.path, own)),
        ignored=left,
    )
    return found, _snapshot(repository, listed(), laid, left, staged=staged)


def _base(
    repository: Repository, wanted: bases.Wanted, *, staged: bool
) -> tuple[Base | NoBase, bool]:
    if not staged or wanted.ref is not None:
        return bases.resolve(repository, wanted)
    if repository.head is None:
        return NoBase(reason="the repository has no commit yet"), False
    return Base(ref="HEAD", commit=repository.head, how="HEAD, staged changes only"), False


def _committed(repository: Repository, base: Base | NoBase) -> tuple[Change, ...]:
    if isinstance(base, NoBase) or repository.head is None:
        return ()
    commits = [commit for commit in (base.commit, *base.others) if commit != repository.head]
    return status.union(status.between(repository, commit, repository.head) for commit in commits)


def is_own(path: str, own: tuple[str, ...]) -> bool:
    """Row 0: what gomanager and magex write is no change, and does not make the tree dirty."""
    if any(f"/{name}/" in f"/{path}" for name in OWN):
        return True
    return any(path == folder or path.startswith(f"{folder}/") for folder in own)


def _snapshot(
    repository: Repository,
    listing: Listing,
    laid: tuple[Change, ...],
    ignored: tuple[str, ...],
    *,
    staged: bool,
) -> Snapshot:
    root = repository.root
    links = [row.path for row in listing.landmarks if row.mode == GITLINK]
    ignored = (*ignored, *(name for link in links for name in disk.below(root, link)))
    files: dict[str, tuple[int, str] | None] = {}
    on_disk: dict[str, str] = {}
    for change in laid:
        files[change.path] = None
        if change.new is not None:
            oid = change.new.oid or f"unreadable:{change.path}"
            files[change.path] = (change.new.mode, oid)
            if not staged:
                on_disk[oid] = change.path
    for path, mode, oid in disk.entries(root, ignored):
        files[path] = (mode, oid)
        on_disk[oid] = path
    return Snapshot(
        listing=listing,
        laid=files,
        read=_reader(repository, on_disk),
        search=None if staged else _searcher(repository),
    )


def _searcher(
    repository: Repository,
) -> Callable[[Iterable[str], str], Callable[[], list[tuple[str, str]] | None]]:
    def search(words: Iterable[str], below: str) -> Callable[[], list[tuple[str, str]] | None]:
        wanted = tuple(words)
        return Ahead(lambda: objects.lines(repository, wanted, below)).result

    return search


def _reader(
    repository: Repository, on_disk: dict[str, str]
) -> Callable[[Iterable[str]], Iterator[tuple[str, bytes]]]:
    def read(oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        stored = []
        for oid in oids:
            data = disk.read(repository.root, on_disk[oid]) if oid in on_disk else None
            if data is not None:
                yield oid, data
            elif oid not in on_disk:
                stored.append(oid)
        yield from objects.blobs(repository, stored)

    return read


def from_disk(root: Path, own: tuple[str, ...] = ()) -> Snapshot:
    """Without git: every file below ``root``, read from disk."""
    files = list(disk.entries(root, (p for p in disk.below(root) if not is_own(p, own))))
    places = {oid: path for path, _, oid in files}

    def read(oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for oid in oids:
            data = disk.read(root, places[oid])
            if data is not None:
                yield oid, data

    return Snapshot(listing=by_folder(files), laid={}, read=read)
