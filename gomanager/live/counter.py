"""One line that counts: written over on a terminal, every ten seconds a new one in a log."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TextIO

TERMINAL_SECONDS = 0.2
LOG_SECONDS = 10.0


class Counter(AbstractContextManager["Counter"]):
    """Says how many processes there were; without a stream it says nothing."""

    def __init__(
        self, stream: TextIO | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._terminal = stream is not None and stream.isatty()
        self._pause = TERMINAL_SECONDS if self._terminal else LOG_SECONDS
        self._clock = clock
        self._next = clock() + self._pause

    def __call__(self, total: int, failed: int) -> None:
        """Draw, if it is time."""
        now = self._clock()
        if self._stream is None or now < self._next:
            return
        self._next = now + self._pause
        text = f"{total} processes, {failed} failed"
        self._stream.write(f"\r{text}\x1b[K" if self._terminal else f"{text}\n")
        self._stream.flush()

    def __exit__(self, *_: object) -> None:
        """Leave an empty line behind."""
        if self._terminal and self._stream is not None:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
