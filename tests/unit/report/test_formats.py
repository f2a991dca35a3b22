"""Every format of every sample run: golden files, and the schemas and readers that judge them."""

import io
import json
import re
from collections.abc import Callable
from xml.etree import ElementTree

import jsonschema
import junitparser
import msgspec
import pytest
import samples
import yaml
from hypothesis import given
from hypothesis import strategies as st
from junitparser import xunit2
from markdown_it import MarkdownIt
from samples import NASTY, RUNS

from gomanager.analysis.findings import findings
from gomanager.analysis.recommendations import recommendations
from gomanager.errors import EnvironmentFault
from gomanager.report import junit, markdown, model, terminal
from gomanager.report.build import build
from gomanager.report.document import encode
from gomanager.report.formats import FORMATS
from gomanager.results import Run

COVERAGE = model.Coverage(
    total_pct=81.44,
    patch=model.Patch(covered=7, lines=9),
    packages=(
        model.PackageCoverage(path="example.com/app/store", pct=99.99),
        model.PackageCoverage(path="example.com/app/api", pct=None),
    ),
    well_covered=("example.com/app/store: 99.9 % of statements",),
    gaps=(model.Gap(file="store/store.go", line=31, text="2 changed lines were not run"),),
    scenarios=(),
    integration_tests=("test/integration/sync_test.go: TestSync, TestSyncTwice",),
    untested=("api/routes.go: no test runs the change",),
    notes=("measured with go1.27",),
)
SUFFIXES = {
    "terminal": "txt",
    "markdown": "md",
    "json": "json",
    "junit": "xml",
    "junit-strict": "strict.xml",
    "yaml": "yaml",
}
COMMAND = re.compile(r"##\[|##vso\[|##teamcity\[|^\s*::", re.IGNORECASE | re.MULTILINE)
every_run = pytest.mark.parametrize("name", RUNS)


def report_of(run: Run, coverage: model.Coverage | None = None) -> model.Report:
    found = findings(run)
    report = build(run, found, coverage, recommendations(run, found))
    return msgspec.structs.replace(report, tool=model.Tool(name="gomanager", version="0.0.0"))


def sample(name: str) -> model.Report:
    return report_of(RUNS[name](), COVERAGE if name == "green" else None)


@every_run
@pytest.mark.parametrize("form", SUFFIXES)
def test_golden(name: str, form: str, golden: Callable[[str, str], None]) -> None:
    golden(f"reports/{name}.{SUFFIXES[form]}", FORMATS[form](sample(name)))


@every_run
@pytest.mark.parametrize("form", FORMATS)
def test_a_stored_document_renders_the_same(name: str, form: str) -> None:
    report = sample(name)
    again = model.decode(encode(report))
    assert again == report
    assert FORMATS[form](again) == FORMATS[form](report)


@every_run
@pytest.mark.parametrize("form", FORMATS)
def test_no_format_holds_a_command(name: str, form: str) -> None:
    text = FORMATS[form](sample(name))
    assert not COMMAND.search(text)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text.replace("\x1b", "")), form
    assert "\x1b" not in text
    assert text.endswith("\n")


@every_run
def test_json_is_valid_by_its_own_schema(name: str) -> None:
    document = json.loads(encode(sample(name)))
    jsonschema.Draft202012Validator(model.json_schema()).validate(document)
    assert document["schema"] == "gomanager.report/1"


@every_run
def test_yaml_is_the_same_document(name: str) -> None:
    report = sample(name)
    loaded = yaml.safe_load(FORMATS["yaml"](report))
    assert loaded == json.loads(encode(report))


def test_a_foreign_document_is_refused_in_words() -> None:
    with pytest.raises(EnvironmentFault, match=r"no gomanager\.report/1 document"):
        model.decode(b'{"schema": "other/1"}')
    with pytest.raises(EnvironmentFault, match=r"no gomanager\.report/1 document"):
        model.decode(b"\xff\x00")


def test_unknown_keys_of_later_versions_are_ignored() -> None:
    document = json.loads(encode(sample("green")))
    document["later"] = 1
    document["run"]["later"] = [1]
    assert model.decode(json.dumps(document)) == sample("green")


def junit_of(name: str) -> junitparser.JUnitXml:
    return xunit2.JUnitXml.fromstring(FORMATS["junit"](sample(name)).encode())


@every_run
def test_junit_counts_what_it_holds(name: str) -> None:
    root = ElementTree.fromstring(FORMATS["junit"](sample(name)))
    assert set(root.attrib) == {"name", "tests", "failures", "errors", "time"}
    cases = root.findall(".//testcase")
    assert len(cases) == int(root.get("tests", ""))
    assert len(root.findall(".//testcase/failure")) == int(root.get("failures", ""))
    assert len(root.findall(".//testcase/error")) == int(root.get("errors", ""))
    names = [(case.get("classname"), case.get("name")) for case in cases]
    assert len(set(names)) == len(names)
    for suite in root.findall("testsuite"):
        assert len(suite.findall("testcase")) == int(suite.get("tests", ""))
        assert len(suite.findall("testcase/skipped")) == int(suite.get("skipped", ""))
    for element in root.iter():
        if "time" in element.attrib:
            assert re.fullmatch(r"\d+\.\d{3}", element.attrib["time"])


@every_run
def test_junit_red_never_looks_green(name: str) -> None:
    root = ElementTree.fromstring(FORMATS["junit"](sample(name)))
    red = int(root.get("failures", "")) + int(root.get("errors", ""))
    assert bool(red) == (RUNS[name]().exit_code != 0)


ORDER = [
    "properties",
    "failure",
    "rerunFailure",
    "flakyFailure",
    "skipped",
    "error",
    "rerunError",
    "flakyError",
    "system-out",
    "system-err",
]


@every_run
def test_junit_children_follow_surefire(name: str) -> None:
    root = ElementTree.fromstring(FORMATS["junit"](sample(name)))
    for case in root.findall(".//testcase"):
        places = [ORDER.index(child.tag) for child in case]
        assert places == sorted(places)
        for child in case:
            if child.tag in ("failure", "error"):
                assert child.get("type")
                assert (child.text or "").startswith(child.get("message", "?"))
            if child.tag.startswith(("flaky", "rerun")):
                assert child.get("type")
                assert child.findtext("stackTrace")


STRICT = {
    "testsuites": ({"name", "tests", "failures", "errors", "time"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"},
        {"properties", "testcase"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "time", "classname"}, set(ORDER) - {"properties"}),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"type", "message"}, set()),
    "rerunFailure": ({"type", "message"}, {"stackTrace", "system-out"}),
    "rerunError": ({"type", "message"}, {"stackTrace", "system-out"}),
    "flakyFailure": ({"type", "message"}, {"stackTrace", "system-out"}),
    "flakyError": ({"type", "message"}, {"stackTrace", "system-out"}),
    "stackTrace": (set(), set()),
    "system-out": (set(), set()),
}
"""What Jenkins' xunit plugin takes: element, its attributes and its children."""


@every_run
def test_strict_junit_holds_what_a_closed_schema_allows(name: str) -> None:
    root = ElementTree.fromstring(FORMATS["junit-strict"](sample(name)))
    for element in root.iter():
        attributes, children = STRICT[element.tag]
        assert set(element.attrib) <= attributes, element.tag
        assert {child.tag for child in element} <= children, element.tag
    rich = ElementTree.fromstring(FORMATS["junit"](sample(name)))
    assert root.attrib == rich.attrib
    assert len(root.findall(".//testcase")) == len(rich.findall(".//testcase"))


@every_run
def test_relative_junit_differs_in_class_names_only(name: str) -> None:
    report = sample(name)
    modules = {p.path: p.module for phase in report.phases for p in phase.packages}
    rich, short = (FORMATS[one](report) for one in ("junit", "junit-relative"))
    assert re.sub(r' classname="[^"]*"', "", rich) == re.sub(r' classname="[^"]*"', "", short)
    for module in filter(None, modules.values()):
        assert f'classname="{module}' not in short


def test_trunk_junit_numbers_the_deciding_attempt() -> None:
    cases = ElementTree.fromstring(FORMATS["junit-trunk"](sample("flaky"))).iter("testcase")
    numbers = {case.get("name"): case.get("attempt_number") for case in cases}
    assert numbers["TestRetry/backoff"] == "2"
    assert None in numbers.values()


def test_junit_flaky_pass_is_read_by_xunit2() -> None:
    xml = junit_of("flaky")
    cases = {case.name: case for suite in xml for case in suite}
    case = cases["TestRetry/backoff"]
    assert case.is_passed
    assert [type(again).__name__ for again in case.interim_result] == ["FlakyFailure"]
    assert case.interim_result[0].message == "got 1, want 2"


def test_junit_package_events_are_cases() -> None:
    names = {case.name for suite in junit_of("red") for case in suite}
    assert {"(build)", "(setup)", "(TestMain)", "(exit)"} <= names


def test_junit_round_trip() -> None:
    for name in RUNS:
        xml = junit_of(name)
        out = io.BytesIO()
        xml.write(out)
        assert len(list(xunit2.JUnitXml.fromstring(out.getvalue()))) == len(list(xml))


@every_run
def test_markdown_has_exactly_four_sections(name: str) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(FORMATS["markdown"](sample(name)))
    heads = [
        tokens[i + 1].content
        for i, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag == "h2"
    ]
    assert heads == [
        "Test Execution Summary",
        "Critical Findings",
        "Coverage Analysis",
        "Recommendations",
    ]
    assert not any(token.type == "html_block" for token in tokens)


def outside_code(source: str) -> str:
    words = []
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(source):
        if token.type == "inline":
            children = token.children or ()
            words += [child.content for child in children if child.type != "code_inline"]
            assert not any(c.type in ("html_inline", "link_open", "image") for c in children)
        elif token.type not in ("fence", "code_block"):
            words.append(token.content)
    return " ".join(words)


def test_markdown_holds_foreign_text_in_code_only() -> None:
    words = outside_code(FORMATS["markdown"](sample("hostile")))
    for foreign in ("boom", "script", "@", "#12", "TestX", "owned", "amp"):
        assert foreign not in words


def test_markdown_keeps_its_budget() -> None:
    report = sample("red")
    many = msgspec.structs.replace(report, findings=report.findings * 400)
    text = markdown.render(many, budget=100_000)
    assert len(text.encode()) <= 100_000
    assert "more findings in report.json" in text
    assert text.index("more findings") < text.index("## Coverage Analysis")
    assert "## Recommendations" in text


def test_markdown_cuts_a_long_text() -> None:
    report = sample("red")
    long = msgspec.structs.replace(report.findings[0], text="x\n" * 100_000)
    text = markdown.render(msgspec.structs.replace(report, findings=(long,)))
    assert len(text) < 40_000
    assert "bytes left out; all of it: report.json" in text


def test_terminal_never_shortens_and_ends_with_the_verdict() -> None:
    report = sample("red")
    name = "Test" + "Long" * 60
    long = msgspec.structs.replace(report.findings[0], case=name, title=f"{name}: no")
    text = terminal.render(
        msgspec.structs.replace(report, findings=(long,)), where="gomanager-report/report.md"
    )
    assert name in text
    assert "…" not in text
    assert text.rstrip().endswith("Report: gomanager-report/report.md")
    assert "\nRed.\n" in text


def test_terminal_colour_is_reset_and_foreign_colour_kept() -> None:
    report = sample("red")
    coloured = msgspec.structs.replace(report.findings[0], text="\x1b[31mred\x1b[2J text")
    text = terminal.render(msgspec.structs.replace(report, findings=(coloured,)), colour=True)
    assert "\x1b[31mred" in text
    assert "\x1b[2J" not in text
    assert not re.search(r"\x1b(?!\[[0-9;]*m)", text)
    assert "\x1b" not in terminal.render(report, colour=False)


def test_secrets_are_in_no_format() -> None:
    report = build(
        RUNS["hostile"](), findings(RUNS["hostile"]()), mask=lambda t: t.replace("boom", "***")
    )
    for render in FORMATS.values():
        assert "boom" not in render(report)


def test_nasty_text_is_complete_in_json() -> None:
    document = json.loads(encode(sample("hostile")))
    assert document["scope"]["reason"] == NASTY


def test_junit_is_streamed() -> None:
    parts = list(junit.pieces(sample("red")))
    assert len(parts) > 30
    assert "".join(parts) == FORMATS["junit"](sample("red"))


PIECES = [
    "\x1b[31m", "\x1b]0;t\x07", "\x9b2J", "\r", "\n", "\t", "\x00", "\x85", "\u2028", "\u202e", "\u2066", "\u200f", "\u061c", "##[", "::",
    "##vso[x]", "--- ", "`", "```", "|", "\\", "<b>", "<!--", "]]>", "&", '"', "\ud800", "\uffff", "😀",
    "# ", "- ", "> ", "a", " ", "    ", "{{", "%", "*", "_", ": ", "? ", "!", "'", "@", "#",
]  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=8).map("".join)


@given(texts, texts, texts)
def test_any_text_in_any_place(name: str, message: str, output: str) -> None:
    failure = samples.failure(samples.Kind.ASSERTION, message, output, file=name or None, line=3)
    package = samples.package(
        name,
        samples.PackageOutcome.FAIL,
        samples.failed(name, failure, output=output),
        samples.ended(f"T{name}", samples.Outcome.SKIP, message),
    )
    phase = samples.phase(samples.Verdict.RED, package, side_text=(output,), anomalies=(message,))
    coverage = msgspec.structs.replace(
        COVERAGE, untested=(name,), gaps=(model.Gap(file=name, line=1, text=message),)
    )
    report = report_of(samples.run(samples.Verdict.RED, phase, branch=name), coverage)
    document = encode(report)
    assert model.decode(document) == report
    assert yaml.safe_load(FORMATS["yaml"](report)) == json.loads(document)
    ElementTree.fromstring(FORMATS["junit"](report))
    for render in FORMATS.values():
        text = render(report)
        assert not COMMAND.search(text)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", text)
        assert not re.search(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)
    assert [
        line for line in outside_code(FORMATS["markdown"](report)).split() if "😀" in line
    ] == []


def test_paths_below_the_repository_are_relative() -> None:
    text = "    /work/repo/store/a_test.go:3: /work/repository/x /other/work/repo/y"
    failure = samples.failure(samples.Kind.ASSERTION, "no", text)
    package = samples.package("p", samples.PackageOutcome.FAIL, samples.failed("TestA", failure))
    run = samples.run(samples.Verdict.RED, samples.phase(samples.Verdict.RED, package))
    report = build(run, findings(run), root="/work/repo/")
    expected = "    store/a_test.go:3: /work/repository/x /other/work/repo/y"
    assert report.findings[0].text == expected
    assert report.phases[0].packages[0].cases[0].attempts[0].failures[0].text == expected


def test_megabytes_of_output_are_cut_in_the_document() -> None:
    failure = samples.failure(samples.Kind.ASSERTION, "no", "x" * (1 << 20))
    case = samples.failed("TestA", failure, output="y" * (1 << 20))
    package = samples.package("p", samples.PackageOutcome.FAIL, case)
    run = samples.run(samples.Verdict.RED, samples.phase(samples.Verdict.RED, package))
    assert len(encode(report_of(run))) < 900_000
