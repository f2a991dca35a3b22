"""All that a run needs before its first test: scope, store, requests; nothing is started yet."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gomanager.config import Config
from gomanager.errors import UsageError
from gomanager.git.repository import Repository, position
from gomanager.golang.includes import unhashed
from gomanager.golang.toolchain import Toolchain
from gomanager.golang.toolchain import load as load_toolchain
from gomanager.gotest import argv, rerun
from gomanager.inventory import everything
from gomanager.partition import unclaimed
from gomanager.pipeline.changedtests import with_changed
from gomanager.pipeline.configurations import configurations
from gomanager.pipeline.memory import Memory, only, open_memory
from gomanager.pipeline.named import narrowed
from gomanager.pipeline.options import RunOptions
from gomanager.pipeline.preview import Preview, preview
from gomanager.pipeline.record import recorded
from gomanager.pipeline.recorder import Recorder
from gomanager.pipeline.requests import Means, Planned, plan
from gomanager.pipeline.scope import Answer, Known, Place, Question, select
from gomanager.results import Note, Run, Severity, Verdict
from gomanager.selection.scope import Mode, Scope


class Prepared(Struct, frozen=True, kw_only=True):
    """A run that could begin now."""

    answer: Answer
    memory: Memory
    planned: tuple[Planned, ...]
    previews: tuple[Preview, ...]
    means: Means
    command: tuple[str, ...]
    partial: bool
    """Less than the scope was asked for: ``--phase``, ``--lf``, packages, flags."""
    streams: Path | None = None
    """Where raw event streams are kept; None: nowhere."""
    notes: tuple[Note, ...] = ()
    unclaimed: tuple[str, ...] = ()
    """Test functions that no phase claims."""
    recorder: Recorder | None = None

    @property
    def config(self) -> Config:
        """The effective settings."""
        return self.answer.place.config

    @property
    def root(self) -> Path:
        """Of the repository."""
        return self.answer.place.root

    @property
    def scratch(self) -> Path:
        """Folder of journals and profiles."""
        return self.means.scratch

    @property
    def output(self) -> Path:
        """The report folder."""
        return self.config.output

    @property
    def shown_output(self) -> str:
        """The report folder as seen from where the user stands."""
        inside = self.output.is_relative_to(Path.cwd())
        return str(self.output.relative_to(Path.cwd()) if inside else self.output)

    def run(self, started: datetime) -> Run:
        """The run at its beginning."""
        scope, changes = self.answer.scope, self.answer.changes
        environment = self.answer.environment
        base = scope.base
        mode = "selected" if self.partial and scope.mode == "all" else str(scope.mode)
        return Run(
            uid=self.means.uid,
            started=started,
            duration_ms=0,
            command=self.command,
            verdict=Verdict.NOTHING,
            exit_code=0,
            phases=(),
            commit=scope.head,
            base=base.commit if base else None,
            base_how=base.how if base else None,
            branch=changes.branch,
            dirty=scope.dirty,
            ci=environment.vendor if environment else None,
            pull_request=environment.pull_request if environment else None,
            position=self._position(base.commit if base else None),
            side=not self.answer.place.default,
            scope_mode=mode,
            scope_reason=scope.reason,
            notes=(*scope.notes, *self.notes),
        )

    def _position(self, base: str | None) -> int | None:
        """Place on the base branch: of HEAD there, of the merge base on another branch."""
        repository, head = self.answer.repository, self.answer.scope.head
        commit = head if self.answer.place.default else base
        if not isinstance(repository, Repository) or commit is None or self.memory.store is None:
            return None
        return position(repository, commit)

    def close(self) -> None:
        """Give back the store and the temporary folders."""
        self.memory.close()
        if self.recorder is not None:
            self.recorder.close()


def prepare(options: RunOptions, *, environ: Mapping[str, str], cwd: Path, uid: str) -> Prepared:
    """Look at everything, decide everything; raises UsageError, ConfigError, EnvironmentFault."""
    arguments = argv.parse(options.arguments)
    rerun.allowed(options.rerun_limit or "", 0)  # a mistake is told before the tests, not after
    opened: list[Memory] = []

    def recall(place: Place) -> Known:
        opened.append(open_memory(options, place, environ, cwd))
        return opened[0].known(place)

    try:
        answer = select(question(options, arguments, environ=environ, cwd=cwd), recall)
        return _prepared(options, arguments, answer, opened[0], environ, cwd, uid)
    except BaseException:
        for memory in opened:
            memory.close()
        raise


def question(
    options: RunOptions, arguments: argv.Arguments, *, environ: Mapping[str, str], cwd: Path
) -> Question:
    """What the options ask of the selection."""
    flags = [("store", options.store), ("output", options.output)]
    return Question(
        cwd=cwd,
        environ=environ,
        config=options.config,
        flags=tuple((name, value) for name, value in flags if value),
        base=options.base,
        everything=options.everything or options.last_failed or bool(arguments.packages),
        narrowed=bool(arguments.packages) or options.last_failed,
        phases=options.phases,
        tags=argv.tag_list(arguments.value("tags")),
        prove=_may_spare(options, arguments),
        words=_flags(arguments),
        cover=options.cover,
    )


def _may_spare(options: RunOptions, arguments: argv.Arguments) -> bool:
    """Whoever names what to run, or wants to see it run, gets it whatever is proven."""
    asked = options.everything or options.last_failed or options.cover or options.require_tests
    named = bool(arguments.packages) or arguments.value("count") is not None
    return not (options.no_ledger or asked or named)


def _flags(arguments: argv.Arguments) -> tuple[str, ...]:
    binary = ("-args", *arguments.binary) if arguments.binary else ()
    return (*arguments.words(), *binary)


def _prepared(
    options: RunOptions,
    arguments: argv.Arguments,
    answer: Answer,
    memory: Memory,
    environ: Mapping[str, str],
    cwd: Path,
    uid: str,
) -> Prepared:
    flags = _flags(arguments)
    scope = answer.scope
    if arguments.packages:
        scope = narrowed(scope, arguments.packages, _folders(answer), _start(answer, cwd))
    if options.last_failed:
        scope = _of_last_failed(scope)
    answer = replace(answer, scope=scope)
    part = bool(options.phases or options.last_failed or arguments.packages or flags)
    means = _means(options, answer, memory, environ, uid, flags, part)
    planned = tuple(memory.informed(one) for one in plan(scope, answer.phases, answer.tests, means))
    planned = with_changed(planned, answer)
    store = memory.store
    kept = store is not None and not options.dry_run
    recorder, planned = recorded(answer, planned, means) if kept else (None, planned)
    return Prepared(
        answer=answer,
        memory=memory,
        planned=planned,
        previews=tuple(preview(one) for one in planned),
        means=means,
        command=("gomanager", "run", *options.words()),
        partial=part,
        streams=means.scratch.parent / "streams"
        if answer.place.config.keep_stream and store
        else None,
        notes=_notes(memory),
        unclaimed=() if part else _unclaimed(answer, planned),
        recorder=recorder,
    )


def _means(
    options: RunOptions,
    answer: Answer,
    memory: Memory,
    environ: Mapping[str, str],
    uid: str,
    flags: tuple[str, ...],
    part: bool,
) -> Means:
    """What every request of the run shares."""
    return Means(
        root=answer.place.root,
        modules={module.dir: module.path for module in answer.graph.modules},
        toolchain=_toolchain(answer, environ),
        environ=environ,
        uid=uid,
        scratch=memory.scratch,
        commit=answer.scope.head,
        ci=answer.environment.vendor if answer.environment else "local",
        flags=flags,
        reruns=options.reruns,
        rerun_limit=options.rerun_limit or "",
        cover=options.cover,
        whole=answer.scope.mode == "all" and not part,
        require_tests=options.require_tests,
        keep_output=options.keep_output or answer.place.config.keep_output,
        included=_included(answer),
        only=_last_failed(memory, answer) if options.last_failed else None,
    )


def _included(answer: Answer) -> tuple[str, ...]:
    """C3, for all phases that are called."""
    worlds = [answer.worlds[phase.name] for phase in answer.scope.phases if phase.selected]
    views = {id(side.view): side.view for world in worlds for side in world.sides}
    return tuple(sorted(frozenset().union(*map(unhashed, views.values()))))


def _unclaimed(answer: Answer, planned: tuple[Planned, ...]) -> tuple[str, ...]:
    """Test functions of the selected packages that no called phase claims, by package."""
    if not planned:
        return ()
    configuration = configurations([planned[0].phase], answer.toolchain)[planned[0].phase.name]
    selected = frozenset(answer.scope.packages)
    everywhere = [one for one in everything(answer.graph, configuration) if one.path in selected]
    shares = [(p, answer.tests[p.name]) for p in answer.phases if p.name in answer.tests]
    return tuple(
        f"{tests.path} {function.name}"
        for tests, functions in unclaimed(shares, everywhere)
        for function in functions
        if not function.name.startswith("Benchmark")
    )


def _folders(answer: Answer) -> Mapping[tuple[str, str], str]:
    """Folder in the repository of each package, by module folder and import path."""
    paths = {module.dir: module.path for module in answer.graph.modules}
    found = {}
    for phase in answer.scope.phases:
        for package in (*phase.packages, *phase.build_only):
            inner = package.path.removeprefix(paths[package.module]).strip("/")
            folder = "/".join(part for part in (package.module, inner) if part)
            found[package.module, package.path] = folder
    return found


def _start(answer: Answer, cwd: Path) -> str:
    """The current folder in the repository."""
    inside = cwd.resolve().is_relative_to(answer.place.root.resolve())
    return str(cwd.resolve().relative_to(answer.place.root.resolve())) if inside else "."


def _toolchain(answer: Answer, environ: Mapping[str, str]) -> Toolchain:
    """Tests need a toolchain; the scope did without."""
    if answer.toolchain is None:
        return load_toolchain(answer.place.root, environ)
    return answer.toolchain


def _of_last_failed(scope: Scope) -> Scope:
    """``--lf`` begins from everything; which functions are left is the requests' matter."""
    why = ("failed in the last run (--lf)",)
    phases = tuple(replace(one, why=why) if one.selected else one for one in scope.phases)
    return replace(scope, mode=Mode.SELECTED, reason="what failed in the last run", phases=phases)


def _last_failed(memory: Memory, answer: Answer) -> Mapping[tuple[str, str], frozenset[str] | None]:
    if memory.store is None:
        what = "--lf needs the history, and --no-store keeps none"
        raise UsageError(what, fix="leave one of them out")
    folders = {module.dir: module.path for module in answer.graph.modules}
    return only(memory.last_failed(answer.changes.branch), folders)


def _notes(memory: Memory) -> tuple[Note, ...]:
    said = memory.store.notes if memory.store is not None else ()
    return tuple(
        Note(severity=Severity.WARNING, kind="store", title=text) for text in (*said, *memory.said)
    )
