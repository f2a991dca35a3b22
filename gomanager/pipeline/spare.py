"""What the ledger takes out of a scope: packages that are proven green with exactly these inputs.

The partition is settled before: a phase keeps its functions whether or not they run again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from gomanager.partition import Assignment
from gomanager.phases import Phase
from gomanager.pipeline.inputs import Places, current
from gomanager.pipeline.prints import Filter, Print, Prints
from gomanager.selection.ledger import Input, Record, proof, sampled
from gomanager.selection.question import Ledger
from gomanager.selection.scope import (
    Mode,
    PhaseScope,
    Proved,
    Reason,
    Scope,
    SelectedPackage,
)
from gomanager.selection.select import Selected
from gomanager.selection.world import World

Key = tuple[str, str, str]
"""Phase, module folder, import path."""


class Bench(Struct, frozen=True, kw_only=True):
    """What judging needs beside the scope."""

    prints: Prints
    ledger: Ledger
    phases: Mapping[str, Phase]
    now: datetime
    places: Places
    sample: str = ""
    """The commit whose shadow sample runs; empty: none does."""
    digests: dict[tuple[str, str, str, str], str] = field(default_factory=dict)

    def current(self, phase: Phase, world: World) -> Callable[[Input, str], str]:
        """Digests as they are now, each taken once."""
        environ = self.prints.key(phase, world).environ or {}

        def now(one: Input, fingerprint: str) -> str:
            salt = fingerprint if one.kind == "env" else ""
            known = (one.kind, one.name, salt, phase.name if salt else "")
            if known not in self.digests:
                self.digests[known] = current(one, fingerprint, self.places, environ)
            return self.digests[known]

        return now


def filters(selected: Selected) -> Mapping[Key, Filter]:
    """What each called phase runs of each package, build targets included."""
    found: dict[Key, Filter] = {}
    for share in selected.shares:
        for one in share.packages:
            found[share.phase.name, one.module_dir, one.package] = _filter(one)
    for phase in selected.scope.phases:
        for target in phase.build_only:
            found.setdefault((phase.name, target.module, target.path), Filter(build_only=True))
    return found


def _filter(one: Assignment) -> Filter:
    return Filter(run=one.run, skip=one.skip)


def folders(world: World) -> Mapping[tuple[str, str], str]:
    """Module folder and import path of every package to its folder."""
    return {(world.module_dir(p), world.import_path(p)): p for p in world.packages}


def fingerprints(selected: Selected, prints: Prints, phases: Mapping[str, Phase]) -> Mapping[
    Key, Print | str
]:  # fmt: skip
    """Of every selected package and build target, or why there is none."""
    found: dict[Key, Print | str] = {}
    what = filters(selected)
    for scope in selected.scope.phases:
        world = selected.worlds[scope.name]
        known = folders(world) if scope.selected else {}
        for package in (*scope.packages, *scope.build_only) if scope.selected else ():
            key = (scope.name, package.module, package.path)
            place = known.get((package.module, package.path))
            if place is None or key not in what:
                found[key] = "its folder is not known"
                continue
            found[key] = prints.of(phases[scope.name], world, place, what[key])
    return found


def spare(selected: Selected, bench: Bench) -> Selected:
    """The same with proven packages left out; raises EnvironmentFault where the store fails."""
    known = fingerprints(selected, bench.prints, bench.phases)
    wanted = [one.fingerprint for one in known.values() if isinstance(one, Print)]
    rows = bench.ledger.ledger(wanted)
    built: set[tuple[str, str]] = set()
    phases = tuple(
        _spared(scope, selected.worlds[scope.name], known, rows, bench, built)
        for scope in selected.scope.phases
    )
    return replace(selected, scope=_settled(replace(selected.scope, phases=phases)))


def _spared(
    scope: PhaseScope,
    world: World,
    known: Mapping[Key, Print | str],
    rows: Mapping[str, tuple[Record, ...]],
    bench: Bench,
    built: set[tuple[str, str]],
) -> PhaseScope:
    if not scope.selected:
        return scope
    now = bench.current(bench.phases[scope.name], world)
    verdicts: dict[tuple[str, str], Record | str] = {}
    for package in (*scope.packages, *scope.build_only):
        one = known[scope.name, package.module, package.path]
        found = rows.get(one.fingerprint, ()) if isinstance(one, Print) else ()
        verdict = proof(found, bench.now, now) if isinstance(one, Print) else one
        verdicts[package.module, package.path] = verdict
    drawn = [p for p in scope.packages if _drawn(p, verdicts, bench)]
    spared = [
        p
        for p in scope.packages
        if p not in drawn and isinstance(verdicts[p.module, p.path], Record)
    ]
    targets = [p for p in scope.build_only if isinstance(verdicts[p.module, p.path], Record)]
    targets += [p for p in scope.build_only if (p.module, p.path) in built and p not in targets]
    built.update((p.module, p.path) for p in targets)
    return _without(scope, spared, targets, drawn, verdicts)


def _drawn(
    package: SelectedPackage,
    verdicts: Mapping[tuple[str, str], Record | str],
    bench: Bench,
) -> bool:
    if not bench.sample or not isinstance(verdicts[package.module, package.path], Record):
        return False
    return sampled(bench.sample, package.path)


def _without(
    scope: PhaseScope,
    spared: list[SelectedPackage],
    targets: list[SelectedPackage],
    drawn: list[SelectedPackage],
    verdicts: Mapping[tuple[str, str], Record | str],
) -> PhaseScope:
    packages = tuple(_marked(p, drawn) for p in scope.packages if p not in spared)
    build_only = tuple(p for p in scope.build_only if p not in targets)
    proofs = tuple(_proofs((*spared, *targets), verdicts))
    count = len(spared) + len(targets)
    why = scope.why
    if count:
        what = "1 package is" if count == 1 else f"{count} packages are"
        rest = "" if packages or build_only else ", nothing else is left to run"
        why = (*why, f"{what} proven green{rest}")
    skipped = replace(scope.skipped, proved=tuple(sorted(p.path for p in spared)))
    left = bool(packages or build_only) or not count
    return replace(
        scope,
        selected=left,
        why=why,
        packages=packages,
        build_only=build_only,
        skipped=skipped,
        proofs=proofs,
        doubts=tuple(_doubts(packages, verdicts)),
        sampled=tuple(p.path for p in drawn),
        whole=scope.whole and not count,
    )


def _marked(package: SelectedPackage, drawn: list[SelectedPackage]) -> SelectedPackage:
    if package not in drawn:
        return package
    text = "proven green, and drawn for the shadow sample of this commit"
    reason = Reason(id="shadow", path="", status="", chain=(), text=text)
    return replace(package, reasons=(reason, *package.reasons))


def _proofs(
    packages: Iterable[SelectedPackage], verdicts: Mapping[tuple[str, str], Record | str]
) -> Iterator[Proved]:
    for package in packages:
        record = verdicts[package.module, package.path]
        if isinstance(record, Record):
            yield Proved(
                package=package.path,
                module=package.module,
                commit=record.commit,
                dirty=record.dirty,
                finished=record.finished,
                run=record.run,
                duration_ms=record.duration_ms,
            )


def _doubts(
    packages: Iterable[SelectedPackage], verdicts: Mapping[tuple[str, str], Record | str]
) -> Iterator[tuple[str, str]]:
    for package in packages:
        verdict = verdicts[package.module, package.path]
        if isinstance(verdict, str):
            yield package.path, verdict


def _settled(scope: Scope) -> Scope:
    """Mode and reason after the proofs were counted."""
    count = len({(p.module, p.package) for phase in scope.phases for p in phase.proofs})
    if not count:
        return scope
    what = "1 package is" if count == 1 else f"{count} packages are"
    if any(phase.selected for phase in scope.phases):
        return replace(scope, reason=f"{scope.reason}; {what} proven green")
    reason = f"nothing to run: {what} proven green ({scope.reason})"
    return replace(scope, mode=Mode.NONE, reason=reason)
