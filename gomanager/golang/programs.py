"""Programs that tests build or run themselves (selection row 9b)."""

from collections.abc import Iterable
from posixpath import normpath
from typing import TYPE_CHECKING

from gomanager.golang.packages import LIB, GoFile, Package

if TYPE_CHECKING:
    from gomanager.golang.graph import Graph
    from gomanager.golang.resolution import Resolver


def programs(
    graph: "Graph", resolver: "Resolver", place: str, files: Iterable[GoFile]
) -> tuple[str, ...]:
    """Directories that files of one package name; every main package of the module if none."""
    module = graph.packages[place].module
    named = {
        found
        for file in files
        for literal in file.header.literals
        for found in _named(graph, resolver, literal, (place, module or "", ""))
    }
    if not named:
        named = {
            other
            for other in graph.members.get(module or "", ())
            if is_program(graph.packages[other])
        }
    return tuple(sorted(named - {place}))


def is_program(package: Package) -> bool:
    """Whether some configuration compiles it as package main."""
    return any(
        group.kind == LIB and "m" in group.traits and "ignore" not in group.condition
        for group in package.groups
    )


def _named(
    graph: "Graph", resolver: "Resolver", literal: str, bases: Iterable[str]
) -> Iterable[str]:
    """Main packages that a literal may mean: by import path, or relative to a likely folder."""
    packages = graph.packages
    if literal.startswith(("./", "../")) or literal in (".", ".."):
        for base in dict.fromkeys(bases):
            place = normpath(f"{base}/{literal}" if base else literal)
            place = "" if place == "." else place
            if place in packages and is_program(packages[place]):
                yield place
    elif "/" in literal and not literal.startswith("/"):
        node = resolver.node(literal)
        if node is not None and node in packages and is_program(packages[node]):
            yield node
        elif literal in packages and is_program(packages[literal]):
            yield literal
