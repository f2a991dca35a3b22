"""Where processes are started: journalled test runs, short commands, long-lived pipes.

Nothing goes through a shell. A test run (:func:`start`) gets a session of its own, so that a signal
reaches ``go`` and every test binary; its stdout is the journal (see :mod:`gomanager.journal`).
"""

import os
import signal
import subprocess
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from msgspec import Struct

from gomanager import journal as journals
from gomanager.command import Command, Process, Start, cannot_start, quote, redact
from gomanager.errors import EnvironmentFault, GomanagerError, Interrupted
from gomanager.interrupt import Interrupt, default_sigint

if TYPE_CHECKING:
    from gomanager.child import Child

__all__ = [
    "Command", "Completed", "Interrupt", "Pipe", "Process", "Start",
    "output", "pipe", "result", "start",
]  # fmt: skip

BLOCK_BYTES = 1 << 20


class Completed(Struct, frozen=True, kw_only=True):
    """How a short command ended; a negative ``returncode`` is the signal that ended it."""

    returncode: int
    stdout: bytes
    stderr: bytes


def result(
    argv: Iterable[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    input: bytes | None = None,
    timeout: float | None = None,
) -> Completed:
    """Run a short command; ``env`` is the whole environment. Any exit code is an answer.

    Raises EnvironmentFault where it cannot be started or takes longer than ``timeout`` seconds,
    Interrupted where ^C ended it.
    """
    words = tuple(argv)
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env=env,
            timeout=timeout,
            capture_output=True,
            input=input or b"",
            check=False,
        )
    except (OSError, ValueError) as error:
        raise cannot_start(words, cwd, error) from error
    except subprocess.TimeoutExpired as error:
        what = f"{_line(words)} did not answer within {timeout:g} seconds"
        raise EnvironmentFault(what, where=str(cwd)) from error
    return _completed(done.returncode, done.stdout, done.stderr)


def finished(child: "subprocess.Popen[bytes]") -> Completed:
    """The same for a short command that was started with pipes already."""
    stdout, stderr = child.communicate()
    return _completed(child.returncode, stdout, stderr)


def _completed(returncode: int, stdout: bytes, stderr: bytes) -> Completed:
    if returncode == -signal.SIGINT:
        raise Interrupted(signal.SIGINT)
    return Completed(returncode=returncode, stdout=stdout, stderr=stderr)


def output(
    argv: Iterable[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    input: bytes | None = None,
    check: bool = True,
    timeout: float | None = None,
) -> bytes:
    """stdout of a short command; with ``check``, an exit code other than 0 is EnvironmentFault."""
    words = tuple(argv)
    done = result(words, cwd=cwd, env=env, input=input, timeout=timeout)
    if check and done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip() or "nothing on stderr"
        what = f"{_line(words)} ended with {done.returncode}: {said}"
        raise EnvironmentFault(what, where=str(cwd))
    return done.stdout


def _line(argv: tuple[str, ...]) -> str:
    import textwrap

    return textwrap.shorten(" ".join(quote(redact(word)) for word in argv), 200, placeholder=" …")


def start(
    command: Command,
    *,
    journal: Path,
    meta: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    interrupt: Interrupt | None = None,
    watch: bool = False,
) -> "Child":
    """Start a test run whose stdout is ``journal``, a new file, locked as long as someone writes.

    ``meta`` is written beside it before the start and completed right after. ``watch``: see what
    the test binaries below take. Raises Interrupted
    where a signal came before, EnvironmentFault where the program or the journal cannot be had.
    """
    from gomanager.child import Child

    flag = interrupt or Interrupt()
    flag.check()
    known = {
        **(meta or {}),
        "argv": command.argv,
        "cwd": str(command.cwd),
        "manager": journals.identity(os.getpid()),
    }
    held, errors = _open(journal, known)
    try:
        child = _session(command, os.environ if environ is None else environ, held, errors)
    except GomanagerError:
        os.close(held)
        journals.remove(journal)
        raise
    finally:
        os.close(errors)
    with suppress(OSError):
        journals.write_meta(journal, known | journals.identity(child.pid))
    return Child(child, held, journal, flag, watch=watch)


def _open(journal: Path, meta: Mapping[str, object]) -> tuple[int, int]:
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND
    try:
        journal.parent.mkdir(parents=True, exist_ok=True)
        held = os.open(journal, flags, 0o600)
        journals.lock(held)
        journals.write_meta(journal, meta)
        return held, os.open(journals.stderr_path(journal), flags, 0o600)
    except OSError as error:
        what = f"cannot write the journal of the run: {error.strerror or error}"
        raise EnvironmentFault(what, where=str(journal), fix="free or choose a folder") from error


def _session(
    command: Command, environ: Mapping[str, str], out: int, errors: int
) -> "subprocess.Popen[bytes]":
    try:
        with default_sigint():
            return subprocess.Popen(
                command.argv,
                cwd=command.cwd,
                env=command.environment(environ),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                start_new_session=True,
            )
    except (OSError, ValueError) as error:
        raise cannot_start(command.argv, command.cwd, error) from error


class Pipe:
    """A long-lived command that answers on stdout what it is asked on stdin."""

    def __init__(
        self, argv: Iterable[str], cwd: Path, *, env: Mapping[str, str] | None = None
    ) -> None:
        words = tuple(argv)
        try:
            self._child = subprocess.Popen(
                words,
                cwd=cwd,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=BLOCK_BYTES,
            )
        except (OSError, ValueError) as error:
            raise cannot_start(words, cwd, error) from error
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self.stdin: IO[bytes] = self._child.stdin
        self.stdout: IO[bytes] = self._child.stdout
        self._feeder: threading.Thread | None = None

    def feed(self, pieces: Iterable[bytes]) -> None:
        """Write all ``pieces`` from a thread and close stdin, while the caller reads stdout."""
        self._feeder = threading.Thread(target=self._write, args=(pieces,), daemon=True)
        self._feeder.start()

    def _write(self, pieces: Iterable[bytes]) -> None:
        with suppress(BrokenPipeError, ValueError), self.stdin:
            self.stdin.writelines(pieces)

    def close(self) -> int:
        """Close both ends and wait; the exit code."""
        with suppress(OSError):
            self.stdout.close()
        if self._feeder is not None:
            self._feeder.join()
        with suppress(OSError):
            self.stdin.close()
        return self._child.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def pipe(argv: Iterable[str], cwd: Path, *, env: Mapping[str, str] | None = None) -> Pipe:
    """Start a long-lived command, as ``git cat-file --batch``."""
    return Pipe(argv, cwd, env=env)
