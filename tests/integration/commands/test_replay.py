"""``gomanager replay`` as a process: what it reads, and what it writes where."""

import gzip
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytestmark = pytest.mark.integration

STREAM = "".join(
    json.dumps(event | {"Package": "ex.com/m/a"}) + "\n"
    for event in (
        {"Action": "start"},
        {"Action": "run", "Test": "TestA"},
        {"Action": "output", "Test": "TestA", "Output": "=== RUN   TestA\n"},
        {"Action": "output", "Test": "TestA", "Output": "said by A ##[error]x\n"},
        {"Action": "pass", "Test": "TestA", "Elapsed": 0.01},
        {"Action": "run", "Test": "TestB"},
        {"Action": "output", "Test": "TestB", "Output": "    a_test.go:7: boo\n"},
        {"Action": "fail", "Test": "TestB", "Elapsed": 0.01},
        {"Action": "output", "Output": "FAIL\n"},
        {"Action": "fail", "Elapsed": 0.02},
    )
)
Replay = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def replay(tmp_path: Path) -> Replay:
    (tmp_path / "s.json").write_text(STREAM)

    def call(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "gomanager", "replay", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return call


def printed(xml: str) -> dict[str, str]:
    cases = ElementTree.fromstring(xml).iter("testcase")
    return {case.get("name", ""): case.findtext("system-out") or "" for case in cases}


def test_output_of_passed_cases_is_dropped_unless_asked_for(replay: Replay) -> None:
    plain = replay("s.json", "--format", "junit")
    assert plain.returncode == 1
    assert printed(plain.stdout)["TestA"] == ""
    assert "boo" in printed(plain.stdout)["TestB"]
    kept = replay("s.json", "--keep-output", "--format", "junit=-")
    assert "said by A ##[error]x" in printed(kept.stdout)["TestA"]
    assert "##[error]" not in kept.stdout  # a log that shows the file obeys nothing
    strict = replay("s.json", "--keep-output", "--format", "junit-strict")
    assert "said by A" in printed(strict.stdout)["TestA"]
    document = json.loads(replay("s.json", "--keep-output", "--json").stdout)
    outputs = {
        case["name"]: case["attempts"][0]["output"]
        for case in document["phases"][0]["packages"][0]["cases"]
    }
    assert "said by A" in outputs["TestA"]


def test_a_dash_is_stdout_and_no_file(replay: Replay, tmp_path: Path) -> None:
    done = replay("s.json", "--format", "junit=-", "--format", "markdown=out/r.md")
    assert done.stdout.startswith("<?xml")
    assert "## Critical Findings" in (tmp_path / "out/r.md").read_text()
    assert not (tmp_path / "-").exists()
    both = replay("s.json", "--format", "junit=-", "--format", "yaml")
    assert (both.returncode, "only one format can go to stdout" in both.stderr) == (2, True)


def test_archives_give_the_same_report(replay: Replay, tmp_path: Path) -> None:
    (tmp_path / "s.json.gz").write_bytes(gzip.compress(STREAM.encode()))
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        archive.writestr("logs/s.json", STREAM)
    plain, *others = (
        json.loads(replay(name, "--json").stdout) for name in ("s.json", "s.json.gz", "s.zip")
    )
    for other in others:
        assert other["summary"] == plain["summary"]
        assert other["phases"][0]["packages"] == plain["phases"][0]["packages"]


def test_cases_have_their_place_in_the_module_that_we_stand_in(
    replay: Replay, tmp_path: Path
) -> None:
    (tmp_path / "go.mod").write_text("module ex.com/m\n")
    (tmp_path / "a").mkdir()
    (tmp_path / "a/a_test.go").write_text("package a\n\nfunc TestA(t *testing.T) {}\n")
    xml = replay("s.json", "--format", "junit").stdout
    places = {
        case.get("name"): (case.get("file"), case.get("line"))
        for case in ElementTree.fromstring(xml).iter("testcase")
    }
    assert places == {"TestA": ("a/a_test.go", "3"), "TestB": (None, None)}


def test_an_exit_code_that_nothing_explains_is_the_recorded_commands(
    replay: Replay, tmp_path: Path
) -> None:
    green = STREAM.replace('"fail"', '"pass"').replace("FAIL", "PASS")
    (tmp_path / "green.json").write_text(green)
    red = json.loads(replay("green.json", "--exit-code", "1", "--json").stdout)
    assert [finding["title"] for finding in red["findings"]] == [
        "the recorded command exited 1, and none of its results says why"
    ]
    assert red["run"]["command"] == ["gomanager", "replay", "--exit-code", "1", "green.json"]


def test_what_is_no_go_test_has_no_go_command(replay: Replay, tmp_path: Path) -> None:
    (tmp_path / "p.xml").write_text(
        '<testsuite name="pytest"><testcase name="test_err"><error message="no"/></testcase></testsuite>'
    )
    told = replay("p.xml")
    assert told.returncode == 1
    assert "go test" not in told.stdout
