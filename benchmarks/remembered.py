"""A ledger in memory: every package that is asked to run is green, and what it reads is known.

What tests read is learned once, at the head, and taken to be the same at every commit; a package
that could read something and was not watched is not proven, as in ``gomanager run``.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scratch import PHASE

from gomanager.golang.outside import Seen, scan
from gomanager.pipeline.clock import utc_now
from gomanager.pipeline.inputs import Learned, learned, places
from gomanager.pipeline.prints import Filter, Print
from gomanager.pipeline.scope import Answer
from gomanager.selection.ledger import Record
from gomanager.selection.question import Known
from gomanager.selection.testlog import TestLog, read_log
from gomanager.selection.world import World

NEVER = float("inf")
"""A time after which nothing was written: the trees here are checked out, not worked in."""


def logs(folder: Path) -> Mapping[str, TestLog]:
    """By the folder that a test binary ran in: the logs that testruns.py left."""
    found = {}
    for file in folder.iterdir() if folder.is_dir() else ():
        cwd = file.name.replace("+", "/")
        found[cwd] = read_log(file.read_bytes(), cwd)
    return found


@dataclass(slots=True, kw_only=True)
class Remembered:
    """Answers like a store, for one phase of one clone."""

    root: Path
    logs: Mapping[str, TestLog]
    reads: Mapping[str, tuple[tuple[str, str], ...]]
    """By path from the root: who asked for it, of those that lie elsewhere."""
    rows: dict[str, tuple[Record, ...]] = field(default_factory=dict)
    doubts: dict[str, int] = field(default_factory=dict)
    """Why a result proved nothing, and how often."""
    scanned: dict[tuple[str, bool], Seen] = field(default_factory=dict)

    def recall(self, _: object) -> Known:
        """What the selection is told."""
        return Known(ledger=self)

    def ledger(self, fingerprints: Iterable[str]) -> Mapping[str, tuple[Record, ...]]:
        """Rows by fingerprint."""
        return {one: self.rows[one] for one in fingerprints if one in self.rows}

    def red_sources(self) -> Mapping[tuple[str, str, str], frozenset[str]]:
        """Nothing fails here."""
        return {}

    def readers(self, paths: Iterable[str]) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Row 9: who was seen to read them."""
        return {path: self.reads[path] for path in paths if path in self.reads}

    def variables(self) -> frozenset[tuple[str, str]]:
        """F4: the environment is the same at every commit."""
        return frozenset()

    def variable_readers(self, wanted: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], str]:  # noqa: ARG002
        """None has another value."""
        return {}

    def newest_records(self, module: str, path: str) -> tuple[Record, ...]:  # noqa: ARG002
        """Only ``why`` wants them."""
        return ()

    def green(self, answer: Answer, names: Iterable[tuple[str, str]]) -> None:
        """All these (module folder, import path) ran in the tree of the answer, and passed."""
        world, prints = answer.worlds[PHASE], answer.proofs.prints
        phase = next(one for one in answer.phases if one.name == PHASE)
        folders = {(world.module_dir(p), world.import_path(p)): p for p in world.tested}
        for name in names:
            if prints is None or name not in folders:
                continue
            found = prints.of(phase, world, folders[name], Filter())
            if isinstance(found, str):
                self._doubt(found)
                continue
            known = self._learned(answer, world, folders[name], found)
            if known.doubt:
                self._doubt(known.doubt)
                continue
            self.rows[found.fingerprint] = (
                Record(
                    fingerprint=found.fingerprint,
                    sources=found.sources,
                    phase=PHASE,
                    module=name[0],
                    package=name[1],
                    green=True,
                    finished=utc_now(),
                    commit=answer.scope.head,
                    tests_run=1,
                    inputs=known.inputs,
                ),
            )

    def _doubt(self, why: str) -> None:
        kind = re.sub(r"/[^ ,]+", "…", why)
        self.doubts[kind] = self.doubts.get(kind, 0) + 1

    def _learned(self, answer: Answer, world: World, place: str, one: Print) -> Learned:
        prints, toolchain = answer.proofs.prints, answer.toolchain
        if prints is None or toolchain is None:
            return Learned(doubt="no go here")
        outside = prints.outside(world, place)
        if outside.pure(place):
            return Learned()
        log = self.logs.get(str(self.root / place))
        if log is None:
            return Learned(doubt="what it reads was not learned")
        seen = [self._seen(answer, world, node, place) for node in outside.sources(place)]
        doubt = next((one.doubt for one in seen if one.doubt), "")
        if doubt:
            return Learned(doubt=f"code of it {doubt}")
        environ = answer.proofs.question.environ
        return learned(
            (log,),
            places(self.root, environ, toolchain.env),
            environ,
            one.fingerprint,
            variables=frozenset().union(*(one.variables for one in seen)),
            starts=outside.starts(place),
            since=NEVER,
            tracked=lambda _: True,
        )

    def _seen(self, answer: Answer, world: World, node: str, place: str) -> Seen:
        view = next((s.view for s in world.sides if node in s.libraries), world.sides[0].view)
        files = [f for f in view.files(node) if node == place or not f.is_test]
        wanted = [f.oid for f in files if (f.oid, f.is_test) not in self.scanned]
        texts = dict(answer.graph.tree.read(wanted)) if wanted else {}
        for file in files:
            if file.oid in texts:
                self.scanned[file.oid, file.is_test] = scan(texts[file.oid], test=file.is_test)
        found = [
            self.scanned[f.oid, f.is_test] for f in files if (f.oid, f.is_test) in self.scanned
        ]
        doubt = next((one.doubt for one in found if one.doubt), "")
        return Seen(frozenset().union(*(one.variables for one in found)), doubt)
