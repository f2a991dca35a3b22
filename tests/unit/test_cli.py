"""The command line: lazy commands, one boundary for errors, exit codes."""

import json

import click
import pytest

from gomanager import cli
from gomanager.errors import ConfigError, EnvironmentFault, Problem, UsageError


def call(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    code = cli.run(args)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "--version")
    assert (code, out.split()[0]) == (0, "gomanager")


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "--help")
    assert code == 0
    assert all(f"  {name} " in out for name in cli.COMMANDS)


def test_every_command_loads() -> None:
    group = cli.gomanager
    assert isinstance(group, cli.LazyGroup)
    for name in cli.COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        assert command.name == name


def test_unknown_command_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "rnu")
    assert (code, out) == (2, "")
    assert "Did you mean 'run'?" in err


def test_unknown_option(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "run", "--bsae", "main")
    assert code == 2
    assert "--base" in err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("no such thing", fix="try another"), 2),
        (EnvironmentFault("go is missing", where="PATH", fix="install Go"), 3),
        (
            ConfigError("bad file", problems=(Problem(message="unknown key", file="a", line=2),)),
            2,
        ),
    ],
)
def test_errors_say_what_where_and_fix(
    error: UsageError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli._report(error, ["run"]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert error.what in captured.err
    for part in (error.where, error.fix, *(p.message for p in error.problems)):
        assert part is None or part in captured.err


def test_errors_as_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem(message="unknown key 'timout'", file="x.yaml", line=6, column=5)
    cli._report(ConfigError("bad", problems=(problem,)), ["run", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "gomanager.error/1"
    assert document["exit_code"] == 2
    assert document["errors"][0]["line"] == 6


def test_json_behind_the_dashes_is_not_ours(capsys: pytest.CaptureFixture[str]) -> None:
    cli._report(UsageError("x"), ["run", "--", "--json"])
    assert capsys.readouterr().out == ""
