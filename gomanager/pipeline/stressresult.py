"""What a stress run leaves: a phase result and a report in the store, a document for the user."""

from msgspec import Struct
from msgspec.structs import replace

from gomanager import journal
from gomanager.analysis import reproduce
from gomanager.analysis.finding import Context, Reproduction
from gomanager.analysis.findings import findings
from gomanager.analysis.rate import runs_needed
from gomanager.analysis.recommendations import recommendations
from gomanager.analysis.stress import Tally, Try
from gomanager.gotest.rerun import gathered
from gomanager.pipeline.clock import utc_now
from gomanager.pipeline.prepare import Prepared
from gomanager.pipeline.stressdocument import Stopped, Stress, group_of, rate_of
from gomanager.report import document
from gomanager.report.build import build
from gomanager.report.clean import relative_to
from gomanager.results import PhaseResult, Run, Verdict
from gomanager.runners.calls import workspace_env
from gomanager.runners.request import journals
from gomanager.runners.testbinary import Compiled, Subject
from gomanager.text import masker


class Ended(Struct, frozen=True, kw_only=True):
    """What ran, and what came of it; ``tries`` may lack processes that passed."""

    subject: Subject
    compiled: Compiled
    tries: tuple[Try, ...]
    tally: Tally
    parallel: int
    stopped: Stopped
    exit_code: int

    @property
    def verdict(self) -> Verdict:
        """Red where it failed once; nothing where no process counts."""
        if self.exit_code > 128:
            return Verdict.INTERRUPTED
        if self.tally.failed:
            return Verdict.RED
        return Verdict.GREEN if self.tally.passed else Verdict.NOTHING


def kept(prepared: Prepared, run: Run, ended: Ended) -> Run:
    """Store what ran with its report; then its journals may go."""
    duration = round((utc_now() - run.started).total_seconds() * 1000)
    phase = _phase(run, ended, duration)
    run = replace(
        run,
        phases=(phase,),
        verdict=ended.verdict,
        exit_code=ended.exit_code,
        duration_ms=duration,
    )
    request = ended.subject.request
    if prepared.memory.add(run, phase):
        for path in journals(request.scratch, request.run_uid, request.phase.name):
            journal.remove(path)
    how = _how(prepared, ended)
    context = Context(reproductions={(phase.name, ended.subject.module.path): how})
    said = findings(run, context)
    advice = recommendations(run, said, context)
    mask = masker(prepared.means.environ)
    report = build(run, said, None, advice, mask=mask, root=str(prepared.root))
    prepared.memory.finish(run, document.encode(report))
    return run


def _phase(run: Run, ended: Ended, duration_ms: int) -> PhaseResult:
    request, made = ended.subject.request, ended.compiled
    tries = sorted(ended.tries, key=lambda one: one.number)
    package = gathered(tuple(one.result for one in tries))
    return PhaseResult(
        name=request.phase.name,
        runner="go",
        verdict=ended.verdict,
        why=(run.scope_reason,),
        variant=replace(request.variant, race=made.race),
        exit_code=1 if ended.tally.failed else 0,
        started=run.started,
        duration_ms=duration_ms,
        commands=((str(made.binary), *made.flags, *made.rest),),
        packages=() if package is None else (package,),
        interrupted=ended.exit_code > 128,
        flags=request.flags,
    )


def _how(prepared: Prepared, ended: Ended) -> Reproduction:
    request, module = ended.subject.request, ended.subject.module
    return Reproduction(
        folder=module.dir.relative_to(prepared.root).as_posix(),
        module=module.path,
        flags=ended.compiled.again,
        env=(*workspace_env(module.dir, request.environ), *request.phase.run.env.items()),
    )


def told(prepared: Prepared, run: Run, ended: Ended) -> Stress:
    """The document of a stored stress run."""
    phase, tally = run.phases[0], ended.tally
    mask, relative = masker(prepared.means.environ), relative_to(str(prepared.root))
    return Stress(
        uid=run.uid,
        started=run.started,
        duration_ms=run.duration_ms,
        verdict=run.verdict,
        exit_code=run.exit_code,
        package=ended.subject.package.path,
        case=ended.subject.name,
        phase=phase.name,
        variant=phase.variant.key if phase.variant else "",
        shuffle=ended.subject.shuffle,
        parallel=ended.parallel,
        stopped=ended.stopped,
        runs=tally.total,
        passed=tally.passed,
        failed=tally.failed,
        skipped=tally.skipped,
        not_run=tally.absent,
        rate=rate_of(tally),
        median_ms=tally.median_ms,
        longest_ms=tally.longest_ms,
        cpu_ms=tally.cpu_ms,
        peak_bytes=tally.peak_bytes,
        groups=tuple(group_of(group, lambda text: mask(relative(text))) for group in tally.groups),
        reproduce=_again(_how(prepared, ended), ended),
    )


def _again(how: Reproduction, ended: Ended) -> str:
    """As many fresh processes as show the failure with 95 %; with a seed, its order once."""
    subject, tally = ended.subject, ended.tally
    path = subject.package.path
    cpus = {cpu for group in tally.groups for cpu in group.cpus}
    if len(cpus) == 1:
        how = replace(how, flags=(*how.flags, f"-cpu={min(cpus)}"))
    if subject.whole:
        seeds = [seed for group in tally.groups for seed in group.seeds]
        return reproduce.line(how, path, seed=seeds[0] if seeds else None)
    if not tally.failed or not tally.passed:
        return reproduce.line(how, path, names=(subject.name,))
    return reproduce.processes(how, path, subject.name, runs_needed(tally.rate.mean))
