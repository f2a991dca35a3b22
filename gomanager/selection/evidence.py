"""Every cause of every changed path, in one configuration: what the change makes different."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct, field
from msgspec.structs import replace

from gomanager.git.change import Change, Status
from gomanager.golang.graph import Graph
from gomanager.golang.modcache import ModuleCache
from gomanager.golang.reach import Seed
from gomanager.golang.tree import folder
from gomanager.note import Note, Severity
from gomanager.selection.cause import Cause, Claims, Side
from gomanager.selection.closure import Reached, follow
from gomanager.selection.modulefiles import (
    Unknown,
    known_module_file,
    module_causes,
    new_borders,
    revendored,
    unknown_notes,
)
from gomanager.selection.refused import doubles, unwatched
from gomanager.selection.rows import (
    base_causes,
    causes,
    crossing,
    learned,
    module_file,
    rehearsing,
)
from gomanager.selection.scope import shown
from gomanager.selection.world import World


class Evidence(Struct):
    """What the changes reach in one configuration, and what was said on the way."""

    world: World
    reached: Reached = field(default_factory=Reached)
    claims: Claims = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)


def gather(
    head: World,
    base: World | None,
    changes: Iterable[Change],
    inert: Callable[[str], bool],
    store: ModuleCache | None = None,
    readers: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> Evidence:
    """Ask HEAD about every path, and the base about those that it alone knows."""
    known = tuple(changes)
    found = Evidence(world=head)
    every = (*known, *_aliases(head.graph, known))
    graphs = (head.graph,) if base is None else (head.graph, base.graph)
    for change in known:
        if module_file(change.path) and known_module_file(graphs, change.path):
            found.claims.add(change.path)
    unknown: list[Unknown] = []
    for side in head.sides:
        seen = [c for change in every for c in causes(side, change, found.claims, inert)]
        seen += [c for change in known for c in learned(side, change, found.claims, readers)]
        seen += [*unwatched(side), *doubles(side, base.graph if base is not None else None, known)]
        if base is not None:
            modules = [m for m in every if module_file(m.path)]
            if not modules and revendored(side, base.graph):
                modules = list(known)
            for cause, why in module_causes(side, base.graph, modules, store) if modules else ():
                seen.append(cause)
                found.claims.add(cause.path)
                unknown += [why] if why is not None else []
        follow(side, (*seen, *rehearsing(side, seen)), found.reached)
    if base is not None:
        _gone(found, head, base, known)
    _cross(found.reached, head)
    found.notes += unknown_notes(unknown)
    found.notes += _stale(head.graph, known)
    found.notes += _suspected(head) if found.reached.libraries else ()
    return found


def _cross(reached: Reached, head: World) -> None:
    """Programs of other modules; one such program may start another."""
    known: set[Cause] = set()
    while True:
        more = [
            (s, c) for s in head.sides for c in crossing(s, reached.libraries) if c not in known
        ]
        if not more:
            return
        known.update(cause for _, cause in more)
        for side in head.sides:
            follow(side, [cause for s, cause in more if s is side], reached)


def _suspected(head: World) -> Iterator[Note]:
    """D25: packages that are selected only because code is not at hand."""
    modules = sorted({module for side in head.sides for module in side.view.suspected.values()})
    if modules:
        title = "required modules that are not at hand may import packages of this repository"
        names = ", ".join(modules[:3]) + (" …" if len(modules) > 3 else "")
        text = f"what imports them counts as reached by any change of code: {names}"
        yield Note(
            severity=Severity.NOTE, kind="scope", title=title, text=text, fix="go mod download"
        )


def _stale(graph: Graph, changes: tuple[Change, ...]) -> Iterator[Note]:
    """A28: an input of a package that generates code changed, and none of its code did."""
    edited = {folder(change.path) for change in changes if change.path.endswith(".go")}
    for change in changes:
        place = graph.owner(change.path) if not change.path.endswith(".go") else None
        if place is None or place in edited or "testdata" in change.path.split("/"):
            continue
        if any("G" in group.traits for group in graph.packages[place].groups):
            title = f"code generated from {shown(change.path)} may be stale"
            where = place or "the root package"
            text = f"{where} has //go:generate lines, and none of its Go files changed"
            fix = f"go generate ./{place}"
            yield Note(severity=Severity.NOTE, kind="scope", title=title, text=text, fix=fix)


def _aliases(graph: Graph, changes: Iterable[Change]) -> Iterator[Change]:
    """C18: a link changes with the file, or the folder, that it leads to."""
    targets = {
        link: target
        for link in graph.tree.links
        if (target := graph.tree.resolve(link)) not in (None, link)
    }
    for change in changes:
        for link, target in targets.items():
            if change.path == target:
                yield replace(change, path=link)
            elif change.path.startswith(f"{target}/"):
                yield replace(change, path=f"{link}{change.path[len(target or '') :]}")


def _gone(found: Evidence, head: World, base: World, changes: tuple[Change, ...]) -> None:
    """What only the base compiles, or compiles under another import path (A8–A11, B7, D19)."""
    doubtful = [c for c in changes if c.old is not None and c.status is not Status.MODE]
    for change in doubtful:
        if base.graph.file(change.path) is not None or (
            change.new is None and base.graph.owner(change.path) is not None
        ):
            found.claims.add(change.path)  # its package is gone, or knows of the deletion
    for side in base.sides:
        seen = [c for change in doubtful for c in base_causes(side, change, found.claims, head)]
        moved = list(new_borders(side, head.graph, changes))
        for target in head.sides:
            nodes = [c for c in (*seen, *moved) if c.seed.node in target.libraries]
            away = [c for c in (*seen, *moved) if c.seed.node not in target.libraries]
            here = (*nodes, *(_moved(c, side, target) for c in away))
            follow(target, (*here, *rehearsing(target, here)), found.reached)
        lost = [c for c in seen if c.seed.node not in head.kept]
        follow(side, (*lost, *moved), found.reached, kept=frozenset(head.kept))


def _moved(cause: Cause, side: Side, target: Side) -> Cause:
    """The same cause at the node that HEAD's imports of the lost path lead to."""
    node = target.view.node(side.view.import_path(cause.seed.node))
    return replace(cause, seed=Seed(node, cause.seed.test))
