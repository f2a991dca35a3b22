"""Remotes and worktrees, by GitPython: its import costs 67 ms, so only ``doctor`` asks."""

from pathlib import Path

from msgspec import Struct

from gomanager.command import redact


class Remote(Struct, frozen=True, kw_only=True):
    """Where a repository is fetched from; passwords in ``url`` are hidden."""

    name: str
    url: str


def remotes(root: Path) -> tuple[Remote, ...]:
    """The remotes of the repository at ``root``, by name; empty where GitPython cannot read it."""
    from git import Repo
    from git.exc import GitError

    try:
        with Repo(root) as repository:
            found = [Remote(name=r.name, url=redact(next(r.urls, ""))) for r in repository.remotes]
    except (GitError, ValueError):
        return ()
    return tuple(sorted(found, key=lambda remote: remote.name))


def worktrees(root: Path) -> tuple[str, ...]:
    """Folders of all work trees of the repository, the main one first."""
    from git import Repo
    from git.exc import GitError

    try:
        with Repo(root) as repository:
            listed: str = repository.git.worktree("list", "--porcelain", "-z")
    except GitError:
        return ()
    prefix = "worktree "
    lines = (line for entry in listed.split("\0\0") for line in entry.split("\0"))
    return tuple(line.removeprefix(prefix) for line in lines if line.startswith(prefix))
