"""Changed lines from real git."""

import subprocess
from pathlib import Path

import pytest

from gomanager.git.base import Wanted
from gomanager.git.change import Base
from gomanager.git.changes import collect
from gomanager.git.hunks import WHOLE, changed_lines
from gomanager.git.repository import Repository, discover

pytestmark = pytest.mark.integration
ENVIRON = {
    "PATH": "/usr/bin:/bin:/usr/local/bin",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "t",
    "GIT_AUTHOR_EMAIL": "t@example.com",
    "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@example.com",
}


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, env=ENVIRON, check=True, capture_output=True)


def lines(root: Path) -> dict[str, tuple[range, ...]]:
    repository = discover(root, ENVIRON)
    assert isinstance(repository, Repository)
    changes, _ = collect(repository, Wanted())
    assert isinstance(changes.base, Base)
    return dict(changed_lines(repository, changes.base, changes.changes))


@pytest.fixture
def branch(tmp_path) -> Path:
    """main with three files, a branch checked out; git's own settings of diff are hostile."""
    git(tmp_path, "init", "-q", "-b", "main")
    for name, value in (
        ("diff.noprefix", "true"),
        ("diff.external", "false"),
        ("color.ui", "always"),
        ("diff.context", "9"),
        ("diff.interHunkContext", "9"),
        ("diff.renames", "false"),
    ):
        git(tmp_path, "config", name, value)
    for name in ("a.go", "sp ace.go", "ö.go"):
        (tmp_path / name).write_text("".join(f"line {n}\n" for n in range(1, 10)))
    (tmp_path / "vendor" / "x").mkdir(parents=True)
    (tmp_path / "vendor" / "x" / "x.go").write_text("one\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "main")
    git(tmp_path, "checkout", "-q", "-b", "work")
    return tmp_path


def test_committed_staged_unstaged_and_untracked(branch):
    text = (branch / "a.go").read_text()
    (branch / "a.go").write_text(text.replace("line 2\n", "two\n").replace("line 5\n", "five\n"))
    git(branch, "commit", "-q", "-a", "-m", "change")
    (branch / "sp ace.go").write_text("line 0\n" + text)
    git(branch, "add", "-A")
    (branch / "ö.go").write_text(text + "line 10\nline 11\n")
    (branch / "new.go").write_text("package p\n")
    (branch / "vendor" / "x" / "x.go").write_text("two\n")
    assert lines(branch) == {
        "a.go": (range(2, 3), range(5, 6)),
        "sp ace.go": (range(1, 2),),
        "ö.go": (range(10, 12),),
        "new.go": (WHOLE,),
    }


def test_the_base_is_the_merge_base_not_the_tip(branch):
    git(branch, "checkout", "-q", "main")
    (branch / "a.go").write_text("main went on\n")
    git(branch, "commit", "-q", "-a", "-m", "on")
    git(branch, "checkout", "-q", "work")
    (branch / "ö.go").write_text("changed\n")
    git(branch, "commit", "-q", "-a", "-m", "work")
    assert lines(branch) == {"ö.go": (range(1, 2),)}


def test_c51_a_moved_file_counts_by_its_changed_lines(branch):
    git(branch, "mv", "a.go", "b.go")
    git(branch, "mv", "sp ace.go", "c.go")
    (branch / "c.go").write_text((branch / "c.go").read_text() + "line 10\n")
    git(branch, "commit", "-q", "-a", "-m", "move")
    assert lines(branch) == {"c.go": (range(10, 11),)}
