"""Cases that ran, printed and passed without anything else between: columns, no objects."""

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain
from operator import sub

from msgspec import Struct

from gomanager.gotest.caserun import CaseRun, minute_start
from gomanager.results import Outcome


class Together(Struct, frozen=True, kw_only=True):
    """Cases of one package that came one behind the other, within one minute."""

    minute: str
    """The beginning of all their times."""
    names: Sequence[str]
    began: Sequence[bytes]
    """Seconds behind the minute, as the events write them."""
    ended: Sequence[bytes]
    elapsed: Sequence[bytes]
    until: Sequence[int] = ()
    """Whose end comes first; empty: in order of their begins."""
    around: frozenset[int] = frozenset()
    """Places of those in which others began."""

    @property
    def in_order_of_ends(self) -> Sequence[int]:
        """Places."""
        places = range(len(self.names))
        return sorted(places, key=self.until.__getitem__) if self.until else places

    def took(self) -> "array[float] | None":
        """Seconds from run to end; ``None`` where some are no numbers."""
        return differences(self.began, self.ended)


def differences(began: Sequence[bytes], ended: Sequence[bytes]) -> "array[float] | None":
    """Of seconds as texts, one by one; ``None`` where some are no numbers or go backwards."""
    try:
        took = array("d", map(sub, map(float, ended), map(float, began)))
    except ValueError:
        return None
    return took if min(took) >= 0 else None


class Passed:
    """Such cases as they are kept until their package ends, in order."""

    __slots__ = ("_around", "_raw", "names", "nested", "took")

    def __init__(self) -> None:
        self.names: list[str] = []
        self.took = array("d")
        self.nested = False
        """Some are subtests."""
        self._around: set[int] = set()
        self._raw: list[tuple[str, bytes, bytes, bytes]] = []

    def add(self, found: Together, took: "array[float]", *, nested: bool) -> None:
        """More of them."""
        self._around.update(at + len(self.names) for at in found.around)
        self.names += found.names
        self.took += took
        self.nested |= nested
        joined = b"\n".join
        self._raw.append(
            (found.minute, joined(found.began), joined(found.ended), joined(found.elapsed))
        )

    @property
    def passed_names(self) -> list[str]:
        """All of them."""
        return self.names

    def durations(self, *, cached: bool) -> list[int]:
        """Milliseconds: own time, or what the events of a cached package say (S57)."""
        if cached:
            said = (elapsed.split(b"\n") for _, _, _, elapsed in self._raw)
            return [max(0, round(float(one) * 1000)) for one in chain.from_iterable(said)]
        return [round(took * 1000) for took in self.took]

    def spans(self) -> Iterator[tuple[float, float] | None]:
        """From when to when each ran, in seconds since 1970."""
        for minute, began, ended, _ in self._raw:
            start = minute_start(minute)
            columns = (map(float, one.split(b"\n")) for one in (began, ended))
            for first, last in zip(*columns, strict=True):
                yield None if start is None else (start + first, start + last)

    def outer(self) -> Iterator[CaseRun]:
        """Those around which others began, as objects."""
        return (case for case in self.runs() if case.around) if self._around else iter(())

    def runs(self) -> Iterator[CaseRun]:
        """The same as objects, for a package that is not simple after all."""
        at = 0
        for minute, *columns in self._raw:
            for began, ended, elapsed in zip(*(one.split(b"\n") for one in columns), strict=True):
                case = CaseRun(self.names[at], f"{minute}{began.decode()}Z")
                case.ended(f"{minute}{ended.decode()}Z", float(elapsed))
                case.event_outcome = Outcome.PASS
                case.around = at in self._around
                at += 1
                yield case
