"""A command of the user's own from its start to its phase result."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gomanager import process
from gomanager.command import Command
from gomanager.errors import Interrupted, UsageError
from gomanager.gotest.archive import Recorded
from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.execution import Execution
from gomanager.gotest.gofault import exited
from gomanager.gotest.mixed import begins_as_text
from gomanager.gotest.source import read_recorded
from gomanager.interrupt import Interrupt
from gomanager.pipeline.memory import Memory
from gomanager.pipeline.options import RunOptions
from gomanager.pipeline.replay import phase_of as judged
from gomanager.pipeline.scope import Place
from gomanager.pipeline.streams import Streams
from gomanager.pipeline.view import view
from gomanager.results import (
    Listener,
    Note,
    PhaseEnded,
    PhaseResult,
    PhaseStarted,
    Severity,
    Verdict,
)
from gomanager.store.protocol import Times

NAME = "raw-command"
"""Of its phase."""
_SAID = 4000
_HEAD = 1 << 20


class Raw(Struct, frozen=True, kw_only=True):
    """A command that could be started now."""

    argv: tuple[str, ...]
    cwd: Path
    place: Place
    memory: Memory
    scratch: Path
    uid: str
    module: str
    asked: Asked

    @property
    def journal(self) -> Path:
        """Its stdout."""
        return self.scratch / f"{self.uid}-{NAME}-0-1.jsonl"

    @property
    def meta(self) -> dict[str, object]:
        """What recovery needs to know of it."""
        return {
            "run": self.uid,
            "phase": NAME,
            "runner": "stream",
            "commit": self.place.head,
            "root": self.asked.root,
            "module": self.asked.module,
        }


def phase_of(
    made: Raw,
    options: RunOptions,
    streams: Streams,
    interrupt: Interrupt,
    clock: Callable[[], datetime],
) -> PhaseResult:
    """Start it, read it, judge it."""
    begun = clock()
    start = partial(process.start, interrupt=interrupt, environ=streams.environ)
    with view((), Times(), options, streams.stderr, streams.environ) as listener:
        listener(PhaseStarted(phase=NAME, packages=()))
        try:
            phase = _read(made, start, listener)
        except Interrupted:
            phase = PhaseResult(
                name=NAME, runner="stream", verdict=Verdict.INTERRUPTED, interrupted=True
            )
        phase = replace(
            phase,
            name=NAME,
            source="run",
            why=("asked for",),
            started=begun,
            duration_ms=round((clock() - begun).total_seconds() * 1000),
            commands=(made.argv,),
        )
        listener(PhaseEnded(phase=NAME, result=phase))
    return phase


def _read(made: Raw, start: process.Start, listener: Listener) -> PhaseResult:
    """The stream while it grows; what is no event stream is read once more when it is there."""
    execution = Execution(made.asked, listener)
    command = Command(argv=made.argv, cwd=made.cwd)
    with start(command, journal=made.journal, meta=made.meta) as child:
        for block in child.blocks():
            execution.feed(block)
        code = child.wait()
        interrupted = child.interrupted is not None
        stderr = child.stderr
    fold = execution.finish(code, stderr, interrupted=interrupted)
    streamed = fold.packages and not _begins_as_text(made)
    folds = (fold,) if streamed or interrupted else _other(made, fold)
    said = judged(folds, code)
    if not interrupted and not any(one.packages for one in folds):
        said = _without_results(said, fold)
    notes = tuple(_in_our_words(note) for note in said.notes)
    side = tuple(_aside(said, stderr))
    return replace(said, interrupted=interrupted, side_text=side, notes=notes)


def _in_our_words(note: Note) -> Note:
    """It may have been anything but ``go``."""
    words = re.compile(r"\bgo (?=exited|was ended)")
    title, text = (words.sub("the command ", said, count=1) for said in (note.title, note.text))
    return replace(note, title=title, text=text)


def _begins_as_text(made: Raw) -> bool:
    """Text whose tests print events is no stream."""
    with made.journal.open("rb") as file:
        return begins_as_text(file.read(_HEAD))


def _other(made: Raw, fold: Fold) -> tuple[Fold, ...]:
    """``go test -v`` text, magex's JSON lines, JUnit XML on stdout."""
    name = Path(made.argv[0]).name
    try:
        data = made.journal.read_bytes()
        return read_recorded((Recorded(name=name, data=data),), made.asked, fold.exit_code)
    except UsageError:  # it holds nothing of the kind
        return (fold,)


def _without_results(phase: PhaseResult, fold: Fold) -> PhaseResult:
    """A command that left no test result: failed, or not what ``--raw-command`` is for."""
    code = fold.exit_code
    if code:
        title = f"the command {exited(code)} and printed no test result"
        text = "\n".join((*fold.side_text[-20:], fold.stderr))[-_SAID:].strip()
        note = Note(severity=Severity.CRITICAL, kind="exit", title=title, text=text)
        return replace(phase, verdict=Verdict.RED, exit_code=code, notes=(note,))
    title = "the command printed no test result: no stream, no text of go test, no JUnit XML"
    fix = "let it print the stream on stdout: go test -json ./..."
    note = Note(severity=Severity.CRITICAL, kind="usage", title=title, fix=fix)
    return replace(phase, verdict=Verdict.ERROR, exit_code=UsageError.exit_code, notes=(note,))


def _aside(phase: PhaseResult, stderr: str) -> Iterator[str]:
    yield from phase.side_text[:200]
    yield from [line for line in stderr.splitlines() if line.strip()][-200:]
