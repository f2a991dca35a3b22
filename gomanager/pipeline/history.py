"""What ``gomanager history`` shows: the document, the table of runs, the attempts of a case."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from gomanager.pipeline.alive import lives, mark_of
from gomanager.pipeline.recover import Recovery
from gomanager.report.model import Summary
from gomanager.results import Counts, Outcome, Purpose, Verdict
from gomanager.store.protocol import PastAttempt, StoredRun
from gomanager.text import hide_in_json, one_line

SCHEMA: Literal["gomanager.history/1"] = "gomanager.history/1"
SHOWN_UID = 12
"""Milliseconds of the start: enough to tell any two runs of a machine apart."""


class RunLine(msgspec.Struct, frozen=True, kw_only=True):
    """One run; ``verdict`` is null while it goes on (``running``), or after a kill until the next run."""

    uid: str
    started: datetime
    duration_ms: int | None
    branch: str | None
    commit: str | None
    verdict: Verdict | None
    summary: Summary
    dirty: bool
    ci: str | None
    running: bool = False


class AttemptLine(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt of a case."""

    run: str
    started: datetime
    phase: str
    variant: str
    commit: str | None
    branch: str | None
    dirty: bool
    n: int
    purpose: Purpose
    process: int
    outcome: Outcome
    duration_ms: int | None
    message: str | None
    fingerprint: str | None


class RecoveryLine(msgspec.Struct, frozen=True, kw_only=True):
    """A phase that was put together from the journals of a killed run."""

    run: str
    phase: str
    cases: int


class History(msgspec.Struct, frozen=True, kw_only=True):
    """gomanager.history/1; ``attempts`` where a case was asked for, the rest for ``recover``."""

    schema: Literal["gomanager.history/1"] = SCHEMA
    runs: tuple[RunLine, ...] = ()
    attempts: tuple[AttemptLine, ...] = ()
    recovered: tuple[RecoveryLine, ...] = ()
    notes: tuple[str, ...] = ()


def json_schema() -> dict[str, object]:
    """The JSON Schema of the document."""
    return msgspec.json.schema(History)


def nothing(what: str | None, *, as_json: bool) -> str:
    """The answer where there is no store yet."""
    if what == "recover":
        return recovered(Recovery(), as_json=as_json)
    return _text(History()) if as_json else "no runs are remembered yet\n"


def runs_text(runs: Sequence[StoredRun], *, journals: Path, as_json: bool) -> str:
    """Runs as a document or a table; ``journals`` is where runs say that they live."""
    open_runs = [run.uid for run in runs if run.verdict is None]
    running = frozenset(uid for uid in open_runs if lives(mark_of(journals, uid)))
    if as_json:
        return _text(History(runs=tuple(_run(run, running) for run in runs)))
    return _runs_table(runs, running) if runs else "no runs are remembered yet\n"


def attempts_text(case: str, attempts: Sequence[PastAttempt], *, as_json: bool) -> str:
    """Attempts of a case as a document or a table."""
    if as_json:
        return _text(History(attempts=tuple(_attempt(one) for one in attempts)))
    known = _attempts_table(attempts)
    return known if attempts else f"no attempt of {one_line(case)} is remembered\n"


def recovered(recovery: Recovery, *, as_json: bool) -> str:
    """What ``history recover`` did."""
    if as_json:
        lines = tuple(
            RecoveryLine(run=one.run, phase=one.phase, cases=one.counts.cases)
            for one in recovery.recovered
        )
        notes = recovery.lines[len(lines) :]
        return _text(History(recovered=lines, notes=notes))
    return "".join(f"{line}\n" for line in recovery.lines or ("nothing to recover",))


def _text(history: History) -> str:
    return hide_in_json(msgspec.json.encode(history)).decode() + "\n"


def _run(run: StoredRun, running: frozenset[str]) -> RunLine:
    return RunLine(
        uid=run.uid,
        started=run.started,
        duration_ms=run.duration_ms,
        branch=run.branch,
        commit=run.commit,
        verdict=run.verdict,
        summary=_summary(run),
        dirty=run.dirty,
        ci=run.ci,
        running=run.uid in running,
    )


def _summary(run: StoredRun) -> Summary:
    counts = {name: getattr(run.counts, name) for name in Counts.__struct_fields__}
    phases = sum(phase.verdict is not Verdict.NOT_RUN for phase in run.phases)
    return Summary(phases=phases, phases_red=len(run.red_phases), **counts)


def _attempt(one: PastAttempt) -> AttemptLine:
    return AttemptLine(
        run=one.run,
        started=one.started,
        phase=one.phase,
        variant=one.variant,
        commit=one.commit,
        branch=one.branch,
        dirty=one.dirty,
        n=one.attempt,
        purpose=one.purpose,
        process=one.process,
        outcome=one.outcome,
        duration_ms=one.duration_ms,
        message=one.message,
        fingerprint=one.fingerprint,
    )


def _runs_table(runs: Sequence[StoredRun], running: frozenset[str]) -> str:
    """One line a run; nothing is shortened, whatever the width."""
    head = ("RUN", "STARTED (UTC)", "VERDICT", "COMMIT", "TIME", "CASES", "BRANCH")
    rows = [
        (
            run.uid[:SHOWN_UID],
            f"{run.started:%Y-%m-%d %H:%M}",
            run.verdict or ("running" if run.uid in running else "cut short"),
            _commit(run.commit, dirty=run.dirty),
            _seconds(run.duration_ms),
            _cases(run.counts, run.verdict),
            one_line(run.branch or "-"),
        )
        for run in runs
    ]
    return _table([head, *rows])


def _attempts_table(attempts: Sequence[PastAttempt]) -> str:
    """One line an attempt, and what it failed with below it."""
    head = ("RUN", "STARTED (UTC)", "COMMIT", "PHASE", "TRY", "OUTCOME", "TIME", "MESSAGE")
    rows = [
        (
            one.run[:SHOWN_UID],
            f"{one.started:%Y-%m-%d %H:%M}",
            _commit(one.commit, dirty=one.dirty),
            one_line(one.phase),
            f"{one.attempt} {one.purpose}",
            one.outcome,
            _seconds(one.duration_ms),
            one_line(one.message or ""),
        )
        for one in attempts
    ]
    return _table([head, *rows])


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "\n".join(lines) + "\n"


def _commit(commit: str | None, *, dirty: bool) -> str:
    return f"{commit[:10]}{'+' if dirty else ''}" if commit else "-"


def _seconds(ms: int | None) -> str:
    if ms is None:
        return "-"
    if ms < 60_000:
        return f"{ms / 1000:.2f} s"
    return f"{ms // 60_000} min {ms % 60_000 // 1000} s"


def _cases(counts: Counts, verdict: str | None) -> str:
    how = "unfinished" if verdict == Verdict.INTERRUPTED else "broken"
    parts = (
        (counts.passed, "passed"),
        (counts.failed, "failed"),
        (counts.flaky, "flaky"),
        (counts.skipped, "skipped"),
        (counts.unknown, "unknown"),
        (counts.not_run, "not run"),
        (counts.packages_broken, f"{how} packages"),
    )
    return ", ".join(f"{number} {word}" for number, word in parts if number) or "none"
