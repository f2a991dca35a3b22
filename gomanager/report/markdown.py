"""The report as GitHub Markdown: four sections, foreign text in code only, within a budget."""

from collections.abc import Iterable

from gomanager.report import prose
from gomanager.report.blocks import Block, Code, Item, Line, Paragraph, Part, Section, Table, Title
from gomanager.report.model import Report
from gomanager.report.sections import sections
from gomanager.text import code, code_block, cut_bytes

BUDGET = 1_000_000
"""Bytes; a step summary above 1,024 KiB is dropped whole."""
TEXT_BYTES = 8 * 1024
WHOLE = 50
"""So many findings with their texts; the others with title, place and command."""
_WHERE = "report.json"


def render(report: Report, budget: int = BUDGET) -> str:
    """The whole report in at most ``budget`` bytes of UTF-8."""
    found = sections(report)
    fixed = {section.name: _fixed(section) for section in found}
    room = budget - sum(len(text.encode()) for text in fixed.values()) - 2000
    parts = []
    for section in found:
        shown, room = _parts(section, room)
        parts.append(fixed[section.name] + shown)
    return "\n".join(parts)


def _fixed(section: Section) -> str:
    return f"## {section.name}\n\n" + _blocks((*section.blocks, *section.after))


def _parts(section: Section, room: int) -> tuple[str, int]:
    """As many parts as there is room for, the rest counted."""
    kept: list[str] = []
    for i, part in enumerate(section.parts):
        text = _blocks(part if i < WHOLE else _short(part))
        size = len(text.encode())
        if size > room:
            left = len(section.parts) - i
            kept.append(f"{prose.number(left, 'more finding')} in {_WHERE}.\n")
            break
        room -= size
        kept.append(text)
    return "\n".join(kept), room


def _short(part: Part) -> Part:
    return tuple(b for b in part if not isinstance(b, Code) or b.shell)


def _blocks(blocks: Iterable[Block]) -> str:
    """Blocks with an empty line between them; entries of one list stand together."""
    out: list[str] = []
    before: Block | None = None
    for block in blocks:
        if before is not None and not (isinstance(before, Item) and isinstance(block, Item)):
            out.append("")
        out.append(_block(block))
        before = block
    return "\n".join(out) + "\n" if out else ""


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            text = _line(block.line)
            return f"**{text}**" if block.strong else text
        case Item():
            return f"{'  ' * block.below}- {_line(block.line)}"
        case Title():
            return f"### {_line(block.line)}"
        case Code():
            text = block.text if block.shell else cut_bytes(block.text, TEXT_BYTES, where=_WHERE)
            return code_block(text, "sh" if block.shell else "text")
        case Table():
            return _table(block)


def _line(line: Line, *, table: bool = False) -> str:
    return "".join(span if isinstance(span, str) else code(span.text, table=table) for span in line)


def _table(table: Table) -> str:
    rule = ["---:" if i in table.right else "---" for i in range(len(table.head))]
    lines = [table.head, tuple(rule)]
    lines += [tuple(_line(cell, table=True) for cell in row) for row in table.rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
