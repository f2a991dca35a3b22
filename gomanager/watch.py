"""What each test process takes and leaves behind, seen from outside.

``go`` waits for its test binaries, so nobody else is told their rusage, and a program between the
two would change what a test sees of its parent, of signals and of its exit. ``/proc`` shows CPU time
and the peak of memory so far; both only grow, so the last look lacks what the last milliseconds
brought. A ``-race`` binary sleeps a second at its exit: there the last look is exact.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Struct, field

from gomanager import journal
from gomanager.command import Took, Watched
from gomanager.interrupt import members

PACE_SECONDS = 0.004
"""Between two looks for new processes; many test binaries live for ten milliseconds."""
_THREADS_SECONDS = 0.02
_SHARE = 0.03
"""Of its age, between two looks at a process: what lives long is looked at seldom."""
_SELDOM_SECONDS = 0.25
_FAMILY_SECONDS = 0.02
_COSTS = 50
"""A look at all threads of a process is not to take more than a part of so many."""
_GRACE_SECONDS = 0.5
"""A child that ends so soon after its test was on its way out."""
_LEAST_LOOKS = 3
_DOUBT_SECONDS = 0.5
_DYING_SECONDS = 0.2
"""What was killed a moment ago need not be gone yet."""
_MOST_FAMILY = 200
_MARK = b"-test.paniconexit0"
"""``go test`` gives it to every test binary, and nobody else does."""
_PEAK = re.compile(rb"^VmHWM:\s*(\d+) kB$", re.MULTILINE)
_CPU_CLOCK = 2
"""With a process number above it, the clock of that process (clock_getcpuclockid(3))."""
_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


class _Test(Struct):
    """A test process under watch; descriptors of ``/proc`` stay with it when its number is reused."""

    pid: int
    folder: str
    begun: float
    stat: int
    status: int
    due: float = 0
    family_due: float = 0
    looks: int = 0
    cpu_ms: float = 0
    peak_kb: int | None = None
    ended: float | None = None
    family: dict[int, int] = field(default_factory=dict)
    """Number → start time: together they name a process."""
    left: tuple[str, ...] | None = None

    def look(self, now: float) -> None:
        """Read again what it took so far; sets ``ended`` once it is gone."""
        self.due = now + min(_SELDOM_SECONDS, max(PACE_SECONDS, _SHARE * (now - self.begun)))
        try:
            fields = os.pread(self.stat, 1024, 0).rpartition(b")")[2].split()
            self.cpu_ms = self._cpu_ms(fields)
            peak = _PEAK.search(os.pread(self.status, 4096, 0))
        except (OSError, ValueError):
            self._end(now)
            return
        self.looks += 1
        if peak is not None:
            self.peak_kb = int(peak[1])
        if not fields or fields[0] in (b"Z", b"X"):
            self._end(now)
        elif now >= self.family_due:
            begun = time.monotonic()
            self._meet(self.pid)
            cost = _COSTS * (time.monotonic() - begun)  # of thousands of threads it takes long
            self.family_due = now + max(_FAMILY_SECONDS, 2 * _SHARE * (now - self.begun), cost)

    def _cpu_ms(self, fields: list[bytes]) -> float:
        """Its own and that of children it has waited for; ticks of 10 ms only where there must be."""
        own, waited = (sum(map(int, fields[at : at + 2])) * _TICK_MS for at in (11, 13))
        with suppress(OSError):
            own = 1000 * time.clock_gettime((~self.pid << 3) | _CPU_CLOCK)
        return max(self.cpu_ms, own + waited)

    def close(self, now: float) -> None:
        """The end of the watch."""
        if self.ended is None:
            self.look(now)
        if self.ended is None:
            self._end(now)

    @property
    def followed(self) -> bool:
        """True while descendants live and nothing is decided about them."""
        return self.left is None and any(self._survivors())

    def settle(self) -> None:
        """Name the descendants that are still there."""
        if self.left is None:
            self.left = tuple(f"{_name(pid)} ({pid})" for pid in self._survivors())

    def _survivors(self) -> Iterator[int]:
        return (pid for pid, at in self.family.items() if journal.started(pid) == at)

    def took(self, since: float) -> Took:
        """What is known of it by now."""
        seen = self.looks >= _LEAST_LOOKS
        known = seen and self.peak_kb is not None
        return Took(
            folder=self.folder,
            cpu_ms=round(self.cpu_ms) if seen else None,
            peak_bytes=(self.peak_kb or 0) * 1024 if known else None,
            left=self.left or (),
            span_ms=(
                round(1000 * (self.begun - since)),
                round(1000 * ((self.ended or self.begun) - since)),
            ),
        )

    def _end(self, now: float) -> None:
        self.ended = now
        for descriptor in (self.stat, self.status):
            os.close(descriptor)

    def _meet(self, pid: int) -> None:
        for child in _children(pid):
            at = journal.started(child)
            if at is not None and len(self.family) < _MOST_FAMILY:
                self.family[child] = at
                self._meet(child)


class Watch:
    """The test processes below ``go``; where there is no ``/proc``, none is ever seen."""

    def __init__(self, pid: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pid = pid
        self._begun = clock()
        self._ended: float | None = None
        self._threads: dict[str, int] = {}
        self._threads_due = self._search_due = 0.0
        self._known: set[int] = set()
        self._doubtful: dict[int, tuple[float, float]] = {}
        self._tests: list[_Test] = []
        self._alive: list[_Test] = []
        self._leaving: list[_Test] = []
        self.able = Path(f"/proc/{pid}/task/{pid}/children").exists()

    def look(self) -> None:
        """To be called every few milliseconds; does what is due."""
        if not self.able or self._ended is not None:
            return
        now = self._clock()
        if now >= self._search_due:
            self._search_due = now + PACE_SECONDS
            self._search(now)
        for test in self._alive:
            if now >= test.due:
                test.look(now)
        if any(test.ended is not None for test in self._alive):
            self._leaving += [test for test in self._alive if test.ended is not None]
            self._alive = [test for test in self._alive if test.ended is None]
        while self._leaving and now - (self._leaving[0].ended or 0) > _GRACE_SECONDS:
            self._leaving.pop(0).settle()

    def close(self) -> None:
        """``go`` is gone: so are its tests; what is left of them is left."""
        if self._ended is not None:
            return
        now = self._ended = self._clock()
        for test in self._tests:
            test.close(now)
        _adopt(self._pid, self._tests)
        patience = now + _DYING_SECONDS
        while any(test.followed for test in self._tests) and self._clock() < patience:
            time.sleep(PACE_SECONDS)
        for test in self._tests:
            test.settle()
        for descriptor in self._threads.values():
            os.close(descriptor)
        self._threads = {}

    @property
    def watched(self) -> Watched | None:
        """What was seen, once ``go`` is gone; ``None`` where nothing can be."""
        if not self.able or self._ended is None:
            return None
        return Watched(
            tests=tuple(test.took(self._begun) for test in self._tests),
            total_ms=round(1000 * (self._ended - self._begun)),
        )

    def _search(self, now: float) -> None:
        if now >= self._threads_due:
            self._threads_due = now + _THREADS_SECONDS
            self._renew_threads()
        children: set[int] = set()
        for thread, descriptor in list(self._threads.items()):
            try:
                children.update(map(int, os.pread(descriptor, 1 << 16, 0).split()))
            except OSError:
                os.close(self._threads.pop(thread))
        for pid in children - self._known:
            self._meet(pid, now)
        self._known &= children
        self._doubtful = {pid: at for pid, at in self._doubtful.items() if pid in children}

    def _renew_threads(self) -> None:
        with suppress(OSError):
            for thread in os.listdir(f"/proc/{self._pid}/task"):  # noqa: PTH208 - 250 times a second
                if thread not in self._threads:
                    place = f"/proc/{self._pid}/task/{thread}/children"
                    self._threads[thread] = os.open(place, os.O_RDONLY | os.O_CLOEXEC)

    def _meet(self, pid: int, now: float) -> None:
        """A new child of ``go``: a test, a compiler, or a copy of ``go`` that is yet to become one."""
        since, due = self._doubtful.get(pid, (now, now))
        if now < due:
            return
        line = _read(pid, "cmdline").split(b"\0")
        if _MARK not in line:
            # Until it executes it shows the line of go, and in between something of both.
            if b"/pkg/tool/" in line[0] or now - since > _DOUBT_SECONDS:
                self._known.add(pid)
            self._doubtful[pid] = (since, now + (now - since))
            return
        self._known.add(pid)
        folder = next((w for w in _read(pid, "environ").split(b"\0") if w.startswith(b"PWD=")), b"")
        with suppress(OSError):
            stat = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
            status = os.open(f"/proc/{pid}/status", os.O_RDONLY | os.O_CLOEXEC)
            test = _Test(
                pid=pid, folder=os.fsdecode(folder[4:]), begun=now, stat=stat, status=status
            )
            self._tests.append(test)
            self._alive.append(test)


def _adopt(session: int, tests: list[_Test]) -> None:
    """Who still lives in the session belongs to the test whose folder it began in."""
    if not tests:
        return
    known = {pid for test in tests for pid in test.family}
    for pid in members(session, since=session):
        folder = next((w for w in _read(pid, "environ").split(b"\0") if w.startswith(b"PWD=")), b"")
        owner = next((test for test in tests if os.fsencode(test.folder) == folder[4:]), None)
        at = journal.started(pid)
        if pid not in known and owner is not None and at is not None:
            owner.family[pid] = at
            owner.left = None  # the last word was spoken too soon


def _children(pid: int) -> Iterator[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208
    except OSError:
        return
    for thread in threads:
        yield from map(int, _read(pid, f"task/{thread}/children").split())


def _read(pid: int, name: str) -> bytes:
    try:
        descriptor = os.open(f"/proc/{pid}/{name}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return b"".join(iter(lambda: os.read(descriptor, 1 << 16), b""))
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _name(pid: int) -> str:
    return _read(pid, "comm").decode("utf-8", "replace").strip()
