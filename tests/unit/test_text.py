"""Hostile text never becomes an escape, a command, markup or broken XML."""

import json
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gomanager import text as t

PIECES = [
    "\x1b[31m", "\x1b[0m", "\x1b[2J", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\", "\x1b", "\x9b2J",
    "\x1bP1;2q", "\x1bc", "\r", "\n", "\r\n", "\t", "\x00", "\x7f", "\x85", "\u2028", "\u202e",
    "##[", "##[error]x", "##vso[task.x]", "##teamcity[x]", "##", "[", "#", "::", ":", " ::error::x",
    "::stop-commands::x", "--- ", "+++ ", "`", "```", "~~~", "|", "\\", "<b>", "<!-- ", "-->", "@me",
    "#12", "]]>", "&", "&amp;", "'", '"', "\ud800", "\ufffe", "é", "😀", "# ", "- ", "1. ", "> ", "a",
    "section_start:1:x\r\x1b[0K", " ", "    ", "* * *", "https://x.y", "[a](b)", "*", "_",
]  # fmt: skip
hostile = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=12).map(
    "".join
)

COMMAND = re.compile(r"##\[|##vso\[|##teamcity\[|^\s*::", re.IGNORECASE | re.MULTILINE)


@given(hostile, st.booleans())
def test_terminal_text_has_no_control_and_no_command(text: str, colour: bool) -> None:
    safe = t.for_terminal(text, colour=colour)
    if colour:
        body = re.sub(r"\x1b\[[0-9;:]*m", "", safe)
        assert body == safe or safe.rstrip("\n").endswith(t.RESET)
    else:
        body = safe
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", body)
    assert not COMMAND.search(safe)


def test_terminal_keeps_colour_when_asked() -> None:
    assert t.for_terminal("\x1b[31mred\n", colour=True) == "\x1b[31mred\x1b[0m\n"
    assert t.for_terminal("\x1b[31mred\n") == "red\n"


def test_unended_string_sequence_swallows_one_line_at_most() -> None:
    assert t.plain("\x1b]0;evil\nnext line") == "\nnext line"


@given(hostile)
def test_plain_text_is_untouched_by_a_second_pass(text: str) -> None:
    assert t.for_terminal(t.for_terminal(text)) == t.for_terminal(text)


@pytest.mark.parametrize("vendor", ["github", "gitea", "forgejo"])
def test_github_block_is_fenced_by_a_fresh_token(vendor: str) -> None:
    block = t.fence(vendor)
    assert block is not None
    first, second = block("x\n::error::y"), block("x")
    token = re.fullmatch(r"::stop-commands::([0-9a-f]{32})\nx\n::error::y\n::\1::\n", first)
    assert token
    assert token[1] not in second


def test_buildkite_block_opens_no_group() -> None:
    block = t.fence("buildkite")
    assert block is not None
    assert block("--- a\n+++ b\n~~~ c\n^^^ d\n---e") == " --- a\n +++ b\n ~~~ c\n ^^^ d\n---e"
    assert t.fence("gitlab") is None
    assert t.fence(None) is None


def markdown_words(source: str) -> tuple[str, list[str]]:
    """Words outside code, and the contents of the code nodes."""
    outside, inside = "", []
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(source):
        if token.type == "fence":
            inside.append(token.content)
        elif token.type == "inline":
            for child in token.children or ():
                if child.type == "code_inline":
                    inside.append(child.content)
                else:
                    outside += f"<{child.type}>{child.content}"
        else:
            outside += f"<{token.type}>{token.content}"
    return outside, inside


@given(hostile)
def test_markdown_span_holds_it_all(text: str) -> None:
    outside, inside = markdown_words(f"before {t.code(text)} after")
    expected = t.without_commands("x" + t.one_line(t.for_json(text)))[1:]
    if expected:
        assert outside == "<paragraph_open><text>before <text> after<paragraph_close>"
        assert inside == [expected]


@given(hostile)
def test_markdown_table_cell_holds_it_all(text: str) -> None:
    source = f"| a | b |\n|---|---|\n| {t.code(text, table=True)} | x |\n"
    outside, inside = markdown_words(source)
    cells = outside.count("<td_open>")
    assert cells == 2
    expected = t.without_commands("x" + t.one_line(t.for_json(text)))[1:]
    if expected.strip():
        assert inside == [expected]


@given(hostile)
def test_markdown_block_holds_it_all(text: str) -> None:
    outside, inside = markdown_words(f"before\n\n{t.code_block(text)}\n\nafter")
    assert outside == (
        "<paragraph_open><text>before<paragraph_close><paragraph_open><text>after<paragraph_close>"
    )
    assert inside == [t.without_commands(t.plain(t.for_json(text))).rstrip("\n") + "\n"]
    assert not COMMAND.search(t.code_block(text))


@given(hostile)
def test_xml_is_well_formed_and_hides_commands(text: str) -> None:
    data = t.for_xml(text)
    source = f'<a b="{t.for_xml_attribute(text)}">{data}</a>'
    root = ElementTree.fromstring(source)
    assert (root.text or "") == (root.get("b") or "")
    assert not COMMAND.search(data)
    assert "\x1b" not in source


def test_xml_keeps_white_space_and_what_it_may() -> None:
    assert t.for_xml("a\tb\nc\rd<&>\x00\x1b[31mé") == "a\tb\nc&#13;d&lt;&amp;&gt;\ufffdé"
    assert t.for_xml("##[x\n  ::y") == "&#35;&#35;[x\n  &#58;&#58;y"


@given(hostile)
def test_json_means_the_same_and_hides_commands(text: str) -> None:
    clean = t.for_json(text)
    encoded = t.hide_in_json(json.dumps(clean, ensure_ascii=False).encode())
    assert json.loads(encoded) == clean
    assert not COMMAND.search(encoded.decode())


@given(hostile)
def test_a_text_without_commands_is_known_as_such(text: str) -> None:
    assert not t.holds_command(t.for_terminal(text))


@given(st.text(max_size=400), st.integers(0, 300), st.floats(0, 1))
def test_cut_characters_keeps_the_limit(text: str, limit: int, head: float) -> None:
    cut = t.cut_characters(text, limit, head=head)
    assert len(cut) <= limit
    if len(text) <= limit:
        assert cut == text


@given(st.text(max_size=400), st.integers(0, 300), st.floats(0, 1))
def test_cut_bytes_keeps_the_limit_and_tears_nothing(text: str, limit: int, head: float) -> None:
    cut = t.cut_bytes(text, limit, head=head)
    assert len(cut.encode()) <= limit
    if limit > 120 and cut != text:
        said = re.search(r"\n\[… ([\d,]+) bytes left out …\]\n", cut)
        assert said
        kept = len(cut.replace(said[0], "", 1).encode())
        assert int(said[1].replace(",", "")) == len(text.encode()) - kept


def test_cut_says_where_the_rest_is() -> None:
    cut = t.cut_bytes("x" * 1000, 200, head=0.25, where="report.json")
    assert "bytes left out; all of it: report.json …]" in cut


def test_secrets_are_masked() -> None:
    environ = {
        "API_TOKEN": "abcdef123",
        "my_password": "abcdef",
        "PRIVATE_KEY": "first line\nsecond line",
        "SHORT_KEY": "abc",
        "HOME": "/home/me",
    }
    mask = t.masker(environ)
    assert mask("x abcdef123 abcdef abc /home/me") == "x *** *** abc /home/me"
    assert mask("second line!") == "***!"
    assert t.mask_secrets("abcdef123", environ) == "***"
    assert t.masker({})("same") == "same"


def test_first_line_and_one_line() -> None:
    assert t.first_line("\n  \n  got 1\nwant 2") == "got 1"
    assert t.one_line("a\nb\tc\x1b[0m") == "a b c"
