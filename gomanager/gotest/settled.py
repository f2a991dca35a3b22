"""A package whose cases all have an outcome, and what their texts are read with."""

from functools import cached_property

from msgspec import Struct

from gomanager.gotest.asked import Asked
from gomanager.gotest.blame import Ending
from gomanager.gotest.caserun import CaseRun
from gomanager.gotest.crash import Crash
from gomanager.gotest.location import Places
from gomanager.gotest.races import Race, races
from gomanager.gotest.running import PackageRun
from gomanager.results import Outcome, PackageOutcome


class Settled(Struct, frozen=True, kw_only=True):
    """A package whose cases all have an outcome."""

    run: PackageRun
    result: PackageOutcome
    endings: dict[int, Ending]
    """``id`` of a case run → what its events do not say."""
    crash: Crash | None = None
    holder: CaseRun | None = None
    """The case whose output holds the crash text; ``None``: the package's own."""

    def outcome(self, case: CaseRun) -> Outcome:
        """How the case ended."""
        ending = self.endings.get(id(case))
        if ending is not None:
            return ending.outcome
        return case.event_outcome or Outcome.UNKNOWN


class Settling(Struct, frozen=True, kw_only=True, dict=True):
    """What the text of failures is made from."""

    settled: Settled
    asked: Asked
    places: Places

    @cached_property
    def reports(self) -> dict[str, Race]:
        """Test function → the first race report in the package that names it."""
        found: dict[str, Race] = {}
        for case in self.settled.run.told:
            for race in races(case.text) if case.event_outcome is Outcome.FAIL else ():
                for test in race.tests:
                    found.setdefault(test, race)
        return found

    @property
    def package(self) -> str:
        """The package relative to its module: part of every fingerprint."""
        path, module = self.settled.run.path, self.asked.module
        return path.removeprefix(module).lstrip("/") if module else path

    @property
    def died(self) -> bool:
        """A panic in a case's text may be real: no bare line says that the tests went on."""
        return self.settled.result in (PackageOutcome.DIED, PackageOutcome.LATE)
