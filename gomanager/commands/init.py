"""``gomanager init``: a commented configuration file out of what the repository holds."""

import os
from pathlib import Path

import click


@click.command("init", short_help="Write a commented .gomanager.yaml.")
@click.option("--dry-run", is_flag=True, help="Print the file, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="What was found and written.")
@click.pass_obj
def command(obj: dict[str, str | None], dry_run: bool, as_json: bool) -> int:
    """Look at the repository and write a commented .gomanager.yaml at its root.

    Every key but `version` is commented out: it changes nothing until you want it to. The
    JSON Schema goes beside it, for editors. A file that exists is never overwritten.

    \b
    Example:     gomanager init --dry-run
    Exit codes:  0 written  2 the file exists, or there is no Go module  3 environment
    """
    from gomanager.config import FILE
    from gomanager.pipeline import setup
    from gomanager.pipeline.scope import Question, select
    from gomanager.text import for_terminal

    cwd = Path.cwd()
    root = setup.root_of(cwd, os.environ)
    if not dry_run:
        setup.refuse_overwriting(root)
    question = Question(cwd=cwd, environ=os.environ, config=obj["config"], everything=True)
    found = setup.look(select(question))
    if not dry_run:
        setup.write(root, found)
    if as_json:
        click.echo(setup.document(found, written=not dry_run), nl=False)
        return 0
    for line in setup.lines(found):
        click.echo(for_terminal(line), err=True)
    if dry_run:
        click.echo(setup.text(found), nl=False)
    else:
        click.echo(for_terminal(f"wrote {FILE} and {setup.SCHEMA_FILE} in {root}"), err=True)
    return 0
