"""How a run is stopped: signals we get become a flag, and go on to whatever we started."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from gomanager import journal
from gomanager.errors import Interrupted

LADDER = ((0.0, signal.SIGINT), (5.0, signal.SIGTERM), (10.0, signal.SIGKILL))
"""Seconds after the request to stop, and the signal the group gets then (nox, nox/popen.py)."""
TWICE_SECONDS = 0.3
"""Two signals closer than this are one: timeout(1) signals its child and then the whole group."""


class Interrupt:
    """SIGINT or SIGTERM as a flag that run loops poll, so that results so far are kept."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.signum: int | None = None
        self.urgent = False
        """Asked twice: whatever runs is killed at once."""
        self._clock = clock
        self._first = 0.0

    def receive(self, signum: int, _frame: FrameType | None = None) -> None:
        """A signal handler; a closed terminal (SIGHUP) counts as SIGTERM."""
        if self.signum is None:
            self._first = self._clock()
            self.signum = signal.SIGTERM if signum == signal.SIGHUP else signum
        elif self._clock() - self._first > TWICE_SECONDS:
            self.urgent = True

    def check(self) -> None:
        """Raise Interrupted once a signal has come."""
        if self.signum is not None:
            raise Interrupted(self.signum)


@contextmanager
def interruptible() -> Iterator[Interrupt]:
    """SIGINT, SIGTERM and SIGHUP set the flag while the block runs; ignored ones stay ignored."""
    flag = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield flag
        return
    before = {}
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(signum) is not signal.SIG_IGN:
            before[signum] = signal.signal(signum, flag.receive)
    try:
        yield flag
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


@contextmanager
def default_sigint() -> Iterator[None]:
    """A job in the background ignores SIGINT, and so would its children, whom we ask with it.

    A handler of any sort becomes the default when the child executes.
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


class Shutdown:
    """The polite end of a session: SIGINT, 5 s, SIGTERM, 5 s, SIGKILL, as far as it takes."""

    def __init__(self, session: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._session = session
        self._clock = clock
        self._begun = clock()
        self._step = 0

    @property
    def done(self) -> bool:
        """True when nobody of the session lives, or everybody was killed."""
        return self._step == len(LADDER) or not members(self._session)

    def climb(self, *, urgent: bool) -> None:
        """Send what is due by now; when ``urgent``, SIGKILL at once."""
        waited = self._clock() - self._begun
        if urgent and self._step < len(LADDER):
            self._step, waited = len(LADDER) - 1, LADDER[-1][0]
        while self._step < len(LADDER) and waited >= LADDER[self._step][0]:
            _send(self._session, LADDER[self._step][1])
            self._step += 1


def members(session: int, *, since: int = 0) -> list[int]:
    """Living processes of the session; a test that moved its child to a group of its own, too."""
    table = Path("/proc")
    if not (table / "self").exists():
        return []
    numbers = (int(entry.name) for entry in table.iterdir() if entry.name.isdigit())
    pids = [pid for pid in numbers if pid >= since]
    states = [(pid, journal.status(pid)) for pid in pids]
    return [p for p, s in states if s is not None and int(s[3]) == session and s[0] not in "ZX"]


def left_behind(session: int) -> tuple[str, ...]:
    """Processes of a session whose first one is gone, as ``name (pid)``.

    They are younger than it: looking at higher numbers alone spares most of the machine's.
    """
    found = []
    for pid in members(session, since=session):
        with suppress(OSError):
            name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
            found.append(f"{name} ({pid})")
    return tuple(found)


def _send(session: int, signum: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(session, signum)
    if signum == signal.SIGINT:
        return
    for pid in members(session):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signum)
