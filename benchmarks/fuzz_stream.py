"""Mutated streams: no exception but GomanagerError, no false green, nothing live in a report.

    python benchmarks/fuzz_stream.py --count 1000000 [--from N] [--seconds N] [--reports N]

Number N is always the same stream, so that a slice can go on where the last one stopped and what
was found can be had again with `--from N --count 1`. The streams are the recordings under tests/
with lines dropped, doubled, moved, cut and changed, and with hostile text in every field; some
are read as `go test -v` text and as JUnit XML. What must not be green is decided by
``fuzz_oracle``, which shares no code with gomanager. Every N-th stream is rendered in all report
formats. Exit 1 when something was found.
"""

import argparse
import json
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from fuzz_mutations import mutated
from fuzz_oracle import certain_red, certain_red_junit, certain_red_text
from recordings.recording import Recording, asked, recordings

from gomanager.errors import GomanagerError
from gomanager.gotest.archive import Recorded
from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.execution import Execution
from gomanager.gotest.source import read_recorded
from gomanager.pipeline.clock import utc_now
from gomanager.pipeline.replay import phase_of
from gomanager.report.build import build
from gomanager.report.formats import FORMATS
from gomanager.results import PhaseResult, Run, Verdict

WAYS = ("stream",) * 12 + ("replay",) * 4 + ("text",) * 3 + ("junit",)
"""How a stream is read: asked for, as a foreign recording, as text, as XML."""
LARGEST = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One input: bytes, what came with them, and why they must not be green."""

    way: str
    case: str
    data: bytes
    exit_code: int | None
    stderr: str
    asked: Asked
    red: str


def given(number: int, recorded: list[Recording], xml: dict[str, bytes]) -> Given:
    """Input ``number``."""
    chance = random.Random(number)
    one, way = chance.choice(recorded), chance.choice(WAYS)
    code = chance.choice((one.exit_code or 1, 0, 0, None if way != "stream" else 1))
    ask = asked(one.case, one.argv) if way == "stream" and chance.random() < 0.7 else Asked()
    match way:
        case "text":
            data = mutated(_as_text(one.stream), chance)
            red = certain_red_text(data)
        case "junit":
            data = mutated(xml[str(one)].replace(b"><", b">\n<"), chance)
            red = certain_red_junit(data)
        case _:
            data = mutated(one.stream, chance)
            red = certain_red(data, ask.packages)
    stderr = chance.choice((one.stderr, ""))
    red = f"exit code {code}" if code else red
    return Given(
        way=way, case=str(one), data=data, exit_code=code, stderr=stderr, asked=ask, red=red
    )


def _as_text(stream: bytes) -> bytes:
    """What `go test -v` would have printed."""
    lines = (json.loads(line) for line in stream.splitlines() if line.startswith(b"{"))
    return "".join(line.get("Output", "") for line in lines).encode()


def read(one: Given) -> PhaseResult:
    """The input as gomanager reads it."""
    folds: tuple[Fold, ...]
    if one.way == "stream":
        execution = Execution(one.asked)
        for at in range(0, len(one.data), 50_000):
            execution.feed(one.data[at : at + 50_000])
        folds = (execution.finish(one.exit_code, one.stderr),)
    else:
        folds = read_recorded([Recorded(name="input", data=one.data)], one.asked, one.exit_code)
    return phase_of(folds, one.exit_code)


def as_run(phase: PhaseResult) -> Run:
    """The phase as a run of its own, to be reported."""
    exit_code = {Verdict.GREEN: 0, Verdict.NOTHING: 0, Verdict.ERROR: 3}.get(phase.verdict, 1)
    return Run(
        uid="0" * 32,
        started=utc_now(),
        duration_ms=1,
        command=("gomanager", "replay"),
        verdict=phase.verdict,
        exit_code=exit_code,
        phases=(phase,),
    )


def wrong(one: Given, *, reported: bool) -> list[str]:
    """What is wrong with the reading of one input; raises what it should not."""
    try:
        phase = read(one)
    except GomanagerError:
        return []
    found = []
    if one.red and phase.verdict in (Verdict.GREEN, Verdict.NOTHING):
        found.append(f"{phase.verdict} in spite of {one.red}")
    if reported:
        from fuzz_outputs import broken

        found += broken(as_run(phase))
    return found


def documents(recorded: list[Recording]) -> dict[str, bytes]:
    """The recordings as JUnit XML, written by gomanager."""
    found = {}
    for one in recorded:
        execution = Execution(asked(one.case, one.argv))
        execution.feed(one.stream)
        run = as_run(phase_of([execution.finish(one.exit_code, one.stderr)], one.exit_code))
        found[str(one)] = FORMATS["junit"](build(run, ())).encode()
    return found


def numbers(options: argparse.Namespace) -> Iterator[int]:
    """Until the count or the time is used up."""
    until = time.monotonic() + options.seconds
    for number in range(options.first, options.first + options.count):
        if time.monotonic() > until:
            return
        yield number


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop then, whole")
    parser.add_argument("--reports", type=int, default=20, help="render every N-th (0: none)")
    parser.add_argument("--keep", type=Path, help="folder for inputs that were read wrongly")
    options = parser.parse_args()
    recorded = [one for one in recordings() if len(one.stream) < LARGEST]
    xml = documents(recorded)
    tally, found, reports, began = Counter[str](), 0, 0, time.monotonic()
    for number in numbers(options):
        one = given(number, recorded, xml)
        reported = bool(options.reports) and number % options.reports == 0
        reports += reported
        try:
            said = wrong(one, reported=reported)
        except Exception:  # the point of the program is to find any  # noqa: BLE001
            said = [traceback.format_exc()]
        tally["certainly red" if one.red else "open"] += 1
        if said:
            found += 1
            print(f"{number} ({one.case}, {one.way}): " + "\n  ".join(said), flush=True)
            if options.keep:
                (options.keep / f"{number}").write_bytes(one.data)
    took = time.monotonic() - began
    done = sum(tally.values())
    print(f"{done} streams from {options.first} in {took:.0f} s ({reports} rendered): "
          f"{tally['certainly red']} certainly red; {found} read wrongly")  # fmt: skip
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
