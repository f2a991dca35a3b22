"""Critical Findings: everything a reader of a run must know, each thing once, the worst first."""

from collections.abc import Iterator

from msgspec.structs import replace

from gomanager.analysis import failures, machine, resources, slow, warnings
from gomanager.analysis.finding import Context, Finding
from gomanager.analysis.place import names
from gomanager.gotest.gofault import exited
from gomanager.results import (
    Note,
    Outcome,
    PackageOutcome,
    PhaseResult,
    Run,
    Severity,
    Verdict,
)

_RED = (Verdict.RED, Verdict.ERROR)
_MACHINE = ("environment", "configuration")
_BROKEN = ("build", "vet", "setup", "hollow", "masked", "missing", "died", "late", "exit")
_SEVERITIES = (Severity.CRITICAL, Severity.WARNING, Severity.NOTE)
_WARNING_KINDS = (
    "flaky",
    "order",
    "environment",
    "configuration",
    "nothing",
    "not_run",
    "slow",
    "resources",
    "warning",
)
_LINES = 20


def findings(run: Run, context: Context | None = None) -> tuple[Finding, ...]:
    """All findings of a run in the order of every report.

    A red run has at least one critical finding; a green one has none.
    """
    context = context or Context()
    found = [*_notes(run), *failures.of_builds(run.phases, context)]
    found += machine.of_phases(run.phases) if run.verdict in _RED else ()
    for phase in run.phases:
        found += _of_phase(phase, run, context)
    if run.exit_code and not any(one.severity is Severity.CRITICAL for one in found):
        found.append(_unexplained_run(run))
    return tuple(sorted(dict.fromkeys(found), key=_order))


def _of_phase(phase: PhaseResult, run: Run, context: Context) -> list[Finding]:
    found = [*failures.of_packages(phase, context), *_nothing(phase, run), *_interrupted(phase)]
    critical = (
        any(one.severity is Severity.CRITICAL for one in found)
        or any(note.severity is Severity.CRITICAL for note in phase.notes)
        # What was not built has its finding already, perhaps under an earlier phase.
        or any(package.red for package in phase.packages)
    )
    if phase.verdict in _RED and not critical:
        found = _red_without_reason(phase, found)
    return [
        *found,
        *slow.of_phase(phase, context),
        *resources.of_phase(phase, context),
        *warnings.of_phase(phase, context),
        *_anomalies(phase),
    ]


def _red_without_reason(phase: PhaseResult, found: list[Finding]) -> list[Finding]:
    """The phase forbids flakes, or go left with a code that nothing explains."""
    if any(one.kind == "flaky" for one in found):
        return [
            replace(one, severity=Severity.CRITICAL) if one.kind == "flaky" else one
            for one in found
        ]
    said = "\n".join(phase.side_text[-_LINES:])
    code = phase.exit_code
    ended = "ended" if code is None else exited(code)
    return [
        *found,
        Finding(
            severity=Severity.CRITICAL,
            kind="exit",
            title=f"phase {phase.name}: go {ended} without a reason in its events",
            phase=phase.name,
            text=said,
        ),
    ]


def _unexplained_run(run: Run) -> Finding:
    reasons = [f"phase {p.name}: {p.verdict.value}" for p in run.phases]
    return Finding(
        severity=Severity.CRITICAL,
        kind="exit",
        title=f"the run ended {run.verdict.value} with exit code {run.exit_code}",
        evidence=tuple(reasons),
    )


def _notes(run: Run) -> Iterator[Finding]:
    """What runners and the selection noticed; the same note of two phases is one finding."""
    seen: dict[tuple[str, str, str], None] = {}
    everywhere: list[tuple[str | None, Note]] = [(None, note) for note in run.notes]
    everywhere += [(phase.name, note) for phase in run.phases for note in phase.notes]
    for phase, note in everywhere:
        key = (note.kind, note.title, note.text)
        if key in seen:
            continue
        seen[key] = None
        yield Finding(
            severity=note.severity,
            kind=note.kind,
            title=note.title,
            phase=phase,
            text=note.text,
            evidence=(f"fix: {note.fix}",) if note.fix else (),
        )


def _nothing(phase: PhaseResult, run: Run) -> Iterator[Finding]:
    """No case passed: exit 0 is no proof."""
    if phase.verdict is not Verdict.NOTHING:
        return
    leaves = [c for p in phase.packages for c in p.cases if not c.fold]
    skipped = [c for c in leaves if c.outcome is Outcome.SKIP]
    empty = [p.path for p in phase.packages if p.result is PackageOutcome.EMPTY]
    evidence = []
    if skipped:
        reasons = dict.fromkeys(c.attempts[-1].reason or "no reason given" for c in skipped)
        evidence.append(f"{len(skipped)} skipped: {names(reasons)}")
    if empty:
        evidence.append(f"no tests to run in: {names(sorted(empty))}")
    if not phase.packages:
        evidence.append("no package was tested")
    yield Finding(
        severity=Severity.CRITICAL if _required(run) else Severity.WARNING,
        kind="nothing",
        title=f"phase {phase.name}: nothing ran, no test passed",
        phase=phase.name,
        text="\n".join(phase.side_text[-_LINES:]),
        evidence=tuple(evidence),
    )


def _required(run: Run) -> bool:
    """``--require-tests``: the run is red although no phase is."""
    return run.exit_code == 1 and all(p.verdict not in _RED for p in run.phases)


def _interrupted(phase: PhaseResult) -> Iterator[Finding]:
    if not phase.interrupted and phase.verdict is not Verdict.INTERRUPTED:
        return
    running = [c.name for p in phase.packages for c in p.remarkable if c.outcome is Outcome.UNKNOWN]
    gone = [p.path for p in phase.packages if p.result is PackageOutcome.MISSING]
    evidence = [f"were running: {names(running)}"] if running else []
    evidence += [f"never started: {names(gone)}"] if gone else []
    yield Finding(
        severity=Severity.CRITICAL,
        kind="interrupted",
        title=f"phase {phase.name} was interrupted: its results are a part",
        phase=phase.name,
        evidence=tuple(evidence),
    )


def _anomalies(phase: PhaseResult) -> Iterator[Finding]:
    if phase.anomalies:
        yield Finding(
            severity=Severity.NOTE,
            kind="anomaly",
            title=f"phase {phase.name}: something in its event stream is out of the ordinary",
            phase=phase.name,
            evidence=tuple(dict.fromkeys(phase.anomalies)),
        )


def _order(one: Finding) -> tuple[int, int, str, str, str]:
    """The machine, broken packages, failed cases; then flaky ones, warnings, notes."""
    if one.severity is Severity.CRITICAL:
        broken = one.kind in _BROKEN and one.case is None
        rank = 0 if one.kind in _MACHINE else 1 if broken else 2
    else:
        kinds = _WARNING_KINDS
        rank = kinds.index(one.kind) if one.kind in kinds else len(kinds)
    severity = _SEVERITIES.index(one.severity)
    return severity, rank, one.package or "", one.case or "", one.title
