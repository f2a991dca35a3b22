"""How long the user waits before anything happens: `--version`, and `scope` on 1,000 files.

    python benchmarks/startup.py [--rounds N] [--files N]

Against `python -c pass` in turn. Targets: `--version` at most 60 ms above it, `scope` as a whole
process at most 300 ms, with the header cache and without.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from sidebyside import GOMANAGER, Command, in_turn, middle, show

TARGET_VERSION_MS = 60
TARGET_SCOPE_MS = 300
PER_PACKAGE = 10


def generate(root: Path, files: int) -> None:
    """A repository of so many Go files on a branch with one changed file."""
    (root / "go.mod").write_text("module example.com/startup\n\ngo 1.21\n")
    for number in range(files // PER_PACKAGE):
        folder = root / "internal" / f"p{number}"
        folder.mkdir(parents=True)
        used = f'import _ "example.com/startup/internal/p{number // 2}"\n\n' if number else ""
        for file in range(PER_PACKAGE - 1):
            (folder / f"f{file}.go").write_text(
                f"package p{number}\n\n{used}// F{file} does nothing.\n"
                f"func F{file}() int {{\n\treturn {file}\n}}\n"
            )
        (folder / "p_test.go").write_text(
            f'package p{number}\n\nimport "testing"\n\nfunc TestF(t *testing.T) {{ F0() }}\n'
        )
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "main")
    git(root, "checkout", "-q", "-b", "branch")
    changed = root / "internal" / "p3" / "f0.go"
    changed.write_text(changed.read_text() + "\n// One more line.\n")
    git(root, "commit", "-q", "-a", "-m", "change")


def git(root: Path, *arguments: str) -> None:
    names = ("-c", "user.name=b", "-c", "user.email=b@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *names, *arguments], cwd=root, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--files", type=int, default=1000)
    given = parser.parse_args()
    if shutil.which("git") is None:
        sys.exit("startup: git is missing")
    with tempfile.TemporaryDirectory(prefix="gomanager-startup-") as folder:
        root, cache = Path(folder) / "repository", Path(folder) / "cache"
        root.mkdir()
        generate(root, given.files)
        measure(root, cache, given.rounds, given.files)


def measure(root: Path, cache: Path, rounds: int, files: int) -> None:
    """Print the table and the differences."""
    env = {**os.environ, "XDG_CACHE_HOME": str(cache), "XDG_STATE_HOME": str(cache / "state")}
    env["XDG_DATA_HOME"] = str(cache / "data")

    def forget() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    commands = [
        Command(name="python -c pass", argv=(sys.executable, "-c", "pass"), cwd=root, env=env),
        Command(name="gomanager --version", argv=(*GOMANAGER, "--version"), cwd=root, env=env),
        Command(name="gomanager scope, cold", argv=(*GOMANAGER, "scope"), cwd=root, env=env,
                before=forget),
        Command(name="gomanager scope, warm", argv=(*GOMANAGER, "scope"), cwd=root, env=env),
    ]  # fmt: skip
    times = in_turn(commands, rounds)
    show(times, "ms")
    empty, version, cold, warm = (middle(times, command.name) * 1000 for command in commands)
    print(f"\n--version: {version - empty:+.0f} ms above an empty Python,", end=" ")
    print(f"{version / empty:.1f} × (target: at most +{TARGET_VERSION_MS} ms)")
    print(f"scope on {files:,} files: {warm:.0f} ms warm, {cold:.0f} ms cold,", end=" ")
    print(f"{warm / empty:.1f} × an empty Python (target: at most {TARGET_SCOPE_MS} ms)")


if __name__ == "__main__":
    main()
