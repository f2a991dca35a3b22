"""``gomanager phases``: the catalogue, and whether this change calls for each phase."""

import os
from pathlib import Path

import click


@click.command("phases", short_help="List the test phases and whether this change calls for them.")
@click.option("--base", metavar="REF", help="Compare with the merge base of REF.")
@click.option("--all", "everything", is_flag=True, help="What a run over everything calls for.")
@click.option("-v", "--verbose", is_flag=True, help="What each phase is, and its file.")
@click.option("--json", "as_json", is_flag=True, help="The document gomanager.phases/1.")
@click.pass_obj
def command(
    obj: dict[str, str | None], base: str | None, everything: bool, verbose: bool, as_json: bool
) -> int:
    """List the test phases in their order, and why this change calls for each or does not.

    \b
    Example:     gomanager phases --base origin/main
    Exit codes:  0 answered  2 usage or configuration  3 environment
    """
    from gomanager.pipeline import catalogue
    from gomanager.pipeline.recall import stored
    from gomanager.pipeline.scope import Question, select
    from gomanager.text import for_terminal

    cwd = Path.cwd()
    question = Question(
        cwd=cwd, environ=os.environ, config=obj["config"], base=base, everything=everything
    )
    with stored(os.environ, cwd) as recall:
        answer = select(question, recall)
    if as_json:
        click.echo(catalogue.document(answer.phases, answer.scope.phases), nl=False)
        return 0
    click.echo(for_terminal(f"scope: {answer.scope.mode}: {answer.scope.reason}"), err=True)
    for line in catalogue.table(answer.phases, answer.scope.phases, verbose=verbose):
        click.echo(for_terminal(line))
    return 0
