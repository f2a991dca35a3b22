"""``gomanager stress``: one case in many fresh processes."""

import os
import re
import sys

import click

_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h))+")


def _duration(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """A Go duration, in seconds."""
    from gomanager.phases import seconds

    if value is None:
        return None
    if not _DURATION.fullmatch(value) or not seconds(value):
        message = f"{value!r} is no duration: write 90s or 10m"
        raise click.BadParameter(message)
    return seconds(value)


def _share(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """``1%`` or 0.01, as a number between 0 and 1."""
    if value is None:
        return None
    try:
        share = float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
    except ValueError:
        share = 0.0
    if not 0.00001 <= share < 1:
        message = f"{value!r} is no share: write 1%"
        raise click.BadParameter(message)
    return share


def _cpus(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Values of GOMAXPROCS."""
    words = tuple(word.strip() for word in value.split(",")) if value is not None else ()
    if not all(word.isdecimal() and 0 < int(word) <= 4096 for word in words):
        message = f"{value!r} is no list of processors: write 1,2,4"
        raise click.BadParameter(message)
    return words


def _seed(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """``on`` or a seed."""
    if value is not None and value != "on" and not re.fullmatch(r"-?\d{1,18}", value):
        message = f"{value!r} is no seed: write --shuffle or --shuffle=1234"
        raise click.BadParameter(message)
    return value


@click.command("stress", short_help="Run one test many times, and tell how often it fails.")
@click.argument("case", nargs=-1, required=True, metavar="[PACKAGE] CASE")
@click.option("--runs", type=click.IntRange(1), metavar="N", help="So many processes.")
@click.option("--for", "seconds", callback=_duration, metavar="TIME", help="So long: 90s, 10m.")
@click.option("--until-failure", is_flag=True, help="Stop at the first failure.")
@click.option(
    "--confidence",
    callback=_share,
    metavar="RATE",
    help="Stop when it surely (95 %) fails less often: 1%.",
)
@click.option("-p", "--parallel", type=click.IntRange(1, 1024), metavar="N", help="At once (CPUs).")
@click.option(
    "--shuffle",
    callback=_seed,
    is_flag=False,
    flag_value="on",
    metavar="[SEED]",
    help="Its whole package, each time in another order.",
)
@click.option("--race/--no-race", default=None, help="Instead of what its phase says.")
@click.option("--cpu", "cpus", callback=_cpus, metavar="LIST", help="GOMAXPROCS: 1,2,4.")
@click.option("--phase", metavar="NAME", help="With the configuration of this phase.")
@click.option("--store", metavar="PATH", help="History file to use.")
@click.option("--no-store", is_flag=True, help="Remember nothing.")
@click.option("--json", "as_json", is_flag=True, help="gomanager.stress/1 on stdout.")
@click.option("-q", "quiet", count=True, help="No progress; -qq: no report either.")
@click.pass_obj
def command(
    obj: dict[str, str | None],
    /,
    case: tuple[str, ...],
    **given: object,
) -> int:
    """Compile the test once, run it in many fresh processes, and tell how often it fails.

    CASE is PACKAGE.TestName/sub, or a package and a name, or a name alone where one package has
    it. Words behind -- go to go test. Without a limit it stops at the first failure, when it surely
    fails less often than 5 %, or after ten minutes.

    \b
    Example:     gomanager stress ./internal/cart TestCheckout/express --runs 200 --race
    Exit codes:  0 never failed  1 failed  2 usage  3 environment  130/143 interrupted
    """
    from gomanager.pipeline.stress import StressOptions, stress

    words, arguments = _divided(case)
    about = {"config": obj["config"], "case": words, "arguments": arguments}
    options = StressOptions(**about, **given)  # type: ignore[arg-type]
    return stress(options, stdout=sys.stdout, stderr=sys.stderr, environ=os.environ)


def _divided(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """At most two words name a case; click has taken the ``--`` away."""
    at = next((n for n, word in enumerate(words) if word.startswith("-")), len(words))
    return words[:at], words[at:]
