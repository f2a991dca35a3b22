"""Failures of subtests that are not shown at once: the test around them may want to see them fail.

A test that runs tests of its own (testify's suites do) passes although those fail (S87). Nothing
tells them from real ones before it ends, so each waits for that, but not for long.
"""

from gomanager.results import CaseEnded, Outcome, PackageEnded, PackageOutcome, Progress

LONGEST_S = 2.0
"""A failure in a test that goes on for longer is shown before it is known to count."""
_Key = tuple[str, str]


class Held:
    """What waits, by package and test function, in order."""

    def __init__(self) -> None:
        self._waiting: dict[_Key, list[tuple[float, CaseEnded]]] = {}

    def take(self, progress: Progress, now: float) -> list[Progress]:
        """What is to be told at this moment because of it."""
        match progress:
            case CaseEnded():
                return self._case(progress, now)
            case PackageEnded():
                fine = progress.attempt.result is PackageOutcome.PASS
                keys = [key for key in self._waiting if key[0] == progress.package]
                told = [one for key in keys for _, one in self._waiting.pop(key)]
                return [progress] if fine else [*told, progress]
            case _:
                return [progress]

    def due(self, now: float) -> list[Progress]:
        """What waited long enough."""
        late = [key for key, found in self._waiting.items() if now - found[0][0] >= LONGEST_S]
        return [one for key in late for _, one in self._waiting.pop(key)]

    def _case(self, ended: CaseEnded, now: float) -> list[Progress]:
        root, slash, _ = ended.name.partition("/")
        key = (ended.package, root)
        if slash:
            if ended.outcome is Outcome.FAIL and not ended.fold:
                self._waiting.setdefault(key, []).append((now, ended))
                return []
            return [ended]
        waiting = self._waiting.pop(key, None) if self._waiting else None
        if waiting is None or ended.outcome is Outcome.PASS:
            return [ended]
        return [*(one for _, one in waiting), ended]
