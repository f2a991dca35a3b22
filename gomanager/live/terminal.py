"""Progress on a terminal: running packages and totals redrawn, failures scrolling above."""

import threading
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Self, TextIO

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from gomanager.live.board import Board, note, seconds
from gomanager.live.held import LONGEST_S, Held
from gomanager.live.lines import blocks
from gomanager.live.log import Clock
from gomanager.results import Progress
from gomanager.text import for_terminal

REFRESH_HZ = 10


class RichView(AbstractContextManager["RichView"]):
    """Running packages and a total line, redrawn ten times a second; failures scroll above."""

    def __init__(
        self,
        console: Console,
        board: Board,
        *,
        verbose: int = 0,
        colour: bool = True,
        clock: Clock = time.monotonic,
    ) -> None:
        self._console = console
        self._board = board
        self._verbose = verbose
        self._colour = colour
        self._clock = clock
        self._held = Held()
        self._over = threading.Event()
        self._waiter = threading.Thread(target=self._wait, daemon=True)
        self._lock = threading.Lock()
        self._live = Live(
            get_renderable=self._draw,
            console=console,
            refresh_per_second=REFRESH_HZ,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._live.start()
        self._waiter.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._waiter.join()
        self._live.stop()

    def __call__(self, progress: Progress) -> None:
        """Note what happened; print above the moving part what must stay on screen."""
        with self._lock:
            now = self._clock()
            lines = self._lines(self._held.take(progress, now), now)
        for text in lines:
            self._print(text)

    def _wait(self) -> None:
        while not self._over.wait(LONGEST_S / 2):
            with self._lock:
                now = self._clock()
                lines = self._lines(self._held.due(now), now)
            for text in lines:
                self._print(text)

    def _lines(self, told: Iterable[Progress], now: float) -> list[str]:
        lines: list[str] = []
        for one in told:
            note(self._board, one, now)
            lines += [text for text, _ in blocks(one, self._board, self._verbose)]
        return lines

    def _print(self, text: str) -> None:
        safe = for_terminal(text, colour=self._colour)
        style = {"FAIL": "red", "--- ": "red", "phas": "bold"}.get(safe[:4], "")
        body = Text.from_ansi(safe) if "\x1b" in safe else Text(safe, style=style)
        self._console.print(body, soft_wrap=True, highlight=False, markup=False, emoji=False)

    def _draw(self) -> RenderableType:
        with self._lock:
            now = self._clock()
            lines = _moving(self._board, now, self._console.width)
        text = Text(no_wrap=True, overflow="ellipsis")
        for line, style in lines:
            text.append(line + "\n", style=style)
        return text


def _moving(board: Board, now: float, width: int) -> list[tuple[str, str]]:
    """The part that is redrawn: at most eight running packages and the totals."""
    if not board.phase:
        return []
    lines = []
    oldest = sorted(board.running.items(), key=lambda item: item[1])
    for name, begun in oldest[:8]:
        usual = board.usual.get(name)
        late = usual is not None and now - begun > 3 * max(usual, 1.0)
        cases = board.cases.get(name, 0)
        tail = f"  {cases} test{'s' * (cases != 1)}  {seconds(now - begun)}"
        tail += f"  usual {seconds(usual)}" if usual is not None else ""
        # The name gives way from the left: its end tells packages apart.
        room = max(8, width - len(tail) - 3)
        shown = name if len(name) <= room else "…" + name[-(room - 1) :]
        lines.append((f"  {shown}{tail}", "yellow" if late else ""))
    if len(oldest) > 8:
        lines.append((f"  and {len(oldest) - 8} more running", "dim"))
    left = board.eta(now)
    parts = [f"{board.phase}", f"{board.done}/{board.total} packages", f"{board.passed} passed"]
    parts += [f"{board.failed} failed"] if board.failed else []
    parts += [f"{board.skipped} skipped"] if board.skipped else []
    parts += [seconds(now - board.since)]
    parts += [f"~{seconds(left)} left"] if left is not None and left >= 1 else []
    return [*lines, ("  ".join(parts), "bold red" if board.failed else "bold")]


def console(stream: TextIO, *, colour: bool) -> Console:
    """Nothing is left to rich's guesses about CI, terminals and variables."""
    return Console(
        file=stream,
        force_terminal=True,
        force_interactive=True,
        no_color=not colour,
        highlight=False,
        markup=False,
        emoji=False,
    )
