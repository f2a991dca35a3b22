"""Test binaries whose sources name a file outside their own directory (row 9a of the selection).

A literal that climbs may lead there as it is. Where its parts are joined at run time, ``..`` and a
name count together when they stand in one file, in the tests of one package, or when the tests
have the name and a helper of theirs has the ``..``: names are everywhere, and so is ``..``. Code of
tests and their helpers that looks for a folder above by other means counts like ``..``; the code of
programs does so too, but not for files of its own repository.
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from posixpath import normpath
from typing import TYPE_CHECKING, NamedTuple

from gomanager.golang.embeds import takes
from gomanager.golang.header import ABOVE, EVERYTHING, MOVES, READERS, SOURCES
from gomanager.golang.mentionindex import Index
from gomanager.golang.packages import LIB
from gomanager.golang.scripts import Scripts
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
    moves: bool = False
    """Whether the code changes the folder that paths count from."""


_NONE = Words()


class Mentions:
    """Literals of a view's first-party code, decoded once for any number of questions."""

    def __init__(self, view: "View") -> None:
        self.view = view
        self._known: dict[tuple[str, bool], Words] = {}
        memo, words = view.graph.memo, view.configuration.words
        self._kept = {tests: memo.table("words", tests, words) for tests in (False, True)}

    def of(self, path: str) -> tuple[str, ...]:
        """Directories of the test binaries that mention a path, whether it exists or not."""
        above = tuple(ancestors(path))
        found = self._index.loosely(path.split("/")).difference(above) | self._meant(path)
        found.update(p for p in above if self.view.has_tests(p) and self._walks_below(p, path))
        return tuple(sorted(found))

    def claims(self, path: str) -> bool:
        """Whether some mention is meant for the path: ``*.json`` says nothing of who else reads it,
        so it selects its test and leaves the file unclaimed (row 12)."""
        return bool(self._meant(path))

    def _meant(self, path: str) -> set[str]:
        elements = frozenset(path.split("/"))
        above = tuple(ancestors(path))
        found = self._index.led(path) | self._index.named(elements)
        for source in above:
            if source in self._own and _names(self.libs[source].near, elements):
                found |= self._own[source]
        below = {p for p in above if self.view.has_tests(p) and self._names_below(p, path)}
        return found.difference(above) | below

    def of_source(self, path: str) -> tuple[str, ...]:
        """The same for Go code, which is everywhere: tests that lead to it or name it themselves.

        Decodes only packages that climb, for every change of code asks this.
        """
        if "testdata" in path.split("/"):
            return self.of(path)  # no package of ours: data, like any other
        above = tuple(ancestors(path))
        found = {p for p in above[1:] if self.view.has_tests(p) and self._names_source(p, path)}
        found |= self._readers.led(path)
        for name in (path.rpartition("/")[2], SOURCES):
            found.update(self._readers.names.get(name, ()))
        own = folder(path)
        found.discard(own)
        if not self.view.compiles(path) and self.view.has_tests(own) and self._reads(own, path):
            found.add(own)
        return tuple(sorted(found))

    def _reads(self, place: str, path: str) -> bool:
        """Whether tests name, or look through, a Go file beside them that nobody compiles (A20)."""
        name = path.rpartition("/")[2]
        words = self._of(place, tests=True)
        groups = self.view.graph.packages[place].groups
        return (
            any(group.kind != LIB and not READERS.isdisjoint(group.imports) for group in groups)
            or name in words.names
            or any("*" in word and fnmatchcase(name, word) for word in words.names)
        )

    def how(self, place: str, path: str, *, source: bool) -> str:
        """What the sources of a test binary that mentions a path do, as a verb with its object."""
        index = self._readers if source and "testdata" not in path.split("/") else self._index
        return index.witness(place, path) or f'name "{path.rpartition("/")[2]}" or its folder'

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
    def _readers(self) -> Index:
        """What leads tests to Go files."""
        index = Index()
        for place, words in self._climbing.items():
            index.climb(place, (place,), words.climbing)
            index.name(place, words.beside | words.near)
        return index

    @cached_property
    def _index(self) -> Index:
        """What leads tests, and the code that they link, to any other file."""
        index = Index()
        for place in self.view.tested:
            tests = self.tests.get(place, _NONE)
            index.climb(place, (place,), tests.climbing)
            index.name(place, tests.near)
            climbs, helpers = tests.dots or tests.above, self._helpers(place)
            moves = tests.moves or any(self.libs.get(h, _NONE).moves for h in helpers)
            for source in self._closures[place]:
                words = self.libs.get(source, _NONE)
                if moves:  # to a folder above, where the paths of other code count from
                    index.climb(place, ancestors(place), tuple(filter(_is_path, words.whole)))
                index.climb(place, (place, source), words.climbing)
                index.name(place, words.beside)
                if (words.dots or words.above) and source in helpers:
                    index.name(place, words.near)
                    climbs = True
            index.name(place, tests.names if climbs else ())
            named = [self.libs[source].names for source in helpers if source in self.libs]
            for script in self._scripts.named(tests.names.union(*named)):
                index.climb(place, (place, script.place, ""), script.words)
                if script.wanders:
                    index.name(place, {word.rpartition("/")[2] for word in script.words})
        return index

    @cached_property
    def _scripts(self) -> Scripts:
        return Scripts(self.view.graph.tree)

    @cached_property
    def _own(self) -> Mapping[str, set[str]]:
        """Test binaries by linked code that finds its own folder, whoever calls it."""
        found: dict[str, set[str]] = {}
        for place, sources in self._closures.items():
            for source in sources:
                if self.libs.get(source, _NONE).above:
                    found.setdefault(source, set()).add(place)
        return found

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
        return any(w.removeprefix("./").rstrip("/") in wanted for w in self._whole(place))

    def _walks_below(self, place: str, path: str) -> bool:
        relative = path[len(place) :].lstrip("/")
        return any("*" in word and fnmatchcase(relative, word) for word in self._whole(place))

    def _whole(self, place: str) -> frozenset[str]:
        return self.tests.get(place, _NONE).whole | self.libs.get(place, _NONE).whole

    def _helpers(self, place: str) -> frozenset[str]:
        """Packages that tests call to find a folder: imported by tests only, or of ``testing``."""
        packages = self.view.graph.packages
        own = {node for node, _ in self.view.own_imports.get(place, ())}
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
            package, kept = self.view.graph.packages[place], self._kept[tests]
            found = kept.get(place, package.key)
            if found is None:
                files = [f for f in self.view.files(place) if f.is_test is tests]
                found = tuple(_joined([_words(file.header.literals) for file in files]))
                kept.put(place, package.key, found)
            words = self._known[place, tests] = Words._make(found)
        return words

    @cached_property
    def _closures(self) -> Mapping[str, tuple[str, ...]]:
        """First-party packages that each test binary links, its own one first."""
        packages = self.view.graph.packages
        imports = {
            place: [n for n, _ in edges if n in packages and not packages[n].vendored]
            for place, edges in self.view.own_imports.items()
            if place in packages and not packages[place].vendored
        }
        return {
            place: _closure(imports, [place, *(node for node, _ in self.view.test_imports[place])])
            for place in self.view.tested
        }


def _is_path(word: str) -> bool:
    last = word.rpartition("/")[2]
    return ("/" in word or "." in word[1:]) and last.strip("*.") != ""


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
    climbing, whole, names, walked, dots, moves = set(), set(), set(), set(), False, False
    for literal in literals:
        if literal == MOVES:
            moves = True
            continue
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
    above, kept = bool(walked), frozenset(whole)
    return Words(frozenset(climbing), found, beside, dots, near, above, kept, moves)


def _joined(files: list[Words]) -> Words:
    return Words(
        frozenset().union(*(words.climbing for words in files)),
        frozenset().union(*(words.names for words in files)),
        frozenset().union(*(words.beside for words in files)),
        any(words.dots for words in files),
        frozenset().union(*(words.near for words in files)),
        any(words.above for words in files),
        frozenset().union(*(words.whole for words in files)),
        any(words.moves for words in files),
    )


def _names(names: frozenset[str], elements: frozenset[str]) -> bool:
    if not names.isdisjoint(elements) or EVERYTHING in names:
        return True
    globs = [name for name in names if "*" in name and name.strip("*.")]
    return any(fnmatchcase(element, name) for name in globs for element in elements)
