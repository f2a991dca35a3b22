"""Where we are, asked before anything else is imported."""

from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from gomanager.git.ahead import Ahead
from gomanager.git.changes import foresee
from gomanager.git.command import Git
from gomanager.git.listing import Listing, load, of_head
from gomanager.git.look import Look
from gomanager.git.repository import NoRepository, Repository, folder_key, looked_at
from gomanager.golang.toolchain import Toolchain
from gomanager.golang.toolchain import load as load_toolchain


class Started(Struct, frozen=True, kw_only=True):
    """Where we are, and what git is already busy with."""

    repository: Repository | NoRepository
    look: Look | None
    listed: Callable[[], Listing] | None = None
    """Brings the files of HEAD."""
    toolchain: Callable[[], Toolchain] | None = None
    """Brings what go says of itself; raises EnvironmentFault."""


def cache_folder() -> Path:
    """Where parsed headers and the answer of ``go env`` are kept."""
    from platformdirs import user_cache_path

    return user_cache_path("gomanager", appauthor=False)


def start(
    cwd: Path,
    environ: Mapping[str, str],
    *,
    base: str | None = None,
    staged: bool = False,
    look: Look | None = None,
) -> Started:
    """Find the work tree and let git look at it; raises EnvironmentFault as ``discover`` does."""
    if look is None or look.staged is not staged:
        look = Look(Git(cwd=cwd, environ=environ), staged=staged)
    cache = cache_folder()  # while git answers
    repository = looked_at(look)
    if isinstance(repository, NoRepository):
        return Started(repository=repository, look=None)
    if not staged:
        look.foreseen = Ahead(lambda: foresee(repository, base))
    toolchain = Ahead(lambda: load_toolchain(repository.root, environ, cache)).result
    path = cache / f"listing-{folder_key(str(repository.git_dir))}"
    known = load(path, repository.head)
    listed = Ahead(lambda: known or of_head(repository, path)).result
    return Started(repository=repository, look=look, listed=listed, toolchain=toolchain)
