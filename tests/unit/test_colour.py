"""Colour and interactivity, first rule that decides."""

import pytest

from gomanager.colour import colour, in_ci, interactive


@pytest.mark.parametrize(
    ("tty", "environ", "option", "expected"),
    [
        (False, {"NO_COLOR": "1"}, "always", True),
        (True, {"FORCE_COLOR": "1"}, "never", False),
        (True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, "auto", False),
        (True, {"NO_COLOR": ""}, "auto", True),
        (False, {"FORCE_COLOR": "1"}, "auto", True),
        (True, {"FORCE_COLOR": "0"}, "auto", False),
        (True, {"FORCE_COLOR": "false"}, "auto", False),
        (False, {"CLICOLOR_FORCE": "1", "TERM": "dumb"}, "auto", True),
        (True, {"CLICOLOR_FORCE": "0", "TERM": "dumb"}, "auto", False),
        (False, {"GITHUB_ACTIONS": "true"}, "auto", True),
        (False, {"GITHUB_ACTIONS": "true", "TERM": "dumb"}, "auto", False),
        (False, {"CI": "woodpecker"}, "auto", True),
        (False, {"JENKINS_URL": "http://ci"}, "auto", False),
        (True, {"CLICOLOR": "0"}, "auto", False),
        (True, {}, "auto", True),
        (False, {}, "auto", False),
    ],
)
def test_colour(tty: bool, environ: dict[str, str], option: str, expected: bool) -> None:
    assert colour(tty, environ, option) is expected


@pytest.mark.parametrize(
    ("tty", "environ", "expected"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"CI": "true"}, False),
        (True, {"CI": "false"}, True),
        (True, {"TF_BUILD": "True"}, False),
        (True, {"TERM": "dumb"}, False),
        (True, {"CI": "1", "TTY_INTERACTIVE": "1"}, True),
        (True, {"TTY_INTERACTIVE": "0"}, False),
    ],
)
def test_interactive(tty: bool, environ: dict[str, str], expected: bool) -> None:
    assert interactive(tty, environ) is expected


def test_ci_is_known_by_its_own_variable() -> None:
    assert in_ci({"BUILDKITE": "true"})
    assert not in_ci({"HOME": "/root"})
