"""Repository, configuration and options become one Scope: what ``run`` runs and ``scope`` shows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gomanager.ci import environment as ci
from gomanager.config import Config, Surroundings
from gomanager.effective import settings
from gomanager.errors import EnvironmentFault, UsageError
from gomanager.git import base as bases
from gomanager.git.change import Changes
from gomanager.git.changes import Snapshot, collect, from_disk
from gomanager.git.repository import NoRepository, Repository, folder_key, key
from gomanager.golang.graph import Graph
from gomanager.golang.toolchain import Toolchain
from gomanager.golang.toolchain import load as load_toolchain
from gomanager.inventory import PackageTests, rival_tags, test_tags
from gomanager.note import Note, Severity
from gomanager.phases import Phase, inert_globs, named, with_found_tags, with_tags
from gomanager.pipeline.configurations import configurations
from gomanager.pipeline.graphs import graphs
from gomanager.pipeline.proofs import Proofs
from gomanager.pipeline.question import Place as Place  # noqa: PLC0414
from gomanager.pipeline.question import Question as Question  # noqa: PLC0414
from gomanager.pipeline.start import Started, cache_folder, start
from gomanager.places import found_tags
from gomanager.selection.question import Inquiry
from gomanager.selection.question import Known as Known  # noqa: PLC0414  memory names it too
from gomanager.selection.scope import Scope
from gomanager.selection.select import select as choose
from gomanager.selection.world import World

Recall = Callable[[Place], Known]


def nothing(_: Place) -> Known:
    """The answer of an empty store."""
    return Known()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Everything that was found out on the way to the scope."""

    place: Place
    repository: Repository | NoRepository
    environment: ci.Environment | None
    toolchain: Toolchain | None
    """``None``: there is no go here; the scope is then the union of all platforms."""
    inquiry: Inquiry
    scope: Scope
    tests: Mapping[str, tuple[PackageTests, ...]]
    """By name of a called phase: the packages selected for it, before the partition."""
    worlds: Mapping[str, World]
    """By name of every phase."""
    proofs: Proofs
    own: tuple[str, ...]
    """Folders below the root that we write ourselves."""

    @property
    def changes(self) -> Changes:
        """What differs from the base."""
        return self.inquiry.changes

    @property
    def graph(self) -> Graph:
        """The packages of the tree as it is."""
        return self.inquiry.head

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The whole catalogue, tags found, in order."""
        return self.inquiry.phases


def select(question: Question, recall: Recall = nothing) -> Answer:
    """Look at the repository and answer the question.

    Raises UsageError for an unknown base or phase and where there is no Go module, ConfigError,
    EnvironmentFault.
    """
    started = question.started or start(question.cwd, question.environ, staged=question.staged)
    repository = started.repository
    found = isinstance(repository, Repository)
    root = repository.root if isinstance(repository, Repository) else go_root(question.cwd)
    around = Surroundings(
        root=root,
        cwd=question.cwd,
        environ=question.environ,
        explicit=question.config,
        flags=question.flags,
    )
    config, catalogue = settings(around, cache_folder())
    named(catalogue, question.phases)
    environment = ci.detect(question.environ, ci.read_event(question.environ))
    place = _place(repository, root, config, environment)
    known = recall(place)
    own = (*question.own, *_own(config, root))
    if isinstance(repository, Repository):
        wanted = _wanted(question, config, environment, known)
        changes, snapshot = collect(
            repository, wanted, look=started.look, listed=started.listed, own=own
        )
    else:
        changes, snapshot = _without_git(repository, question, root, own)
    toolchain, notes = _toolchain(started, root, question.environ)
    head, base = graphs(changes, snapshot, place.key, toolchain, question.environ)
    _require_go(head, root, found=found)
    families = _families(catalogue, head)
    phases = with_tags([one for family in families.values() for one in family], question.tags)
    asked = frozenset(one.name for name in question.phases for one in families[name])
    proofs = Proofs(
        question=question,
        place=place,
        repository=repository if isinstance(repository, Repository) else None,
        toolchain=toolchain,
        graph=head,
        known=known,
        inert=(*inert_globs(), *config.inert),
        ci=environment is not None,
    )
    inquiry = _inquiry(question, proofs, changes, base, phases, asked)
    selected = proofs.spared(choose(inquiry), phases, changes)
    head.memo.save()
    scope = replace(selected.scope, notes=(*notes, *proofs.notes, *selected.scope.notes))
    return Answer(
        place=place,
        repository=repository,
        environment=environment,
        toolchain=toolchain,
        inquiry=inquiry,
        scope=scope,
        tests=selected.tests,
        worlds=selected.worlds,
        proofs=proofs,
        own=own,
    )


def _inquiry(
    question: Question,
    proofs: Proofs,
    changes: Changes,
    base: Graph | None,
    phases: tuple[Phase, ...],
    names: frozenset[str],
) -> Inquiry:
    return Inquiry(
        changes=changes,
        head=proofs.graph,
        base=base,
        phases=phases,
        configurations=configurations(phases, proofs.toolchain),
        known=proofs.known,
        readers=proofs.readers(changes),
        more=proofs.more(changes),
        store=proofs.graph.store,
        everything=question.everything,
        narrowed=question.narrowed,
        names=names,
        inert=proofs.inert,
        unclaimed=proofs.place.config.unclaimed,
    )


def _families(catalogue: Iterable[Phase], head: Graph) -> Mapping[str, tuple[Phase, ...]]:
    """By name of a phase: itself with real tags, or several where its tags are rivals."""
    present = test_tags(head)
    rivals = rival_tags(head, found_tags(["@integration", "@performance"], present))
    return {one.name: with_found_tags([one], present, rivals) for one in catalogue}


def go_root(cwd: Path) -> Path:
    """Without git: the folder of the nearest go.work, else go.mod, else the current one."""
    for name in ("go.work", "go.mod"):
        for folder in (cwd, *cwd.parents):
            if (folder / name).is_file():
                return folder
    return cwd


def _place(
    repository: Repository | NoRepository,
    root: Path,
    config: Config,
    environment: ci.Environment | None,
) -> Place:
    if isinstance(repository, NoRepository):
        return Place(
            key=folder_key(str(root)), root=root, head=None, branch=None, default=False,
            config=config,
        )  # fmt: skip
    branch = repository.branch or (environment.branch if environment is not None else None)
    default = bases.default_branch(repository, config.base)
    return Place(
        key=key(repository),
        root=root,
        head=repository.head,
        branch=branch,
        default=default is not None and branch == default.name,
        config=config,
    )


def _own(config: Config, root: Path) -> tuple[str, ...]:
    """Report and store with its companions, where they lie below the root (row 0)."""
    paths = [config.output]
    if config.store is not None and "://" not in config.store:
        store = Path(config.store)
        paths += [store, store.with_name(f"{store.name}-wal"), store.with_name(f"{store.name}-shm")]
        paths.append(store.parent / "journal")
    below = [path.relative_to(root) for path in paths if path.is_relative_to(root)]
    return tuple(path.as_posix() for path in below if path != Path())


def _wanted(
    question: Question, config: Config, environment: ci.Environment | None, known: Known
) -> bases.Wanted:
    wanted = bases.Wanted(ref=question.base, configured=config.base, last_green=known.last_green)
    if environment is None:
        return wanted
    return replace(
        wanted,
        branch=environment.branch,
        target=environment.base_branch,
        commits=environment.base_commits,
        before=environment.before,
        announced=environment.announced,
        ci=True,
        deepen=environment.deepen,
    )


def _without_git(
    repository: NoRepository, question: Question, root: Path, own: tuple[str, ...]
) -> tuple[Changes, Snapshot]:
    if question.base is not None:
        what = f"unknown base '{question.base}': {repository.reason}"
        raise UsageError(what, where=str(root), fix="leave out --base to run everything")
    changes = Changes(
        base=None,
        reason=f"no git: {repository.reason}",
        fix=None,
        fault=repository.fault,
        head=None,
        branch=None,
        default=False,
        dirty=False,
        changes=(),
    )
    return changes, from_disk(root, own)


def _toolchain(
    started: Started, root: Path, environ: Mapping[str, str]
) -> tuple[Toolchain | None, tuple[Note, ...]]:
    try:
        if started.toolchain is not None:
            return started.toolchain(), ()
        return load_toolchain(root, environ, cache_folder()), ()
    except EnvironmentFault as fault:
        note = Note(
            severity=Severity.WARNING,
            kind="environment",
            title=f"{fault.what}: the scope is that of all platforms together",
            fix=fault.fix,
        )
        return None, (note,)


def _require_go(graph: Graph, root: Path, *, found: bool) -> None:
    if graph.contexts:
        return
    what = "there is no Go module here: no go.mod in this " + ("repository" if found else "folder")
    fix = "start gomanager in a Go project, or make one: go mod init NAME"
    raise UsageError(what, where=str(root), fix=fix)
