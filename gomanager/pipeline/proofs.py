"""The ledger in a scope: what failed as it is now, who reads what changed, what is proven green.

Nothing is computed while nothing was ever recorded; a ledger that cannot be read proves nothing,
and the scope says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct, field

from gomanager.errors import EnvironmentFault
from gomanager.git.change import Changes, Status
from gomanager.git.repository import Repository
from gomanager.golang.graph import Graph
from gomanager.golang.toolchain import Toolchain
from gomanager.note import Note, Severity
from gomanager.phases import Phase
from gomanager.pipeline.question import Place, Question
from gomanager.selection.ledger import sampled as drawn
from gomanager.selection.question import Known, Ledger, More
from gomanager.selection.scope import Reason
from gomanager.selection.select import Selected, red_on_branch
from gomanager.selection.world import World

if TYPE_CHECKING:
    from gomanager.pipeline.prints import Prints


class Proofs(Struct, kw_only=True, dict=True):
    """What one scope asks of the ledger."""

    question: Question
    place: Place
    repository: Repository | None
    toolchain: Toolchain | None
    graph: Graph
    known: Known
    inert: tuple[str, ...]
    ci: bool = False
    notes: list[Note] = field(default_factory=list)
    failed: bool = False

    def __post_init__(self) -> None:
        if self.known.complaint:
            self._fail(self.known.complaint)

    @property
    def ledger(self) -> Ledger | None:
        """The store, as long as it answers."""
        return None if self.failed else self.known.ledger

    @cached_property
    def prints(self) -> "Prints | None":
        """Fingerprints of the tree as it is; ``None`` without a toolchain."""
        return self.prints_of(self.graph)

    def prints_of(self, graph: Graph) -> "Prints | None":
        """The same for another tree."""
        if self.toolchain is None:
            return None
        from gomanager.pipeline.phasekey import Situation
        from gomanager.pipeline.prints import Prints

        situation = Situation(
            root=self.place.root,
            environ=self.question.environ,
            toolchain=self.toolchain,
            flags=self.question.words,
            cover=self.question.cover,
        )
        return Prints(
            graph,
            situation,
            inert=self.inert,
            unclaimed=self.place.config.unclaimed,
            repository=self.repository,
        )

    def readers(self, changes: Changes) -> Mapping[str, tuple[str, ...]]:
        """Changed paths, and folders where something came or went, to the packages that read them."""
        if self.ledger is None or changes.base is None:
            return {}
        paths = {change.path for change in changes.changes}
        edited = (Status.MODIFIED, Status.MODE)
        paths |= {
            change.path.rpartition("/")[0] or "."
            for change in changes.changes
            if change.status not in edited
        }
        try:
            found = self.ledger.readers(paths)
        except EnvironmentFault as fault:
            self._fail(fault.what)
            return {}
        return {path: tuple(name for _, name in keys) for path, keys in found.items()}

    def more(self, changes: Changes) -> More:
        """Packages that run whatever the change reaches: red ones, and the shadow sample."""
        commit = self._sample(changes) if changes.changes else ""

        def more(world: World) -> Iterator[tuple[str, Reason]]:
            yield from self._red(world)
            yield from self._other_variables(world)
            for place in world.tested if commit else ():
                path = world.import_path(place)
                if drawn(commit, path):
                    text = "drawn for the shadow sample of this commit"
                    yield place, Reason(id="shadow", path="", status="", chain=(), text=text)

        return more

    def _red(self, world: World) -> Iterator[tuple[str, Reason]]:
        """E16: what was red on this branch, and what failed anywhere with the files of now.

        A proof spares the first where the files are others by now; nothing spares the second.
        """
        yield from red_on_branch(world, self.known.red_packages)
        rows = self._failed_sources
        for place in world.tested if rows and self.prints is not None else ():
            key = self._key(world, place)
            if key in rows and self.prints and self.prints.sources(world, place) in rows[key]:
                text = f"{key[1]} failed when it last ran with these files"
                yield place, Reason(id="E16", path="", status="", chain=(), text=text)

    def _other_variables(self, world: World) -> Iterator[tuple[str, Reason]]:
        """F4: tests that were last green with another value of a variable that they read."""
        readers = self._variable_readers
        for place in world.tested if readers else ():
            name = readers.get(self._key(world, place))
            if name is not None:
                text = f"the variable {name}, which its tests read, is not what it was when green"
                yield place, Reason(id="F4", path="", status="", chain=(), text=text)

    def _key(self, world: World, place: str) -> tuple[str, str]:
        """Module and import path of a folder, as the store knows its package."""
        module = self.graph.module_by_dir.get(world.module_dir(place))
        return ("" if module is None else module.path, world.import_path(place))

    @cached_property
    def _variable_readers(self) -> Mapping[tuple[str, str], str]:
        if self.ledger is None:
            return {}
        from gomanager.pipeline.inputs import variable_digest

        environ = self.question.environ
        try:
            known = self.ledger.variables()
            other = [(n, d) for n, d in known if d != variable_digest(n, environ.get(n))]
            return self.ledger.variable_readers(other) if other else {}
        except EnvironmentFault as fault:
            self._fail(fault.what)
            return {}

    @cached_property
    def _failed_sources(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """By module and import path, over all phases."""
        rows: dict[tuple[str, str], frozenset[str]] = {}
        try:
            found = self.ledger.red_sources() if self.ledger is not None else {}
        except EnvironmentFault as fault:
            self._fail(fault.what)
            return {}
        for (_, module, path), some in found.items():
            rows[module, path] = rows.get((module, path), frozenset()) | some
        return rows

    def spared(self, selected: Selected, phases: Iterable[Phase], changes: Changes) -> Selected:
        """The selection without what is proven green."""
        # The index is not what the tests would read from disk.
        may = self.question.prove and not self.question.staged
        if not may or self.ledger is None or self.prints is None:
            return selected
        if not any(phase.selected for phase in selected.scope.phases):
            return selected
        from gomanager.pipeline.clock import utc_now
        from gomanager.pipeline.inputs import places
        from gomanager.pipeline.spare import Bench, spare

        environ, env = self.question.environ, self.prints.situation.toolchain.env
        bench = Bench(
            prints=self.prints,
            ledger=self.ledger,
            phases={phase.name: phase for phase in phases},
            now=utc_now(),
            places=places(self.place.root, environ, env),
            sample=self._sample(changes),
        )
        try:
            return spare(selected, bench)
        except EnvironmentFault as fault:
            self._fail(fault.what)
            return selected

    def _sample(self, changes: Changes) -> str:
        """The commit whose shadow sample runs: of the default branch, in CI."""
        usable = self.ci and self.place.default and not changes.dirty and self.ledger is not None
        return changes.head or "" if usable else ""

    def _fail(self, why: str) -> None:
        self.failed = True
        title = f"earlier results spare nothing: {why}"
        self.notes.append(Note(severity=Severity.WARNING, kind="scope", title=title))
