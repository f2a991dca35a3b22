"""When an earlier result spares a package: rows of the ledger, and when one of them is a proof.

Whatever is unknown, incomplete or contradicted is no proof.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec import Struct

MAX_AGE = timedelta(days=14)
AHEAD = timedelta(minutes=5)
"""Rows of a clock that runs further ahead than this are not believed."""


class Input(NamedTuple):
    """Something a test read while it ran, by content; ``kind``: env, file or stat."""

    kind: str
    name: str
    """An environment variable, or a path: relative to the repository root, or absolute."""
    digest: str


class Record(Struct, frozen=True, kw_only=True):
    """One row of the ledger: how a test binary of exactly these inputs ended.

    ``doubt`` says why a green row proves nothing; empty: nothing stands against it.
    """

    fingerprint: str
    sources: str
    """The part of the fingerprint that no phase has a share in."""
    phase: str
    module: str
    package: str
    green: bool
    finished: datetime
    commit: str | None = None
    run: str = ""
    duration_ms: int | None = None
    tests_run: int = 0
    tests_skipped: int = 0
    attempts: int = 1
    inputs: tuple[Input, ...] = ()
    doubt: str = ""
    dirty: bool = False
    """The work tree differed from the commit."""


def proof(
    records: Iterable[Record], now: datetime, current: Callable[[Input, str], str]
) -> Record | str:
    """The row that proves this fingerprint green, or why there is none.

    ``records``: of one fingerprint, newest first. ``current(input, fingerprint)``: the digest
    that the input has now.
    """
    doubt = "never ran with these inputs"
    for record in records:
        if not record.green:
            return "failed when it last ran with these inputs"
        found = _doubt(record, now, current)
        if not found:
            return record
        doubt = found if doubt == "never ran with these inputs" else doubt
    return doubt


def _doubt(record: Record, now: datetime, current: Callable[[Input, str], str]) -> str:
    if record.doubt:
        return record.doubt
    if now - record.finished > MAX_AGE:
        return f"was last green more than {MAX_AGE.days} days ago"
    if record.finished - now > AHEAD:
        return "was last green at a time that has not come yet"
    for one in record.inputs:
        if current(one, record.fingerprint) != one.digest:
            what = "the variable" if one.kind == "env" else "the file"
            return f"{what} {one.name}, which it read, has changed"
    return ""


def sampled(commit: str, package: str, percent: int = 5) -> bool:
    """Whether a skipped package belongs to the shadow sample of a commit."""
    from hashlib import sha256

    digest = sha256(f"{commit}\n{package}".encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:4], "big") % 100 < percent
