"""The tree once more, behind the tests: what changed while they ran proves nothing (E18)."""

from typing import TYPE_CHECKING

from gomanager.git.base import Wanted
from gomanager.git.changes import Snapshot, collect, from_disk
from gomanager.git.repository import NoRepository, discover
from gomanager.golang.cache import HeaderCache
from gomanager.golang.graph import load
from gomanager.pipeline.configurations import module_mode
from gomanager.pipeline.graphs import tree_of
from gomanager.pipeline.start import cache_folder

if TYPE_CHECKING:
    from gomanager.pipeline.prints import Prints
    from gomanager.pipeline.scope import Answer


def again(answer: "Answer") -> "Prints | None":
    """Fingerprints of the files as they are now; ``None``: no file differs from before."""
    snapshot = _snapshot(answer)
    tree = tree_of(snapshot)
    if tree.entries == answer.graph.tree.entries:
        return None
    cache = HeaderCache(cache_folder() / f"graph-{answer.place.key}")
    workspaces = answer.proofs.question.environ.get("GOWORK") != "off"
    mod = module_mode(answer.toolchain)
    store = answer.graph.store
    graph = load(tree, cache, mod=mod, workspaces=workspaces, store=store)
    return answer.proofs.prints_of(graph)


def _snapshot(answer: "Answer") -> Snapshot:
    root, environ = answer.place.root, answer.proofs.question.environ
    repository = discover(root, environ)
    if isinstance(repository, NoRepository):
        return from_disk(root, answer.own)
    _, snapshot = collect(repository, Wanted(ref=repository.head), own=answer.own)
    return snapshot
