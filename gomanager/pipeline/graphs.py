"""The Go graphs of HEAD and base, from the files that git lists; cached between runs."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gomanager.git.change import Change, Changes, Status
from gomanager.git.changes import Snapshot
from gomanager.git.listing import save
from gomanager.golang.cache import HeaderCache
from gomanager.golang.graph import Graph, load
from gomanager.golang.includes import COMPILED
from gomanager.golang.memo import Memo
from gomanager.golang.modcache import ModuleCache
from gomanager.golang.packages import GoFile, is_source
from gomanager.golang.toolchain import Toolchain
from gomanager.golang.tree import Entry, Folders, Tree, folder
from gomanager.pipeline.configurations import module_mode
from gomanager.pipeline.start import cache_folder


class Source(Struct, frozen=True, kw_only=True):
    """The files of a snapshot, and what is known of their content from earlier starts."""

    name: str
    """The repository's key."""
    snapshot: Snapshot
    tree: Tree
    cache: HeaderCache
    memo: Memo
    workspaces: bool
    usual: Graph
    """As go builds where no flag says otherwise: loaded before go has said anything, which takes as
    long as reading the files."""

    def load(self, tree: Tree, mod: str) -> Graph:
        """The graph of a tree under a value of ``-mod``."""
        return load(tree, self.cache, mod=mod, workspaces=self.workspaces, memo=self.memo)


def source(snapshot: Snapshot, name: str, environ: Mapping[str, str]) -> Source:
    """Read what no earlier start has read."""
    workspaces = environ.get("GOWORK") != "off"
    cache = HeaderCache(cache_folder() / f"graph-{name}")
    memo = Memo(cache_folder() / f"memo-{name}")
    tree = tree_of(snapshot)
    return Source(
        name=name,
        snapshot=snapshot,
        tree=tree,
        cache=cache,
        memo=memo,
        workspaces=workspaces,
        usual=load(tree, cache, workspaces=workspaces, memo=memo),
    )


def graphs(
    changes: Changes, known: Source, toolchain: Toolchain | None
) -> tuple[Graph, Graph | None]:
    """HEAD's with the work tree over it, and the base's where its packages may differ."""
    mod = module_mode(toolchain)
    store = module_cache(toolchain, known.name)
    head = replace(known.load(known.tree, mod) if mod else known.usual, store=store)
    _keep(known.snapshot, known.tree)
    if changes.base is None or not base_matters(changes.changes, head, known.snapshot):
        return head, None
    before = {
        c.path: None if c.old is None else Entry(c.path, c.old.mode, c.old.oid)
        for c in changes.changes
    }
    return head, replace(known.load(known.tree.changed(before), mod), store=store)


def module_cache(toolchain: Toolchain | None, name: str) -> ModuleCache | None:
    """The sources of required modules that go has extracted."""
    folder = toolchain.env.get("GOMODCACHE") if toolchain is not None else None
    if not folder:
        return None
    return ModuleCache(Path(folder), HeaderCache(cache_folder() / f"modules-{name}"))


def tree_of(snapshot: Snapshot) -> Tree:
    """The files of the snapshot; folders are decoded when they are looked at."""
    files = snapshot.listing
    landmarks = tuple(map(Entry._make, files.landmarks))
    tree = Tree.of_folders(Folders(files.folders), landmarks, files.digests, snapshot.read)
    tree.searcher = snapshot.search
    laid = {
        path: None if side is None else Entry(path, *side) for path, side in snapshot.laid.items()
    }
    return tree.changed(laid) if laid else tree


def _keep(snapshot: Snapshot, tree: Tree) -> None:
    """The keys of folders in which nothing differs from HEAD, for the next start."""
    touched = {folder(path) for path in snapshot.laid}
    found = {place: key for place, key in tree.digests.items() if place not in touched}
    snapshot.listing.digests.update(found)
    save(snapshot.listing)


def base_matters(changes: Iterable[Change], head: Graph, snapshot: Snapshot) -> bool:
    """False where every changed path is compiled, or not, exactly as it was: HEAD knows all then.

    Loading the second graph takes as long as the first.
    """
    edited: dict[str, tuple[str, GoFile]] = {}
    for change in changes:
        name = change.path.rpartition("/")[2]
        if name.startswith("go.") or name == "modules.txt" or change.status is Status.TYPE:
            return True
        if change.status is Status.DELETED and name.endswith((".go", *COMPILED)):
            return True
        came_or_went = change.status in (Status.ADDED, Status.DELETED)
        if came_or_went and "vendor" in change.path.split("/"):
            return True
        if change.status is Status.MODIFIED and change.old is not None and is_source(name):
            file = head.file(change.path)
            if file is None or file.header.problem:
                return True
            edited[change.path] = change.old.oid, file
    before = _before(edited, head, snapshot)
    return any(before.get(path) != _when(file) for path, (_, file) in edited.items())


def _before(
    edited: Mapping[str, tuple[str, GoFile]], head: Graph, snapshot: Snapshot
) -> Mapping[str, tuple[bool, str]]:
    """When the old content of each path was compiled; what is not at hand is left out."""
    memo = head.memo.table("when")
    known = {path: memo.get(path, oid.encode()) for path, (oid, _) in edited.items()}
    missing = [path for path, answer in known.items() if answer is None]
    old = dict(snapshot.read({edited[path][0] for path in missing})) if missing else {}
    for path in missing:
        oid, file = edited[path]
        if oid in old:
            known[path] = _when(_parsed(file, old[oid]))
            memo.put(path, oid.encode(), known[path])
    return known


def _parsed(file: GoFile, before: bytes) -> GoFile:
    from gomanager.golang.imports import read_header  # few starts parse anything

    return GoFile(file.name, "", read_header(before))


def _when(file: GoFile) -> tuple[bool, str]:
    return file.header.package == "documentation", file.condition
