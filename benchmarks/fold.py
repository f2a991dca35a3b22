"""The stream becomes a verdict and a JUnit file: `gomanager replay` against gotestsum.

    python benchmarks/fold.py [--shape NAME] [--rounds N] [--megabytes N]

Both read the same generated `go test -json` stream, whole processes, in turn. Target: at least
twice as fast. Shapes:

    mixed     50 packages in turn, cases with subtests and output, one failure in 2,000
    many      600,000 events: 50 packages of 2,000 short cases
    wide      one package of 40,000 subtests
    parallel  one package of 40,000 tests that all pause before the first goes on
    lines     four packages at a time, whose lines stand between each other's
    subtests  parallel subtests, 20 at a time, whose lines stand between each other's
    zone      many, with times that are not UTC
    line      one passing case that prints a line of 50 MB, in the pieces that go cuts it into
    whole     the same line as one event
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from sidebyside import GOMANAGER, Command, in_turn, middle, peak_megabytes, show

TARGET = 2
PACKAGES = 50
INSTALL = "go install gotest.tools/gotestsum@latest"
PIECE = 1024
"""go cuts what a test prints into pieces of so many bytes."""

Lines = Iterator[str]


def mixed(megabytes: int) -> Lines:
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
        yield from end(path, failed=path in failed)


def many(_: int) -> Lines:
    """Packages one after the other, as `go test -p=1` writes them."""
    rng = random.Random(7)
    for package in range(PACKAGES):
        path = f"example.com/fold/internal/package{package}"
        yield event("start", path)
        for number in range(2000):
            name = f"TestCase{number}"
            yield from begin(path, name, rng, lines=2)
            yield from done(path, name, "pass")
        yield from end(path, failed=False)


def wide(_: int) -> Lines:
    path = "example.com/fold/wide"
    yield event("start", path)
    yield from begin(path, "TestAll", random.Random(7), lines=0)
    for number in range(40_000):
        yield from begin(path, f"TestAll/case_{number}", random.Random(7), lines=0)
        yield from done(path, f"TestAll/case_{number}", "pass")
    yield from done(path, "TestAll", "pass")
    yield from end(path, failed=False)


def parallel(_: int) -> Lines:
    path = "example.com/fold/parallel"
    names = [f"TestCase{number}" for number in range(40_000)]
    yield event("start", path)
    for name in names:
        yield from begin(path, name, random.Random(7), lines=1)
        yield event("output", path, Test=name, Output=f"=== PAUSE {name}\n")
        yield event("pause", path, Test=name)
    for name in names:
        yield event("cont", path, Test=name)
        yield event("output", path, Test=name, Output=f"=== CONT  {name}\n")
        yield from done(path, name, "pass")
    yield from end(path, failed=False)


def lines(_: int) -> Lines:
    rng = random.Random(7)
    left = [_cases(f"example.com/fold/internal/package{n}", rng) for n in range(20)]
    while left:
        speaks = rng.choice(left[:4])
        some = list(islice(speaks, rng.choice([1, 1, 2, 4, 8, 30])))
        if not some:
            left.remove(speaks)
        yield from some


def _cases(path: str, rng: random.Random) -> Lines:
    yield event("start", path)
    for number in range(1000):
        yield from case(path, number, rng)
    yield from end(path, failed=False)


def subtests(_: int) -> Lines:
    rng = random.Random(7)
    path = "example.com/fold/subtests"
    yield event("start", path)
    for number in range(2000):
        root = f"TestCase{number}"
        names = [f"{root}/sub_{n}" for n in range(20)]
        yield from begin(path, root, rng, lines=1)
        for name in names:
            yield from begin(path, name, rng, lines=0)
            yield event("output", path, Test=name, Output=f"=== PAUSE {name}\n")
            yield event("pause", path, Test=name)
        for name in names:
            yield event("cont", path, Test=name)
            yield event("output", path, Test=name, Output=f"=== CONT  {name}\n")
        for name in rng.sample(names, len(names)):
            yield from done(path, name, "pass")
        yield from done(path, root, "pass")
    yield from end(path, failed=False)


def zone(megabytes: int) -> Lines:
    return (text.replace('789Z"', '789+02:00"', 1) for text in many(megabytes))


def line(_: int) -> Lines:
    yield from _line(PIECE)


def whole(_: int) -> Lines:
    yield from _line(50_000_000)


def _line(piece: int) -> Lines:
    path, name = "example.com/fold/line", "TestLine"
    yield event("start", path)
    yield event("run", path, Test=name)
    for _ in range(50_000_000 // piece):
        yield event("output", path, Test=name, Output="x" * piece)
    yield from done(path, name, "pass")
    yield from end(path, failed=False)


def case(path: str, number: int, rng: random.Random) -> Lines:
    """A test with three subtests, four lines of output each, in the order of Go ≥ 1.20."""
    root = f"TestCase{number}"
    failing = number % 2000 == 1999
    yield from begin(path, root, rng, lines=4)
    for n in range(3):
        yield from begin(path, f"{root}/sub_{n}", rng, lines=4)
        yield from done(path, f"{root}/sub_{n}", "fail" if failing and n == 2 else "pass")
    yield from done(path, root, "fail" if failing else "pass")


def begin(path: str, name: str, rng: random.Random, *, lines: int) -> Lines:
    yield event("run", path, Test=name)
    yield event("output", path, Test=name, Output=f"=== RUN   {name}\n")
    for n in range(lines):
        text = f"    case_test.go:{n + 10}: step {n} of {name}: {rng.random():.6f} done\n"
        yield event("output", path, Test=name, Output=text)


def done(path: str, name: str, word: str) -> Lines:
    shown = f"--- {word.upper()}: {name} (0.01s)\n"
    yield event("output", path, Test=name, Output=shown)
    yield event(word, path, Test=name, Elapsed=0.01)


def end(path: str, *, failed: bool) -> Lines:
    yield event("output", path, Output="FAIL\n" if failed else "PASS\n")
    yield event("fail" if failed else "pass", path, Elapsed=3.21)


def event(action: str, package: str, **more: object) -> str:
    """One line of the stream."""
    head = {"Time": "2026-01-05T09:00:00.123456789Z", "Action": action, "Package": package}
    return json.dumps({**head, **more}, separators=(",", ":")) + "\n"


SHAPES: dict[str, Callable[[int], Lines]] = {
    "mixed": mixed, "many": many, "wide": wide, "parallel": parallel, "lines": lines,
    "subtests": subtests, "zone": zone, "line": line, "whole": whole,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=100, help="of the mixed shape")
    parser.add_argument("--shape", choices=SHAPES, default="mixed")
    given = parser.parse_args()
    go_bin = os.environ.get("GOBIN") or str(Path.home() / "go" / "bin")
    peer = shutil.which("gotestsum") or shutil.which("gotestsum", path=go_bin)
    with tempfile.TemporaryDirectory(prefix="gomanager-fold-") as folder:
        file = Path(folder) / "stream.jsonl"
        with file.open("w") as out:
            events = sum(bool(out.write(text)) for text in SHAPES[given.shape](given.megabytes))
        print(f"{given.shape}: {events:,} events, {file.stat().st_size / 1e6:.0f} MB")
        measure(file, peer, given.rounds)


def measure(file: Path, peer: str | None, rounds: int) -> None:
    """Print the table and, with a peer, the ratio."""
    folder = file.parent
    junit = f"junit={folder / 'ours.xml'}"
    ours = Command(
        name="gomanager replay",
        argv=(*GOMANAGER, "replay", str(file), "--format", junit, "-qq"),
        cwd=folder,
        codes=frozenset({0, 1}),
    )
    if peer is None:
        print(f"gotestsum is not installed, nothing to compare with: {INSTALL}")
        show(in_turn([ours], rounds), unit="ms")
        return
    theirs = Command(
        name="gotestsum",
        argv=(peer, "--format", "pkgname", "--junitfile", str(folder / "theirs.xml"),
              "--raw-command", "--", "cat", str(file)),
        cwd=folder,
        codes=frozenset({0, 1, 3}),  # 3: a line is too long for it
    )  # fmt: skip
    times = in_turn([theirs, ours], rounds)
    show(times, unit="ms")
    ratio = middle(times, theirs.name) / middle(times, ours.name)
    peaks = [f"{one.name} {peak_megabytes(one):.0f} MB" for one in (theirs, ours)]
    print(f"peak memory: {', '.join(peaks)}")
    if refuses(theirs):
        print(f"\n{theirs.name} gives up at this line, so there is no ratio")
        return
    print(f"\ngomanager is {ratio:.1f} × as fast (target: at least {TARGET} ×)")


def refuses(peer: Command) -> bool:
    """Whether it left with the code that says so, instead of a result."""
    return subprocess.run(peer.argv, cwd=peer.cwd, capture_output=True, check=False).returncode == 3


if __name__ == "__main__":
    main()
