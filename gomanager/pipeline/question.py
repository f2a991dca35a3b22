"""What is asked of the selection, and where: the values that everything about a scope shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gomanager.config import Config
from gomanager.pipeline.start import Started


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the options ask for; ``own`` are folders below the root that we write ourselves."""

    cwd: Path
    environ: Mapping[str, str]
    config: str | None = None
    flags: tuple[tuple[str, str], ...] = ()
    """Settings of the command line that win over the file: ``("output", "out")``."""
    base: str | None = None
    everything: bool = False
    narrowed: bool = False
    """Packages stand behind ``--`` or ``--lf`` is given."""
    phases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """``-tags`` behind ``--``: they change what every phase compiles."""
    staged: bool = False
    own: tuple[str, ...] = ()
    prove: bool = True
    """Leave out what the ledger proves green; off: it must run again, whatever it holds."""
    words: tuple[str, ...] = ()
    """Flags behind ``--``: results under other flags prove nothing about these."""
    cover: bool = False
    started: Started | None = None
    """What was asked of git before this module was imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where we are: what the store is found by, and asked about."""

    key: str
    root: Path
    head: str | None
    branch: str | None
    default: bool
    """The branch is the default branch."""
    config: Config
