"""Where each case's test function is declared: known from the graph or read from disk."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gomanager.results import CaseResult, PackageResult, PhaseResult

if TYPE_CHECKING:  # a replay has no graph
    from gomanager.inventory import PackageTests

Places = Mapping[str, tuple[str, int]]
"""Test function → file in the repository and line."""


def with_places(
    phases: Iterable[PhaseResult], tests: "Mapping[str, tuple[PackageTests, ...]]"
) -> tuple[PhaseResult, ...]:
    """The phases with file and line of their cases; ``tests`` are those of each called phase."""
    return tuple(_phase(phase, tests.get(phase.name, ())) for phase in phases)


def _phase(phase: PhaseResult, tests: "Iterable[PackageTests]") -> PhaseResult:
    places = {
        package.path: {one.name: (one.file, one.line) for one in package.functions}
        for package in tests
    }
    packages = tuple(_package(one, places.get(one.path, {})) for one in phase.packages)
    return replace(phase, packages=packages)


def as_on_disk(
    phase: PhaseResult, folder: Path, directory: Callable[[str], str | None]
) -> PhaseResult:
    """A recorded phase with the places of its cases in the module that we stand in.

    ``directory`` of an import path is relative to ``folder``, and so are the files. Sources may be
    newer than the recording: a function that is gone has no place.
    """
    packages = []
    for package in phase.packages:
        where = directory(package.path)
        packages.append(package if where is None else _package(package, _read(folder, where)))
    return replace(phase, packages=tuple(packages))


def _read(folder: Path, where: str) -> Places:
    from gomanager.golang.declarations import read_declarations

    found: dict[str, tuple[str, int]] = {}
    for path in sorted((folder / where).glob("*_test.go")):
        with suppress(OSError):
            for one in read_declarations(path.read_bytes()):
                found[one.name] = (path.relative_to(folder).as_posix(), one.line)
    return found


def _package(package: PackageResult, places: Places) -> PackageResult:
    if not places:
        return package
    return replace(package, cases=tuple(_case(case, places) for case in package.cases))


def _case(case: CaseResult, places: Places) -> CaseResult:
    place = None if case.file else places.get(case.root)
    return case if place is None else replace(case, file=place[0], line=place[1])
