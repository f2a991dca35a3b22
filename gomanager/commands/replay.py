"""``gomanager replay``: a recorded stream becomes the same report."""

import sys

import click


@click.command("replay", short_help="Turn a recorded test stream into the same report.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...|-")
@click.option("--exit-code", type=int, metavar="N", help="What the recorded command returned.")
@click.option("--format", "formats", metavar="NAME[=PATH]", multiple=True, help="Repeatable.")
@click.option("--output", metavar="DIR", help="Write report.md, report.json and junit.xml there.")
@click.option("--keep-output", is_flag=True, help="JUnit and JSON: what passed tests print.")
@click.option("--json", "as_json", is_flag=True, help="The report document on stdout.")
@click.option("--require-tests", is_flag=True, help="Exit 1 when no case passed.")
@click.option("-q", "quiet", count=True, help="-qq: print nothing.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto")
def command(**given: object) -> int:
    """Judge recorded results: go test -json, go test -v text, JUnit XML; gzip and zip of them.

    \b
    Example:     go test -json ./... | gomanager replay -
    Exit codes:  0 green  1 red  2 usage, or a file without test results
    """
    from gomanager.pipeline.replay import ReplayOptions, replay

    return replay(ReplayOptions(**given), stdout=sys.stdout)  # type: ignore[arg-type]
