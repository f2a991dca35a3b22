"""Coverage of a run: its profiles, its change and its sources become the report's section."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from gomanager.analysis import coverage as analysis
from gomanager.analysis.totals import places
from gomanager.analysis.untested import integration_tests, untested
from gomanager.errors import EnvironmentFault
from gomanager.git.hunks import Lines, changed_lines
from gomanager.git.repository import Repository
from gomanager.golang.constraints import UNION
from gomanager.golang.packages import LIB
from gomanager.gotest.profile import BadProfile, Family, Origin, Profile, Source, read
from gomanager.gotest.profiles import look, merge, seen
from gomanager.inventory import PackageTests, package_tests
from gomanager.phases import Phase
from gomanager.pipeline.configurations import configurations
from gomanager.report import model
from gomanager.results import PackageOutcome, PhaseResult, Run, Verdict

if TYPE_CHECKING:
    from gomanager.pipeline.prepare import Prepared

_NOT_GREEN = (Verdict.RED, Verdict.ERROR, Verdict.INTERRUPTED)
_INTEGRATION = ("@integration", "@tagged")


class Measured(Struct, frozen=True, kw_only=True):
    """``shown`` is the section; its parts that need no measurement are there in any case."""

    shown: model.Coverage


def measure(prepared: "Prepared", run: Run) -> Measured:
    """Read what the phases left, and say what is known without it; profiles are taken away."""
    found = analysis.analyse(_evidence(prepared, run))
    for phase in run.phases:
        for path in phase.profiles:
            Path(path).unlink(missing_ok=True)
    return Measured(shown=_shown(found))


def _evidence(prepared: "Prepared", run: Run) -> analysis.Evidence:
    answer = prepared.answer
    sources = _reader(prepared.root)
    changed, no_base = _changed(prepared)
    profiles, unreadable = _profiles(prepared, run.phases)
    return analysis.Evidence(
        modules=answer.graph.modules,
        read=sources,
        profiles=tuple(_looked_at(profiles, prepared, sources)),
        unreadable=unreadable,
        measured=any(one.request.cover for one in prepared.planned),
        changed=changed,
        no_base=no_base,
        packages=tuple(_expected(prepared)),
        died=tuple(_died(run.phases)),
        partial=run.verdict in _NOT_GREEN,
        integration_tests=integration_tests(_all_tests(prepared)),
        untested=untested(changed or {}, answer.graph.views(UNION), sources),
    )


def _reader(root: Path) -> Callable[[str], bytes | None]:
    """Files of the work tree; a profile's names are foreign and may lead anywhere."""

    @cache
    def source(path: str) -> bytes | None:
        if path.startswith("/") or ".." in path.split("/") or not path.endswith(".go"):
            return None
        try:
            return (root / path).read_bytes()
        except (OSError, ValueError):
            return None

    return source


def _changed(prepared: "Prepared") -> tuple[Lines | None, str | None]:
    changes, repository = prepared.answer.changes, prepared.answer.repository
    if changes.base is None or not isinstance(repository, Repository):
        return None, changes.reason
    try:
        return changed_lines(repository, changes.base, changes.changes), None
    except EnvironmentFault as fault:
        return None, fault.what


def _all_tests(prepared: "Prepared") -> Iterator[PackageTests]:
    """Under the tags of every phase, whether the change calls for it or not."""
    answer = prepared.answer
    for configuration in set(configurations(answer.phases, answer.toolchain).values()):
        for view in answer.graph.views(configuration):
            yield from package_tests(view)


def _profiles(
    prepared: "Prepared", phases: Iterable[PhaseResult]
) -> tuple[list[Profile], tuple[str, ...]]:
    catalogue = {phase.name: phase for phase in prepared.answer.phases}
    version = prepared.means.toolchain.version
    found, unreadable = [], []
    for phase in phases:
        for path in phase.profiles:
            origin = _origin(catalogue.get(phase.name))
            source = Source(name=Path(path).name, go=version or None, origin=origin)
            try:
                with Path(path).open("rb") as lines:
                    found.append(read(lines, source))
            except BadProfile as bad:  # C6: nothing of it is used
                unreadable.append(f"{bad.where}: {bad.what}")
            except OSError as error:
                unreadable.append(f"{path}: {error.strerror}")
    return found, tuple(unreadable)


def _origin(phase: Phase | None) -> Origin:
    if phase is None or phase.coverage == "unit":
        return Origin.UNIT
    inside = any(pattern in phase.run.packages for pattern in _INTEGRATION)
    return Origin.INTEGRATION if inside or phase.coverage == "integration" else Origin.UNIT


def _looked_at(
    profiles: Iterable[Profile], prepared: "Prepared", sources: Callable[[str], bytes | None]
) -> Iterator[Profile]:
    """A module's go.mod may have switched to another toolchain: the blocks tell (C15)."""
    place = places(prepared.answer.graph.modules)
    for profile in profiles:
        family = _family(profile, place, sources)
        said = profile.source.layout.family
        if family in (Family.UNKNOWN, said):
            yield profile
        else:
            yield seen(replace(profile, source=replace(profile.source, go=None)), family)


def _family(
    profile: Profile,
    place: Callable[[Source, str], str],
    sources: Callable[[str], bytes | None],
) -> Family:
    merged = merge([profile], place)
    for path, counts in merged.files.items() if merged is not None else ():
        data = sources(path)
        family = look(counts.blocks, data) if data is not None else Family.UNKNOWN
        if family is not Family.UNKNOWN:
            return family
    return Family.UNKNOWN


def _expected(prepared: "Prepared") -> Iterator[str]:
    """Packages with code that the phases were to reach."""
    modules = {module.dir: module.path for module in prepared.answer.graph.modules}
    packages = prepared.answer.graph.packages
    told: set[str] = set()
    for one in prepared.planned:
        for selected in (*one.scope.packages, *one.scope.build_only):
            inner = selected.path.removeprefix(modules.get(selected.module, "")).strip("/")
            package = packages.get("/".join(part for part in (selected.module, inner) if part))
            has_code = package is not None and any(g.kind == LIB for g in package.groups)
            if has_code and selected.path not in told:
                told.add(selected.path)
                yield selected.path


def _died(phases: Iterable[PhaseResult]) -> Iterator[str]:
    for phase in phases:
        for package in phase.packages:
            if package.attempts[0].result is PackageOutcome.DIED:
                yield package.path


def _shown(found: analysis.Coverage) -> model.Coverage:
    patch = found.patch
    return model.Coverage(
        total_pct=found.total_pct,
        patch=model.Patch(covered=patch.covered, lines=patch.lines) if patch else None,
        packages=tuple(model.PackageCoverage(path=p.path, pct=p.pct) for p in found.packages),
        well_covered=found.well_covered,
        gaps=tuple(model.Gap(file=g.file, line=g.line, text=g.text) for g in found.gaps),
        scenarios=found.scenarios,
        integration_tests=found.integration_tests,
        untested=found.untested,
        notes=found.notes,
    )
