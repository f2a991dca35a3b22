"""How fast `gomanager scope` answers: against `go list`, against gta, and as a repository grows.

    python benchmarks/scope_speed.py [--rounds N] [--gta BINARY] [--base REF]
                                     [--sizes FILES …] [REPOSITORY]

Each is a whole process. Cold is without our caches; the caches of Go are left to Go. The answer is
compared as well: it must not depend on a cache. Without a repository one of 10,000 files is
generated. gta is github.com/digitalocean/gta, built by whoever measures.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from sidebyside import GOMANAGER, Command, in_turn, middle, show
from startup import generate

TARGET_WARM_MS = 150
TARGET_COLD_MS = 500
TARGET_TIMES_GTA = 10
GENERATED_FILES = 10_000
SIZES = (1_000, 5_000, 10_000, 20_000)
COLD, WARM = "gomanager scope, cold", "gomanager scope, warm"
LIST, GTA = "go list -deps -test", "gta"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--gta", type=Path, help="the binary of digitalocean/gta")
    parser.add_argument("--base", default="HEAD~1", help="compare with this (default: HEAD~1)")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="Go files, for growth")
    parser.add_argument("repository", nargs="?", type=Path)
    given = parser.parse_args()
    if shutil.which("git") is None:
        sys.exit("scope_speed: git is missing")
    with tempfile.TemporaryDirectory(prefix="gomanager-scope-") as folder:
        cache = Path(folder) / "cache"
        root = given.repository or generated(Path(folder), GENERATED_FILES)
        beside(root.resolve(), cache, given.base, given.gta, given.rounds)
        if given.sizes:
            growth(Path(folder), cache, given.sizes, given.rounds)


def generated(folder: Path, files: int) -> Path:
    """A repository of so many Go files, the last commit a change of one."""
    root = folder / f"files{files}"
    if not root.exists():
        root.mkdir()
        generate(root, files)
    return root


def beside(root: Path, cache: Path, base: str, gta: Path | None, rounds: int) -> None:
    """The table of one repository, and how many times faster the answer is."""
    commands = ours(root, cache, base)
    same_answer(commands, cache)
    commands += peers(root, base, gta)
    times = in_turn(commands, rounds)
    show(times, "ms")
    cold, warm = (middle(times, name) for name in (COLD, WARM))
    print(
        f"\n{go_files(root):,} Go files: {warm * 1000:.0f} ms warm, {cold * 1000:.0f} ms cold",
        end=" ",
    )
    print(f"(targets: {TARGET_WARM_MS} and {TARGET_COLD_MS} ms on {GENERATED_FILES:,})")
    for name in (LIST, GTA):
        if name in times:
            peer = middle(times, name)
            target = f" (target: at least {TARGET_TIMES_GTA} ×)" if name == GTA else ""
            print(f"{name}: {peer / warm:.1f} × warm, {peer / cold:.1f} × cold{target}")


def ours(root: Path, cache: Path, base: str) -> list[Command]:
    """Without our caches and with them."""
    env = {**os.environ, "XDG_CACHE_HOME": str(cache), "XDG_STATE_HOME": str(cache / "state")}
    env["XDG_DATA_HOME"] = str(cache / "data")
    argv = (*GOMANAGER, "scope", "--base", base)

    def forget() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    return [
        Command(name=COLD, argv=argv, cwd=root, env=env, before=forget),
        Command(name=WARM, argv=argv, cwd=root, env=env),
    ]


def same_answer(commands: Sequence[Command], cache: Path) -> None:
    """Say whether packages and reasons are the same, cold and then warm; stop if they are not."""
    answers = []
    shutil.rmtree(cache, ignore_errors=True)
    for command in commands:
        done = subprocess.run(
            command.argv, cwd=command.cwd, env=command.env, capture_output=True, check=False
        )
        if done.returncode:
            sys.exit(f"{command.name}: exit code {done.returncode}: {done.stderr.decode()}")
        answers.append((done.stdout, done.stderr))
    if answers[0] != answers[1]:
        sys.exit("scope_speed: the answer differs with and without caches")
    print(f"{len(answers[0][0].splitlines())} packages selected, the same cold and warm\n")


def peers(root: Path, base: str, gta: Path | None) -> list[Command]:
    """Those that are there and work on this repository; a line for each that does not."""
    if shutil.which("go") is None:
        print("go is missing: compared with nothing")
        return []
    found = [
        Command(name=LIST, argv=("go", "list", "-deps", "-test", "-json", "./..."), cwd=root),
    ]
    if gta is None:
        print("gta is not compared: --gta BINARY (go install github.com/digitalocean/gta/cmd/gta)")
    elif shutil.which(gta) is None:
        print(f"gta is not compared: {gta} is no program")
    else:
        found.append(Command(name=GTA, argv=(str(gta.resolve()), "-base", base), cwd=root))
    return [command for command in found if works(command)]


def works(command: Command) -> bool:
    """Whether it answers at all; a peer that fails quickly is not fast."""
    done = subprocess.run(command.argv, cwd=command.cwd, capture_output=True, check=False)
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        print(f"{command.name} is not compared: exit code {done.returncode}: {''.join(last)}")
    return done.returncode == 0


def growth(folder: Path, cache: Path, sizes: Sequence[int], rounds: int) -> None:
    """Time for each size; linear is a time for each file that does not rise."""
    print(f"\n{'Go files':>8} {'cold':>10} {'warm':>10} {'cold/file':>11} {'warm/file':>11}")
    for files in sizes:
        times = in_turn(ours(generated(folder, files), cache, "HEAD~1"), rounds)
        print(growth_line(files, times))


def growth_line(files: int, times: Mapping[str, Sequence[float]]) -> str:
    cold, warm = (middle(times, name) for name in (COLD, WARM))
    totals = " ".join(f"{seconds * 1e3:>7.0f} ms" for seconds in (cold, warm))
    each = " ".join(f"{seconds / files * 1e6:>8.1f} µs" for seconds in (cold, warm))
    return f"{files:>8,} {totals} {each}"


def go_files(root: Path) -> int:
    done = subprocess.run(
        ["git", "ls-files", "-z", "*.go"], cwd=root, capture_output=True, check=True
    )
    return done.stdout.count(b"\0")


if __name__ == "__main__":
    main()
