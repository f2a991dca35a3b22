"""Main modules that the go command refuses as a whole, before a change or after it."""

from collections.abc import Iterable, Iterator, Mapping

from gomanager.git.change import Change
from gomanager.golang.beyond import built_from, unseen, uses_outside
from gomanager.golang.clashes import Clashes
from gomanager.golang.graph import Graph
from gomanager.golang.modchange import ModuleDelta
from gomanager.golang.modules import Context, Module
from gomanager.golang.reach import Seed
from gomanager.golang.refusal import Refusal, refusal, unfit_link
from gomanager.golang.resolution import Resolver
from gomanager.golang.thirdparty import contains, every
from gomanager.golang.tree import ancestors, folder
from gomanager.selection.cause import Cause, Side, by_module, whole
from gomanager.selection.scope import Edge


def refused(head: Side, base: Graph, changed: Mapping[str, Change]) -> Iterator[Cause]:
    """D1, D5, D8–D11, D16, C24: go refuses a main module now, or no longer does."""
    context, minor = head.view.context, head.view.configuration.release
    after = refusal(context, head.graph, minor)
    before: dict[str, Refusal | None] = {}
    contexts = {main.dir: one for one in base.contexts for main in one.mains}
    for main in context.mains:
        old = contexts.get(main.dir)
        if old is not None and old.dir not in before:
            before[old.dir] = refusal(old, base, minor)
        was = before[old.dir] if old is not None else None
        if after == was and not any(_in(context, path) for path in changed):
            continue
        if after is not None:
            yield from _whole(head, main, changed, after.row, after.text)
        elif was is not None:
            text = f"go takes the module again; before: {was.text}"
            yield from _whole(head, main, changed, was.row, text)

    for _, place in context.linked:
        sides = (graph.module_by_dir.get(place) for graph in (head.graph, base))
        why = next((text for side in sides if side and (text := unfit_link(side))), "")
        change = touched(head.graph.module_by_dir[place], changed)
        if why and change is not None:
            yield from whole(head, place, change, "D9", f"go does not take its go.mod: {why}")


def doubles(head: Side, base: Graph | None, changes: Iterable[Change]) -> Iterator[Cause]:
    """D8: packages that two modules of the tree hold, or held: go says ``ambiguous import``."""
    view, roots = head.view, head.view.context.roots
    old = base.resolvers.get(view.context.key) if base is not None else None
    yield from _vendored_twins(head, old, changes)
    if not any(above in roots for root in roots for above in ancestors(root)):
        return
    for change in changes:
        place = folder(change.path)
        for root, at in roots.items() if change.path.endswith(".go") else ():
            if at and place != at and not place.startswith(f"{at}/"):
                continue
            path = f"{root}/{place[len(at) :].strip('/')}".rstrip("/")
            homes = view.resolver.homes(path)
            if max(len(homes), len(old.homes(path)) if old is not None else 0) > 1:
                for home in homes:
                    yield by_module(Seed(home), "D8", change, f"two modules hold {path}")


def _vendored_twins(head: Side, old: Resolver | None, changes: Iterable[Change]) -> Iterator[Cause]:
    """C23: packages of ours that stand in the vendor folder, too, or did."""
    vendor, resolver = head.view.context.vendor, head.view.resolver
    if vendor is None:
        return
    before = () if old is None or old.context.vendor != vendor else old.twins
    twins = dict.fromkeys((*resolver.twins, *before))
    for change in changes if twins else ():
        place = folder(change.path)
        listed = change.path == f"{vendor}/modules.txt"
        for path in twins:
            homes = resolver.homes(path)
            if listed or place == f"{vendor}/{path}" or place in homes:
                text = f"{path} stands in {vendor}, too"
                for home in homes:
                    if not resolver.is_vendored(home):
                        yield by_module(Seed(home), "C23", change, text)


def _in(context: Context, path: str) -> bool:
    """Whether a module file is one of the context's own."""
    places = {context.dir, *context.main_dirs, *(place for _, place in context.linked)}
    return path.rpartition("/")[0].removesuffix("vendor").rstrip("/") in places


def _whole(
    head: Side, main: Module, changed: Mapping[str, Change], row: str, text: str
) -> Iterator[Cause]:
    change = touched(main, changed) or next(iter(changed.values()))
    return whole(head, main.dir, change, row, text)


def clashing(
    head: Side, change: Change, deltas: Iterable[ModuleDelta], sides: tuple[Clashes, ...]
) -> Iterator[Cause]:
    """D1, D3, D5: own packages that go looks for in a changed module, too."""
    view = head.view
    mains = {main.path for main in view.context.mains}
    for delta in deltas:
        if delta.path in mains or not any(
            contains(delta.path, root) or contains(root, delta.path) for root in view.context.roots
        ):
            continue
        for place in view.libraries:
            path = view.import_path(place)
            if any(side.may_hold(delta.path, path) for side in sides):
                text = f"go looks for {path} in {delta.path}, too"
                yield by_module(Seed(place), delta.id, change, text)
                if view.has_tests(place):
                    yield by_module(Seed(place, test=True), delta.id, change, text)


def unwatched(head: Side) -> Iterator[Cause]:
    """D26: packages built from a folder outside the repository may differ without any change."""
    folders = unseen(head.view.context)
    if use := uses_outside(head.view.context):
        text = f"the workspace uses {use}, which git does not see"
        for seed in every(head.view):
            yield Cause(seed=seed, id="D26", path="", status="", edge=Edge.MODULE, text=text)
    for node, module in built_from(head.view, folders):
        text = f"{module} is built from {folders[module]}, which git does not see"
        yield Cause(seed=Seed(node), id="D26", path="", status="", edge=Edge.MODULE, text=text)


def touched(module: Module, changed: Mapping[str, Change]) -> Change | None:
    """The change of one of the module's own files, if there is one."""
    prefix = f"{module.dir}/" if module.dir else ""
    names = ("go.mod", "go.sum", "vendor/modules.txt")
    return next((changed[prefix + name] for name in names if prefix + name in changed), None)
