"""Coverage Analysis: what ran, what did not, which changed lines no test ran. Pure.

Without a measurement it says what is known all the same: integration tests, and changed code that
no test names.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from gomanager.analysis import changedcode
from gomanager.analysis.changedcode import ChangedFile, Standing, number
from gomanager.analysis.linestates import State, never_ran, stale
from gomanager.analysis.totals import (
    Module,
    PackageTotal,
    Read,
    package_paths,
    places,
    sort_out,
    totals,
)
from gomanager.golang.lines import read_source
from gomanager.gotest.profile import BadProfile, Profile
from gomanager.gotest.profiles import FileCounts, Merged, merge, percent

WELL = 90
_SMALL = 5
"""Packages with fewer statements are no area."""
_SHOWN_WELL = 5
_FUNCTIONS = 100


class Evidence(Struct, frozen=True, kw_only=True):
    """What the analysis looks at; paths are relative to the repository root.

    ``changed`` is ``None`` where there is nothing to compare with. ``read`` gives a file as it was
    when the tests ran. ``packages`` are import paths with code that the run was to reach.
    """

    modules: tuple[Module, ...]
    read: Read
    profiles: tuple[Profile, ...] = ()
    unreadable: tuple[str, ...] = ()
    measured: bool = False
    changed: Mapping[str, tuple[range, ...]] | None = None
    no_base: str | None = None
    packages: tuple[str, ...] = ()
    died: tuple[str, ...] = ()
    """Import paths of packages whose process ended before it could write its profile (C27)."""
    partial: bool = False
    """The run is red or was cut short."""
    integration_tests: tuple[str, ...] = ()
    untested: tuple[str, ...] = ()
    """Changed code that no test reaches or names, from the sources alone."""


class Patch(Struct, frozen=True, kw_only=True):
    """Changed code lines: hit ones, and all that lie in a block."""

    covered: int
    lines: int


class PackageCoverage(Struct, frozen=True, kw_only=True):
    """``pct``: percent of statements; ``None`` where it is not known."""

    path: str
    pct: float | None


class Gap(Struct, frozen=True, kw_only=True):
    """A place that no test reached."""

    file: str
    line: int | None
    text: str


class Coverage(Struct, frozen=True, kw_only=True):
    """The section's content; texts are whole sentences without a full stop."""

    total_pct: float | None = None
    patch: Patch | None = None
    packages: tuple[PackageCoverage, ...] = ()
    well_covered: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    scenarios: tuple[str, ...] = ()
    integration_tests: tuple[str, ...] = ()
    untested: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def analyse(evidence: Evidence) -> Coverage:
    """The whole section from one run's evidence."""
    known = Coverage(
        integration_tests=evidence.integration_tests,
        untested=evidence.untested,
        notes=(*evidence.unreadable, *_warnings(evidence.profiles)),
    )
    if not evidence.measured:
        note = "not measured: add --cover, or coverage: to a phase"
        return replace(known, notes=(*known.notes, note))
    try:
        merged = merge(evidence.profiles, places(evidence.modules))
    except BadProfile as bad:  # C13, C16: said, and nothing is mixed
        clash = f"{bad.what}: {bad.where}; {bad.fix}"
        return replace(known, notes=(*known.notes, clash))
    if merged is None:
        return replace(known, notes=(*known.notes, *_no_data(evidence)))
    return _measured(evidence, merged, known)


def _warnings(profiles: Iterable[Profile]) -> Iterator[str]:
    for profile in profiles:
        yield from profile.warnings


def _no_data(evidence: Evidence) -> Iterator[str]:
    yield "no data: no profile holds a block, which is not 0 %"
    yield from _deaths(evidence)
    if not evidence.died:  # C5, C25
        yield "likely cause: packages of tests only have no statements of their own (-coverpkg)"


def _deaths(evidence: Evidence) -> Iterator[str]:
    for path in evidence.died:
        yield f"{path}: not measured by its own tests, its process ended early (panic or exit)"


def _measured(evidence: Evidence, merged: Merged, known: Coverage) -> Coverage:
    files, generated, left_out = sort_out(merged, evidence.read)
    packages = totals(files, package_paths(evidence.modules))
    here = {package.path for package in packages}
    missing = tuple(path for path in evidence.packages if path not in here)
    changed = changedcode.look(evidence.changed or {}, files, evidence.read)
    functions = sorted(_functions(files, evidence.read, changed))
    exact = not merged.layout.miscounts
    return replace(
        known,
        total_pct=_share(packages) if exact else None,
        patch=_patch(changed) if evidence.changed is not None else None,
        packages=(
            *(
                PackageCoverage(path=p.path, pct=_share((p,)) if exact else None)
                for p in packages
                if p.statements
            ),
            *(PackageCoverage(path=path, pct=None) for path in missing),
        ),
        well_covered=tuple(_well(packages)) if exact else (),
        gaps=(
            *(
                Gap(file=path, line=line, text=text)
                for path, line, text in changedcode.gaps(changed)
            ),
            *(gap for *_, gap in functions[:_FUNCTIONS]),
            *_unmeasured(missing),
        ),
        untested=tuple(changedcode.untested(changed)),
        notes=(
            *known.notes,
            *_deaths(evidence),
            *_remarks(evidence, merged),
            *changedcode.remarks(changed),
            *_more(len(functions) - _FUNCTIONS),
            *_generated(generated, left_out),
        ),
    )


def _share(packages: Iterable[PackageTotal]) -> float | None:
    found = tuple(packages)
    return percent(sum(p.covered for p in found), sum(p.statements for p in found))


def _well(packages: Iterable[PackageTotal]) -> Iterator[str]:
    areas = [
        p for p in packages if p.statements >= _SMALL and p.covered * 100 >= WELL * p.statements
    ]
    areas.sort(key=lambda package: (-package.statements, package.path))
    for package in areas[:_SHOWN_WELL]:
        share = percent(package.covered, package.statements)
        yield f"{package.path}: {share} % ({package.covered:,} of {package.statements:,} statements)"


def _unmeasured(paths: Iterable[str]) -> Iterator[Gap]:
    for path in paths:
        yield Gap(file=path, line=None, text="not measured: no test binary that ran holds it")


def _patch(files: Iterable[ChangedFile]) -> Patch:
    found = [state for file in files for state in file.states.values()]
    return Patch(covered=found.count(State.HIT), lines=len(found))


def _functions(
    files: Mapping[str, FileCounts], read: Read, changed: Iterable[ChangedFile]
) -> Iterator[tuple[int, str, int, Gap]]:
    """Functions that never ran, with what sorts them: most statements first, then their place.

    Those that a change touches are told line by line already.
    """
    told = {(file.path, line) for file in changed for line in file.states}
    silent = (Standing.STALE, Standing.UNMAPPED)
    mute = {file.path for file in changed if file.standing in silent}
    for path, counts in files.items():
        data = read(path) if counts.covered < counts.statements and path not in mute else None
        if data is None:
            continue
        source = read_source(data)
        if source.renamed or stale(counts.blocks, data):
            continue
        for function, size in never_ran(source.functions, counts.blocks):
            if not any((path, line) in told for line in range(function.first, function.last + 1)):
                text = f"{function.name} never ran ({number(size, 'statement')})"
                yield -size, path, function.first, Gap(file=path, line=function.first, text=text)


def _more(left: int) -> Iterator[str]:
    if left > 0:
        yield f"beside the listed ones, never ran: {number(left, 'function')}"


def _remarks(evidence: Evidence, merged: Merged) -> Iterator[str]:
    if merged.layout.miscounts:  # C14
        version = ", ".join(merged.versions)
        yield f"{version} counts statements wrongly, percentages are n/a: use Go 1.27.2 or newer"
    if evidence.partial:
        yield "partial: the run is not green, what failed may have reached less than usual"
    if evidence.changed is None:  # C47
        reason = evidence.no_base or "there is no base to compare with"
        yield f"changed lines are unknown: {reason}"


def _generated(files: int, statements: int) -> Iterator[str]:
    if files:
        left_out = number(statements, "statement")
        yield f"left out: {left_out} in {number(files, 'generated file')}"
