"""Everything that ends a command early, each with its exit code.

GomanagerError
├── UsageError           2   a wrong option, name or reference
│   └── ConfigError      2   mistakes in YAML files, all of them at once
├── EnvironmentFault     3   a tool is missing, git or the store failed
└── Interrupted        130   SIGINT (143 for SIGTERM); report and store are still written
"""

from msgspec import Struct


class Problem(Struct, frozen=True, kw_only=True):
    """One mistake in one place; lines and columns count from 1."""

    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    suggestion: str | None = None
    excerpt: str | None = None

    @property
    def place(self) -> str:
        """``file:line:column`` as far as it is known."""
        parts = [self.file or "", str(self.line or ""), str(self.column or "")]
        return ":".join(part for part in parts if part)


class GomanagerError(Exception):
    """What happened, where, and how to mend it: three parts, printed by the one boundary in cli."""

    exit_code = 3

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        fix: str | None = None,
        problems: tuple[Problem, ...] = (),
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix
        self.problems = problems


class UsageError(GomanagerError):
    """The command line asks for something that does not exist or contradicts itself."""

    exit_code = 2


class ConfigError(UsageError):
    """One or more YAML files are wrong; ``problems`` holds every mistake of every file."""


class EnvironmentFault(GomanagerError):
    """The machine, not the code: a missing tool, a failing git, a store that cannot be opened."""

    exit_code = 3


class Interrupted(GomanagerError):
    """The user or the CI stopped us; ``signal`` is the signal number."""

    def __init__(self, signal: int) -> None:
        super().__init__("interrupted")
        self.signal = signal
        self.exit_code = 128 + signal
