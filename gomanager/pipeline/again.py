"""A stored report rendered once more, in the formats that are asked for."""

import shutil
from typing import TextIO

from msgspec import Struct

from gomanager import colour as colours
from gomanager.pipeline import publish
from gomanager.pipeline.past import Standing, document, opened
from gomanager.report.formats import FORMATS
from gomanager.report.model import Report, decode


class Wanted(Struct, frozen=True, kw_only=True):
    """The run by the beginning of its uid (None: the newest), and the formats."""

    run: str | None = None
    formats: tuple[str, ...] = ()
    color: str = "auto"


def again(standing: Standing, wanted: Wanted, stdout: TextIO) -> int:
    """Render; the exit code is the run's own. Raises UsageError and EnvironmentFault."""
    targets = publish.targets(wanted.formats or ("terminal",), standing.cwd)
    store = opened(standing)
    try:
        report = decode(document(store, wanted.run))
    finally:
        if store is not None:
            store.close()
    for target in targets:
        if target.path is not None:
            publish.write(target.path, FORMATS[target.format](report))
        elif target.format == "terminal":
            stdout.write(_terminal(report, standing, wanted, stdout))
        else:
            stdout.write(FORMATS[target.format](report))
    return report.run.exit_code


def _terminal(report: Report, standing: Standing, wanted: Wanted, stdout: TextIO) -> str:
    from gomanager.report import terminal

    tty = stdout.isatty()
    coloured = colours.colour(tty, standing.environ, wanted.color)
    width = shutil.get_terminal_size().columns if tty else terminal.WIDTH
    return terminal.render(report, colour=coloured, width=max(40, width))
