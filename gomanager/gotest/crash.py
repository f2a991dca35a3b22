"""How a process ended before its time, read from the text it left."""

import re
from itertools import takewhile

from msgspec import Struct

from gomanager.gotest.stack import GOROUTINE
from gomanager.regex import late
from gomanager.results import Kind

_DUMP = r"SIG[A-Z]+: [a-z ]+\nPC="
"""A signal that the runtime does not turn into a panic: of C code, or sent from outside."""
_START = late(rf"^(?:panic: |fatal error: |{_DUMP})", re.MULTILINE)
_GLUED = late(r"panic: |fatal error: ")
_TIMED_OUT = late(r"^panic: test timed out after (\S+)", re.MULTILINE)
_RUNNING = late(r"^[ \t]{0,4}(?:running tests:)?[ \t]*(\S.*) \((\d[\dhms.µn]*)\)\s*$")
_LATE = late(r"panic: (?:Log|Fail) in goroutine after (.+?) has completed")
_RAN_TOO_LONG = late(r"^\*\*\* Test killed.*ran too long", re.MULTILINE)
_SIGNAL = late(r"^signal: [a-z][a-z0-9 ]*(?: \(core dumped\))?$")
_INCOMPLETE = late(r"^\*\*\* Test I/O incomplete", re.MULTILINE)
_USAGE = late(r"^Usage of \S+:$", re.MULTILINE)
_FAIL_LINE = late(r"^FAIL\t", re.MULTILINE)
_RECOVERED = late(r" \[recovered(?:, repanicked)?\]")
_OF_GO = ("FAIL", "exit status", "=== ", "ok  ", "coverage:")
_SENT = ("SIGQUIT", "SIGTERM", "SIGHUP", "SIGINT", "SIGKILL")
_MARKS = ("panic: ", "fatal error: ", "*** Test ", "signal: ", "\nPC=")
_DEADLOCKS = ("all goroutines are asleep", "panic: deadlock:")


class Crash(Struct, frozen=True, kw_only=True):
    """What ended the process."""

    kind: Kind
    text: str
    message: str
    running: tuple[str, ...] = ()
    """Names listed under ``running tests:``."""
    late: str | None = None
    """The case that was over when its goroutine logged or failed (S26, S27)."""


def find_crash(text: str) -> Crash | None:
    """The crash that a text shows, ``None`` where it shows none."""
    if not any(mark in text for mark in _MARKS):
        return None
    at = _panic_start(text)
    if at is not None:
        return _panic(_until_fail_line(text[at:]))
    killed = _RAN_TOO_LONG.search(text)
    if killed:  # S31
        line = killed[0].lstrip("* ")
        return Crash(kind=Kind.TIMEOUT, text=_until_fail_line(text[killed.start() :]), message=line)
    orphan = _INCOMPLETE.search(text)
    if orphan:  # S39
        message = "a child process still held the output 5s or more after the tests had ended"
        return Crash(
            kind=Kind.ORPHAN, text=_until_fail_line(text[orphan.start() :]), message=message
        )
    return _signal(text)


def last_words(text: str) -> str:
    """The last line that says something: neither go's own nor empty, nor a list of flags."""
    usage = _USAGE.search(text)
    text = text[: usage.start()] if usage and text[: usage.start()].strip() else text
    for line in reversed(text.rstrip().split("\n")[-50:]):
        said = line.strip()
        if said and said != "PASS" and not said.startswith(_OF_GO):
            return said
    return ""


def _panic_start(text: str) -> int | None:
    """The last panic at the beginning of a line with a stack behind it, else the next best."""
    starts = [found.start() for found in _START.finditer(text)]
    stacks = [found.start() for found in GOROUTINE.finditer(text)]
    last_stack = stacks[-1] if stacks else -1
    before = [at for at in starts if at < last_stack]
    if before:
        return before[-1]
    glued = [found.start() for found in _GLUED.finditer(text) if found.start() < last_stack]
    if glued:  # print without newline in front of it
        return glued[-1]
    return starts[-1] if starts else None


def _panic(text: str) -> Crash:
    timed_out = _TIMED_OUT.match(text)
    if timed_out:
        running = _running(text)
        deepest = _deepest(running)[:5]
        names = f", running: {', '.join(deepest)}" if deepest else ""
        message = f"test timed out after {timed_out[1]}{names}"
        return Crash(kind=Kind.TIMEOUT, text=text, message=message, running=running)
    late = _LATE.match(text)
    head = _head(text)
    if text.startswith(_SENT):
        return Crash(kind=Kind.KILLED, text=text, message=f"the process ended by {head}")
    message = head.removeprefix("panic: ").split("\n[signal ", 1)[0].strip()
    kind = Kind.DEADLOCK if any(mark in head for mark in _DEADLOCKS) else Kind.PANIC
    return Crash(kind=kind, text=text, message=message[:1000], late=late[1] if late else None)


def _head(text: str) -> str:
    """What the panic says: the last one where those before it were recovered."""
    says = text.split("\n\n", 1)[0].split("\nPC=", 1)[0].split("\n\tpanic: ")
    recovered = takewhile(_RECOVERED.search, says[:-1])
    return _RECOVERED.sub("", says[sum(1 for _ in recovered)])


def _running(text: str) -> tuple[str, ...]:
    names = []
    lines = text.split("\n")[1:]
    for line in lines[:100_000]:
        found = _RUNNING.match(line)
        if found:
            names.append(found[1])
        elif line.strip() != "running tests:":
            break
    return tuple(names)


def _deepest(running: tuple[str, ...]) -> list[str]:
    """Without the ancestors; a list of thousands is not searched."""
    few = running[:200]
    return [name for name in few if not any(other.startswith(name + "/") for other in few)]


def _signal(text: str) -> Crash | None:
    """``signal: killed`` where go itself writes it: the last line before its FAIL line (S37)."""
    lines = text.rstrip("\n").rsplit("\n", 3)
    for line in reversed(lines):
        if _SIGNAL.match(line):
            return Crash(kind=Kind.KILLED, text=line, message=f"the process ended by {line}")
        if line.strip() and not line.startswith(("FAIL", "exit status")):
            return None
    return None


def _until_fail_line(text: str) -> str:
    end = _FAIL_LINE.search(text)
    return (text[: end.start()] if end else text).rstrip()
