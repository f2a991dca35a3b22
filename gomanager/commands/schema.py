"""``gomanager schema``: the JSON Schema of a document or file."""

import json

import click

NAMES = (
    "config",
    "phase",
    "report",
    "scope",
    "stress",
    "why",
    "phases",
    "history",
    "doctor",
    "init",
    "error",
)


@click.command("schema", short_help="Print the JSON Schema of a document or file.")
@click.argument("name", type=click.Choice(NAMES), metavar="NAME")
@click.option("--json", "as_json", is_flag=True, help="On one line.")
def command(name: str, as_json: bool) -> int:
    """Print the JSON Schema of a file that people write (config, phase) or of a document that
    --json prints (report, scope, stress, why, phases, history, doctor, init, error).

    \b
    Example:     gomanager schema config > .gomanager/config.schema.json
    Exit codes:  0 printed  2 usage
    """
    from gomanager.pipeline.schemas import schema

    click.echo(json.dumps(schema(name), ensure_ascii=False, indent=None if as_json else 2))
    return 0
