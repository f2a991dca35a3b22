"""Goroutine stacks and race reports as text, read into frames."""

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from gomanager.regex import late

GOROUTINE = late(
    r"^goroutine \d+ [^\n\[]{0,200}\[[^\n\]]{1,300}\](?: [^\n]{0,100})?:?[ \t\r]*$", re.MULTILINE
)
_FUNCTION = late(r"^(?:created by )?([^\s(][^\n]*?)(?:\([^()]*\))?(?: in goroutine \d+)?\s*$")
_FILE = late(r"^\s+(\S.*?\.(?:go|s|c)):(\d+)(?: \+0x[0-9a-f]+)?")
_INNARDS = late(r"^(?:runtime|testing|panic|reflect|sync|internal|syscall|os|time)(?:[./(]|$)")
_GENERATED = ("_testmain.go", "_cgo_gotypes.go")
_TESTIFY = late(r"/testify/(?:assert|require|suite)\.")
_TEST = late(r"\.((?:Test|Fuzz|Benchmark|Example)[^\s.(\[]*)(?=$|[.(\[])")
_OUTSIDE = late(r"^main\.main$|(?<!\))\.(?:TestMain|init(?:\.\d+)?)(?=$|[.(])")
_GENERIC = late(r"\[\.\.\.\]|\.func\d+(?:\.\d+)*|\.gowrap\d+|-fm$|\.deferwrap\d+")


class Frame(Struct, frozen=True, kw_only=True):
    """One call: function with its package path, file as printed, line as printed."""

    function: str
    file: str
    line: str
    created: bool = False
    """The frame of the ``go`` statement that began the goroutine."""

    @property
    def user(self) -> bool:
        """Neither the runtime's nor an assertion library's."""
        if _INNARDS.match(self.function) or self.file.endswith(_GENERATED):
            return False
        return not _TESTIFY.search(self.function)

    @property
    def test(self) -> str | None:
        """The test function it lies in, if its name says so; never TestMain."""
        found = _TEST.search(self.function)
        return found[1] if found and found[1] != "TestMain" else None

    @property
    def key(self) -> str:
        """The function, its package's last element first, without what changes by build."""
        return _GENERIC.sub("", self.function[self.function.rfind("/") + 1 :])


def frames(block: str) -> Iterator[Frame]:
    """The frames of one goroutine, or of one access of a race report, innermost first."""
    function, created = "", False
    for line in block.split("\n"):
        place = _FILE.match(line)
        if place and function:
            yield Frame(function=function, file=place[1], line=place[2], created=created)
            function = ""
        elif not place and line.strip():
            created = line.lstrip().startswith("created by ")
            named = _FUNCTION.match(line.strip())
            function = named[1] if named else ""


def panicking(text: str) -> tuple[Frame, ...]:
    """Frames of the first goroutine printed behind a panic, from the panic on."""
    begin = GOROUTINE.search(text)
    if begin is None:
        return ()
    block = text[begin.end() :].lstrip("\n").split("\n\n", 1)[0]
    found = tuple(frames(block[: 64 << 10]))
    last = max((i for i, f in enumerate(found) if f.function.startswith("panic")), default=-1)
    return found[last + 1 :]


def goroutines(text: str) -> Iterator[tuple[str, tuple[Frame, ...]]]:
    """(header, frames) of each goroutine of a dump, at most 2,000 of them."""
    for count, begin in enumerate(GOROUTINE.finditer(text)):
        if count == 2000:
            return
        block = text[begin.end() : begin.end() + (32 << 10)].lstrip("\n").split("\n\n", 1)[0]
        yield begin[0], tuple(frames(block))


@lru_cache(maxsize=4)
def waiting(text: str) -> dict[str, Frame]:
    """Test function → the innermost user frame of the goroutine that runs it."""
    found: dict[str, Frame] = {}
    for _, stack in goroutines(text):
        tests = {frame.test for frame in stack if frame.test and not frame.created}
        place = next((frame for frame in stack if frame.user), None)
        if place is not None:
            for test in tests:
                found.setdefault(test, place)
    return found


def outside_tests(stack: tuple[Frame, ...]) -> bool:
    """It runs in the main goroutine, or in one that TestMain or an init began: no test's (S18)."""
    return any(_OUTSIDE.search(frame.function) for frame in stack)


def owner(stack: tuple[Frame, ...]) -> str | None:
    """The test function a goroutine belongs to: a frame's, else that of ``created by`` (S18)."""
    return next((frame.test for frame in stack if frame.test), None)
