"""``gomanager history``: the runs that are remembered, and what a case did in them."""

import os
from pathlib import Path

import click


@click.command("history", short_help="List what is remembered of earlier runs.")
@click.argument("what", required=False, metavar="[CASE|recover]")
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    metavar="N",
    help="At most so many lines.",
)
@click.option("--branch", metavar="NAME", help="Only runs of this branch.")
@click.option("--package", metavar="PATH", help="Only the case of this import path.")
@click.option("--phase", metavar="NAME", help="Only the case in this phase.")
@click.option("--store", metavar="PATH", help="History file to use.")
@click.option("--json", "as_json", is_flag=True, help="gomanager.history/1 on stdout.")
@click.pass_obj
def command(
    obj: dict[str, str | None],
    *,
    what: str | None,
    limit: int,
    branch: str | None,
    package: str | None,
    phase: str | None,
    store: str | None,
    as_json: bool,
) -> int:
    """List the newest runs, or with CASE every attempt of the tests of that name.

    `recover` stores what killed runs left in their journals; `gomanager run` does so by itself.

    \b
    Example:     gomanager history TestServer/refuses_empty_names
    Exit codes:  0 answered  2 usage  3 environment
    """
    from gomanager.pipeline import history
    from gomanager.pipeline.past import Standing, opened
    from gomanager.pipeline.recover import recover

    standing = Standing(cwd=Path.cwd(), environ=os.environ, config=obj["config"], store=store)
    remembered = opened(standing, write=what == "recover")
    if remembered is None:
        click.echo(history.nothing(what, as_json=as_json), nl=False)
        return 0
    with remembered:
        if what == "recover":
            text = history.recovered(recover(remembered), as_json=as_json)
        elif what is not None:
            attempts = remembered.history(what, package=package, phase=phase, limit=limit)
            text = history.attempts_text(what, attempts, as_json=as_json)
        else:
            runs = remembered.runs(limit=limit, branch=branch)
            text = history.runs_text(runs, journals=remembered.journals, as_json=as_json)
    click.echo(text, nl=False)
    return 0
