"""The fold: bytes of a ``go test -json`` stream in, packages with their cases out, in one pass.

The hot path never decodes, and never looks at single lines: the regex engine finds the output
lines of one case that follow each other, and they go to that case as one piece, found by the raw
bytes that name package and test. Quotes are escaped inside them, so they cannot be forged. Every
other line is decoded. Nothing here is searched or recomputed for each event.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

import msgspec

from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.events import FAIL, Event, read_event, unglued
from gomanager.gotest.folding import Folding
from gomanager.gotest.passed import Together
from gomanager.gotest.races import MARK
from gomanager.gotest.running import WARNINGS, PackageRun
from gomanager.gotest.sidetext import SideText
from gomanager.gotest.turns import Paused
from gomanager.results import Listener, ignore

_TIME = rb'\{"Time":"[0-9T:.Z+-]{12,50}","Action":'
_CASE = rb'"Package":"[^"]*","Test":"[^"\\]*(?:\\.[^"\\]*)*"'
_OUTPUT = _TIME + rb'"output",'
_TEXT = rb',"Output":[^\n]*'
_LOOSE = (
    rb"(?:(?P<run>" + _TIME + rb'"run",(?P<case>' + _CASE + rb")\})\n)?"
    rb"(?P<chunk>" + _OUTPUT + rb"(?(run)(?P=case)|(?P<named>" + _CASE + rb"))" + _TEXT
    + rb"(?:\n" + _OUTPUT + rb"(?(run)(?P=case)|(?P=named))" + _TEXT + rb")*)\n"
    rb"(?:(?!" + _TIME + rb'"(?:output|run)",)(?P<behind>[^\n]*)\n)?'
    rb"|(?P<other>[^\n]*)\n"
)  # fmt: skip
"""The run of a case, output of one case, a line behind it; or any line."""
_SECONDS = rb"\d\d(?:\.\d{0,9})?+"
_SAME = rb'"Package":"(?P=package)","Test":"(?P=test)"'
_LATER = rb"(?P=minute)" + _SECONDS
_OTHER = rb"(?! *--- PASS: )[^\n]*\n"
_KEY = rb'(?P<%b>Z","Action":"output",' + _SAME + rb',"Output":")'
_FRAME = rb'\\n"(?:,"OutputType":"frame")?\}\n'
_BEGIN = rb"=== (?:RUN  |CONT ) (?P=test)" + _FRAME
_MORE = rb"(?:" + _LATER + rb"(?P=%b)" + _OTHER + rb")*"
"""Not possessive: that is wrong in Python 3.11.2."""
_WHOLE = (
    rb'(?:(?P<minute>\{"Time":"\d{4}-\d\d-\d\dT\d\d:\d\d:)(' + _SECONDS + rb")Z"
    rb'","Action":"(run|cont)","Package":"(?P<package>[^"\\\x00-\x1f]*)",'
    rb'"Test":"(?P<test>(?!")[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+)"\}\n'
    rb"(?:" + _LATER + _KEY % b"key" + _BEGIN + rb"(" + _MORE % b"key" + rb")"
    + _LATER + rb'(?P=key) *--- PASS: (?P=test) \(\d+\.\d\ds\)' + _FRAME
    + rb"(?P=minute)(" + _SECONDS + rb')Z","Action":"pass",' + _SAME
    + rb',"Elapsed":((?:0|[1-9]\d{0,8})(?:\.\d{1,20})?)\}\n'
    rb"|(" + _LATER + _KEY % b"same" + _BEGIN + _MORE % b"same" + rb")"
    rb"(?P=minute)(" + _SECONDS + rb')Z","Action":"(pause)",' + _SAME + rb"\}\n))"
)  # fmt: skip
"""A case from its run, or from its turn among the parallel ones, to its pass within a minute, its
frame the last that was said of it; or from its run to its pause."""
_PARTS = re.compile(_WHOLE + rb"|" + _LOOSE)
_LINES = re.compile(_LOOSE)
_KIND = itemgetter(0, 2, 3, 12)
"""Minute, first action, package and "pause" of whole cases; all are empty for all else."""
_LINE = 13
"""Where the groups of all else begin."""
_SWEEP = 8 << 20
"""Buffers of running cases are measured each time so many bytes came in."""
_WARNING = re.compile(r"WARNING: |level=warn|\"level\":\"warn|goroutine leak")
_WARNING_HINTS = (b"WARNING: ", b"level=warn", rb"level\":\"warn", b"goroutine leak")
"""The same as it stands in a line of JSON; looked for in whole blocks."""
_Row = tuple[bytes, ...]
_encode = msgspec.json.Encoder().encode
_decode_names = msgspec.json.Decoder(list[str]).decode


class Execution:
    """Feed it the stdout of ``go test -json`` in blocks of any size, then finish it."""

    def __init__(self, asked: Asked | None = None, listener: Listener = ignore) -> None:
        self._torn: list[bytes] = []
        self._swept = 0
        self._side = SideText()
        self._folding = Folding(asked or Asked(), listener, self._side)
        self._events = 0
        self._failing = self._hinted = True
        """The block that is read now may hold a failure, or what looks like a warning."""

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
        self._failing = FAIL in data
        self._hinted = any(hint in data for hint in _WARNING_HINTS)
        if self._folding.keeps_output:
            self._take_parts(_LINES.findall(data))
        else:
            self._take_mixed(data)
        self._swept += len(data)
        if self._swept > _SWEEP:
            self._swept = 0
            self._folding.sweep()

    def _take_mixed(self, data: bytes) -> None:
        done, places = 0, list[int]()
        for kind, grouped in groupby(_PARTS.findall(data), _KIND):
            rows = list(grouped)
            if not kind[0]:
                self._take_parts(row[_LINE:] for row in rows)
            elif not self._take_together(kind, rows):
                places = places or [*(found.start() for found in _PARTS.finditer(data)), len(data)]
                self._take_parts(_LINES.findall(data, places[done], places[done + len(rows)]))
            done += len(rows)

    def _take_parts(self, rows: Iterable[Sequence[bytes]]) -> None:
        for run, case, chunk, named, behind, other in rows:
            if run:
                if case in behind and self._take_whole(run, chunk, behind):
                    continue
                self._take_line(run)
            if chunk:
                self._take_chunk(case or named, chunk)
            if behind or other:
                self._take_line(behind or other)

    def _take_chunk(self, key: bytes, chunk: bytes) -> None:
        """Output lines of one case; behind the newline that one lost an event may stand."""
        appends, take_line = self._folding.appends, self._take_line
        if self._failing and FAIL in chunk:
            known = key in appends or self._folding.wake(key)
            for line in unglued(chunk).split(b"\n"):
                self._note_warnings(line)
                own = known and b'"output",' + key in line
                (appends.get(key, take_line) if own else take_line)(line)
            return
        if self._hinted:
            self._note_warnings(chunk)
        if key in appends or self._folding.wake(key):
            appends[key](chunk)
            return
        for line in chunk.split(b"\n"):  # one of them may hold the run of it
            appends.get(key, take_line)(line)

    def _take_together(self, kind: _Row, rows: list[_Row]) -> bool:
        """Whole cases of one package; False where they must be looked at one by one."""
        minute, action, package, pause = kind
        columns = zip(*rows, strict=True)
        _, began, _, _, tests, _, more, ended, elapsed, said, _, paused, *_ = columns
        text = b"".join(said if pause else more) if self._failing or self._hinted else b""
        if FAIL in text:
            return False
        try:
            names = _decode_names(b'["' + b'","'.join(tests) + b'"]')
            path = package.decode()
        except (msgspec.MsgspecError, UnicodeError):
            return False
        start = minute.removeprefix(b'{"Time":"').decode()
        if pause:
            waiting = Paused(minute=start, names=names, began=began, paused=paused, said=said)
            took = action == b"run" and self._folding.paused_together(path, waiting)
        else:
            found = Together(minute=start, names=names, began=began, ended=ended, elapsed=elapsed)
            resumed = action == b"cont"
            take = self._folding.resumed_together if resumed else self._folding.passed_together
            took = take(path, found)
        if took:
            if self._hinted:
                self._note_warnings(text)
            self._events += 2 * len(rows)
        return took

    def _take_whole(self, run: bytes, chunk: bytes, behind: bytes) -> bool:
        """A case from its run to its pass, with nothing between but its output."""
        began, ended = read_event(run), read_event(behind)
        if began is None or ended is None or ended.action != "pass" or ended.test != began.test:
            return False
        if self._failing and FAIL in chunk:
            return False
        if not self._folding.passed(began, chunk, ended):
            return False
        if self._hinted:
            self._note_warnings(chunk)
        self._events += 2
        return True

    def _take_line(self, line: bytes) -> None:
        event = read_event(line)
        if event is None and FAIL in line[1:] and line != (parted := unglued(line)):
            for part in parted.split(b"\n"):
                self._take_line(part)
            return
        if event is None:
            glued = line.find(b'{"Time":"', 1)
            event = read_event(line[glued:]) if glued > 0 else None
            self._side.add(line[:glued] if event else line)
            line = line[glued:]
        if event is None:
            return
        if self._hinted:
            self._note_warnings(line)
        self._events += 1
        if event.action == "run" and event.test:
            self._folding.begin(event, line)
        elif event.action == "pass" and event.test:
            self._folding.end(event)
        else:
            self._folding.take(event, line)

    def _note_warnings(self, data: bytes) -> None:
        """Passed output is dropped, its warnings are not; they belong to the report."""
        first, second, third, last = _WARNING_HINTS
        if first not in data and second not in data and third not in data and last not in data:
            return
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
