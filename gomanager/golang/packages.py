"""Packages of a tree: the files of one directory, with the imports of each group of files.

The hot path of a load works on whole directories: a directory whose Go files are the ones of an
earlier load is one record of the cache, and its file headers are decoded only when asked for.
"""

import marshal
from collections.abc import Iterable
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol

from gomanager.golang.constraints import condition
from gomanager.golang.header import ABOVE, NO_CGO, Cgo, Declaration, Header
from gomanager.golang.tree import Entry, Tree, holder

LIB = 0
TEST = 1
XTEST = 2


_NO_CGO = tuple(NO_CGO)
_LETTERS = {"builds": "b", "debug": "g", "generate": "G", "starts": "p", "places": "P"}


class GoFile(NamedTuple):
    """One Go file of a package; ``name`` has no directory."""

    name: str
    oid: str
    header: Header

    @property
    def is_test(self) -> bool:
        """True for ``_test.go`` files."""
        return self.name.endswith("_test.go")

    @property
    def kind(self) -> int:
        """LIB, TEST or XTEST."""
        if not self.name.endswith("_test.go"):
            return LIB
        return XTEST if self.header.package.endswith("_test") else TEST

    @property
    def condition(self) -> str:
        """The constraint expression of name and header together."""
        return condition(self.name, self.header.constraint, cgo=self.header.uses_cgo)


class Group(NamedTuple):
    """Files of one kind under one condition: what they import together."""

    kind: int
    condition: str
    imports: tuple[str, ...]
    linknames: tuple[str, ...]
    traits: str
    """Letters: ``m`` package main, ``e`` embeds, ``c`` cgo, ``b`` starts builds, ``t`` imports
    testing, ``x`` broken, ``g`` //go:debug, ``G`` //go:generate, ``u`` literals that climb, ``p``
    starts programs, ``P`` paths of programs."""


class Summary(NamedTuple):
    """What the cache holds of a directory; ``files`` are marshalled (name, oid, header)."""

    package: str
    groups: tuple[Group, ...]
    files: bytes


class Records(Protocol):
    """Where packages have their records from."""

    def recall(self, key: bytes) -> Summary:
        """The record of a directory."""
        ...

    def lasting(self, key: bytes) -> bool:
        """Whether it is the whole truth: all of the content was at hand."""
        ...

    def read(self, key: bytes) -> tuple[GoFile, ...] | None:
        """The files of the directory, where this very load read them."""
        ...


class Package:
    """One directory with Go files."""

    __slots__ = ("__dict__", "_key", "_modules", "_records", "_summary", "_tree", "dir", "vendored")

    def __init__(
        self,
        dir: str,
        tree: Tree,
        records: Records,
        key: bytes,
        modules: frozenset[str],
        *,
        vendored: bool,
    ) -> None:
        """``modules`` are the directories with a go.mod.

        ``key`` finds its record: most packages of a tree are never asked for theirs.
        """
        self.dir = dir
        self.vendored = vendored
        self._tree = tree
        self._records = records
        self._key = key
        self._modules = modules
        self._summary: Summary | None = None

    @cached_property
    def module(self) -> str | None:
        """Directory of the module that holds it; None: no module does."""
        return holder(self.dir, self._modules)

    @property
    def summary(self) -> Summary:
        """The record of the directory."""
        if self._summary is None:  # cached_property takes a lock: 1 ms for a thousand packages
            self._summary = self._records.recall(self._key)
        return self._summary

    @property
    def key(self) -> bytes:
        """Stands for its Go files; empty: some content was not at hand."""
        return self._key if self._records.lasting(self._key) else b""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every file that lies directly in the directory."""
        return self._tree.folders[self.dir]

    @property
    def name(self) -> str:
        """Name in the package clause of a non-test file, else of a test file."""
        return self.summary.package

    @property
    def groups(self) -> tuple[Group, ...]:
        """Files by kind and condition."""
        return self.summary.groups

    @cached_property
    def files(self) -> tuple[GoFile, ...]:
        """Go files that the go command looks at, by name."""
        found = self._records.read(self._key)
        return unpack(self.summary.files) if found is None else found

    @cached_property
    def other(self) -> tuple[Entry, ...]:
        """Every other file that lies directly in the directory."""
        names = {file.name for file in self.files}
        return tuple(e for e in self.entries if e.path.rpartition("/")[2] not in names)

    def __repr__(self) -> str:
        return f"Package({self.dir!r})"


def digest(entries: Iterable[Entry], *, deep: bool) -> bytes:
    """Key of a directory's Go files: names and blob ids, nothing of the path above."""
    text = "\n".join([f"{path.rpartition('/')[2]} {oid}" for path, _, oid in entries])
    return blake2b(
        text.encode("utf-8", "surrogateescape"), digest_size=16, person=b"deep" if deep else b""
    ).digest()


def is_source(name: str) -> bool:
    """Whether the go command looks at a file of this name as Go."""
    return name.endswith(".go") and name[0] not in "_."


def summarise(files: Iterable[GoFile]) -> Summary:
    """The record of one directory."""
    ordered = tuple(sorted(files))
    groups: dict[tuple[int, str], list[GoFile]] = {}
    for file in ordered:
        if file.header.package != "documentation":
            groups.setdefault((file.kind, file.condition), []).append(file)
    return Summary(
        _name(ordered),
        tuple(_group(kind, text, members) for (kind, text), members in sorted(groups.items())),
        marshal.dumps([_plain(file) for file in ordered]),
    )


def _name(files: Iterable[GoFile]) -> str:
    named = sorted(
        (file.kind, file.header.constraint != "", file.header.package)
        for file in files
        if file.header.package not in ("", "documentation")
    )
    return (
        named[0][2].removesuffix("_test")
        if named and named[0][0] == XTEST
        else (named[0][2] if named else "")
    )


def _group(kind: int, text: str, files: list[GoFile]) -> Group:
    if len(files) == 1:
        header = files[0].header
        imports, linknames, traits = header.imports, header.linknames, _traits(header)
        return Group(kind, text, tuple(sorted(imports)), linknames, traits)
    headers = [file.header for file in files]
    return Group(
        kind,
        text,
        tuple(sorted({path for header in headers for path in header.imports})),
        tuple(sorted({target for header in headers for target in header.linknames})),
        "".join(sorted({letter for header in headers for letter in _traits(header)})),
    )


def _traits(header: Header) -> str:
    letters = "m" if header.package == "main" else ""
    if header.embeds:
        letters += "e"
    if header.problem:
        letters += "x"
    if "testing" in header.imports:
        letters += "t"
    if "C" in header.imports:
        letters += "c"
    for flag in header.flags:
        letters += _LETTERS.get(flag, "")
    return letters + "u" if _climbs(header.literals) else letters


def _climbs(literals: tuple[str, ...]) -> bool:
    return any(
        literal[:1] == ABOVE or (".." in literal and ".." in literal.split("/"))
        for literal in literals
    )


def _plain(file: GoFile) -> tuple[object, ...]:
    # marshal takes tuples, not their subclasses; () stands in for both records
    name, oid, header = file
    cgo = tuple(header.cgo) if header.cgo is not NO_CGO else _NO_CGO
    fields = (*header[:4], (), *header[5:7], (), *header[8:])
    return name, oid, fields, cgo, [(test.name, test.line) for test in header.tests]


def unpack(data: bytes) -> tuple[GoFile, ...]:
    """Files of a summary."""
    return tuple(
        GoFile(name, oid, _header(fields, cgo, tests))
        for name, oid, fields, cgo, tests in marshal.loads(data)
    )


def _header(fields: tuple[Any, ...], cgo: tuple[Any, ...], tests: list[tuple[str, int]]) -> Header:
    return Header._make(
        (
            *fields[:4],
            NO_CGO if cgo == _NO_CGO else Cgo._make(cgo),
            *fields[5:7],
            tuple(map(Declaration._make, tests)),
            *fields[8:],
        )
    )


def restored(record: tuple[Any, ...]) -> Summary:
    """A summary from its marshalled form."""
    package, groups, files = record
    return Summary(package, tuple(map(Group._make, groups)), files)
