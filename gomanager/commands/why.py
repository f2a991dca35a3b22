"""``gomanager why``: why something runs, or why not."""

import json
import os
from pathlib import Path
from typing import Any

import click


@click.command("why", short_help="Tell why a package, test, file or phase runs, or why not.")
@click.option("--base", metavar="REF", help="Compare with the merge base of REF.")
@click.option("--staged", is_flag=True, help="Only what is staged, against HEAD: for hooks.")
@click.option("--all", "everything", is_flag=True, help="As if everything were asked for.")
@click.option("--no-ledger", is_flag=True, help="As if nothing were proven green.")
@click.option("--json", "as_json", is_flag=True, help="The document gomanager.why/1.")
@click.argument("target", metavar="PACKAGE|CASE|FILE|PHASE")
@click.pass_obj
def command(
    obj: dict[str, Any],
    base: str | None,
    staged: bool,
    everything: bool,
    no_ledger: bool,
    as_json: bool,
    target: str,
) -> int:
    """Tell for each phase why the target runs, or what spares it.

    \b
    A package is an import path or ./folder, a case TestName or PACKAGE.TestName.
    Example:     gomanager why ./internal/store
    Exit codes:  0 answered, whatever the answer  2 unknown target, usage  3 environment
    """
    from gomanager.pipeline.start import start

    started = start(Path.cwd(), os.environ, base=base, staged=staged, look=obj["look"])

    from gomanager.pipeline.recall import stored
    from gomanager.pipeline.scope import Question, select
    from gomanager.pipeline.why import why
    from gomanager.pipeline.whydocument import document, lines
    from gomanager.text import for_terminal

    question = Question(
        cwd=Path.cwd(),
        environ=os.environ,
        config=obj["config"],
        base=base,
        everything=everything,
        staged=staged,
        prove=not (no_ledger or everything),
        started=started,
    )
    with stored(question.environ, question.cwd) as recall:
        answer = select(question, recall)
        found = why(answer, target, question.cwd)
    if as_json:
        click.echo(json.dumps(document(found), ensure_ascii=False))
        return 0
    for line in lines(found):
        click.echo(for_terminal(line))
    return 0
