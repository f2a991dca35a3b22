"""Code outside the tree that leads back into it, or that git does not see.

A required module may require ours in turn: go then builds its imports of our packages from the tree
(D25), and a change of them reaches whoever imports the required module. A folder outside the
repository that ``replace`` points to may change without any change here (D26).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from gomanager.golang.modcache import ModuleCache, ThirdParty, build_list
from gomanager.golang.modules import Context, within
from gomanager.golang.thirdparty import contains, external

if TYPE_CHECKING:
    from gomanager.golang.view import View

Edge = tuple[str, str]


def leading_back(view: "View", store: ModuleCache | None) -> Mapping[str, tuple[Edge, ...]]:
    """Nodes outside the tree to the directories in it that they reach, sorted."""
    if store is None or view.context.vendor is not None or not _requiring(view.context, store):
        return {}
    third = ThirdParty(view, store)
    found: dict[str, set[str]] = {}
    for path in third.importers:
        node = view.node(path)
        if not node.startswith("@"):
            for seed in third.leading_to(path):
                found.setdefault(seed.node, set()).add(node)
    return {
        node: tuple((place, "import") for place in sorted(places))
        for node, places in sorted(found.items())
    }


def _requiring(context: Context, store: ModuleCache) -> bool:
    """Whether some required module requires one of ours, as far as its go.mod is at hand."""
    ours = [f"{root} v".encode() for root in context.roots if root]
    files = (store.go_mod(module, version) for module, version in _versions(context))
    return any(mark in data for data in files if data for mark in ours)


def _versions(context: Context) -> Iterator[tuple[str, str]]:
    return (entry for entry in build_list(context).values() if entry[0])


def unknown(context: Context, store: ModuleCache | None) -> frozenset[str]:
    """Required modules of which we cannot tell whether they require ours."""
    if context.vendor is not None:
        return frozenset()
    known = build_list(context).items()
    return frozenset(
        path
        for path, (module, version) in known
        if module and (store is None or store.go_mod(module, version) is None)
    )


def unseen(context: Context) -> Mapping[str, str]:
    """Module path to the folder outside the repository that it is built from."""
    if context.vendor is not None:
        return {}
    files = [(main.dir, main.file.replace) for main in context.mains]
    if context.workspace is not None:
        files.append((context.dir, context.workspace.replace))
    required = {path for main in context.mains for path, _ in main.file.require}
    return {
        one.path: one.target
        for place, replaces in files
        for one in replaces
        if one.local and one.path in required and within(place, one.target) is None
    }


def uses_outside(context: Context) -> str:
    """A folder outside the repository that the workspace uses; empty: there is none."""
    uses = context.workspace.use if context.workspace is not None else ()
    return next((use for use in uses if within(context.dir, use) is None), "")


def built_from(view: "View", modules: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(node, module) of the packages outside the tree that the modules may hold."""
    wanted = tuple(modules)
    for node, path in external(view) if wanted else ():
        module = next((one for one in wanted if contains(one, path)), None)
        if module is not None:
            yield node, module
