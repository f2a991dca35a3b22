"""What is usual of a package, and how far it usually strays from that."""

from msgspec import Struct


class Habit(Struct, frozen=True, kw_only=True):
    """What was usual in ``n`` runs: the median, and the median distance from it."""

    median: int
    mad: int
    n: int


class Resources(Struct, frozen=True, kw_only=True):
    """What the test process of a package usually takes."""

    cpu_ms: Habit
    peak_bytes: Habit
