"""Repository, configuration and options become one Scope: what ``run`` runs and ``scope`` shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gomanager.ci.environment import Environment
from gomanager.git.change import Changes
from gomanager.git.repository import NoRepository, Repository
from gomanager.selection.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the options ask for; ``own`` are folders below the root that we write ourselves."""

    cwd: Path
    environ: Mapping[str, str]
    config: Path | None = None
    base: str | None = None
    everything: bool = False
    phases: tuple[str, ...] = ()
    staged: bool = False
    own: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the store is asked about."""

    key: str
    root: Path
    head: str | None
    branch: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store remembers; the default is an empty store."""

    last_green: str | None = None
    """Newest commit of the default branch with a complete green run."""
    red_phases: frozenset[str] = frozenset()
    """Red in the newest CI run of this branch, else in the newest run."""
    red_packages: frozenset[str] = frozenset()
    """Import paths that were red when they last ran on this branch (E16)."""


Recall = Callable[[Place], Known]


def nothing(_: Place) -> Known:
    """The answer of an empty store."""
    return Known()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Everything that was found out on the way to the scope."""

    root: Path
    key: str
    repository: Repository | NoRepository
    environment: Environment | None
    changes: Changes
    scope: Scope


def select(question: Question, recall: Recall = nothing) -> Answer:
    """Look at the repository and answer the question.

    Raises UsageError for an unknown base or phase, ConfigError, EnvironmentFault.
    """
    raise NotImplementedError
