"""What phases divide among themselves: the test functions and build tags that a graph holds."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from gomanager.golang.constraints import KNOWN_ARCH, KNOWN_OS, Configuration, included
from gomanager.golang.expression import Broken, parse, tags
from gomanager.golang.graph import Graph
from gomanager.golang.packages import LIB
from gomanager.golang.view import View
from gomanager.places import found_tags, integration_folder

_PLATFORM = KNOWN_OS | KNOWN_ARCH | {"unix", "cgo", "gc", "gccgo", "ignore"}


class Function(Protocol):
    """A top-level Test, Example, Fuzz or Benchmark function, as ``golang.compiled`` has it."""

    @property
    def name(self) -> str:
        """Its name in Go."""

    @property
    def file(self) -> str:
        """Path or base name of the file that declares it."""

    @property
    def line(self) -> int:
        """Line of the declaration, from 1."""

    @property
    def tagged(self) -> frozenset[str]:
        """Tags of the configuration without which that file is not compiled."""


class PackageTests(Struct, frozen=True, kw_only=True):
    """The test functions of one package that one build configuration compiles."""

    path: str
    """Import path."""
    dir: str
    """Folder from the repository root; the root itself is ``""``."""
    module_dir: str
    functions: tuple[Function, ...]
    library_tags: frozenset[str] = frozenset()
    """Tags that constraints of its non-test files name: with them the program itself differs."""
    untagged_only: frozenset[str] = frozenset()
    """Base names of test files that the repository's integration tags take out: whatever folder
    they lie in, no integration phase compiles them."""


def package_tests(
    view: View, places: Iterable[str] | None = None, *, present: tuple[str, ...] | None = None
) -> Iterator[PackageTests]:
    """The packages with a test binary in one configuration, or those of them in ``places``.

    ``present`` are the repository's integration tags; asking for them looks at every package.
    """
    if present is None:
        present = found_tags(["@integration"], test_tags(view.graph))
    for place in view.tested if places is None else places:
        yield PackageTests(
            path=view.import_path(place),
            dir=place,
            module_dir=view.module(place).dir,
            functions=view.test_functions(place),
            library_tags=_named(view.graph, place, tests=False),
            untagged_only=_untagged_only(view, place, present),
        )


def test_tags(graph: Graph) -> frozenset[str]:
    """Build tags that test files of the repository name, and all files of integration folders.

    Other code may name such a word for its own reasons: ``system`` links a system's library.
    """
    found: set[str] = set()
    for place, package in graph.constrained.items():
        if package.module is not None:
            found |= _named(graph, place, tests=True)
            if integration_folder(place):
                found |= _named(graph, place, tests=False)
    return frozenset(found)


def rival_tags(graph: Graph, tags: Iterable[str]) -> frozenset[frozenset[str]]:
    """Pairs of tags that one build would set against each other in some package's tests.

    Each has files of its own there, which may declare the same names (two TestMain), or a file
    wants one of them without the other. What wants both holds them together.
    """
    wanted = frozenset(tags)
    rivals: set[frozenset[str]] = set()
    joined: set[frozenset[str]] = set()
    for package in graph.constrained.values() if len(wanted) > 1 else ():
        conditions = [g.condition for g in package.groups if g.kind != LIB]
        named = frozenset().union(*map(_tags, filter(None, conditions))) & wanted
        for one, other in combinations(sorted(named), 2):
            both = frozenset((one, other))
            kinds = {_kind(condition, one, other) for condition in conditions}
            if "both" in kinds:
                joined.add(both)
            elif {"first", "second"} <= kinds or "apart" in kinds:
                rivals.add(both)
    return frozenset(rivals - joined)


def _kind(condition: str, one: str, other: str) -> str:
    """Whose file it is: of ``first`` or ``second`` alone, of ``both`` together, never with both."""
    first, second, both, none = (
        included(condition, _OnlyTags(tags=frozenset(tags)))
        for tags in ((one,), (other,), (one, other), ())
    )
    if both and not (first or second or none):
        return "both"
    if (first or second) and not (both or none):
        return "apart"
    if first is second or none:
        return ""
    return "first" if first else "second"


def everything(graph: Graph, configuration: Configuration) -> Iterator[PackageTests]:
    """All test functions that this platform can compile under whatever tags."""
    platform = _AnyTags(
        goos=configuration.goos,
        goarch=configuration.goarch,
        cgo=configuration.cgo,
        tool_tags=configuration.tool_tags,
        release=configuration.release,
    )
    for view in graph.views(platform):
        yield from package_tests(view)


class _AnyTags(Configuration, frozen=True, kw_only=True):
    """Custom tags may or may not be set: files that need them are in, and so are the others."""

    def holds(self, tag: str) -> bool | None:
        """None for every tag that a command line could set."""
        known = Configuration.holds(self, tag)
        fixed = tag in _PLATFORM or tag.startswith("go1.")
        return known if known is not False or fixed else None


class _OnlyTags(Configuration, frozen=True, kw_only=True):
    """These tags and no others, on whatever platform."""

    def holds(self, tag: str) -> bool | None:
        """False for every other tag that a command line could set."""
        fixed = tag in _PLATFORM or tag.startswith("go1.")
        return Configuration.holds(self, tag) if fixed else tag in self.tags


def _untagged_only(view: View, place: str, present: tuple[str, ...]) -> frozenset[str]:
    if not present or not integration_folder(place) or view.configuration.tags & set(present):
        return frozenset()
    tagged = replace(view.configuration, tags=view.configuration.tags | set(present))
    return frozenset(
        file.name
        for file in view.files(place)
        if file.is_test and not included(file.condition, tagged)
    )


def _named(graph: Graph, place: str, *, tests: bool) -> frozenset[str]:
    conditions = {
        group.condition
        for group in graph.packages[place].groups
        if (group.kind != LIB) is tests and group.condition
    }
    return frozenset().union(*map(_tags, conditions))


def _tags(condition: str) -> frozenset[str]:
    try:
        return tags(parse(condition))
    except Broken:
        return frozenset()
