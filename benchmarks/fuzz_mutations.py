"""Ways in which a stream can arrive broken or hostile; a seed gives the same one again."""

import json
import random
from collections.abc import Callable

HOSTILE = (
    "\x1b[31m", "\x1b]0;t\x07", "\x9b2J", "\x85", "\u2028", "\u202e", "\u2066", "\u200f", "\r", "\n", "\t",
    "\x00", "\x16", "\ud800", "\uffff", "##[error]", "\n::error::x", "::set-output name=a::b",
    "##vso[task.complete]", "\n##teamcity[x]", "`", "```\n", "|", "\\", "<script>", "<!--", "]]>", "&amp;",
    '"', "'", "[a](http://b)", "![a](b)", "\n# ", "\n- ", "> ", "{{", "%0A", "*", "_", "@all ", "#1 ", "~~",
    "--- PASS: TestA (0.00s)\n", "--- FAIL: TestA (0.00s)\n", "PASS\n", "FAIL\n", "ok  \texample.com/m/p\t0.1s\n",
    "panic: x\n\ngoroutine 1 [running]:\n", "WARNING: DATA RACE\n", "a", "/", "#01", " ", "é", "😀",
)  # fmt: skip
_FIELDS = ("Output", "Test", "Package", "Action", "Time", "Elapsed", "OutputType", "FailedBuild")
_VALUES = ("pass", "fail", "skip", "run", "output", "", None, 0, -1, 1e400, [], {}, True, "bench")

Lines = list[bytes]
Chance = random.Random


def drop(lines: Lines, at: int, _: Chance) -> None:
    """A line gets lost."""
    del lines[at]


def double(lines: Lines, at: int, chance: Chance) -> None:
    """A line comes again, somewhere."""
    lines.insert(at, chance.choice(lines))


def swap(lines: Lines, at: int, chance: Chance) -> None:
    """Two lines change places."""
    other = chance.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def shuffle(lines: Lines, at: int, chance: Chance) -> None:
    """Some lines come in another order."""
    part = lines[at : at + 12]
    chance.shuffle(part)
    lines[at : at + 12] = part


def cut(lines: Lines, at: int, chance: Chance) -> None:
    """Half a line, whose newline may be gone too."""
    lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]


def truncate(lines: Lines, at: int, _: Chance) -> None:
    """The stream stops."""
    del lines[at + 1 :]


def flip(lines: Lines, at: int, chance: Chance) -> None:
    """A byte changes."""
    line = bytearray(lines[at])
    if line:
        line[chance.randrange(len(line))] = chance.randrange(256)
    lines[at] = bytes(line)


def insert(lines: Lines, at: int, chance: Chance) -> None:
    """Bytes of anything."""
    junk = chance.choice(
        (chance.randbytes(chance.randrange(40)), _text(chance).encode("utf-8", "replace"))
    )
    lines.insert(at, junk + chance.choice((b"\n", b"")))


def change(lines: Lines, at: int, chance: Chance) -> None:
    """A field of an event gets a hostile or a wrong value."""
    event = _event(lines[at])
    if event is not None:
        value = _text(chance) if chance.random() < 0.7 else chance.choice(_VALUES)
        event[chance.choice(_FIELDS)] = value
        lines[at] = (
            json.dumps(event, ensure_ascii=chance.random() < 0.5).encode("utf-8", "replace") + b"\n"
        )


def speak(lines: Lines, at: int, chance: Chance) -> None:
    """What a test or package prints is hostile; the event stays one."""
    for number in range(at, min(len(lines), at + 30)):
        event = _event(lines[number])
        if event is not None and event.get("Action") == "output":
            event["Output"] = _text(chance) + str(event.get("Output", "")) + _text(chance)
            lines[number] = json.dumps(event).encode() + b"\n"


def rename(lines: Lines, at: int, chance: Chance) -> None:
    """A test has another name, everywhere."""
    old = (_event(lines[at]) or {}).get("Test")
    if isinstance(old, str):
        before, after = (
            json.dumps({"Test": name})[1:-1].encode() for name in (old, old + _text(chance))
        )
        lines[:] = [line.replace(before, after) for line in lines]


_ALL: tuple[Callable[[Lines, int, Chance], None], ...] = (
    drop, drop, double, swap, shuffle, cut, truncate, flip, insert, change, speak, rename,
)  # fmt: skip


def mutated(stream: bytes, chance: Chance) -> bytes:
    """A stream after a few of these."""
    lines = stream.splitlines(keepends=True)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5, 8))):
        if lines:
            chance.choice(_ALL)(lines, chance.randrange(len(lines)), chance)
    return b"".join(lines)


def _text(chance: Chance) -> str:
    return "".join(chance.choices(HOSTILE, k=chance.randrange(1, 5)))


def _event(line: bytes) -> dict[str, object] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
