"""Where we are, asked before anything else is imported."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gomanager.git.command import Git
from gomanager.git.look import Look
from gomanager.git.repository import NoRepository, Repository, found

_ASKING = ("scope", "why")


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Where we are, and what git is already busy with."""

    repository: Repository | NoRepository
    look: Look | None


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
    return Started(repository=repository, look=look)
