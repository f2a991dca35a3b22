"""What gomanager adds to the tests: `gomanager run` against bare `go test -json`.

    python benchmarks/overhead.py [--rounds N] [--packages N] [REPOSITORY [PACKAGES …]]

Both run the same packages with the same flags in turn. Without a repository a module is generated
whose tests print, calculate and sleep as tests do. Target: at most 3 % more.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from sidebyside import GOMANAGER, Command, in_turn, middle, show

TARGET_PCT = 3

_CODE = """package p{n}

// Sum is the work of a test.
func Sum(n int) int {{
	total := 0
	for i := 0; i < n; i++ {{
		total += i % 7
	}}
	return total
}}
"""
_TEST = """package p{n}

import (
	"fmt"
	"testing"
	"time"
)

func TestMany(t *testing.T) {{
	for i := 0; i < 60; i++ {{
		t.Run(fmt.Sprint("case", i), func(t *testing.T) {{
			t.Log("sum of case", i, "is", Sum(1_000_000))
			time.Sleep({sleep} * time.Millisecond)
		}})
	}}
}}
"""


def generate(root: Path, packages: int) -> None:
    """A module of so many packages, 60 cases each."""
    (root / "go.mod").write_text("module example.com/overhead\n\ngo 1.21\n")
    for number in range(packages):
        folder = root / f"p{number}"
        folder.mkdir()
        (folder / "p.go").write_text(_CODE.format(n=number))
        (folder / "p_test.go").write_text(_TEST.format(n=number, sleep=10 + number % 10))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--packages", type=int, default=24)
    parser.add_argument("repository", nargs="?", type=Path)
    parser.add_argument("patterns", nargs="*", default=["./..."])
    given = parser.parse_args()
    if shutil.which("go") is None:
        sys.exit("overhead: go is missing: https://go.dev/doc/install")
    with tempfile.TemporaryDirectory(prefix="gomanager-overhead-") as folder:
        root = given.repository
        if root is None:
            root = Path(folder) / "module"
            root.mkdir()
            generate(root, given.packages)
        measure(root, Path(folder), given.patterns or ["./..."], given.rounds)


def measure(root: Path, scratch: Path, patterns: list[str], rounds: int) -> None:
    """Print the table and the ratio."""
    flags = ["-count=1", "-timeout=15m", "-fullpath", "-v=test2json"]
    race = ["-race"] if shutil.which("gcc") or shutil.which("cc") else []
    codes = frozenset({0, 1})
    bare = Command(
        name="go test -json",
        argv=("go", "test", "-json", *race, *flags, *patterns),
        cwd=root,
        codes=codes,
    )
    phase = ("--all", "--phase", "unit-race", "--rerun-fails=0")
    out = ("--store", str(scratch / "history.db"), "--output", str(scratch / "report"))
    ours = Command(
        name="gomanager run",
        argv=(
            *GOMANAGER,
            "run",
            *phase,
            *out,
            *([] if patterns == ["./..."] else ["--", *patterns]),
        ),
        cwd=root,
        env={**os.environ, "NO_COLOR": "1"},
        codes=codes,
    )
    times = in_turn([bare, ours], rounds)
    show(times)
    ratio = middle(times, ours.name) / middle(times, bare.name)
    print(f"\nratio {ratio:.3f}: {(ratio - 1) * 100:+.1f} % (target: at most +{TARGET_PCT} %)")


if __name__ == "__main__":
    main()
