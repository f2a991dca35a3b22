"""The files of a commit by folder, kept between runs: a start looks at few of a thousand folders.

The key is the commit, so what is kept cannot be outdated. Damage, another version or another
commit mean that git is asked.
"""

import marshal
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct, field

from gomanager import kept
from gomanager.git.change import GITLINK
from gomanager.git.objects import tree
from gomanager.git.repository import Repository

LINK = 0o120000
MODULE_FILES = ("go.mod", "go.work")

_VERSION = "listing-1"


class Row(NamedTuple):
    """One file; ``path`` counts from the root, undecodable bytes are surrogates."""

    path: str
    mode: int
    oid: str


class Listing(Struct, kw_only=True):
    """``folders`` maps a folder to its rows, marshalled; one that holds only folders is no key."""

    commit: str | None
    folders: dict[str, bytes]
    landmarks: tuple[Row, ...]
    """Links, submodules, go.mod, go.work: what the meaning of other paths depends on."""
    digests: dict[str, bytes] = field(default_factory=dict)
    """What the reader of the rows has made of a folder, for its own use."""
    path: Path | None = None
    """Where it is kept; ``None``: nowhere."""
    saved: int = 0
    """Number of digests on disk."""


def is_landmark(path: str, mode: int) -> bool:
    """Whether other paths depend on this one."""
    return mode in (LINK, GITLINK) or path.rpartition("/")[2] in MODULE_FILES


def by_folder(
    rows: Iterable[tuple[str, int, str]], commit: str | None = None, path: Path | None = None
) -> Listing:
    """Rows of a commit, or of no commit, as git or the disk lists them."""
    found: dict[str, list[tuple[str, int, str]]] = {}
    for row in rows:
        place = row[0].rpartition("/")[0]
        if place in found:
            found[place].append(row)
        else:
            found[place] = [row]
    landmarks = [row for held in found.values() for row in held if is_landmark(row[0], row[1])]
    folders = {place: marshal.dumps(held) for place, held in found.items()}
    known = tuple(map(Row._make, landmarks))
    return Listing(commit=commit, folders=folders, landmarks=known, path=path)


def of_head(repository: Repository, path: Path | None = None) -> Listing:
    """What git says of HEAD; ``path``: where to keep it."""
    head = repository.head
    return by_folder(tree(repository, head) if head else (), head, path)


def load(path: Path, commit: str | None) -> Listing | None:
    """What is kept of the commit."""
    try:
        found: Any = kept.load(path, _VERSION)
    except kept.Damaged:
        return None
    match found:
        case (str() as known, dict() as folders, list() as landmarks, dict() as digests):
            pass
        case _:
            return None
    if known != commit:
        return None
    return Listing(
        commit=commit,
        folders=folders,
        landmarks=tuple(map(Row._make, landmarks)),
        digests=digests,
        path=path,
        saved=len(digests),
    )


def save(known: Listing) -> None:
    """Keep it where something is new."""
    if known.path is None or known.commit is None or known.saved >= len(known.digests):
        return
    landmarks = list(map(tuple, known.landmarks))
    kept.save(known.path, _VERSION, (known.commit, known.folders, landmarks, known.digests))
