"""kill -9 at random moments of a real run: what is kept, what is left running, what is said.

    python benchmarks/kill9.py [--kills N] [--from N] [--near] [--seconds N]

A module of three packages, about ten seconds of tests, is run again and again, each time with a
fresh history, and gomanager is killed at a moment between its start and its end. Every other time
all processes of the run are killed with it, as a CI or the kernel does. Then the next run must
say what it recovered, and:

    finished    every case that had ended when the kill came has its outcome in the history, once;
                where go test was left alive that is every case, as it runs on to its end
    orphans     no process of the run lives on
    accused     no case is stored as failed
    verdict     every run has one, and no temporary folder of the killed run is left

Every third kill comes near the end: behind the moment in which the phase is stored, and before, at
or after the verdict. Kill N is the same moment again. Exit 1 when one of them did not hold.
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sidebyside import GOMANAGER

from gomanager.results import Outcome, Verdict
from gomanager.store.sqlite import SqliteStore

PACKAGES, CASES, MILLISECONDS = 3, 40, 80
NEAR_SECONDS = 0.25
"""From the stored phase to the end of the process it takes about as long."""
MARK = "GOMANAGER_KILL9"
ENDED = re.compile(rb'"Action":"pass","Package":"[^"]*/(p\d)","Test":"(TestAll\d/case\d+)"')
_TEST = """package p{n}

import (
	"fmt"
	"testing"
	"time"
)

func TestAll{n}(t *testing.T) {{
	for i := range {cases} {{
		t.Run(fmt.Sprint("case", i), func(t *testing.T) {{ time.Sleep({ms} * time.Millisecond) }})
	}}
}}
"""
_QUICK = 'package quick\n\nimport "testing"\n\nfunc TestQuick(t *testing.T) {}\n'
_CONFIG = 'version: 1\nphases:\n  unit: {run: {packages: ["..."], race: false}}\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One of them, and what was wrong afterwards."""

    number: int
    after: float
    everything: bool
    when: str
    said: str
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        what = "all processes" if self.everything else "gomanager"
        wrong = f" WRONG: {'; '.join(self.wrong)}" if self.wrong else ""
        return f"{self.number}: {what} after {self.after:.2f} s, {self.when}; {self.said}{wrong}"


def write_module(root: Path) -> None:
    """The module, as a repository with one commit."""
    (root / "go.mod").write_text("module example.com/kill\n\ngo 1.24\n")
    (root / ".gomanager.yaml").write_text(_CONFIG)
    files = {f"p{n}": _TEST.format(n=n, cases=CASES, ms=MILLISECONDS) for n in range(PACKAGES)}
    for name, text in {**files, "quick": _QUICK}.items():
        (root / name).mkdir()
        (root / name / f"{name}_test.go").write_text(text)
    identity = ("-c", "user.name=k", "-c", "user.email=k@example.com")
    for words in (("init", "-q"), ("add", "-A"), (*identity, "commit", "-qm", "all")):
        subprocess.run(["git", *words], cwd=root, check=True)
    subprocess.run(["go", "test", "-run=^$", "./..."], cwd=root, check=True, capture_output=True)


def command(place: Path, *packages: str) -> tuple[str, ...]:
    store = ("--store", str(place / "h.db"), "--output", str(place / "report"))
    return (*GOMANAGER, "run", "--phase=unit", *store, "--no-ledger", "--", *packages)


def living(mark: str) -> list[int]:
    """Processes that inherited the mark of a run, zombies excepted."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            marked = f"{MARK}={mark}\0".encode() in (path / "environ").read_bytes() + b"\0"
            zombie = (path / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except (OSError, IndexError):
            continue
        if marked and not zombie:
            found.append(int(path.name))
    return found


def kill_marked(mark: str) -> None:
    for pid in living(mark):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def ended(place: Path) -> set[tuple[str, str]]:
    """(package, case) of every end that the journals hold."""
    found: set[tuple[str, str]] = set()
    for journal in (place / "journal").glob("*.jsonl"):
        for package, name in ENDED.findall(journal.read_bytes()):
            found.add((package.decode(), name.decode()))
    return found


def stored(place: Path) -> dict[tuple[str, str], list[Outcome]]:
    """(package, case) → outcomes in the history, for cases that have any."""
    found = {}
    if (place / "h.db").exists():
        with SqliteStore(place / "h.db", write=False) as store:
            for n in range(PACKAGES):
                for i in range(CASES):
                    name = f"TestAll{n}/case{i}"
                    found[f"p{n}", name] = [past.outcome for past in store.history(name)]
    return {key: outcomes for key, outcomes in found.items() if outcomes}


def without_verdict(place: Path) -> tuple[str, ...]:
    """Runs that were killed before they had one."""
    if not (place / "h.db").exists():
        return ()
    with SqliteStore(place / "h.db", write=False) as store:
        return store.unfinished()


def wait_for_end(mark: str, seconds: float) -> list[int]:
    """What still lives then."""
    until = time.monotonic() + seconds
    while (left := living(mark)) and time.monotonic() < until:
        time.sleep(0.1)
    return left


def wait_for_phase(child: "subprocess.Popen[bytes]", place: Path) -> None:
    """Until the store holds the result of the phase, or gomanager is gone."""
    select = "SELECT count(*) FROM phase_results"
    while child.poll() is None:
        time.sleep(0.002)
        try:
            with closing(sqlite3.connect(f"file:{place}/h.db?mode=ro", uri=True)) as database:
                if database.execute(select).fetchone()[0]:
                    return
        except sqlite3.Error:
            continue


def judge(place: Path, due: set[tuple[str, str]], killed: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with the history after the next run."""
    after = stored(place)
    lost = [name for name in due if Outcome.PASS not in after.get(name, ())]
    if lost:
        yield f"{len(lost)} finished cases lost, {lost[0]} for one"
    double = [name for name, outcomes in after.items() if len(outcomes) > 1]
    if double:
        yield f"{len(double)} cases stored twice, {double[0]} for one"
    bad = [name for name, outcomes in after.items() if Outcome.FAIL in outcomes]
    if bad:
        yield f"{len(bad)} cases accused, {bad[0]} for one"
    with SqliteStore(place / "h.db", write=False) as store:
        if without := store.unfinished():
            yield f"{len(without)} runs without a verdict"
        if any(store.run(uid).verdict is Verdict.GREEN for uid in killed):
            yield "a killed run is green"
    if folders := [f for f in (place / "tmp").glob("gomanager-*") if f.is_dir()]:
        yield f"{len(folders)} temporary folders left, {folders[0].name} for one"
    if strays := list((place / "journal").glob("*")):
        yield f"{len(strays)} files left beside the store, {strays[0].name} for one"


def once(root: Path, number: int, length: float, *, near: bool = False) -> Kill:
    """One run, one kill, the next run."""
    chance = random.Random(number)
    after, everything, mark = chance.uniform(0, length), number % 2 == 1, f"{os.getpid()}-{number}"
    near |= number % 3 == 2
    place = Path(tempfile.mkdtemp(prefix="kill9-"))
    (place / "tmp").mkdir()
    env = {**os.environ, MARK: mark, "CI": "", "GITHUB_ACTIONS": "", "TMPDIR": str(place / "tmp")}
    packages = [f"./p{n}" for n in range(PACKAGES)]
    child = subprocess.Popen(
        command(place, *packages), cwd=root, env=env, stdout=-3, stderr=-3, start_new_session=True
    )
    if near:
        after = NEAR_SECONDS * chance.random() ** 2
        wait_for_phase(child, place)
    try:
        child.wait(after)
        when = "it had ended"
    except subprocess.TimeoutExpired:
        when = "it ran"
    child.kill()
    child.wait()
    if everything:
        kill_marked(mark)
    begun = bool(list((place / "journal").glob("*.jsonl")))
    due = ended(place) | set(stored(place))
    left = wait_for_end(mark, 30)
    due |= ended(place)
    kill_marked(mark)
    killed = without_verdict(place)
    again = subprocess.run(
        command(place, "./quick"),
        cwd=root,
        env={**env, MARK: "-"},
        capture_output=True,
        text=True,
        check=False,
    )
    wrong = [
        *judge(place, due, killed),
        *([f"{len(left)} processes lived on: {left}"] if left else []),
    ]
    said = "".join(re.findall(r"[^\n]*recovered[^\n]*", again.stderr + again.stdout)[:1]).strip()
    when += " near its end" if near and when == "it ran" else ""
    if begun and when.startswith("it ran") and not said and due - set(stored(place)):
        wrong.append("the next run says nothing")
    if again.returncode:
        wrong.append(f"the next run left with {again.returncode}: {again.stderr[-300:]}")
    shutil.rmtree(place)
    when += f", {len(due)} cases had ended"
    return Kill(
        number=number, after=after, everything=everything, when=when,
        said=f"next run: {said or 'nothing to recover'}", wrong=tuple(wrong),
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--near", action="store_true", help="all of them near the end")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop then, whole")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_module(root)
        place = root / "first"
        began = time.monotonic()
        subprocess.run(command(place, "./..."), cwd=root, check=True, capture_output=True)
        length = 1.05 * (time.monotonic() - began)
        print(f"a run takes {length / 1.05:.1f} s", flush=True)
        tally, until = Counter[str](), time.monotonic() + options.seconds
        for number in range(options.first, options.first + options.kills):
            if time.monotonic() > until:
                break
            kill = once(root, number, length, near=options.near)
            print(kill, flush=True)
            tally["kills"] += 1
            tally["wrong"] += bool(kill.wrong)
            tally["recovered"] += "recovered" in kill.said
            tally["near the end"] += "near its end" in kill.when
            tally["without verdict before"] += "before its verdict" in kill.said
    print(json.dumps(tally))
    return 1 if tally["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
