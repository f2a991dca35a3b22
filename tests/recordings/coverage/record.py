"""Records the profiles of tests/projects/coverage again.

``record.py PATH/TO/GO…`` writes go1.27.3.set.out and go1.27.3.atomic.out for each toolchain.
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent / "projects" / "coverage"


def record(go: str) -> None:
    """Both modes of one toolchain; tests run package by package, so the order is stable."""
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOWORK": "off"}
    asked = subprocess.run([go, "env", "GOVERSION"], capture_output=True, check=True, text=True)
    version = asked.stdout.strip()
    for mode in ("set", "atomic"):
        target = HERE / f"{version}.{mode}.out"
        flags = ["-p=1", "-count=1", "-vet=off", f"-covermode={mode}", "-coverpkg=./..."]
        command = [go, "test", *flags, f"-coverprofile={target}", "./..."]
        subprocess.run(command, cwd=PROJECT, env=environment, check=True)


if __name__ == "__main__":
    for toolchain in sys.argv[1:]:
        record(toolchain)
