"""The fold: bytes of a ``go test -json`` stream in, packages with their cases out, in one pass.

The hot path never decodes: an output line of a running case is appended to that case's buffer,
found by the raw bytes that name package and test. Quotes are escaped inside them, so they cannot
be forged. Every other line is decoded. Nothing here is searched or recomputed for each event.
"""

from collections import Counter
from collections.abc import Callable

import msgspec

from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.builds import Builds
from gomanager.gotest.events import ENDS, KNOWN, Event, read_event
from gomanager.gotest.ledger import Ledger
from gomanager.gotest.races import MARK
from gomanager.gotest.running import WARNINGS, CaseRun, PackageRun, moment
from gomanager.gotest.sidetext import SideText
from gomanager.results import CaseEnded, Listener, Outcome, PackageStarted, ignore

_OUTPUT_ACTION = b'"Action":"output",'
_OUTPUT_FIELD = b',"Output":'
_RUN_ACTION = b'"Action":"run",'
_SWEEP = 8 << 20
"""Buffers of running cases are measured each time so many bytes came in."""
_WARNING_MARKS = (
    b"WARNING: ", b"level=warn", b'\\"level\\":\\"warn', b"goroutine leak", b"DEPRECATED",
)  # fmt: skip
_encode = msgspec.json.Encoder().encode


class Execution:
    """Feed it the stdout of ``go test -json`` in blocks of any size, then finish it."""

    def __init__(self, asked: Asked | None = None, listener: Listener = ignore) -> None:
        self._asked = asked or Asked()
        self._listener = None if listener is ignore else listener
        self._torn: list[bytes] = []
        self._appends: dict[bytes, Callable[[bytes], None]] = {}
        self._swept = 0
        self._current: dict[str, PackageRun] = {}
        self._builds = Builds()
        self._side = SideText()
        self._ledger = Ledger(self._asked, self._builds, listener)
        self._warnings: dict[str, dict[tuple[str, str], None]] = {}
        self._anomalies: Counter[str] = Counter()
        self._events = 0
        self._processes = self._asked.first_process

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
        if any(mark in data for mark in _WARNING_MARKS):
            self._note_warnings(lines)
        self._take_lines(lines)
        self._swept += len(data)
        if self._swept > _SWEEP:
            self._sweep()

    def take(self, event: Event) -> None:
        """Fold an event that another source made (plain text)."""
        self._take_event(event, _encode(event))

    def take_side_text(self, line: bytes) -> None:
        """A line that is no event."""
        self._side.add(line)

    def package(self, path: str) -> PackageRun:
        """The process of a package that runs now, begun if need be."""
        return self._package(path, "")

    def finish(
        self, exit_code: int | None, stderr: bytes | str = b"", *, interrupted: bool = False
    ) -> Fold:
        """The end of the stream; nothing may be fed afterwards.

        ``exit_code``: of ``go`` (negative: a signal), ``None`` where nobody knows it.
        """
        if self._torn:  # S10
            self._take_lines([b"".join(self._torn)])
            self._torn = []
        for path, run in self._current.items():
            run.warnings = run.warnings or self._warnings.pop(path, {})
        text = stderr if isinstance(stderr, str) else stderr.decode("utf-8", "replace")
        return self._ledger.close(
            self._current.values(),
            side_text=self._side.lines,
            stderr=text,
            anomalies=_spelled(self._anomalies),
            exit_code=exit_code,
            interrupted=interrupted,
            events=self._events,
            next_process=self._processes,
        )

    def _take_lines(self, lines: list[bytes]) -> None:
        appends, take_line = self._appends, self._take_line
        skipped = len(_OUTPUT_ACTION)
        for line in lines:
            at = line.find(_OUTPUT_ACTION, 24, 80)
            if at >= 0:
                append = appends.get(line[at + skipped : line.find(_OUTPUT_FIELD, at)])
                if append is not None:
                    append(line)
                    continue
            take_line(line)

    def _take_line(self, line: bytes) -> None:
        event = read_event(line)
        if event is None:
            glued = line.find(b'{"Time":"', 1)
            event = read_event(line[glued:]) if glued > 0 else None
            self._side.add(line[:glued] if event else line)
            line = line[glued:]
        if event is not None:
            self._take_event(event, line)

    def _take_event(self, event: Event, line: bytes) -> None:
        self._events += 1
        if event.action not in KNOWN:
            self._anomalies[f"of unknown action `{event.action[:40]}`"] += 1
        elif event.action in ("build-output", "build-fail"):
            self._builds.add(event)
        elif not event.package and event.action in ("output", "cont") and self._named_only():
            self._side.add(event.output.encode("utf-8", "surrogatepass"))  # S78
        elif event.test:
            self._case_event(event, line)
        else:
            self._package_event(event)

    def _named_only(self) -> bool:
        return bool(self._current) and "" not in self._current

    def _package(self, path: str, time: str, *, fresh: bool = False) -> PackageRun:
        run = self._current.get(path)
        if run is None or fresh:
            if run is not None:
                self._ledger.ended(run)
            run = PackageRun(path or self._asked.nameless, self._processes, moment(time))
            self._processes += 1
            self._current[path] = run
            if self._listener is not None:
                self._listener(PackageStarted(package=run.path))
        return run

    def _package_event(self, event: Event) -> None:
        known = self._current.get(event.package)
        again = known is not None and (event.action == "start" and self._has_begun(known))
        run = self._package(event.package, event.time, fresh=again)  # S72
        if event.action == "output":
            run.output(event)
        elif event.action in ENDS and not run.end:
            run.end = event.action
            run.ended = moment(event.time)
            run.elapsed = event.elapsed
            run.failed_build = event.failed_build
            run.warnings = self._warnings.pop(event.package, {})
            self._ledger.ended(run)
        elif event.action in ENDS:
            self._anomalies["that end a package once more"] += 1
            self._ledger.end_again(run, event.action)

    @staticmethod
    def _has_begun(run: PackageRun) -> bool:
        return bool(run.end or run.cases or run.text_pieces)

    def _case_event(self, event: Event, line: bytes) -> None:
        known = self._current.get(event.package)
        again = known is not None and event.action == "run" and bool(known.end)
        run = self._package(event.package, event.time, fresh=again)
        match event.action:
            case "run":
                self._begin(run, event, line)
            case "output":
                self._output(run, event, line)
            case "pause" | "cont":
                for case in run.open.get(event.test, ()):
                    turn = case.pause if event.action == "pause" else case.resume
                    turn(moment(event.time))
            case "attr" | "artifacts":
                self._property(run, event)
            case "pass" | "fail" | "skip":
                self._end(run, event)
            case _:
                pass

    def _begin(self, run: PackageRun, event: Event, line: bytes) -> None:
        case = CaseRun(event.test, moment(event.time))
        running = run.open.setdefault(event.test, [])
        if running:  # S74: two functions of one name, whose output nobody can tell apart
            case.buffer = running[-1].buffer
        if "/" in event.test:
            for parent in self._parents(run, event.test):
                if parent.first_child is None and parent.buffer is not None:
                    parent.first_child = len(parent.buffer.lines)
        running.append(case)
        run.cases.append(case)
        run.runs += 1
        at = line.find(_RUN_ACTION, 1, 80)
        if at >= 0 and case.buffer is not None:
            case.key = line[at + len(_RUN_ACTION) : line.rfind(b"}")]
            self._appends[case.key] = case.buffer.append

    @staticmethod
    def _parents(run: PackageRun, name: str) -> list[CaseRun]:
        """The longest prefix that runs (S12)."""
        at = name.rfind("/")
        while at > 0:
            running = run.open.get(name[:at])
            if running:
                return running
            at = name.rfind("/", 0, at)
        return []

    def _output(self, run: PackageRun, event: Event, line: bytes) -> None:
        running = run.open.get(event.test)
        if running and running[-1].buffer is not None:
            running[-1].buffer.append(line)
        else:  # S5
            self._anomalies["of output under a case that does not run"] += 1
            run.stray_output(event)

    @staticmethod
    def _property(run: PackageRun, event: Event) -> None:
        for case in run.open.get(event.test, ())[-1:]:
            if event.action == "attr":
                case.attrs = (*case.attrs, (event.key, event.value))
            else:
                case.artifacts = event.path

    def _end(self, run: PackageRun, event: Event) -> None:
        running = run.open.get(event.test)
        if not running:
            if event.action != "fail":
                self._anomalies[f"of action `{event.action}` without a `run`"] += 1
                return
            running = [CaseRun(event.test, None)]
            running[0].text_pieces = run.stray.pop(event.test, [])
            run.cases.append(running[0])
            self._ledger.reopen(run)
        case = running.pop(0)
        if not running:
            run.open.pop(event.test, None)
            self._appends.pop(case.key, None)
        case.ended, case.elapsed = moment(event.time), event.elapsed
        case.event_outcome = Outcome(event.action)
        if event.action == "fail" and "/" in event.test:
            for parent in self._parents(run, event.test):
                parent.child_failed = True
        if event.action == "pass":
            case.close(keep=self._asked.keep_output)
        if self._listener is not None:
            self._listener(_ended(run, case))

    def _note_warnings(self, lines: list[bytes]) -> None:
        for line in lines:
            if any(mark in line for mark in _WARNING_MARKS):
                event = read_event(line)
                if event is None or event.action != "output" or MARK in event.output:
                    continue
                noted = self._warnings.setdefault(event.package, {})
                if len(noted) < WARNINGS:
                    noted[event.test, event.output.strip()[:1000]] = None

    def _sweep(self) -> None:
        self._swept = 0
        for run in self._current.values():
            for cases in run.open.values():
                for case in cases:
                    if case.buffer is not None:
                        case.buffer.trim()


def _ended(run: PackageRun, case: CaseRun) -> CaseEnded:
    outcome = case.event_outcome or Outcome.UNKNOWN
    return CaseEnded(
        package=run.path,
        name=case.name,
        outcome=outcome,
        duration_ms=case.own_ms,
        fold=case.fold,
        output=case.text if outcome is Outcome.FAIL else "",
    )


def _spelled(anomalies: Counter[str]) -> tuple[str, ...]:
    return tuple(f"{count} event{'s' * (count > 1)} {what}" for what, count in anomalies.items())
