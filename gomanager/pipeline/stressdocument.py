"""What ``gomanager stress`` says: ``gomanager.stress/1``, and the same for people.

History of the document
1  first form.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal

import msgspec

from gomanager.analysis.stress import Group, Tally
from gomanager.results import Kind, Verdict
from gomanager.text import cut_characters, first_line, for_json, for_terminal, hide_in_json

Stopped = Literal["runs", "failure", "confidence", "time", "absent", "interrupted"]
_WORDS: dict[Stopped, str] = {
    "runs": "all runs are done",
    "failure": "it failed",
    "confidence": "the rate is surely below what was asked",
    "time": "the time is over",
    "absent": "it did not run",
    "interrupted": "interrupted",
}
_TEXT = 4000


class RateInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Failures over processes that passed or failed; the interval holds 95 %."""

    failed: int
    runs: int
    mean_pct: float
    low_pct: float
    high_pct: float


class GroupInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Failures that look the same."""

    fingerprint: str
    kind: Kind
    count: int
    message: str
    text: str
    file: str | None
    line: int | None
    seeds: tuple[int, ...]
    cpus: dict[str, int]


class Stress(msgspec.Struct, frozen=True, kw_only=True):
    """gomanager.stress/1; ``verdict`` is green where it never failed."""

    schema: Literal["gomanager.stress/1"] = "gomanager.stress/1"
    uid: str
    started: datetime
    duration_ms: int
    verdict: Verdict
    exit_code: int
    package: str
    case: str
    phase: str
    variant: str
    shuffle: str | None
    parallel: int
    stopped: Stopped
    runs: int
    passed: int
    failed: int
    skipped: int
    not_run: int
    rate: RateInfo | None
    median_ms: int | None
    longest_ms: int | None
    cpu_ms: int | None
    peak_bytes: int | None
    groups: tuple[GroupInfo, ...]
    reproduce: str


def json_text(document: Stress) -> str:
    """One document with one newline at its end."""
    return hide_in_json(msgspec.json.encode(document)).decode() + "\n"


def rate_of(tally: Tally) -> RateInfo | None:
    """``None`` as long as nothing counts."""
    if not tally.runs:
        return None
    found = tally.rate
    return RateInfo(
        failed=found.failed,
        runs=found.runs,
        mean_pct=round(found.mean * 100, 4),
        low_pct=round(found.low * 100, 4),
        high_pct=round(found.high * 100, 4),
    )


def group_of(group: Group, mask: Callable[[str], str]) -> GroupInfo:
    """A group with its foreign texts made safe."""
    first = group.first
    return GroupInfo(
        fingerprint=group.fingerprint,
        kind=first.kind,
        count=group.count,
        message=for_json(mask(first.message)),
        text=for_json(mask(cut_characters(first.text, _TEXT))),
        file=first.file and for_json(first.file),
        line=first.line,
        seeds=tuple(group.seeds),
        cpus=group.cpus,
    )


def plain_text(document: Stress, tally: Tally) -> str:
    """For a terminal; nothing a test printed can act there."""
    return "".join(f"{for_terminal(line)}\n" for line in _lines(document, tally))


def _lines(document: Stress, tally: Tally) -> Iterator[str]:
    where = f"{document.package} {document.case}"
    if not tally.runs:
        yield f"{where}: no process says anything"
    elif tally.failed:
        yield f"{where} failed: {tally.rate.text}"
    else:
        yield f"{where} never failed: {tally.rate.text}"
    yield from _aside(document, tally)
    for group in document.groups:
        yield ""
        place = f"{group.file}:{group.line}: " if group.file else ""
        yield (
            f"{group.count} x {group.kind} {group.fingerprint.rpartition(':')[2]}: {place}"
            + first_line(group.message)
        )
        yield from (f"    {line}" for line in group.text.strip("\n").split("\n") if line.strip())
        if group.seeds:
            yield f"    seeds: {', '.join(map(str, group.seeds))}"
        if group.cpus:
            yield f"    GOMAXPROCS: {', '.join(f'{k} ({n} x)' for k, n in group.cpus.items())}"
    yield ""
    yield "To repeat it:"
    yield f"    $ {document.reproduce}"


def _aside(document: Stress, tally: Tally) -> Iterator[str]:
    seconds = document.duration_ms / 1000
    parts = [
        f"{tally.total} processes, {document.parallel} at once, in {seconds:.1f} s",
        f"stopped because {_WORDS[document.stopped]}",
    ]
    if tally.median_ms is not None:
        parts.append(f"median {tally.median_ms} ms, longest {tally.longest_ms} ms")
    yield "; ".join(parts)
    yield f"Phase {document.phase}, {document.variant}"
    for count, word in ((tally.skipped, "skipped itself"), (tally.absent, "did not run")):
        if count:
            why = f": {tally.reason}" if tally.reason else ""
            yield f"{count} x it {word}{why}"
    if document.cpu_ms is not None and document.peak_bytes is not None and tally.total:
        mean = document.cpu_ms / tally.total
        yield f"{mean:.0f} ms of CPU a process, at most {document.peak_bytes / 2**20:.0f} MiB of memory"
