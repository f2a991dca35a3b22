"""Files outside the Go sources that cgo and assembly reach: includes, flag folders, libraries."""

from collections.abc import Iterable, Iterator
from posixpath import normpath
from typing import TYPE_CHECKING

from gomanager.golang.header import NO_CGO
from gomanager.golang.packages import LIB, Package
from gomanager.golang.reach import Seed
from gomanager.golang.tree import Entry, folder

if TYPE_CHECKING:
    from gomanager.golang.view import View

ASSEMBLY = (".s", ".S", ".sx")
C_FAMILY = (
    ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx", ".f", ".F", ".for", ".f90",
    ".swig", ".swigcxx", ".syso",
)  # fmt: skip
COMPILED = (*ASSEMBLY, *C_FAMILY)
"""Endings that the go command compiles or hashes with a package (C1, C2)."""


def sources(view: "View", place: str) -> tuple[Entry, ...]:
    """Assembly, C-family and object files that the go command compiles with a package.

    Constraint lines inside them are not read: more files, never fewer.
    """
    return tuple(
        entry
        for entry in view.graph.packages[place].other
        if entry.path.endswith(COMPILED) and view.includes_name(_base(entry.path))
    )


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def includers(view: "View", path: str) -> tuple[Seed, ...]:
    """Packages that reach a path by ``#include``, by a flag or by ``${SRCDIR}`` (C3)."""
    return tuple(
        Seed(place)
        for place in view.libraries
        if may_include(view.graph.packages[place]) and _reaches(view, place, path)
    )


def unhashed(view: "View") -> frozenset[str]:
    """Files of the tree that our own packages include and go does not hash: it takes objects that
    were built of an older state of them for good, whatever else changed since."""
    packages, files = view.graph.packages, view.graph.tree.files
    return frozenset(
        path
        for place in view.libraries
        if not packages[place].vendored and may_include(packages[place])
        for path in included(view, place)
        if path in files
    )


def may_include(package: Package) -> bool:
    """Whether a package has cgo or assembly files, which may include others."""
    if any(group.kind == LIB and "c" in group.traits for group in package.groups):
        return True
    return any(entry.path.endswith(ASSEMBLY) for entry in package.entries)


def _reaches(view: "View", place: str, path: str) -> bool:
    if path in included(view, place):
        return True
    return any(at not in ("", place) and path.startswith(f"{at}/") for at in _folders(view, place))


def included(view: "View", place: str) -> frozenset[str]:
    """Paths that the package's C, assembly and cgo preambles include, and those would-be paths
    of ``"…"`` includes that do not exist; what go compiles or hashes anyway is left out."""
    tree, folders = view.graph.tree, tuple(_folders(view, place))
    wanted = [
        (place, name)
        for file in view.files(place)
        if not file.is_test and file.header.cgo is not NO_CGO
        for name in (*file.header.cgo.includes, *file.header.cgo.files)
    ]
    sources = [e.path for e in view.graph.packages[place].entries if e.path.endswith(COMPILED[:-1])]
    if not (wanted or sources):
        return frozenset()
    from gomanager.golang.cgo import read_includes

    found: set[str] = set()
    read: set[str] = set()
    while wanted or sources:
        for at, name in wanted:
            for candidate in _candidates(at, name, (place, *folders)):
                found.add(candidate)
                if candidate in tree.files and candidate not in read:
                    sources.append(candidate)
        wanted = []
        fresh = [source for source in dict.fromkeys(sources) if source not in read]
        read.update(fresh)
        sources = []
        oids = {tree.files[source].oid: source for source in fresh}
        for oid, data in tree.texts(oids).items():
            wanted.extend((folder(oids[oid]), name) for name in read_includes(data))
    return frozenset(
        path
        for path in found
        if folder(path) != place or path not in tree.files or not path.endswith(COMPILED)
    )


def _candidates(at: str, name: str, folders: Iterable[str]) -> Iterator[str]:
    for start in dict.fromkeys((at, *folders)):
        path = normpath(f"{start}/{name}" if start else name)
        if not path.startswith(("../", "/")):
            yield path


def _folders(view: "View", place: str) -> Iterator[str]:
    for file in view.files(place):
        for name in file.header.cgo.folders:
            path = normpath(f"{place}/{name}" if place else name)
            if not name.startswith("/") and not path.startswith("../"):
                yield "" if path == "." else path
