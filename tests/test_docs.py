"""Docs never rot: every command, phase, exit code and key is described, and links lead somewhere."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
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
_ROW = re.compile(r"^\| (\w+) \|", re.MULTILINE)
_ID = re.compile(r"\b[A-FS]\d{1,2}\b")
_REASON = re.compile(r"^(?:[A-F]\d{1,2}|\d{1,2}[ab]?)\Z")
_ELSEWHERE = re.compile(r"§|\b[\w-]+\.md,? §?\d")
"""References to chapters of pages that are not here."""
_HERE = re.compile(r"\bdocs/[\w/-]+\.md\b")
_NAMED_BY_ID = re.compile(r"^def test_((?:[a-fs]\d{1,2}_)+)", re.MULTILINE)
_ABOUT_COVERAGE = re.compile(
    r"/(?:analysis/|gotest/(?:test_)?profiles?|golang/(?:test_)?lines|pipeline/(?:measure|test_cover)|.*(?:hunks|changed_lines))"
)
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


def _rows(page: str) -> frozenset[str]:
    text = (DOCS / "cases" / f"{page}.md").read_text(encoding="utf-8")
    return frozenset(_ROW.findall(text))


STREAM, SELECTION, COVERAGE = _rows("stream"), _rows("selection"), _rows("coverage")


def _page(path: Path, row: str) -> frozenset[str]:
    """The C rows of coverage and of selection are different ones."""
    if row[0] == "S":
        return STREAM
    return COVERAGE if row[0] == "C" and _ABOUT_COVERAGE.search(path.as_posix()) else SELECTION


def _said(source: str) -> Iterator[str]:
    """Comments, docstrings, and the texts under attributes."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def test_ids_in_comments_have_a_row():
    lost = [
        f"{path.relative_to(ROOT)}: {row}"
        for folder in ("gomanager", "tests", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for text in _said(path.read_text(encoding="utf-8"))
        for row in _ID.findall(text)
        if row not in _page(path, row)
    ]
    assert lost == []


def test_comments_point_at_pages_that_exist():
    lost = [
        f"{path.relative_to(ROOT)}: {found}"
        for folder in ("gomanager", "tests", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for text in _said(path.read_text(encoding="utf-8"))
        for found in (*_ELSEWHERE.findall(text), *_HERE.findall(text))
        if not (found.startswith("docs/") and (ROOT / found).is_file())
    ]
    assert lost == []


def test_tests_named_by_an_id_have_a_row():
    lost = [
        f"{path.relative_to(ROOT)}: {row}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for ids in _NAMED_BY_ID.findall(path.read_text(encoding="utf-8"))
        for row in ids.upper().strip("_").split("_")
        if row not in _page(path, row)
    ]
    assert lost == []


def test_reasons_have_a_row():
    places = [*(ROOT / "gomanager" / "selection").glob("*.py")]
    places += [ROOT / "gomanager" / "golang" / "modchange.py"]
    places += [
        p
        for p in (ROOT / "gomanager" / "pipeline").glob("*.py")
        if "Reason(id=" in p.read_text("utf-8")
    ]
    found = {row for path in places for row in _reasons(ast.parse(path.read_text("utf-8")))}
    assert {"A1", "B7", "C15", "D1", "E16", "9a", "all", "named"} <= found
    assert found - SELECTION == set()


def _reasons(tree: ast.Module) -> Iterator[str]:
    """What may become ``Reason.id``: an ``id=``, a first argument, a text that looks like one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            named = [keyword.value for keyword in node.keywords if keyword.arg == "id"]
            first = node.args[:1] if getattr(node.func, "id", "") == "_all" else []
            yield from (c.value for c in (*named, *first) if isinstance(c, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _REASON.findall(node.value)
