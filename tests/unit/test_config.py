"""``.gomanager.yaml``: where it is found, what wins, and all its mistakes at once."""

from pathlib import Path

import pytest

from gomanager.config import Config, Surroundings, load
from gomanager.errors import ConfigError


def around(root: Path, **more: object) -> Surroundings:
    given: dict[str, object] = {"root": root, "cwd": root, "environ": {}} | more
    return Surroundings(**given)  # type: ignore[arg-type]


def mistakes(error: ConfigError) -> list[str]:
    return [f"{problem.place}: {problem.message}" for problem in error.problems]


def test_no_file_is_all_defaults(tmp_path: Path) -> None:
    config = load(around(tmp_path))
    assert config == Config(output=tmp_path / "gomanager-report")
    assert config.origin("base") == "default"


def test_found_upwards_but_not_above_the_repository(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    deep = root / "a/b"
    deep.mkdir(parents=True)
    (tmp_path / ".gomanager.yaml").write_text("base: outside")
    assert load(around(root, cwd=deep)).base is None
    (root / ".gomanager.yaml").write_text("base: root")
    assert load(around(root, cwd=deep)).base == "root"
    (root / "a/.gomanager.yaml").write_text("base: nearer")
    assert load(around(root, cwd=deep)).base == "nearer"
    assert load(around(root, cwd=root)).base == "root"
    assert load(around(root, cwd=tmp_path)).base == "root"


def test_flag_over_environment_over_file_over_default(tmp_path: Path) -> None:
    sub = tmp_path / "sub"
    sub.mkdir()
    (tmp_path / ".gomanager.yaml").write_text("# ours\nstore: from/file.db\nkeep_stream: true\n")
    environ = {"GOMANAGER_STORE": "env.db"}
    flags = (("store", "flag.db"),)

    config = load(around(tmp_path, cwd=sub))
    assert (config.store, config.origin("store")) == (
        str(tmp_path / "from/file.db"),
        "../.gomanager.yaml:2",
    )
    assert config.origin("keep_stream") == "../.gomanager.yaml:3"
    config = load(around(tmp_path, cwd=sub, environ=environ))
    assert (config.store, config.origin("store")) == (str(sub / "env.db"), "GOMANAGER_STORE")
    config = load(around(tmp_path, cwd=sub, environ=environ, flags=flags))
    assert (config.store, config.origin("store")) == (str(sub / "flag.db"), "--store")


def test_a_database_is_no_path(tmp_path: Path) -> None:
    (tmp_path / ".gomanager.yaml").write_text("store: postgresql://db/x")
    assert load(around(tmp_path)).store == "postgresql://db/x"


def test_named_file(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("base: x")
    assert load(around(tmp_path, explicit="other.yaml")).base == "x"
    assert load(around(tmp_path, environ={"GOMANAGER_CONFIG": "other.yaml"})).base == "x"
    assert load(around(tmp_path, environ={"GOMANAGER_CONFIG": ""})).base is None
    with pytest.raises(ConfigError) as caught:
        load(around(tmp_path, explicit="gone.yaml"))
    assert mistakes(caught.value) == ["gone.yaml: does not exist, and --config names it"]


def test_the_other_ending_is_pointed_out(tmp_path: Path) -> None:
    (tmp_path / ".gomanager.yml").write_text("base: x")
    with pytest.raises(ConfigError) as caught:
        load(around(tmp_path))
    assert mistakes(caught.value) == [
        ".gomanager.yml: is not read: the name of the file is .gomanager.yaml"
    ]


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    (tmp_path / ".gomanager.yaml").write_text(
        "version: 1\nbsae: main\nunclaimed: some\nphases:\n  network:\n    reruns: many\n"
        "  api:\n    run: {timeout: 10}\n"
    )
    with pytest.raises(ConfigError) as caught:
        load(around(tmp_path))
    assert caught.value.exit_code == 2
    assert caught.value.what == "4 mistakes in 1 file"
    assert mistakes(caught.value) == [
        ".gomanager.yaml:2:1: unknown key 'bsae'",
        ".gomanager.yaml:3:12: 'some' is not known here",
        ".gomanager.yaml:6:13: expected a whole number, found a text",
        ".gomanager.yaml:8:20: 10 is read as the number 10, not as a text",
    ]
    assert caught.value.problems[0].suggestion == "did you mean 'base'?"


def test_phases_inside_are_checked_like_files(tmp_path: Path) -> None:
    (tmp_path / ".gomanager.yaml").write_text("phases:\n  api:\n    run: {tests: '(?=x)'}\n")
    with pytest.raises(ConfigError) as caught:
        load(around(tmp_path))
    assert mistakes(caught.value) == [
        ".gomanager.yaml:3:18: not a Go regular expression: Go knows no '(?='"
    ]
