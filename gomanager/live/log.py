"""Progress in a log: a line per finished package, failures in full, and a heartbeat.

Views are listeners. They draw by time, never per event, and write to stderr only: stdout is data.
"""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Self, TextIO

from gomanager.live.board import Board, note, seconds
from gomanager.live.held import Held
from gomanager.live.lines import blocks
from gomanager.results import Progress
from gomanager.text import for_terminal

HEARTBEAT_S = 30
Clock = Callable[[], float]


class Silence(AbstractContextManager["Silence"]):
    """The view of ``-q`` and of commands that only print a document."""

    def __call__(self, progress: Progress) -> None:
        """Look away."""

    def __exit__(self, *_: object) -> None:
        return None


class PlainView(AbstractContextManager["PlainView"]):
    """A line per finished package, failures in full, and a heartbeat: for logs and CI."""

    def __init__(
        self,
        stream: TextIO,
        board: Board,
        *,
        colour: bool = False,
        verbose: int = 0,
        fence: Callable[[str], str] | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self._stream = stream
        self._board = board
        self._colour = colour
        self._verbose = verbose
        self._fence = fence
        self._clock = clock
        self._spoke = clock()
        self._held = Held()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._heart = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        self._heart.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._heart.join()

    def __call__(self, progress: Progress) -> None:
        """Note what happened, and print what a reader of the log wants to see."""
        with self._lock:
            now = self._clock()
            for one in self._held.take(progress, now):
                self._tell(one, now)

    def _tell(self, progress: Progress, now: float) -> None:
        note(self._board, progress, now)
        for text, foreign in blocks(progress, self._board, self._verbose):
            self._say(text, foreign=foreign)

    def heartbeat(self) -> str | None:
        """The line that keeps a silent CI job alive, or None when something was said lately."""
        now = self._clock()
        if now - self._spoke < HEARTBEAT_S or not self._board.phase:
            return None
        parts = []
        for name, begun in sorted(self._board.running.items(), key=lambda item: item[1])[:5]:
            usual = self._board.usual.get(name)
            tail = f", usual {seconds(usual)}" if usual is not None else ""
            parts.append(f"{name} {seconds(now - begun)}{tail}")
        return "still running: " + ("; ".join(parts) or f"{self._board.phase} (building)")

    def _say(self, text: str, *, foreign: bool) -> None:
        safe = for_terminal(text, colour=self._colour)
        block = self._fence(safe) if foreign and self._fence else safe
        self._stream.write(block.rstrip("\n") + "\n")
        self._stream.flush()
        self._spoke = self._clock()

    def _beat(self) -> None:
        while not self._over.wait(1.0):
            with self._lock:
                now = self._clock()
                for one in self._held.due(now):
                    self._tell(one, now)
                line = self.heartbeat()
                if line:
                    self._say(line, foreign=False)
