"""Fingerprints of the packages of each phase: static code, phase key, and what is run of it."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from hashlib import sha256

from msgspec import Struct

from gomanager.git.repository import Repository
from gomanager.golang.embeds import embedders
from gomanager.golang.fingerprint import Fingerprints
from gomanager.golang.gomod import Unreadable
from gomanager.golang.graph import Graph
from gomanager.golang.includes import COMPILED
from gomanager.golang.modules import Context, files_of, within
from gomanager.golang.outside import Outside
from gomanager.golang.tree import Entry, folder
from gomanager.phases import Phase
from gomanager.pipeline.phasekey import PhaseKey, Situation, phase_key
from gomanager.places import package_matches
from gomanager.runners.magexproject import uses_magex
from gomanager.selection.globs import matcher
from gomanager.selection.rows import MODULE_FILES
from gomanager.selection.world import World

SETTINGS = (".gomanager.yaml", ".gomanager/", ".mage.yaml", ".mage.yml", "mage.yaml", "mage.yml")


class Filter(Struct, frozen=True, kw_only=True):
    """What a phase runs of a package: exact names, or a build alone."""

    run: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    build_only: bool = False


class Print(Struct, frozen=True, kw_only=True):
    """A complete fingerprint; ``sources`` is the part that no phase has a share in."""

    fingerprint: str
    sources: str


class Prints:
    """Asks once for what packages share; everything that cannot be known is a doubt."""

    def __init__(
        self,
        graph: Graph,
        situation: Situation,
        *,
        inert: Sequence[str],
        unclaimed: str,
        repository: Repository | None,
    ) -> None:
        self.graph = graph
        self.situation = situation
        self._inert = matcher(inert)
        self._unclaimed = unclaimed
        self._repository = repository
        self._keys: dict[str, PhaseKey] = {}
        self._static: dict[tuple[int, str], Fingerprints | str] = {}
        self._outside: dict[tuple[int, str], Outside] = {}

    def of(self, phase: Phase, world: World, place: str, what: Filter) -> Print | str:
        """The fingerprint of a package in a phase, or why there is none."""
        sources = self.sources(world, place)
        if sources is None:
            return self.doubt or self._why_unknown(world, place)
        key = self.key(phase, world)
        if key.doubt:
            return key.doubt
        extra = (*what.run, "", *what.skip, "", "build" if what.build_only else "test")
        return Print(fingerprint=_digest(sources, *key.lines, *extra), sources=sources)

    def sources(self, world: World, place: str) -> str | None:
        """The digest of a package's code and data; ``None``: it cannot be known completely."""
        side = world.packages.get(place)
        if side is None or self.doubt:
            return None
        context = side.view.context
        known = (id(world), context.key)
        if known not in self._static:
            self._static[known] = self._fingerprints(world, context)
        prints = self._static[known]
        return None if isinstance(prints, str) else prints.of(place)

    def _why_unknown(self, world: World, place: str) -> str:
        side = world.packages.get(place)
        prints = self._static.get((id(world), side.view.context.key)) if side else None
        if isinstance(prints, str):
            return prints
        return "code that it is built from is broken or not at hand"

    def outside(self, world: World, place: str) -> Outside:
        """What the test binaries of the package's context can read."""
        view = world.packages[place].view
        known = (id(world), view.context.key)
        if known not in self._outside:
            self._outside[known] = Outside(view)
        return self._outside[known]

    def key(self, phase: Phase, world: World) -> PhaseKey:
        """The phase's part, with the files that its globs name."""
        if phase.name not in self._keys:
            key = phase_key(phase, world.configuration, self.situation)
            lines = (*key.lines, *self._files(phase))
            exercised = list(self._exercised(phase, world))
            doubt = key.doubt or next((d for d, ok in exercised if not ok), "")
            lines += tuple(digest for digest, ok in exercised if ok)
            self._keys[phase.name] = PhaseKey(lines=lines, doubt=doubt, environ=key.environ)
        return self._keys[phase.name]

    def _exercised(self, phase: Phase, world: World) -> Iterator[tuple[str, bool]]:
        for place in world.packages if phase.exercises else ():
            path = world.import_path(place)
            if package_matches(phase.exercises, place, path):
                digest = self.sources(world, place)
                yield (digest, True) if digest else (f"it exercises {path}, which is broken", False)

    def _files(self, phase: Phase) -> Iterator[str]:
        """Row 10: what calls for all of the phase; row 12: what nobody owns; the settings (E15)."""
        inputs, changed = matcher(phase.inputs), matcher(phase.when.changed)
        if phase.inputs or phase.when.changed:
            for entry in self.graph.tree.entries:
                path = entry.path
                if inputs(path) or (changed(path) and not path.endswith(".go")):
                    yield _line(entry)
        yield self._shared

    @cached_property
    def _shared(self) -> str:
        """Files that count for every phase."""
        entries = self.graph.tree.entries
        lines = [self._unowned, *(_line(e) for e in entries if e.path.startswith(SETTINGS))]
        if uses_magex(self.situation.root):
            for place, package in self.graph.packages.items():
                if place in ("", "magefiles") or any("mage" in g.condition for g in package.groups):
                    files = [f for f in package.files if "mage" in f.condition or place]
                    lines += [f"{place}/{file.name} {file.oid}" for file in files]
        return _digest(*lines)

    @cached_property
    def _unowned(self) -> str:
        """Files of which no rule says who reads them: a change of one selects everything (C15)."""
        if self._unclaimed == "none":
            return ""
        owners: dict[str, str | None] = {}
        lines = []
        for entry in self.graph.tree.entries:
            path = entry.path
            place, _, name = path.rpartition("/")
            if name.endswith(".go") or name in MODULE_FILES or "vendor" in path.split("/"):
                continue
            if place not in owners:
                owners[place] = self.graph.owner(path)
            if owners[place] is None and not self._inert(path):
                lines.append(_line(entry))
        return _digest(*lines)

    @cached_property
    def doubt(self) -> str:
        """What stands against every fingerprint."""
        for entry in self.graph.tree.entries:
            if entry.oid.startswith("unreadable:"):
                return f"{entry.path} cannot be read"
        if self._repository is None:
            return ""
        for line in _records(self._repository, "ls-files", "-v", "-z"):
            if line[:1].islower() or line[:1] == "S":
                return f"git was told not to look at {line[2:]}"
        return ""

    def _fingerprints(self, world: World, context: Context) -> Fingerprints | str:
        view = next(side.view for side in world.sides if side.view.context is context)
        doubt = context.problem or next(self._elsewhere(context), "")
        if doubt:
            return doubt
        try:
            files = {main.dir: files_of(self.graph.tree, main) for main in context.mains}
        except Unreadable as error:
            return f"vendor/modules.txt cannot be read: {error}"
        doubtful = [
            node
            for path in self._ignored
            for node in (
                *(seed.node for seed in embedders(view, path)),
                *((folder(path),) if path.endswith(COMPILED) else ()),
            )
        ]
        return Fingerprints(view, phase="", files=files, inert=self._inert, doubtful=doubtful)

    def _elsewhere(self, context: Context) -> Iterator[str]:
        """Code that takes part and is not in the tree."""
        files = [(main.dir, main.file) for main in context.mains]
        if context.workspace is not None:
            files.append((context.dir, context.workspace))
            for use in context.workspace.use:
                if within(context.dir, use) not in self.graph.module_by_dir:
                    yield f"the workspace uses {use}, which is not in the repository"
        for place, file in files if context.vendor is None else ():
            for replace in file.replace:
                if replace.local and within(place, replace.target) not in self.graph.module_by_dir:
                    yield f"{replace.target}, in place of {replace.path}, is not in the repository"

    @cached_property
    def _ignored(self) -> tuple[str, ...]:
        """Files that git ignores and go may compile or embed: their content is not in the tree."""
        if self._repository is None:
            return ()
        embedding = sorted(
            place
            for place, package in self.graph.packages.items()
            if not package.vendored and any("e" in group.traits for group in package.groups)
        )
        specs = [
            *(f"*{ending}" for ending in COMPILED),
            *(f"{p}/" if p else "." for p in embedding),
        ]
        listing = ("ls-files", "-z", "-o", "-i", "--exclude-standard", "--", *specs)
        return tuple(_records(self._repository, *listing))


def _records(repository: Repository, *words: str) -> list[str]:
    from gomanager.git.command import records

    return [record for record in records(repository.git.ask(*words)) if record]


def _line(entry: Entry) -> str:
    return f"{entry.path} {entry.oid}"


def _digest(*lines: str) -> str:
    text = "".join(f"{len(line)}:{line}\n" for line in lines)
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
