"""Repository, configuration and options become one Scope: what ``run`` runs and ``scope`` shows."""

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from gomanager.ci import environment as ci
from gomanager.config import Config
from gomanager.errors import EnvironmentFault, UsageError
from gomanager.git import base as bases
from gomanager.git.change import Changes
from gomanager.git.changes import Snapshot, collect, from_disk
from gomanager.git.repository import NoRepository, Repository
from gomanager.golang.graph import Graph
from gomanager.golang.toolchain import Toolchain, foreign_workspace
from gomanager.golang.toolchain import load as load_toolchain
from gomanager.inventory import PackageTests, rival_tags, test_tags
from gomanager.note import Note, Severity
from gomanager.phases import Phase, inert_globs, with_found_tags, with_tags
from gomanager.pipeline.configurations import configurations
from gomanager.pipeline.graphs import graphs, source
from gomanager.pipeline.ground import Ground, look_around
from gomanager.pipeline.proofs import Proofs
from gomanager.pipeline.question import Place as Place  # noqa: PLC0414
from gomanager.pipeline.question import Question as Question  # noqa: PLC0414
from gomanager.pipeline.start import cache_folder
from gomanager.places import found_tags
from gomanager.selection.question import Inquiry
from gomanager.selection.question import Known as Known  # noqa: PLC0414  memory names it too
from gomanager.selection.scope import Scope
from gomanager.selection.select import select as choose
from gomanager.selection.world import World

Recall = Callable[[Place], Known]
_OTHER_FILES = ("modfile", "overlay")
"""Flags that put a file of their own in the place of go.mod, or of any file."""


def nothing(_: Place) -> Known:
    """The answer of an empty store."""
    return Known()


class Answer(Struct, frozen=True, kw_only=True):
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
    ground = look_around(question)
    known = recall(ground.place)
    changes, snapshot = _looked(question, ground, known)
    files = source(snapshot, ground.place.key, question.environ)
    toolchain, notes = _toolchain(question, ground)
    head, base = graphs(changes, files, toolchain)
    _require_go(head, ground)
    phases, asked = _phases(question, ground.catalogue, head)
    proofs = Proofs(
        question=question,
        place=ground.place,
        repository=ground.work_tree,
        toolchain=toolchain,
        graph=head,
        known=known,
        inert=(*inert_globs(), *ground.place.config.inert),
        ci=ground.environment is not None,
    )
    inquiry = _inquiry(question, proofs, changes, base, phases, asked)
    selected = proofs.spared(choose(inquiry), phases, changes)
    head.memo.save()
    if head.store is not None:
        head.store.save()
    scope = replace(selected.scope, notes=(*notes, *proofs.notes, *selected.scope.notes))
    return Answer(
        place=ground.place,
        repository=ground.started.repository,
        environment=ground.environment,
        toolchain=toolchain,
        inquiry=inquiry,
        scope=scope,
        tests=selected.tests,
        worlds=selected.worlds,
        proofs=proofs,
        own=ground.own,
    )


def _looked(question: Question, ground: Ground, known: Known) -> tuple[Changes, Snapshot]:
    """What differs, and the files as they are."""
    if ground.work_tree is None:
        return _without_git(question, ground)
    wanted = _wanted(question, ground.place.config, ground.environment, known)
    return collect(
        ground.work_tree,
        wanted,
        look=ground.started.look,
        listed=ground.started.listed,
        own=ground.own,
    )


def _phases(
    question: Question, catalogue: Iterable[Phase], head: Graph
) -> tuple[tuple[Phase, ...], frozenset[str]]:
    """The catalogue with real tags, and the names in it that ``--phase`` means."""
    families = _families(catalogue, head)
    phases = with_tags([one for family in families.values() for one in family], question.tags)
    return phases, frozenset(one.name for name in question.phases for one in families[name])


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
        unseen=_unseen(question, proofs, phases),
        narrowed=question.narrowed,
        names=names,
        inert=proofs.inert,
        unclaimed=proofs.place.config.unclaimed,
    )


def _unseen(
    question: Question, proofs: Proofs, phases: tuple[Phase, ...]
) -> tuple[str, str] | None:
    """What go builds by, and nobody here looked at."""
    toolchain = proofs.toolchain
    flags = (*toolchain.goflags, *question.words) if toolchain is not None else question.words
    given = {flag.lstrip("-").partition("=")[0] for flag in flags if flag.startswith("-")}
    given |= {f.lstrip("-").partition("=")[0] for phase in phases for f in phase.run.flags}
    found = next((name for name in _OTHER_FILES if name in given), None)
    if found is not None:
        return "B8", f"-{found} names other files than those that were looked at"
    text = _workspace(question, proofs)
    return ("D16", text) if text else None


def _workspace(question: Question, proofs: Proofs) -> str:
    """D16: a go.work of somewhere else links modules of the repository as nobody here looked at."""
    env = proofs.toolchain.env if proofs.toolchain is not None else {}
    foreign = foreign_workspace(question.environ, env, proofs.place.root)
    if not foreign or len(proofs.graph.modules) < 2:
        return ""
    return "a go.work that lies elsewhere links the modules of the repository"


def _families(catalogue: Iterable[Phase], head: Graph) -> Mapping[str, tuple[Phase, ...]]:
    """By name of a phase: itself with real tags, or several where its tags are rivals."""
    present = test_tags(head)
    rivals = rival_tags(head, found_tags(["@integration", "@performance"], present))
    return {one.name: with_found_tags([one], present, rivals) for one in catalogue}


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


def _without_git(question: Question, ground: Ground) -> tuple[Changes, Snapshot]:
    repository, root = ground.started.repository, ground.place.root
    assert isinstance(repository, NoRepository)
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
    return changes, from_disk(root, ground.own)


def _toolchain(question: Question, ground: Ground) -> tuple[Toolchain | None, tuple[Note, ...]]:
    try:
        if ground.started.toolchain is not None:
            return ground.started.toolchain(), ()
        return load_toolchain(ground.place.root, question.environ, cache_folder()), ()
    except EnvironmentFault as fault:
        note = Note(
            severity=Severity.WARNING,
            kind="environment",
            title=f"{fault.what}: the scope is that of all platforms together",
            fix=fault.fix,
        )
        return None, (note,)


def _require_go(graph: Graph, ground: Ground) -> None:
    if graph.contexts:
        return
    here = "folder" if ground.work_tree is None else "repository"
    what = f"there is no Go module here: no go.mod in this {here}"
    fix = "start gomanager in a Go project, or make one: go mod init NAME"
    raise UsageError(what, where=str(ground.place.root), fix=fix)
