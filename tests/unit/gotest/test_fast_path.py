"""Output taken in pieces and cases taken whole give the fold that single lines give."""

import json
import random
import re
from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from recordings.recording import Recording, asked, recordings

from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.events import unglued
from gomanager.gotest.execution import Execution
from gomanager.results import CaseEnded, Progress

RECORDED = recordings()
OUTPUT = re.compile(
    rb'\{"Time":"[0-9T:.Z+-]{12,50}","Action":"output",'
    rb'("Package":"[^"\n]*","Test":"(?:[^"\\\n]|\\.)*"),"Output":'
)
CASES = ("TestA", "TestA/x", "TestA/x/y", "TestB", 'TestB/"q"', "TestB/ü", "BenchmarkC")
ENDINGS = ("", "", "/x", "/z", "1", "2", "3", "4")
TEXTS = (
    "=== RUN   TestA\n", "    --- PASS: TestA/x (0.00s)\n", "--- PASS: TestB (0.00s)\n", "x",
    "    a_test.go:7: no\n", "panic: oh\n", "ok  \tp\t0.1s\n", "level=warning msg=low\n",
    '{"Time":"2026-01-01T00:00:00Z","Action":"fail","Package":"p","Test":"TestA"}\n',
)  # fmt: skip


class LineByLine(Execution):
    """The reference: every line is looked at for itself."""

    def _read(self, data: bytes) -> None:
        for line in unglued(data).split(b"\n")[:-1]:
            output = OUTPUT.match(line)
            append = self._folding.appends.get(output[1]) if output else None
            if append is not None:
                self._note_warnings(line)
                append(line)
            else:
                self._take_line(line)


def heard(execution: type[Execution], blocks: list[bytes], ask: Asked) -> tuple[Fold, list[object]]:
    """The fold, and what a listener was told on the way."""
    told: list[Progress] = []
    reader = execution(ask, told.append)
    for block in blocks:
        reader.feed(block)
    fold = reader.finish(1)
    fold = replace(fold, anomalies=tuple(sorted(fold.anomalies)))
    told.sort(key=lambda one: one.package)
    return fold, [(one.name, one.outcome) if isinstance(one, CaseEnded) else one for one in told]


def compare(stream: bytes, cuts: list[int], ask: Asked) -> None:
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    blocks = [stream[begin:end] for begin, end in pairwise(edges)]
    assert heard(Execution, blocks, ask) == heard(LineByLine, blocks, ask)


def line(action: str, package: str, case: str, at: float = 0, **more: object) -> str:
    time = f"2026-01-05T09:{int(at // 60):02}:{at % 60:012.9f}Z"
    head = {"Time": time, "Action": action, "Package": package}
    test = {"Test": case} if case else {}
    return json.dumps({**head, **test, **more}, separators=(",", ":"), ensure_ascii=False)


def shaken(lines: list[str], chance: random.Random) -> bytes:
    """A few lines lost, doubled, moved, glued, given other line ends or a foreign byte."""
    for _ in range(chance.randint(0, 4) if lines else 0):
        at = chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                lines[at] = ""
            case 1:
                lines.insert(at, lines[chance.randrange(len(lines))])
            case 2:
                lines.insert(chance.randrange(len(lines)), lines.pop(at))
            case 3:
                lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
            case 4:
                lines[at] += "\r"
            case _:
                cut = chance.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:cut] + chance.choice('\n"\\{x,') + lines[at][cut:]
    return "".join(f"{text}\n" * (chance.random() > 0.02) or text for text in lines).encode()


def program(chance: random.Random) -> list[str]:
    """What go writes about two packages, more or less in its order, in a few minutes."""
    lines, at = [], chance.uniform(0, 120)
    for _ in range(chance.randint(1, 12)):
        package, name = chance.choice("pq"), chance.choice(CASES)
        at += chance.choice([0, 0.0005, 0.1, 20])
        if chance.random() < 0.5:
            lines += whole(package, f"{name}{chance.choice(ENDINGS)}", at, chance)
            continue
        if chance.random() < 0.3:
            lines += parallel(package, at, chance)
            continue
        if chance.random() < 0.5:
            lines += mixed([list(tree(one, name, at, chance)) for one in "pq"], chance)
            continue
        lines += [line("run", package, name, at)] * (chance.random() < 0.95)
        for _ in range(chance.randint(0, 4)):
            lines.append(line("output", package, name, at, Output=chance.choice(TEXTS)))
            if chance.random() < 0.2:
                lines.append(line("output", chance.choice("pq"), "", at, Output="PASS\n"))
            if chance.random() < 0.1:
                lines.append(line("run", package, f"{name}/more", at))
        word = chance.choice(["pass", "pass", "pass", "fail", "skip", "pause"])
        lines += [line(word, package, name, at, Elapsed=0.01)] * (chance.random() < 0.9)
    for package in "pq":
        lines += [line("output", package, "", at, Output="PASS\n")] * (chance.random() < 0.8)
        lines += [line(chance.choice(["pass", "fail"]), package, "", at, Elapsed=chance.random())]
    return [line("start", package, "") for package in "pq"] * (chance.random() < 0.9) + lines


def mixed(streams: list[list[str]], chance: random.Random) -> Iterator[str]:
    """Packages that speak in turn, a few lines each."""
    longest = chance.choice([1, 3, 20])
    while any(streams):
        stream = chance.choice([one for one in streams if one])
        count = chance.randint(1, longest)
        yield from stream[:count]
        del stream[:count]


def tree(package: str, name: str, at: float, chance: random.Random) -> Iterator[str]:
    """A test with subtests, of which some have subtests too; hardly one does not pass."""
    yield line("run", package, name, at)
    yield line("output", package, name, at, Output=f"=== RUN   {name}\n")
    for number in range(chance.randint(0, 3)):
        if chance.random() < 0.3:
            yield line("output", package, name, at, Output=chance.choice(TEXTS))
        below = f"{name}/{chance.choice(['', 'x/'])}{number}"
        if chance.random() < 0.3 and name.count("/") < 3:
            yield from tree(package, below, at, chance)
        elif chance.random() < 0.9:
            yield from whole(package, below, at, chance)
        else:
            yield from parallel(package, at, chance)
        at += chance.choice([0, 0.01, 20])
    word = chance.choice(["pass"] * 12 + ["fail", "skip"])
    yield line("output", package, name, at, Output=f"--- {word.upper()}: {name} (0.00s)\n")
    if chance.random() < 0.97:
        yield line(word, package, name, at, Elapsed=chance.choice([0, 0.01, 7]))


def parallel(package: str, at: float, chance: random.Random) -> Iterator[str]:
    """Tests that pause and get their turn, one behind the other or mixed, and may not pass."""
    names = [f"{chance.choice(CASES)}{chance.choice(ENDINGS)}" for _ in range(chance.randint(1, 6))]
    for name in names:
        yield line("run", package, name, at)
        yield line("output", package, name, at, Output=f"=== RUN   {name}\n")
        if chance.random() < 0.3:
            yield line("output", package, name, at, Output=chance.choice(TEXTS))
        yield line("output", package, name, at, Output=f"=== PAUSE {name}\n")
        at += chance.choice([0, 0.00123, 7])
        if chance.random() < 0.95:
            yield line("pause", package, name, at)
    chance.shuffle(names)
    at += chance.choice([0, 0.5, 70])
    for name in names:
        yield from turn(package, name, at, chance)
        at += chance.choice([0, 0.001, 20])


def turn(package: str, name: str, at: float, chance: random.Random) -> Iterator[str]:
    """What comes when a test goes on."""
    if chance.random() < 0.9:
        yield line("cont", package, name, at)
    yield line("output", package, name, at, Output=f"=== CONT  {name}\n")
    match chance.randrange(12):
        case 0:
            yield line("run", package, f"{name}/more", at)
        case 1:
            yield line("pause", package, name, at)
        case 2:
            yield line("output", package, name, at, Output=chance.choice(TEXTS))
        case 3:
            return
        case _:
            pass
    at += chance.choice([0, 0, 0.00123, 0.5, 7, -1])
    word = chance.choice(["pass"] * 8 + ["fail", "skip"])
    yield line("output", package, name, at, Output=f"--- {word.upper()}: {name} (0.00s)\n")
    yield line(word, package, name, at, Elapsed=chance.choice([0, 0.01, 7]))


def whole(package: str, name: str, at: float, chance: random.Random) -> Iterator[str]:
    """A case as most are: it runs, prints, and passes."""
    frame = {"OutputType": "frame"} if chance.random() < 0.3 else {}
    yield line("run", package, name, at)
    yield line("output", package, name, at, Output=f"=== RUN   {name}\n", **frame)
    if chance.random() < 0.5:
        yield line("output", package, name, at, Output=chance.choice(TEXTS))
    at += chance.choice([0, 0, 0.00123, 0.5, 7, -1])
    yield line("output", package, name, at, Output=f"    --- PASS: {name} (0.00s)\n", **frame)
    yield line("pass", package, name, at, Elapsed=chance.choice([0, 0.01, 7, 1.5, 12.34, 1e-07]))


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 2**32), cuts=st.lists(st.integers(0, 10_000), max_size=5))
def test_generated_streams(seed: int, cuts: list[int]) -> None:
    chance = random.Random(seed)
    compare(shaken(program(chance), chance), cuts, Asked(keep_output=chance.random() < 0.2))


@settings(max_examples=300, deadline=None)
@given(
    one=st.sampled_from(RECORDED),
    seed=st.integers(0, 2**32),
    cuts=st.lists(st.integers(0, 40_000), max_size=5),
)
def test_mutated_recordings(one: Recording, seed: int, cuts: list[int]) -> None:
    lines = one.stream.decode("utf-8", "surrogateescape").split("\n")[:-1]
    stream = shaken(
        [text.encode("utf-8", "replace").decode() for text in lines], random.Random(seed)
    )
    compare(stream, cuts, asked(one.case, one.argv))
