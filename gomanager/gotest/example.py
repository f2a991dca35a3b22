"""What an example printed, and what its comment says that it prints (S66)."""

import re

from gomanager.regex import late

_GOT = late(r"^got:\n", re.MULTILINE)
_WANT = late(r"^want(?: \(unordered\))?:$", re.MULTILINE)
_SHORT = 60


def compared(behind: str) -> tuple[str, str] | None:
    """(one line, the whole text) of what go prints behind the frame of an example."""
    found = _GOT.search(behind)
    if not found:
        return None
    text = behind[found.start() :].rstrip("\n")
    want = _WANT.search(text)
    if not want:
        return f"got {_quoted(text[5:])}", text
    return _message(text[5 : want.start()], text[want.end() :], unordered="(" in want[0]), text


def _message(got: str, want: str, *, unordered: bool) -> str:
    if unordered:
        got, want = ("\n".join(sorted(text.strip().split("\n"))) for text in (got, want))
    if max(len(got), len(want)) <= _SHORT:
        return f"got {_quoted(got)}, want {_quoted(want)}"
    printed, wanted = got.strip().split("\n"), want.strip().split("\n")
    pairs = zip(printed, wanted, strict=False)
    at = next(
        (at for at, (one, other) in enumerate(pairs) if one.strip() != other.strip()),
        min(len(printed), len(wanted)),
    )
    return f"line {at + 1} of the {'sorted ' if unordered else ''}output: got {_line(printed, at)}, want {_line(wanted, at)}"


def _line(lines: list[str], at: int) -> str:
    return _quoted(lines[at]) if at < len(lines) else "no more lines"


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line[:200]}{'…' if len(line) > 200 else ''}”"
