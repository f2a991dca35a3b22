"""The fold: bytes of a ``go test -json`` stream in, packages with their cases out, in one pass.

The hot path never decodes, and never looks at single lines: the regex engine finds the output
lines of one case that follow each other, and they go to that case as one piece, found by the raw
bytes that name package and test. Quotes are escaped inside them, so they cannot be forged. Every
other line is decoded. Nothing here is searched or recomputed for each event.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import groupby

import msgspec

from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.events import FAIL, Event, read_event, unglued
from gomanager.gotest.folding import Folding
from gomanager.gotest.nests import Nest, nests
from gomanager.gotest.passed import Together
from gomanager.gotest.rows import (
    BEGAN,
    ELAPSED,
    ENDED,
    FIRST,
    FRAME,
    LOOSE,
    MINUTE,
    MORE,
    OTHER,
    PACKAGE,
    TEST,
    Part,
    Row,
    apart,
    glued,
    kind_of,
    minute_of,
    parts,
    printed,
    rows,
    spoken,
)
from gomanager.gotest.running import WARNINGS, PackageRun
from gomanager.gotest.sidetext import SideText
from gomanager.gotest.turns import Paused
from gomanager.gotest.warned import hinted, warnings
from gomanager.results import Listener, ignore

_SWEEP = 8 << 20
"""Buffers of running cases are measured each time so many bytes came in."""
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
        if self._folding.keeps_output:
            self._take_parts(LOOSE.findall(data))
        else:
            self._take_rows(data)
        self._swept += len(data)
        if self._swept > _SWEEP:
            self._swept = 0
            self._folding.sweep()

    def _take_rows(self, data: bytes) -> None:
        for minute, found in groupby(rows(data), minute_of):
            if not minute:
                lines = b"".join([row[OTHER] for row in found])
                self._take_parts(LOOSE.findall(lines))
                continue
            for same in self._by_package(found):
                for (turn, pause), some in groupby(same, kind_of):
                    self._take_kind(list(some), turn=bool(turn), pause=bool(pause))

    def _by_package(self, found: Iterable[Row]) -> Iterable[list[Row]]:
        """Processes of their own: what one says can wait until all of another is read.

        Not where one begins, as they are numbered in order.
        """
        stretches = list(apart(found))
        by_package: dict[bytes, list[Row]] = {}
        for package, some in stretches:
            by_package.setdefault(package, []).extend(some)
        once = len(by_package) == len(stretches)
        if once or not self._folding.all_run(by_package) or any(map(glued, by_package.values())):
            return [some for _, some in stretches]
        return by_package.values()

    def _take_kind(self, found: Sequence[Row], *, turn: bool, pause: bool) -> None:
        if turn and not pause:
            for _, some in groupby(found, _has_end):
                self._take_all(list(some), self._resumed)
        elif turn:
            self._take_parts(parts(found))
        elif pause:
            self._take_all(found, self._paused)
        else:
            for nest in nests(found):
                if nest.begins:
                    self._take_all(nest.rows, partial(self._passed, nest))
                else:
                    self._take_parts(parts(nest.rows))

    def _take_all(self, found: Sequence[Row], together: Callable[[Sequence[Row]], bool]) -> None:
        """At once where they are what the most are, else one by one."""
        text = spoken(found)
        if FAIL in text or not together(found):
            self._take_parts(parts(found))
        elif hinted(text):
            for row in found:
                self._note_warnings(printed(row) if row[FIRST] else row[MORE])

    def _take_parts(self, found: Iterable[Part]) -> None:
        for run, case, chunk, named, behind, other in found:
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
        if FAIL in chunk:
            known = key in appends or self._folding.wake(key)
            for line in unglued(chunk).split(b"\n"):
                self._note_warnings(line)
                own = known and b'"output",' + key in line
                (appends.get(key, take_line) if own else take_line)(line)
            return
        self._note_warnings(chunk)
        if key in appends or self._folding.wake(key):
            appends[key](chunk)
            return
        for line in chunk.split(b"\n"):  # one of them may hold the run of it
            appends.get(key, take_line)(line)

    def _passed(self, nest: Nest, _: Sequence[Row]) -> bool:
        return self._ended(nest.begins, nest, self._folding.passed_together)

    def _resumed(self, found: Sequence[Row]) -> bool:
        nest = Nest(rows=found, begins=found, ends=found)
        return _has_end(found[0]) and self._ended(found, nest, self._folding.resumed_together)

    def _ended(
        self, begins: Sequence[Row], nest: Nest, take: Callable[[str, Together], bool]
    ) -> bool:
        head = _head(begins)
        if head is None:
            return False
        path, minute, names = head
        found = Together(
            minute=minute,
            names=names,
            began=[row[BEGAN] for row in begins],
            ended=[row[ENDED] for row in nest.ends],
            elapsed=[row[ELAPSED] for row in nest.ends],
            until=nest.until,
            around=nest.around,
        )
        took = take(path, found)
        self._events += 2 * len(names) * took
        return took

    def _paused(self, found: Sequence[Row]) -> bool:
        head = _head(found)
        if head is None:
            return False
        path, minute, names = head
        waiting = Paused(
            minute=minute,
            names=names,
            began=[row[BEGAN] for row in found],
            paused=[row[ENDED] for row in found],
            said=[row[FRAME] + row[MORE] for row in found],
        )
        took = self._folding.paused_together(path, waiting)
        self._events += 2 * len(names) * took
        return took

    def _take_whole(self, run: bytes, chunk: bytes, behind: bytes) -> bool:
        """A case from its run to its pass, with nothing between but its output."""
        began, ended = read_event(run), read_event(behind)
        if began is None or ended is None or ended.action != "pass" or ended.test != began.test:
            return False
        if FAIL in chunk or not self._folding.passed(began, chunk, ended):
            return False
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
        if event.action == "output":
            self._note_warnings(line)
        self._events += 1
        if event.action == "run" and event.test:
            self._folding.begin(event, line)
        elif event.action == "pass" and event.test:
            self._folding.end(event)
        else:
            self._folding.take(event, line)

    def _note_warnings(self, data: bytes) -> None:
        if not hinted(data):
            return
        for event in warnings(data):
            noted = self._folding.warnings.setdefault(event.package, {})
            if len(noted) < WARNINGS:
                noted[event.test, event.output.strip()[:1000]] = None


def _has_end(row: Row) -> bool:
    return bool(row[ELAPSED])


def _head(found: Sequence[Row]) -> tuple[str, str, list[str]] | None:
    """Package, minute and names; ``None`` where they are no text."""
    try:
        names = _decode_names(b'["' + b'","'.join([row[TEST] for row in found]) + b'"]')
        path = found[0][PACKAGE].decode()
    except (msgspec.MsgspecError, UnicodeError):
        return None
    return path, found[0][MINUTE].removeprefix(b'{"Time":"').decode(), names
