"""What every report format must keep whatever a test printed: checks over rendered reports."""

import json
import re
from collections.abc import Iterator
from xml.parsers import expat

from markdown_it import MarkdownIt

from gomanager.analysis.findings import findings
from gomanager.analysis.recommendations import recommendations
from gomanager.report import terminal
from gomanager.report.build import build
from gomanager.report.formats import FORMATS
from gomanager.results import Run

COMMAND = re.compile(r"##\[|##vso\[|##teamcity\[|^\s*::", re.IGNORECASE | re.MULTILINE)
CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""ESC and the other controls, marks and overrides of the writing direction, surrogates."""
SGR = re.compile("\x1b\\[[0-9;]*m")
COUNTS = ("tests", "failures", "errors")
_MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})


def broken(run: Run) -> list[str]:
    """What some format of the run's report lets through; empty where all is well."""
    found = findings(run)
    report = build(run, found, None, recommendations(run, found))
    texts = {name: render(report) for name, render in FORMATS.items()}
    coloured = terminal.render(report, colour=True)
    wrong = [f"{name}: {what}" for name, text in texts.items() for what in _plain(text, text)]
    wrong += [f"in colour: {what}" for what in _plain(coloured, SGR.sub("", coloured))]
    wrong += [f"markdown: {what}" for what in _live_markup(texts["markdown"])]
    wrong += [f"junit: {what}" for what in _xml(texts["junit"], red=run.exit_code != 0)]
    wrong += [f"json: {what}" for what in _counts(texts["json"], run)]
    return wrong


def _plain(text: str, uncoloured: str) -> Iterator[str]:
    command, control = COMMAND.search(text), CONTROL.search(uncoloured)
    if command:
        yield f"a workflow command: {_around(text, command.start())}"
    if control:
        yield f"{control[0]!r} is live: {_around(uncoloured, control.start())}"


def _around(text: str, at: int) -> str:
    return repr(text[max(0, at - 40) : at + 40])


def _live_markup(source: str) -> Iterator[str]:
    for token in _MARKDOWN.parse(source):
        if token.type == "html_block":
            yield f"HTML: {token.content[:80]!r}"
        for child in token.children or ():
            if child.type in ("html_inline", "link_open", "image"):
                yield f"{child.type}: {child.content[:80]!r}"


def _xml(text: str, *, red: bool) -> Iterator[str]:
    """Well-formed, and its counts are those of its elements."""
    counts, root = dict.fromkeys(("testcase", "failure", "error"), 0), dict[str, str]()

    def begin(name: str, attributes: dict[str, str]) -> None:
        root.update(attributes if name == "testsuites" else {})
        if name in counts:
            counts[name] += 1

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        yield f"not well-formed: {error}"
        return
    if [int(root[name]) for name in COUNTS] != list(counts.values()):
        yield f"counts {root} over {counts}"
    if red != bool(counts["failure"] + counts["error"]):
        yield f"{'red' if red else 'green'} with {counts}"


def _counts(document: str, run: Run) -> Iterator[str]:
    said = json.loads(document)["summary"]
    counts = run.counts
    for name in ("cases", "passed", "failed", "skipped", "unknown", "not_run"):
        if said[name] != getattr(counts, name):
            yield f"{name}: {said[name]} for {getattr(counts, name)}"
