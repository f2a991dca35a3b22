"""JUnit files that a phase's command writes (``run.junit``), read after it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from gomanager.errors import UsageError
from gomanager.gotest.asked import Asked
from gomanager.gotest.verdict import Judgement, judge
from gomanager.results import Note, PackageResult, Severity, Verdict
from gomanager.runners.execute import Session

GRAIN_SECONDS = 0.05
"""Coarsest step of file times that we allow for."""


class Written(Struct, frozen=True, kw_only=True):
    """What the files of a phase hold together."""

    packages: tuple[PackageResult, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    notes: tuple[Note, ...] = ()


def read_written(session: Session, since: datetime) -> Written:
    """Files older than ``since`` are left from another run: they are named, never read."""
    from gomanager.gotest.junitxml import read_junit

    packages: list[PackageResult] = []
    judgements: list[Judgement] = []
    notes: list[Note] = []
    for shown, path in _files(session):
        if path is None or path.stat().st_mtime < since.timestamp() - GRAIN_SECONDS:
            notes.append(_note(f"{shown} was not written by this run"))
            continue
        asked = Asked(
            root=str(session.request.root),
            first_process=session.next_process,
            keep_output=session.request.keep_output,
        )
        try:
            fold = read_junit(path.read_bytes(), asked, shown)
        except (OSError, UsageError) as error:
            reason = f"{shown} cannot be read: {getattr(error, 'what', error)}"
            judgements.append(Judgement(verdict=Verdict.RED, exit_code=1, reasons=(reason,)))
            continue
        session.next_process = fold.next_process
        packages += fold.packages
        judgements.append(judge(fold))
    return Written(packages=tuple(packages), judgements=tuple(judgements), notes=tuple(notes))


def _files(session: Session) -> Iterator[tuple[str, Path | None]]:
    """Each file as it is shown; a pattern without any, with ``None``."""
    root = session.request.root
    for pattern in session.request.phase.run.junit:
        inside = Path(pattern)
        found = [inside] if inside.is_absolute() else sorted(root.glob(pattern))
        files = [path for path in found if path.is_file()]
        if not files:
            yield pattern, None
        for path in files:
            yield (str(path.relative_to(root)) if path.is_relative_to(root) else str(path)), path


def _note(title: str) -> Note:
    return Note(severity=Severity.WARNING, kind="configuration", title=title)
