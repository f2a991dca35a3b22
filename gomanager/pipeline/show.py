"""A report on stdout and in the files that the command line names."""

import os
import shutil
from collections.abc import Mapping, Sequence
from typing import Protocol, TextIO

from gomanager import colour as colours
from gomanager.pipeline import publish
from gomanager.report import document
from gomanager.report.formats import FORMATS
from gomanager.report.model import Report


class Shown(Protocol):
    """The options that decide what stdout gets."""

    @property
    def as_json(self) -> bool: ...
    @property
    def quiet(self) -> int: ...
    @property
    def color(self) -> str: ...


def show(
    report: Report,
    targets: Sequence[publish.Target],
    options: Shown,
    stdout: TextIO,
    *,
    where: str | None,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Write the named files, then one form to stdout; ``-qq`` leaves stdout empty."""
    for target in targets:
        if target.path is not None:
            publish.write(target.path, FORMATS[target.format](report))
    printed = next((target.format for target in targets if target.path is None), None)
    if options.as_json:
        stdout.write(document.render(report))
    elif printed is not None and printed != "terminal":
        stdout.write(FORMATS[printed](report))
    elif options.quiet < 2:
        stdout.write(_terminal(report, options, stdout, where, environ))
    stdout.flush()


def _terminal(
    report: Report,
    options: Shown,
    stdout: TextIO,
    where: str | None,
    environ: Mapping[str, str],
) -> str:
    from gomanager.report import terminal

    tty = stdout.isatty()
    coloured = colours.colour(tty, environ, options.color)
    width = shutil.get_terminal_size().columns if tty else terminal.WIDTH
    return terminal.render(
        report,
        colour=coloured,
        width=max(40, width),
        where=where,
        brief=options.quiet > 0,
    )
