"""What the machine lacks is one finding and one advice, not a fault of each test."""

import pytest
import samples as s

from gomanager.analysis.findings import findings
from gomanager.analysis.machine import cause
from gomanager.analysis.recommendations import recommendations
from gomanager.results import Kind, PackageOutcome, Severity, Verdict

DOCKER = "Failed: error pulling image: Cannot connect to the Docker daemon at unix:///var/run/docker.sock."


def red(*messages):
    cases = (s.failed(f"Test{i}", s.failure(Kind.ASSERTION, m)) for i, m in enumerate(messages))
    package = s.package("db", s.tried(PackageOutcome.FAIL), *cases)
    return s.run(Verdict.RED, s.phase(Verdict.RED, package))


def test_one_cause_of_many_failures_is_told_once_and_first():
    run = red(DOCKER, DOCKER, "got 1, want 2")
    found = findings(run)
    first = found[0]
    assert (first.severity, first.kind) == (Severity.CRITICAL, "environment")
    assert first.title == "2 failed tests say that the Docker daemon cannot be reached"
    assert first.evidence[0] == "tests: Test0, Test1"
    assert len([one for one in found if one.severity is Severity.CRITICAL]) == 4
    advice = [one.text for one in recommendations(run, found)]
    assert advice[0].startswith("start Docker")
    assert advice[1] == "fix Test2 in example.com/app/db"


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("dial tcp: lookup db.internal: no such host", "a host name cannot be resolved"),
        ("lookup api.x.io on 10.0.0.2:53: server misbehaving", "a host name cannot be resolved"),
        ("fatal: Could not resolve host: github.com", "a host name cannot be resolved"),
        ("write /tmp/x: no space left on device", "the disk is full"),
        ("open x: too many open files", "too many files are open"),
        ("lookup nowhere.invalid: no such host", None),
        ("fatal: Could not resolve host: server.test", None),
        ("got 1, want 2", None),
    ],
)
def test_causes(message, words):
    found = cause(s.failed("TestA", s.failure(Kind.ASSERTION, message)))
    assert (found and found.words) == words


def test_other_output_of_a_failed_test_is_no_cause():
    case = s.failed("TestFull", s.failure(Kind.ASSERTION, "want an error"), output=DOCKER)
    assert cause(case) is None
