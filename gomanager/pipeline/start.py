"""The first questions to git, asked before anything else is imported.

``git status`` reads every folder of the work tree; our imports take as long. Done side by side
they cost once (moby: 60 ms of 330).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gomanager.git.changes import Look
from gomanager.git.repository import NoRepository, Repository, discover


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Where we are, and what git is already busy with."""

    repository: Repository | NoRepository
    look: Look | None


def start(cwd: Path, environ: Mapping[str, str], *, staged: bool = False) -> Started:
    """Find the work tree and let git look at it; raises EnvironmentFault as ``discover`` does."""
    repository = discover(cwd, environ)
    if isinstance(repository, NoRepository):
        return Started(repository=repository, look=None)
    return Started(repository=repository, look=Look(repository, staged=staged))
