"""Runs that were killed get a verdict: never a green one, and a report of what the store holds."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC
from pathlib import Path

from msgspec import Struct, structs
from msgspec.structs import replace

from gomanager.pipeline.alive import lives, mark_of
from gomanager.report.model import PhaseInfo, Report, Summary
from gomanager.results import Counts, Note, PhaseResult, Run, Severity, Verdict
from gomanager.store.protocol import Store, StoredPhase, StoredRun
from gomanager.text import masker

UNMARKED_SECONDS = 24 * 3600
"""A run of an earlier release left no file that says whether it lives."""


class Closed(Struct, frozen=True, kw_only=True):
    """A run that was killed between its phases and its verdict."""

    run: str
    phases: int
    verdict: Verdict

    def __str__(self) -> str:
        many = "1 phase is" if self.phases == 1 else f"{self.phases} phases are"
        kept = f"{many} in the history" if self.phases else "no phase had ended"
        return f"run {self.run[:12]} was cut short before its verdict: {kept}, recovered as {self.verdict}"


def close_recovered(
    store: Store, recovered: Iterable[tuple[Run, PhaseResult]], environ: Mapping[str, str]
) -> None:
    """A verdict for each run whose journals were just taken over."""
    runs: dict[str, Run] = {}
    for run, phase in recovered:
        known = runs.get(run.uid)
        runs[run.uid] = run if known is None else _longer(known, run, phase)
    for run in runs.values():
        stored = store.run(run.uid)
        if stored is not None and stored.verdict is None:
            _finish(store, run, stored, environ)
        with suppress(OSError):
            mark_of(store.journals, run.uid).unlink()


def close_killed(store: Store, environ: Mapping[str, str], now: float) -> Iterator[Closed]:
    """A verdict for each run that left no journal: all its phases were stored, or none had begun."""
    unfinished = store.unfinished()
    for mark in store.journals.glob("*.run"):
        if mark.stem not in unfinished and not lives(mark):
            with suppress(OSError):
                mark.unlink()  # killed behind its verdict, or before it was in the store
    for uid in unfinished:
        mark = mark_of(store.journals, uid)
        stored = store.run(uid)
        if stored is None or any(store.journals.glob(f"{uid}-*.jsonl")):
            continue
        if lives(mark) if mark.exists() else now - stored.started.timestamp() < UNMARKED_SECONDS:
            continue
        if (stored := store.run(uid)) is None or stored.verdict is not None:
            continue  # it ended at this moment
        run = _finish(store, _run(stored, mark), stored, environ)
        with suppress(OSError):
            mark.unlink()
        yield Closed(run=uid, phases=len(stored.phases), verdict=run.verdict)


def _run(stored: StoredRun, mark: Path) -> Run:
    title = "gomanager was killed before its verdict; a later run made this report"
    note = Note(severity=Severity.CRITICAL, kind="interrupted", title=title)
    begun = stored.started.timestamp()
    phases = sum(phase.duration_ms or 0 for phase in stored.phases)
    with suppress(OSError):
        phases = max(phases, round(1000 * (mark.stat().st_mtime - begun)))
    return Run(
        uid=stored.uid,
        started=stored.started.astimezone(UTC),
        duration_ms=phases,
        command=(),
        verdict=Verdict.INTERRUPTED,
        exit_code=130,
        phases=(),
        commit=stored.commit,
        base=stored.base,
        branch=stored.branch,
        dirty=stored.dirty,
        ci=stored.ci,
        scope_mode=stored.scope_mode,
        scope_reason="the run was cut short; this is what the history holds",
        notes=(note,),
    )


def _finish(store: Store, run: Run, stored: StoredRun, environ: Mapping[str, str]) -> Run:
    judged = replace(run, verdict=Verdict.RED, exit_code=1) if stored.red_phases else run
    from gomanager.report import document

    store.finish(judged, document.encode(_report(judged, stored, environ)))
    return judged


def _report(run: Run, stored: StoredRun, environ: Mapping[str, str]) -> Report:
    """What journals told in full, and of the phases that were stored before, their numbers."""
    import msgspec

    from gomanager.analysis.finding import Context
    from gomanager.analysis.findings import findings
    from gomanager.analysis.recommendations import recommendations
    from gomanager.report.build import build

    here = {phase.name for phase in run.phases}
    context = Context()
    found = findings(run, context)
    advice = recommendations(run, found, context)
    report = build(run, found, None, advice, mask=masker(environ))
    earlier = tuple(_phase(phase) for phase in stored.phases if phase.name not in here)
    return msgspec.structs.replace(
        report, phases=(*earlier, *report.phases), summary=_summary(stored.phases)
    )


def _phase(stored: StoredPhase) -> PhaseInfo:
    why = "its results are in the history: gomanager history CASE"
    return PhaseInfo(
        name=stored.name,
        runner="go",
        verdict=stored.verdict,
        why=(why,),
        exit_code=None,
        duration_ms=stored.duration_ms,
        commands=(),
        not_run=None,
        summary=_summary((stored,)),
        side_text=(),
        anomalies=(),
        packages=(),
        source=stored.source,
    )


def _summary(phases: Iterable[StoredPhase]) -> Summary:
    known = tuple(phases)
    return Summary(
        phases=sum(phase.verdict is not Verdict.NOT_RUN for phase in known),
        phases_red=sum(phase.verdict in (Verdict.RED, Verdict.ERROR) for phase in known),
        **structs.asdict(sum((phase.counts for phase in known), Counts())),
    )


def _longer(known: Run, run: Run, phase: PhaseResult) -> Run:
    return replace(
        known,
        duration_ms=max(known.duration_ms, run.duration_ms),
        phases=(*known.phases, phase),
    )
