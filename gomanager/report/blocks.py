"""What a report says, before any format decides how it looks: sections of blocks of spans.

A ``str`` is our own word; foreign text is a :class:`Word` or the text of a :class:`Code`, so that
a format cannot forget to escape it.
"""

from msgspec import Struct

from gomanager.results import Severity


class Word(Struct, frozen=True):
    """Foreign text inside a line: a name, a path, a message."""

    text: str


Span = str | Word
Line = tuple[Span, ...]


class Paragraph(Struct, frozen=True, kw_only=True):
    """A few sentences."""

    line: Line
    strong: bool = False


class Item(Struct, frozen=True, kw_only=True):
    """An entry of a list, or an entry below one."""

    line: Line
    below: bool = False


class Code(Struct, frozen=True, kw_only=True):
    """A block of foreign text; ``shell`` where it is a command to paste."""

    text: str
    shell: bool = False


class Table(Struct, frozen=True, kw_only=True):
    """Rows of cells under a head; numbers stand right."""

    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    right: frozenset[int] = frozenset()


class Title(Struct, frozen=True, kw_only=True):
    """The head of a part inside a section."""

    line: Line
    severity: Severity | None = None


Block = Paragraph | Item | Code | Table | Title
Part = tuple[Block, ...]


class Section(Struct, frozen=True, kw_only=True):
    """One of the four; ``parts`` may be shortened from the end, what stands before them not."""

    name: str
    blocks: tuple[Block, ...] = ()
    parts: tuple[Part, ...] = ()
    after: tuple[Block, ...] = ()
