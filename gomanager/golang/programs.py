"""Code that tests build, run or examine themselves (selection row 9b)."""

from collections.abc import Iterable, Iterator
from posixpath import normpath
from typing import TYPE_CHECKING

from gomanager.golang.header import ABOVE, STARTED
from gomanager.golang.packages import LIB, GoFile, Package

if TYPE_CHECKING:
    from gomanager.golang.graph import Graph
    from gomanager.golang.resolution import Resolver

_BUILDERS = frozenset(("build", "run", "install", "test", "-buildmode=plugin"))
_EXAMINERS = frozenset(("test", "vet", "list"))
_LOADERS = frozenset(("go/build", "golang.org/x/tools/go/packages"))
_TOOLS = frozenset(("make", "gmake", "mage", "task", "just"))
_SCRIPTS = (".sh", ".bash")
_PATTERN = "..."
_DOTS = (".", "..")
"""They are everywhere: programs only."""


def programs(
    graph: "Graph", resolver: "Resolver", place: str, files: Iterable[GoFile]
) -> tuple[str, ...]:
    """Directories that files of one package name; every main package of the module where they name
    none, or start something that says nothing of what it builds."""
    module = graph.packages[place].module or ""
    named: set[str] = set()
    unnamed = False
    builds = False
    for file in files:
        literals = file.header.literals
        named.update(_of_file(graph, resolver, place, file))
        unnamed |= any(one in _TOOLS or one.endswith(_SCRIPTS) for one in literals)
        unnamed |= STARTED in literals and graph.builds_images
        builds |= _builds(file)
    named.discard(place)
    if unnamed:
        named.update(graph.all_programs)
    elif builds and not any(is_program(graph.packages[one]) for one in named):
        named.update(graph.programs.get(module) or graph.all_programs)
    return tuple(sorted(named - {place}))


def examined(
    graph: "Graph", resolver: "Resolver", place: str, files: Iterable[GoFile]
) -> tuple[str, ...]:
    """Directories that files of one package name, and whose tests they let the go command read."""
    found = {
        node
        for file in files
        if not _EXAMINERS.isdisjoint(file.header.literals)
        or not _LOADERS.isdisjoint(file.header.imports)
        for node in _of_file(graph, resolver, place, file)
    }
    return tuple(sorted(found - {place}))


def _of_file(graph: "Graph", resolver: "Resolver", place: str, file: GoFile) -> Iterator[str]:
    module, literals = graph.packages[place].module or "", file.header.literals
    climbs = any(one.startswith(("..", ABOVE)) for one in literals)
    for literal in literals:
        # Where nothing leads out of its folder, ./... is what lies below.
        near = literal.endswith(_PATTERN) and not climbs
        bases = (place,) if near else (place, module, "")
        yield from _named(graph, resolver, literal, bases)


def _builds(file: GoFile) -> bool:
    """Rather than looking at code that it names (``go list``, a library)."""
    header = file.header
    return not _BUILDERS.isdisjoint(header.literals) or any(
        path.endswith("/gexec") for path in header.imports
    )


def is_program(package: Package | None) -> bool:
    """Whether some configuration compiles it as package main."""
    return package is not None and any(
        group.kind == LIB and "m" in group.traits and "ignore" not in group.condition
        for group in package.groups
    )


def _named(
    graph: "Graph", resolver: "Resolver", literal: str, bases: Iterable[str]
) -> Iterator[str]:
    """Packages that a literal may mean: by import path, or relative to a likely folder."""
    stem = literal.removesuffix(_PATTERN)
    below = stem != literal
    if literal.startswith(("./", "../")) or literal in _DOTS:
        for base in dict.fromkeys(bases):
            place = normpath(f"{base}/{stem}" if base else stem)
            place = "" if place == "." else place
            if literal not in _DOTS or is_program(graph.packages.get(place)):
                yield from _at(graph, place, below=below)
    elif "/" in literal and not literal.startswith("/"):
        stem = stem.rstrip("/")
        node = resolver.node(stem)
        if node is not None and node in graph.packages:
            yield from _at(graph, node, below=below)
            return
        yield from _at(graph, stem, below=below)
        for module in graph.modules if below else ():  # a folder that holds packages and is none
            if f"{stem}/".startswith(f"{module.path}/"):
                inner = stem.removeprefix(module.path).lstrip("/")
                yield from _at(graph, "/".join(filter(None, (module.dir, inner))), below=True)


def _at(graph: "Graph", place: str, *, below: bool) -> Iterator[str]:
    """The package of a folder; with a pattern, those of its module below it."""
    if place in graph.packages:
        yield place
    module = graph.module_of(f"{place}/x" if place else "x") if below else None
    if module is not None:
        within = f"{place}/" if place else ""
        yield from (p for p in graph.members.get(module.dir, ()) if p.startswith(within))
