"""Commands run in turn, each several times, so that a busy machine is equally unfair to all."""

import compileall
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

GOMANAGER = (sys.executable, "-m", "gomanager")
SOURCES = Path(__file__).parent.parent / "gomanager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One contestant; ``codes`` are the exit codes that count as having done the work."""

    name: str
    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] | None = None
    codes: frozenset[int] = frozenset({0})
    before: Callable[[], None] = lambda: None
    """Called in front of each run, not timed."""


def seconds(command: Command) -> float:
    """Wall time of one run; output goes to files, as no reader may slow a writer down."""
    command.before()
    with Path("/dev/null").open("w") as null:
        began = time.perf_counter()
        done = subprocess.run(
            command.argv, cwd=command.cwd, env=command.env, stdout=null, stderr=null, check=False
        )
        took = time.perf_counter() - began
    if done.returncode not in command.codes:
        sys.exit(f"{command.name}: exit code {done.returncode}: {' '.join(command.argv)}")
    return took


def peak_megabytes(command: Command) -> float:
    """The largest resident size of one run and of the processes that it waited for."""
    with Path("/dev/null").open("w") as null:
        process = subprocess.Popen(
            command.argv, cwd=command.cwd, env=command.env, stdout=null, stderr=null
        )
        _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0  # it has been waited for
    return used.ru_maxrss / 1024


def in_turn(commands: Sequence[Command], rounds: int) -> dict[str, list[float]]:
    """Seconds of each round; one untimed round first fills the caches."""
    # As an installed program is, also where PYTHONDONTWRITEBYTECODE keeps Python from doing so.
    compileall.compile_dir(SOURCES, quiet=2)
    for command in commands:
        seconds(command)
    times: dict[str, list[float]] = {command.name: [] for command in commands}
    for number in range(rounds):
        order = commands if number % 2 == 0 else list(reversed(commands))
        for command in order:
            times[command.name].append(seconds(command))
    return times


def show(times: Mapping[str, Sequence[float]], unit: str = "s") -> None:
    """A line for each contestant: median, fastest, slowest."""
    factor = 1000 if unit == "ms" else 1
    width = max(len(name) for name in times)
    print(f"{'':{width}}  {'median':>10} {'min':>10} {'max':>10}  rounds")
    for name, found in times.items():
        numbers = (median(found), min(found), max(found))
        shown = " ".join(f"{number * factor:>7.1f} {unit:2}" for number in numbers)
        print(f"{name:{width}}  {shown}  {len(found)}")


def middle(times: Mapping[str, Sequence[float]], name: str) -> float:
    """The median of one contestant."""
    return median(times[name])
