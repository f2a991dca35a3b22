"""Wheel and sdist hold what they should, and the wheel works in a bare environment."""

import json
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from gomanager.version import VERSION

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A folder with both archives."""
    target = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist"]
    subprocess.run([*command, "-d", str(target)], cwd=ROOT, check=True, capture_output=True)
    return target


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


def test_wheel_content(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    own = {path.name for path in (ROOT / "phases").iterdir()}
    assert own == {n.rpartition("/")[2] for n in names if n.startswith("gomanager/catalogue/")}
    assert "gomanager/py.typed" in names
    for path in (ROOT / "gomanager").rglob("*.sql"):
        assert path.relative_to(ROOT).as_posix() in names
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"gomanager", f"gomanager-{VERSION}.dist-info"}
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_sdist_content(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for needed in (
        "pyproject.toml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile",
        "phases/unit-race.yaml", "gomanager/cli.py", "docs/commands/run.md",
        "tests/test_docs.py", "examples/demo.py", "examples/courier/main/go.mod",
        "benchmarks/overhead.py",
    ):  # fmt: skip
        assert needed in names
    assert not [name for name in names if name.startswith((".venv", ".git/", ".demo", "dist/"))]


def test_wheel_in_a_bare_environment(wheel, tmp_path):
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    installed = subprocess.run([*pip, str(wheel)], capture_output=True, text=True, check=False)
    if installed.returncode != 0 and "No matching distribution" in installed.stderr:
        pytest.skip("PyPI cannot be reached: pip install dist/gomanager-*.whl")
    assert installed.returncode == 0, installed.stderr
    project = tmp_path / "project"
    (project / "a").mkdir(parents=True)
    (project / "go.mod").write_text("module example.com/m\n\ngo 1.21\n")
    (project / "a" / "a_test.go").write_text(
        'package a\n\nimport "testing"\n\nfunc TestA(t *testing.T) {}\n'
    )

    def gomanager(*arguments: str) -> str:
        command = [str(home / "bin" / "gomanager"), *arguments]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert gomanager("--version") == f"gomanager {VERSION}\n"
    phases = json.loads(gomanager("phases", "--json"))
    assert phases["schema"] == "gomanager.phases/1"
    assert {path.stem for path in (ROOT / "phases").glob("*.yaml")} == {
        phase["name"] for phase in phases["phases"]
    }
    assert json.loads(gomanager("schema", "report"))
