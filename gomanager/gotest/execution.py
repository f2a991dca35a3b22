"""The fold: bytes of a ``go test -json`` stream in, packages with their cases out, in one pass.

The hot path never decodes, and never looks at single lines: the regex engine finds the output
lines of one case that follow each other, and they go to that case as one piece, found by the raw
bytes that name package and test. Quotes are escaped inside them, so they cannot be forged. Every
other line is decoded. Nothing here is searched or recomputed for each event.
"""

import re
from collections.abc import Iterable

import msgspec

from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.events import Event, read_event
from gomanager.gotest.folding import Folding
from gomanager.gotest.races import MARK
from gomanager.gotest.running import WARNINGS, PackageRun
from gomanager.gotest.sidetext import SideText
from gomanager.results import Listener, ignore

_TIME = rb'\{"Time":"[0-9T:.Z+-]{12,50}","Action":'
_CASE = rb'("Package":"[^"]*","Test":"[^"\\]*(?:\\.[^"\\]*)*")'
_OUTPUT = _TIME + rb'"output",'
_TEXT = rb',"Output":[^\n]*'
_PARTS = re.compile(
    rb"(?:(" + _TIME + rb'"run",' + _CASE + rb"\})\n)?"
    rb"(" + _OUTPUT + rb"(?(1)\2|" + _CASE + rb")" + _TEXT
    + rb"(?:\n" + _OUTPUT + rb"(?(1)\2|\4)" + _TEXT + rb")*)\n"
    rb"(?:(?!" + _TIME + rb'"(?:output|run)",)([^\n]*)\n)?'
    rb"|([^\n]*)\n"
)  # fmt: skip
"""The run of a case (1, 2), output of one case (3, 4), a line behind it (5); or any line (6)."""
_SWEEP = 8 << 20
"""Buffers of running cases are measured each time so many bytes came in."""
_WARNING = re.compile(r"WARNING: |level=warn|\"level\":\"warn|goroutine leak")
_WARNING_HINTS = (b"WARNING: ", b"level=warn", rb"level\":\"warn", b"goroutine leak")
"""The same as it stands in a line of JSON; looked for in whole blocks."""
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
        end = block.rfind(b"\n") + 1
        if not end:
            if block:
                self._torn.append(block)
            return
        rest = block[end:]
        self._read(b"".join((*self._torn, memoryview(block)[:end])))
        self._torn = [rest] if rest else []

    def take(self, event: Event) -> None:
        """Fold an event that another source made (plain text)."""
        self._events += 1
        line = _encode(event)
        self._note_warnings(line)
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
            self._read(b"".join((*self._torn, b"\n")))
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

    def _read(self, data: bytes) -> None:
        """Whole lines."""
        self._note_warnings(data)
        appends, take_line = self._folding.appends, self._take_line
        for run, case, chunk, named, behind, other in _PARTS.findall(data):
            if run:
                if case in behind and self._take_whole(run, chunk, behind):
                    continue
                take_line(run)
            if chunk:
                append = appends.get(case or named)
                if append is not None:
                    append(chunk)
                else:
                    for line in chunk.split(b"\n"):
                        take_line(line)
            if behind or other:
                take_line(behind or other)
        self._swept += len(data)
        if self._swept > _SWEEP:
            self._swept = 0
            self._folding.sweep()

    def _take_whole(self, run: bytes, chunk: bytes, behind: bytes) -> bool:
        """A case from its run to its pass, with nothing between but its output."""
        began, ended = read_event(run), read_event(behind)
        if began is None or ended is None or ended.action != "pass" or ended.test != began.test:
            return False
        if not self._folding.passed(began, chunk, ended):
            return False
        self._events += 2
        return True

    def _take_line(self, line: bytes) -> None:
        event = read_event(line)
        if event is None:
            glued = line.find(b'{"Time":"', 1)
            event = read_event(line[glued:]) if glued > 0 else None
            self._side.add(line[:glued] if event else line)
            line = line[glued:]
        if event is None:
            return
        self._events += 1
        if event.action == "run" and event.test:
            self._folding.begin(event, line)
        elif event.action == "pass" and event.test:
            self._folding.end(event)
        else:
            self._folding.take(event, line)

    def _note_warnings(self, data: bytes) -> None:
        """Passed output is dropped, its warnings are not; they belong to the report."""
        for line in _lines_with(_WARNING_HINTS, data):
            event = read_event(line)
            if event is None or event.action != "output" or MARK in event.output:
                continue
            noted = self._folding.warnings.setdefault(event.package, {})
            if len(noted) < WARNINGS and _WARNING.search(event.output):
                noted[event.test, event.output.strip()[:1000]] = None


def _lines_with(hints: Iterable[bytes], data: bytes) -> list[bytes]:
    """The lines that hold one of the hints, in order; costs next to nothing where there are none."""
    found: dict[int, int] = {}
    for hint in hints:
        at = data.find(hint)
        while at >= 0:
            end = data.find(b"\n", at)
            end = len(data) if end < 0 else end
            found[data.rfind(b"\n", 0, at) + 1] = end
            at = data.find(hint, end)
    return [data[begin:end] for begin, end in sorted(found.items())]
