"""Looking back: the store of the repository one stands in, opened without running anything."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from gomanager.config import Surroundings, load
from gomanager.errors import UsageError
from gomanager.git.repository import NoRepository, discover, folder_key, key
from gomanager.store.location import locate, open_store
from gomanager.store.protocol import Store

KEPT = "reports are kept for the newest 200 runs, and for those that came to their end"


class Standing(Struct, frozen=True, kw_only=True):
    """Where the user stands and what the command line says about configuration and store."""

    cwd: Path
    environ: Mapping[str, str]
    config: str | None = None
    store: str | None = None


def place(standing: Standing) -> Path:
    """The file of the store; raises UsageError, ConfigError, EnvironmentFault."""
    repository = discover(standing.cwd, standing.environ)
    if isinstance(repository, NoRepository):
        from gomanager.pipeline.ground import go_root

        root = go_root(standing.cwd)
        name = folder_key(str(root))
    else:
        root, name = repository.root, key(repository)
    flags = (("store", standing.store),) if standing.store else ()
    around = Surroundings(
        root=root,
        cwd=standing.cwd,
        environ=standing.environ,
        explicit=standing.config,
        flags=flags,
    )
    # The configuration has weighed option, variable and file, and made the path absolute.
    return locate(key=name, environ={}, cwd=standing.cwd, root=root, configured=load(around).store)


def opened(standing: Standing, *, write: bool = False) -> Store | None:
    """The store, or ``None`` where nothing was remembered yet."""
    path = place(standing)
    if not path.exists() and not (write and (path.parent / "journal").is_dir()):
        return None
    return open_store(path, write=write, environ=standing.environ)


def wanted(store: Store, prefix: str) -> str:
    """The uid that begins with ``prefix``; raises UsageError for none and for several."""
    found = store.matching(prefix)
    if len(found) == 1:
        return found[0]
    if found:
        what = f"{len(found)} stored runs begin with '{prefix}'"
        raise UsageError(what, fix=f"write more of one: {', '.join(found)}")
    newest = [run.uid[:12] for run in store.runs(limit=3)]
    hint = f"; the newest are {', '.join(newest)}" if newest else ""
    what = f"no stored run begins with '{prefix}'"
    raise UsageError(what, fix=f"'gomanager history' lists them{hint}")


def document(store: Store | None, prefix: str | None) -> bytes:
    """The stored report of a run, by default of the newest that has one; raises UsageError."""
    if store is None:
        what = "there is no stored run yet"
        raise UsageError(what, fix="'gomanager run' makes one; look at --store and GOMANAGER_STORE")
    uid = wanted(store, prefix) if prefix is not None else None
    found = store.document(uid)
    if found is None:
        what = f"run {uid[:12]} has no report" if uid else "no stored run has a report"
        raise UsageError(what, fix=f"{KEPT}; 'gomanager history' shows what is known of the others")
    return found.body
