"""One phase's part of the Scope: packages with their reasons, and what is left out, and why."""

from gomanager.golang.constraints import Configuration
from gomanager.partition import Share
from gomanager.phases import Phase
from gomanager.selection.calls import Call
from gomanager.selection.evidence import Evidence
from gomanager.selection.scope import PhaseScope, SelectedPackage, Skipped
from gomanager.selection.world import World


def phase_scope(phase: Phase, one: Call, evidence: Evidence, share: Share | None) -> PhaseScope:
    """The answer for one phase; without a share it is not called."""
    world = evidence.world
    shown = describe(world.configuration)
    if share is None:
        skipped = _skipped(world, one.held, frozenset())
        return PhaseScope(
            name=phase.name, selected=False, why=one.why, configuration=shown, skipped=skipped
        )
    assigned = {(a.module_dir, a.package): a for a in share.packages}
    runs = [p for p in one.packages if (world.module_dir(p), world.import_path(p)) in assigned]
    packages = tuple(_package(evidence, one, place, test=True) for place in runs)
    targets = tuple(_package(evidence, one, place, test=False) for place in one.targets)
    empty = not packages and not targets and phase.run.runner != "suite"
    why = (*one.why, "other phases run all of its tests") if empty else one.why
    return PhaseScope(
        name=phase.name,
        selected=not empty,
        why=why,
        configuration=shown,
        packages=packages,
        build_only=targets,
        skipped=_skipped(world, one.held, frozenset(runs)),
        whole=one.everything is not None
        and all(a.whole for a in assigned.values())
        and len(runs) == len(one.held),
        rebuild=_rebuild(evidence, runs),
    )


def _package(evidence: Evidence, one: Call, place: str, *, test: bool) -> SelectedPackage:
    world, reached = evidence.world, evidence.reached
    found = (reached.tests if test else reached.libraries).get(place, [])
    reasons = reached.reasons(place, test=test)
    if not reasons and one.everything is not None:
        reasons = (one.everything,)
    return SelectedPackage(
        path=world.import_path(place),
        module=world.module_dir(place),
        reasons=reasons,
        build_only=not test,
        seeds=max(1, len({reason.path for reason in found})),
    )


def _skipped(world: World, held: tuple[str, ...], runs: frozenset[str]) -> Skipped:
    """Every tested package of the repository, by why this phase leaves it out."""
    members = set(held)
    unchanged = sorted(world.import_path(place) for place in members - runs)
    outside = sorted(
        world.sides[0].view.import_path(place)
        if place not in world.packages
        else world.import_path(place)
        for place in world.with_tests
        if place not in members
    )
    return Skipped(unchanged=tuple(unchanged), not_in_phase=tuple(outside))


def _rebuild(evidence: Evidence, runs: list[str]) -> tuple[str, ...]:
    """C3: go does not see edits of these files, so their packages must be built anew."""
    found = {
        reason.path
        for place in runs
        for reason in evidence.reached.tests.get(place, ())
        if reason.id == "C3"
    }
    return tuple(sorted(found))


def describe(configuration: Configuration) -> str:
    """``GOOS=linux GOARCH=amd64 cgo race tags=integration``."""
    parts = [f"GOOS={configuration.goos}"] if configuration.goos else ["any platform"]
    parts += [f"GOARCH={configuration.goarch}"] if configuration.goarch else []
    parts += ["cgo"] if configuration.cgo else []
    parts += sorted(tag for tag in configuration.tool_tags if tag in ("race", "msan", "asan"))
    parts += [f"tags={','.join(sorted(configuration.tags))}"] if configuration.tags else []
    return " ".join(parts)
