"""Which view a run gets: a moving one on a terminal, lines in a log, none with ``-q``."""

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TextIO

from gomanager import colour as colours
from gomanager.ci.environment import detect
from gomanager.live.board import Board
from gomanager.live.log import PlainView, Silence
from gomanager.pipeline.options import RunOptions
from gomanager.pipeline.requests import Planned
from gomanager.store.protocol import PackageKey, Times
from gomanager.text import fence

if TYPE_CHECKING:
    from gomanager.live.terminal import RichView


def view(
    planned: Sequence[Planned],
    times: Times,
    options: RunOptions,
    stderr: TextIO,
    environ: Mapping[str, str],
) -> "AbstractContextManager[Silence | PlainView | RichView]":
    """A listener for the run; it writes to ``stderr`` only."""
    if options.quiet:
        return Silence()
    tty = stderr.isatty()
    coloured = colours.colour(tty, environ, options.color)
    root = str(planned[0].request.root) if planned else ""
    board = Board(usual=usual(planned, times), parallel=os.cpu_count() or 1, root=root)
    if colours.interactive(tty, environ):
        from gomanager.live.terminal import RichView, console

        return RichView(console(stderr, colour=coloured), board, verbose=options.verbose)
    ci = detect(environ)
    return PlainView(
        stderr,
        board,
        colour=coloured,
        verbose=options.verbose,
        fence=fence(ci.vendor if ci else None),
    )


def usual(planned: Sequence[Planned], times: Times) -> dict[str, float]:
    """Usual seconds by import path; empty where history knows nothing."""
    found = {}
    for one in planned:
        for module in one.request.modules:
            for package in module.packages:
                ms = times.package_ms(one.phase.name, PackageKey(module.path, package.path))
                if ms is not None:
                    found[package.path] = ms / 1000
    return found
