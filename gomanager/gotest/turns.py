"""Parallel tests that ran up to their pause without anything else between: columns, no objects.

Most of them pass the same way when they get their turn. The others become case runs at the first
line about them that is not so.
"""

from array import array
from collections.abc import Iterator, Sequence

from msgspec import Struct

from gomanager.gotest.caserun import CaseRun, instant, minute_start
from gomanager.gotest.passed import Together, differences
from gomanager.results import Outcome

_OUTPUT = b',"Output":"'
_CASE = b'"Package":"'


class Paused(Struct, frozen=True, kw_only=True):
    """Cases of one package that came to their pause one behind the other, within one minute."""

    minute: str
    """The beginning of all their times."""
    names: Sequence[str]
    began: Sequence[bytes]
    """Seconds behind the minute, as the events write them."""
    paused: Sequence[bytes]
    said: Sequence[bytes]
    """Their output lines, each with its newline."""

    def took(self) -> "array[float] | None":
        """Seconds from run to pause; ``None`` where some are no numbers."""
        return differences(self.began, self.paused)


class Turns:
    """Such cases as they are kept until their package ends, in order of their run."""

    __slots__ = (
        "_began", "_elapsed", "_ended", "_first", "_last", "_met", "_minutes", "_paused", "_place",
        "_said", "_took", "names",
    )  # fmt: skip

    def __init__(self, first: int) -> None:
        """``first``: how many cases of the package began before these."""
        self._first = first
        self.names: list[str] = []
        self._place: dict[str, int] = {}
        """Name → where it stands in the columns."""
        self._minutes: list[str] = []
        self._began: list[bytes] = []
        self._paused: list[bytes] = []
        self._said: list[bytes] = []
        self._took = array("d")
        """Seconds: until the pause, then all."""
        self._elapsed = array("d")
        self._ended: list[bytes] = []
        self._last: list[str] = []
        """The minute in which it ended."""
        self._met: dict[int, CaseRun] = {}
        """Those of which there was more to see."""

    def new(self, names: Sequence[str]) -> bool:
        """None of them stands here yet."""
        return self._place.keys().isdisjoint(names)

    def add(self, found: Paused, took: "array[float]") -> None:
        """More that wait; their names are new here."""
        count = len(found.names)
        first = len(self.names)
        self._place.update(zip(found.names, range(first, first + count), strict=True))
        self.names += found.names
        self._minutes += [found.minute] * count
        self._began += found.began
        self._paused += found.paused
        self._said += found.said
        self._took += took
        self._elapsed += array("d", bytes(8 * count))
        self._ended += [b""] * count
        self._last += [""] * count

    def passed(self, found: Together, took: Sequence[float], which: range) -> list[float]:
        """These of them waited here, got their turn and passed; the seconds that they ran."""
        some = slice(which.start, which.stop)
        places = [self._place[name] for name in found.names[some]]
        columns = took[some], found.ended[some], map(float, found.elapsed[some])
        for at, seconds, ended, elapsed in zip(places, *columns, strict=True):
            self._took[at] += seconds
            self._elapsed[at] = elapsed
            self._ended[at] = ended
            self._last[at] = found.minute
            self._said[at] = b""
        return [self._took[at] for at in places]

    def met(self, name: str) -> CaseRun:
        """A waiting one as a case run."""
        at = self._place[name]
        case = CaseRun(name, self._time(self._began, at))
        case.number = self._first + at + 1
        said, self._said[at] = self._said[at], b""
        case.chunks = [said[:-1]]
        case.key = said[said.find(_CASE) : said.find(_OUTPUT)]
        case.pause(self._time(self._paused, at))
        self._met[at] = case
        return case

    @property
    def passed_names(self) -> list[str]:
        """Of those that are columns still."""
        return [name for begin, end, _ in self.stretches() for name in self.names[begin:end]]

    @property
    def told(self) -> list[CaseRun]:
        """Those that are case runs, in order."""
        return [case for _, case in sorted(self._met.items())]

    def durations(self, *, cached: bool) -> list[int]:
        """Milliseconds of all: own time, or what the events of a cached package say (S57)."""
        if cached:
            return [max(0, round(value * 1000)) for value in self._elapsed]
        return [round(took * 1000) for took in self._took]

    def spans(self) -> Iterator[tuple[float, float] | None]:
        """From when to when each ran or waited, in seconds since 1970."""
        starts = {one: minute_start(one) for one in {*self._minutes, *self._last}}
        columns = self._minutes, self._began, self._last, self._ended
        for at, (minute, began, last, ended) in enumerate(zip(*columns, strict=True)):
            case, start = self._met.get(at), starts[minute]
            first = None if start is None else start + float(began)
            if case is not None:
                until = instant(case.until)
            else:
                end = starts[last]
                until = None if end is None else end + float(ended)
            yield None if first is None or until is None else (first, until)

    def stretches(self) -> Iterator[tuple[int, int, CaseRun | None]]:
        """From where to where they are columns, and the case run behind that."""
        begin = 0
        for at, case in sorted(self._met.items()):
            yield begin, at, case
            begin = at + 1
        yield begin, len(self.names), None

    def runs(self) -> Iterator[CaseRun]:
        """All as objects, for a package that is not simple after all."""
        for at, name in enumerate(self.names):
            case = self._met.get(at)
            if case is None:
                case = CaseRun(name, self._time(self._began, at))
                case.pause(self._time(self._paused, at))
                case.resume(case.paused or "")
                case.ended(f"{self._last[at]}{self._ended[at].decode()}Z", self._elapsed[at])
                case.took = self._took[at]
                case.event_outcome = Outcome.PASS
            yield case

    def _time(self, column: Sequence[bytes], at: int) -> str:
        return f"{self._minutes[at]}{column[at].decode()}Z"
