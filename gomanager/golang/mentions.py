"""Test binaries whose sources name a file outside their own directory (row 9a of the selection).

A literal that climbs may lead there as it is. Where its parts are joined at run time, ``..`` and a
name count together when they stand in one file, in the tests of one package, or when the tests
have the name and a helper of theirs has the ``..``: names are everywhere, and so is ``..``. Code of
tests and their helpers that looks for a folder above by other means counts like ``..``; the code of
programs does so too, but not for files of its own repository.
"""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from posixpath import normpath
from typing import TYPE_CHECKING, NamedTuple

from gomanager.golang.embeds import takes
from gomanager.golang.literals import ABOVE, SOURCES
from gomanager.golang.packages import LIB
from gomanager.golang.tree import ancestors, folder

if TYPE_CHECKING:
    from gomanager.golang.view import View


class Words(NamedTuple):
    """Literals of the files of one kind of a package."""

    climbing: frozenset[str] = frozenset()
    """Literals with ``..`` and something else."""
    names: frozenset[str] = frozenset()
    """The last element of each literal."""
    beside: frozenset[str] = frozenset()
    """The names in files that have a literal of dots alone too: ``..``, ``../..``."""
    dots: bool = False
    near: frozenset[str] = frozenset()
    """The names in files that look for a folder above."""
    above: bool = False
    whole: frozenset[str] = frozenset()
    """Literals that do not climb."""


_NONE = Words()
_BY_NAME = "name:"


class Mentions:
    """Literals of a view's first-party code, decoded once for any number of questions."""

    def __init__(self, view: "View") -> None:
        self.view = view
        self._known: dict[tuple[str, bool], Words] = {}

    def of(self, path: str) -> tuple[str, ...]:
        """Directories of the test binaries that mention a path, whether it exists or not."""
        elements = frozenset(path.split("/"))
        targets = frozenset((path, *ancestors(path)))
        return tuple(
            place
            for place in self.view.tested
            if (
                self._names_below(place, path)
                if path.startswith(f"{place}/" if place else "")
                else self._mentions(place, elements, targets)
            )
        )

    def of_source(self, path: str) -> tuple[str, ...]:
        """The same for Go code, which is everywhere: tests that lead to it or name it themselves.

        Decodes only packages that climb, for every change of code asks this.
        """
        if "testdata" in path.split("/"):
            return self.of(path)  # no package of ours: data, like any other
        above = tuple(ancestors(path))
        found = {p for p in above[1:] if self.view.has_tests(p) and self._names_source(p, path)}
        for target in (path, *above):
            found.update(self._readers.get(target, ()))
        found.update(self._readers.get(f"{_BY_NAME}{path.rpartition('/')[2]}", ()))
        for pattern, place in self._patterns:
            if place not in found and takes(f"all:{pattern}", path):
                found.add(place)
        return tuple(sorted(found.union(self._readers.get(SOURCES, ())) - {folder(path)}))

    @cached_property
    def _climbing(self) -> Mapping[str, Words]:
        """Words of the tests that climb; nothing else is decoded."""
        packages = self.view.graph.packages
        return {
            place: self._of(place, tests=True)
            for place in self.view.tested
            if any(g.kind != LIB and "u" in g.traits for g in packages[place].groups)
        }

    @cached_property
    def _readers(self) -> Mapping[str, set[str]]:
        """Tests by a path that they lead to, by a name that they look for above, by SOURCES."""
        found: dict[str, set[str]] = {}
        for place, words in self._climbing.items():
            for literal in words.climbing:
                found.setdefault(_resolved(place, literal), set()).add(place)
            for name in words.beside | words.near:
                key = SOURCES if name == SOURCES else f"{_BY_NAME}{name}"
                found.setdefault(key, set()).add(place)
        return found

    @cached_property
    def _patterns(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (path, place)
            for place, words in self._climbing.items()
            for literal in words.climbing
            if "*" in literal and not (path := _resolved(place, literal)).startswith("..")
        )

    def _names_source(self, place: str, path: str) -> bool:
        relative = path[len(place) :].lstrip("/")
        return any(
            literal.removeprefix("./") == relative
            or ("*" in literal and "/" in literal and takes(f"all:{literal}", relative))
            for literal in self._of(place, tests=True).whole
        )

    def _names_below(self, place: str, path: str) -> bool:
        """Whether a package names a file below its folder that a nearer package may own."""
        relative = path[len(place) :].lstrip("/")
        wanted = {relative, *ancestors(relative)} - {""}
        words = (self.tests.get(place, _NONE).whole, self.libs.get(place, _NONE).whole)
        return any(
            literal.removeprefix("./").rstrip("/") in wanted
            or ("*" in literal and fnmatchcase(relative, literal))
            for literals in words
            for literal in literals
        )

    def _mentions(self, place: str, elements: frozenset[str], targets: frozenset[str]) -> bool:
        tests = self.tests.get(place, _NONE)
        climbs = tests.dots or tests.above
        if tests.above and _names(tests.near, elements):
            return True
        for source, words in self._sources(place, tests):
            if any(_leads(literal, (place, source), targets) for literal in words.climbing):
                return True
            if words.dots and _names(words.beside, elements):
                return True
            if words.above and _names(words.near, self._below(source, elements, targets)):
                return True  # it finds its own folder, whoever calls it
            if (words.dots or words.above) and source in self._helpers(place):
                if _names(words.near, elements):
                    return True
                climbs = True
        return climbs and _names(tests.names, elements)

    @staticmethod
    def _below(source: str, elements: frozenset[str], targets: frozenset[str]) -> frozenset[str]:
        return elements if source in targets else frozenset()

    def _sources(self, place: str, tests: Words) -> Iterator[tuple[str, Words]]:
        yield place, tests
        for source in self._closures[place]:
            yield source, self.libs.get(source, _NONE)

    def _helpers(self, place: str) -> frozenset[str]:
        """Packages that tests call to find a folder: imported by tests only, or of ``testing``."""
        packages = self.view.graph.packages
        own = {node for node, _ in self.view.imports.get(place, ())}
        direct = {node for node, _ in self.view.test_imports[place]} - own - {place}
        return frozenset(direct) | {
            source
            for source in self._closures[place]
            if any(g.kind == LIB and "t" in g.traits for g in packages[source].groups)
        }

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
                words = self._of(place, tests=tests)
                if words != _NONE:
                    found[place] = words
        return found

    def _of(self, place: str, *, tests: bool) -> Words:
        words = self._known.get((place, tests))
        if words is None:
            files = [f for f in self.view.files(place) if f.is_test is tests]
            words = _joined([_words(file.header.literals) for file in files])
            self._known[place, tests] = words
        return words

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
    climbing, whole, names, walked, dots = set(), set(), set(), set(), False
    for literal in literals:
        if literal.startswith(ABOVE):
            walked.add(literal[len(ABOVE) :])
            continue
        if literal.endswith("/..."):  # a pattern of packages, as go list takes it
            literal = literal[: -len("/...")]
            if ".." in literal and not literal.strip("./"):
                walked.add(SOURCES)
        if ".." in literal and ".." in literal.split("/"):
            # Dots alone lead to the root sooner or later, so to everything: a name is needed too.
            if normpath(literal).strip("./"):
                climbing.add(literal)
            else:
                dots = True
        else:
            whole.add(literal)
        last = literal.rstrip("/").rpartition("/")[2]
        if last not in ("", ".", ".."):
            names.add(last)
    found = frozenset(names)
    none: frozenset[str] = frozenset()
    beside = found if dots else none
    near = found | walked if walked else none
    return Words(frozenset(climbing), found, beside, dots, near, bool(walked), frozenset(whole))


def _joined(files: list[Words]) -> Words:
    return Words(
        frozenset().union(*(words.climbing for words in files)),
        frozenset().union(*(words.names for words in files)),
        frozenset().union(*(words.beside for words in files)),
        any(words.dots for words in files),
        frozenset().union(*(words.near for words in files)),
        any(words.above for words in files),
        frozenset().union(*(words.whole for words in files)),
    )


def _resolved(start: str, literal: str) -> str:
    path = normpath(f"{start}/{literal}" if start else literal)
    return "" if path == "." else path


def _leads(literal: str, starts: Iterable[str], targets: frozenset[str]) -> bool:
    """Whether a climbing literal resolves to the file or a folder above it, maybe as a pattern."""
    for start in starts:
        path = _resolved(start, literal)
        if path in targets:
            return True
        if "*" in path and any(takes(f"all:{path}", target) for target in targets):
            return True
    return False


def _names(names: frozenset[str], elements: frozenset[str]) -> bool:
    if not names.isdisjoint(elements) or (elements and "**" in names):
        return True
    globs = [name for name in names if "*" in name and name.strip("*.")]
    return any(fnmatchcase(element, name) for name in globs for element in elements)
