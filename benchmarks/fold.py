"""The stream becomes a verdict and a JUnit file: `gomanager replay` against gotestsum.

    python benchmarks/fold.py [--rounds N] [--megabytes N]

Both read the same generated `go test -json` stream, whole processes, in turn. Target: at least
twice as fast.
"""

import argparse
import json
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sidebyside import GOMANAGER, Command, in_turn, middle, show

TARGET = 2
PACKAGES = 50
INSTALL = "go install gotest.tools/gotestsum@latest"


def stream(megabytes: int) -> Iterator[str]:
    """50 packages, cases with subtests and output, one failure in 2,000, packages interleaved."""
    rng = random.Random(7)
    left, number = megabytes * 1_000_000, 0
    paths = [f"example.com/fold/internal/package{n}" for n in range(PACKAGES)]
    failed: set[str] = set()
    for path in paths:
        yield event("start", path)
    while left > 0:
        path = paths[number % PACKAGES]
        lines = list(case(path, number, rng))
        if number % 2000 == 1999:
            failed.add(path)
        number += 1
        left -= sum(map(len, lines))
        yield from lines
    for path in paths:
        yield event("output", path, Output="FAIL\n" if path in failed else "PASS\n")
        yield event("fail" if path in failed else "pass", path, Elapsed=3.21)


def case(path: str, number: int, rng: random.Random) -> Iterator[str]:
    """A test with three subtests, four lines of output each."""
    root = f"TestCase{number}"
    names = [root, *(f"{root}/sub_{n}" for n in range(3))]
    failing = names[-1] if number % 2000 == 1999 else None
    for name in names:
        yield event("run", path, Test=name)
        yield event("output", path, Test=name, Output=f"=== RUN   {name}\n")
        for line in range(4):
            text = f"    case_test.go:{line + 10}: step {line} of {name}: {rng.random():.6f} done\n"
            yield event("output", path, Test=name, Output=text)
    for name in reversed(names):
        word = "fail" if failing is not None and name in (failing, root) else "pass"
        shown = f"--- {word.upper()}: {name} (0.01s)\n"
        yield event("output", path, Test=name, Output=shown)
        yield event(word, path, Test=name, Elapsed=0.01)


def event(action: str, package: str, **more: object) -> str:
    """One line of the stream."""
    head = {"Time": "2026-01-05T09:00:00.123456789Z", "Action": action, "Package": package}
    return json.dumps({**head, **more}, separators=(",", ":")) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=100)
    given = parser.parse_args()
    go_bin = os.environ.get("GOBIN") or str(Path.home() / "go" / "bin")
    peer = shutil.which("gotestsum") or shutil.which("gotestsum", path=go_bin)
    with tempfile.TemporaryDirectory(prefix="gomanager-fold-") as folder:
        file = Path(folder) / "stream.jsonl"
        with file.open("w") as out:
            events = sum(bool(out.write(line)) for line in stream(given.megabytes))
        print(f"{events:,} events, {file.stat().st_size / 1e6:.0f} MB, {PACKAGES} packages")
        measure(file, peer, given.rounds)


def measure(file: Path, peer: str | None, rounds: int) -> None:
    """Print the table and, with a peer, the ratio."""
    folder = file.parent
    junit = f"junit={folder / 'ours.xml'}"
    ours = Command(
        name="gomanager replay",
        argv=(*GOMANAGER, "replay", str(file), "--format", junit, "-qq"),
        cwd=folder,
        codes=frozenset({1}),
    )
    if peer is None:
        print(f"gotestsum is not installed, nothing to compare with: {INSTALL}")
        show(in_turn([ours], rounds))
        return
    theirs = Command(
        name="gotestsum",
        argv=(peer, "--format", "pkgname", "--junitfile", str(folder / "theirs.xml"),
              "--raw-command", "--", "cat", str(file)),
        cwd=folder,
        codes=frozenset({0, 1}),
    )  # fmt: skip
    times = in_turn([theirs, ours], rounds)
    show(times)
    ratio = middle(times, theirs.name) / middle(times, ours.name)
    print(f"\ngomanager is {ratio:.1f} × as fast (target: at least {TARGET} ×)")


if __name__ == "__main__":
    main()
