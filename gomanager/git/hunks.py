"""Which lines of which files are new or changed since the base."""

import re
from collections.abc import Iterable, Iterator, Mapping

from gomanager.git.change import Base, Change, Origin
from gomanager.git.command import text
from gomanager.git.repository import Repository
from gomanager.regex import late

Lines = Mapping[str, tuple[range, ...]]
"""Path to ranges of line numbers, from 1, in order; a new file is one range without an end."""

WHOLE = range(1, 2**31)

_FLAGS = (
    "diff", "-U0", "--inter-hunk-context=0", "--text", "-M", "--diff-filter=AMR",
    "--no-color", "--no-ext-diff", "--no-textconv",
    "--src-prefix=a/", "--dst-prefix=b/", "--ignore-submodules",
)  # fmt: skip
_HUNK = late(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = late(rb'\\([0-7]{3}|[abtnvfr"\\])')
_LETTERS = {
    b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r",
    b'"': b'"', b"\\": b"\\",
}  # fmt: skip


def changed_lines(repository: Repository, base: Base, changes: Iterable[Change]) -> Lines:
    """Of Go files outside vendor, from the merge base to the work tree; untracked ones whole."""
    paths = (":(glob)**/*.go", ":(glob,exclude)**/vendor/**")
    answer = repository.git.ask("-c", "core.quotePath=false", *_FLAGS, base.commit, "--", *paths)
    untracked = (
        change.path
        for change in changes
        if change.origin is Origin.UNTRACKED and change.path.endswith(".go")
    )
    return {**parse(answer), **dict.fromkeys(untracked, (WHOLE,))}


def parse(diff: bytes) -> Lines:
    """The ``+`` sides of a unified diff without context; a pure removal has no line."""
    found: dict[str, list[range]] = {}
    ranges: list[range] = []
    lines = iter(diff.split(b"\n"))
    for line in lines:
        if line.startswith(b"+++ "):
            ranges = found.setdefault(_path(line[4:]), [])
        elif match := _HUNK.match(line):
            removed, first, added = (int(1 if part is None else part) for part in match.groups())
            if added:
                ranges.append(range(first, first + added))
            _skip(lines, removed + added)
    return {path: tuple(ranges) for path, ranges in found.items() if ranges}


def _skip(lines: Iterator[bytes], left: int) -> None:
    """Over the body of a hunk: an added line ``++ b`` reads like the head of a file."""
    while left:
        line = next(lines, None)
        if line is None:
            return
        left -= not line.startswith(b"\\")  # "\ No newline at end of file" is no line


def _path(name: bytes) -> str:
    """``b/a.go``; git quotes names with control characters and ends one with a blank by a tab."""
    name = name.removesuffix(b"\t")
    if name.startswith(b'"'):
        name = _ESCAPE.sub(_unescaped, name[1:-1])
    return text(name.removeprefix(b"b/"))


def _unescaped(match: re.Match[bytes]) -> bytes:
    return _LETTERS.get(match[1]) or bytes([int(match[1], 8) & 255])
