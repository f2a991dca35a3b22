"""How git is asked: plumbing in a fixed environment, bytes out, paths as text with surrogates."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from gomanager import process
from gomanager.git.early import environment


class Git(Struct, frozen=True, kw_only=True):
    """A folder to ask git in, with the environment to ask it with."""

    cwd: Path
    environ: Mapping[str, str]

    @property
    def env(self) -> dict[str, str]:
        """The whole environment of a git process."""
        return environment(self.environ)

    def ask(self, *args: str, feed: bytes | None = None) -> bytes:
        """stdout of a command that must succeed; EnvironmentFault otherwise."""
        return process.output(("git", *args), cwd=self.cwd, env=self.env, input=feed)

    def answer(self, *args: str, timeout: float | None = None) -> process.Completed:
        """A command whose exit code is part of the answer."""
        return process.result(("git", *args), cwd=self.cwd, env=self.env, timeout=timeout)

    def line(self, *args: str) -> str | None:
        """The one line that a command prints; ``None`` where it fails or prints nothing."""
        return line(self.answer(*args))


def line(done: process.Completed) -> str | None:
    """The one line of an answer; ``None`` where the command failed or printed nothing."""
    return text(done.stdout).removesuffix("\n") or None if done.returncode == 0 else None


def text(data: bytes) -> str:
    """Names in a repository are bytes: what is no UTF-8 survives as surrogates (E10)."""
    return data.decode("utf-8", "surrogateescape")


def records(data: bytes) -> list[str]:
    """The NUL-terminated records of a ``-z`` answer."""
    return text(data).split("\0")[:-1]
