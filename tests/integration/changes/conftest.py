"""Real git repositories in a temporary folder, without anything of the user's configuration."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gomanager.git.repository import Repository, discover

DATES = {"GIT_AUTHOR_DATE": "2024-05-01T12:00:00Z", "GIT_COMMITTER_DATE": "2024-05-01T12:00:00Z"}
WHO = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


class Repo:
    """A work tree on its way through a test."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        self.root = root
        self.environ = dict(environ)

    def git(self, *args: str, check: bool = True) -> str:
        done = subprocess.run(
            ("git", *args), cwd=self.root, env=self.environ, check=check, capture_output=True
        )
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Create, replace or (None) delete files."""
        for name, content in files.items():
            path = self.root / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            data = (
                content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
            )
            path.write_bytes(data)

    def commit(self, files: Mapping[str, str | bytes | None] | None = None) -> str:
        """Write files, commit everything, return the commit."""
        self.write(files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def discover(self, folder: str = ".") -> Repository:
        found = discover(self.root / folder, self.environ)
        assert isinstance(found, Repository)
        return found


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    fixed = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_NOSYSTEM": "1",
        "XDG_CONFIG_HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_DATA_HOME": str(home / "data"),
    }
    return fixed | DATES | WHO


@pytest.fixture
def make(tmp_path: Path, environ: dict[str, str]) -> Callable[..., Repo]:
    def create(name: str = "repo", branch: str = "main") -> Repo:
        root = tmp_path / name
        root.mkdir()
        repo = Repo(root, environ)
        repo.git("init", "-q", "-b", branch)
        return repo

    return create


@pytest.fixture
def repo(make: Callable[..., Repo]) -> Repo:
    return make()


@pytest.fixture
def clone(tmp_path: Path, environ: dict[str, str]) -> Callable[..., Repo]:
    def copy(source: Repo, name: str, *options: str) -> Repo:
        url = source.root.as_uri()
        argv = ("git", "clone", "-q", *options, url, str(tmp_path / name))
        subprocess.run(argv, env=environ, check=True, capture_output=True)
        return Repo(tmp_path / name, environ)

    return copy
