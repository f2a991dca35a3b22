"""The processes that run now and their cases, and what many lines at once say of these."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from gomanager.gotest.caserun import CaseRun
from gomanager.gotest.events import read_event
from gomanager.gotest.passed import Together
from gomanager.gotest.running import PackageRun
from gomanager.gotest.turns import Paused
from gomanager.results import CaseEnded, Listener, Outcome, ignore


class Runs:
    """The newest process of each package with the cases that run in it."""

    def __init__(self, listener: Listener) -> None:
        self.appends: dict[bytes, Callable[[bytes], None]] = {}
        """Raw bytes that name package and test → where output of that case goes."""
        self._current: dict[str, PackageRun] = {}
        self._listener = None if listener is ignore else listener
        self._paused = False
        """Some cases were taken up to their pause in one go."""

    def all_run(self, packages: Iterable[bytes]) -> bool:
        """Each of these has a process that has not ended."""
        runs = (self._current.get(package.decode("utf-8", "replace")) for package in packages)
        return all(run is not None and not run.end for run in runs)

    def passed_together(self, package: str, found: Together) -> bool:
        """Many of these; False, and nothing done, where more is to be seen."""
        run = self._strange(package, found.names)
        took = found.took() if run else None
        if run is None or took is None or _opens_above(run, found):
            return False
        nested = self._mark_all_parents(run, found.names)
        run.add_passed(found, took, nested=nested)
        if self._listener is not None:
            self._tell_passed(run, found, took)
        return True

    def paused_together(self, package: str, found: Paused) -> bool:
        """Many from ``run`` to ``pause``; False, and nothing done, where more is to be seen."""
        run = self._strange(package, found.names)
        took = found.took() if run else None
        names = set(found.names)
        if run is None or took is None or len(names) < len(found.names) or _inner(names):
            return False
        self._mark_all_parents(run, found.names)
        run.add_paused(found, took)
        self._paused = True
        return True

    def resumed_together(self, package: str, found: Together) -> bool:
        """Many from ``cont`` to ``pass``; False, and nothing done, where more is to be seen."""
        run = self._current.get(package)
        took = found.took()
        if run is None or run.end or took is None or len(set(found.names)) < len(found.names):
            return False
        singly = set(found.names).difference(run.waiting)
        if not all(_plain(run.open.get(name, [])) for name in singly):
            return False
        where = [run.waiting.pop(name, None) for name in found.names]
        told: list[float] = []
        for turns, places in groupby(range(len(where)), where.__getitem__):
            some = list(places)
            if turns is None:
                told += (self._resumed(run, found, at) for at in some)
            else:
                told += turns.passed(found, took, range(some[0], some[-1] + 1))
        if self._listener is not None:
            self._tell_passed(run, found, told)
        return True

    def _resumed(self, run: PackageRun, found: Together, at: int) -> float:
        """One of them that is a case run already; the seconds that it ran."""
        (case,) = run.open.pop(found.names[at])
        self.appends.pop(case.key, None)
        elapsed = float(found.elapsed[at])
        case.resume(f"{found.minute}{found.began[at].decode()}Z")
        case.ended(f"{found.minute}{found.ended[at].decode()}Z", elapsed)
        case.around = run.runs > case.number
        case.event_outcome, case.chunks = Outcome.PASS, []
        return max(0.0, elapsed) if case.took is None else case.took

    def _strange(self, package: str, names: Sequence[str]) -> PackageRun | None:
        """The process of a package that runs none of these now."""
        run = self._current.get(package)
        if run is None or run.end or not run.open.keys().isdisjoint(names):
            return None
        return run if run.waiting.keys().isdisjoint(names) else None

    def _tell_passed(self, run: PackageRun, found: Together, took: Sequence[float]) -> None:
        """In the order of their ends."""
        tell = self._listener or ignore
        for at in found.in_order_of_ends:
            name, fold = found.names[at], at in found.around
            ms = round(took[at] * 1000)
            tell(
                CaseEnded(
                    package=run.path, name=name, outcome=Outcome.PASS, duration_ms=ms, fold=fold
                )
            )

    def wake(self, key: bytes) -> bool:
        """Whether these bytes name a case that waited for its turn until now."""
        if not self._paused:
            return False
        event = read_event(b'{"Action":"output",' + key + b"}")
        run = self._current.get(event.package) if event else None
        if event is None or run is None or event.test not in run.waiting:
            return False
        self._open(run, event.test)
        return key in self.appends

    def _open(self, run: PackageRun, name: str) -> list[CaseRun]:
        """Those of the name that run; one that waits is looked at singly from now on."""
        if name in run.waiting:
            case = run.meet(name)
            self.appends[case.key] = case.chunks.append
        return run.open.get(name, [])

    def _parents(self, run: PackageRun, name: str) -> list[CaseRun]:
        """The longest prefix that runs (S12)."""
        at = name.rfind("/")
        while at > 0:
            running = self._open(run, name[:at])
            if running:
                return running
            at = name.rfind("/", 0, at)
        return []

    def _mark_parents(self, run: PackageRun, name: str) -> None:
        for parent in self._parents(run, name):
            if parent.chunks_before is None:
                parent.chunks_before = len(parent.chunks)

    def _mark_all_parents(self, run: PackageRun, names: Iterable[str]) -> bool:
        """Whether any of them are subtests."""
        parents = {name.rpartition("/")[0] for name in names}
        nested = len(parents) > 1 or "" not in parents
        if nested and (run.open or run.waiting):
            for parent in parents:
                self._mark_parents(run, f"{parent}/")
        return nested


def _inner(names: set[str]) -> bool:
    """Some are subtests of others."""
    above = {name.rpartition("/")[0] for name in names}
    while above and above != {""}:
        if not above.isdisjoint(names):
            return True
        above = {name.rpartition("/")[0] for name in above}
    return False


def _plain(running: Sequence[CaseRun]) -> bool:
    """One case without subtests, whose output is its own."""
    if len(running) != 1:
        return False
    return running[0].chunks_before is None and not running[0].shared


def _opens_above(run: PackageRun, found: Together) -> bool:
    """A subtest of one of them runs already, without its parent: hardly ever."""
    if not found.around or not (run.open or run.waiting):
        return False
    inside = tuple(f"{found.names[at]}/" for at in found.around)
    return any(name.startswith(inside) for name in (*run.open, *run.waiting))
