"""Which phases are called, and why: ``when`` of the phase against what the changes reach."""

from collections.abc import Iterable

from msgspec import Struct

from gomanager.phases import Phase
from gomanager.places import import_matches, package_matches
from gomanager.selection.evidence import Evidence
from gomanager.selection.globs import matcher
from gomanager.selection.rows import MODULE_FILES
from gomanager.selection.scope import Reason, shown


class Call(Struct, frozen=True, kw_only=True):
    """The answer for one phase; ``everything``: the reason why all of it runs, not only a part."""

    called: bool
    why: tuple[str, ...]
    everything: Reason | None = None
    packages: tuple[str, ...] = ()
    """Folders of tests to run, before the partition."""
    targets: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


def call(phase: Phase, evidence: Evidence, paths: Iterable[str], red: bool, *, named: bool) -> Call:
    """Ask one phase; ``named``: the user did, so ``when`` does not count."""
    world, reached = evidence.world, evidence.reached
    held = world.held(phase)
    known = tuple(paths)
    affected = tuple(place for place in held if place in reached.tests)
    targets = tuple(place for place in world.targets(phase) if place in reached.libraries)
    whole = _whole(phase, evidence, known, held)
    if whole is not None:
        everywhere = world.targets(phase)
        why = (whole.text,)
        return Call(
            called=True, why=why, everything=whole, packages=held, targets=everywhere, held=held
        )
    if not held and not targets and phase.run.runner != "suite":
        return Call(called=False, why=("nothing here",))
    reasons = [] if not (affected or targets) else _affected(phase, evidence, affected, targets)
    if red and phase.when.failed_in_ci:
        reasons.append("it was red in its last run on this branch")
        affected = affected or held
    reasons += _modules(phase, known) if affected or targets else []
    if named and (affected or targets):
        reasons = ["asked for by --phase", *reasons]
    if not reasons:
        return Call(called=False, why=(_why_not(phase, affected, named=named),), held=held)
    return Call(called=True, why=tuple(reasons), packages=affected, targets=targets, held=held)


def _whole(
    phase: Phase, evidence: Evidence, paths: tuple[str, ...], held: tuple[str, ...]
) -> Reason | None:
    """What calls all of the phase: row 10, ``always``, a package it exercises, a magefile."""
    if phase.when.always:
        return Reason(id="10", path="", status="", chain=(), text="it is called by every run")
    matches = matcher(phase.when.changed)
    takes = matcher(phase.inputs)
    for path in paths:
        if takes(path):
            text = f"{shown(path)} is an input of the phase"
            return Reason(id="10", path=path, status="", chain=(), text=text)
        if matches(path) and not _within(path, held):
            text = f"{shown(path)} calls for it"
            return Reason(id="10", path=path, status="", chain=(), text=text)
    drives = phase.run.runner == "magex" or (phase.run.runner == "auto" and phase.whole)
    for path in paths if drives else ():
        if evidence.world.is_magefile(path):
            text = f"{shown(path)} decides how magex runs it"
            return Reason(id="A31", path=path, status="", chain=(), text=text)
    for place in sorted(evidence.reached.libraries):
        path = evidence.world.import_path(place)
        if phase.exercises and package_matches(phase.exercises, place, path):
            text = f"it exercises {path}, which is affected"
            return Reason(id="10", path="", status="", chain=(), text=text)
    return None


def _within(path: str, held: tuple[str, ...]) -> bool:
    """A glob that matches files of the phase's own packages names these packages (row 10)."""
    place = path.rpartition("/")[0]
    return path.endswith(".go") and place in held


def _affected(
    phase: Phase, evidence: Evidence, affected: tuple[str, ...], targets: tuple[str, ...]
) -> list[str]:
    when = phase.when
    if not when.affected:
        matches = matcher(when.changed)
        own = [
            r.path for place in affected for r in evidence.reached.reasons(place) if matches(r.path)
        ]
        return [f"{shown(own[0])} calls for it"] if own else []
    found = [_count(affected, targets, evidence)]
    if when.imports or when.executes:
        use = _uses(phase, evidence)
        return [*found, use] if use else []
    return found


def _count(affected: tuple[str, ...], targets: tuple[str, ...], evidence: Evidence) -> str:
    if not affected:
        path = evidence.world.import_path(targets[0])
        more = f" and {len(targets) - 1} more" if len(targets) > 1 else ""
        return f"{path}{more} must still compile"
    path = evidence.world.import_path(affected[0])
    if len(affected) == 1:
        return f"{path} is affected"
    return f"{len(affected)} of its packages are affected, {path} the first"


def _uses(phase: Phase, evidence: Evidence) -> str | None:
    """A changed package that imports or starts what the phase is about."""
    world = evidence.world
    for place in sorted(evidence.reached.changed):
        for path in sorted(world.imports_of(place)):
            if any(import_matches(pattern, path) for pattern in phase.when.imports):
                return f"{world.import_path(place)} changed and imports {path}"
        program = world.started_by(place, phase.when.executes)
        if program is not None:
            return f"{world.import_path(place)} changed and starts {program}"
    return None


def _modules(phase: Phase, paths: tuple[str, ...]) -> list[str]:
    if not phase.when.modules:
        return []
    changed = [path for path in paths if path.rpartition("/")[2] in MODULE_FILES]
    return [f"{shown(changed[0])} changed"] if changed else []


def _why_not(phase: Phase, affected: tuple[str, ...], *, named: bool) -> str:
    if not affected:
        return "no change reaches any package of it"
    files = [*phase.when.changed, *(MODULE_FILES[:1] if phase.when.modules else ())]
    if named or not phase.when.affected:
        first = f" ({files[0]}{' …' if len(files) > 1 else ''})" if files else ""
        return f"none of its trigger files changed{first}" if files else "nothing calls for it"
    wanted = [*phase.when.imports, *phase.when.executes]
    return f"no changed package imports or starts {wanted[0]}" + (" …" if len(wanted) > 1 else "")
