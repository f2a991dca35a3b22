"""The journals of one phase become its phase result and the run it belonged to."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from gomanager import journal as journals
from gomanager.gotest import rerun
from gomanager.gotest.asked import Fold
from gomanager.gotest.explanation import Round, conclude
from gomanager.gotest.order import isolated
from gomanager.pipeline.orphan import Orphan, folds, variant
from gomanager.results import (
    Outcome,
    PackageOutcome,
    PackageResult,
    PhaseResult,
    Purpose,
    Run,
    Verdict,
)
from gomanager.store.protocol import StoredRun

SIDE_LINES = 200
_PROVEN_RED = (
    PackageOutcome.FAIL,
    PackageOutcome.BUILD,
    PackageOutcome.VET,
    PackageOutcome.SETUP,
    PackageOutcome.LATE,
    PackageOutcome.HOLLOW,
    PackageOutcome.MASKED,
)


def phase_result(parts: Sequence[Orphan]) -> PhaseResult:
    """All processes of a phase in their order; raises OSError where a journal cannot be read."""
    meta = parts[0].meta
    begun, ended = _span(parts)
    found = [(part, fold) for part in parts for fold in folds(part)]
    packages = _packages(found)
    side_text = [line for _, fold in found for line in (*fold.side_text, *fold.stderr.splitlines())]
    return PhaseResult(
        name=meta.phase,
        runner=meta.runner,
        verdict=_verdict(packages),
        variant=variant(meta.variant),
        started=datetime.fromtimestamp(begun, tz=UTC),
        duration_ms=round((ended - begun) * 1000),
        commands=tuple(part.meta.argv for part in parts),
        side_text=tuple(side_text[:SIDE_LINES]),
        anomalies=tuple(dict.fromkeys(text for _, fold in found for text in fold.anomalies)),
        packages=packages,
        interrupted=True,
        source="recovered",
    )


def _packages(found: Iterable[tuple[Orphan, Fold]]) -> tuple[PackageResult, ...]:
    """First attempts side by side, reruns behind them, as a live run puts them together.

    A rerun gives labels and explains nothing: its exit code is unknown, so red stays red.
    """
    firsts: list[PackageResult] = []
    rounds: dict[tuple[str, str], list[Round]] = defaultdict(list)
    searches: dict[tuple[str, str], list[PackageResult]] = defaultdict(list)
    for part, fold in found:
        # A package that never started was gomanager's to run: nothing is missing.
        started = [p for p in fold.packages if p.result is not PackageOutcome.MISSING]
        if part.meta.purpose is Purpose.SEARCH:
            for package in started:
                searches[package.module, package.path].append(package)
            continue
        if part.meta.purpose is not Purpose.RERUN:
            firsts += started
            continue
        for package in started:
            done = Round(names=(), result=package, exit_code=None)
            rounds[package.module, package.path].append(done)
    whole = []
    for package in rerun.together(firsts):
        again = rounds[package.module, package.path]
        joined = package
        for one in again:
            joined = rerun.add(joined, one.result)
        labelled = conclude(joined, again, why_not="the run was cut short")
        whole.append(isolated(labelled, searches[package.module, package.path]))
    return tuple(whole)


def _span(parts: Iterable[Orphan]) -> tuple[float, float]:
    """From the first description to the last growth of a journal, in seconds since 1970."""
    metas = [journals.meta_path(part.journal).stat().st_mtime for part in parts]
    ends = [part.journal.stat().st_mtime for part in parts]
    return min(metas), max(*ends, min(metas))


def _verdict(packages: Iterable[PackageResult]) -> Verdict:
    """Red where a failure is proven; never green: nobody knows what else should have run."""
    for package in packages:
        failed = any(c.outcome is Outcome.FAIL and not c.fold for c in package.cases)
        if failed or package.result in _PROVEN_RED:
            return Verdict.RED
    return Verdict.INTERRUPTED


def run_of(parts: Sequence[Orphan], stored: StoredRun | None, phase: PhaseResult) -> Run:
    """The run as the store knows it; without a row (a new file), as far as the journals tell."""
    meta = parts[0].meta
    assert phase.started is not None
    started = stored.started if stored else phase.started
    ended = phase.started.timestamp() * 1000 + (phase.duration_ms or 0)
    return Run(
        uid=meta.run,
        started=started,
        duration_ms=max(0, round(ended - started.timestamp() * 1000)),
        command=(),
        verdict=Verdict.INTERRUPTED,
        exit_code=130,
        phases=(phase,),
        commit=stored.commit if stored else meta.commit,
        base=stored.base if stored else None,
        branch=stored.branch if stored else None,
        # Without a row nobody knows whether the tree was clean: such results enter no rate.
        dirty=stored.dirty if stored else True,
        ci=stored.ci if stored else None,
        scope_mode=stored.scope_mode if stored else "selected",
        scope_reason="the run was cut short; this is what its journals hold",
    )
