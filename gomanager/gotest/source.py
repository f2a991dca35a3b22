"""What a recorded file holds, told by its content, and the fold of it."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gomanager.errors import UsageError
from gomanager.gotest.archive import Recorded, unpack
from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.events import read_event, tells
from gomanager.gotest.execution import Execution
from gomanager.gotest.mixed import begins_as_text, parted
from gomanager.gotest.verdict import judge
from gomanager.gotest.wrappings import WIDE, unwrapped
from gomanager.results import Listener, Verdict, ignore

if TYPE_CHECKING:
    from gomanager.gotest.prefixes import Sources

_MAGEX = re.compile(rb'^\{"type":"(?:start|failure|summary)"', re.MULTILINE)
_ACTION = b'"Action"'
_LINE = 64 << 20
_LEADING = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<")
_SUITE = re.compile(rb"^\s*<testsuites?[\s>]", re.MULTILINE)
_FIX = "give a `go test -json` stream, `go test -v` text, JUnit XML or magex's ci-results.jsonl"


def read_recorded(
    inputs: Iterable[Recorded],
    asked: Asked,
    exit_code: int | None,
    listener: Listener = ignore,
) -> tuple[Fold, ...]:
    """A fold for each input that holds results; none at all is a UsageError naming the inputs.

    ``exit_code``: what the recorded command returned, ``None`` where nobody knows. Archives are
    opened; a member that holds nothing is passed over, a given file that does is an error.
    """
    folds: list[Fold] = []
    for given in inputs:
        before = len(folds)
        members = list(unpack(given))
        for member in members:
            at = replace(asked, first_process=folds[-1].next_process if folds else 1)
            folds += _read(member, at, exit_code, listener, alone=len(members) == 1)
        if len(folds) == before:
            what = "this input holds no test result"
            raise UsageError(what, where=given.name, fix=_FIX)
    return tuple(folds)


def _read(
    one: Recorded, asked: Asked, exit_code: int | None, listener: Listener, *, alone: bool
) -> Iterator[Fold]:
    """The fold of one input by what it holds; nothing where it holds no result."""
    if asked.nameless == Asked().nameless:
        asked = replace(asked, nameless=one.name)
    blocks = one.blocks
    first = next(blocks, b"")
    head = first[:256]
    if head.startswith(WIDE):
        head = head.decode("utf-16", "ignore").encode()
    markup = _LEADING.match(head)
    blocks = chain((first,), blocks) if markup else unwrapped(chain((first,), blocks))
    read = [next(blocks, b"")]
    if markup:
        data = b"".join((*read, *blocks))
        if alone or b"<testsuite" in data[:65536]:
            from gomanager.gotest.junitxml import read_junit

            yield read_junit(data, asked, one.name, exit_code)
    elif _meet_event(read, blocks):
        if begins_as_text(b"".join(read)):
            data = b"".join((*read, *blocks))
            yield from _fold_mixed(data, asked, exit_code, listener, one.name)
            return
        yield from _fold_stream(chain(read, blocks), asked, exit_code, listener)
    else:
        yield from _fold_text(b"".join(read), asked, exit_code, listener, one.name)


def _fold_mixed(
    data: bytes, asked: Asked, exit_code: int | None, listener: Listener, name: str
) -> list[Fold]:
    """The text, then the events; one of them may explain an exit code that both share."""
    from gomanager.gotest.verbose import plain

    text, events = parted(plain(data.decode("utf-8", "replace")).split("\n"))
    code = None if events and exit_code else exit_code
    folds = list(_fold_text("\n".join(text).encode(), asked, code, listener, name))
    if events:
        at = replace(asked, first_process=folds[-1].next_process if folds else asked.first_process)
        folds += _fold_stream(("\n".join((*events, "")).encode(),), at, code, listener)
    explained = any(judge(fold).verdict is Verdict.RED for fold in folds)
    return folds if explained or not events else [replace(f, exit_code=exit_code) for f in folds]


def _meet_event(read: list[bytes], blocks: Iterator[bytes]) -> bool:
    """Read on until some line is an event; all blocks end in ``read`` where none is."""
    torn: list[bytes] = []
    while True:
        block = read[-1]
        end = block.rfind(b"\n") + 1
        torn.append(block[:end] if end else block)
        if end:
            if _has_event(b"".join(torn)):
                return True
            torn = [block[end:]]
        following = next(blocks, None)
        if following is None:
            return _has_event(b"".join(torn))
        read.append(following)


def _has_event(data: bytes) -> bool:
    """Some line is an event of go test: a known action about a package or an ImportPath."""
    at, tries = data.find(_ACTION), 0
    while at >= 0 and tries < 1000:
        begin = data.rfind(b"\n", 0, at) + 1
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        event = read_event(data[data.find(b"{", begin, at) : end]) if end - at < _LINE else None
        if tells(event):
            return True
        at, tries = data.find(_ACTION, end), tries + 1
    return False


def _fold_stream(
    blocks: Iterable[bytes], asked: Asked, exit_code: int | None, listener: Listener
) -> Iterator[Fold]:
    """The events, and what magex itself said between them."""
    execution = Execution(asked, listener)
    for block in blocks:
        execution.feed(block)
    fold = execution.finish(exit_code)
    if fold.packages:
        yield fold
        asked = replace(asked, first_process=fold.next_process)
    aside = "\n".join(fold.side_text).encode()
    if _MAGEX.search(aside):
        yield _fold_magex(aside, asked, exit_code)


def _fold_magex(data: bytes, asked: Asked, exit_code: int | None) -> Fold:
    from gomanager.gotest.magexlog import read_magex

    return read_magex(data, asked, exit_code)


def _fold_text(
    data: bytes, asked: Asked, exit_code: int | None, listener: Listener, name: str
) -> Iterator[Fold]:
    """What is no stream: magex's own results, or what go test prints for people."""
    if _MAGEX.search(data):
        yield _fold_magex(data, asked, exit_code)
        return
    if _is_binary(data[:4096]):
        return
    from gomanager.gotest.verbose import MARKS, plain, read_text

    text = plain(data.decode("utf-8", "replace"))
    marks = MARKS.search(text)
    sources = _sources(text, begins=marks is not None)
    if marks is None and sources is None:
        return
    suite = _SUITE.search(data)
    if suite and marks and marks[0].encode() not in data[: suite.start()]:
        from gomanager.gotest.junitxml import read_junit

        yield read_junit(data, asked, name, exit_code)  # ill-formed, whatever its texts quote
        return
    execution = Execution(asked, listener)
    for one in sources.texts if sources else (text,):
        read_text(one, execution, ended_well=exit_code == 0)
    for line in sources.aside if sources else ():
        execution.take_side_text(line.encode())
    fold = execution.finish(exit_code)
    if fold.packages:
        yield fold


def _sources(text: str, *, begins: bool) -> "Sources | None":
    """What a log with words in front of its lines holds; ``begins``: some lines have none."""
    if begins and not text.lstrip("\n").startswith((" ", "\t")):
        return None
    from gomanager.gotest.prefixes import without_prefixes

    return without_prefixes(text)


def _is_binary(data: bytes) -> bool:
    """A test may print a few zeros (S9); a program or an image is full of them."""
    return data.count(0) * 20 > len(data)
