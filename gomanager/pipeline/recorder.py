"""From the result of a phase to rows of the ledger: what its packages prove, and what they read."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from gomanager.errors import EnvironmentFault
from gomanager.golang.outside import Seen, scan
from gomanager.gotest import argv
from gomanager.pipeline.inputs import (
    NOT_INPUTS,
    Learned,
    Places,
    learned,
    seen_paths,
    variable_digest,
)
from gomanager.pipeline.learn import Logs
from gomanager.pipeline.prints import Filter, Print, Prints
from gomanager.pipeline.requests import Planned
from gomanager.pipeline.spare import folders
from gomanager.results import PackageResult, PhaseResult, Purpose, Verdict
from gomanager.runners.request import PackageRequest
from gomanager.selection.ended import ended
from gomanager.selection.ledger import Record
from gomanager.selection.testlog import TestLog
from gomanager.selection.world import World
from gomanager.store.protocol import PackageKey

EARLIER_S = 0.1
"""Clocks of file systems are coarse: what was written so shortly before counts as during."""


class Rows(Struct, frozen=True, kw_only=True):
    """What goes into the store beside a phase result."""

    ledger: tuple[Record, ...] = ()
    learned: Mapping[PackageKey, tuple[str, ...]] | None = None
    variables: Mapping[PackageKey, Mapping[str, str]] | None = None


NOTHING = Rows()


class _Asked(Struct, frozen=True, kw_only=True):
    """A package as it was before the tests began."""

    place: str
    request: PackageRequest
    print: Print | str


class Recorder:
    """One run's; fingerprints are taken before the first test, and again behind each phase."""

    def __init__(
        self,
        prints: Prints,
        worlds: Mapping[str, World],
        planned: Sequence[Planned],
        logs: Logs,
        places: Places,
        again: Callable[[], Prints | None],
        *,
        commit: str | None,
        dirty: bool,
        run: str,
    ) -> None:
        """``again``: the fingerprints of the files as they are then; ``None``: all is the same."""
        self._prints = prints
        self._worlds = worlds
        self._logs = logs
        self._places = places
        self._again = again
        self._about = (commit, dirty, run)
        self._scanned: dict[tuple[int, str], Seen] = {}
        self._planned = {one.phase.name: one for one in planned}
        self._asked = {
            one.phase.name: dict(self._before(one)) for one in planned if one.not_run is None
        }

    def close(self) -> None:
        """Remove the logs."""
        self._logs.close()

    def _before(self, planned: Planned) -> Iterator[tuple[PackageKey, _Asked]]:
        world = self._worlds[planned.phase.name]
        known = folders(world)
        for module in planned.request.modules:
            at = os.path.relpath(module.dir, planned.request.root)
            for package in module.packages:
                place = known.get(("" if at == "." else at, package.path))
                if place is None:
                    continue
                what = _filter(package)
                found = self._prints.of(planned.phase, world, place, what)
                key = PackageKey(module.path, package.path)
                yield key, _Asked(place=place, request=package, print=found)

    def rows(self, phase: PhaseResult, now: datetime) -> Rows:
        """What the phase result proves; nothing where its inputs are not known."""
        try:
            return self._rows(phase, now)
        except EnvironmentFault:  # git does not answer: the result counts, and proves nothing
            return NOTHING

    def _rows(self, phase: PhaseResult, now: datetime) -> Rows:
        asked = self._asked.get(phase.name, {})
        logs = self._by_place(self._logs.take())
        if not asked or phase.source != "run":
            return Rows()
        results = {PackageKey(p.module, p.path): p for p in phase.packages}
        records = tuple(self._records(phase, asked, results, logs, now))
        if any(record.green for record in records):
            records = tuple(self._unchanged(phase.name, asked, records))
        read = {
            key: paths
            for key, one in asked.items()
            if one.place in logs and (paths := self._paths(one.place, logs[one.place]))
        }
        variables = {
            PackageKey(one.module, one.package): self._variables(phase.name, asked, one, logs)
            for one in records
            if one.green
        }
        return Rows(ledger=records, learned=read, variables=variables)

    def _variables(
        self,
        phase: str,
        asked: Mapping[PackageKey, _Asked],
        record: Record,
        logs: Mapping[str, tuple[TestLog, ...]],
    ) -> Mapping[str, str]:
        """What a green package read of the environment: another value makes it run again (F4)."""
        world, place = self._worlds[phase], asked[PackageKey(record.module, record.package)].place
        seen = self._scan(world, self._prints.outside(world, place).sources(place), place)
        names = seen.variables.union(*(log.variables for log in logs.get(place, ())))
        environ = self._prints.situation.environ
        return {n: variable_digest(n, environ.get(n)) for n in sorted(names - NOT_INPUTS)}

    def _records(
        self,
        phase: PhaseResult,
        asked: Mapping[PackageKey, _Asked],
        results: Mapping[PackageKey, PackageResult],
        logs: Mapping[str, tuple[TestLog, ...]],
        now: datetime,
    ) -> Iterator[Record]:
        trusted = self._trusted(phase)
        flags = argv.parse(phase.flags)
        filtered = bool(flags.value("run") or flags.value("skip"))
        for key, one in asked.items():
            result = results.get(key)
            if result is None or isinstance(one.print, str):
                continue
            end = ended(result, expected=bool(one.request.expected), filtered=filtered)
            if not (end.red or (end.green and trusted)):
                continue
            known = Learned()
            doubt = end.doubt
            if end.green and not doubt and not one.request.build_only:
                known = self._learned(phase, one, result, logs.get(one.place, ()))
                doubt = known.doubt
            commit, dirty, run = self._about
            yield Record(
                fingerprint=one.print.fingerprint,
                sources=one.print.sources,
                phase=phase.name,
                module=key.module,
                package=key.path,
                green=end.green,
                doubt=doubt if end.green else "",
                dirty=dirty,
                finished=now,
                commit=commit,
                run=run,
                duration_ms=result.attempts[0].duration_ms,
                tests_run=end.tests_run,
                tests_skipped=end.tests_skipped,
                attempts=len(result.attempts),
                inputs=known.inputs,
            )

    def _trusted(self, phase: PhaseResult) -> bool:
        """Whether a package that looks green is: nothing hangs over the phase as a whole."""
        if phase.interrupted or phase.anomalies or phase.not_run is not None:
            return False
        red = any(package.red for package in phase.packages)
        return phase.verdict in (Verdict.GREEN, Verdict.NOTHING) or (
            phase.verdict is Verdict.RED and red
        )

    def _learned(
        self,
        phase: PhaseResult,
        one: _Asked,
        result: PackageResult,
        logs: tuple[TestLog, ...],
    ) -> Learned:
        world = self._worlds[phase.name]
        outside = self._prints.outside(world, one.place)
        if outside.pure(one.place):
            return Learned()
        firsts = sum(a.purpose is Purpose.FIRST for a in result.attempts)
        if len(logs) < firsts:
            return Learned(doubt="what it reads was not learned")
        seen = self._scan(world, outside.sources(one.place), one.place)
        doubt = seen.doubt or outside.early(one.place)
        if doubt:
            return Learned(doubt=doubt)
        planned = self._planned[phase.name]
        key = self._prints.key(planned.phase, world)
        return learned(
            logs,
            self._places,
            key.environ or {},
            one.print.fingerprint if isinstance(one.print, Print) else "",
            variables=seen.variables,
            starts=outside.starts(one.place),
            since=(phase.started.timestamp() if phase.started else 0) - EARLIER_S,
            tracked=lambda path: path in self._prints.graph.tree.files,
        )

    def _scan(self, world: World, sources: Iterable[str], place: str) -> Seen:
        """What the text of the code says; tests of other packages are no part of the binary."""
        variables: set[str] = set()
        for node in sources:
            for test in (False, True) if node == place else (False,):
                seen = self._scanned_node(world, node, test=test)
                if seen.doubt:
                    where = "it" if node == place else world.sides[0].view.import_path(node)
                    return Seen(doubt=f"{where} {seen.doubt}")
                variables |= seen.variables
        return Seen(frozenset(variables))

    def _scanned_node(self, world: World, node: str, *, test: bool) -> Seen:
        known = (id(world), f"{node}\n{test}")
        if known not in self._scanned:
            view = next((s.view for s in world.sides if node in s.libraries), world.sides[0].view)
            oids = [f.oid for f in view.files(node) if f.is_test is test]
            texts = dict(self._prints.graph.tree.read(oids)) if oids else {}
            found = [scan(texts[oid], test=test) for oid in oids if oid in texts]
            doubt = next((s.doubt for s in found if s.doubt), "")
            if len(texts) < len(set(oids)):
                doubt = "cannot be read"
            variables = frozenset().union(*(s.variables for s in found))
            self._scanned[known] = Seen(variables, doubt)
        return self._scanned[known]

    def _by_place(
        self, logs: Mapping[str, tuple[TestLog, ...]]
    ) -> Mapping[str, tuple[TestLog, ...]]:
        """By folder in the repository."""
        found: dict[str, tuple[TestLog, ...]] = {}
        for cwd, some in logs.items():
            place = os.path.relpath(os.path.realpath(cwd), self._places.root)
            place = "" if place == "." else place
            found[place] = (*found.get(place, ()), *some)
        return found

    def _paths(self, place: str, logs: tuple[TestLog, ...]) -> tuple[str, ...]:
        """Read in the repository, and owned by another package or by none (row 9)."""
        graph = self._prints.graph
        names = seen_paths(logs, self._places)
        owned = (name for name in names if graph.owner(f"{name}/x") != place)
        return tuple(sorted(n for n in owned if n == "." or graph.owner(n) != place))

    def _unchanged(
        self, phase: str, asked: Mapping[PackageKey, _Asked], records: Iterable[Record]
    ) -> Iterator[Record]:
        """E18: what changed while the tests ran proves nothing."""
        prints = self._again()
        if prints is None:
            yield from records
            return
        planned = self._planned[phase]
        changed = _changed(self._prints, prints)
        world = World(graph=prints.graph, configuration=self._worlds[phase].configuration)
        for record in records:
            one = asked[PackageKey(record.module, record.package)]
            now = (
                prints.of(planned.phase, world, one.place, _filter(one.request))
                if one.place in world.packages
                else ""
            )
            same = isinstance(now, Print) and now.fingerprint == record.fingerprint
            same &= changed.isdisjoint(one.name for one in record.inputs if one.kind != "env")
            if same or not record.green:
                yield record


def _changed(before: Prints, after: Prints) -> set[str]:
    """Paths that differ between two trees, with the folders that hold them."""
    differing = set(before.graph.tree.entries) ^ set(after.graph.tree.entries)
    paths = {entry.path for entry in differing}
    return paths | {path.rpartition("/")[0] or "." for path in paths}


def _filter(package: PackageRequest) -> Filter:
    return Filter(run=package.run, skip=package.skip, build_only=package.build_only)
