"""The kept settings are those that the files give, and stay so when anything changes."""

import pytest
from msgspec.structs import replace

from gomanager import effective, phases
from gomanager.config import Surroundings
from gomanager.errors import ConfigError

CONFIG = """\
version: 1
inert: ["*.md"]
output: out
phases:
  unit-race: {order: 7, run: {timeout: 3m}}
"""


@pytest.fixture
def around(tmp_path):
    root = tmp_path / "root"
    (root / ".gomanager" / "phases").mkdir(parents=True)
    (root / ".gomanager.yaml").write_text(CONFIG)
    return Surroundings(root=root, cwd=root, environ={"HOME": str(tmp_path)})


def plain(found):
    config, catalogue = found
    sources = [(one.name, one.file, dict(one.keys)) for one in config.phases]
    return replace(config, phases=()), sources, catalogue


def asked(around, tmp_path):
    """Both ways must agree."""
    kept = plain(effective.settings(around, tmp_path / "cache"))
    assert kept == plain(phases.settings(around))
    return kept


def test_kept_settings_are_equal_and_read_no_yaml(around, tmp_path, monkeypatch):
    first = asked(around, tmp_path)
    monkeypatch.setattr(effective.kept, "save", lambda *_: pytest.fail("read again"))
    assert asked(around, tmp_path) == first


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".gomanager.yaml", CONFIG.replace("order: 7", "order: 8")),
        (".gomanager.yaml", CONFIG.replace("3m", "4m")),
        (".gomanager/phases/mine.yaml", "order: 3\n"),
    ],
)
def test_a_changed_file_is_read_again(around, tmp_path, path, text):
    first = asked(around, tmp_path)
    (around.root / path).write_text(text)
    assert asked(around, tmp_path) != first


def test_a_variable_counts(around, tmp_path):
    first = asked(around, tmp_path)
    other = replace(around, environ={**around.environ, "GOMANAGER_STORE": "elsewhere.db"})
    assert asked(other, tmp_path) != first


def test_flags_count(around, tmp_path):
    first = asked(around, tmp_path)
    assert asked(replace(around, flags=(("output", "there"),)), tmp_path) != first


def test_mistakes_are_told_each_time(around, tmp_path):
    asked(around, tmp_path)
    (around.root / ".gomanager.yaml").write_text("version: 1\nunknown: 1\n")
    for _ in range(2):
        with pytest.raises(ConfigError):
            effective.settings(around, tmp_path / "cache")


def test_a_file_of_the_wrong_name_is_told_though_settings_are_kept(around, tmp_path):
    (around.root / ".gomanager.yaml").unlink()
    asked(around, tmp_path)
    (around.root / ".gomanager.yml").write_text(CONFIG)
    with pytest.raises(ConfigError):
        effective.settings(around, tmp_path / "cache")


def test_damage_costs_nothing_but_time(around, tmp_path):
    first = asked(around, tmp_path)
    (file,) = (tmp_path / "cache").iterdir()
    for data in (b"", b"gomanager-", file.read_bytes()[:-3], b"\0" * 100):
        whole = file.read_bytes()
        file.write_bytes(data)
        assert asked(around, tmp_path) == first
        assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_no_error(around, tmp_path):
    (tmp_path / "cache").write_text("a file")
    asked(around, tmp_path)
    asked(around, tmp_path)
