"""Proves on real history that no test binary changes without its package being selected.

    python benchmarks/selection_oracle.py REPOSITORY [--commits N] [--every K] [--merged]
        [--tags a,b] [--prefix FOLDER] [--touching PATH…] [--head COMMIT] [--gta BINARY]
        [--scratch FOLDER]

For the last N first-parent commits (every K-th of them; ``--merged``: those of merged branches,
too, each against its first parent): the packages that ``gomanager scope`` selects against the
parent must hold every test package whose linked code differs, which ``go list -export`` says (see
builds.py). The number of misses must be 0. Answers of go are kept by commit in the scratch folder:
a second run takes a fraction of the time.

Packages that do not compile on either side are judged by their source files, and listed apart.
Where a path that no rule claims selected everything, the answer without that rule is judged, too.
Precision counts changed code only: a package selected for its data files is not in it. Our
fingerprints, by which proofs are found again, are judged too: equal ones mean equal code.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median

from builds import BROKEN, PLAIN, Builds, builds, closure
from scratch import Clone, Place, Selection, Setting, commit_of, commits

PRINTS = "equal fingerprints"
ROW_OF_UNCLAIMED = "no rule says who reads"


class Answers:
    """Digests by commit, one line of JSON each; lines of another setting are left alone."""

    def __init__(self, clone: Clone, prefix: str) -> None:
        self.clone = clone
        self.prefix = prefix
        version = clone.go(["env", "GOVERSION"], clone.folder).stdout.decode().strip()
        goflags = clone.environ.get("GOFLAGS", "")
        self.setting = " ".join(
            [version, goflags, PLAIN, str(clone.root), prefix, *clone.setting.flags]
        )
        self.file = clone.folder / "builds.jsonl"
        self.known: dict[str, dict[Place, str]] = {}
        self.errors: dict[str, list[str]] = {}
        self.prints: dict[str, dict[Place, str]] = {}
        for line in self.file.read_text().splitlines() if self.file.exists() else ():
            row = json.loads(line)
            if row["setting"] == self.setting:
                self.known[row["commit"]] = {(m, p): d for m, p, d in row["digests"]}
                self.errors[row["commit"]] = row["errors"]

    def of(self, commit: str) -> dict[Place, str]:
        """The digests of a commit; checks it out where they are not known yet."""
        if commit not in self.known:
            found = self.ask(commit)
            rows = [(*place, digest) for place, digest in sorted(found.digests.items())]
            line = {"setting": self.setting, "commit": commit, "errors": found.errors}
            with self.file.open("a") as file:
                file.write(json.dumps({**line, "digests": rows}) + "\n")
            self.known[commit] = found.digests
            self.errors[commit] = found.errors
        return self.known[commit]

    def printed(self, commit: str) -> dict[Place, str]:
        """Our fingerprints at a commit, which is checked out."""
        if commit not in self.prints:
            self.clone.checkout(commit)
            self.prints[commit] = self.clone.prints()
        return self.prints[commit]

    def ask(self, commit: str) -> Builds:
        """Let go compile the commit."""
        self.clone.checkout(commit)
        return builds(self.clone, self.prefix)


@dataclass(slots=True, kw_only=True)
class Pair:
    """A commit against its parent."""

    commit: str
    total: int
    changed: set[Place]
    selected: set[Place]
    broken: set[Place]
    everything: bool
    reason: str
    misses: list[tuple[str, Place]] = field(default_factory=list)
    """("", place), or the rule without which it would be missed."""
    seconds: float = 0.0
    proven: set[Place] = field(default_factory=set)
    """With the fingerprint of the parent: a proof of the parent would spare them."""
    gta: set[Place] | None = None
    """What gta selects; ``None``: not asked, or it failed."""


def judge(
    clone: Clone, answers: Answers, parent: str, commit: str, gta: Path | None = None
) -> Pair:
    """Ask both, compare."""
    before, after = answers.of(parent), answers.of(commit)
    errors = answers.errors
    if not (before or errors[parent]) or not (after or errors[commit]):  # no go.mod yet
        nothing: set[Place] = set()
        return Pair(commit=commit, total=0, changed=nothing, selected=nothing, broken=nothing,
                    everything=False, reason="no Go module")  # fmt: skip
    old, new = answers.printed(parent), answers.printed(commit)
    clone.checkout(commit)
    start = time.perf_counter()
    answer = clone.select(parent)
    seconds = time.perf_counter() - start
    broken = {p for p, digest in after.items() if (digest + before.get(p, "")).count(BROKEN) == 2}
    changed = {place for place, digest in after.items() if before.get(place) != digest}
    refused = {error.partition(":")[0] for error in answers.errors[commit]}
    changed |= {p for p in before if p not in after and (p[0] or ".") in refused}
    pair = Pair(
        commit=commit,
        total=len(after),
        changed=changed,
        selected=set(answer.packages) & (set(after) | changed),
        broken=broken,
        everything=answer.everything,
        reason=answer.reason,
        seconds=seconds,
        proven={place for place in after if place in new and old.get(place) == new[place]},
    )
    if gta is not None:
        found, complaint = clone.gta(gta, parent, after)
        pair.gta = None if complaint else found
    pair.misses += [(PRINTS, p) for p in sorted(changed & pair.proven)]
    pair.misses += [("", place) for place in sorted(changed - set(answer.packages))]
    if answer.everything and answer.reason.startswith(ROW_OF_UNCLAIMED):
        strict: Selection = clone.select(parent, unclaimed="none")
        lost = changed - set(strict.packages)
        pair.misses += [(answer.reason, place) for place in sorted(lost)]
    return pair


def explain(answers: Answers, pair: Pair, place: Place) -> Iterator[str]:
    """Which packages of the closure differ: go is asked again, from its build cache."""
    module, path = place
    sides = []
    for commit in (f"{pair.commit}^", pair.commit):
        found = answers.ask(answers.clone.git("rev-parse", commit))
        rows = next((r for r in found.rows.values() if f"{path}.test" in r), {})
        sides.append(closure(f"{path}.test", rows))
    before, after = sides
    yield f"  MISS {pair.commit[:12]} {path} in {module or '.'} ({len(after)} packages)"
    differing = [p for p in sorted(before.keys() | after.keys()) if before.get(p) != after.get(p)]
    yield from (f"    {p}: {before.get(p)} → {after.get(p)}" for p in differing[:12])
    yield f"    {answers.clone.git('diff', '--stat=120', f'{pair.commit}^', pair.commit)[-900:]}"


def summary(pairs: list[Pair]) -> Iterator[str]:
    """The numbers."""
    seen = [pair for pair in pairs if pair.total or pair.changed]
    misses = sum(not why for pair in seen for why, _ in pair.misses)
    prints = sum(why == PRINTS for pair in seen for why, _ in pair.misses)
    strict = sum(bool(why) for pair in seen for why, _ in pair.misses) - prints
    changed = sum(len(pair.changed) for pair in seen)
    selected = sum(len(pair.selected) for pair in seen)
    hit = sum(len(pair.selected & pair.changed) for pair in seen)
    kept = [len(pair.selected) / pair.total for pair in seen if pair.total]
    yield f"commits {len(pairs)}, with a build {len(seen)}, with changed code " + str(
        sum(bool(pair.changed) for pair in seen)
    )
    yield f"pairs of commit and test package {sum(pair.total for pair in seen)}"
    yield f"changed {changed}, selected {selected}, MISSES {misses}" + (
        f", and {strict} held only by the rule for unclaimed paths" if strict else ""
    )
    if selected:
        yield f"precision {hit / selected:.2f}, everything selected in " + str(
            sum(pair.everything for pair in seen)
        )
    if kept:
        yield f"test packages spared: mean {1 - mean(kept):.1%}, median {1 - median(kept):.1%}"
    spared = mean(len(pair.proven) / max(1, pair.total) for pair in seen) if seen else 0
    yield f"equal fingerprints: {spared:.1%} on average, of changed code {prints} (MISSES)"
    broken = {place for pair in seen for place in pair.broken}
    if broken:
        names = ", ".join(path for _, path in sorted(broken)[:4])
        yield f"do not compile on either side of some pair: {len(broken)} packages, as {names}"
    asked = [(pair, pair.gta) for pair in seen if pair.gta is not None]
    if asked:
        lost = sum(len(pair.changed - found) for pair, found in asked)
        yield f"gta answered for {len(asked)} commits: changed " + (
            f"{sum(len(pair.changed) for pair, _ in asked)}, selected "
            f"{sum(len(found) for _, found in asked)}, misses {lost}"
        )
    times = [pair.seconds * 1000 for pair in pairs]
    if times:
        yield f"selection: median {median(times):.0f} ms, slowest {max(times):.0f} ms"


def main() -> int:
    """Exit code 1 where something was missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--commits", type=int, default=200)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--merged", action="store_true", help="commits of merged branches, too")
    parser.add_argument("--tags", default="")
    parser.add_argument("--prefix", default="", help="only packages below this folder")
    parser.add_argument("--touching", nargs="*", default=[], help="only commits with such paths")
    parser.add_argument("--head", default="HEAD")
    parser.add_argument("--gta", type=Path, help="the binary of digitalocean/gta, judged as well")
    parser.add_argument("--scratch", type=Path)
    options = parser.parse_args()
    repository = options.repository.resolve()
    scratch = options.scratch or Path(tempfile.gettempdir()) / "gomanager-oracle" / (
        f"{repository.parent.name}-{repository.name}"
    )
    setting = Setting(tags=tuple(filter(None, options.tags.split(","))))
    clone = Clone(repository, scratch, setting)
    answers = Answers(clone, options.prefix.strip("/"))
    pairs = []
    head = commit_of(repository, options.head)
    todo = commits(
        clone, head, options.commits, options.every, options.touching, merged=options.merged
    )
    for number, (parent, commit) in enumerate(todo, 1):
        pair = judge(clone, answers, parent, commit, options.gta and options.gta.resolve())
        pairs.append(pair)
        size = "all" if pair.everything else len(pair.selected)
        print(
            f"{number}/{len(todo)} {commit[:12]} {pair.total} test packages, changed "
            f"{len(pair.changed)}, selected {size}, missed {len(pair.misses)}",
            flush=True,
        )
        for error in answers.errors[commit]:
            print(f"  go list {error}", flush=True)
        for why, place in pair.misses[:5]:
            print(f"  for: {why}" if why else "", end="\n" if why else "")
            print("\n".join(explain(answers, pair, place)), flush=True)
    print(f"\n{repository} {' '.join(setting.flags) or 'no tags'} {options.prefix}".rstrip())
    print("\n".join(summary(pairs)))
    return 1 if any(pair.misses for pair in pairs) else 0


if __name__ == "__main__":
    sys.exit(main())
