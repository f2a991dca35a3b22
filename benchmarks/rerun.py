"""Reruns: 20 failing leaves of one package, and failures that no rerun by name can explain.

    python benchmarks/rerun.py [--rounds N] [--race] [--leaves N]

Against `gotestsum --rerun-fails` on the same module, in turn, the fastest of some rounds. Each leaf
fails in its first process and passes in the next. Time of reruns is the time with them less the
time of the same failing run without. gomanager's includes the run of the whole package that stands
behind a pass by name. Target: at least 5 times faster.

Then packages that fail once as a whole, by os.Exit in a test or in TestMain, and that hide a
failure or nothing: green is right only where every test ended with a pass. Exit 1 when a verdict
of gomanager is wrong or the target is missed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sidebyside import GOMANAGER

TARGET = 5
INSTALL = "go install gotest.tools/gotestsum@latest"
_HEAD = """package {name}

import (
	"os"
	"path/filepath"
	"testing"
)

// first tells whether this is the first process that asks.
func first(name string) bool {{
	file, err := os.OpenFile(filepath.Join(os.Getenv("STATE"), name), os.O_CREATE|os.O_EXCL, 0o644)
	file.Close()
	return err == nil
}}
"""
_LEAF = """
func TestLeaf{n}(t *testing.T) {{
	if first("{n}") {{
		t.Error("the first time it fails")
	}}
}}
"""
_EXITS = """
func TestBefore(t *testing.T) {{}}

func TestExits(t *testing.T) {{
	if first("exit") {{
		os.Exit(1)
	}}
}}

func TestBehind(t *testing.T) {{
	{body}
}}
"""
_MAIN = """
func TestMain(m *testing.M) {{
	if first("main") {{
		os.Exit(1)
	}}
	os.Exit(m.Run())
}}

func TestBehind(t *testing.T) {{
	{body}
}}
"""
FAILS = 't.Error("a real failure")'
WHOLE = {
    "exit hides a failure": (_EXITS, FAILS, "red"),
    "exit hides nothing": (_EXITS, "", "green"),
    "TestMain hides a failure": (_MAIN, FAILS, "red"),
    "TestMain hides nothing": (_MAIN, "", "green"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One run: its seconds, its exit code, the ends of cases that it saw."""

    seconds: float
    code: int
    passed: frozenset[str]


class Bench:
    """A module, and how the two tools are started in it."""

    def __init__(self, root: Path, *, race: bool) -> None:
        self.root = root
        self.race = race
        (root / "go.mod").write_text("module example.com/rerun\n\ngo 1.21\n")
        unit = f'{{run: {{packages: ["..."], race: {str(race).lower()}}}, allow_flaky: true}}'
        (root / ".gomanager.yaml").write_text(f"version: 1\nphases:\n  unit: {unit}\n")

    def write(self, name: str, body: str) -> None:
        """A package of one test file."""
        (self.root / name).mkdir()
        text = _HEAD.format(name=name) + body
        (self.root / name / f"{name}_test.go").write_text(text)

    def commit(self) -> None:
        """gomanager asks git; the binaries are linked once, so that go has its cache."""
        identity = ("-c", "user.name=r", "-c", "user.email=r@example.com")
        for words in (("init", "-q"), ("add", "-A"), (*identity, "commit", "-qm", "all")):
            subprocess.run(["git", *words], cwd=self.root, check=True)
        race = ("-race",) if self.race else ()
        subprocess.run(
            ["go", "test", *race, "-run=^$", "./..."], cwd=self.root, check=False,
            env={**os.environ, "STATE": tempfile.gettempdir()}, capture_output=True,
        )  # fmt: skip

    def gomanager(self, package: str, reruns: int) -> Done:
        """A run of one package."""
        rerun = (f"--rerun-fails={reruns}", "--rerun-limit=100%")
        words = (*GOMANAGER, "run", "--phase=unit", "--no-store", "--no-ledger", "--json", *rerun)
        done, seconds = self._run(
            (*words, "--output", str(self.root / "out"), "--", f"./{package}")
        )
        phases = json.loads(done.stdout)["phases"]
        passed = {
            case["name"]
            for phase in phases for found in phase["packages"] for case in found["cases"]
            if any(attempt["outcome"] == "pass" for attempt in case["attempts"])
        }  # fmt: skip
        return Done(seconds=seconds, code=done.returncode, passed=frozenset(passed))

    def gotestsum(self, package: str, reruns: int) -> Done:
        """The same, its events kept."""
        events = self.root / "events.json"
        rerun = (f"--rerun-fails={reruns}", "--rerun-fails-max-failures=1000") if reruns else ()
        words = ("gotestsum", "--format=none", f"--jsonfile={events}", *rerun)
        race = ("-race",) if self.race else ()
        done, seconds = self._run((*words, f"--packages=./{package}", "--", "-count=1", *race))
        lines = map(json.loads, events.read_text().splitlines())
        passed = {line.get("Test", "") for line in lines if line.get("Action") == "pass"} - {""}
        return Done(seconds=seconds, code=done.returncode, passed=frozenset(passed))

    def _run(self, argv: Sequence[str]) -> tuple[subprocess.CompletedProcess[bytes], float]:
        with tempfile.TemporaryDirectory() as state:
            env = {**os.environ, "STATE": state, "CI": "", "GITHUB_ACTIONS": ""}
            began = time.perf_counter()
            done = subprocess.run(argv, cwd=self.root, env=env, capture_output=True, check=False)
            return done, time.perf_counter() - began


def leaves(bench: Bench, rounds: int, *, peer: bool) -> bool:
    """Time of the reruns of many leaves."""
    tools = {"gomanager": bench.gomanager, **({"gotestsum": bench.gotestsum} if peer else {})}
    times: dict[str, dict[int, list[float]]] = {name: {0: [], 1: []} for name in tools}
    for _ in range(rounds):
        for name, tool in tools.items():
            for reruns in (0, 1):
                done = tool("leaves", reruns)
                if bool(done.code) == bool(reruns):
                    sys.exit(f"{name} with {reruns} reruns: exit code {done.code}")
                times[name][reruns].append(done.seconds)
    best = {
        name: {reruns: min(one) for reruns, one in found.items()} for name, found in times.items()
    }
    for name, found in best.items():
        extra = found[1] - found[0]
        print(f"{name:10} {found[0]:6.2f} s without, {found[1]:6.2f} s with reruns: {extra:6.2f} s")
    if not peer:
        return True
    ours, theirs = (best[name][1] - best[name][0] for name in ("gomanager", "gotestsum"))
    whole = best["gotestsum"][1] / best["gomanager"][1]
    print(f"reruns {theirs / ours:.1f} times faster (target {TARGET}), whole job {whole:.1f} times")
    return theirs / ours >= TARGET


def whole(bench: Bench, *, peer: bool) -> bool:
    """Verdicts over packages that died once."""
    right = True
    for number, (title, (body, _, expected)) in enumerate(WHOLE.items()):
        tests = {
            line.split("(")[0][5:] for line in body.split("\n") if line.startswith("func Test")
        }
        tests -= {"TestMain"}
        for name in ("gomanager", *(("gotestsum",) if peer else ())):
            done = getattr(bench, name)(f"whole{number}", 1)
            said = "red" if done.code else "green"
            lost = sorted(tests - done.passed) if said == "green" else []
            fine = said == expected and not lost
            mark = "" if fine else " FALSE GREEN" if said == "green" else " needlessly red"
            print(f"{title:26} {name:10} {said:5} without a pass: {', '.join(lost) or '-'}{mark}")
            right &= fine or name != "gomanager"
    return right


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--leaves", type=int, default=20)
    parser.add_argument("--race", action="store_true")
    options = parser.parse_args()
    peer = shutil.which("gotestsum") is not None
    if not peer:
        print(f"gotestsum is not installed: {INSTALL}")
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), race=options.race)
        bench.write("leaves", "".join(_LEAF.format(n=n) for n in range(options.leaves)))
        for number, (body, behind, _) in enumerate(WHOLE.values()):
            bench.write(f"whole{number}", body.format(body=behind))
        bench.commit()
        fast = leaves(bench, options.rounds, peer=peer)
        right = whole(bench, peer=peer)
    return 0 if fast and right else 1


if __name__ == "__main__":
    raise SystemExit(main())
