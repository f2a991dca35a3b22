"""Docs never rot: every command, phase, exit code and key is described, and links lead somewhere."""

import re
from pathlib import Path

import click
import msgspec
import pytest

from gomanager.cli import COMMANDS, gomanager
from gomanager.config import ConfigKeys
from gomanager.phasefile import PhaseKeys
from gomanager.report.formats import FORMATS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "examples").rglob("*.md")])
_TABLE = re.compile(r"(<!-- options -->\n).*?(<!-- /options -->)", re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_CALL = re.compile(r"(?:^|[|;&(`$] *)gomanager((?: +[^\s`|;&#)>]+)*)", re.MULTILINE)


def loaded(name: str) -> click.Command:
    command = gomanager.get_command(click.Context(gomanager), name)
    assert command is not None
    return command


def options(command: click.Command) -> str:
    """The table of a page, from the command itself."""
    rows = ["| option | does |", "|---|---|"]
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            names = ", ".join([*parameter.opts, *parameter.secondary_opts])
            value = "" if parameter.is_flag or parameter.count else f" {_value(parameter)}"
            text = (parameter.help or "").replace("|", "\\|")
            rows.append(f"| `{names}{value}` | {text} |".replace("|N%", "\\|N%"))
    return "\n".join(rows) + "\n"


def _value(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return "\\|".join(option.type.choices)
    return option.metavar or "VALUE"


@pytest.mark.parametrize("name", COMMANDS)
def test_command_has_a_page_with_its_options(name, request):
    page = DOCS / "commands" / f"{name}.md"
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# gomanager {name}\n")
    table = options(loaded(name))
    if request.config.getoption("--update-golden"):
        page.write_text(_TABLE.sub(lambda m: m[1] + table + m[2], text), encoding="utf-8")
    found = _TABLE.search(page.read_text(encoding="utf-8"))
    assert found is not None
    assert found[0] == f"<!-- options -->\n{table}<!-- /options -->"


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example_and_exit_codes(name):
    command = loaded(name)
    text = command.get_help(click.Context(command, info_name=f"gomanager {name}"))
    assert "Example:" in text
    assert "Exit codes:" in text
    assert all(p.help for p in command.params if isinstance(p, click.Option) and p.name != "color")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    broken = [
        target
        for target in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8")))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_and_options_in_examples_exist(page):
    for block in re.findall(
        r"```(?:sh|yaml)?\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL
    ):
        for call in _CALL.findall(block):
            words = call.split()
            if not words or words[0].startswith("-"):
                continue
            assert words[0] in COMMANDS, call
            own = words[1 : words.index("--")] if "--" in words else words[1:]
            known = {o for p in loaded(words[0]).params for o in p.opts} | {"--help"}
            given = {word.partition("=")[0] for word in own if word.startswith("-") and word != "-"}
            assert given <= known, call


def test_index_lists_every_page():
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    pages = [page.relative_to(DOCS).as_posix() for page in DOCS.glob("*/*.md")]
    assert [page for page in pages if f"]({page})" not in index] == []


def test_phases_are_described():
    text = (DOCS / "concepts" / "phases.md").read_text(encoding="utf-8")
    shipped = [path.stem for path in (ROOT / "phases").glob("*.yaml")]
    assert [name for name in shipped if f"| `{name}` |" not in text] == []


def _keys(struct: type, prefix: str = "") -> list[str]:
    found = []
    for field in msgspec.structs.fields(struct):
        inner = field.type
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            found += _keys(inner, f"{prefix}{field.encode_name}.")
        else:
            found.append(prefix + field.encode_name)
    return found


def test_phase_keys_are_described():
    text = (DOCS / "concepts" / "phases.md").read_text(encoding="utf-8")
    assert [key for key in _keys(PhaseKeys) if f"`{key}`" not in text] == []


def test_configuration_keys_are_described():
    text = (DOCS / "concepts" / "configuration.md").read_text(encoding="utf-8")
    assert [key for key in _keys(ConfigKeys) if f"| `{key}` |" not in text] == []


def test_exit_codes_are_described():
    text = (DOCS / "concepts" / "exit-codes.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for code in (0, 1, 2, 3, 130, 143):
        assert f"| {code} |" in text
        assert f"| {code} |" in readme


def test_formats_are_described():
    text = (DOCS / "concepts" / "reports.md").read_text(encoding="utf-8")
    assert [name for name in FORMATS if f"`{name}`" not in text] == []


def test_changelog_keeps_its_form():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)
    assert headings[0] == "Unreleased"
