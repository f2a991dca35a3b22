"""Events into package runs and case runs: who runs, who ended, whose text a line is."""

from collections import Counter

from gomanager.gotest.asked import Asked
from gomanager.gotest.builds import Builds
from gomanager.gotest.caserun import CaseRun
from gomanager.gotest.events import ENDS, KNOWN, Event
from gomanager.gotest.ledger import Ledger
from gomanager.gotest.running import PackageRun
from gomanager.gotest.runs import Runs
from gomanager.gotest.sidetext import SideText
from gomanager.results import CaseEnded, Listener, Outcome, PackageStarted

_RUN_ACTION = b'"Action":"run",'
_KEY = len(_RUN_ACTION)
_OUTCOMES = {"fail": Outcome.FAIL, "skip": Outcome.SKIP}

Warnings = dict[str, dict[tuple[str, str], None]]
"""Package → (case, text) of what looks like a warning."""


class Folding(Runs):
    """The state of one stream; ``take`` gets every decoded event once."""

    def __init__(self, asked: Asked, listener: Listener, side: SideText) -> None:
        super().__init__(listener)
        self.warnings: Warnings = {}
        self._asked = asked
        self.keeps_output = asked.keep_output
        self._side = side
        self._builds = Builds()
        self.ledger = Ledger(asked, self._builds, listener)
        self._anomalies: Counter[str] = Counter()
        self.next_process = asked.first_process

    @property
    def anomalies(self) -> tuple[str, ...]:
        """What the stream should not have held, each once with its number."""
        return tuple(f"{n} event{'s' * (n > 1)} {what}" for what, n in self._anomalies.items())

    @property
    def current(self) -> tuple[PackageRun, ...]:
        """The newest process of every package."""
        return tuple(self._current.values())

    def take(self, event: Event, line: bytes) -> None:
        """Fold one event; ``line`` is what it was decoded from."""
        if event.action not in KNOWN:
            self._anomalies[f"of unknown action `{event.action[:40]}`"] += 1
        elif event.action in ("build-output", "build-fail"):
            self._builds.add(event)
        elif not event.package and event.action in ("output", "cont") and self._named_only():
            self._side.add(event.output.encode("utf-8", "surrogatepass"))  # S78
        elif not event.test:
            self._package_event(event)
        elif event.action == "run":
            self.begin(event, line)
        elif event.action in ENDS:
            self.end(event)
        else:
            self._case_event(event, line)

    def begin(self, event: Event, line: bytes) -> None:
        """A ``run``."""
        run = self._current.get(event.package)
        if run is None or run.end:
            run = self.package(event.package, fresh=run is not None)
        name = event.test
        case = CaseRun(name, event.time)
        run.add(case)
        run.runs += 1
        case.number = run.runs
        running = self._open(run, name)
        if running:  # S74: two functions of one name, whose output nobody can tell apart
            case.chunks = running[-1].chunks
            case.shared = running[-1].shared = True
            running.append(case)
        else:
            run.open[name] = [case]
        if "/" in name:
            self._mark_parents(run, name)
        at = line.find(_RUN_ACTION, 1, 80)
        if at >= 0:
            case.key = line[at + _KEY : line.rfind(b"}")]
            self.appends[case.key] = case.chunks.append

    def passed(self, began: Event, chunk: bytes, ended: Event) -> bool:
        """``run``, output and ``pass`` in one; False, and nothing done, where more is to be seen."""
        run, name = self._current.get(began.package), began.test
        if run is None or run.end or ended.package != began.package:
            return False
        if name in run.open or name in run.waiting:
            return False
        case = CaseRun(name, began.time)
        run.add(case)
        run.runs += 1
        if "/" in name:
            self._mark_parents(run, name)
        case.chunks.append(chunk)
        case.ended(ended.time, ended.elapsed)
        case.passed(keep=self.keeps_output)
        if self._listener is not None:
            self._listener(_ended(run, case))
        return True

    def end(self, event: Event) -> None:
        """A ``pass``, ``fail`` or ``skip`` of a case."""
        run = self._current.get(event.package) or self.package(event.package)
        name, action = event.test, event.action
        running = self._open(run, name) or self._never_begun(run, event)
        if not running:
            return
        case = running.pop(0)
        if not running and run.open.pop(name, None) is not None:
            self.appends.pop(case.key, None)
        case.ended(event.time, event.elapsed)
        case.around = run.runs > case.number
        if action == "pass":
            case.passed(keep=self.keeps_output)
        else:
            case.event_outcome = _OUTCOMES[action]
        if action == "fail":
            self._failed(run, name)
        if self._listener is not None:
            expected = action == "fail" and _inside_another(run, case)
            self._listener(_ended(run, case, expected=expected))

    def _failed(self, run: PackageRun, name: str) -> None:
        if run.end:  # whatever it said of itself
            run.end = "fail"
            self.ledger.reopen(run)
        if "/" in name:
            for parent in self._parents(run, name):
                parent.child_failed = True

    def package(self, path: str, *, fresh: bool = False) -> PackageRun:
        """The process of a package that runs now, begun if need be."""
        run = self._current.get(path)
        if run is None or fresh:
            if run is not None and not run.end:
                self.ledger.ended(run)
                self._forget(run)
            run = PackageRun(path or self._asked.nameless, self.next_process)
            self.next_process += 1
            self._current[path] = run
            if self._listener is not None:
                self._listener(PackageStarted(package=run.path))
        return run

    def _forget(self, run: PackageRun) -> None:
        """Lines about its cases are looked at singly from now on."""
        for cases in run.open.values():
            self.appends.pop(cases[-1].key, None)

    def sweep(self) -> None:
        """Bound what running cases hold."""
        for run in self._current.values():
            for cases in run.open.values():
                for case in cases:
                    case.trim()

    def hand_out_warnings(self) -> None:
        """At the end of the stream: to packages that never ended."""
        for path, run in self._current.items():
            run.warnings = run.warnings or self.warnings.pop(path, {})

    def _named_only(self) -> bool:
        return bool(self._current) and "" not in self._current

    def _package_event(self, event: Event) -> None:
        known = self._current.get(event.package)
        again = known is not None and event.action == "start" and known.begun
        run = self.package(event.package, fresh=again)  # S72
        if event.action == "output":
            run.output(event)
        elif event.action in ENDS and not run.end:
            run.end = event.action
            run.elapsed = event.elapsed
            run.failed_build = event.failed_build
            run.warnings = self.warnings.pop(event.package, {})
            self.ledger.ended(run)
            self._forget(run)
        elif event.action in ENDS:
            self._anomalies["that end a package once more"] += 1
            self.ledger.end_again(run, event.action)

    def _case_event(self, event: Event, line: bytes) -> None:
        run = self._current.get(event.package) or self.package(event.package)
        running = self._open(run, event.test)
        match event.action:
            case "output" if running:
                running[-1].chunks.append(line)
            case "output":  # S5
                self._anomalies["of output under a case that does not run"] += 1
                run.stray_output(event)
            case "pause" | "cont":
                run.paused = True
                for case in running:
                    turn = case.pause if event.action == "pause" else case.resume
                    turn(event.time)
            case "attr" if running:
                running[-1].attrs = (*running[-1].attrs, (event.key, event.value))
            case "artifacts" if running:
                running[-1].artifacts = event.path
            case _:
                pass

    def _never_begun(self, run: PackageRun, event: Event) -> list[CaseRun]:
        """An end without a run: a failure counts, anything else makes no case (S5, but S86)."""
        case = CaseRun(event.test, "")
        if event.action != "fail":
            if run.ends_only:
                run.unbegun.append(case)
                return [case]
            self._anomalies[f"of action `{event.action}` without a `run`"] += 1
            return []
        case.text_pieces = run.stray.pop(event.test, [])
        run.add(case)
        self.ledger.reopen(run)
        return [case]


_MANY = 64


def _inside_another(run: PackageRun, case: CaseRun) -> bool:
    """Its function began while another ran that never waited for its turn (S87)."""
    if len(run.open) > _MANY:  # parallel ones
        return False
    root = case.name.partition("/")[0]
    first = next((one.number for one in run.open.get(root, ())), case.number)
    return any(
        one.number < first and one.paused is None and not one.since
        for name, runs in run.open.items()
        if name != root and "/" not in name
        for one in runs
    )


def _ended(run: PackageRun, case: CaseRun, *, expected: bool = False) -> CaseEnded:
    """``expected``: to all appearance a failure that the test around it wants to see."""
    outcome = case.event_outcome or Outcome.UNKNOWN
    return CaseEnded(
        package=run.path,
        name=case.name,
        outcome=outcome,
        duration_ms=case.own_ms,
        fold=case.fold or expected,
        output=case.text if outcome is Outcome.FAIL else "",
    )
