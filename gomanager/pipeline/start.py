"""Where we are, asked before anything else is imported."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gomanager.git.ahead import Ahead
from gomanager.git.command import Git
from gomanager.git.listing import Listing, load, of_head
from gomanager.git.look import Look
from gomanager.git.repository import NoRepository, Repository, folder_key, found

_ASKING = ("scope", "why")


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Where we are, and what git is already busy with."""

    repository: Repository | NoRepository
    look: Look | None
    listed: Callable[[], Listing] | None = None
    """Brings the files of HEAD."""


def cache_folder() -> Path:
    """Where parsed headers and the answer of ``go env`` are kept."""
    from platformdirs import user_cache_path

    return user_cache_path("gomanager", appauthor=False)


def head_start(args: Sequence[str]) -> Look | None:
    """What git can be asked before the command line is understood: nothing in it says otherwise."""
    if args[:1] and args[0] in _ASKING and not {"--staged", "--help", "-h"}.intersection(args):
        return Look(Git(cwd=Path.cwd(), environ=os.environ))
    return None


def start(
    cwd: Path, environ: Mapping[str, str], *, staged: bool = False, look: Look | None = None
) -> Started:
    """Find the work tree and let git look at it; raises EnvironmentFault as ``discover`` does."""
    if look is None or look.staged is not staged:
        look = Look(Git(cwd=cwd, environ=environ), staged=staged)
    repository = found(look.git, look.where.result)
    if isinstance(repository, NoRepository):
        return Started(repository=repository, look=None)
    path = cache_folder() / f"listing-{folder_key(str(repository.git_dir))}"
    known = load(path, repository.head)
    if known is not None:
        return Started(repository=repository, look=look, listed=lambda: known)
    listed = Ahead(lambda: of_head(repository, path))
    return Started(repository=repository, look=look, listed=listed.result)
