"""Commits: what a name means, parents, merge bases, and fetching more of a shallow clone."""

from collections.abc import Mapping
from typing import NamedTuple

from gomanager.errors import EnvironmentFault
from gomanager.git.command import line, text
from gomanager.git.look import REFS
from gomanager.git.repository import Repository, remotes

_STEPS = ("--deepen=50", "--deepen=200", "--deepen=1000", "--unshallow")
_FETCH = ("fetch", "-q", "--no-tags", "--no-recurse-submodules")
_VERIFY = ("rev-parse", "--verify", "-q", "--end-of-options")
_SECONDS = 300.0


def commit(repository: Repository, name: str) -> str | None:
    """The commit a ref or revision means, tags peeled; never read as an option."""
    if name.startswith("-"):
        return None
    if known := refs(repository).get(name):
        return known.commit
    return line(repository.once(*_VERIFY, f"{name}^{{commit}}"))


class Ref(NamedTuple):
    """What a ref stands for; ``target`` is the ref that a symbolic one names, else empty."""

    target: str
    commit: str


def refs(repository: Repository) -> Mapping[str, Ref]:
    """Local branches and the heads of the remotes, by full name; those that are no commit left out.

    One question instead of one for each name: git takes 2 ms to say anything.
    """
    rows = text(repository.once(*REFS).stdout).splitlines()
    found = (row.split(" ") for row in rows)
    return {name: Ref(target, oid) for name, target, kind, oid in found if kind == "commit"}


def has(repository: Repository, oid: str) -> bool:
    """True where the object is in the clone."""
    return repository.git.answer("cat-file", "-e", oid).returncode == 0


def parents(repository: Repository, oid: str) -> tuple[str, ...]:
    """As the commit says, also where a shallow clone does not have them."""
    done = repository.git.answer("cat-file", "commit", oid)
    header = text(done.stdout).partition("\n\n")[0].splitlines()
    return tuple(line.removeprefix("parent ") for line in header if line.startswith("parent "))


def is_ancestor(repository: Repository, old: str, new: str) -> bool:
    """False too where ``old`` is not in the clone (a force push, a shallow clone)."""
    return repository.git.answer("merge-base", "--is-ancestor", old, new).returncode == 0


def merge_bases(repository: Repository, oid: str) -> tuple[str, ...]:
    """Every best common ancestor of ``oid`` and HEAD, sorted (E4)."""
    done = repository.once("merge-base", "--all", oid, "HEAD")
    return tuple(sorted(text(done.stdout).split())) if done.returncode == 0 else ()


def remote(repository: Repository) -> str:
    """The remote that the default branch belongs to: origin, or the only one."""
    names = remotes(repository)
    return "origin" if "origin" in names or not names else min(names)


def fetch(repository: Repository, option: str, *refs: str) -> bool:
    """Ask the remote; False where it does not answer as hoped."""
    argv = (*_FETCH, option, remote(repository), *refs)
    repository.forget()
    return _answered(repository, *argv) is not None


def remote_head(repository: Repository) -> str | None:
    """The branch that the remote's HEAD is; asks the network."""
    said = _answered(repository, "ls-remote", "--symref", remote(repository), "HEAD") or ""
    first = said.partition("\t")[0]
    return first.removeprefix("ref: refs/heads/") if first.startswith("ref: refs/heads/") else None


def _answered(repository: Repository, *argv: str) -> str | None:
    """What a command that needs the network prints; ``None`` where it fails or hangs."""
    try:
        done = repository.git.answer(*argv, timeout=_SECONDS)
    except EnvironmentFault:
        return None
    return text(done.stdout) if done.returncode == 0 else None


def fetch_branch(repository: Repository, name: str) -> bool:
    """Get the tip of a branch that a CI checkout left out."""
    spec = f"+refs/heads/{name}:refs/remotes/{remote(repository)}/{name}"
    return fetch(repository, "--depth=50" if repository.shallow else "--no-auto-gc", spec)


def deepen(repository: Repository, oid: str) -> tuple[str, ...]:
    """Fetch history in growing steps until there is a merge base; empty where there is none."""
    for step in _STEPS:
        if not fetch(repository, step):
            return ()
        if found := merge_bases(repository, oid):
            return found
    return ()
