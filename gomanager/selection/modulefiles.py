"""Row 5: what a change of go.mod, go.sum, go.work or modules.txt makes different."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gomanager.git.change import Change
from gomanager.golang.gomod import Unreadable, parse_gosum
from gomanager.golang.graph import Graph
from gomanager.golang.modcache import ModuleCache, ThirdParty
from gomanager.golang.modchange import Difference, ModuleDelta, compare
from gomanager.golang.modules import Module, files_of
from gomanager.golang.outdated import outdated
from gomanager.golang.reach import Seed
from gomanager.golang.thirdparty import every, of_modules
from gomanager.golang.tree import folder
from gomanager.note import Note, Severity
from gomanager.selection.cause import Cause, Side
from gomanager.selection.scope import Edge


@dataclass(frozen=True, slots=True, kw_only=True)
class Third:
    """Third-party packages that lead into changed modules; ``unknown``: what made them more."""

    seeds: tuple[Seed, ...]
    unknown: tuple[str, ...] = ()


def module_causes(
    head: Side, base: Graph, changes: Iterable[Change], store: ModuleCache | None
) -> Iterator[tuple[Cause, Note | None]]:
    """Causes in one configuration and context, each with the note that announces a superset."""
    changed = {change.path: change for change in changes}
    yield from _workspace(head, base, changed)
    for module in _modules(head, base):
        change = _touched(module, changed)
        if change is not None:
            yield from _of_module(head, base, module, change, store)
    yield from _refused(head, base, changed)


def _refused(
    head: Side, base: Graph, changed: dict[str, Change]
) -> Iterator[tuple[Cause, Note | None]]:
    """D9: go refuses a main module, or no longer does, for what a linked one requires."""
    context = head.view.context
    linked = [head.graph.module_by_dir[place] for _, place in context.linked]
    touched = [c for m in (*context.mains, *linked) if (c := _touched(m, changed)) is not None]
    old = next((c for c in base.contexts if c.dir == context.dir), None)
    if not touched or old is None:
        return
    before, after = outdated(old, base.module_by_dir), outdated(context, head.graph.module_by_dir)
    if before or after:
        text = (
            f"go.mod needs an update: {after}" if after else f"go.mod is in order again: {before}"
        )
        for main in context.mains:
            yield from _whole(head, main.dir, touched[0], "D9", text)


def _modules(head: Side, base: Graph) -> list[Module]:
    """Main and linked modules of the context, and those that the base had in their place."""
    dirs = set(head.view.context.roots.values()) | set(head.view.context.main_dirs)
    known = dict(head.graph.module_by_dir)
    found = [known[place] for place in sorted(dirs) if place in known]
    return found + [m for m in base.modules if m.dir not in known]


def _touched(module: Module, changed: dict[str, Change]) -> Change | None:
    prefix = f"{module.dir}/" if module.dir else ""
    names = ("go.mod", "go.sum", "vendor/modules.txt")
    return next((changed[prefix + name] for name in names if prefix + name in changed), None)


def _of_module(
    head: Side, base: Graph, module: Module, change: Change, store: ModuleCache | None
) -> Iterator[tuple[Cause, Note | None]]:
    old, new = base.module_by_dir.get(module.dir), head.graph.module_by_dir.get(module.dir)
    if old is None or new is None:
        word = "removed" if new is None else "new"
        yield from _whole(head, module.dir, change, "D19", f"the module {module.path} is {word}")
        return
    if old.problem or new.problem:
        text = f"go.mod of {module.dir or 'the root'} cannot be read: {old.problem or new.problem}"
        yield from _whole(head, module.dir, change, "D20", text)
        return
    try:
        difference = compare(files_of(base.tree, old), files_of(head.graph.tree, new))
    except Unreadable as error:
        yield from _whole(head, module.dir, change, "C24", f"vendor/modules.txt: {error}")
        return
    yield from _differing(head, module, change, difference, store)
    yield from _memberships(head, base, module, change)


def _differing(
    head: Side,
    module: Module,
    change: Change,
    difference: Difference,
    store: ModuleCache | None,
) -> Iterator[tuple[Cause, Note | None]]:
    whole = list(difference.whole)
    if difference.toolchain is not None:
        old, new = difference.toolchain
        whole.append(("D12", f"toolchain {old or '(none)'} became {new or '(none)'}"))
    for row, text in whole:
        yield from _whole(head, module.dir, change, row, text)
    if difference.unlisted:
        text = "the file does not list every module that is built"
        yield from _third(
            change, "D7", text, Third(seeds=every(head.view), unknown=("the build list",))
        )
    elif difference.modules:
        yield from _modules_changed(head, change, difference.modules, store)
    yield from _linked(head, change, difference.modules)


def _linked(
    head: Side, change: Change, deltas: tuple[ModuleDelta, ...]
) -> Iterator[tuple[Cause, Note | None]]:
    """D8: a module that comes from a folder of the tree now, and from elsewhere before: its
    packages are nodes of our own."""
    places = dict(head.view.context.linked)
    for delta in deltas:
        inside = places.get(delta.path)
        for package in sorted(head.libraries) if inside is not None else ():
            if head.graph.packages[package].module == inside:
                text = f"module {delta.path} {_step(delta)}"
                yield _cause(Seed(package), delta.id, change, text), None


def _modules_changed(
    head: Side, change: Change, deltas: tuple[ModuleDelta, ...], store: ModuleCache | None
) -> Iterator[tuple[Cause, Note | None]]:
    """D1–D5, D8, C24, each module by itself; through others where their sources are at hand."""
    context = head.view.context
    alone = len(context.mains) == 1
    packages = None
    if store is not None and alone and context.vendor is None:
        packages = ThirdParty(head.view, store)
    for delta in deltas:
        text = f"module {delta.path} {_step(delta)}"
        if context.vendor is not None and alone:
            third = Third(seeds=of_modules(head.view, [delta.path]))
        elif packages is not None:
            found = packages.reaching([delta.path])
            third = Third(seeds=found.seeds, unknown=found.unknown)
        else:
            why = "the sources of modules" if alone else "the build list of the workspace"
            third = Third(seeds=every(head.view), unknown=(why,))
        yield from _third(change, delta.id, text, third)


def _step(delta: ModuleDelta) -> str:
    if delta.id == "D5":
        return "has other hashes in go.sum"
    if not delta.old:
        return f"{_short(delta.new)} added"
    if not delta.new:
        return f"{_short(delta.old)} removed"
    return f"{_short(delta.old)} → {_short(delta.new)}"


def _short(entry: str) -> str:
    return entry.split("\n", 1)[0]


def _third(
    change: Change, row: str, text: str, third: Third
) -> Iterator[tuple[Cause, Note | None]]:
    note = None
    if third.unknown and third.seeds:
        title = "more packages are selected than use the changed modules"
        names = ", ".join(third.unknown[:3]) + (" …" if len(third.unknown) > 3 else "")
        why = f"{change.path}: {text}; not at hand: {names}"
        note = Note(
            severity=Severity.NOTE, kind="scope", title=title, text=why, fix="go mod download"
        )
    for seed in third.seeds:
        yield _cause(seed, row, change, text), note


def new_borders(base: Side, head: Graph, changes: Iterable[Change]) -> Iterator[Cause]:
    """D19: packages of the base that another module holds now, under another import path."""
    added = {m.dir for m in head.modules} ^ {m.dir for m in base.graph.modules}
    by_dir = {folder(c.path): c for c in changes if c.path.rpartition("/")[2] == "go.mod"}
    for place in sorted(added & set(by_dir)):
        for package in base.view.libraries:
            if package == place or package.startswith(f"{place}/") or not place:
                text = "a module begins or ends here"
                yield _cause(Seed(package), "D19", by_dir[place], text)


def _whole(
    head: Side, place: str, change: Change, row: str, text: str
) -> Iterator[tuple[Cause, Note | None]]:
    """Every package below the module's folder; what belongs to other modules stays out."""
    for package in head.graph.packages.values():
        inside = package.dir == place or package.dir.startswith(f"{place}/") or not place
        if package.module != place and not (row == "D19" and inside):
            continue
        if package.dir in head.libraries:
            yield _cause(Seed(package.dir), row, change, text), None
        if head.view.has_tests(package.dir):
            yield _cause(Seed(package.dir, test=True), row, change, text), None


def _cause(seed: Seed, row: str, change: Change, text: str) -> Cause:
    return Cause(
        seed=seed,
        id=row,
        path=change.path,
        status=change.status.value,
        edge=Edge.MODULE,
        text=text,
    )


def _workspace(
    head: Side, base: Graph, changed: dict[str, Change]
) -> Iterator[tuple[Cause, Note | None]]:
    """D16, D17."""
    context = head.view.context
    prefix = f"{context.dir}/" if context.dir else ""
    work, sums = changed.get(f"{prefix}go.work"), changed.get(f"{prefix}go.work.sum")
    if work is not None:
        old = next((c for c in base.contexts if c.dir == context.dir), None)
        before = old.workspace if old is not None else None
        if before != context.workspace or context.problem or (old is not None and old.problem):
            for module in context.mains:
                yield from _whole(head, module.dir, work, "D16", "the workspace changed")
    if sums is not None and context.workspace is not None and _lost(base, head.graph, sums.path):
        text = "hashes of the workspace went away or changed"
        third = Third(seeds=every(head.view), unknown=("the build list",))
        yield from _third(sums, "D17", text, third)


def _lost(base: Graph, head: Graph, path: str) -> bool:
    old = parse_gosum(base.tree.content(path) or b"")
    new = parse_gosum(head.tree.content(path) or b"")
    return any(not hashes <= new.get(key, frozenset()) for key, hashes in old.items())


def _memberships(
    head: Side, base: Graph, module: Module, change: Change
) -> Iterator[tuple[Cause, Note | None]]:
    """D15: packages that ``./...`` did not match before."""
    before = set(base.members.get(module.dir, ()))
    for place in head.graph.members.get(module.dir, ()):
        if place in base.packages and place not in before and head.view.has_tests(place):
            text = f"{place} is no longer ignored"
            yield _cause(Seed(place, test=True), "D15", change, text), None


def known_module_file(graphs: Iterable[Graph], path: str) -> bool:
    """True where the path belongs to a module or workspace of one of the trees."""
    place = folder(path).removesuffix("vendor").rstrip("/")
    return any(
        place in graph.module_by_dir or any(context.dir == place for context in graph.contexts)
        for graph in graphs
    )
