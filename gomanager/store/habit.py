"""What is usual of a package, and how far it usually strays from that."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """What was usual in ``n`` runs: the median, and the median distance from it."""

    median: int
    mad: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What the test process of a package usually takes."""

    cpu_ms: Habit
    peak_bytes: Habit
