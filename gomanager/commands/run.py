"""``gomanager run``: changes → scope → phases → results → report."""

import sys

import click

from gomanager.pipeline.options import RunOptions


@click.command("run", short_help="Run the tests that a change can break, and judge them.")
@click.option("--all", "everything", is_flag=True, help="Every package of every phase.")
@click.option("--base", metavar="REF", help="Compare with the merge base of REF.")
@click.option("--phase", "phases", metavar="NAME", multiple=True, help="Just these phases.")
@click.option("--lf", "last_failed", is_flag=True, help="Only what failed in the last run.")
@click.option("-x", "fail_fast", is_flag=True, help="Stop after the first red phase.")
@click.option(
    "--rerun-fails",
    "reruns",
    type=click.IntRange(0, 10),
    is_flag=False,
    flag_value=2,
    metavar="[N]",
    help="Rerun failed cases up to N times (2).",
)
@click.option("--rerun-limit", metavar="N|N%", help="No reruns above so many failures.")
@click.option("--cover", is_flag=True, help="Measure coverage.")
@click.option("--require-tests", is_flag=True, help="Exit 1 when no case passed.")
@click.option("--store", metavar="PATH", help="History file to use.")
@click.option("--no-store", is_flag=True, help="Remember nothing.")
@click.option("--no-ledger", is_flag=True, help="Run what is proven green too; record as ever.")
@click.option("--format", "formats", metavar="NAME[=PATH]", multiple=True, help="Repeatable.")
@click.option("--output", metavar="DIR", help="Report folder (gomanager-report).")
@click.option("--keep-output", is_flag=True, help="JUnit and JSON: what passed tests print.")
@click.option("--json", "as_json", is_flag=True, help="The report document on stdout.")
@click.option("--dry-run", is_flag=True, help="Show what would run; start no test.")
@click.option("-q", "quiet", count=True, help="Failures and verdict; -qq: nothing.")
@click.option("-v", "verbose", count=True, help="Every case; -vv: commands too.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
@click.option("--raw-command", is_flag=True, help="Judge what the command behind -- prints.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- GO TEST FLAGS]")
@click.pass_obj
def command(obj: dict[str, str | None], /, **given: object) -> int:
    """Run the tests that the change on this branch can break, and judge them.

    \b
    Example:     gomanager run --rerun-fails -- -short
    Exit codes:  0 green  1 red  2 usage  3 environment  130/143 interrupted
    """
    from gomanager.pipeline.run import run

    return run(RunOptions(config=obj["config"], **given), stdout=sys.stdout, stderr=sys.stderr)  # type: ignore[arg-type]
