"""The runner that starts ``go test -json`` over explicit packages, module by module."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from gomanager import process
from gomanager.errors import EnvironmentFault
from gomanager.gotest.verdict import ENVIRONMENT
from gomanager.results import (
    Listener,
    PhaseEnded,
    PhaseResult,
    PhaseStarted,
    Purpose,
    Verdict,
)
from gomanager.runners.calls import Setting, calls, setting
from gomanager.runners.execute import Session
from gomanager.runners.invoke import go_test, with_profile, with_wrapper
from gomanager.runners.request import PhaseRequest
from gomanager.runners.search import isolate
from gomanager.runners.settle import SIDE_LINES, First, Settled, fault_note, first, settle

NAME = "go"


def run(
    request: PhaseRequest,
    *,
    start: process.Start,
    listener: Listener,
    clock: Callable[[], datetime],
) -> PhaseResult:
    """See :class:`gomanager.runners.request.Runner`; reruns included."""
    begun = clock()
    try:
        shared = setting(request)
    except EnvironmentFault as fault:
        return impossible(request, NAME, fault, begun)
    session = Session(request, environ=shared.environ, start=start, listener=listener, clock=clock)
    alone = isolate(session, shared)
    announce(request, listener)
    firsts, profiles = _first_runs(session, shared) if not session.over else ([], [])
    settled = settle(session, shared, firsts, begun, alone=alone)
    result = phase_result(session, shared, firsts, settled, NAME, begun)
    kept = tuple(str(path) for path in profiles if path.is_file() and path.stat().st_size)
    result = replace(result, profiles=kept)
    listener(PhaseEnded(phase=request.phase.name, result=result))
    return result


def announce(request: PhaseRequest, listener: Listener) -> None:
    """Tell the listener that the phase begins."""
    packages = tuple(p.path for module in request.modules for p in module.packages)
    listener(PhaseStarted(phase=request.phase.name, packages=packages))


def _first_runs(session: Session, shared: Setting) -> tuple[list[First], list[Path]]:
    firsts: list[First] = []
    profiles: list[Path] = []
    request = session.request
    for number, call in enumerate(calls(request, shared), 1):
        if request.cover:
            name = f"{request.run_uid}-{request.phase.name}-{number}.cover"
            profiles.append(request.scratch / name)
            call = with_profile(call, str(profiles[-1]))
        asked = session.asked(call.module, call.packages, **question(shared))
        wrapped = with_wrapper(request, shared, call)
        fold = session.run(go_test(request, shared, wrapped), asked)
        if fold is not None:
            firsts.append(first(session, call, fold))
        if session.over:
            break
    return firsts, profiles


def question(shared: Setting) -> dict[str, object]:
    """What the flags change in the question to a first stream."""
    arguments = shared.arguments
    stress = arguments.value("count") not in {None, "1"}
    return {
        "nothing_ok": any(arguments.value(name) for name in ("bench", "fuzz")),
        "failfast": arguments.on("failfast"),
        "race": shared.race,
        "purpose": Purpose.STRESS if stress else Purpose.FIRST,
    }


def phase_result(
    session: Session,
    shared: Setting,
    firsts: list[First],
    settled: Settled,
    runner: str,
    begun: datetime,
) -> PhaseResult:
    """The value that the phase leaves; on an error, ``exit_code`` is ours: 2 or 3."""
    request = session.request
    verdict = settled.judgement.verdict
    codes = [one.fold.exit_code for one in firsts if one.fold.exit_code is not None]
    own = settled.judgement.exit_code if verdict is Verdict.ERROR else None
    return PhaseResult(
        name=request.phase.name,
        runner=runner,
        verdict=verdict,
        why=request.why,
        variant=replace(request.variant, race=shared.race),
        exit_code=own if own is not None else next((c for c in codes if c), 0 if codes else None),
        started=begun,
        duration_ms=round((session.clock() - begun).total_seconds() * 1000),
        commands=tuple(session.commands),
        side_text=side_text(firsts),
        anomalies=tuple(dict.fromkeys(a for one in firsts for a in one.fold.anomalies)),
        notes=(*shared.notes, *settled.notes, *session.notes),
        packages=settled.packages,
        interrupted=session.interrupted,
        flags=request.flags,
        build_ms=session.building.ms,
        build_cpu_ms=session.building.cpu_ms,
    )


def side_text(firsts: list[First]) -> tuple[str, ...]:
    """Lines beside the events: wrappers on stdout, ``go`` itself on stderr (S2, S3)."""
    lines = [line for one in firsts for line in one.fold.side_text]
    lines += [line for one in firsts for line in one.fold.stderr.splitlines() if line.strip()]
    return tuple(lines[:SIDE_LINES])


def impossible(
    request: PhaseRequest, runner: str, fault: EnvironmentFault, begun: datetime
) -> PhaseResult:
    """A phase that cannot run on this machine: no test failed, and none passed."""
    return PhaseResult(
        name=request.phase.name,
        runner=runner,
        verdict=Verdict.ERROR,
        why=request.why,
        variant=request.variant,
        exit_code=ENVIRONMENT,
        started=begun,
        duration_ms=0,
        not_run=fault.what,
        notes=(fault_note(fault),),
    )
