"""Why, or why not: the answer of the scope for one package, test, file or phase.

The same selection answers as for ``run``; nothing is decided here.
"""

from pathlib import Path

from msgspec.structs import replace

from gomanager.errors import UsageError
from gomanager.golang.constraints import included
from gomanager.golang.packages import LIB
from gomanager.inventory import PackageTests
from gomanager.partition import claimed
from gomanager.phases import Phase
from gomanager.pipeline.scope import Answer
from gomanager.pipeline.whatfor import Target, targets
from gomanager.pipeline.whyanswer import (
    ELSEWHERE,
    PROVED,
    SELECTED,
    UNCHANGED,
    PhaseAnswer,
    Why,
)
from gomanager.pipeline.whyfile import file
from gomanager.places import folder_matches
from gomanager.selection.scope import (
    Mode,
    PhaseScope,
    Proved,
    Reason,
    SelectedPackage,
    shown,
)
from gomanager.selection.world import World


def why(answer: Answer, word: str, cwd: Path) -> Why:
    """Explain one target; raises UsageError for an unknown or ambiguous one."""
    found = targets(answer, word, cwd)
    if len(found) > 1:
        names = ", ".join(target.name for target in found[:5]) + (" …" if len(found) > 5 else "")
        what = f"'{word}' is in {len(found)} packages: {names}"
        raise UsageError(what, fix="write PACKAGE.TestName, or ./folder")
    (target,) = found
    match target.kind:
        case "phase":
            one = next(p for p in answer.scope.phases if p.name == target.name)
            return Why(target=target, phases=(_phase(one),), text=answer.scope.reason)
        case "file":
            return file(answer, target)
        case _:
            phases = tuple(_package(answer, target, one) for one in answer.scope.phases)
            return Why(target=target, phases=_included(phases), text=_about(answer, target))


def _about(answer: Answer, target: Target) -> str:
    path = target.name.removesuffix(f".{target.case}") if target.case else target.name
    if answer.scope.unclaimed and answer.scope.mode is Mode.ALL:
        paths = ", ".join(shown(one) for one in answer.scope.unclaimed[:3])
        return f"everything runs; what no test reads belongs in .gomanager.yaml: inert: [{paths}]"
    if path in answer.scope.removed:
        return "the change takes it away"
    package = answer.graph.packages[target.path]
    if all(group.kind == LIB for group in package.groups):
        return "it has no test files: it is compiled when a change reaches it"
    return ""


def _phase(one: PhaseScope) -> PhaseAnswer:
    spared = not one.selected and bool(one.proofs)
    answer = SELECTED if one.selected else PROVED if spared else UNCHANGED
    return PhaseAnswer(
        name=one.name,
        answer=answer,
        text="; ".join(one.why),
        configuration=one.configuration,
        proof=one.proofs[0] if spared else None,
        packages=(*one.packages, *one.build_only),
    )


def _package(answer: Answer, target: Target, one: PhaseScope) -> PhaseAnswer:
    world = answer.worlds[one.name]
    path, module = world.import_path(target.path), world.module_dir(target.path)
    outside = _outside(answer, target, one)
    if outside:
        return _answered(one, ELSEWHERE, outside)
    for package in (*one.packages, *one.build_only):
        if (package.path, package.module) == (path, module):
            return _answered(one, SELECTED, _how(one, package), reasons=package.reasons)
    for proof in one.proofs:
        if (proof.package, proof.module) == (path, module):
            when = proof.finished.strftime("%Y-%m-%d %H:%M UTC")
            took = f", {proof.duration_ms} ms" if proof.duration_ms is not None else ""
            return _answered(one, PROVED, f"{proof.text}, {when}{took}", proof=proof)
    return _answered(one, UNCHANGED, _not_reached(answer, one))


def _answered(
    one: PhaseScope,
    answer: str,
    text: str,
    *,
    reasons: tuple[Reason, ...] = (),
    proof: Proved | None = None,
) -> PhaseAnswer:
    return PhaseAnswer(
        name=one.name,
        answer=answer,
        text=text,
        configuration=one.configuration,
        reasons=reasons,
        proof=proof,
    )


def _how(one: PhaseScope, package: SelectedPackage) -> str:
    doubt = dict(one.doubts).get(package.path)
    parts = ["it has no tests here and must compile"] if package.build_only else []
    parts += [f"{package.seeds} changed paths reach it"] if package.seeds > 1 else []
    parts += [f"not spared: {doubt}"] if doubt else []
    return "; ".join(parts)


def _not_reached(answer: Answer, one: PhaseScope) -> str:
    base = answer.scope.base
    if not one.selected and answer.scope.mode != "none":
        return f"the phase is not called: {'; '.join(one.why)}"
    if base is None:
        return "the phase does not ask for it"
    since = f"since {base.commit[:12]} ({base.how})"
    if not answer.changes.changes:
        return f"nothing changed {since}"
    return f"no change {since} reaches it"


def _outside(answer: Answer, target: Target, one: PhaseScope) -> str:
    """What keeps the target out of a phase; empty: it is the phase's."""
    phase = next(phase for phase in answer.phases if phase.name == one.name)
    world = answer.worlds[one.name]
    place = target.path
    if place not in world.packages:
        return f"no file of it is compiled: {_constraints(world, place, tests=False)}"
    if place not in world.tested:
        return _untested(answer, phase, world, place)
    package = world.tests(place)
    if target.case:
        return _case_outside(answer, phase, package, target.case, world)
    if place in world.held(phase):
        return ""
    return _places(phase, place) or "none of its test functions belongs to the phase"


def _untested(answer: Answer, phase: Phase, world: World, place: str) -> str:
    if any(group.kind != LIB for group in answer.graph.packages[place].groups):
        return f"no test file of it is compiled: {_constraints(world, place, tests=True)}"
    if place in world.targets(phase):
        return ""
    return _places(phase, place) or "the phase holds test functions, and it has none"


def _case_outside(
    answer: Answer, phase: Phase, package: PackageTests, name: str, world: World
) -> str:
    functions = [f for f in package.functions if f.name == name]
    if not functions:
        return f"its file is not compiled: {_constraints(world, package.dir, tests=True)}"
    if name not in {function.name for function in claimed(phase, package)}:
        return _places(phase, package.dir) or _patterns(phase, functions[0].file)
    for other in answer.phases:
        if other.name == phase.name:
            return ""
        tests = answer.tests.get(other.name, ())
        mine = [one for one in tests if one.dir == package.dir]
        if any(f.name == name for one in mine for f in claimed(other, one)):
            return f"phase {other.name} runs it"
    return ""


def _places(phase: Phase, place: str) -> str:
    patterns = [p for p in phase.run.packages if not p.startswith("@")]
    if not patterns or folder_matches(patterns, place):
        return ""
    name = shown(place) or "the root package"
    if folder_matches([p for p in patterns if p != "!@integration"], place):
        return f"{name} is in a folder named like integration tests"
    return f"{name} is not in {' '.join(phase.run.packages)}"


_WORDS = {"@integration": "folders of integration tests", "@tagged": "files behind its tags"}


def _patterns(phase: Phase, file: str) -> str:
    run = phase.run
    if run.packages and not folder_matches(run.packages, file.rpartition("/")[0]):
        places = " and ".join(_WORDS.get(one, one) for one in run.packages)
        return f"the phase takes {places} alone, and {shown(file)} is none"
    wanted = [*(f"files {' '.join(run.files)}" for _ in run.files[:1])]
    wanted += [f"tests {run.tests}"] if run.tests else []
    wanted += [f"no tests {run.skip}"] if run.skip else []
    return f"the phase takes {', '.join(wanted)}; this one is in {shown(file)}"


def _constraints(world: World, place: str, *, tests: bool) -> str:
    conditions = {
        group.condition
        for group in world.graph.packages[place].groups
        if group.condition
        and (not tests or group.kind != LIB)
        and not included(group.condition, world.configuration)
    }
    return f"it needs {' or '.join(sorted(conditions))}" if conditions else "go looks past it"


def _included(phases: tuple[PhaseAnswer, ...]) -> tuple[PhaseAnswer, ...]:
    """``not_in_phase`` names the phases that have it."""
    inside = [one.name for one in phases if one.answer != ELSEWHERE]
    tail = f"; it is in {', '.join(inside)}" if inside else "; no phase has it"
    return tuple(
        replace(one, text=one.text + tail) if one.answer == ELSEWHERE else one for one in phases
    )
