"""From the results of a run to its report: what history and the change add to the findings."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gomanager.analysis.finding import CaseKey, Context, Reproduction
from gomanager.analysis.findings import findings
from gomanager.analysis.recommendations import recommendations
from gomanager.analysis.resources import notable
from gomanager.case import leaves
from gomanager.gotest.order import told
from gomanager.pipeline.declared import with_places
from gomanager.pipeline.measure import measure
from gomanager.pipeline.memory import Memory
from gomanager.report.build import build
from gomanager.report.model import Report
from gomanager.results import Label, Note, Outcome, PhaseResult, Purpose, Run, Severity
from gomanager.runners.calls import workspace_env
from gomanager.selection.scope import PhaseScope
from gomanager.store.habit import Resources
from gomanager.store.protocol import CaseKey as StoredCase
from gomanager.store.protocol import PackageKey, Usual
from gomanager.text import masker

if TYPE_CHECKING:
    from gomanager.pipeline.prepare import Prepared

NOTABLE_MS = 200
"""Cases below this are never named slow: history is not asked for them."""
ASKED_CASES = 500
PROVED_SHOWN = 40


def conclude(prepared: "Prepared", run: Run) -> Report:
    """The report of a finished run."""
    phases = (replace(p, packages=tuple(map(told, p.packages))) for p in run.phases)
    run = replace(run, phases=with_places(phases, prepared.answer.tests))
    run = replace(run, notes=(*run.notes, *_wrongly_spared(prepared, run)))
    context = _context(prepared, run)
    coverage = measure(prepared, run)
    found = findings(run, context)
    return build(
        run,
        found,
        coverage.shown,
        recommendations(run, found, context, coverage.shown.untested),
        mask=masker(prepared.means.environ),
        root=str(prepared.root),
        not_run=tuple(_not_run(prepared)),
    )


def _context(prepared: "Prepared", run: Run) -> Context:
    return Context(
        reproductions=dict(_reproductions(prepared)),
        medians=dict(_medians(prepared.memory, run.phases)),
        slow_ms={one.phase.name: one.phase.slow_ms for one in prepared.planned},
        flakes=dict(_flakes(prepared.memory, run.phases)),
        resources=dict(_resources(prepared.memory, run)),
        changed=frozenset(_changed(prepared)),
    )


def _reproductions(prepared: "Prepared") -> Iterator[tuple[tuple[str, str], Reproduction]]:
    for one in prepared.previews:
        request = one.planned.request
        for module in request.modules:
            folder = module.dir.relative_to(prepared.root).as_posix()
            env = (*workspace_env(module.dir, request.environ), *request.phase.run.env.items())
            yield (
                (request.phase.name, module.path),
                Reproduction(folder=folder, module=module.path, flags=one.flags, env=env),
            )


def _medians(memory: Memory, phases: Iterable[PhaseResult]) -> Iterator[tuple[CaseKey, int]]:
    """Usual times of the cases that took long enough to be worth a question."""
    if memory.store is None:
        return
    for phase in phases:
        long = [
            (attempt.duration_ms, StoredCase(package.module, package.path, case.name))
            for package in phase.packages
            for case in package.cases
            for attempt in case.attempts[:1]
            if attempt.duration_ms is not None and attempt.duration_ms >= NOTABLE_MS
        ]
        took = {key: ms for ms, key in sorted(long, reverse=True)[:ASKED_CASES]}
        for key, usual in memory.store.case_times(phase.name, phase.variant, took).items():
            before = _before(usual, took[key])
            if before is not None:
                yield (phase.name, key.path, key.name), before


def _before(usual: Usual, now: int) -> int | None:
    """What was usual without this run, which is in the store already; ``None``: no history."""
    match usual.n:
        case 0 | 1:
            return None
        case 2:
            return max(0, 2 * usual.ms - now)
        case _:
            return usual.ms


def _flakes(memory: Memory, phases: Iterable[PhaseResult]) -> Iterator[tuple[CaseKey, int]]:
    """How often the failed cases of this run were flaky before."""
    if memory.store is None:
        return
    for phase in phases:
        failed = {
            StoredCase(package.module, package.path, case.name)
            for package in phase.packages
            for case in package.cases
            if any(a.outcome is Outcome.FAIL and a.purpose is Purpose.FIRST for a in case.attempts)
        }
        stats = memory.store.stats(phase.name) if failed else {}
        now = {
            (package.path, case.name)
            for package in phase.packages
            for case in package.cases
            if case.label is Label.FLAKY
        }
        for key in failed & stats.keys():
            before = stats[key].flakes - ((key.path, key.name) in now)
            if before > 0:
                yield (phase.name, key.path, key.name), before


def _resources(memory: Memory, run: Run) -> Iterator[tuple[tuple[str, str, str], Resources]]:
    """What packages usually take whose test process took much."""
    for phase in run.phases if memory.store is not None else ():
        wanted = {
            PackageKey(package.module, package.path): leaves(package.cases)
            for package in phase.packages
            if notable(package)
        }
        if wanted and memory.store is not None:
            known = memory.store.resources(phase, wanted, beside=run.uid)
            yield from (((phase.name, *key), usual) for key, usual in known.items())


def _changed(prepared: "Prepared") -> Iterator[str]:
    """Packages whose own files the change touches."""
    for phase in prepared.answer.scope.phases:
        for package in (*phase.packages, *phase.build_only):
            for reason in package.reasons:
                if reason.path and len(reason.chain) <= 1:
                    yield package.path


def _wrongly_spared(prepared: "Prepared", run: Run) -> Iterator[Note]:
    """Packages of the shadow sample that failed: nobody would have run them."""
    drawn = {
        (phase.name, package.path)
        for phase in prepared.answer.scope.phases
        for package in phase.packages
        if {reason.id for reason in package.reasons} == {"shadow"} or package.path in phase.sampled
    }
    for phase in run.phases:
        for package in phase.packages:
            if package.red and (phase.name, package.path) in drawn:
                title = f"{package.path} failed in {phase.name}, and would have been skipped"
                text = "it ran for the shadow sample only: the selection missed what changed it"
                yield Note(severity=Severity.WARNING, kind="scope", title=title, text=text)


def _not_run(prepared: "Prepared") -> Iterator[tuple[str, str]]:
    """Phases that the change does not call for, packages that it does not reach, functions."""
    for phase in prepared.answer.scope.phases:
        if not phase.selected:
            yield f"phase {phase.name}", "; ".join(phase.why)
    proved = {p.package for phase in prepared.answer.scope.phases for p in phase.proofs}
    spared = (
        {
            path
            for phase in prepared.answer.scope.phases
            if phase.selected
            for path in phase.skipped.unchanged
        }
        - set(prepared.answer.scope.packages)
        - proved
    )
    if spared:
        one = len(spared) == 1
        count = "1 test package" if one else f"{len(spared)} test packages"
        yield count, f"the change does not reach {'it' if one else 'them'}"
    yield from _proved(prepared.answer.scope.phases)
    for name in prepared.unclaimed[:20]:
        yield name, "no called phase claims it"
    if len(prepared.unclaimed) > 20:
        more = len(prepared.unclaimed) - 20
        yield f"{more} more test functions", "no called phase claims them"


def _proved(phases: Iterable[PhaseScope]) -> Iterator[tuple[str, str]]:
    """Packages that an earlier result spares, by phase, each with its run and commit."""
    for phase in phases:
        for proof in phase.proofs[:PROVED_SHOWN]:
            yield f"{proof.package} in {phase.name}", proof.text
        if len(phase.proofs) > PROVED_SHOWN:
            more = len(phase.proofs) - PROVED_SHOWN
            yield f"{more} more packages in {phase.name}", "proven green: gomanager why PACKAGE"
