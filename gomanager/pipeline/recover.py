"""Journals that a killed gomanager left are folded and stored as if it had lived."""

import os
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from gomanager import journal as journals
from gomanager.pipeline.orphan import Orphan, read
from gomanager.pipeline.salvage import phase_result, run_of
from gomanager.pipeline.verdicts import Closed, close_killed, close_recovered
from gomanager.results import Counts, PhaseResult, Run
from gomanager.store.protocol import Store

QUIET_SECONDS = 60
"""A leaked daemon may hold the lock for ever: after so long without growth no test writes."""
YOUNG_SECONDS = 2
"""A journal is there a moment before its description."""
STRAY_SECONDS = 24 * 3600
BROKEN = "broken"


class Recovered(Struct, frozen=True, kw_only=True):
    """A phase result that was put together from journals."""

    run: str
    phase: str
    counts: Counts

    def __str__(self) -> str:
        counts = self.counts
        ended = counts.passed + counts.failed + counts.skipped
        lost = f", {counts.unknown} had no end" if counts.unknown else ""
        run = f"run {self.run[:12]} was cut short in phase {self.phase}"
        return f"{run}: {ended} finished cases were recovered{lost}"


class Waiting(Struct, frozen=True, kw_only=True):
    """A journal that an orphaned process still writes; ``pid`` is None where nobody knows it."""

    journal: Path
    pid: int | None

    def __str__(self) -> str:
        who = f"process {self.pid}" if self.pid is not None else "a process"
        return f"{who} of an earlier run still writes {self.journal}: left for a later command"


class Recovery(Struct, frozen=True, kw_only=True):
    """What recovery did; each entry is one sentence for the user."""

    recovered: tuple[Recovered, ...] = ()
    closed: tuple[Closed, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    broken: tuple[Path, ...] = ()
    """Journals that nobody can read, at their new place."""

    @property
    def lines(self) -> tuple[str, ...]:
        """One line for each thing that the user should know."""
        broken = (f"a journal cannot be read, it is kept as {path}" for path in self.broken)
        return (*map(str, (*self.recovered, *self.closed, *self.waiting)), *broken)


def recover(
    store: Store, *, environ: Mapping[str, str] = os.environ, now: float | None = None
) -> Recovery:
    """Take over every journal whose gomanager is gone; raises EnvironmentFault from the store.

    Journals of living runs are left alone and not mentioned. A run without a verdict gets one, and
    a report of what was recovered.
    """
    now = time.time() if now is None else now
    phases, broken = _found(store.journals, now)
    waiting: list[Waiting] = []
    recovered: list[tuple[Run, PhaseResult]] = []
    for parts in phases:
        if any(journals.owner_alive(part.meta.manager) for part in parts):
            continue
        held = [wait for part in parts if (wait := _held(part, now)) is not None]
        if held:
            waiting += held
            continue
        try:
            done = _take(store, parts)
        except FileNotFoundError:
            continue  # another command takes over the same phase at this moment
        except OSError:
            broken += [moved for part in parts if (moved := _put_aside(part.journal))]
            continue
        recovered += done
        _remove(parts)
    close_recovered(store, recovered, environ)
    closed = tuple(close_killed(store, environ, now))
    _sweep(store.journals, now)
    done_phases = (
        Recovered(run=run.uid, phase=phase.name, counts=phase.counts) for run, phase in recovered
    )
    return Recovery(
        recovered=tuple(done_phases), closed=closed, waiting=tuple(waiting), broken=tuple(broken)
    )


def _found(folder: Path, now: float) -> tuple[list[list[Orphan]], list[Path]]:
    """Journals by run and phase, each in the order of its processes; the unreadable moved away."""
    phases: dict[tuple[str, str], list[Orphan]] = defaultdict(list)
    broken = []
    for journal in sorted(folder.glob("*.jsonl")):
        orphan = read(journal)
        if orphan is not None:
            phases[orphan.meta.run, orphan.meta.phase].append(orphan)
        elif not journals.locked(journal) and _age(journal, now) > YOUNG_SECONDS:
            moved = _put_aside(journal)
            broken += [moved] if moved is not None else []
    return [sorted(parts, key=lambda part: part.number) for parts in phases.values()], broken


def _age(path: Path, now: float) -> float:
    """Seconds since the file last grew; 0 where it is gone."""
    try:
        return now - path.stat().st_mtime
    except OSError:
        return 0


def _held(part: Orphan, now: float) -> Waiting | None:
    """Set where somebody may still write: the child itself, or what it left behind."""
    alive = journals.owner_alive(part.child)
    if alive or (journals.locked(part.journal) and _age(part.journal, now) < QUIET_SECONDS):
        return Waiting(journal=part.journal, pid=part.meta.pid if alive else None)
    return None


def _put_aside(journal: Path) -> Path | None:
    """Into ``broken/`` with all that belongs to it; None where another command was faster."""
    folder = journal.parent / BROKEN
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
    target = folder / journal.name
    for path in (journals.stderr_path(journal), journals.meta_path(journal)):
        with suppress(OSError):
            path.replace(folder / path.name)
    try:
        return journal.replace(target)
    except OSError:
        return None


def _take(store: Store, parts: Sequence[Orphan]) -> list[tuple[Run, PhaseResult]]:
    """Fold and store one phase; nothing where it is stored already (a crash before the removal)."""
    meta = parts[0].meta
    stored = store.run(meta.run)
    if stored is not None and any(phase.name == meta.phase for phase in stored.phases):
        return []
    phase = phase_result(parts)
    run = run_of(parts, stored, phase)
    return [(run, phase)] if store.add(run, phase) else []


def _remove(parts: Sequence[Orphan]) -> None:
    """The journals of a stored phase and the coverage profiles that nobody will read."""
    for part in parts:
        with suppress(OSError):
            journals.remove(part.journal)
    meta = parts[0].meta
    for profile in parts[0].journal.parent.glob(f"{meta.run}-{meta.phase}-*.cover"):
        with suppress(OSError):
            profile.unlink()


def _sweep(folder: Path, now: float) -> None:
    """What a kill between two removals left beside no journal any more."""
    for path in folder.glob("*"):
        stem = path.name.removesuffix(".meta.json").removesuffix(".stderr")
        lone = path.name != stem and not (folder / f"{stem}.jsonl").exists()
        if lone and _age(path, now) > STRAY_SECONDS:
            with suppress(OSError):
                path.unlink()
