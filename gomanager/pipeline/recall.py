"""What the store says to commands that only look: the same answer that a run would get."""

from collections.abc import Mapping
from pathlib import Path

from gomanager.pipeline.scope import Place, Recall
from gomanager.selection.question import Known


def stored(environ: Mapping[str, str], cwd: Path) -> Recall:
    """Ask the store that a run would use; one that is not there yet is not made."""

    def recall(place: Place) -> Known:
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

        memory = Memory(open_store(path, write=False))
        try:
            return memory.known(place)
        finally:
            memory.close()

    return recall
