"""The fold: bytes of a ``go test -json`` stream in, packages with their cases out, in one pass.

The hot path never decodes: an output line of a running case is appended to that case's lines,
found by the raw bytes that name package and test. Quotes are escaped inside them, so they cannot
be forged. Every other line is decoded. Nothing here is searched or recomputed for each event.
"""

import re

import msgspec

from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.events import Event, read_event
from gomanager.gotest.folding import Folding
from gomanager.gotest.races import MARK
from gomanager.gotest.running import WARNINGS, PackageRun
from gomanager.gotest.sidetext import SideText
from gomanager.results import Listener, ignore

_OUTPUT_ACTION = b'"Action":"output",'
_OUTPUT_FIELD = b',"Output":'
_LATEST = 80
"""Where the action must have begun: behind a Time of any precision."""
_NOWHERE = b"\n"
"""What no line holds."""
_SWEEP = 8 << 20
"""Buffers of running cases are measured each time so many bytes came in."""
_WARNING_HINTS = (b"WARNING: ", b"warn", b"goroutine leak")
"""Looked for in whole blocks, because that costs next to nothing."""
_WARNING = re.compile(r"WARNING: |level=warn|\"level\":\"warn|goroutine leak|leaked goroutine")
_encode = msgspec.json.Encoder().encode


class Execution:
    """Feed it the stdout of ``go test -json`` in blocks of any size, then finish it."""

    def __init__(self, asked: Asked | None = None, listener: Listener = ignore) -> None:
        self._torn: list[bytes] = []
        self._swept = 0
        self._side = SideText()
        self._folding = Folding(asked or Asked(), listener, self._side)
        self._events = 0

    def feed(self, block: bytes) -> None:
        """Read the next bytes; half a line at the end waits for its rest."""
        if b"\n" not in block:
            if block:
                self._torn.append(block)
            return
        data = b"".join((*self._torn, block)) if self._torn else block
        lines = data.split(b"\n")
        rest = lines.pop()
        self._torn = [rest] if rest else []
        if any(hint in data for hint in _WARNING_HINTS):
            self._note_warnings(lines)
        self._take_lines(lines)
        self._swept += len(data)
        if self._swept > _SWEEP:
            self._swept = 0
            self._folding.sweep()

    def take(self, event: Event) -> None:
        """Fold an event that another source made (plain text)."""
        self._events += 1
        line = _encode(event)
        self._note_warnings([line])
        self._folding.take(event, line)

    def take_side_text(self, line: bytes) -> None:
        """A line that is no event."""
        self._side.add(line)

    def package(self, path: str) -> PackageRun:
        """The process of a package that runs now, begun if need be."""
        return self._folding.package(path)

    def finish(
        self, exit_code: int | None, stderr: bytes | str = b"", *, interrupted: bool = False
    ) -> Fold:
        """The end of the stream; nothing may be fed afterwards.

        ``exit_code``: of ``go`` (negative: a signal), ``None`` where nobody knows it.
        """
        if self._torn:  # S10
            self._take_lines([b"".join(self._torn)])
            self._torn = []
        text = stderr if isinstance(stderr, str) else stderr.decode("utf-8", "replace")
        self._folding.hand_out_warnings()
        return self._folding.ledger.close(
            self._folding.current,
            side_text=self._side.lines,
            stderr=text,
            anomalies=self._folding.anomalies,
            exit_code=exit_code,
            interrupted=interrupted,
            events=self._events,
            next_process=self._folding.next_process,
        )

    def _take_lines(self, lines: list[bytes]) -> None:
        """Lines of one case follow each other: the bytes that name the last one are tried first."""
        self._events += len(lines)  # a line that is none takes itself off again
        appends, take_line = self._folding.appends, self._take_line
        skipped = len(_OUTPUT_ACTION)
        same, latest, append = _NOWHERE, _LATEST, None
        for line in lines:
            if append is not None and line.find(same, 24, latest) >= 0:
                append(line)
                continue
            at = line.find(_OUTPUT_ACTION, 24, _LATEST)
            if at >= 0:
                key = line[at + skipped : line.find(_OUTPUT_FIELD, at)]
                append = appends.get(key)
                if append is not None:
                    append(line)
                    same = _OUTPUT_ACTION + key + _OUTPUT_FIELD
                    latest = _LATEST + len(same)
                    continue
            append = None  # the event may end that case
            take_line(line)

    def _take_line(self, line: bytes) -> None:
        event = read_event(line)
        if event is None:
            glued = line.find(b'{"Time":"', 1)
            event = read_event(line[glued:]) if glued > 0 else None
            self._side.add(line[:glued] if event else line)
            line = line[glued:]
        if event is None:
            self._events -= 1
        elif event.action == "run" and event.test:
            self._folding.begin(event, line)
        elif event.action == "pass" and event.test:
            self._folding.end(event)
        else:
            self._folding.take(event, line)

    def _note_warnings(self, lines: list[bytes]) -> None:
        """Passed output is dropped, its warnings are not; they belong to the report."""
        for line in lines:
            if any(hint in line for hint in _WARNING_HINTS):
                event = read_event(line)
                if event is None or event.action != "output" or MARK in event.output:
                    continue
                noted = self._folding.warnings.setdefault(event.package, {})
                if len(noted) < WARNINGS and _WARNING.search(event.output):
                    noted[event.test, event.output.strip()[:1000]] = None
