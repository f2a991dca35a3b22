"""What a report says, before any format decides how it looks: sections of blocks of spans.

A ``str`` is our own word; foreign text is a :class:`Word` or the text of a :class:`Code`, so that
a format cannot forget to escape it.
"""

from dataclasses import dataclass

from gomanager.results import Severity


@dataclass(frozen=True, slots=True)
class Word:
    """Foreign text inside a line: a name, a path, a message."""

    text: str


Span = str | Word
Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A few sentences."""

    line: Line
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An entry of a list, or an entry below one."""

    line: Line
    below: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A block of foreign text; ``shell`` where it is a command to paste."""

    text: str
    shell: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells under a head; numbers stand right."""

    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    right: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The head of a part inside a section."""

    line: Line
    severity: Severity | None = None


Block = Paragraph | Item | Code | Table | Title
Part = tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One of the four; ``parts`` may be shortened from the end, what stands before them not."""

    name: str
    blocks: tuple[Block, ...] = ()
    parts: tuple[Part, ...] = ()
    after: tuple[Block, ...] = ()
