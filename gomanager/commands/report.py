"""``gomanager report``: a stored run rendered again."""

import os
import sys
from pathlib import Path

import click


@click.command("report", short_help="Render a stored run again.")
@click.argument("run", required=False, metavar="[RUN]")
@click.option("--format", "formats", metavar="NAME[=PATH]", multiple=True, help="Repeatable.")
@click.option("--json", "as_json", is_flag=True, help="The report document on stdout.")
@click.option("--store", metavar="PATH", help="History file to use.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
@click.pass_obj
def command(
    obj: dict[str, str | None],
    *,
    run: str | None,
    formats: tuple[str, ...],
    as_json: bool,
    store: str | None,
    color: str,
) -> int:
    """Render a stored run again: the newest, or the one whose uid begins with RUN.

    \b
    Example:     gomanager report 0199c2 --format junit=junit.xml
    Exit codes:  that of the run  2 usage  3 environment
    """
    from gomanager.pipeline.again import Wanted, again
    from gomanager.pipeline.past import Standing

    standing = Standing(cwd=Path.cwd(), environ=os.environ, config=obj["config"], store=store)
    wanted = Wanted(run=run, formats=(*formats, "json") if as_json else formats, color=color)
    return again(standing, wanted, sys.stdout)
