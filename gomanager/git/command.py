"""How git is asked: plumbing in a fixed environment, bytes out, paths as text with surrogates."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gomanager import process

_FIXED = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
"""Never take the index lock from the user, never ask on the terminal, messages as we know them."""
_UNSET = {
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """A folder to ask git in, with the environment to ask it with."""

    cwd: Path
    environ: Mapping[str, str]

    @property
    def env(self) -> dict[str, str]:
        """The whole environment of a git process."""
        kept = {name: value for name, value in self.environ.items() if name not in _UNSET}
        return kept | _FIXED

    def ask(self, *args: str, feed: bytes | None = None) -> bytes:
        """stdout of a command that must succeed; EnvironmentFault otherwise."""
        return process.output(("git", *args), cwd=self.cwd, env=self.env, input=feed)

    def answer(self, *args: str, timeout: float | None = None) -> process.Completed:
        """A command whose exit code is part of the answer."""
        return process.result(("git", *args), cwd=self.cwd, env=self.env, timeout=timeout)

    def line(self, *args: str) -> str | None:
        """The one line that a command prints; ``None`` where it fails or prints nothing."""
        done = self.answer(*args)
        return text(done.stdout).removesuffix("\n") or None if done.returncode == 0 else None


def text(data: bytes) -> str:
    """Names in a repository are bytes: what is no UTF-8 survives as surrogates (E10)."""
    return data.decode("utf-8", "surrogateescape")


def records(data: bytes) -> list[str]:
    """The NUL-terminated records of a ``-z`` answer."""
    return text(data).split("\0")[:-1]
