"""From the first processes of a phase to its result: reruns, labels, the verdict."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from types import MappingProxyType

from msgspec import Struct, field
from msgspec.structs import replace

from gomanager.errors import EnvironmentFault
from gomanager.gotest import rerun
from gomanager.gotest.asked import Fold
from gomanager.gotest.builds import build_failure
from gomanager.gotest.explanation import Round, conclude
from gomanager.gotest.location import Places
from gomanager.gotest.order import isolated
from gomanager.gotest.verdict import ENVIRONMENT, Judgement, combine, judge
from gomanager.results import (
    Label,
    Note,
    PackageAttempt,
    PackageOutcome,
    PackageResult,
    PhaseStarted,
    Purpose,
    Severity,
    Verdict,
)
from gomanager.runners.calls import Call, Setting
from gomanager.runners.execute import Session
from gomanager.runners.invoke import go_test, rerun_flags
from gomanager.runners.request import PackageRequest
from gomanager.runners.search import prove
from gomanager.runners.written import Written, read_written

SIDE_LINES = 200


class First(Struct, dict=True):
    """One first process, the call behind it, and its packages as they stand by now."""

    call: Call
    fold: Fold
    packages: list[PackageResult]
    rounds: dict[int, list[Round]] = field(default_factory=dict)
    """Index of a package → its reruns."""

    @cached_property
    def _asked(self) -> dict[str, PackageRequest]:
        return {package.path: package for package in self.call.packages}

    def request_of(self, package: PackageResult) -> PackageRequest:
        """What was asked of a package; magex may run some that nobody asked for."""
        return self._asked.get(package.path) or PackageRequest(path=package.path)


class Settled(Struct, frozen=True, kw_only=True):
    """What goes into the phase result."""

    judgement: Judgement
    packages: tuple[PackageResult, ...]
    notes: tuple[Note, ...]


def first(session: Session, call: Call, fold: Fold) -> First:
    """A process whose module could not even be loaded leaves one broken package: the module."""
    if fold.interrupted:  # what had no turn yet is not missing (S38)
        begun = (p for p in fold.packages if p.result is not PackageOutcome.MISSING)
        return First(call, fold, list(begun))
    if fold.speaks or not fold.exit_code:
        return First(call, fold, list(fold.packages))
    empty = replace(fold, packages=())
    said = judge(empty)
    broken = [] if said.verdict is Verdict.ERROR else [_unloaded(session, call, fold, said)]
    return First(call, empty, broken)


def _unloaded(session: Session, call: Call, fold: Fold, said: Judgement) -> PackageResult:
    """S52: a mistake in go.mod or go.sum is setup of the whole module."""
    asked = session.asked(call.module, ())
    places = Places(asked=asked, package=call.module.path)
    failure = build_failure("setup", "\n".join(said.reasons), places).failure
    attempt = PackageAttempt(
        n=1,
        purpose=Purpose.FIRST,
        process=fold.next_process,
        result=PackageOutcome.SETUP,
        complete=False,
        message=failure.message,
        failures=(failure,),
    )
    return PackageResult(path=call.module.path, module=call.module.path, attempts=(attempt,))


def settle(
    session: Session,
    shared: Setting,
    firsts: Sequence[First],
    since: datetime,
    more: Sequence[Judgement] = (),
    alone: Mapping[tuple[str, str], Sequence[PackageResult]] = MappingProxyType({}),
) -> Settled:
    """Rerun what may be rerun, label what failed, judge; ``more`` is judged along.

    JUnit files of the phase count when they were written after ``since``; ``alone`` is what
    changed functions did in processes of their own.
    """
    written = read_written(session, since)
    plan = _plan(session, shared, firsts)
    if plan.reruns:
        _rounds(session, shared, firsts, plan)
    off = "not rerun" if session.request.reruns else ""
    for one in firsts:
        for index, package in enumerate(one.packages):
            reason = plan.refused or plan.reasons.get((package.module, package.path)) or off
            rounds = one.rounds.get(index, [])
            asked = one.request_of(package)
            done = conclude(package, rounds, expected=_expected(asked), why_not=reason)
            done = prove(session, shared, one.call, done, rounds)
            done = isolated(done, alone.get((done.module, done.path), ()))
            one.packages[index] = replace(done, build_only=asked.build_only)
    return _judged(session, firsts, plan, written, more)


def _plan(session: Session, shared: Setting, firsts: Sequence[First]) -> rerun.Plan:
    request = session.request
    packages = [package for one in firsts for package in one.packages]
    if request.reruns == 0 or session.over:
        return rerun.Plan(refused="interrupted" if session.interrupted else None)
    known = {p.path: p.known for m in request.modules for p in m.packages}
    return rerun.plan(packages, known=known, limit=request.rerun_limit, unfit=_unfit(shared))


def _unfit(shared: Setting) -> str | None:
    """Runs that are never rerun."""
    arguments = shared.arguments
    if arguments.value("count") not in {None, "1"}:
        return "-count is above 1: not rerun"
    for name in ("failfast", "bench", "fuzz"):
        if arguments.value(name) not in {None, "false", ""}:
            return f"-{name} was given: not rerun"
    return None


def _rounds(session: Session, shared: Setting, firsts: Sequence[First], plan: rerun.Plan) -> None:
    """Up to ``reruns`` rounds; packages one after another, they share ports and databases."""
    known = {p.path: p.known for m in session.request.modules for p in m.packages}
    for number in range(session.request.reruns):
        if number:
            plan = rerun.again([p for one in firsts for p in one.packages], known=known)
        if not plan.reruns:
            return
        names = tuple(one.package for one in plan.reruns)
        phase = session.request.phase.name
        session.listener(PhaseStarted(phase=phase, packages=names, purpose=Purpose.RERUN))
        for one in plan.reruns:
            if not _rerun(session, shared, firsts, one):
                return


def _rerun(session: Session, shared: Setting, firsts: Sequence[First], wanted: rerun.Rerun) -> bool:
    """One process; False once nothing more can be started."""
    holder, index = _place(firsts, wanted)
    package = holder.request_of(holder.packages[index])
    roots = frozenset(name.split("/", 1)[0] for name in wanted.names)
    asked = session.asked(
        holder.call.module,
        (replace(package, expected=roots if wanted.names else package.expected),),
        purpose=Purpose.RERUN,
    )
    flags = rerun_flags(shared.arguments, holder.call, wanted)
    call = replace(holder.call, packages=(package,), flags=flags)
    fold = session.run(go_test(session.request, shared, call), asked)
    if fold is None:
        return False
    result = next((p for p in fold.packages if p.path == wanted.package), None)
    if fold.interrupted or result is None:
        return not fold.interrupted
    done = Round(names=wanted.names, result=result, exit_code=fold.exit_code)
    holder.rounds.setdefault(index, []).append(done)
    holder.packages[index] = rerun.add(holder.packages[index], result)
    return True


def _place(firsts: Sequence[First], wanted: rerun.Rerun) -> tuple[First, int]:
    return next(
        (one, index)
        for one in firsts
        for index, package in enumerate(one.packages)
        if package.red and (package.module, package.path) == (wanted.module, wanted.package)
    )


def _expected(package: PackageRequest) -> frozenset[str]:
    """Top-level functions, and the subtests that history knows."""
    return package.expected.union(*package.known.values())


def _judged(
    session: Session,
    firsts: Sequence[First],
    plan: rerun.Plan,
    written: Written,
    more: Sequence[Judgement],
) -> Settled:
    judgements = [judge(one.fold, one.packages) for one in firsts]
    judgements += [*more, *written.judgements]
    if session.interrupted:
        judgements.append(Judgement(verdict=Verdict.INTERRUPTED, exit_code=130))
    if session.fault is not None:
        reasons = (session.fault.what,)
        error = Judgement(verdict=Verdict.ERROR, exit_code=ENVIRONMENT, reasons=reasons)
        judgements.append(error)
    judgement = combine(judgements)
    own = [package for one in firsts for package in one.packages]
    packages = (*rerun.together(own), *written.packages)
    flaky = any(p.explained or any(c.label is Label.FLAKY for c in p.cases) for p in packages)
    if flaky and judgement.verdict is Verdict.GREEN and not session.request.phase.allow_flaky:
        reason = "a test passed only on rerun, and this phase allows no flakes"
        judgement = Judgement(verdict=Verdict.RED, exit_code=1, reasons=(reason,))
    notes = [*(note for one in firsts for note in one.fold.notes), *written.notes]
    if plan.refused and plan.refused != "interrupted":
        notes.append(Note(severity=Severity.NOTE, kind="rerun", title=plan.refused))
    notes += _said(judgement, packages)
    if session.fault is not None:
        notes.append(fault_note(session.fault))
    return Settled(judgement=judgement, packages=packages, notes=tuple(notes))


def _said(judgement: Judgement, packages: Sequence[PackageResult]) -> list[Note]:
    """Reasons that no package of the result shows."""
    if judgement.verdict is Verdict.ERROR:
        kind = "environment" if judgement.exit_code == ENVIRONMENT else "usage"
    elif judgement.verdict is Verdict.RED:
        kind = "exit"
    else:
        return []
    paths = tuple(f"{package.path}: " for package in packages)
    texts = {f.text for package in packages for a in package.attempts for f in a.failures}
    open_reasons = [
        reason
        for reason in judgement.reasons
        if not reason.startswith(paths) and reason not in texts
    ]
    return [
        Note(severity=Severity.CRITICAL, kind=kind, title=reason.split("\n", 1)[0], text=reason)
        for reason in open_reasons
        if reason
    ]


def fault_note(fault: EnvironmentFault) -> Note:
    """What keeps this machine from running the tests."""
    return Note(
        severity=Severity.CRITICAL,
        kind="environment",
        title=fault.what,
        text=fault.where or "",
        fix=fault.fix,
    )
