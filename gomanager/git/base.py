"""Which commit the work is compared with."""

from msgspec import Struct

from gomanager.errors import UsageError
from gomanager.git import history
from gomanager.git.change import Base, NoBase
from gomanager.git.look import NAMES
from gomanager.git.repository import Repository, remotes
from gomanager.regex import late

_REMOTE = late(r"refs/remotes/(?P<remote>.+)/(?P<name>HEAD|main|master)")


class Wanted(Struct, frozen=True, kw_only=True):
    """What option, CI and store say about the base; everything may be missing.

    ``last_green``: the newest commit of the default branch for which a complete green run is
    stored. ``announced``: the commit that HEAD must be for its first parent to be the base (E2).
    """

    ref: str | None = None
    configured: str | None = None
    """What the project's settings call the base; it stands for the default branch."""
    branch: str | None = None
    target: str | None = None
    commits: tuple[str, ...] = ()
    before: str | None = None
    announced: str | None = None
    last_green: str | None = None
    ci: bool = False
    deepen: str | None = None


class Default(Struct, frozen=True, kw_only=True):
    """The default branch: its short name, and the ref that stands for it (the remote's first)."""

    name: str
    ref: str


def resolve(repository: Repository, wanted: Wanted) -> tuple[Base | NoBase, bool]:
    """The base, and whether HEAD is the default branch (or, detached, a part of it).

    Raises UsageError for an explicit base that does not exist.
    """
    default = default_branch(repository, wanted.configured)
    if default is None and wanted.ci:
        default = _asked(repository)
    if wanted.ref is not None:
        commit = explicit(repository, wanted.ref)
        return _merge_base(repository, wanted.ref, commit, "--base", wanted), False
    if repository.head is None:
        return NoBase(reason="the repository has no commit yet"), True
    if merge := _announced(repository, wanted):
        return merge, False
    if wanted.target or wanted.commits:
        return _of_pull(repository, wanted), False
    if default is None:
        reason = "no default branch: neither a remote's HEAD nor main nor master exists"
        return NoBase(reason=reason, fix=_fix(wanted)), False
    branch = repository.branch or wanted.branch
    if branch == default.name:
        return _on_default(repository, default, wanted), True
    found = _of_ref(repository, default.ref, f"default branch {default.name}", wanted)
    detached = branch is None and isinstance(found, Base) and found.commit == repository.head
    return found, detached


def explicit(repository: Repository, ref: str) -> str:
    """The commit of ``--base REF``; UsageError where there is none (exit 2)."""
    commit = None
    if ref and not ref.startswith("-") and "\0" not in ref:
        commit = history.commit(repository, ref)
    if commit is not None:
        return commit
    listed = repository.git.line("for-each-ref", "--format=%(refname:short)") or ""
    from difflib import get_close_matches

    near = get_close_matches(ref, listed.splitlines(), n=1)
    fix = f"did you mean '{near[0]}'?" if near else "list them: git branch -a"
    if repository.shallow:
        fix += "; the clone is shallow, the base may lie outside: git fetch --unshallow"
    what = f"unknown base '{ref}'"
    raise UsageError(what, where=str(repository.root), fix=fix)


def default_branch(repository: Repository, configured: str | None = None) -> Default | None:
    """``configured``, then ``<remote>/HEAD``, then main, then master; a remote's before the local one.

    So a local default branch that is ahead of its remote is compared with the remote. A repository
    with a single branch and no remote has that one as its default, whatever its name.
    """
    if configured is not None:
        name = configured.removeprefix(f"{history.remote(repository)}/")
        return Default(name=name, ref=configured)
    refs = {name: ref.target for name, ref in history.refs(repository).items()}
    remote = _remote(refs)
    for name in NAMES:
        ref = f"refs/remotes/{remote}/{name}"
        if ref in refs:
            target = refs[ref] or ref
            return Default(name=target.removeprefix(f"refs/remotes/{remote}/"), ref=target)
        if f"refs/heads/{name}" in refs:
            return Default(name=name, ref=f"refs/heads/{name}")
    branches = [ref for ref in refs if ref.startswith("refs/heads/")]
    if len(branches) == 1 and not remotes(repository):
        return Default(name=branches[0].removeprefix("refs/heads/"), ref=branches[0])
    return None


def _asked(repository: Repository) -> Default | None:
    """CI fetches one branch: what the remote's HEAD is, only the remote can tell."""
    name = history.remote_head(repository)
    ref = f"refs/remotes/{history.remote(repository)}/{name}"
    return Default(name=name, ref=ref) if name else None


def _remote(refs: dict[str, str]) -> str | None:
    remotes = sorted({match["remote"] for ref in refs if (match := _REMOTE.fullmatch(ref))})
    return "origin" if "origin" in remotes else next(iter(remotes), None)


def _announced(repository: Repository, wanted: Wanted) -> Base | None:
    """E2: the vendor's own merge of a pull request, whose first parent is the target."""
    if wanted.announced is None or wanted.announced != repository.head:
        return None
    parents = history.parents(repository, wanted.announced)
    if len(parents) != 2:
        return None
    if not history.has(repository, parents[0]):
        if not wanted.ci:
            return None
        history.fetch(repository, "--deepen=1")
        if not history.has(repository, parents[0]):
            return None
    how = "first parent of the merge that CI checked out"
    return Base(ref="HEAD^1", commit=parents[0], how=how)


def _of_pull(repository: Repository, wanted: Wanted) -> Base | NoBase:
    found: Base | NoBase | None = None
    if wanted.target:
        how = f"target branch {wanted.target}"
        found = _of_ref(repository, wanted.target, how, wanted)
    for commit in wanted.commits:
        if isinstance(found, Base):
            break
        if not history.has(repository, commit) and wanted.ci:
            history.fetch(repository, "--depth=50", commit)
        if history.has(repository, commit):
            how = "target commit announced by CI"
            found = _merge_base(repository, commit[:12], commit, how, wanted)
    return found or NoBase(reason="the target that CI announces is not here", fix=_fix(wanted))


def _on_default(repository: Repository, default: Default, wanted: Wanted) -> Base | NoBase:
    """E5: from the last commit known to be green, else from what was there before the push."""
    assert repository.head is not None
    green = wanted.last_green
    if green and history.is_ancestor(repository, green, repository.head):
        return Base(ref=green[:12], commit=green, how="newest commit with a green run on record")
    if wanted.ci and wanted.before:
        before = wanted.before
        if not history.is_ancestor(repository, before, repository.head) and repository.shallow:
            history.deepen(repository, before)
        if history.is_ancestor(repository, before, repository.head):
            return Base(ref=before[:12], commit=before, how="commit before the push")
        reason = f"the commit before the push, {before[:12]}, is no ancestor of HEAD"
        return NoBase(reason=reason, fix=_fix(wanted))
    return _of_ref(repository, default.ref, f"default branch {default.name}", wanted)


def _of_ref(repository: Repository, name: str, how: str, wanted: Wanted) -> Base | NoBase:
    """``name``: a full ref, or a branch that the remote has and the clone may not."""
    remote = history.remote(repository)
    tracked = f"refs/remotes/{remote}/"
    short = name.removeprefix(tracked).removeprefix("refs/heads/")
    given = (name,) if name.startswith("refs/") else ()
    for ref in (*given, tracked + short, f"refs/heads/{short}", name):
        if commit := history.commit(repository, ref):
            return _merge_base(repository, _short(ref), commit, how, wanted)
    if wanted.ci and history.fetch_branch(repository, short):
        ref = tracked + short
        if commit := history.commit(repository, ref):
            return _merge_base(repository, _short(ref), commit, how, wanted)
    return NoBase(reason=f"{how} is not in this clone", fix=_fix(wanted))


def _short(ref: str) -> str:
    return ref.removeprefix("refs/remotes/").removeprefix("refs/heads/")


def _merge_base(
    repository: Repository, ref: str, commit: str, how: str, wanted: Wanted
) -> Base | NoBase:
    if repository.head is None:
        return NoBase(reason="the repository has no commit yet")
    found = history.merge_bases(repository, commit)
    if not found and repository.shallow and wanted.ci:
        found = history.deepen(repository, commit)
    if found:
        return Base(ref=ref, commit=found[0], how=f"merge base with {how}", others=found[1:])
    if repository.shallow:
        return NoBase(reason=f"shallow clone without a merge base with {ref}", fix=_fix(wanted))
    return NoBase(reason=f"HEAD and {ref} have no common history")


def _fix(wanted: Wanted) -> str:
    return wanted.deepen or ("git fetch --unshallow, or name the base: --base REF")
