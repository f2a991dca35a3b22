"""``gomanager scope``: what a change can break, one import path a line."""

import gc
import os
from pathlib import Path
from typing import Any

import click


@click.command("scope", short_help="Tell which packages a change can break, and why.")
@click.option("--base", metavar="REF", help="Compare with the merge base of REF.")
@click.option("--phase", "phases", metavar="NAME", multiple=True, help="Just these phases.")
@click.option("--module", metavar="DIR", help="Only the packages of the module in DIR.")
@click.option("--staged", is_flag=True, help="Only what is staged, against HEAD: for hooks.")
@click.option("--all", "everything", is_flag=True, help="Every package of every phase.")
@click.option("--json", "as_json", is_flag=True, help="The document gomanager.scope/1.")
@click.pass_obj
def command(
    obj: dict[str, Any],
    base: str | None,
    phases: tuple[str, ...],
    module: str | None,
    staged: bool,
    everything: bool,
    as_json: bool,
) -> int:
    """Print the test packages that a change can break, then those that must compile.

    \b
    stdout takes import paths only, the reasons go to stderr.
    Example:     gomanager scope | xargs -r go test
    Exit codes:  0 answered, also when nothing is affected  2 usage  3 environment
    """
    from gomanager.pipeline.start import start

    # Before the imports below; and no collector, which would look at every file of the tree.
    started = start(Path.cwd(), os.environ, base=base, staged=staged, look=obj["look"])
    gc.disable()

    from gomanager.pipeline.recall import stored
    from gomanager.pipeline.scope import Question, select

    question = Question(
        cwd=Path.cwd(),
        environ=os.environ,
        config=obj["config"],
        base=base,
        everything=everything,
        phases=phases,
        staged=staged,
        prove=not everything,
        started=started,
    )
    with stored(question.environ, question.cwd) as recall:
        answer = select(question, recall)
    scope = answer.scope
    if module is not None:
        modules = [found.dir for found in answer.graph.modules]
        from gomanager.pipeline.scopetext import narrowed

        scope = narrowed(scope, answer.place.root, Path(module), modules)
    if as_json:
        import json

        from gomanager.pipeline.scopedocument import document

        click.echo(json.dumps(document(scope), ensure_ascii=False))
        return 0

    from gomanager.pipeline.scopetext import lines

    click.echo("\n".join(map(_safe, lines(scope))), err=True)
    paths = (*scope.packages, *scope.build_only)
    if paths:
        click.echo("\n".join(paths))
    return 0


def _safe(line: str) -> str:
    """What passes here needs nothing of ``text``, whose patterns take 5 ms to compile."""
    if line.isprintable() and "::" not in line and "##" not in line:
        return line
    from gomanager.text import for_terminal

    return for_terminal(line)
