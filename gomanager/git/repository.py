"""Where the repository is and what is checked out; its key in the store."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from gomanager.errors import EnvironmentFault
from gomanager.git.ahead import Ahead
from gomanager.git.command import Git, records, text
from gomanager.git.look import FACTS, REMOTES, WHERE, Look
from gomanager.process import Completed
from gomanager.regex import late

_OWNER = late(r"detected dubious ownership in repository at '(?P<folder>.*)'")
_URL = late(r"[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/@]*@)?(?P<host>[^/]*)(?P<path>/.*)?")
_SCP = late(r"(?:[^@/]*@)?(?P<host>[^/:]+):(?P<path>.*)")


class Repository(Struct, frozen=True, kw_only=True):
    """A work tree; ``head`` is ``None`` before the first commit, ``branch`` when detached."""

    root: Path
    git_dir: Path
    common_dir: Path
    shallow: bool
    head: str | None
    branch: str | None
    git: Git
    asked: "dict[tuple[str, ...], Ahead[Completed] | Completed]" = {}
    """Questions that several ask, or that are asked ahead: put to git once."""

    def once(self, *args: str) -> Completed:
        """The answer to a command whose answer nobody but :meth:`forget` changes."""
        known = self.asked.get(args)
        if known is None:
            known = self.git.answer(*args)
        elif isinstance(known, Ahead):
            known = known.result()
        self.asked[args] = known
        return known

    def forget(self) -> None:
        """What was asked may have changed: more was fetched."""
        self.asked.clear()


class NoRepository(Struct, frozen=True, kw_only=True):
    """Why git has nothing to say here; then everything is selected."""

    reason: str
    fault: bool = False
    """git is there and failed: more than the ordinary absence of a repository."""


def discover(cwd: Path, environ: Mapping[str, str]) -> Repository | NoRepository:
    """The work tree around ``cwd``: a clone, a linked worktree, a submodule, from any subfolder.

    Raises EnvironmentFault where git refuses the folder's owner, and in a bare repository.
    """
    git = Git(cwd=cwd, environ=environ)
    return _found(git, lambda: git.answer(*WHERE), {})


def looked_at(look: Look) -> Repository | NoRepository:
    """The same for a folder about which git has been asked already."""
    return _found(look.git, look.where.result, {**look.asked})


def _found(
    git: Git,
    where: Callable[[], Completed],
    asked: dict[tuple[str, ...], Ahead[Completed] | Completed],
) -> Repository | NoRepository:
    try:
        done = where()
    except EnvironmentFault as fault:
        return NoRepository(reason=fault.what)
    lines = text(done.stdout).split("\n")
    if lines[:2] == ["false", "true"] and len(lines) >= len(FACTS):
        return _repository(git, lines, asked)
    return _refused(git.cwd, lines, done)


def _repository(
    git: Git, lines: list[str], asked: dict[tuple[str, ...], Ahead[Completed] | Completed]
) -> Repository:
    if len(lines) not in {len(FACTS) + 2, len(FACTS) + 3}:
        # A folder name holds a newline: ask for each fact alone.
        lines = [git.line("rev-parse", fact) or "" for fact in FACTS]
        lines += [git.line("rev-parse", "--verify", "-q", "HEAD") or "HEAD", "", ""]
    head = lines[6] if lines[6] != "HEAD" else None
    root = Path(lines[5])
    return Repository(
        root=root,
        git_dir=Path(lines[3]),
        common_dir=(git.cwd / lines[4]).resolve(),
        shallow=lines[2] == "true",
        head=head,
        branch=_branch(git, lines[7] if head else ""),
        git=Git(cwd=root, environ=git.environ),
        asked=asked,
    )


def _branch(git: Git, name: str) -> str | None:
    """The short name; asked for apart where there is no commit yet."""
    full = name or git.line("symbolic-ref", "-q", "HEAD") or "HEAD"
    return full.removeprefix("refs/heads/") if full != "HEAD" else None


def _refused(cwd: Path, lines: list[str], done: Completed) -> NoRepository:
    said = text(done.stderr).strip()
    if match := _OWNER.search(said):
        folder = match["folder"]
        what = "git refuses to read the repository: it belongs to another user"
        fix = f"git config --global --add safe.directory {folder}"
        raise EnvironmentFault(what, where=folder, fix=fix)
    if lines[0] == "true":
        what = "this is a bare repository, it has no files to test"
        raise EnvironmentFault(what, where=str(cwd), fix="start gomanager in a clone of it")
    if lines[:2] == ["false", "false"]:
        what = "this folder belongs to git itself, not to the work tree"
        raise EnvironmentFault(what, where=str(cwd), fix="start gomanager in the work tree")
    if "not a git repository" in said:
        return NoRepository(reason="not a git repository")
    return NoRepository(reason=said.splitlines()[0] if said else "git failed", fault=True)


def key(repository: Repository) -> str:
    """The name of the repository in the store, equal in its clones and worktrees."""
    urls = remotes(repository)
    url = urls.get("origin") or next((url for url in urls.values() if url), "")
    source = normalised(url, repository.common_dir.parent) if url else str(repository.common_dir)
    return folder_key(source)


def folder_key(source: str) -> str:
    """The first 16 hex digits of SHA-256; for a folder without git, over its path."""
    return hashlib.sha256(source.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def remotes(repository: Repository) -> Mapping[str, str]:
    """Name of each remote to its address, in the order of the configuration; of several the last.

    A remote without an address has an empty one.
    """
    found: dict[str, str] = {}
    for record in records(repository.once(*REMOTES).stdout):
        key, _, value = record.partition("\n")
        name, dot, setting = key.removeprefix("remote.").rpartition(".")
        if dot:
            known = found.setdefault(name, "")
            found[name] = value if setting == "url" else known
    return found


def normalised(url: str, start: Path) -> str:
    """``host/path`` of an origin URL: no scheme, user or ``.git``, host in lower case.

    >>> normalised("git@GitHub.com:o/r.git", Path("/"))
    'github.com/o/r'
    """
    if match := _URL.fullmatch(url) or _SCP.fullmatch(url):
        path = (match["path"] or "").strip("/").removesuffix(".git")
        return f"{match['host'].lower()}/{path}" if match["host"] else f"/{path}"
    return str((start / url).resolve()).removesuffix(".git")


def position(repository: Repository, commit: str) -> int | None:
    """Number of first parents of ``commit`` down to the root; unknown if shallow."""
    if repository.shallow:
        return None
    counted = repository.git.line("rev-list", "--first-parent", "--count", commit)
    return int(counted) if counted and counted.isdigit() else None
