"""What a recorded file holds, told by its content, and the fold of it."""

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gomanager.errors import UsageError
from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.events import KNOWN, read_event
from gomanager.gotest.execution import Execution
from gomanager.gotest.junitxml import read_junit
from gomanager.gotest.magexlog import read_magex
from gomanager.gotest.verbose import MARKS, read_text
from gomanager.results import Listener, ignore

UNPACKED = 2 << 30
RATIO = 100
FREE = 16 << 20
"""Any archive may unpack to so much, whatever its ratio."""
MEMBERS = 10_000
_BLOCK = 1 << 20
_MAGEX = re.compile(rb'^\{"type":"(?:start|failure|summary)"', re.MULTILINE)
_ACTION = b'"Action"'
_LINE = 64 << 20
_LEADING = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_FIX = "give a `go test -json` stream, `go test -v` text, JUnit XML or magex's ci-results.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One input: a file, or a member of an archive."""

    name: str
    data: bytes


def read_recorded(
    inputs: Iterator[Recorded] | tuple[Recorded, ...],
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
        members = list(unpack(given))
        found = []
        for member in members:
            at = replace(asked, first_process=folds[-1].next_process if folds else 1)
            fold = _read(member, at, exit_code, listener, alone=len(members) == 1)
            if fold is not None:
                found.append(fold)
                folds.append(fold)
        if not found:
            what = "this input holds no test result"
            raise UsageError(what, where=given.name, fix=_FIX)
    return tuple(folds)


def unpack(given: Recorded) -> Iterator[Recorded]:
    """Members of a gzip or zip file, or the input itself; bombs are UsageErrors."""
    if given.data.startswith(b"\x1f\x8b"):
        name = given.name.removesuffix(".gz")
        yield from unpack(Recorded(name=name, data=_gunzip(given)))
    elif given.data.startswith(b"PK\x03\x04"):
        yield from _unzip(given)
    else:
        yield given


def _gunzip(given: Recorded) -> bytes:
    limit = min(UNPACKED, max(FREE, RATIO * len(given.data)))
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(given.data)) as file:
            data = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        what = f"this gzip file cannot be unpacked: {error}"
        raise UsageError(what, where=given.name, fix="give a complete file") from error
    if len(data) > limit:
        what = f"this gzip file unpacks to more than {limit >> 20} MB: refused"
        raise UsageError(what, where=given.name)
    return data


def _unzip(given: Recorded) -> Iterator[Recorded]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(given.data))
        members = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        what = f"this zip file cannot be read: {error}"
        raise UsageError(what, where=given.name, fix="give a complete file") from error
    limit = min(UNPACKED, max(FREE, RATIO * len(given.data)))
    if len(members) > MEMBERS or sum(info.file_size for info in members) > limit:
        what = "this zip file holds more than 10,000 members or unpacks to too much: refused"
        raise UsageError(what, where=given.name)
    for info in sorted(members, key=lambda info: info.filename):
        name = f"{given.name}:{info.filename}"
        try:
            with archive.open(info) as file:
                data = file.read(info.file_size + 1)
        except (
            zipfile.BadZipFile,
            OSError,
            RuntimeError,
            NotImplementedError,
            zlib.error,
        ) as error:
            what = f"this member cannot be unpacked: {error}"
            raise UsageError(what, where=name) from error
        yield Recorded(name=name, data=data)


def _read(
    one: Recorded, asked: Asked, exit_code: int | None, listener: Listener, *, alone: bool
) -> Fold | None:
    """The fold of one input by what it holds, ``None`` where it holds no result."""
    if asked.nameless == Asked().nameless:
        asked = replace(asked, nameless=one.name)
    data = one.data
    if _LEADING.match(data[:256]) or data.startswith(_WIDE):
        if alone or b"<testsuite" in data[:65536]:
            return read_junit(data, asked, one.name, exit_code)
        return None
    if _MAGEX.search(data):
        return read_magex(data, asked, exit_code)
    if _has_event(data):
        return _fold_stream(data, asked, exit_code, listener)
    text = data.decode("utf-8", "replace")
    if b"\0" in data[:4096] or not _looks_like_go(text):
        return None
    execution = Execution(asked, listener)
    read_text(data, execution)
    fold = execution.finish(exit_code)
    return fold if fold.packages else None


def _looks_like_go(text: str) -> bool:
    plain = re.sub(r"(?m)^(?:\d{4}-\d\d-\d\dT[\d:.]+Z ?)|\x1b\[[0-9;?]*[A-Za-z]", "", text)
    return MARKS.search(plain) is not None


def _has_event(data: bytes) -> bool:
    """Some line is an event of go test: a known action about a package or an ImportPath."""
    at, tries = data.find(_ACTION), 0
    while at >= 0 and tries < 1000:
        begin = data.rfind(b"\n", 0, at) + 1
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        event = read_event(data[data.find(b"{", begin, at) : end]) if end - at < _LINE else None
        if event and event.action in KNOWN and (event.package or event.import_path or event.test):
            return True
        at, tries = data.find(_ACTION, end), tries + 1
    return False


def _fold_stream(
    data: bytes, asked: Asked, exit_code: int | None, listener: Listener
) -> Fold | None:
    execution = Execution(asked, listener)
    for at in range(0, len(data), _BLOCK):
        execution.feed(data[at : at + _BLOCK])
    fold = execution.finish(exit_code)
    return fold if fold.packages else None
