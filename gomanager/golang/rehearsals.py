"""Tests that run or examine the tests of other packages: ``go test``, ``go vet``, ``go list``, a
script (selection row 9b). A test file changes them, too, and what only tests import.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gomanager.golang.packages import GoFile
from gomanager.golang.programs import reads_tests
from gomanager.golang.reach import Seed

if TYPE_CHECKING:
    from gomanager.golang.view import View

PROGRAM = "program"


def rehearsals(view: "View") -> Mapping[str, tuple[Seed, ...]]:
    """Directory with tests to the nodes whose code lets the go command read them."""
    found: dict[str, list[Seed]] = {}
    for tests, edges in ((False, view.own_imports), (True, view.test_imports)):
        for place, targets in edges.items():
            named = [node for node, edge in targets if edge == PROGRAM]
            if named and reads_tests(starting(view, place, tests=tests)):
                for node in named:
                    if node != place and view.has_tests(node):
                        found.setdefault(node, []).append(Seed(place, tests))
    return {node: tuple(dict.fromkeys(seeds)) for node, seeds in found.items()}


def starting(view: "View", place: str, *, tests: bool) -> list[GoFile]:
    """Compiled files of a directory that let the go command read code."""
    return [f for f in view.files(place) if f.is_test is tests and "builds" in f.header.flags]


def examined(seeds: Mapping[str, tuple[Seed, ...]]) -> Mapping[Seed, tuple[str, ...]]:
    """The same the other way round, sorted."""
    found: dict[Seed, list[str]] = {}
    for node in sorted(seeds):
        for seed in seeds[node]:
            found.setdefault(seed, []).append(node)
    return {seed: tuple(nodes) for seed, nodes in found.items()}


def test_files(view: "View", places: Iterable[str]) -> Iterable[tuple[str, GoFile]]:
    """(directory, file) of the compiled tests of some packages."""
    return ((place, f) for place in places for f in view.files(place) if f.is_test)
