"""A test run that was started: its journal as it grows, its end, what it took and left."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from gomanager import journal as journals
from gomanager.command import Usage, Watched
from gomanager.interrupt import Interrupt, Shutdown, left_behind
from gomanager.watch import PACE_SECONDS, Watch

BLOCK_BYTES = 1 << 20
POLL_SECONDS = 0.02
FIRST_POLL_SECONDS = 0.001
"""A process that lives for milliseconds is not waited for longer than that."""
STDERR_BYTES = 1 << 20


class Child:
    """A real process in a session of its own; see :class:`Process` and :func:`start`."""

    def __init__(
        self,
        child: subprocess.Popen[bytes],
        held: int,
        journal: Path,
        interrupt: Interrupt,
        *,
        watch: bool = False,
    ) -> None:
        self._child = child
        self._held = held
        self._journal = journal
        self._interrupt = interrupt
        self._shutdown: Shutdown | None = None
        self.interrupted: int | None = None
        self.usage: Usage | None = None
        self._watch = Watch(child.pid) if watch else None

    @property
    def pid(self) -> int:
        """Process number, which is that of its group and session too."""
        return self._child.pid

    def blocks(self) -> Iterator[bytes]:
        """See :meth:`Process.blocks`; ends when the process is gone and the file is read."""
        with self._journal.open("rb", buffering=0) as file:
            gone, pause = False, FIRST_POLL_SECONDS
            while True:
                while block := file.read(BLOCK_BYTES):
                    yield block
                    if self._watch is not None:
                        self._watch.look()
                if gone:
                    return
                yield b""
                gone = self._gone()
                if not gone:
                    self._sleep(pause)
                    pause = min(POLL_SECONDS, pause * 2)

    def wait(self) -> int:
        """See :meth:`Process.wait`."""
        while not self._gone():
            time.sleep(POLL_SECONDS)
        return self._child.wait()

    def stop(self) -> None:
        """Begin to stop; :meth:`blocks` and :meth:`wait` carry it through."""
        if self._shutdown is None:
            self._shutdown = Shutdown(self.pid)

    def _sleep(self, seconds: float) -> None:
        """In naps where test processes are watched."""
        until = time.monotonic() + seconds
        while self._watch is not None and seconds > PACE_SECONDS:
            self._watch.look()
            time.sleep(PACE_SECONDS)
            seconds = until - time.monotonic()
        time.sleep(max(0, seconds))

    def _gone(self) -> bool:
        if self._interrupt.signum is not None:
            self.interrupted = self._interrupt.signum
            self.stop()
        ended = self._poll()
        if self._shutdown is None:
            return ended
        if ended and self._shutdown.done:
            return True
        self._shutdown.climb(urgent=self._interrupt.urgent)
        return False

    def _poll(self) -> bool:
        """Whether it is gone; wait4 tells in the same call what it took."""
        if self._child.returncode is not None:
            return True
        try:
            pid, status, took = os.wait4(self._child.pid, os.WNOHANG)
        except ChildProcessError:  # somebody else has waited for it
            return self._child.poll() is not None
        if pid == 0:
            return False
        self._child.returncode = os.waitstatus_to_exitcode(status)
        unit = 1 if sys.platform == "darwin" else 1024
        self.usage = Usage(
            cpu_ms=round((took.ru_utime + took.ru_stime) * 1000), peak_bytes=took.ru_maxrss * unit
        )
        if self._watch is not None:
            self._watch.close()
        return True

    @property
    def watched(self) -> Watched | None:
        """See :attr:`Process.watched`."""
        return self._watch.watched if self._watch is not None else None

    @property
    def left(self) -> tuple[str, ...]:
        """See :attr:`Process.left`."""
        return left_behind(self.pid)

    @property
    def stderr(self) -> str:
        """See :attr:`Process.stderr`."""
        with journals.stderr_path(self._journal).open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - STDERR_BYTES))
            return file.read().decode("utf-8", "replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._poll():
            self.stop()
            self.wait()
        if self._held >= 0:
            os.close(self._held)
            self._held = -1
