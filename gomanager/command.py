"""A command as a value, how a person reads and pastes it, and the shape of its process."""

import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol, Self

from msgspec import Struct

from gomanager.errors import EnvironmentFault
from gomanager.regex import late

_SECRET = late(
    r"TOKEN|SECRET|PASSW|CREDENTIAL|APIKEY|API_KEY|PRIVATE|_KEY$|_DSN$|AUTH(?!OR)", re.IGNORECASE
)
_ASSIGNED = late(r"(?P<name>-{0,2}[\w.-]*)=(?P<value>.+)", re.DOTALL)
_WITHIN = late(r"(?i)([\w.-]*(?:token|secret|passw|api_?key)\w*=)[^\s&'\"]+")
_USERINFO = late(r"(?<=://)[^/@\s]+:[^/@\s]+@")

INSTALL = {
    "go": "install Go from https://go.dev/dl/ and put it on PATH",
    "git": "install git from https://git-scm.com/downloads and put it on PATH",
    "magex": "go install github.com/mrz1836/mage-x/cmd/magex@latest",
}


class Command(Struct, frozen=True, kw_only=True):
    """A command as a value: ``env`` is added to the environment, ``unset`` taken out of it."""

    argv: tuple[str, ...]
    cwd: Path
    env: tuple[tuple[str, str], ...] = ()
    unset: tuple[str, ...] = ()
    root: Path | None = None
    """Where :attr:`text` is pasted; without it, the text assumes ``cwd``."""

    @property
    def text(self) -> str:
        """One line for a POSIX shell at ``root``; secrets are replaced by ``***``."""
        argv = [quote(redact(word)) for word in self.argv]
        settings = [quote(redact(f"{name}={value}")) for name, value in self.env]
        unset = [part for name in self.unset for part in ("-u", quote(name))]
        prefix = ["env", *unset, *settings] if unset else settings
        line = " ".join([*prefix, *argv])
        if self.root is None or self.cwd == self.root:
            return line
        folder = os.path.relpath(self.cwd, self.root)
        return f"(cd {quote(folder)} && {line})"

    def environment(self, environ: Mapping[str, str]) -> dict[str, str]:
        """``environ`` with this command's changes."""
        kept = {name: value for name, value in environ.items() if name not in self.unset}
        return kept | dict(self.env)


class Usage(Struct, frozen=True, kw_only=True):
    """What a process and all it waited for took: CPU time, and the memory of the largest."""

    cpu_ms: int
    peak_bytes: int


class Took(Struct, frozen=True, kw_only=True):
    """One test process: where it began, its CPU time, its peak of memory, and whom it left.

    ``None`` where it was gone before most of its life was seen.
    """

    folder: str
    cpu_ms: int | None
    peak_bytes: int | None
    left: tuple[str, ...] = ()
    """``name (pid)`` of its descendants that outlived it."""
    span_ms: tuple[int, int] = (0, 0)
    """From when to when it was there, since ``go`` was started."""


class Watched(Struct, frozen=True, kw_only=True):
    """What was seen of the test processes below a ``go test``."""

    tests: tuple[Took, ...]
    total_ms: int
    """From the start of ``go`` to its end."""


class Process(Protocol):
    """A started test run; ``child.Child`` is the real one, a recording replays one in tests."""

    def blocks(self) -> Iterator[bytes]:
        """stdout as it grows, in blocks of at most 1 MiB; ``b""`` while there is nothing new."""
        ...

    def wait(self) -> int:
        """The exit code once the process is gone; negative: the signal that ended it."""
        ...

    def stop(self) -> None:
        """Ask politely, then less so: SIGINT, SIGTERM and SIGKILL to the whole group."""
        ...

    @property
    def stderr(self) -> str:
        """What stands on stderr so far, its last MiB."""
        ...

    @property
    def interrupted(self) -> int | None:
        """The signal we were sent and passed on."""
        ...

    @property
    def usage(self) -> Usage | None:
        """What it took, once it is gone; ``None`` where nobody measured it."""
        ...

    @property
    def watched(self) -> Watched | None:
        """What its test processes took, once it is gone; ``None`` where nobody looked."""
        ...

    @property
    def left(self) -> tuple[str, ...]:
        """What it started and did not wait for, still running after its end: ``sleep (4711)``."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


Start = Callable[..., Process]


def quote(word: str) -> str:
    """A shell word on one line: control characters are written as bash and zsh read them."""
    if word.isprintable():
        name, equals, value = word.partition("=")
        plain = equals and name.replace("_", "a").isalnum() and not name[:1].isdigit()
        return f"{name}={shlex.quote(value)}" if plain else shlex.quote(word)
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + "".join(c if c.isprintable() else _escape(c) for c in escaped) + "'"


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else "?"


def redact(word: str) -> str:
    """``word`` with the values of ``NAME_TOKEN=…`` and the user part of an address hidden."""
    word = _USERINFO.sub("***@", word)
    assigned = _ASSIGNED.fullmatch(word)
    if assigned is not None and _SECRET.search(assigned["name"]):
        return f"{assigned['name']}=***"
    return _WITHIN.sub(r"\1***", word)


def cannot_start(argv: tuple[str, ...], cwd: Path, error: OSError | ValueError) -> EnvironmentFault:
    """The clear words for a program that is not there, a folder that is gone, too long a line."""
    name = argv[0]
    if isinstance(error, ValueError):
        return EnvironmentFault(f"cannot start {name}: {error}", where=str(cwd))
    if isinstance(error, FileNotFoundError | NotADirectoryError) and not cwd.is_dir():
        return EnvironmentFault(f"cannot start {name}: the folder is gone", where=str(cwd))
    if isinstance(error, FileNotFoundError):
        fix = INSTALL.get(Path(name).name, f"install {name} and put it on PATH")
        return EnvironmentFault(f"{name} was not found", where="PATH", fix=fix)
    if isinstance(error, PermissionError):
        fix = f"check the permissions of {name}"
        return EnvironmentFault(f"{name} cannot be executed", where=str(cwd), fix=fix)
    return EnvironmentFault(f"cannot start {name}: {error.strerror or error}", where=str(cwd))
