"""``run --raw-command``: any command whose stdout is a test stream, journalled, judged, remembered."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from gomanager import journal as journals
from gomanager.analysis.finding import Context, Reproduction
from gomanager.analysis.findings import findings
from gomanager.analysis.recommendations import recommendations
from gomanager.ci import environment as ci
from gomanager.command import Command
from gomanager.config import Surroundings, load
from gomanager.errors import EnvironmentFault, UsageError
from gomanager.git.repository import NoRepository, Repository, discover, folder_key, key, position
from gomanager.gotest.asked import Asked
from gomanager.interrupt import interruptible
from gomanager.pipeline import publish
from gomanager.pipeline.declared import as_on_disk
from gomanager.pipeline.execute import judge, keep
from gomanager.pipeline.memory import Memory, open_memory
from gomanager.pipeline.options import RunOptions
from gomanager.pipeline.rawcommand import NAME, Raw, phase_of
from gomanager.pipeline.replay import directory_of, module_of
from gomanager.pipeline.scope import Place
from gomanager.pipeline.show import show
from gomanager.pipeline.streams import Streams
from gomanager.report import document
from gomanager.report.build import build
from gomanager.report.model import Report
from gomanager.results import (
    Run,
    Verdict,
)
from gomanager.text import masker

_STATUS = ("status", "--porcelain", "-z", "--untracked-files=normal")


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
        scratch = memory.scratch
        made = _made(options, place, memory, scratch, uid, cwd)
        targets = targets or publish.targets(place.config.formats, place.root)
        publish.probe(place.config.output)
        run = _begun(options, repository, made, streams.environ, begun)
        memory.begin(run)
        with interruptible() as interrupt:
            phase = phase_of(made, options, streams, interrupt, clock)
            phase = as_on_disk(phase, place.root, made.asked.directory)
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
) -> Raw:
    folder, module = module_of(cwd)
    asked = Asked(
        root=str(place.root),
        module=module,
        directory=directory_of(folder, module, place.root),
        keep_output=options.keep_output or place.config.keep_output,
    )
    return Raw(
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
    made: Raw,
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


def _publish(
    run: Run,
    made: Raw,
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


def _report(run: Run, made: Raw, environ: Mapping[str, str]) -> Report:
    context = Context(reproductions={(NAME, made.module): Reproduction(module=made.module)})
    found = findings(run, context)
    advice = recommendations(run, found, context)
    return build(run, found, None, advice, mask=masker(environ), root=str(made.place.root))
