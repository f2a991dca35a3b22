"""Where each case's test function is declared: known from the graph, added to the results."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gomanager.inventory import PackageTests
from gomanager.results import CaseResult, PackageResult, PhaseResult

Places = Mapping[str, tuple[str, int]]
"""Test function → file in the repository and line."""


def with_places(
    phases: Iterable[PhaseResult], tests: Mapping[str, tuple[PackageTests, ...]]
) -> tuple[PhaseResult, ...]:
    """The phases with file and line of their cases; ``tests`` are those of each called phase."""
    return tuple(_phase(phase, tests.get(phase.name, ())) for phase in phases)


def _phase(phase: PhaseResult, tests: Iterable[PackageTests]) -> PhaseResult:
    places = {
        package.path: {one.name: (one.file, one.line) for one in package.functions}
        for package in tests
    }
    packages = tuple(_package(one, places.get(one.path, {})) for one in phase.packages)
    return replace(phase, packages=packages)


def _package(package: PackageResult, places: Places) -> PackageResult:
    if not places:
        return package
    return replace(package, cases=tuple(_case(case, places) for case in package.cases))


def _case(case: CaseResult, places: Places) -> CaseResult:
    place = None if case.file else places.get(case.root)
    return case if place is None else replace(case, file=place[0], line=place[1])
