"""Terminal, markdown, JSON and JUnit tell the same numbers of every recorded run."""

import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from recordings.recording import Recording, fold, recordings

from gomanager.analysis.findings import findings
from gomanager.pipeline.replay import phase_of
from gomanager.report.build import build
from gomanager.report.formats import FORMATS
from gomanager.results import Run, Verdict

WORDS = {
    "broken package": "packages_broken",
    "failed": "failed",
    "without result": "unknown",
    "not run": "not_run",
    "passed": "passed",
    "skipped": "skipped",
}
RECORDED = [one for one in recordings() if one.go == "1.27"]
CODES = {Verdict.GREEN: 0, Verdict.NOTHING: 0, Verdict.RED: 1}


def texts(one: Recording) -> dict[str, str]:
    phase = phase_of([fold(one)], one.exit_code)
    run = Run(
        uid="0" * 32,
        started=datetime(2026, 1, 1, tzinfo=UTC),
        duration_ms=1,
        command=("gomanager", "replay"),
        verdict=phase.verdict,
        exit_code=CODES.get(phase.verdict, 3),
        phases=(phase,),
    )
    report = build(run, findings(run))
    return {name: render(report) for name, render in FORMATS.items()}


def headline(text: str) -> dict[str, int]:
    """Numbers of the first sentence, those that it leaves out are 0."""
    sentence = re.search(r"(?:Red|Green|Nothing|Error|Could)\b.*?exit\s+code", text, re.DOTALL)
    assert sentence is not None
    said = {
        key: re.search(rf"\b(\d+) {word.replace(' ', chr(92) + 's+')}", sentence[0])
        for word, key in WORDS.items()
    }
    return {key: int(found[1]) if found else 0 for key, found in said.items()}


@pytest.mark.parametrize("one", RECORDED, ids=str)
def test_the_same_numbers_in_every_format(one: Recording) -> None:
    written = texts(one)
    summary = json.loads(written["json"])["summary"]
    expected = {key: summary[key] for key in WORDS.values()}
    assert headline(written["terminal"]) == expected
    assert headline(written["markdown"]) == expected


@pytest.mark.parametrize("one", RECORDED, ids=str)
def test_junit_holds_as_many_cases_of_each_outcome(one: Recording) -> None:
    written = texts(one)
    summary = json.loads(written["json"])["summary"]
    cases = ElementTree.fromstring(written["junit"]).findall(".//testcase")
    own = [case for case in cases if not (case.get("name") or "").startswith("(")]
    bad = [c for c in own if c.find("failure") is not None or c.find("error") is not None]
    skipped = [c for c in own if c.find("skipped") is not None]
    assert len(bad) == summary["failed"] + summary["unknown"]
    assert len(skipped) == summary["skipped"] + summary["not_run"]
    assert len(own) - len(bad) - len(skipped) == summary["passed"]
