"""Phases run one after another, each result kept as soon as it is there."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from gomanager import journal
from gomanager.gotest.verdict import Judgement, combine
from gomanager.interrupt import Interrupt
from gomanager.pipeline.memory import Memory
from gomanager.pipeline.recorder import NOTHING, Rows
from gomanager.pipeline.requests import Planned
from gomanager.process import Start
from gomanager.results import Listener, Note, PhaseResult, Run, Severity, Verdict
from gomanager.runners import registry
from gomanager.runners.request import journals

Keep = Callable[[PhaseResult], None]


def execute(
    planned: Sequence[Planned],
    *,
    start: Start,
    interrupt: Interrupt,
    listener: Listener,
    clock: Callable[[], datetime],
    fail_fast: bool = False,
) -> Iterator[PhaseResult]:
    """The results of the phases as they end; what could not start says why."""
    stopped: str | None = None
    for one in planned:
        reason = stopped or one.not_run
        if reason is not None:
            yield not_run(one, reason, warn=stopped is None)
            continue
        result = registry.run(one.request, start=start, listener=listener, clock=clock)
        yield result
        if interrupt.signum is not None:
            stopped = "interrupted"
        elif fail_fast and result.verdict in (Verdict.RED, Verdict.ERROR):
            stopped = f"-x: phase {result.name} was {result.verdict}"


def not_run(one: Planned, reason: str, *, warn: bool) -> PhaseResult:
    """A called phase that did not run; its functions are nobody else's."""
    title = f"phase {one.phase.name} did not run"
    note = Note(severity=Severity.WARNING, kind="environment", title=title, text=reason)
    return PhaseResult(
        name=one.phase.name,
        runner="go",
        verdict=Verdict.NOT_RUN,
        why=one.scope.why,
        variant=one.request.variant,
        not_run=reason,
        notes=(note,) if warn else (),
    )


def judge(phases: Iterable[PhaseResult], interrupt: Interrupt, *, require_tests: bool) -> Judgement:
    """The run's verdict and exit code: the worst of its phases."""
    if interrupt.signum is not None:
        code = 128 + interrupt.signum
        usage = [p for p in phases if p.verdict is Verdict.ERROR and p.exit_code == 2]
        if not usage:
            return Judgement(verdict=Verdict.INTERRUPTED, exit_code=code)
    judgement = combine(_judgement(phase) for phase in phases)
    if judgement.verdict is Verdict.NOTHING and require_tests:
        return replace(judgement, verdict=Verdict.RED, exit_code=1)
    return judgement


def _judgement(phase: PhaseResult) -> Judgement:
    code = {Verdict.RED: 1, Verdict.ERROR: 3, Verdict.INTERRUPTED: 130}.get(phase.verdict, 0)
    if phase.verdict is Verdict.ERROR and phase.exit_code == 2:
        code = 2
    return Judgement(verdict=phase.verdict, exit_code=code)


def keep(
    memory: Memory,
    run: Run,
    phase: PhaseResult,
    scratch: Path,
    streams: Path | None,
    rows: Rows = NOTHING,
) -> None:
    """Store the result, then let its journals go: in this order a crash loses nothing."""
    if not memory.add(run, phase, rows):
        return
    for path in journals(scratch, run.uid, phase.name):
        if streams is not None:
            _keep_stream(path, streams)
        journal.remove(path)


def _keep_stream(path: Path, streams: Path) -> None:
    import gzip
    import shutil

    streams.mkdir(parents=True, exist_ok=True)
    beside = streams / f".{path.name}.gz"
    with path.open("rb") as source, gzip.open(beside, "wb", compresslevel=6) as target:
        shutil.copyfileobj(source, target)
    beside.replace(streams / f"{path.name}.gz")
