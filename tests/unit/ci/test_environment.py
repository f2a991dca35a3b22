"""The table of environments, each row over a recorded environment."""

import json
from pathlib import Path

import pytest

from gomanager.ci.environment import detect, read_event
from gomanager.ci.vendors import TABLE

RECORDINGS = Path(__file__).parents[2] / "recordings/environments"
A, B, C = "a" * 40, "b" * 40, "c" * 40

EXPECTED: dict[str, dict[str, object]] = {
    "github-pull": {
        "vendor": "github", "pull_request": "12", "branch": "feat/x", "base_branch": "main",
        "base_commits": (B,), "head": C, "announced": A, "attempt": "2", "before": None,
    },
    "github-push": {
        "pull_request": None, "branch": "main", "base_branch": None, "before": B, "announced": None,
    },
    "github-queue": {"base_branch": "main", "base_commits": (B,), "before": None},
    "gitea-pull": {"vendor": "github", "pull_request": "3", "announced": None},
    "gitlab-merge-request": {
        "vendor": "gitlab", "pull_request": "4", "branch": "feat", "base_branch": "main",
        "base_commits": (B,), "before": None, "shard": (1, 3), "attempt": "9001",
    },
    "gitlab-push": {"branch": "main", "before": B, "base_branch": None, "shard": None},
    "buildkite": {"pull_request": "31", "base_branch": "main", "head": None, "shard": (0, 4)},
    "buildkite-push": {"pull_request": None, "base_branch": None, "head": A, "attempt": "1"},
    "circleci": {"pull_request": "8", "base_branch": None, "shard": (1, 2)},
    "azure": {
        "pull_request": "17", "branch": "feat", "base_branch": "main", "head": C, "announced": A,
        "shard": (2, 3),
    },
    "bitbucket": {"base_commits": ("abcdef123456",), "base_branch": "main", "shard": (1, 2)},
    "prow": {"base_branch": "master", "base_commits": (B,), "head": C},
    "prow-postsubmit": {"base_branch": None, "base_commits": ()},
    "jenkins": {"pull_request": "5", "branch": "feat", "base_branch": "main"},
    "teamcity": {"pull_request": "2", "base_branch": "main", "head": A},
    "drone": {"pull_request": "9", "branch": "feat", "base_branch": "main"},
    "drone-push": {"base_branch": None, "branch": "main", "before": B},
    "woodpecker": {"vendor": "woodpecker", "base_branch": "main", "branch": "feat"},
    "semaphore": {"base_branch": "main", "head": C, "shard": (0, 2)},
    "travis": {"base_branch": "main", "branch": "feat", "head": C},
    "travis-push": {"pull_request": None, "base_branch": None, "branch": "feat"},
    "appveyor": {"base_branch": "main", "head": C},
    "bitrise": {"base_branch": "main", "head": A},
    "codebuild": {"pull_request": "9", "base_branch": "main", "branch": "feat"},
    "codefresh": {"base_branch": "main"},
    "buddy": {"base_branch": "main", "head": A},
    "cirrus": {"base_branch": "main", "base_commits": (B,)},
    "kubernetes": {"vendor": "kubernetes", "shard": None},
    "bazel": {"vendor": "bazel", "shard": (3, 4)},
    "unknown": {"vendor": "unknown"},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_recorded_environment(name):
    recorded = json.loads((RECORDINGS / f"{name}.json").read_text())
    found = detect(recorded["environ"], recorded["event"])
    assert found is not None
    assert {key: getattr(found, key) for key in EXPECTED[name]} == EXPECTED[name]


def test_every_row_has_a_recording():
    names = {path.stem.partition("-")[0] for path in RECORDINGS.glob("*.json")}
    assert {vendor.name for vendor in TABLE} <= names
    assert {path.stem for path in RECORDINGS.glob("*.json")} == set(EXPECTED)


def test_outside_of_ci():
    assert detect({}) is None
    assert detect({"CI": "false"}) is None
    assert detect({"GITHUB_ACTIONS": "false"}) is None


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"pull_request": 3}'])
def test_a_broken_event_file_says_nothing(tmp_path, content):
    path = tmp_path / "event.json"
    path.write_bytes(content)
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(path)}
    found = detect(environ, read_event(environ))
    assert found is not None
    assert found.base_commits == ()


def test_an_event_file_that_is_not_there(tmp_path):
    assert read_event({"GITHUB_EVENT_PATH": str(tmp_path / "no")}) == {}
    assert read_event({}) == {}
