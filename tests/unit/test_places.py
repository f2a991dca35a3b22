"""Integration folders and tags, patterns of folders and files."""

import pytest

from gomanager.places import (
    file_matches,
    folder_matches,
    found_tags,
    import_matches,
    integration_folder,
    integration_tag,
    package_matches,
)


@pytest.mark.parametrize(
    "folder",
    [
        "integration",
        "test/integration",
        "tests/e2e",
        "internal/x/acceptance/deep/er",
        "integration-tests",
        "integration_test",
        "test-e2e",
        "tests_functional",
        "System",
        "tests/system",
    ],
)
def test_integration_folders(folder: str) -> None:
    assert integration_folder(folder)


@pytest.mark.parametrize(
    "folder",
    ["", "internal", "integrations", "integration-cli", "testintegration", "subsystem", "e2ex/a"],
)
def test_ordinary_folders(folder: str) -> None:
    assert not integration_folder(folder)


def test_integration_tags() -> None:
    words = ["integration", "e2e", "integration_test", "test_e2e", "unit", "race", "systemd"]
    assert [word for word in words if integration_tag(word)] == words[:4]


def test_found_tags_are_those_of_the_repository() -> None:
    present = ["e2e", "integration", "bench", "benchmark", "performance", "linux"]
    assert found_tags(["@integration"], present) == ("e2e", "integration")
    assert found_tags(["@performance"], present) == ("bench", "benchmark", "performance")
    assert found_tags(["netgo", "@integration"], []) == ("netgo",)


@pytest.mark.parametrize(
    ("patterns", "inside", "outside"),
    [
        ([], ["", "a/b"], []),
        (["..."], ["", "a"], []),
        (["./..."], ["", "a/b"], []),
        (["**"], ["", "a/b"], []),
        (["."], [""], ["a"]),
        (["./a"], ["a"], ["", "a/b", "b/a"]),
        (["a/..."], ["a", "a/b/c"], ["ab", "b"]),
        (["**/integration/..."], ["integration", "x/integration", "x/y/integration/z"], ["x"]),
        (["a/*/c"], ["a/b/c"], ["a/c", "a/b/d/c"]),
        (["a/**/c"], ["a/c", "a/b/d/c"], ["a", "c"]),
        (["a/**"], ["a", "a/b"], ["b"]),
        (["cmd/[a-c]*"], ["cmd/bar"], ["cmd/dar", "cmd"]),
        (["cmd/[!a]"], ["cmd/b"], ["cmd/a"]),
        (["!a/..."], ["", "b"], ["a", "a/b"]),
        (["...", "!a/...", "a/keep"], ["b", "a/keep"], ["a", "a/x"]),
        (["x.y"], ["x.y"], ["xzy"]),
    ],
)
def test_folder_patterns(patterns: list[str], inside: list[str], outside: list[str]) -> None:
    assert [folder for folder in inside if not folder_matches(patterns, folder)] == []
    assert [folder for folder in outside if folder_matches(patterns, folder)] == []


def test_import_patterns_end_at_path_elements() -> None:
    pattern = "google.golang.org/grpc/..."
    assert import_matches(pattern, "google.golang.org/grpc")
    assert import_matches(pattern, "google.golang.org/grpc/codes")
    assert not import_matches(pattern, "google.golang.org/grpcx")
    assert import_matches("net", "net")
    assert not import_matches("net", "net/http")


def test_packages_by_folder_or_import_path() -> None:
    assert package_matches(["cmd/..."], "cmd/app", "example.com/m/cmd/app")
    assert package_matches(["example.com/m/cmd/app"], "cmd/app", "example.com/m/cmd/app")
    assert not package_matches(["cmd"], "cmd/app", "example.com/m/cmd/app")
    assert not package_matches([], "cmd/app", "example.com/m/cmd/app")


def test_file_patterns_ignore_case() -> None:
    patterns = ["*api*_test.go", "!*mock*"]
    assert file_matches(patterns, "githubAPI_test.go")
    assert not file_matches(patterns, "api_mock_test.go")
    assert not file_matches(patterns, "unit_test.go")
    assert file_matches([], "unit_test.go")


def test_integration_folders_are_a_pattern_of_folders():
    """The selection asks for folders without a tag in them by this alone."""
    assert folder_matches(["@integration", "@tagged"], "test/integration")
    assert not folder_matches(["!@integration"], "test/integration/deep")
    assert folder_matches(["!@integration"], "internal/integrations")
    assert not folder_matches(["@tagged"], "internal")
