"""Breaks a repository's code and data, one place at a time: each package that fails is selected.

    python benchmarks/selection_mutants.py REPOSITORY [--mutants N] [--data N] [--seed S]
        [--wrap COMMAND] [--prefix FOLDER] [--tags a,b] [--head COMMIT] [--scratch FOLDER]

Mutants are faults in non-test functions (a comparison turned, a zero value returned, a statement
deleted) that compile and make tests fail; data files are changed, emptied or deleted. Tests run in
the packages that go list says are built from the file, in those that were seen to open it
(``-test.testlogfile``), and in some others. Before that, every file that some test opens is changed
alone, and readers that are not selected are told: hints where to look. A failing package that was not selected is run again,
without the change and with it: only then it is a miss, and there must be none. Each change is asked
about in the work tree and as a commit: both answers must be the same. What tests answered is kept
in the scratch folder: a second run with the same seed only asks the selection.

Broken code does what it wants: ``--wrap`` names a command in front of go, such as a sandbox.
"""

import argparse
import json
import random
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from scratch import Clone, Place, Setting
from testruns import Outcome, Suite

INSIDE, OUTSIDE = 8, 2
PER_FILE = 3
SOURCE = Path(__file__).with_name("mutants.go")
NO_DATA = (".go", ".mod", ".sum", ".work")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``after`` is what the file holds then; None: it is deleted."""

    file: str
    kind: str
    after: bytes | None
    line: int = 0


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of the changes of one sort."""

    tried: int = 0
    failing: int = 0
    packages: int = 0
    """Pairs of a change and a package that failed."""
    differing: int = 0
    """Changes for which work tree and commit were answered differently."""
    misses: list[str] = field(default_factory=list)


class Trial:
    """One change after another, each undone behind it."""

    def __init__(self, suite: Suite, dice: random.Random) -> None:
        self.suite = suite
        self.clone = suite.clone
        self.dice = dice
        self.head = self.clone.git("rev-parse", "HEAD")

    def apply(self, change: Change) -> None:
        """Into the work tree."""
        file = self.clone.root / change.file
        if change.after is None:
            file.unlink()
        else:
            file.write_bytes(change.after)

    def undo(self) -> None:
        """Back to the commit under test."""
        self.clone.checkout(self.head)

    def judge(self, change: Change, inside: set[Place], tally: Tally) -> None:
        """Run, ask, compare."""
        suite = self.suite
        near = suite.quick(inside, INSIDE, self.dice)
        others = suite.outside(inside, OUTSIDE, self.dice)
        self.apply(change)
        selected = set(self.clone.select(self.head).packages)
        asked = (change.file, change.after)
        outcome = suite.changed(asked, near, "-failfast")
        code = change.file.endswith(".go")
        if (code and outcome.broken) or not (outcome.failed | outcome.passed):
            self.undo()
            return
        if others:
            more = suite.changed(asked, others, "-failfast", "-count=1")
            outcome.failed |= more.failed
        self.undo()
        tally.tried += 1
        tally.failing += bool(outcome.failed)
        tally.packages += len(outcome.failed)
        committed = self._committed(change)
        if committed != selected:
            tally.differing += 1
            print(f"  work tree and commit differ: {sorted(committed ^ selected)[:3]}")
        missed = outcome.failed - (selected & committed)
        tally.misses += self._real(change, missed)

    def _committed(self, change: Change) -> set[Place]:
        self.apply(change)
        names = ("-c", "user.name=b", "-c", "user.email=b@example.com", "-c", "core.hooksPath=")
        self.clone.git("add", "-A", "-f", change.file)
        self.clone.git(*names, "commit", "-q", "--no-gpg-sign", "-m", "mutant")
        selected = set(self.clone.select(self.head).packages)
        self.undo()
        return selected

    def _real(self, change: Change, missed: set[Place]) -> Iterator[str]:
        """Without flaky tests: green without the change, red with it again."""
        if not missed:
            return
        clean = self.suite.run(missed, "-count=1")
        self.apply(change)
        again: Outcome = self.suite.run(missed, "-count=1")
        self.undo()
        for place in sorted(missed & clean.passed & again.failed):
            yield f"{change.file}:{change.line} {change.kind} → {place[1]} in {place[0] or '.'}"


def mutants(trial: Trial) -> Iterator[Change]:
    """In random order, a few of each file; those first whose package has green tests itself."""
    suite, root = trial.suite, trial.clone.root
    files = [f for f in sorted(suite.users) if f.endswith(".go") and not f.endswith("_test.go")]
    files = [f for f in files if not f.startswith("vendor/") and suite.users[f] & suite.green]
    given = "\n".join(str(root / file) for file in files)
    done = subprocess.run(
        ["go", "run", str(SOURCE)], input=given, capture_output=True, text=True, check=True
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    tested = {str(Path(suite.folder(place))) for place in suite.green}
    trial.dice.shuffle(rows)
    rows.sort(key=lambda row: str(Path(row["file"]).parent) not in tested)
    count: dict[str, int] = {}
    for row in rows:
        file = Path(row["file"]).relative_to(root).as_posix()
        count[file] = count.get(file, 0) + 1
        if count[file] <= PER_FILE:
            before = (root / file).read_bytes()
            after = before[: row["start"]] + row["text"].encode() + before[row["end"] :]
            yield Change(file=file, kind=row["kind"], after=after, line=row["line"])


def data(trial: Trial) -> Iterator[Change]:
    """Files that somebody opens or embeds, each in several ways, in random order."""
    suite, root = trial.suite, trial.clone.root
    tracked = trial.clone.git("ls-files", "-z").split("\0")
    known = {f for f in tracked if f and not f.endswith(NO_DATA) and (root / f).is_file()}
    known -= {f for f in known if (root / f).is_symlink() or f.startswith("vendor/")}
    files = sorted(f for f in known if (suite.readers.get(f) or suite.users.get(f)))
    files += [f for f in sorted(known) if "/testdata/" in f"/{f}" and f not in files]
    print(f"data files that are read, embedded or test data: {len(files)} of {len(known)}")
    trial.dice.shuffle(files)
    for kind in ("emptied", "cut", "deleted", "changed"):
        for file in files:
            before = (root / file).read_bytes()
            after = {
                "emptied": b"",
                "cut": before[: len(before) // 2],
                "deleted": None,
                "changed": b"~!{changed " + before[::-1],
            }[kind]
            if after != before:
                yield Change(file=file, kind=kind, after=after)


def inside(suite: Suite, change: Change) -> set[Place]:
    """Test packages that the file is known to matter for."""
    found = suite.users.get(change.file, set()) | suite.readers.get(change.file, set())
    above = [f"{p}/" for p, _ in suite.called if f"{change.file}".startswith(f"{p}/")]
    return found or {p for p in suite.called if above and p[0] == above[0].rstrip("/")}


def attempt(trial: Trial, changes: Iterator[Change], wanted: int, word: str) -> Tally:
    """Changes until so many made a test fail."""
    tally = Tally()
    for change in changes:
        if tally.failing >= wanted:
            break
        before = tally.failing
        trial.judge(change, inside(trial.suite, change), tally)
        if tally.failing > before:
            print(
                f"{word} {tally.failing}/{wanted} (tried {tally.tried}): {change.file}:"
                f"{change.line} {change.kind}, missed {len(tally.misses)}",
                flush=True,
            )
    return tally


def readers(trial: Trial) -> None:
    """Each file that a test opened, changed alone: is its reader selected?

    A reader may well pass with any content, so these are hints, not misses.
    """
    suite, root = trial.suite, trial.clone.root
    tracked = set(trial.clone.git("ls-files", "-z").split("\0"))
    pairs, left = 0, []
    for file in sorted(tracked & set(suite.opened)):
        path = root / file
        if not path.is_file() or path.is_symlink() or "vendor" in file.split("/"):
            continue
        trial.apply(Change(file=file, kind="longer", after=path.read_bytes() + b"\n"))
        selected = set(trial.clone.select(trial.head).packages)
        trial.clone.git("checkout", "-q", "--", file)
        pairs += len(suite.opened[file])
        left += [(file, place) for place in sorted(suite.opened[file] - selected)]
    print(f"files opened by tests: {pairs} pairs of file and reader, not selected {len(left)}")
    for file, place in left:
        print(f"  HINT {file} read by {place[1]}")


def show(word: str, tally: Tally) -> None:
    """One line, and one for each miss."""
    print(
        f"{word}: tried {tally.tried}, failing {tally.failing}, failing packages {tally.packages}, "
        f"MISSES {len(tally.misses)}, work tree ≠ commit {tally.differing}"
    )
    for miss in tally.misses:
        print(f"  MISS {miss}")


def main() -> int:
    """Exit code 1 where a failing package was not selected."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--mutants", type=int, default=100)
    parser.add_argument("--data", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tags", default="")
    parser.add_argument("--prefix", default="")
    parser.add_argument("--wrap", default="", help="a command in front of go: a sandbox")
    parser.add_argument("--head", default="HEAD")
    parser.add_argument("--scratch", type=Path)
    options = parser.parse_args()
    repository = options.repository.resolve()
    name = f"{repository.parent.name}-{repository.name}"
    scratch = options.scratch or Path(tempfile.gettempdir()) / "gomanager-mutants" / name
    clone = Clone(repository, scratch, Setting(tags=tuple(filter(None, options.tags.split(",")))))
    clone.checkout(options.head if options.head != "HEAD" else "origin/HEAD")
    suite = Suite(clone, shlex.split(options.wrap), options.prefix.strip("/"))
    suite.again()
    print(f"{len(suite.called)} test packages, {len(suite.green)} green twice", flush=True)
    trial = Trial(suite, random.Random(options.seed))
    readers(trial)
    found = [
        ("mutants", attempt(trial, mutants(trial), options.mutants, "mutant")),
        ("data files", attempt(trial, data(trial), options.data, "data file")),
    ]
    for word, tally in found:
        show(word, tally)
    return 1 if any(tally.misses for _, tally in found) else 0


if __name__ == "__main__":
    sys.exit(main())
