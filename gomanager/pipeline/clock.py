"""The wall clock of results, and names that sort by it."""

import os
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Now, aware."""
    return datetime.now(tz=UTC)


def new_uid(clock: Clock = utc_now) -> str:
    """32 hex digits: milliseconds first, so that uids sort by time, then random ones."""
    return f"{int(clock().timestamp() * 1000):012x}{os.urandom(10).hex()}"
