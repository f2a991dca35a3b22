"""The cases of a package in a report that was just built: those that passed are columns."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from gomanager.ondemand import OnDemand
from gomanager.report.model import AttemptInfo, CaseInfo
from gomanager.results import Outcome


class Passed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Cases that passed at once and have nothing else to tell, in order of their names."""

    names: Sequence[str]
    durations: Sequence[int | None]


class CaseColumns(OnDemand[CaseInfo]):
    """What needs a look, then what passed; compares like the tuple of them.

    A hundred thousand cases are two columns until a format wants each as a value.
    """

    __slots__ = ("_attempt", "_first", "_folds", "_passed", "_told")

    def __init__(
        self,
        *,
        first: Sequence[CaseInfo],
        told: Sequence[tuple[int, CaseInfo]],
        passed: Passed,
        folds: frozenset[int],
        attempt: AttemptInfo,
    ) -> None:
        """``told``: how many of the passed ones stand before it, and a case among these.

        ``folds``: which of the passed ones have subtests. ``attempt``: theirs, without a duration.
        """
        super().__init__()
        self._first = first
        self._told = told
        self._passed = passed
        self._folds = folds
        self._attempt = attempt

    @property
    def told(self) -> tuple[CaseInfo, ...]:
        """All but those that simply passed."""
        return (*self._first, *(case for _, case in self._told))

    @property
    def leaves(self) -> Iterator[CaseInfo | Passed]:
        """All in order without the folds."""
        yield from (case for case in self._first if not case.fold)
        for begin, end, case in self._stretches():
            yield self._between(begin, end)
            if case is not None and not case.fold:
                yield case

    def __len__(self) -> int:
        return len(self._first) + len(self._told) + len(self._passed.names)

    def _stretches(self) -> Iterator[tuple[int, int, CaseInfo | None]]:
        begin = 0
        for end, case in (*self._told, (len(self._passed.names), None)):
            yield begin, end, case
            begin = end

    def _between(self, begin: int, end: int) -> Passed:
        names, durations = self._passed.names[begin:end], self._passed.durations[begin:end]
        if self._folds:
            kept = [at for at in range(end - begin) if at + begin not in self._folds]
            names, durations = [names[at] for at in kept], [durations[at] for at in kept]
        return Passed(names=names, durations=durations)

    def _make(self) -> Iterator[CaseInfo]:
        """Equal attempts are one value."""
        yield from self._first
        names, durations = self._passed.names, self._passed.durations
        attempts = {
            one: (msgspec.structs.replace(self._attempt, duration_ms=one),)
            for one in set(durations)
        }
        for begin, end, told in self._stretches():
            for at in range(begin, end):
                yield CaseInfo(
                    name=names[at],
                    outcome=Outcome.PASS,
                    label=None,
                    duration_ms=durations[at],
                    file=None,
                    line=None,
                    owner=None,
                    attempts=attempts[durations[at]],
                    fold=at in self._folds,
                )
            if told is not None:
                yield told


def folded(names: Sequence[str], folds: frozenset[str]) -> frozenset[int]:
    """The places of those that have subtests."""
    if not folds:
        return frozenset()
    return frozenset(at for at, name in enumerate(names) if name in folds)


def told(cases: Sequence[CaseInfo]) -> Sequence[CaseInfo]:
    """The cases without those that simply passed, as far as they are known to be such."""
    return cases.told if isinstance(cases, CaseColumns) else cases


def leaves(cases: Sequence[CaseInfo]) -> Iterator[CaseInfo | Passed]:
    """The cases in order, without folds."""
    if isinstance(cases, CaseColumns):
        return cases.leaves
    return (case for case in cases if not case.fold)


def as_array(value: object) -> Any:
    """For encoders: columns as the array of their cases."""
    if isinstance(value, CaseColumns):
        return tuple(value)
    what = f"a report holds no {type(value).__name__}"
    raise NotImplementedError(what)
