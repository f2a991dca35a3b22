"""The tests of a scratch clone: what each test binary is made of, what it opens, what fails."""

import json
import random
import shlex
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from builds import Builds, builds, calls, closure
from kept import Kept, digest
from scratch import Clone, Place

_FILES = ("GoFiles", "CgoFiles", "EmbedFiles")
_WORDS = ("failed", "passed", "broken")
TIMEOUT = "60s"


@dataclass(slots=True, kw_only=True)
class Outcome:
    """Of one ``go test`` over some packages."""

    failed: set[Place] = field(default_factory=set)
    passed: set[Place] = field(default_factory=set)
    broken: set[Place] = field(default_factory=set)
    """Did not compile; among the failed ones too."""
    seconds: dict[Place, float] = field(default_factory=dict)


class Suite:
    """All test packages of HEAD; ``green`` are those that pass twice without a change."""

    def __init__(self, clone: Clone, wrap: Sequence[str], prefix: str) -> None:
        self.clone = clone
        self.wrap = wrap
        self.folders: dict[str, bool] = {f: alone for f, _, alone in calls(clone, prefix)}
        self.known: Builds = builds(clone, prefix, compiled=False)
        self.called: dict[Place, str] = {}
        self.users: dict[str, set[Place]] = {}
        """By file from the root: the test binaries that it is compiled or embedded into."""
        for folder, rows in self.known.rows.items():
            for place in self.known.digests:
                if f"{place[1]}.test" in rows and place not in self.called:
                    self.called[place] = folder
                    self._use(place, rows)
        self.readers: dict[str, set[Place]] = {}
        """By file from the root: who opened it or asked for it."""
        self.opened: dict[str, set[Place]] = {}
        self.green: set[Place] = set()
        self.seconds: dict[Place, float] = {}
        self.kept = Kept(clone.folder / "outcomes.jsonl")
        version = clone.go(["env", "GOVERSION"], clone.root).stdout.decode().strip()
        head = clone.git("rev-parse", "HEAD")
        self.setting = digest(version, head, prefix, clone.setting, tuple(wrap))

    def _use(self, place: Place, rows: Mapping[str, dict[str, object]]) -> None:
        root = self.clone.root.resolve()
        for one in closure(f"{place[1]}.test", rows):
            row = rows[one]
            folder = PurePosixPath(str(row.get("Dir", "/")))
            if not folder.is_relative_to(root) or one.endswith(".test"):
                continue
            for kind in _FILES:
                names = row.get(kind)
                for name in names if isinstance(names, list) else ():
                    if not str(name).startswith("/"):
                        path = (folder.relative_to(root) / str(name)).as_posix()
                        self.users.setdefault(path, set()).add(place)

    def run(self, places: Iterable[Place], *flags: str) -> Outcome:
        """Their tests, a call for each module."""
        outcome = Outcome()
        by_folder: dict[str, list[Place]] = {}
        for place in sorted(places):
            by_folder.setdefault(self.called[place], []).append(place)
        for folder, group in by_folder.items():
            extra = {"GOWORK": "off"} if self.folders[folder] else {}
            argv = ["test", "-json", "-vet=off", "-p=2", f"-timeout={TIMEOUT}", *flags]
            argv += [*self.clone.setting.flags, *(path for _, path in group)]
            done = self.clone.go(argv, self.clone.root / folder, wrap=self.wrap, **extra)
            _fold(done.stdout.decode(errors="replace"), {p[1]: p for p in group}, outcome)
        return outcome

    def again(self) -> None:
        """As ``learn``; from what was kept, where this commit was learned before."""
        row = self.kept.rows.get(self.setting)
        if row is None:
            self.learn()
            told = [[file, *place] for file, places in self.readers.items() for place in places]
            opened = [[file, *place] for file, places in self.opened.items() for place in places]
            green = [[*place, str(self.seconds[place])] for place in sorted(self.green)]
            row = {"readers": told, "opened": opened, "green": green}
            self.kept.add(self.setting, row)
        for known, rows in ((self.readers, row["readers"]), (self.opened, row["opened"])):
            for file, module, path in rows:
                known.setdefault(file, set()).add((module, path))
        self.seconds = {(module, path): float(s) for module, path, s in row["green"]}
        self.green = set(self.seconds)

    def learn(self) -> None:
        """Run everything twice; the first time with a log of the files that it opens."""
        logs = self.clone.folder / "logs"
        logs.mkdir(exist_ok=True)
        for old in logs.iterdir():
            old.unlink()
        program = self.clone.folder / "logged.sh"
        program.write_text(
            f"#!/bin/sh\nname=$(pwd | tr / +)\nbinary=$1\nshift\n"
            f'exec "$binary" -test.testlogfile={shlex.quote(str(logs))}/"$name" "$@"\n'
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        first = self.run(self.called, f"-exec={program}")
        for file in logs.iterdir():
            self._read(file)
        second = self.run(first.passed, "-count=1")
        self.green = second.passed
        self.seconds = second.seconds
        self.clone.checkout(self.clone.git("rev-parse", "HEAD"))

    def _read(self, log: Path) -> None:
        root = str(self.clone.root.resolve())
        folder = PurePosixPath(log.name.replace("+", "/"))
        dirs = {str(Path(root, m, "x").parent): m for m, _ in self.called}
        owner = next((p for p in self.called if self.folder(p) == str(folder)), None)
        if owner is None or not dirs:
            return
        here = folder
        for line in log.read_text(errors="replace").splitlines():
            word, _, name = line.partition(" ")
            path = PurePosixPath(_normal(str(here / name)))
            if word == "chdir":
                here = path
            elif word in ("open", "stat") and path.is_relative_to(root):
                name = path.relative_to(root).as_posix()
                self.readers.setdefault(name, set()).add(owner)
                if word == "open":
                    self.opened.setdefault(name, set()).add(owner)

    def changed(self, change: tuple[object, ...], places: Iterable[Place], *flags: str) -> Outcome:
        """``run`` in a work tree with a change, or what came of it when it was run before."""
        group = sorted(places)
        key = digest(self.setting, change, tuple(group), flags)
        if key not in self.kept.rows:
            ran = self.run(group, *flags)
            self.kept.add(
                key, {word: [list(p) for p in sorted(getattr(ran, word))] for word in _WORDS}
            )
        row = self.kept.rows[key]
        failed, passed, broken = ({(m, p) for m, p in row[word]} for word in _WORDS)
        return Outcome(failed=failed, passed=passed, broken=broken)

    def folder(self, place: Place) -> str:
        """Where a test package lies; absolute."""
        row = self.known.rows[self.called[place]].get(place[1], {})
        return str(row.get("Dir", ""))

    def outside(self, inside: set[Place], count: int, dice: random.Random) -> set[Place]:
        """Some other green packages, quick ones."""
        others = [p for p in sorted(self.green - inside) if self.seconds.get(p, 99) < 5]
        return set(dice.sample(others, min(count, len(others))))

    def quick(self, places: Iterable[Place], count: int, dice: random.Random) -> set[Place]:
        """At most so many of the green ones that take less than 20 seconds."""
        found = [p for p in sorted(set(places) & self.green) if self.seconds.get(p, 99) < 20]
        return set(found if len(found) <= count else dice.sample(found, count))


def _normal(path: str) -> str:
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def _fold(stream: str, known: Mapping[str, Place], outcome: Outcome) -> None:
    for line in stream.splitlines():
        if not line.startswith("{"):
            continue
        event = json.loads(line)
        place = known.get(event.get("Package", ""))
        if place is None or event.get("Test"):
            continue
        if event.get("Action") in ("pass", "skip"):
            outcome.passed.add(place)
            outcome.seconds[place] = float(event.get("Elapsed", 0))
        elif event.get("Action") == "fail":
            outcome.failed.add(place)
            if event.get("FailedBuild"):
                outcome.broken.add(place)
