"""The report for a terminal or a log: names never shortened, the verdict in the last lines."""

import io
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from gomanager.report import prose
from gomanager.report.blocks import Block, Code, Item, Line, Paragraph, Section, Table, Title
from gomanager.report.model import Report
from gomanager.report.sections import FINDINGS, criticals, sections
from gomanager.results import Severity, Verdict
from gomanager.text import for_terminal, one_line, without_commands

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80
_STYLES = {Severity.CRITICAL: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_VERDICTS = {
    Verdict.GREEN: "bold green",
    Verdict.RED: "bold red",
    Verdict.ERROR: "bold red",
    Verdict.NOTHING: "yellow",
    Verdict.INTERRUPTED: "yellow",
    Verdict.NOT_RUN: "yellow",
}


def render(
    report: Report,
    *,
    colour: bool = False,
    width: int = WIDTH,
    where: str | None = None,
    brief: bool = False,
) -> str:
    """Four sections, then what a reader of the last lines needs; ``where`` the report lies.

    ``brief``: of the sections only what is critical.
    """
    page = _Page(colour=colour, width=width)
    if brief:
        report = msgspec.structs.replace(report, findings=criticals(report))
    for section in sections(report):
        if not brief or (section.name == FINDINGS and report.findings):
            page.section(section)
    page.last_lines(report, where)
    return page.text


class _Page:
    """Collects lines; everything is escaped here, and nowhere else."""

    def __init__(self, *, colour: bool, width: int) -> None:
        self._colour = colour
        self._width = width
        self._file = io.StringIO()
        self._console = _console(self._file, colour=colour, width=width)

    @property
    def text(self) -> str:
        """All that was put on the page."""
        return self._file.getvalue()

    def section(self, section: Section) -> None:
        """Critical parts come last: the end is what stays on the screen."""
        self._line(section.name, "bold")
        self._line("=" * len(section.name), "dim")
        self._blocks(section.blocks)
        for part in reversed(section.parts):
            self._blocks(part)
            self._line("")
        self._blocks(section.after)
        if not section.parts:
            self._line("")

    def last_lines(self, report: Report, where: str | None) -> None:
        """Verdict, counts, time, what to repeat, where the report lies."""
        style = _VERDICTS[report.run.verdict]
        commands = [f.reproduce for f in criticals(report) if f.reproduce]
        if commands:
            self._line("To repeat the first failure:" if len(commands) > 1 else "To repeat it:")
            self._code(Code(text=commands[0], shell=True))
        if len(commands) > 1 and all(phase.runner != "stream" for phase in report.phases):
            self._line("To repeat all of them:")
            self._code(Code(text="gomanager run --lf", shell=True))
        took = prose.duration(report.run.duration_ms)
        self._line(prose.verdict(report), style)
        self._line(f"{prose.counts(report)}, {took}", style)
        if where:
            self._line(f"Report: {self._safe(where)}")

    def _blocks(self, blocks: Iterable[Block]) -> None:
        for i, block in enumerate(blocks):
            if i and isinstance(block, Title):
                self._line("")
            match block:
                case Paragraph():
                    self._wrapped(block.line, "", "  ", "bold" if block.strong else "")
                case Item():
                    indent = "  " * block.below
                    self._wrapped(block.line, f"{indent}- ", f"{indent}  ")
                case Title():
                    style = _STYLES[block.severity] if block.severity else "bold"
                    self._line(self._joined(block.line), style)
                case Code():
                    self._code(block)
                case Table():
                    self._table(block)

    def _wrapped(self, line: Line, first: str, rest: str, style: str = "") -> None:
        """Wrapped between words; a name longer than a line stands in one piece."""
        lines = textwrap.wrap(
            self._joined(line),
            self._width,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for text in lines or [first.rstrip()]:
            self._line(text, style)

    def _code(self, block: Code) -> None:
        from rich.text import Text

        prefix = "    $ " if block.shell else "    "
        text = block.text if not block.shell else one_line(block.text)
        for line in for_terminal(text.rstrip("\n"), colour=self._colour).split("\n"):
            shown = Text(prefix if line.strip() else "")
            shown.append_text(Text.from_ansi(line) if "\x1b" in line else Text(line))
            self._console.print(shown, soft_wrap=True)

    def _table(self, block: Table) -> None:
        from rich.table import Table as RichTable
        from rich.text import Text

        table = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for i, name in enumerate(block.head):
            right = i in block.right
            table.add_column(name, justify="right" if right else "left", overflow="fold")
        for row in block.rows:
            table.add_row(*(Text(self._joined(cell)) for cell in row))
        self._console.print(table)

    def _joined(self, line: Line) -> str:
        return "".join(s if isinstance(s, str) else self._safe(s.text) for s in line)

    def _safe(self, text: str) -> str:
        return for_terminal(one_line(text))

    def _line(self, text: str, style: str = "") -> None:
        from rich.text import Text

        # Once more: a wrapped line may begin with what stood in the middle of a text.
        self._console.print(Text(without_commands(text), style=style), soft_wrap=True)


def _console(file: io.StringIO, *, colour: bool, width: int) -> "Console":
    """Nothing is left to rich's guesses about CI, terminals and variables."""
    from rich.console import Console

    return Console(
        file=file,
        force_terminal=colour,
        force_interactive=False,
        no_color=not colour,
        color_system="standard" if colour else None,
        width=width,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )
