"""The main verb: changes → scope → phases → results → store → report."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TextIO

from msgspec.structs import replace

from gomanager import process
from gomanager.errors import EnvironmentFault
from gomanager.gotest.verdict import Judgement
from gomanager.interrupt import Interrupt, interruptible
from gomanager.pipeline import publish
from gomanager.pipeline.clock import new_uid, utc_now
from gomanager.pipeline.conclude import conclude
from gomanager.pipeline.execute import execute, judge, keep
from gomanager.pipeline.memory import Memory
from gomanager.pipeline.options import RunOptions
from gomanager.pipeline.prepare import Prepared, prepare
from gomanager.pipeline.recorder import NOTHING
from gomanager.pipeline.show import show
from gomanager.pipeline.streams import Streams
from gomanager.pipeline.view import view
from gomanager.report import document
from gomanager.report.model import Report
from gomanager.results import PhaseResult, Run, Verdict


def run(
    options: RunOptions,
    *,
    stdout: TextIO,
    stderr: TextIO,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> int:
    """Run what the change can break; the exit code.

    Raises UsageError and EnvironmentFault for what is wrong before any test started.
    """
    environ = os.environ if environ is None else environ
    streams = Streams(stdout=stdout, stderr=stderr, environ=environ)
    begun, uid = clock(), new_uid(clock)
    if options.raw_command:
        from gomanager.pipeline.raw import raw

        return raw(options, streams, cwd=cwd or Path.cwd(), uid=uid, clock=clock)
    targets = publish.targets(options.formats, cwd or Path.cwd())
    prepared = prepare(options, environ=environ, cwd=cwd or Path.cwd(), uid=uid)
    try:
        if options.dry_run:
            return _dry_run(prepared, options, streams)
        targets = targets or publish.targets(prepared.config.formats, prepared.root)
        publish.probe(prepared.output)
        with interruptible() as interrupt:
            ended = _run(prepared, options, streams, interrupt, begun, clock)
        return _publish(prepared, options, streams, targets, ended)
    finally:
        prepared.close()


def _dry_run(prepared: Prepared, options: RunOptions, streams: Streams) -> int:
    from gomanager.pipeline.dryrun import as_json, as_text

    streams.stdout.write(as_json(prepared) if options.as_json else as_text(prepared))
    return 0


def _run(
    prepared: Prepared,
    options: RunOptions,
    streams: Streams,
    interrupt: Interrupt,
    begun: datetime,
    clock: Callable[[], datetime],
) -> tuple[Run, Report]:
    run = prepared.run(begun)
    prepared.memory.begin(run)
    results: list[PhaseResult] = []
    start = partial(process.start, interrupt=interrupt)
    times = prepared.memory.times(prepared.planned)
    with view(prepared.planned, times, options, streams.stderr, streams.environ) as listener:
        for result in execute(
            prepared.planned,
            start=start,
            interrupt=interrupt,
            listener=listener,
            clock=clock,
            fail_fast=options.fail_fast,
        ):
            results.append(result)
            rows = prepared.recorder.rows(result, clock()) if prepared.recorder else NOTHING
            keep(prepared.memory, run, result, prepared.scratch, prepared.streams, rows)
    judgement = _nothing_called(prepared, options) or judge(
        results, interrupt, require_tests=options.require_tests
    )
    run = replace(
        run,
        phases=tuple(results),
        verdict=judgement.verdict,
        exit_code=judgement.exit_code,
        duration_ms=round((clock() - begun).total_seconds() * 1000),
    )
    run = _with_store_fault(run, prepared.memory)
    return run, conclude(prepared, run)


def _nothing_called(prepared: Prepared, options: RunOptions) -> Judgement | None:
    if prepared.planned:
        return None
    if options.require_tests:
        return Judgement(verdict=Verdict.RED, exit_code=1, reasons=("nothing affected",))
    reason = prepared.answer.scope.reason or "nothing affected"
    return Judgement(verdict=Verdict.NOTHING, exit_code=0, reasons=(reason,))


def _with_store_fault(run: Run, memory: Memory) -> Run:
    """Tests that could not be remembered: 1 if they failed, else 3; the journals stay."""
    if memory.fault is None or run.exit_code in (1, 2, 130, 143):
        return run
    return replace(run, exit_code=EnvironmentFault.exit_code)


def _publish(
    prepared: Prepared,
    options: RunOptions,
    streams: Streams,
    targets: tuple[publish.Target, ...],
    ended: tuple[Run, Report],
) -> int:
    run, report = ended
    prepared.memory.finish(run, document.render(report).encode())
    publish.write_folder(prepared.output, report)
    show(
        report,
        targets,
        options,
        streams.stdout,
        where=prepared.shown_output,
        environ=streams.environ,
    )
    fault = prepared.memory.fault
    if fault is not None:
        streams.stderr.write(f"gomanager: results were not stored: {fault.what}\n")
    return run.exit_code
