"""What was asked of the process whose stream is read, and what reading it left."""

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from gomanager.gotest.sidetext import old_style
from gomanager.results import Note, PackageResult, Purpose


def nowhere(_path: str) -> str | None:
    """The directory function of a stream whose repository is not at hand."""
    return None


class Asked(Struct, frozen=True, kw_only=True):
    """The question that a stream answers; everything has a default for foreign recordings."""

    module: str = ""
    """Module path."""
    root: str = ""
    """Absolute path of the repository: ``-fullpath`` names are made relative to it."""
    directory: Callable[[str], str | None] = nowhere
    """Import path → its directory relative to the root (``"."`` for the root), or ``None``."""
    packages: tuple[str, ...] = ()
    """Import paths that must appear: those without a start are *missing*."""
    expected: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Import path → top-level functions that must end, within ``-run`` and ``-skip``."""
    hollow_ok: frozenset[str] = frozenset()
    """Packages whose TestMain may leave without running tests."""
    nothing_ok: bool = False
    """``-bench``, ``-fuzz`` or ``-list`` was given: no test needs to run."""
    failfast: bool = False
    race: bool = False
    """A green ``-race`` binary sleeps a second at its exit: that second is explained."""
    purpose: Purpose = Purpose.FIRST
    first_process: int = 1
    """Number of the first test binary's process in the phase."""
    first_attempt: int = 1
    keep_output: bool = False
    """Keep the output of passed cases too."""
    nameless: str = "(unnamed package)"
    """Path of the package in a stream whose events name none: the file's name (S78)."""


class Fold(Struct, frozen=True, kw_only=True):
    """All that one stream says; the judgement over it is ``verdict.judge``."""

    packages: tuple[PackageResult, ...]
    side_text: tuple[str, ...] = ()
    """Lines on stdout that are no events."""
    stderr: str = ""
    anomalies: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    exit_code: int | None = None
    """``None`` where nobody knows: a foreign recording."""
    interrupted: bool = False
    events: int = 0
    """How many lines were events; 0 means that the stream explains nothing (S52)."""
    next_process: int = 1

    @property
    def speaks(self) -> bool:
        """Of some package, by events or in the way of Go ≤ 1.23 (S50)."""
        return bool(self.events or old_style(self.side_text))
