"""Code lines and functions of a Go file, by its tokens: what coverage can speak about.

A code line holds a token other than ``{ } ( ) ; ,``; comments and blanks are none (C48).
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct, field

_TOKEN = re.compile(
    rb"""
    (?P<newline> \n )
    | (?P<sign> [(){};,] )
    | (?P<comment> //[^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<raw> `[^`]*(?:`|\Z) )
    | (?P<code> "(?:[^"\\\n]|\\.)*"? | '(?:[^'\\\n]|\\.)*'? | [^\s(){};,"'`/:]+ | [/:] )
    """,
    re.VERBOSE | re.DOTALL,
)
_GENERATED = re.compile(rb"^// Code generated .* DO NOT EDIT\.\r?$", re.MULTILINE)
_PACKAGE = re.compile(rb"^package\b", re.MULTILINE)
_DIRECTIVE = re.compile(rb"^//line |/\*line ", re.MULTILINE)
_NAME = re.compile(
    rb"func\s*(?:\(\s*(?:W\s+)?(\*?)\s*(W)[^)]*\)\s*)?(W)".replace(b"W", rb"[\w\x80-\xff]+")
)


class Function(NamedTuple):
    """A top-level function with a body; ``name`` as Go prints it: ``(*Client).Get``."""

    name: str
    first: int
    last: int


class Source(NamedTuple):
    """``columns``: for each code line the columns, in bytes from 1, where its tokens begin."""

    columns: Mapping[int, tuple[int, ...]]
    functions: tuple[Function, ...]
    generated: bool
    renamed: bool
    """Holds ``//line`` directives: its lines in a profile are not its own (C9)."""


def read_source(data: bytes) -> Source:
    """Never fails: what is not Go has lines all the same."""
    columns: dict[int, tuple[int, ...]] = {}
    here: list[int] = []
    outline = _Outline(data)
    line, began = 1, 0
    for match in _TOKEN.finditer(data):
        kind, at = match.lastgroup, match.start()
        if kind == "code":
            here.append(at - began + 1)
            if at == began and match[0] == b"func":
                outline.function(at, line)
        elif kind == "sign":
            outline.sign(data[at], line)
        elif kind == "newline":
            if here:
                columns[line] = tuple(here)
                here = []
            outline.newline(line)
            line, began = line + 1, at + 1
        else:
            lines = match[0].count(b"\n")
            if kind == "raw":
                columns[line] = (*here, at - began + 1)
                columns.update(dict.fromkeys(range(line + 1, line + lines), (1,)))
                here = [*here, at - began + 1] if not lines else [1]
            elif lines and here:
                columns[line] = tuple(here)
                here = []
            if lines:
                line, began = line + lines, data.rindex(b"\n", at, match.end()) + 1
    if here:
        columns[line] = tuple(here)
    outline.newline(line)
    generated, renamed = is_generated(data), _DIRECTIVE.search(data) is not None
    return Source(columns, tuple(outline.functions), generated, renamed)


def is_generated(data: bytes) -> bool:
    """The line that go's convention asks for, in front of the package clause (C45)."""
    package = _PACKAGE.search(data)
    return _GENERATED.search(data, 0, package.start() if package else len(data)) is not None


class _Outline(Struct):
    """Finds where top-level functions end: at the last brace of their depth in a line."""

    data: bytes
    functions: list[Function] = field(default_factory=list)
    depth: int = 0
    round: int = 0
    began: tuple[int, int] | None = None
    ended: bool = False
    parameters: bool = False

    def function(self, at: int, line: int) -> None:
        if self.depth == 0 and self.round == 0:
            self.began, self.ended, self.parameters = (at, line), False, False

    def sign(self, sign: int, line: int) -> None:
        if sign == ord("{"):
            self.depth, self.ended = self.depth + 1, False  # `interface{} {`: no end yet
        elif sign == ord("}"):
            self.depth = max(self.depth - 1, 0)
            self.ended = self.depth == 0 and self.round == 0
        elif sign == ord("("):
            self.round += 1
        elif sign == ord(")"):
            self.round = max(self.round - 1, 0)
            self.parameters = True
        elif sign == ord(";"):
            self.newline(line)

    def newline(self, line: int) -> None:
        if self.began is None or self.depth or self.round or not self.parameters:
            return
        if self.ended:  # else it has no body: assembly, linkname
            at, first = self.began
            self.functions.append(Function(_name(self.data, at), first, line))
        self.began = None


def _name(data: bytes, at: int) -> str:
    match = _NAME.match(data, at)
    if match is None:
        return "func"
    star, receiver, name = (
        (part or b"").decode("utf-8", "surrogateescape") for part in match.groups()
    )
    if not receiver:
        return name
    return f"({star}{receiver}).{name}" if star else f"{receiver}.{name}"
