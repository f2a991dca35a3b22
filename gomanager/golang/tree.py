"""The files of one git tree, with the work tree laid over it, and how to read them."""

import marshal
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from posixpath import normpath
from typing import NamedTuple

REGULAR = 0o100644
LINK = 0o120000
SUBMODULE = 0o160000

MODULE_FILES = ("go.mod", "go.work")
_LINKS_IN_A_ROW = 40

Read = Callable[[Iterable[str]], Iterator[tuple[str, bytes]]]
"""Blob ids in, (id, content) out in any order; ids that cannot be read are left out."""


Search = Callable[[Iterable[str], str], Callable[[], Iterable[tuple[str, str]] | None]]
"""Words and a folder in; begins at once, and tells (path, line) of each line below the folder that
holds a word. ``None``: it cannot tell."""


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


def holder(place: str, dirs: Mapping[str, object] | frozenset[str]) -> str | None:
    """The deepest of ``dirs`` that holds a directory; None: none does."""
    if place in dirs:
        return place
    return next((above for above in ancestors(place) if above in dirs), None)


class Folders(Mapping[str, tuple[Entry, ...]]):
    """Entries by directory; directories that hold only directories are not keys.

    Values may be marshalled rows, which are decoded when somebody asks for them: a start looks at
    few of a thousand directories.
    """

    def __init__(self, found: Mapping[str, "bytes | tuple[Entry, ...]"]) -> None:
        self._found = dict(found)

    def __getitem__(self, place: str) -> tuple[Entry, ...]:
        found = self._found[place]
        if isinstance(found, bytes):
            found = self._found[place] = tuple(map(Entry._make, marshal.loads(found)))
        return found

    def __contains__(self, place: object) -> bool:
        return place in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def mentioning(self, *words: str) -> Iterator[str]:
        """Directories with one of the words in their entries, found without decoding them."""
        coded = tuple(word.encode() for word in words)
        for place, found in list(self._found.items()):
            if isinstance(found, bytes):
                if any(word in found for word in coded):
                    yield place
            elif any(word in entry.path for entry in found for word in words):
                yield place

    def changed(self, folders: Mapping[str, tuple[Entry, ...]]) -> "Folders":
        """With other contents of some directories; an empty one goes away."""
        found = {**self._found, **folders}
        return Folders({place: entries for place, entries in found.items() if entries})


class Files(Mapping[str, Entry]):
    """Entries by path, out of their directories."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._known: dict[str, dict[str, Entry]] = {}

    def __getitem__(self, path: str) -> Entry:
        place = folder(path)
        if place not in self._known:
            self._known[place] = {entry.path: entry for entry in self._folders.get(place, ())}
        return self._known[place][path]

    def __iter__(self) -> Iterator[str]:
        return (entry.path for place in self._folders for entry in self._folders[place])

    def __len__(self) -> int:
        return sum(len(self._folders[place]) for place in self._folders)


class Tree:
    """Entries and a way to read them; symbolic links are resolved inside the tree."""

    def __init__(self, entries: Iterable[Entry], read: Read) -> None:
        found: dict[str, list[Entry]] = {}
        for entry in entries:
            found.setdefault(folder(entry.path), []).append(entry)
        folders = Folders({place: tuple(sorted(entries)) for place, entries in found.items()})
        landmarks = (e for place in folders for e in folders[place] if is_landmark(e))
        self._set(folders, tuple(landmarks), {}, read)

    @classmethod
    def of_folders(
        cls,
        folders: Folders,
        landmarks: tuple[Entry, ...],
        digests: dict[str, bytes],
        read: Read,
    ) -> "Tree":
        """A tree whose directories are at hand already."""
        tree = cls.__new__(cls)
        tree._set(folders, landmarks, digests, read)
        return tree

    def _set(
        self,
        folders: Folders,
        landmarks: tuple[Entry, ...],
        digests: dict[str, bytes],
        read: Read,
    ) -> None:
        self.folders = folders
        self.landmarks = landmarks
        """Links, submodules, go.mod and go.work files: what other paths depend on."""
        self.digests = digests
        """Keys of the Go files of directories, empty where there are none; filled by the load."""
        self.read = read
        self.searcher: Search | None = None
        """Searches the tree that this one was before anything of it was changed."""
        self._touched: frozenset[str] = frozenset()
        self.known: dict[str, bytes] = {}
        """Small blobs that are at hand already: module files and targets of links."""

    def search(
        self, words: Iterable[str], below: str
    ) -> Callable[[], Iterable[tuple[str, str]] | None]:
        """Begins to look for words in the files below a folder; ``None`` comes of it where nobody
        can."""
        if self.searcher is None or any(path.startswith(f"{below}/") for path in self._touched):
            return lambda: None
        return self.searcher(words, below)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every file, by path."""
        return tuple(sorted(e for place in self.folders for e in self.folders[place]))

    @cached_property
    def files(self) -> Mapping[str, Entry]:
        """Entries by path."""
        return Files(self.folders)

    @cached_property
    def links(self) -> Mapping[str, str]:
        """Path of each symbolic link to its target text."""
        links = [entry for entry in self.landmarks if entry.mode == LINK]
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
        folders: dict[str, dict[str, Entry]] = {}
        for path, entry in changes.items():
            place = folder(path)
            if place not in folders:
                folders[place] = {e.path: e for e in self.folders.get(place, ())}
            if entry is not None:
                folders[place][path] = entry
            else:
                folders[place].pop(path, None)
        fresh = filter(None, changes.values())
        landmarks = [e for e in self.landmarks if e.path not in changes]
        tree = Tree.of_folders(
            self.folders.changed(
                {place: tuple(sorted(entries.values())) for place, entries in folders.items()}
            ),
            tuple(sorted([*landmarks, *filter(is_landmark, fresh)])),
            {place: key for place, key in self.digests.items() if place not in folders},
            self.read,
        )
        tree.known = self.known
        tree.searcher = self.searcher
        tree._touched = self._touched.union(changes)
        return tree


def is_landmark(entry: Entry) -> bool:
    """Whether the meaning of other paths depends on this one."""
    return entry.mode in (LINK, SUBMODULE) or entry.path.rpartition("/")[2] in MODULE_FILES


def _prefixes(path: str) -> list[str]:
    return list(ancestors(path))[::-1]
