"""What is known of one case while its events come in."""

from datetime import UTC, datetime
from functools import lru_cache

from gomanager.gotest.buffer import Buffer
from gomanager.gotest.failure import CaseText
from gomanager.results import Outcome


class CaseRun(Buffer):
    """One ``run`` of one name, up to its end.

    There are a hundred thousand of these: what most of them never set is a class attribute.
    """

    until = ""
    """The Time of its end; moments stay text until a duration is asked for."""
    paused: str | None = None
    """The Time of a ``pause`` that no ``cont`` followed yet."""
    since = ""
    """The Time of its last ``cont``; empty where it never waited for its turn."""
    active = 0.0
    """Seconds until its last ``pause`` that a ``cont`` followed, without the pauses."""
    elapsed: float | None = None
    took: float | None = None
    """Seconds from run to end without the pauses."""
    event_outcome: Outcome | None = None
    text_pieces: list[tuple[str, str]] | None = None
    attrs: tuple[tuple[str, str], ...] = ()
    artifacts: str | None = None
    key = b""
    child_failed = False
    quotes_crash = False
    """It passed, yet its output ends in a crash, which is then the package's."""
    nested = False
    """Its failure belongs to a testing run inside a test: S87."""
    own_summary = False
    """Its last line was the package's ``ok`` line: S81."""
    number = 0
    """How many cases of its package had begun when it did, itself included."""
    shared = False
    """Its output is also that of another run of its name."""
    around = False
    """Others began while it ran."""

    def __init__(self, name: str, began: str) -> None:
        self.name = name
        self.began = began
        self.chunks = []

    @property
    def fold(self) -> bool:
        """As far as its end shows: it passed or failed through its children only."""
        if self.chunks_before is None:
            return False
        return self.event_outcome is not Outcome.FAIL or (
            self.child_failed and not self._complained
        )

    @property
    def _complained(self) -> bool:
        said = CaseText(
            name=self.name, pieces=tuple(self.pieces), died=False, first_child=self.lines_before
        )
        return said.own_error

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """(OutputType, text) of its output, decoded once; empty for a passed case."""
        if self.text_pieces is None:
            self.text_pieces = self.decoded()
        return self.text_pieces

    @property
    def text(self) -> str:
        """All its output."""
        return "".join(text for _, text in self.pieces)

    @property
    def own_ms(self) -> int | None:
        """Milliseconds from run to end without the pauses; ``None`` when unknown."""
        return self.old_ms if self.took is None else round(self.took * 1000)

    def ended(self, time: str, elapsed: float | None) -> None:
        """Measure it, while its moments are at hand; those of subtests are not kept."""
        self.elapsed = elapsed
        self.until = time
        self.took = self._measure()
        if "/" in self.name:
            self.began = self.until = ""

    def _measure(self) -> float | None:
        seconds = seconds_between(self.since or self.began, self.until)
        if seconds is None:
            return None
        seconds += self.active
        return max(0.0, seconds) if seconds < _AGES else None

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """Its first and last moment."""
        began, until = moment(self.began), moment(self.until)
        return (began, until) if began and until else None

    @property
    def old_ms(self) -> int | None:
        """What the event itself says, for cached packages whose times are "now" (S57)."""
        return None if self.elapsed is None else max(0, round(self.elapsed * 1000))

    def passed(self, *, keep: bool) -> None:
        """Nobody needs its output, unless asked to keep it."""
        self.event_outcome = Outcome.PASS
        chunks = self.chunks
        if not chunks:
            return
        last = chunks[-1]
        last = last[last.rfind(b"\n") + 1 :]
        if b"ok  \\t" in last:
            self.own_summary = True
        if b"--- PASS: " not in last:  # go 1.20 passed a case in a dying process
            self.quotes_crash = any(mark in chunk for chunk in chunks for mark in _CRASH)
        if not keep and not self.quotes_crash:
            self.chunks = _NOTHING

    def pause(self, time: str) -> None:
        """It waits for its turn among the parallel ones."""
        self.paused = time

    def resume(self, time: str) -> None:
        """It got its turn."""
        if self.paused is not None:
            seconds = seconds_between(self.since or self.began, self.paused)
            if seconds is not None:
                self.active += max(0.0, seconds)
                self.since = time
        self.paused = None


_CRASH = (b'"Output":"panic: ', b'"Output":"fatal error: ')
_NOTHING: list[bytes] = []
_AGES = 1e9
"""No test takes so many seconds: a mangled Time says so."""


def seconds_between(began: str, until: str) -> float | None:
    """Between two Times; ``None`` where one of them is none."""
    if began[:17] == until[:17] and began[-1:] == until[-1:] == "Z":  # within one minute, UTC
        try:
            return float(until[17:-1]) - float(began[17:-1])
        except ValueError:
            return None
    first, last = moment(began), moment(until)
    return (last - first).total_seconds() if first and last else None


def instant(text: str) -> float | None:
    """A Time as seconds since 1970; as exact as they are written."""
    if text[-1:] != "Z":
        found = moment(text)
        return found.timestamp() if found else None
    start = minute_start(text[:17])
    try:
        seconds = float(text[17:-1])
    except ValueError:
        return None
    return start + seconds if start is not None and 0 <= seconds < 100 else None


@lru_cache(maxsize=64)
def minute_start(text: str) -> float | None:
    """The same of the beginning of a Time, up to its minutes."""
    found = moment(f"{text}00Z")
    return found.timestamp() if found else None


def moment(text: str) -> datetime | None:
    """The instant of an event; nanoseconds are cut to microseconds."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
