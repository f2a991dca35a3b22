"""Programs of the repository that tests start, but do not build (selection row 9b).

A name alone is weak: ``server`` is a word, and a program's own packages say its name all the time.
So a name counts where it stands in a call or is a path; by itself only in tests, and in what
supports tests, that start programs.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from hashlib import blake2b
from posixpath import normpath
from typing import TYPE_CHECKING

from gomanager.golang.modules import runs
from gomanager.golang.packages import LIB, Package

if TYPE_CHECKING:
    from gomanager.golang.graph import Graph
    from gomanager.golang.view import View

_WORDS = ("bare", "word")
Edges = Mapping[str, tuple[tuple[str, str], ...]]
COMMON = frozenset(
    """
    agent api app apps basic bench benchmark bin build cli client cmd config controller daemon demo
    dev example examples gen generate generator hello init install local main node operator plugin
    proxy release run runner scheduler server service simple src test tests tool tools update
    version web worker
    """.split()  # noqa: SIM905
)
"""Names that are words too: by itself such a literal says nothing."""
FOREIGN = frozenset(
    """
    awk bash cat cp curl cut date docker echo env false find gcc git go gofmt grep head helm jq
    kubectl ls make mkdir mv node npm openssl perl ping podman protoc ps pwd python python3 rm sed
    sh sleep sort ssh tail tar tee terraform test touch tr true uname wc which xargs zip
    """.split()  # noqa: SIM905
)
"""Programs that a machine has anyway."""


def program_names(graph: "Graph") -> Mapping[str, tuple[str, ...]]:
    """Names that programs of the repository may be built under, to their directories."""
    root = graph.module_by_dir.get("")
    found: dict[str, set[str]] = {}
    for directory, places in graph.programs.items():
        module = graph.module_by_dir[directory]
        for place in places if runs(module) else ():
            own = place == directory
            name = _base(module.path) if own else _base(place)
            names = {name}
            if name in COMMON:  # cmd/app, server: built under the name of what is around it
                names.add(_base(place.rpartition("/")[0]))
                names.update(_base(one.path) for one in (module, root) if one is not None)
            for one in names - {""}:
                found.setdefault(one, set()).add(place)
    return {name: tuple(sorted(places)) for name, places in found.items()}


def _base(path: str) -> str:
    parts = [part for part in path.split("/") if not (part[:1] == "v" and part[1:].isdecimal())]
    return parts[-1] if parts else ""


class Prebuilt:
    """Answers for one view, whose ``edges`` are those of its imports."""

    def __init__(self, view: "View", edges: Edges) -> None:
        self.view = view
        self.edges = edges
        self._names = view.graph.program_names
        words = blake2b(repr(sorted(self._names)).encode("utf-8", "surrogateescape")).hexdigest()
        memo, given = view.graph.memo, view.configuration.words
        self._kept = {tests: memo.table("started", tests, given, words) for tests in (False, True)}
        self._closures: dict[str, frozenset[str]] = {}
        self._leading: dict[str, bool] = {}
        self._read: dict[str, tuple[tuple[str, str], ...]] = {}

    def of_library(self, place: str) -> Iterator[str]:
        """Programs that a package's own code starts, whoever calls it; not those that hold it."""
        for form, name in self._forms(place, tests=False):
            if form in ("call", "bin", "near") or (form == "bare" and self.supports(place)):
                for program in self._meant(form, name):
                    if program != place and place not in self.closure((program,)):
                        yield program

    def of_tests(self, place: str, imported: Iterable[str]) -> list[str]:
        """Programs that the tests of a package start, themselves or through what supports them."""
        supports = [node for node in imported if node in self._helpers]
        if not supports and not self._speaks(place):
            return []  # as next to all do
        led = any(self._leads(node) for node in supports)
        found = dict.fromkeys(self._forms(place, tests=True, started=led))
        for node in supports:
            found.update(dict.fromkeys(self._forms(node, tests=False)))
        own = [one for one in self._forms(place, tests=False) if one[0] in ("call", "bin")]
        if not found and not own:
            return []
        near, far = self._starting(place, imported)
        forms = [*found, *own]
        folders = near and any(form == "folder" for form, _ in forms)
        wanted = {"call": True, "bin": True, "near": far, "bare": near, "word": folders}
        nodes = {
            program
            for form, name in forms
            if wanted.get(form, False)
            for program in self._meant(form, name)
        }
        some = near and any(form == "some" and self._made(place, name) for form, name in forms)
        if some or (folders and not nodes):
            nodes.update(self.view.graph.all_programs)
        return sorted(nodes - {place})

    def _made(self, place: str, literal: str) -> bool:
        """Whether a path is none of the tree's: somebody made what lies there."""
        return not literal or normpath(f"{place}/{literal}") not in self.view.graph.tree.files

    def _speaks(self, place: str) -> bool:
        """Whether code of the package starts programs, or holds what may be the path of one."""
        groups = self.view.graph.packages[place].groups
        return any("p" in group.traits or "P" in group.traits for group in groups)

    def _starting(self, place: str, imported: Iterable[str]) -> tuple[bool, bool]:
        """Whether the tests, or what supports them, start programs; whether any code does."""
        packages = self.view.graph.packages
        if any(group.kind != LIB and "p" in group.traits for group in packages[place].groups):
            return True, True
        linked = self.closure((place, *imported))
        starting = [node for node in linked if _starts(packages[node])]
        return any(self.supports(node) for node in starting), bool(starting)

    def _leads(self, place: str) -> bool:
        """Whether what supports tests starts programs, itself or by another such package."""
        if place not in self._leading:
            packages = self.view.graph.packages
            self._leading[place] = any(
                _starts(packages[node]) and self.supports(node) for node in self.closure((place,))
            )
        return self._leading[place]

    def supports(self, place: str) -> bool:
        """Whether a package serves tests: it imports ``testing``, or no program links it."""
        return place in self._helpers

    @cached_property
    def _helpers(self) -> frozenset[str]:
        packages = self.view.graph.packages
        return frozenset(
            node
            for node in self.edges
            if node not in self._linked
            or any(g.kind == LIB and "t" in g.traits for g in packages[node].groups)
        )

    @cached_property
    def _linked(self) -> frozenset[str]:
        return self.closure(
            place for places in self.view.graph.programs.values() for place in places
        )

    def closure(self, starts: Iterable[str]) -> frozenset[str]:
        """First-party packages that these lead to, with themselves."""
        known = tuple(starts)
        key = known[0] if len(known) == 1 else ""
        if key and key in self._closures:
            return self._closures[key]
        seen = {start for start in known if start in self.edges}
        queue = list(seen)
        while queue:
            for node, _ in self.edges[queue.pop()]:
                if node not in seen and node in self.edges:
                    seen.add(node)
                    queue.append(node)
        found = frozenset(seen)
        if key:
            self._closures[key] = found
        return found

    def _meant(self, form: str, name: str) -> Iterator[str]:
        for place in self._names.get(name, ()):
            usual = _base(place) != name or place.startswith("cmd/") or "/cmd/" in place
            if form == "bin" or name not in FOREIGN or usual:
                yield place

    def _forms(
        self, place: str, *, tests: bool, started: bool = False
    ) -> tuple[tuple[str, str], ...]:
        """(form, name) of programs of the repository in a package's tests, or its other code."""
        package = self.view.graph.packages[place]
        letters = "".join([g.traits for g in package.groups if (g.kind != LIB) is tests])
        if not (started or "p" in letters or "P" in letters) or not self._names:
            return ()
        found: tuple[tuple[str, str], ...] | None = self._kept[tests].get(place, package.key)
        if found is None:
            literals: dict[bool, set[str]] = {}
            for file in self.view.files(place):
                if file.is_test is tests:
                    strict = not (tests or "starts" in file.header.flags)
                    literals.setdefault(strict, set()).update(file.header.literals)
            known = {
                one
                for strict, all_of_them in literals.items()
                for literal in self._telling(all_of_them)
                for one in self._known(self._said(literal), strict=strict)
            }
            found = tuple(sorted(known))
            self._kept[tests].put(place, package.key, found)
        return found

    def _said(self, literal: str) -> tuple[tuple[str, str], ...]:
        found = self._read.get(literal)
        if found is None:
            from gomanager.golang.started import forms_of  # not where all is known

            found = self._read[literal] = tuple(forms_of(literal))
        return found

    def _telling(self, literals: Iterable[str]) -> Iterable[str]:
        """Those that may say anything: next to none does."""
        text = "\n".join(("", *literals))
        found: dict[str, None] = {}
        for match in self._signs.finditer(text):
            start = text.rfind("\n", 0, match.start() + 1) + 1
            end = text.find("\n", start)
            found[text[start : end if end >= 0 else len(text)]] = None
        return found

    @cached_property
    def _signs(self) -> re.Pattern[str]:
        """A line that is a call, a path that climbs or a variable, or has the name of a program.

        Every branch begins with one of a few signs: the rest of the text is passed over.
        """
        names = "|".join(map(re.escape, sorted(self._names)))
        return re.compile(rf"\n(?:!|\.\.|\./|[A-Z][A-Z0-9_]*(?=\n|\Z))|[\n/!*](?:lib)?(?:{names})")

    def _known(
        self, read: tuple[tuple[str, str], ...], *, strict: bool
    ) -> Iterator[tuple[str, str]]:
        """What one literal says of programs of the repository; ``strict``: no mere word counts."""
        named = [
            ("word" if form == "bare" and name in COMMON else form, name)
            for form, name in read
            if name in self._names and form not in ("some", "folder")
        ]
        if named:
            yield from named if not strict else [one for one in named if one[0] not in _WORDS]
        elif not any(form == "call" and name in FOREIGN for form, name in read):
            yield from [one for one in read if one[0] in ("some", "folder")]


def _starts(package: Package) -> bool:
    return any(group.kind == LIB and "p" in group.traits for group in package.groups)
