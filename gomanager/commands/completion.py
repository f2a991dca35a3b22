"""``gomanager completion``: the script that makes a shell complete our commands."""

import json

import click


@click.command("completion", short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
@click.option("--json", "as_json", is_flag=True, help="The script as a JSON document.")
def command(shell: str, as_json: bool) -> int:
    """Print the completion script of a shell.

    \b
    Example:     source <(gomanager completion bash)
    fish:        gomanager completion fish > ~/.config/fish/completions/gomanager.fish
    powershell:  gomanager completion powershell >> $PROFILE
    Exit codes:  0 printed  2 usage
    """
    from gomanager.completion import script

    text = script(shell)
    if as_json:
        document = {"schema": "gomanager.completion/1", "shell": shell, "script": text}
        text = json.dumps(document, ensure_ascii=False)
    click.echo(text)
    return 0
