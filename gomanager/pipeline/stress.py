"""One case, many fresh processes: how often it fails, in which ways, and how to show it again."""

import os
import time
from collections.abc import Mapping
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import TextIO

from msgspec import Struct
from msgspec.structs import replace

from gomanager import process
from gomanager.analysis.stress import Tally, Try
from gomanager.errors import UsageError
from gomanager.interrupt import Interrupt, interruptible
from gomanager.live.counter import Counter
from gomanager.pipeline.clock import new_uid, utc_now
from gomanager.pipeline.options import RunOptions
from gomanager.pipeline.prepare import Prepared, prepare
from gomanager.pipeline.scratch import Scratch
from gomanager.pipeline.stressdocument import Stopped, Stress, json_text, plain_text
from gomanager.pipeline.stressresult import Ended, kept, told
from gomanager.pipeline.subject import find
from gomanager.process import Start
from gomanager.runners.stress import attempts
from gomanager.runners.testbinary import Compiled, Subject, compiled

SCOPE = "stress"
"""Of its run: what ran under stress is no newest run, no proof, and nothing for ``--lf``."""
KEPT = 10_000
"""Processes that are remembered one by one; further ones that passed are only counted."""
DEFAULT_CONFIDENCE = 0.05
DEFAULT_SECONDS = 600.0
SKIPS = 3
"""A case that skips itself so often and never runs will go on doing so."""


class StressOptions(Struct, frozen=True, kw_only=True):
    """The command line of ``stress``."""

    config: str | None = None
    case: tuple[str, ...] = ()
    runs: int | None = None
    seconds: float | None = None
    until_failure: bool = False
    confidence: float | None = None
    """0–1: stop when the upper end of the interval is below."""
    parallel: int | None = None
    shuffle: str | None = None
    race: bool | None = None
    cpus: tuple[str, ...] = ()
    phase: str | None = None
    store: str | None = None
    no_store: bool = False
    as_json: bool = False
    quiet: int = 0
    arguments: tuple[str, ...] = ()

    @property
    def free(self) -> bool:
        """No limit was given."""
        return self.runs is self.seconds is self.confidence is None and not self.until_failure


def stress(
    options: StressOptions,
    *,
    stdout: TextIO,
    stderr: TextIO,
    environ: Mapping[str, str] = os.environ,
    cwd: Path | None = None,
) -> int:
    """Run, remember, tell; the exit code: 1 where it failed once.

    Raises UsageError, EnvironmentFault and NotBuilt before anything ran.
    """
    here = cwd or Path.cwd()
    prepared = prepare(_as_run(options), environ=environ, cwd=here, uid=new_uid())
    with ExitStack() as stack:
        stack.callback(prepared.close)
        subject = _subject(options, prepared, here)
        folder = stack.enter_context(Scratch("stress")).path
        said, tally = _run(prepared, options, subject, compiled(subject, folder), stderr)
        fault = prepared.memory.fault
    if tally.absent and not tally.runs:
        what = f"{subject.name} did not run in {subject.package.path}"
        fix = "name a case that exists; subtests may have other names now"
        raise UsageError(what, where=tally.reason or f"phase {said.phase}", fix=fix)
    if options.as_json or options.quiet < 2:
        stdout.write(json_text(said) if options.as_json else plain_text(said, tally))
        stdout.flush()
    if fault is not None:
        stderr.write(f"gomanager: results were not stored: {fault.what}\n")
    return said.exit_code or (fault.exit_code if fault is not None else 0)


def _as_run(options: StressOptions) -> RunOptions:
    race = () if options.race is None else (f"-race={str(options.race).lower()}",)
    return RunOptions(
        config=options.config,
        everything=True,
        phases=(options.phase,) if options.phase else (),
        store=options.store,
        no_store=options.no_store,
        arguments=(*race, *options.arguments),
    )


def _subject(options: StressOptions, prepared: Prepared, here: Path) -> Subject:
    failed = _failed(prepared, options.case)
    found = find(options.case, prepared.planned, root=prepared.root, cwd=here, failed=failed)
    if found.planned.not_run:
        what = f"phase {found.planned.phase.name} cannot run here: {found.planned.not_run}"
        raise UsageError(what, fix="provide it, or name another phase with --phase")
    return Subject(
        request=found.planned.request,
        module=found.module,
        package=found.package,
        name=found.name,
        shuffle=options.shuffle,
        cpus=options.cpus,
    )


def _failed(prepared: Prepared, words: tuple[str, ...]) -> frozenset[str]:
    """Packages where a case of this name was red in its last run."""
    store = prepared.memory.store
    if store is None or not words:
        return frozenset()
    return frozenset(one.key.path for one in store.last_failed() if words[-1] in one.cases)


def _run(
    prepared: Prepared,
    options: StressOptions,
    subject: Subject,
    made: Compiled,
    stderr: TextIO,
) -> tuple[Stress, Tally]:
    run = replace(
        prepared.run(utc_now()),
        command=("gomanager", "stress", *options.case),
        scope_mode=SCOPE,
        scope_reason=f"{subject.package.path} {subject.name} under stress",
    )
    prepared.memory.begin(run)
    parallel = options.parallel or os.cpu_count() or 1
    tally, tries = Tally(), list[Try]()
    with interruptible() as interrupt, Counter(stderr if not options.quiet else None) as tell:
        start = partial(process.start, interrupt=interrupt)
        stopped = _repeat(options, subject, made, start, parallel, tell, tally, tries)
        code = _exit_code(tally, interrupt)
    ended = Ended(
        subject=subject,
        compiled=made,
        tries=tuple(tries),
        tally=tally,
        parallel=parallel,
        stopped="interrupted" if code > 128 else stopped,
        exit_code=code,
    )
    run = kept(prepared, run, ended)
    return told(prepared, run, ended), tally


def _repeat(
    options: StressOptions,
    subject: Subject,
    made: Compiled,
    start: Start,
    parallel: int,
    tell: Counter,
    tally: Tally,
    tries: list[Try],
) -> Stopped:
    """Process after process into ``tally`` and ``tries``, until it is enough; why it was."""
    begun = time.monotonic()
    left = attempts(subject, made, start=start, parallel=parallel, runs=options.runs)
    with closing(left):
        for one in left:
            if one is not None:
                tally.add(one)
                if len(tries) < KEPT or one.failures:
                    tries.append(one)
            tell(tally.total, tally.failed)
            reason = _enough(tally, options, time.monotonic() - begun)
            if reason is not None:
                return reason
    return "runs"


def _enough(tally: Tally, options: StressOptions, spent: float) -> Stopped | None:
    """Why it is over; without any limit: the first failure, a rate below 5 %, or ten minutes."""
    if not tally.runs and (tally.absent or tally.skipped >= SKIPS):
        return "absent"
    if tally.failed and (options.until_failure or options.free):
        return "failure"
    target = DEFAULT_CONFIDENCE if options.free else options.confidence
    if target is not None and tally.runs and _below(tally, target):
        return "confidence"
    limit = DEFAULT_SECONDS if options.free else options.seconds
    return "time" if limit is not None and spent >= limit else None


def _below(tally: Tally, target: float) -> bool:
    """The interval takes some time to compute; most of the time the mean tells enough."""
    return tally.failed / tally.runs < target and tally.rate.high < target


def _exit_code(tally: Tally, interrupt: Interrupt) -> int:
    if interrupt.signum is not None:
        return 128 + interrupt.signum
    return 1 if tally.failed else 0
