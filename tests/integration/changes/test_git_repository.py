"""Where git's answers lead: folders, branches, keys, and clear words where there are none."""

import os
from pathlib import Path

import pytest

from gomanager.errors import EnvironmentFault
from gomanager.git.repository import (
    NoRepository,
    Repository,
    discover,
    key,
    normalised,
    position,
)

pytestmark = pytest.mark.integration


def test_a_subfolder_means_the_whole_repository(repo):
    head = repo.commit({"a/b/c.go": "package b\n"})
    found = repo.discover("a/b")
    assert (found.root, found.head, found.branch) == (repo.root.resolve(), head, "main")
    assert not found.shallow


def test_no_commit_yet(repo):
    found = repo.discover()
    assert (found.head, found.branch) == (None, "main")


def test_detached(repo):
    head = repo.commit({"a": "1"})
    repo.git("checkout", "-q", "--detach")
    assert (repo.discover().head, repo.discover().branch) == (head, None)


def test_branch_names_with_slashes(repo):
    repo.commit({"a": "1"})
    repo.git("checkout", "-q", "-b", "feat/HEAD/x")
    assert repo.discover().branch == "feat/HEAD/x"


def test_not_a_repository(tmp_path, environ):
    environ["GIT_CEILING_DIRECTORIES"] = str(tmp_path.parent)
    assert discover(tmp_path, environ) == NoRepository(reason="not a git repository")


def test_no_git(tmp_path, environ, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = discover(tmp_path, environ | {"PATH": str(tmp_path)})
    assert isinstance(found, NoRepository)
    assert "git was not found" in found.reason


def test_broken_configuration_is_a_fault(repo):
    repo.commit({"a": "1"})
    (repo.root / ".git/config").write_text("[core\n")
    found = discover(repo.root, repo.environ)
    assert isinstance(found, NoRepository)
    assert found.fault


def test_bare_and_inside_git(repo, tmp_path, environ):
    repo.commit({"a": "1"})
    repo.git("clone", "-q", "--bare", str(repo.root), str(tmp_path / "bare.git"))
    with pytest.raises(EnvironmentFault, match="bare"):
        discover(tmp_path / "bare.git", environ)
    with pytest.raises(EnvironmentFault, match="belongs to git"):
        discover(repo.root / ".git", environ)


@pytest.mark.skipif(os.geteuid() != 0, reason="changing a folder's owner needs root")
def test_another_owner_is_refused_with_the_fix(repo):
    repo.commit({"a": "1"})
    os.chown(repo.root, 65534, 65534)
    with pytest.raises(EnvironmentFault) as caught:
        discover(repo.root, repo.environ)
    assert caught.value.fix == f"git config --global --add safe.directory {repo.root}"


def test_worktree_and_submodule(repo, make, tmp_path):
    repo.commit({"a": "1"})
    repo.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "tree"))
    tree = discover(tmp_path / "tree", repo.environ)
    assert isinstance(tree, Repository)
    assert tree.branch == "side"
    assert key(tree) == key(repo.discover())
    outer = make("outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repo.root), "sub")
    inner = discover(outer.root / "sub", outer.environ)
    assert isinstance(inner, Repository)
    assert inner.root == outer.root / "sub"


def test_a_folder_name_with_a_newline(make):
    repo = make("odd\nname")
    head = repo.commit({"a": "1"})
    found = repo.discover()
    assert (found.root, found.head, found.branch) == (repo.root, head, "main")


@pytest.mark.parametrize(
    "url",
    [
        "https://user:secret@GitHub.com/o/r.git",
        "git@github.com:o/r.git",
        "ssh://git@github.com/o/r",
        "https://github.com/o/r/",
    ],
)
def test_one_key_for_all_ways_to_clone(url):
    assert normalised(url, Path("/")) == "github.com/o/r"


def test_clones_share_a_key(repo, clone):
    repo.commit({"a": "1"})
    first, second = clone(repo, "one"), clone(repo, "two")
    assert key(first.discover()) == key(second.discover())
    assert key(first.discover()) != key(repo.discover())


def test_position(repo, clone):
    repo.commit({"a": "1"})
    head = repo.commit({"a": "2"})
    assert position(repo.discover(), head) == 2
    shallow = clone(repo, "shallow", "--depth=1")
    assert position(shallow.discover(), head) is None
