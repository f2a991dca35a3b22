"""What follows from go env, and the cache of its answer."""

import json
from pathlib import Path

import pytest

from gomanager.errors import EnvironmentFault
from gomanager.golang import toolchain
from gomanager.golang.toolchain import Toolchain


def kit(path="", **env):
    usual = {"GOOS": "linux", "GOARCH": "amd64", "CGO_ENABLED": "1", "CC": "gcc"}
    return Toolchain(go="/go/bin/go", env=usual | env, path=path)


@pytest.fixture
def compiler(tmp_path):
    program = tmp_path / "gcc"
    program.write_text("")
    program.chmod(0o755)
    return str(tmp_path)


@pytest.mark.parametrize(
    ("version", "release", "minor"),
    [
        ("go1.26.8", 26, "go1.26"),
        ("go1.27rc1", 27, "go1.27"),
        ("devel go1.28-abc Mon Jan 5", 28, "go1.28"),
        ("", 0, "go1.0"),
    ],
)
def test_versions(version, release, minor):
    made = kit(GOVERSION=version)
    assert (made.release, made.minor) == (release, minor)


def test_goflags_are_words():
    assert kit(GOFLAGS="-mod=vendor '-ldflags=-s -w' -tags=a").goflags == (
        "-mod=vendor",
        "-ldflags=-s -w",
        "-tags=a",
    )


def test_race_needs_platform_compiler_and_cgo(compiler):
    assert kit(compiler).no_race() is None
    assert "no" not in (kit(compiler).no_race({"CGO_ENABLED": "1"}) or "")
    assert "gcc is not on PATH" in str(kit("").no_race())
    assert "CGO_ENABLED is 0" in str(kit(compiler, CGO_ENABLED="0").no_race())
    assert "CGO_ENABLED is 0" in str(kit(compiler).no_race({"CGO_ENABLED": "0"}))
    assert "linux/386" in str(kit(compiler, GOARCH="386").no_race())
    assert kit("", GOOS="darwin").no_race() is None


def test_no_go_says_how_to_get_it(tmp_path):
    with pytest.raises(EnvironmentFault) as raised:
        toolchain.load(tmp_path, {"PATH": str(tmp_path)})
    assert raised.value.exit_code == 3
    assert "go.dev" in str(raised.value.fix)


@pytest.fixture
def machine(tmp_path):
    """A folder with a program named go, and a repository."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "repository").mkdir()
    go = tmp_path / "bin" / "go"
    go.write_text("")
    go.chmod(0o755)
    return tmp_path


def key(machine, **environ):
    environ = {"PATH": str(machine / "bin"), "HOME": str(machine)} | environ
    return toolchain._key(str(machine / "bin" / "go"), machine / "repository", environ)


def test_the_key_follows_whatever_go_env_reads(machine):
    keys = [key(machine), key(machine, CGO_ENABLED="0"), key(machine, GOFLAGS="-v")]
    (machine / "repository" / "go.mod").write_text("module x\n\ngo 1.24\n")
    keys.append(key(machine))
    (machine / "go.work").write_text("toolchain go1.27.3\n")
    keys.append(key(machine))
    (machine / ".config" / "go").mkdir(parents=True)
    (machine / ".config" / "go" / "env").write_text("GOFLAGS=-v")
    keys.append(key(machine))
    (machine / "bin" / "gcc").write_text("")
    (machine / "bin" / "gcc").chmod(0o755)
    keys.append(key(machine))
    (machine / "bin" / "go").write_text("another")
    keys.append(key(machine))
    assert len(set(keys)) == len(keys)
    assert key(machine, EDITOR="vi") == keys[-1]


def test_a_kept_answer_needs_no_process(machine):
    environ = {"PATH": str(machine / "bin"), "HOME": str(machine)}
    cache = machine / "cache"
    cache.mkdir()
    file = cache / f"go-env-{key(machine)}.json"
    file.write_text(json.dumps({"format": 1, "env": {"GOVERSION": "go1.26.8"}}))
    assert toolchain.load(machine / "repository", environ, cache).release == 26


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2, "env": {}}', '{"format": 1}'])
def test_a_broken_cache_is_no_answer(tmp_path, text):
    file = tmp_path / "x.json"
    file.write_text(text)
    assert toolchain._cached(file) is None


@pytest.mark.parametrize(
    ("named", "found", "foreign"),
    [
        ("", "", False),
        ("", "off", False),
        ("", "/r/go.work", False),
        ("", "/go.work", True),
        ("auto", "/go.work", True),
        ("auto", "/r/go.work", False),
        ("off", "off", False),
        ("/r/other.work", "/r/other.work", True),
    ],
)
def test_d16_whose_workspace_it_is(named: str, found: str, foreign: bool) -> None:
    answer = toolchain.foreign_workspace({"GOWORK": named}, {"GOWORK": found}, Path("/r"))
    assert answer is foreign
