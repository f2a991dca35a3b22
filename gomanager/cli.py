"""The command line: a group whose commands load when called, and the one place that catches."""

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gomanager.errors import EnvironmentFault, GomanagerError, Problem
from gomanager.version import VERSION

if TYPE_CHECKING:
    from gomanager.git.look import Look

COMMANDS = {
    "run": "Run the tests that a change can break, and judge them.",
    "stress": "Run one test many times, and tell how often it fails.",
    "scope": "Tell which packages a change can break, and why.",
    "why": "Tell why a package, test, file or phase runs, or why not.",
    "phases": "List the test phases and whether this change calls for them.",
    "report": "Render a stored run again.",
    "history": "List what is remembered of earlier runs.",
    "replay": "Turn a recorded test stream into the same report.",
    "schema": "Print the JSON Schema of a document or file.",
    "init": "Write a commented .gomanager.yaml.",
    "doctor": "Check the machine, the repository and the configuration.",
    "completion": "Print the completion script of a shell.",
}

_FULL = (errno.ENOSPC, errno.EDQUOT)

EPILOG = """\b
Exit codes: 0 green  1 tests or a gate failed  2 usage or configuration
            3 environment  130 interrupted  143 terminated
Example:    gomanager run
"""


class LazyGroup(click.Group):
    """Imports ``gomanager.commands.NAME`` only when NAME is called: --version costs click alone."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"gomanager.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else f" One of: {', '.join(COMMANDS)}."
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """Names and summaries from the table above: help needs no command's imports."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(VERSION, prog_name="gomanager", message="%(prog)s %(version)s")
@click.option("-C", "directory", metavar="DIR", help="Work as if started in DIR.")
@click.option("--config", metavar="FILE", help="Use this file instead of .gomanager.yaml.")
@click.pass_context
def gomanager(ctx: click.Context, directory: str | None, config: str | None) -> None:
    """The integration-test manager for Go projects.

    Looks at what changed, runs the test phases that matter, judges the event stream,
    remembers every result, and writes one report.
    """
    if directory is not None:
        try:
            os.chdir(directory)
        except OSError as error:
            message = f"cannot enter '{directory}': {error.strerror}"
            raise click.BadParameter(message, param_hint="'-C'") from error
    try:
        Path.cwd()
    except FileNotFoundError as error:
        what = "the current folder is gone: somebody removed it"
        raise EnvironmentFault(what, fix="enter one that exists, or name it: -C DIR") from error
    ctx.obj = {"config": config, "look": ctx.obj}


def run(args: Sequence[str], look: "Look | None" = None) -> int:
    """Call one command and return its exit code; every error ends here, in words.

    ``look``: what git has been asked already, for the command to use.
    """
    if os.environ.get("_GOMANAGER_COMPLETE", "").startswith("powershell"):
        import_module("gomanager.completion")  # click knows the other shells by itself
    try:
        result = gomanager.main(
            args=list(args), prog_name="gomanager", standalone_mode=False, obj=look
        )
        sys.stdout.flush()
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.exceptions.Abort:
        return 130
    except KeyboardInterrupt:
        return 130
    except click.ClickException as error:
        return _usage(error, args)
    except GomanagerError as error:
        return _report(error, args)
    except BrokenPipeError:
        # The reader of our output left (`| head`): a flush at exit must not raise once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        return _full(error) if error.errno in _FULL else _bug(args)
    except Exception:  # noqa: BLE001 - the boundary: a traceback on screen helps no user
        return _bug(args)
    return result if isinstance(result, int) else 0


def _full(error: OSError) -> int:
    """Where our output goes there is no room; what is left of it must not raise once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    click.echo(f"gomanager: cannot write: {error.strerror}", err=True)
    click.echo("  make room, or send the output elsewhere", err=True)
    return 3


def _usage(error: click.ClickException, args: Sequence[str]) -> int:
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context else "gomanager"
    wrong = GomanagerError(error.format_message(), fix=f"see '{path} --help'")
    wrong.exit_code = 2
    return _report(wrong, args)


def _report(error: GomanagerError, args: Sequence[str]) -> int:
    if "--json" in _own(args):
        click.echo(_document(error))
        return error.exit_code
    click.echo(f"gomanager: {_plain(error.what)}", err=True)
    if error.where:
        click.echo(f"  in {_plain(error.where)}", err=True)
    for problem in error.problems:
        click.echo(_plain(_line(problem)), err=True)
        if problem.excerpt:
            click.echo(_plain(problem.excerpt), err=True)
    if error.fix:
        click.echo(f"  {_plain(error.fix)}", err=True)
    return error.exit_code


def _own(args: Sequence[str]) -> Sequence[str]:
    """The arguments in front of ``--``: what follows belongs to go test."""
    return args[: list(args).index("--")] if "--" in args else args


def _plain(text: str) -> str:
    from gomanager.text import for_terminal

    return for_terminal(text)


def _line(problem: Problem) -> str:
    tail = f" – {problem.suggestion}" if problem.suggestion else ""
    return f"{problem.place}: {problem.message}{tail}" if problem.place else problem.message + tail


def _document(error: GomanagerError) -> str:
    import json

    keys = ("message", "file", "line", "column", "suggestion")
    problems = [{key: getattr(problem, key) for key in keys} for problem in error.problems]
    document = {
        "schema": "gomanager.error/1",
        "what": error.what,
        "where": error.where,
        "fix": error.fix,
        "exit_code": error.exit_code,
        "errors": problems,
    }
    return json.dumps(document, ensure_ascii=True)


def _bug(args: Sequence[str]) -> int:
    import tempfile
    import traceback

    text = f"gomanager {VERSION}\narguments: {list(args)!r}\n\n{traceback.format_exc()}"
    with tempfile.NamedTemporaryFile(
        "w", prefix="gomanager-bug-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(text)
    last = text.rstrip().rsplit("\n", 1)[-1]
    return _report(
        GomanagerError(
            f"this is a bug in gomanager: {last}",
            where=file.name,
            fix="please report it with that file",
        ),
        args,
    )
