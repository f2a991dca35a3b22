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
from gomanager.golang.tree import Tree

if TYPE_CHECKING:
    from gomanager.golang.view import View

Edge = tuple[str, str]
UNSEEN = "may import"
"""The edge of code that is not at hand."""
_FORGES = frozenset(
    ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitea.com", "gitee.com",
     "gopkg.in", "git.sr.ht")
)  # fmt: skip
"""Hosts of many owners, each with a folder."""


def leading_back(view: "View", store: ModuleCache | None) -> Mapping[str, tuple[Edge, ...]]:
    """Nodes outside the tree to the directories in it that they reach, sorted."""
    found: dict[str, set[Edge]] = {}
    if store is not None and view.context.vendor is None and _requiring(view.context, store):
        third = ThirdParty(view, store)
        for path in third.importers:
            node = view.node(path)
            if not node.startswith("@"):
                for seed in third.leading_to(path):
                    found.setdefault(seed.node, set()).add((node, "import"))
    own = {(place, UNSEEN) for place in view.libraries} if view.suspected else set()
    for node in view.suspected:
        found.setdefault(node, set()).update(own)
    return {node: tuple(sorted(edges)) for node, edges in sorted(found.items())}


def suspected(view: "View", store: ModuleCache | None) -> Mapping[str, str]:
    """Nodes outside the tree to their module, which is not at hand and may require ours (D25)."""
    modules = _suspects(view.context, view.graph.tree, store)
    return dict(built_from(view, modules)) if modules else {}


def _suspects(context: Context, tree: Tree, store: ModuleCache | None) -> frozenset[str]:
    """Without its go.mod a module is taken to require ours where go.sum knows a version of ours, or
    where both have the same owner. Others that do so are next to none."""
    ours = [root for root in context.roots if "." in root.partition("/")[0]]
    missing = unknown(context, store) if ours else frozenset()
    if not missing:
        return frozenset()
    marks = [f"{root} v".encode() for root in ours]
    for main in context.mains:
        sums = tree.content(f"{main.dir}/go.sum".lstrip("/")) or b""
        if any(line.startswith(tuple(marks)) for line in sums.split(b"\n")):
            return missing
    owners = {_owner(root) for root in ours}
    return frozenset(path for path in missing if _owner(path) in owners)


def _owner(path: str) -> tuple[str, ...]:
    """Who publishes a module, as far as its path says."""
    parts = path.split("/")
    return tuple(parts[: 2 if parts[0] in _FORGES else 1])


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
