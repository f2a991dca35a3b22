"""What is asked of the selection, and where: the values that everything about a scope shares."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from gomanager.config import Config
from gomanager.pipeline.start import Started


class Question(Struct, frozen=True, kw_only=True):
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


class Place(Struct, frozen=True, kw_only=True):
    """Where we are: what the store is found by, and asked about."""

    key: str
    root: Path
    head: str | None
    branch: str | None
    default: bool
    """The branch is the default branch."""
    config: Config
