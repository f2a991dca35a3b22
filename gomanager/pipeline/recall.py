"""What the store says to commands that only look: the same answer that a run would get."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gomanager.errors import EnvironmentFault
from gomanager.pipeline.question import Place
from gomanager.pipeline.scope import Recall
from gomanager.selection.question import Known


@contextmanager
def stored(environ: Mapping[str, str], cwd: Path) -> Iterator[Recall]:
    """Ask the store that a run would use; one that is not there yet is not made.

    The store stays open as long as the answer may ask its ledger. A store that cannot be read
    proves nothing, and says so.
    """
    with ExitStack() as opened:
        yield lambda place: _recall(place, environ, cwd, opened)


def _recall(place: Place, environ: Mapping[str, str], cwd: Path, opened: ExitStack) -> Known:
    from gomanager.store.location import locate

    path = locate(
        key=place.key,
        environ=environ,
        cwd=cwd,
        root=place.root,
        configured=place.config.store,
    )
    if not path.is_file():
        return Known()
    from gomanager.pipeline.memory import Memory
    from gomanager.store.location import open_store

    try:
        memory = Memory(opened.enter_context(open_store(path, write=False)))
        return memory.known(place)
    except EnvironmentFault as fault:
        return Known(complaint=fault.what)
