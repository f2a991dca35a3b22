"""The files of one git tree, with the work tree laid over it, and how to read them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from posixpath import normpath
from typing import NamedTuple

REGULAR = 0o100644
LINK = 0o120000
SUBMODULE = 0o160000

_LINKS_IN_A_ROW = 40

Read = Callable[[Iterable[str]], Iterator[tuple[str, bytes]]]
"""Blob ids in, (id, content) out in any order; ids that cannot be read are left out."""


class Entry(NamedTuple):
    """One file; a tuple because a listing makes thousands of them on the hot path.

    ``path`` is relative to the repository root, undecodable bytes as surrogates.
    """

    path: str
    mode: int
    oid: str


def folder(path: str) -> str:
    """Directory of a path; the root of the repository is the empty string."""
    return path.rpartition("/")[0]


def ancestors(path: str) -> Iterator[str]:
    """Directories above a path, the nearest first, the root last."""
    while path:
        path = path.rpartition("/")[0]
        yield path


class Tree:
    """Entries and a way to read them; symbolic links are resolved inside the tree."""

    def __init__(self, entries: Iterable[Entry], read: Read) -> None:
        self.entries = tuple(entries)
        self.read = read
        self.known: dict[str, bytes] = {}
        """Small blobs that are at hand already: module files and targets of links."""

    @cached_property
    def files(self) -> Mapping[str, Entry]:
        """Entries by path."""
        return {entry.path: entry for entry in self.entries}

    @cached_property
    def folders(self) -> Mapping[str, tuple[Entry, ...]]:
        """Entries by directory; directories that hold only directories are not keys."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            place = entry[0].rpartition("/")[0]
            if place in found:
                found[place].append(entry)
            else:
                found[place] = [entry]
        return {place: tuple(entries) for place, entries in found.items()}

    @cached_property
    def links(self) -> Mapping[str, str]:
        """Path of each symbolic link to its target text."""
        links = [entry for entry in self.entries if entry.mode == LINK]
        texts = self.texts(entry.oid for entry in links)
        return {
            entry.path: texts[entry.oid].decode("utf-8", "surrogateescape")
            for entry in links
            if entry.oid in texts
        }

    def resolve(self, path: str) -> str | None:
        """Where a path leads with every link on the way followed; None outside the tree."""
        if not self.links:
            return path
        for _ in range(_LINKS_IN_A_ROW):
            link = next((p for p in (*_prefixes(path), path) if p in self.links), None)
            if link is None:
                return path
            target = self.links[link]
            joined = normpath(f"{folder(link)}/{target}{path[len(link) :]}".lstrip("/"))
            if target.startswith("/") or joined.startswith("../") or joined == "..":
                return None
            path = "" if joined == "." else joined
        return None

    def texts(self, oids: Iterable[str]) -> Mapping[str, bytes]:
        """Contents of small blobs, read once; what cannot be read is left out."""
        wanted = frozenset(oids)
        missing = wanted.difference(self.known)
        if missing:
            self.known.update(self.read(sorted(missing)))
        return {oid: self.known[oid] for oid in wanted if oid in self.known}

    def content(self, path: str) -> bytes | None:
        """Bytes of one file, links followed."""
        place = self.resolve(path)
        entry = self.files.get(place) if place is not None else None
        if entry is None or entry.mode == SUBMODULE:
            return None
        return self.texts((entry.oid,)).get(entry.oid)

    def changed(self, changes: Mapping[str, Entry | None]) -> "Tree":
        """The tree with some entries replaced or added, and others (None) taken away."""
        kept = [entry for entry in self.entries if entry.path not in changes]
        tree = Tree([*kept, *filter(None, changes.values())], self.read)
        tree.known = self.known
        return tree


def _prefixes(path: str) -> list[str]:
    return list(ancestors(path))[::-1]
