"""Row 5: what a change of go.mod, go.sum, go.work or modules.txt makes different."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec import Struct

from gomanager.git.change import Change
from gomanager.golang.clashes import Clashes
from gomanager.golang.gomod import Unreadable, parse_gosum
from gomanager.golang.graph import Graph
from gomanager.golang.modcache import ModuleCache, ThirdParty
from gomanager.golang.modchange import Difference, ModuleDelta, compare
from gomanager.golang.modules import Context, Module, files_of, listed_packages
from gomanager.golang.reach import Seed
from gomanager.golang.thirdparty import every, external, of_modules
from gomanager.golang.tree import folder
from gomanager.note import Note, Severity
from gomanager.selection.cause import Cause, Side, by_module, whole
from gomanager.selection.refused import clashing, refused, touched


class Third(Struct, frozen=True, kw_only=True):
    """Third-party packages that lead into changed modules; ``unknown``: what made them more."""

    seeds: tuple[Seed, ...]
    unknown: tuple[str, ...] = ()


class Unknown(NamedTuple):
    """Why the packages that a step of a go.mod reaches are more than use the module."""

    path: str
    step: str
    names: tuple[str, ...]
    """What is not at hand."""


def module_causes(
    head: Side, base: Graph, changes: Iterable[Change], store: ModuleCache | None
) -> Iterator[tuple[Cause, Unknown | None]]:
    """Causes in one configuration and context, each with what made them a superset."""
    changed = {change.path: change for change in changes}
    yield from _workspace(head, base, changed)
    for module in _modules(head, base):
        change = touched(module, changed)
        if change is not None:
            yield from _of_module(head, base, module, change, store)
    yield from _plain(refused(head, base, changed))


def _plain(causes: Iterable[Cause]) -> Iterator[tuple[Cause, None]]:
    return ((cause, None) for cause in causes)


def _modules(head: Side, base: Graph) -> list[Module]:
    """Main and linked modules of the context, and those that the base had in their place."""
    dirs = set(head.view.context.roots.values()) | set(head.view.context.main_dirs)
    known = dict(head.graph.module_by_dir)
    found = [known[place] for place in sorted(dirs) if place in known]
    return found + [m for m in base.modules if m.dir not in known]


def _of_module(
    head: Side, base: Graph, module: Module, change: Change, store: ModuleCache | None
) -> Iterator[tuple[Cause, Unknown | None]]:
    old, new = base.module_by_dir.get(module.dir), head.graph.module_by_dir.get(module.dir)
    if old is None or new is None:
        word = "removed" if new is None else "new"
        yield from _plain(
            whole(head, module.dir, change, "D19", f"the module {module.path} is {word}")
        )
        return
    if old.problem or new.problem:
        text = f"go.mod of {module.dir or 'the root'} cannot be read: {old.problem or new.problem}"
        yield from _plain(whole(head, module.dir, change, "D20", text))
        return
    try:
        before, after = files_of(base.tree, old), files_of(head.graph.tree, new)
        difference = compare(before, after, vendor=head.view.context.vendor is not None)
    except Unreadable as error:
        yield from _plain(whole(head, module.dir, change, "C24", f"vendor/modules.txt: {error}"))
        return
    holds = store.holds if store is not None else None
    sides = (
        Clashes(module.dir, before, base.tree, holds),
        Clashes(module.dir, after, head.graph.tree, holds),
    )
    yield from _differing(head, module, change, difference, store, sides)
    yield from _memberships(head, base, module, change)


def _differing(
    head: Side,
    module: Module,
    change: Change,
    difference: Difference,
    store: ModuleCache | None,
    sides: tuple[Clashes, ...],
) -> Iterator[tuple[Cause, Unknown | None]]:
    causes = list(difference.whole)
    if difference.toolchain is not None:
        old, new = difference.toolchain
        causes.append(("D12", f"toolchain {old or '(none)'} became {new or '(none)'}"))
    for row, text in causes:
        yield from _plain(whole(head, module.dir, change, row, text))
    if difference.unlisted:
        row, text = "D7", "the file does not list every module that is built"
        if difference.excluded:
            row, text = "D10", "other versions are excluded, so others may be built"
        yield from _third(
            change, row, text, Third(seeds=every(head.view), unknown=("the build list",))
        )
    elif difference.modules:
        yield from _modules_changed(head, change, difference.modules, store, sides)
    if head.view.context.vendor is None:
        yield from _plain(clashing(head, change, difference.modules, sides))
    yield from _linked(head, change, difference.modules)


def _linked(
    head: Side, change: Change, deltas: tuple[ModuleDelta, ...]
) -> Iterator[tuple[Cause, Unknown | None]]:
    """D8: a module that comes from a folder of the tree now, and from elsewhere before: its
    packages are nodes of our own."""
    places = dict(head.view.context.linked)
    for delta in deltas:
        inside = places.get(delta.path)
        for package in sorted(head.libraries) if inside is not None else ():
            if head.graph.packages[package].module == inside:
                text = f"module {delta.path} {_step(delta)}"
                yield by_module(Seed(package), delta.id, change, text), None


def _modules_changed(
    head: Side,
    change: Change,
    deltas: tuple[ModuleDelta, ...],
    store: ModuleCache | None,
    sides: tuple[Clashes, ...],
) -> Iterator[tuple[Cause, Unknown | None]]:
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
            found = packages.reaching(
                [delta.path], lambda module, path: any(s.may_hold(module, path) for s in sides)
            )
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
) -> Iterator[tuple[Cause, Unknown | None]]:
    unknown = Unknown(change.path, text, third.unknown) if third.unknown else None
    for seed in third.seeds:
        yield by_module(seed, row, change, text), unknown


def unknown_notes(found: Iterable[Unknown]) -> Iterator[Note]:
    """One for each go.mod, whatever number of its modules changed."""
    by_path: dict[str, list[Unknown]] = {}
    for one in found:
        by_path.setdefault(one.path, []).append(one)
    for path, several in by_path.items():
        steps = list(dict.fromkeys(one.step for one in several))
        names = list(dict.fromkeys(name for one in several for name in one.names))
        more = f" and {len(steps) - 1} more" if len(steps) > 1 else ""
        rest = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield Note(
            severity=Severity.NOTE,
            kind="scope",
            title="more packages are selected than use the changed modules",
            text=f"{path}: {steps[0]}{more}; not at hand: {', '.join(names[:3])}{rest}",
            fix="go mod download",
        )


def new_borders(base: Side, head: Graph, changes: Iterable[Change]) -> Iterator[Cause]:
    """D19: packages of the base that another module holds now, under another import path."""
    added = {m.dir for m in head.modules} ^ {m.dir for m in base.graph.modules}
    by_dir = {folder(c.path): c for c in changes if c.path.rpartition("/")[2] == "go.mod"}
    for place in sorted(added & set(by_dir)):
        for package in base.view.libraries:
            if package == place or package.startswith(f"{place}/") or not place:
                text = "a module begins or ends here"
                yield by_module(Seed(package), "D19", by_dir[place], text)


def _workspace(
    head: Side, base: Graph, changed: dict[str, Change]
) -> Iterator[tuple[Cause, Unknown | None]]:
    """D16, D17: each main module is compared with the workspace that it was in."""
    context = head.view.context
    before = {main.dir: old for old in base.contexts for main in old.mains}
    yield from _plain(_vendoring(head, base, before, changed))
    works = [change for path, change in changed.items() if path.rpartition("/")[2] == "go.work"]
    for module in context.mains if works else ():
        old = before.get(module.dir)
        if old is not None and (old.dir, old.workspace) != (context.dir, context.workspace):
            yield from _plain(whole(head, module.dir, works[0], "D16", "the workspace changed"))
    sums = changed.get(f"{context.dir}/go.work.sum".lstrip("/"))
    if sums is not None and context.workspace is not None and _lost(base, head.graph, sums.path):
        text = "hashes of the workspace went away or changed"
        third = Third(seeds=every(head.view), unknown=("the build list",))
        yield from _third(sums, "D17", text, third)


def _vendoring(
    head: Side, base: Graph, before: Mapping[str, Context], changed: Mapping[str, Change]
) -> Iterator[Cause]:
    """C24: third-party code comes from another vendor folder than before, or from none; or the list
    of one changed beside which no main module lies."""
    context = head.view.context
    for module in context.mains if changed else ():
        old = before.get(module.dir)
        if old is not None and old.vendor != context.vendor:
            change = touched(module, changed) or next(iter(changed.values()))
            text = "code of other modules comes from elsewhere"
            yield from whole(head, module.dir, change, "C24", text)
    listed = changed.get(f"{context.vendor}/modules.txt")
    if listed is None or context.dir in context.main_dirs:
        return
    for seed in _relisted(head, base):
        yield by_module(seed, "C24", listed, "its entry in the list of modules changed")


def _relisted(head: Side, base: Graph) -> Iterator[Seed]:
    """Vendored packages whose module has another entry than before."""
    try:
        old = listed_packages(base.tree, head.view.context)
        new = listed_packages(head.graph.tree, head.view.context)
    except Unreadable:
        yield from every(head.view)
        return
    for node, path in external(head.view):
        a, b = old.get(path), new.get(path)
        if (a.text if a else None) != (b.text if b else None):
            yield Seed(node)


def _lost(base: Graph, head: Graph, path: str) -> bool:
    old = parse_gosum(base.tree.content(path) or b"")
    new = parse_gosum(head.tree.content(path) or b"")
    return any(not hashes <= new.get(key, frozenset()) for key, hashes in old.items())


def _memberships(
    head: Side, base: Graph, module: Module, change: Change
) -> Iterator[tuple[Cause, Unknown | None]]:
    """D15: packages that ``./...`` did not match before."""
    before = set(base.members.get(module.dir, ()))
    for place in head.graph.members.get(module.dir, ()):
        if place in base.packages and place not in before and head.view.has_tests(place):
            text = f"{place} is no longer ignored"
            yield by_module(Seed(place, test=True), "D15", change, text), None


def revendored(head: Side, base: Graph) -> bool:
    """Whether third-party code comes from elsewhere than before, whatever file says so."""
    before = {main.dir: old.vendor for old in base.contexts for main in old.mains}
    context = head.view.context
    return any(before.get(main.dir, context.vendor) != context.vendor for main in context.mains)


def known_module_file(graphs: Iterable[Graph], path: str) -> bool:
    """True where the path belongs to a module or workspace of one of the trees."""
    place = folder(path).removesuffix("vendor").rstrip("/")
    return any(
        place in graph.module_by_dir or any(context.dir == place for context in graph.contexts)
        for graph in graphs
    )
