"""What differs: between two commits, between HEAD, index and work tree."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from gomanager.errors import EnvironmentFault
from gomanager.git import disk
from gomanager.git.change import GITLINK, Change, Origin, Side, Status, status_of
from gomanager.git.command import records, text
from gomanager.git.early import STATUS
from gomanager.git.look import STAGED, Look
from gomanager.git.repository import Repository
from gomanager.process import Completed

_ABSENT = 0
_SOURCES = (".go", ".s", "go.mod", "go.work")
_READ_BY_GO = (*(ending.encode() for ending in _SOURCES), b"/")


def between(repository: Repository, old: str, new: str) -> tuple[Change, ...]:
    """Committed differences from ``old`` to ``new``, renames as two paths."""
    argv = ("diff-tree", "-r", "-z", "--no-renames", "--ignore-submodules=none", old, new)
    answer = _stdout(repository, repository.once(*argv), argv)
    return tuple(_raw(records(answer), Origin.COMMITTED))


def seen(repository: Repository, look: Look) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """What a look at the work tree shows: differences from HEAD, and ignored files that go may
    read (E9). New sides on disk are not hashed yet."""
    if not look.staged:
        return overlay(repository, _stdout(repository, look.seen.result(), STATUS))
    if repository.head is None:
        return overlay(repository, repository.git.ask(*STATUS))
    answer = _stdout(repository, look.seen.result(), STAGED)
    return tuple(_raw(records(answer), Origin.STAGED)), ()


def _stdout(repository: Repository, done: Completed, argv: tuple[str, ...]) -> bytes:
    """A failure is told by asking once more: it may have been the folder that we started in."""
    return done.stdout if done.returncode == 0 else repository.git.ask(*argv)


def _raw(rows: list[str], origin: Origin) -> Iterator[Change]:
    """``:100644 100755 OLD NEW M`` and the path, each in a record of its own."""
    for facts, path in zip(rows[::2], rows[1::2], strict=True):
        old_mode, new_mode, old_oid, new_oid, _ = facts[1:].split(" ")
        yield from _change(path, origin, _side(old_mode, old_oid), _side(new_mode, new_oid))


def _side(mode: str, oid: str) -> Side | None:
    number = int(mode, 8)
    return Side(mode=number, oid=oid) if number != _ABSENT else None


def _change(path: str, origin: Origin, old: Side | None, new: Side | None) -> Iterator[Change]:
    status = status_of(old, new)
    if status is not None:
        yield Change(path=path, status=status, origin=origin, old=old, new=new)


def overlay(repository: Repository, answer: bytes) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Differences from HEAD to the files on disk, and what git ignores of those that go may read.

    A folder that is a repository of its own and no submodule comes as its files: go reads them.
    """
    changes: dict[str, Change] = {}
    ignored: list[str] = []
    for row in answer.split(b"\0"):
        if row.startswith(b"! "):
            if row.endswith(_READ_BY_GO):
                ignored += _files(repository, text(row[2:]))
            continue
        for change in _record(repository, text(row)) if row else ():
            removed = changes.get(change.path)
            if removed is not None and removed.new is None:
                # Deleted in the index, and still there as an untracked file.
                change = replace(change, status=Status.MODIFIED, old=removed.old)
            changes[change.path] = change
    return tuple(changes.values()), tuple(ignored)


def _files(repository: Repository, path: str) -> Iterable[str]:
    """An ignored file; of an ignored folder that is a repository of its own, those that count."""
    if not path.endswith("/"):
        return (path,)
    inside = disk.below(repository.root, path.rstrip("/"))
    return (name for name in inside if name.endswith(_SOURCES))


def _record(repository: Repository, record: str) -> Iterator[Change]:
    """One line of ``git help status``, "Porcelain Format Version 2"."""
    match record[0]:
        case "1":
            _, xy, _, head, _, disk, old_oid, index_oid, path = record.split(" ", 8)
            yield from _tracked(xy, _side(head, old_oid), _disk(disk, xy, index_oid), path)
        case "u":
            fields = record.split(" ", 10)
            old = _side(fields[4], fields[8])
            yield from _tracked("UU", old, _side(fields[6], ""), fields[10])
        case "?":
            yield from _untracked(repository, record[2:])
        case _:
            return


def _disk(mode: str, xy: str, index_oid: str) -> Side | None:
    """What is on disk has the index's id where only the index differs from HEAD."""
    return _side(mode, index_oid if xy[1] == "." else "")


def _tracked(xy: str, old: Side | None, new: Side | None, path: str) -> Iterator[Change]:
    origin = Origin.STAGED if xy[1] == "." else Origin.UNSTAGED
    yield from _change(path, origin, old, new)


def _untracked(repository: Repository, path: str) -> Iterator[Change]:
    nested = path.endswith("/")
    names = disk.below(repository.root, path.rstrip("/")) if nested else iter((path,))
    for name in names:
        found = disk.mode(repository.root, name)
        if found is not None:
            yield from _change(name, Origin.UNTRACKED, None, Side(mode=found, oid=""))


def combined(committed: Iterable[Change], overlaid: Iterable[Change]) -> tuple[Change, ...]:
    """From the base to the disk: the base's old side, the disk's new side; equal ones vanish."""
    found = {change.path: change for change in committed}
    for change in overlaid:
        earlier = found.pop(change.path, None)
        old = earlier.old if earlier else change.old
        status = status_of(old, change.new)
        if status is not None:
            found[change.path] = replace(change, old=old, status=status)
    return tuple(found[path] for path in sorted(found))


def union(parts: Iterable[tuple[Change, ...]]) -> tuple[Change, ...]:
    """Differences from several merge bases to HEAD (E4): the first that has a path keeps it."""
    found: dict[str, Change] = {}
    for part in parts:
        for change in part:
            found.setdefault(change.path, change)
    return tuple(found.values())


def hashed(repository: Repository, changes: Iterable[Change]) -> tuple[Change, ...]:
    """The same changes with the object ids that a commit of the files would give them."""
    known = tuple(changes)
    files = [c.path for c in known if c.new and not c.new.oid and c.new.mode >> 12 == 0o10]
    found = _hash_files(repository, files)
    return tuple(_with_id(repository, change, found) for change in known)


def _with_id(repository: Repository, change: Change, files: dict[str, str]) -> Change:
    if change.new is None or change.new.oid or change.new.mode == GITLINK:
        return change
    oid = files.get(change.path)
    if oid is None:
        data = disk.read(repository.root, change.path)
        oid = disk.identity(data) if data is not None else ""
    new = replace(change.new, oid=oid)
    return replace(change, new=new, status=status_of(change.old, new) or Status.MODIFIED)


def _hash_files(repository: Repository, paths: list[str]) -> dict[str, str]:
    """``git hash-object`` applies the filters; its list is one path a line, so odd names go alone.

    A file that vanishes or cannot be read while we look gets no id.
    """
    plain = [path for path in paths if "\n" not in path and not path.startswith('"')]
    if not plain:
        return {}
    feed = "".join(f"{path}\n" for path in plain).encode("utf-8", "surrogateescape")
    try:
        answer = text(repository.git.ask("hash-object", "--stdin-paths", feed=feed))
    except EnvironmentFault:
        return {}
    return dict(zip(plain, answer.split(), strict=True))
