"""``gomanager doctor``: is everything here that gomanager needs, and if not, what mends it."""

import os
import time
from pathlib import Path

import click


@click.command("doctor", short_help="Check the machine, the repository and the configuration.")
@click.option("--config", "show", is_flag=True, help="Effective settings and their origins.")
@click.option("--json", "as_json", is_flag=True, help="The document gomanager.doctor/1.")
@click.pass_obj
def command(obj: dict[str, str | None], show: bool, as_json: bool) -> int:
    """Check the machine, the repository, the configuration and the store.

    One line a check; each warning and failure says what mends it. It starts no test and
    reaches no network. --json is made to be pasted into an issue: secrets are masked.

    \b
    Example:     gomanager doctor
    Exit codes:  0 nothing failed  3 a check failed
    """
    import msgspec

    from gomanager.pipeline.doctor import examine
    from gomanager.pipeline.past import Standing
    from gomanager.text import for_terminal, hide_in_json, mask_secrets

    standing = Standing(cwd=Path.cwd(), environ=os.environ, config=obj["config"])
    found = examine(standing, now=time.time())
    if as_json:
        document = hide_in_json(msgspec.json.encode(found)).decode()
        click.echo(mask_secrets(document, os.environ))
        return found.exit_code
    if show and found.config:
        for setting in found.config:
            value = msgspec.json.encode(setting.value).decode()
            click.echo(for_terminal(f"{setting.key}: {value}  ({setting.origin})"))
        return 0
    for check in found.checks:
        click.echo(for_terminal(f"{check.state:<4}  {check.name}: {check.text}"))
        if check.fix and check.state != "ok":
            click.echo(for_terminal(f"      {check.fix}"))
    return found.exit_code
