"""How much of all tests the selection would have spared over the history of a repository.

    python benchmarks/selection_replay.py REPOSITORY [--commits N] [--every K] [--merged] [--watch]
        [--wrap W] [--gta BINARY] [--tags a,b] [--head COMMIT] [--scratch FOLDER]

Each of the last N first-parent commits (``--merged``: those of merged branches, too) is asked about
in turn, with all tests as the measure:

* diff: what differs from the parent, as ``gomanager run`` without a store;
* diff and ledger: the same without what an earlier commit of the replay proved, as ``run`` does;
* ledger alone: no base at all, everything that no earlier commit proved;
* gta: what ``gta -base PARENT`` names in each module. Where it fails, all of the module runs.

``--watch`` runs all tests once at the head, which gives the seconds of each package, and what its
tests read: without it nothing that could read a file is ever proven. Seconds are those of the test
binary, without compiling and linking it; a package that was not green at the head has none.
``--wrap`` names a command in front of go, such as a sandbox.
"""

import argparse
import shlex
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from remembered import Remembered, logs
from scratch import PHASE, Clone, Place, Setting, commit_of, commits
from testruns import Suite

from gomanager.errors import UsageError
from gomanager.pipeline.scope import Answer
from gomanager.selection.scope import PhaseScope

ALL, DIFF, BOTH, LEDGER, GTA = "run all", "diff", "diff and ledger", "ledger alone", "gta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What one run of all tests at the head told."""

    seconds: Mapping[Place, float] = field(default_factory=dict)
    reads: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one answer runs of one commit."""

    packages: int
    functions: int
    seconds: float
    share: float
    """Of all packages."""


class Replay:
    """Both ledgers grow with each commit; they begin with all of the first one's parent."""

    def __init__(self, clone: Clone, watched: Watched, gta: Path | None) -> None:
        self.clone = clone
        self.watched = watched
        self.gta = gta
        self.failed: dict[int, str] = {}
        """By number of the step: what gta said."""
        known = logs(clone.folder / "logs") if watched.seconds else {}
        self.ledgers = {
            name: Remembered(root=clone.root.resolve(), logs=known, reads=watched.reads)
            for name in (BOTH, LEDGER)
        }
        self.steps: list[dict[str, Part]] = []

    def step(self, parent: str, commit: str) -> str:
        """Ask everybody about one commit; what came of it in a line."""
        if not self.steps:
            self._begin(parent)
        self.clone.checkout(commit)
        answer = self.clone.ask(parent, recall=self.ledgers[BOTH].recall)
        all_ = functions(answer)
        run = _names(answer)
        proven = {(one.module, one.package) for one in _phase(answer).proofs}
        alone = _names(self.clone.ask(None, everything=True, recall=self.ledgers[LEDGER].recall))
        told = {ALL: set(all_), DIFF: run | proven, BOTH: run, LEDGER: alone}
        self.ledgers[BOTH].green(answer, run)
        self.ledgers[LEDGER].green(answer, alone)
        if self.gta is not None:
            told[GTA], said = self.clone.gta(self.gta, parent, all_)
            if said:
                self.failed[len(self.steps)] = said
        self.steps.append({name: self._part(names, all_) for name, names in told.items()})
        return f"{commit[:12]} " + ", ".join(
            f"{name} {len(names & all_.keys())}" for name, names in told.items()
        )

    def _begin(self, commit: str) -> None:
        """Everything is green there."""
        self.clone.checkout(commit)
        answer = self.clone.ask("HEAD")
        for ledger in self.ledgers.values():
            ledger.green(answer, functions(answer))

    def _part(self, names: Iterable[Place], all_: Mapping[Place, int]) -> Part:
        run = set(names) & all_.keys()
        return Part(
            packages=len(run),
            functions=sum(all_[one] for one in run),
            seconds=sum(self.watched.seconds.get(one, 0.0) for one in run),
            share=len(run) / len(all_) if all_ else 0.0,
        )


def table(steps: Sequence[Mapping[str, Part]]) -> str:
    """Spared shares: of all that ran over all commits; the median is one of commits."""
    rows = [("", "packages run", "spared", "median", "functions", "seconds", "nothing to run")]
    whole = [step[ALL] for step in steps]
    for name in steps[0]:
        parts = [step[name] for step in steps]
        rows.append(
            (
                name,
                str(sum(one.packages for one in parts)),
                _spared(sum(p.packages for p in parts), sum(w.packages for w in whole)),
                _spared(median(one.share for one in parts), 1),
                _spared(sum(p.functions for p in parts), sum(w.functions for w in whole)),
                _spared(sum(p.seconds for p in parts), sum(w.seconds for w in whole)),
                f"{sum(not one.packages for one in parts)} commits",
            )
        )
    return aligned(rows)


def functions(answer: Answer) -> Mapping[Place, int]:
    """Every test package with the number of its test functions."""
    world = answer.worlds[PHASE]
    return {
        (world.module_dir(place), world.import_path(place)): len(world.tests(place).functions)
        for place in world.tested
    }


def _phase(answer: Answer) -> PhaseScope:
    return next(one for one in answer.scope.phases if one.name == PHASE)


def _names(answer: Answer) -> set[Place]:
    phase = _phase(answer)
    return {(p.module, p.path) for p in (phase.packages if phase.selected else ())}


def _spared(part: float, whole: float) -> str:
    return f"{1 - part / whole:.1%}" if whole else "not measured"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """The first column to the left, the others to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def told(replay: Replay) -> Iterator[str]:
    """The tables, and why what was green proved nothing."""
    yield f"{len(replay.steps)} commits"
    if not replay.steps:
        return
    yield table(replay.steps)
    if replay.failed:
        yield (
            f"gta failed on {len(replay.failed)} commits, the last time: "
            + (replay.failed[max(replay.failed)])
        )
        rest = [step for number, step in enumerate(replay.steps) if number not in replay.failed]
        yield from (f"{len(rest)} commits on which it did not", table(rest)) if rest else ()
    for name, ledger in replay.ledgers.items():
        doubts = sorted(ledger.doubts.items(), key=lambda row: -row[1])
        yield from (f"{name}: {n} green results proved nothing: {why}" for why, n in doubts[:5])


def watch(clone: Clone, head: str, wrap: Sequence[str]) -> Watched:
    """Run all tests at the head; logs of what they read stay in the scratch folder."""
    clone.checkout(head)
    suite = Suite(clone, wrap, "")
    suite.again()
    reads: dict[str, list[Place]] = {}
    for path, places in suite.readers.items():
        for place in places:
            own = Path(suite.folder(place)).relative_to(clone.root.resolve())
            if not Path(path).is_relative_to(own) or own == Path():
                reads.setdefault(path, []).append(place)
    print(f"watched {len(suite.called)} test packages at {head[:12]}, {len(suite.green)} green")
    return Watched(
        seconds={place: suite.seconds[place] for place in suite.green},
        reads={path: tuple(places) for path, places in reads.items()},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--commits", type=int, default=200)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--merged", action="store_true", help="commits of merged branches, too")
    parser.add_argument("--watch", action="store_true", help="run all tests once at the head")
    parser.add_argument("--wrap", default="", help="a command in front of go: a sandbox")
    parser.add_argument("--gta", type=Path, help="the binary of digitalocean/gta")
    parser.add_argument("--tags", default="")
    parser.add_argument("--head", default="HEAD")
    parser.add_argument("--scratch", type=Path)
    options = parser.parse_args()
    repository = options.repository.resolve()
    scratch = options.scratch or Path(tempfile.gettempdir()) / "gomanager-replay" / (
        f"{repository.parent.name}-{repository.name}"
    )
    clone = Clone(repository, scratch, Setting(tags=tuple(filter(None, options.tags.split(",")))))
    head = commit_of(repository, options.head)
    todo = commits(clone, head, options.commits, options.every, merged=options.merged)
    if not todo:
        sys.exit("selection_replay: no commit of it has a parent")
    watched = watch(clone, head, shlex.split(options.wrap)) if options.watch else Watched()
    if options.gta is None:
        print("gta is not compared: --gta BINARY (go install github.com/digitalocean/gta/cmd/gta)")
    replay = Replay(clone, watched, options.gta and options.gta.resolve())
    for number, (parent, commit) in enumerate(todo, 1):
        try:
            line = replay.step(parent, commit)
        except UsageError as error:  # early history without a Go module
            line = f"{commit[:12]} is left out: {error.what}"
        print(f"{number}/{len(todo)} {line}", flush=True)
    print(f"\n{repository} {' '.join(clone.setting.flags) or 'no tags'}")
    print("\n".join(told(replay)))


if __name__ == "__main__":
    main()
