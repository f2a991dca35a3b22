"""Test binaries whose sources name a file outside their own directory (selection row 9a)."""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from posixpath import normpath
from typing import TYPE_CHECKING, NamedTuple

from gomanager.golang.tree import ancestors

if TYPE_CHECKING:
    from gomanager.golang.view import View


class Words(NamedTuple):
    """Literals of some files: those that climb, and the last element of each."""

    climbing: frozenset[str]
    names: frozenset[str]


_NONE = Words(frozenset(), frozenset())


class Mentions:
    """Literals of a view's first-party code, decoded once for any number of questions."""

    def __init__(self, view: "View") -> None:
        self.view = view

    def of(self, path: str) -> tuple[str, ...]:
        """Directories of the test binaries that mention a path, whether it exists or not."""
        elements = frozenset(path.split("/"))
        targets = frozenset((path, *ancestors(path)))
        return tuple(
            place
            for place in self.view.tested
            if not path.startswith(f"{place}/" if place else "/")
            and self._mentions(place, elements, targets)
        )

    def _mentions(self, place: str, elements: frozenset[str], targets: frozenset[str]) -> bool:
        climbs = names = False
        for source, words in self._sources(place):
            if words.climbing:
                climbs = True
                if any(_leads(literal, (place, source), targets) for literal in words.climbing):
                    return True
            names = names or _names(words.names, elements)
            if climbs and names:
                return True
        return False

    def _sources(self, place: str) -> Iterator[tuple[str, Words]]:
        yield place, self.tests.get(place, _NONE)
        for source in self._closures[place]:
            yield source, self.libs.get(source, _NONE)

    @cached_property
    def libs(self) -> Mapping[str, Words]:
        """Words of the non-test files of first-party packages."""
        return self._words(tests=False)

    @cached_property
    def tests(self) -> Mapping[str, Words]:
        """Words of the test files of first-party packages."""
        return self._words(tests=True)

    def _words(self, *, tests: bool) -> dict[str, Words]:
        packages = self.view.graph.packages
        found = {}
        for place in self.view.libraries:
            if not packages[place].vendored:
                words = _words(
                    literal
                    for file in self.view.files(place)
                    if file.is_test is tests
                    for literal in file.header.literals
                )
                if words != _NONE:
                    found[place] = words
        return found

    @cached_property
    def _closures(self) -> Mapping[str, tuple[str, ...]]:
        """First-party packages that each test binary links, its own one first."""
        packages = self.view.graph.packages
        imports = {
            place: [n for n, _ in edges if n in packages and not packages[n].vendored]
            for place, edges in self.view.imports.items()
            if place in packages and not packages[place].vendored
        }
        return {
            place: _closure(imports, [place, *(node for node, _ in self.view.test_imports[place])])
            for place in self.view.tested
        }


def _closure(imports: Mapping[str, list[str]], starts: Iterable[str]) -> tuple[str, ...]:
    seen = {start: None for start in starts if start in imports}
    queue = list(seen)
    while queue:
        for node in imports[queue.pop()]:
            if node not in seen and node in imports:
                seen[node] = None
                queue.append(node)
    return tuple(seen)


def _words(literals: Iterable[str]) -> Words:
    climbing, names = set(), set()
    for literal in literals:
        if ".." in literal and any(part == ".." for part in literal.split("/")):
            climbing.add(literal)
        last = literal.rstrip("/").rpartition("/")[2]
        if last not in ("", ".", ".."):
            names.add(last)
    return Words(frozenset(climbing), frozenset(names))


def _leads(literal: str, starts: Iterable[str], targets: frozenset[str]) -> bool:
    """Whether a climbing literal resolves to the file or a folder above it.

    ``..`` alone leads to the root sooner or later, so to everything: it needs a name beside it.
    """
    if not literal.strip("./"):
        return False
    for start in starts:
        path = normpath(f"{start}/{literal}" if start else literal)
        if ("" if path == "." else path) in targets:
            return True
    return False


def _names(names: frozenset[str], elements: frozenset[str]) -> bool:
    if not names.isdisjoint(elements):
        return True
    return any("*" in name and any(fnmatchcase(e, name) for e in elements) for name in names)
