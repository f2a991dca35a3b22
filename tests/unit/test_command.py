"""A command as a person reads it: pasteable, on one line, without secrets."""

import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gomanager.command import Command, cannot_start, quote, redact

ROOT = Path("/repository")


def command(*argv: str, **more: object) -> Command:
    return Command(argv=argv, cwd=more.pop("cwd", ROOT), root=ROOT, **more)


def test_plain_words_stay_plain():
    assert command("go", "test", "-run=^TestA$", "./a").text == "go test '-run=^TestA$' ./a"


def test_another_folder_is_entered_in_a_subshell():
    assert command("go", "test", cwd=ROOT / "tools x").text == "(cd 'tools x' && go test)"


def test_environment_stands_before_the_command():
    text = command("go", "env", env=(("A", "b c"),), unset=("GODEBUG",)).text
    assert text == "env -u GODEBUG A='b c' go env"


def test_environment_is_added_and_taken_out():
    made = command("x", env=(("A", "2"),), unset=("B",))
    assert made.environment({"A": "1", "B": "1", "C": "1"}) == {"A": "2", "C": "1"}


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("GITHUB_TOKEN=abc", "GITHUB_TOKEN=***"),
        ("DB_PASSWORD=a b", "DB_PASSWORD=***"),
        ("AWS_SECRET_ACCESS_KEY=x", "AWS_SECRET_ACCESS_KEY=***"),
        ("-token=abc", "-token=***"),
        ("https://me:pw@host/x", "https://***@host/x"),
        ("-ldflags=-X main.token=abc -s", "-ldflags=-X main.token=*** -s"),
        ("AUTHOR=me", "AUTHOR=me"),
        ("-run=^TestToken$", "-run=^TestToken$"),
        ("-tags=integration", "-tags=integration"),
    ],
)
def test_secrets_are_redacted(word, shown):
    assert redact(word) == shown


@given(st.text(st.characters(blacklist_categories=["Cs"]), min_size=1))
def test_a_quoted_word_is_one_printable_line(word):
    quoted = quote(word)
    assert quoted.isprintable()
    if word.isprintable():
        assert shlex.split(quoted) == [word]


def test_what_cannot_be_started_says_how_to_get_it():
    fault = cannot_start(("go", "env"), Path("/"), FileNotFoundError(2, "no"))
    assert (fault.what, fault.exit_code) == ("go was not found", 3)
    assert "go.dev" in str(fault.fix)
    fault = cannot_start(("go",), Path("/nowhere/at/all"), FileNotFoundError(2, "no"))
    assert "folder is gone" in fault.what
    assert "cannot be executed" in cannot_start(("x",), Path("/"), PermissionError(13, "no")).what
    assert "null" in cannot_start(("x",), Path("/"), ValueError("embedded null byte")).what
