"""``run --raw-command``: any command whose stdout is a test stream, journalled, judged, remembered."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from gomanager import journal as journals
from gomanager import process
from gomanager.analysis.finding import Context, Reproduction
from gomanager.analysis.findings import findings
from gomanager.analysis.recommendations import recommendations
from gomanager.ci import environment as ci
from gomanager.command import Command
from gomanager.config import Surroundings, load
from gomanager.errors import EnvironmentFault, Interrupted, UsageError
from gomanager.git.repository import NoRepository, Repository, discover, folder_key, key, position
from gomanager.gotest.archive import Recorded
from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.execution import Execution
from gomanager.gotest.source import read_recorded
from gomanager.interrupt import Interrupt, interruptible
from gomanager.pipeline import publish
from gomanager.pipeline.execute import judge, keep
from gomanager.pipeline.memory import Memory, open_memory
from gomanager.pipeline.options import RunOptions
from gomanager.pipeline.replay import directory_of, module_of, phase_of
from gomanager.pipeline.scope import Place
from gomanager.pipeline.show import show
from gomanager.pipeline.streams import Streams
from gomanager.pipeline.view import view
from gomanager.report import document
from gomanager.report.build import build
from gomanager.report.model import Report
from gomanager.results import (
    Listener,
    Note,
    PhaseEnded,
    PhaseResult,
    PhaseStarted,
    Run,
    Severity,
    Verdict,
)
from gomanager.store.protocol import Times
from gomanager.text import masker

NAME = "raw-command"
"""Of its phase."""
_SAID = 4000
_STATUS = ("status", "--porcelain", "-z", "--untracked-files=normal")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Raw:
    """A command that could be started now."""

    argv: tuple[str, ...]
    cwd: Path
    place: Place
    memory: Memory
    scratch: Path
    uid: str
    module: str
    asked: Asked

    @property
    def journal(self) -> Path:
        """Its stdout."""
        return self.scratch / f"{self.uid}-{NAME}-0-1.jsonl"

    @property
    def meta(self) -> dict[str, object]:
        """What recovery needs to know of it."""
        return {
            "run": self.uid,
            "phase": NAME,
            "runner": "stream",
            "commit": self.place.head,
            "root": self.asked.root,
            "module": self.asked.module,
        }


def raw(
    options: RunOptions,
    streams: Streams,
    *,
    cwd: Path,
    uid: str,
    clock: Callable[[], datetime],
) -> int:
    """Start it, read it, judge it; raises UsageError for options that need a scope."""
    _refuse(options)
    begun = clock()
    targets = publish.targets(options.formats, cwd)
    if options.dry_run:
        command = Command(argv=options.arguments, cwd=cwd)
        streams.stdout.write(f"{command.text}\n")
        return 0
    with ExitStack() as stack:
        repository = discover(cwd, streams.environ)
        place = _place(repository, options, streams.environ, cwd)
        memory = open_memory(options, place, streams.environ, cwd)
        stack.callback(memory.close)
        if memory.store is None:
            scratch = Path(tempfile.mkdtemp(prefix="gomanager-"))
            stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        else:
            scratch = memory.store.journals
        made = _made(options, place, memory, scratch, uid, cwd)
        targets = targets or publish.targets(place.config.formats, place.root)
        publish.probe(place.config.output)
        run = _begun(options, repository, made, streams.environ, begun)
        memory.begin(run)
        with interruptible() as interrupt:
            phase = _phase(made, options, streams, interrupt, clock)
            judgement = judge((phase,), interrupt, require_tests=options.require_tests)
        keep_streams = place.config.keep_stream and memory.store is not None
        keep(memory, run, phase, scratch, scratch.parent / "streams" if keep_streams else None)
        code = judgement.exit_code
        if memory.fault is not None and code not in (1, 2, 130, 143):
            code = EnvironmentFault.exit_code
        run = replace(
            run,
            phases=(phase,),
            verdict=judgement.verdict,
            exit_code=code,
            duration_ms=round((clock() - begun).total_seconds() * 1000),
        )
        _publish(run, made, options, streams, targets)
        return run.exit_code


def _refuse(options: RunOptions) -> None:
    """A command that we did not write takes no scope, no phase and no rerun."""
    if not options.arguments:
        what = "--raw-command needs a command"
        raise UsageError(what, fix="gomanager run --raw-command -- make test-json")
    given = (
        (options.everything, "--all"),
        (options.base, "--base"),
        (options.phases, "--phase"),
        (options.last_failed, "--lf"),
        (options.fail_fast, "-x"),
        (options.cover, "--cover"),
        (options.reruns, "--rerun-fails"),
        (options.rerun_limit, "--rerun-limit"),
    )
    wrong = [name for value, name in given if value]
    if wrong:
        what = f"--raw-command runs one command as it is: {', '.join(wrong)} cannot be said of it"
        raise UsageError(what, fix="leave it out, or say it to the command itself")


def _place(
    repository: Repository | NoRepository,
    options: RunOptions,
    environ: Mapping[str, str],
    cwd: Path,
) -> Place:
    """As the selection finds it, without asking for a Go module."""
    root = cwd if isinstance(repository, NoRepository) else repository.root
    flags = [("store", options.store), ("output", options.output)]
    around = Surroundings(
        root=root,
        cwd=cwd,
        environ=environ,
        explicit=options.config,
        flags=tuple((name, value) for name, value in flags if value),
    )
    config = load(around)
    if isinstance(repository, NoRepository):
        name, head, branch = folder_key(str(root)), None, None
    else:
        name, head, branch = key(repository), repository.head, repository.branch
    return Place(key=name, root=root, head=head, branch=branch, default=False, config=config)


def _made(
    options: RunOptions, place: Place, memory: Memory, scratch: Path, uid: str, cwd: Path
) -> _Raw:
    folder, module = module_of(cwd)
    asked = Asked(root=str(place.root), module=module, directory=directory_of(folder, module))
    return _Raw(
        argv=options.arguments,
        cwd=cwd,
        place=place,
        memory=memory,
        scratch=scratch,
        uid=uid,
        module=module,
        asked=asked,
    )


def _begun(
    options: RunOptions,
    repository: Repository | NoRepository,
    made: _Raw,
    environ: Mapping[str, str],
    begun: datetime,
) -> Run:
    found = ci.detect(environ, ci.read_event(environ))
    git = repository if isinstance(repository, Repository) else None
    head = git.head if git else None
    return Run(
        uid=made.uid,
        started=begun,
        duration_ms=0,
        command=("gomanager", "run", "--raw-command", "--", *options.arguments),
        verdict=Verdict.NOTHING,
        exit_code=0,
        phases=(),
        commit=head,
        branch=made.place.branch or (found.branch if found else None),
        dirty=bool(git and git.git.ask(*_STATUS)),
        ci=found.vendor if found else None,
        pull_request=found.pull_request if found else None,
        position=position(git, head) if git and head else None,
        scope_mode="selected",
        scope_reason="what the command runs; nothing was selected",
    )


def _phase(
    made: _Raw,
    options: RunOptions,
    streams: Streams,
    interrupt: Interrupt,
    clock: Callable[[], datetime],
) -> PhaseResult:
    begun = clock()
    start = partial(process.start, interrupt=interrupt, environ=streams.environ)
    with view((), Times(), options, streams.stderr, streams.environ) as listener:
        listener(PhaseStarted(phase=NAME, packages=()))
        try:
            phase = _read(made, start, listener)
        except Interrupted:
            phase = PhaseResult(
                name=NAME, runner="stream", verdict=Verdict.INTERRUPTED, interrupted=True
            )
        phase = replace(
            phase,
            name=NAME,
            source="run",
            why=("asked for",),
            started=begun,
            duration_ms=round((clock() - begun).total_seconds() * 1000),
            commands=(made.argv,),
        )
        listener(PhaseEnded(phase=NAME, result=phase))
    return phase


def _read(made: _Raw, start: process.Start, listener: Listener) -> PhaseResult:
    """The stream while it grows; what is no event stream is read once more when it is there."""
    execution = Execution(made.asked, listener)
    command = Command(argv=made.argv, cwd=made.cwd)
    with start(command, journal=made.journal, meta=made.meta) as child:
        for block in child.blocks():
            execution.feed(block)
        code = child.wait()
        interrupted = child.interrupted is not None
        stderr = child.stderr
    fold = execution.finish(code, stderr, interrupted=interrupted)
    folds = (fold,) if fold.packages or interrupted else _other(made, fold)
    said = phase_of(folds, code)
    if not interrupted and not any(one.packages for one in folds):
        said = _without_results(said, fold)
    notes = tuple(_in_our_words(note) for note in said.notes)
    side = tuple(_aside(said, stderr))
    return replace(said, interrupted=interrupted, side_text=side, notes=notes)


def _in_our_words(note: Note) -> Note:
    """It may have been anything but ``go``."""
    words = ("go exited", "the command exited")
    return replace(note, title=note.title.replace(*words, 1), text=note.text.replace(*words, 1))


def _other(made: _Raw, fold: Fold) -> tuple[Fold, ...]:
    """``go test -v`` text, magex's JSON lines, JUnit XML on stdout."""
    name = Path(made.argv[0]).name
    try:
        data = made.journal.read_bytes()
        return read_recorded((Recorded(name=name, data=data),), made.asked, fold.exit_code)
    except UsageError:  # it holds nothing of the kind
        return (fold,)


def _without_results(phase: PhaseResult, fold: Fold) -> PhaseResult:
    """A command that left no test result: failed, or not what ``--raw-command`` is for."""
    code = fold.exit_code
    if code:
        title = f"the command exited with {code} and printed no test result"
        text = "\n".join((*fold.side_text[-20:], fold.stderr))[-_SAID:].strip()
        note = Note(severity=Severity.CRITICAL, kind="exit", title=title, text=text)
        return replace(phase, verdict=Verdict.RED, exit_code=code, notes=(note,))
    title = "the command printed no test result: no events of go test -json, no go test -v text"
    fix = "let it print the stream on stdout: go test -json ./..."
    note = Note(severity=Severity.CRITICAL, kind="usage", title=title, fix=fix)
    return replace(phase, verdict=Verdict.ERROR, exit_code=UsageError.exit_code, notes=(note,))


def _aside(phase: PhaseResult, stderr: str) -> Iterator[str]:
    yield from phase.side_text[:200]
    yield from [line for line in stderr.splitlines() if line.strip()][-200:]


def _publish(
    run: Run,
    made: _Raw,
    options: RunOptions,
    streams: Streams,
    targets: tuple[publish.Target, ...],
) -> None:
    output = made.place.config.output
    report = _report(run, made, streams.environ)
    made.memory.finish(run, document.encode(report))
    publish.write_folder(output, report)
    inside = output.is_relative_to(made.cwd)
    where = str(output.relative_to(made.cwd) if inside else output)
    show(report, targets, options, streams.stdout, where=where, environ=streams.environ)
    fault = made.memory.fault
    if fault is not None:
        streams.stderr.write(f"gomanager: results were not stored: {fault.what}\n")
    for path in (made.journal,) if made.memory.store is None else ():
        journals.remove(path)


def _report(run: Run, made: _Raw, environ: Mapping[str, str]) -> Report:
    context = Context(reproductions={(NAME, made.module): Reproduction(module=made.module)})
    found = findings(run, context)
    advice = recommendations(run, found, context)
    return build(run, found, None, advice, mask=masker(environ), root=str(made.place.root))
