"""What tests read while they ran, by content: digests now, and what is known from their logs."""

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from gomanager.git.changes import OWN
from gomanager.selection.ledger import Input
from gomanager.selection.testlog import TestLog

LARGEST = 64 << 20
"""Bytes of a file that is digested; a larger one leaves a doubt."""
NOT_INPUTS = frozenset({"PWD", "OLDPWD", "GOCOVERDIR"})
"""Variables that go itself sets for each package, from where it lies."""
_SYSTEM = ("/proc", "/dev", "/sys")
_HIDDEN = frozenset({".git", *OWN})
_RANDOM = re.compile(r"\d{4,}")


class Places(Struct, frozen=True, kw_only=True):
    """Where paths are looked at; all absolute, links resolved."""

    root: str
    dropped: tuple[str, ...]
    """GOROOT, caches, and what the system makes up: nothing in them is an input."""
    temporary: tuple[str, ...]


class Learned(Struct, frozen=True, kw_only=True):
    """The inputs of one package, or the doubt that is left."""

    inputs: tuple[Input, ...] = ()
    doubt: str = ""


def places(root: Path, environ: Mapping[str, str], go_env: Mapping[str, str]) -> Places:
    """The folders of this machine."""
    dropped = [go_env.get(name, "") for name in ("GOROOT", "GOCACHE", "GOMODCACHE")]
    temporary = [go_env.get("GOTMPDIR", ""), environ.get("TMPDIR", ""), "/tmp"]
    return Places(
        root=os.path.realpath(root),
        dropped=(*_SYSTEM, *_real(dropped)),
        temporary=tuple(_real(temporary)),
    )


def _real(folders: Iterable[str]) -> Iterator[str]:
    for folder in dict.fromkeys(folders):
        if folder and folder != "off":
            yield from dict.fromkeys((folder.rstrip("/"), os.path.realpath(folder)))


def learned(
    logs: Iterable[TestLog],
    where: Places,
    environ: Mapping[str, str],
    fingerprint: str,
    *,
    variables: Iterable[str],
    starts: bool,
    since: float,
    tracked: Callable[[str], bool],
) -> Learned:
    """Inputs of a package from the logs of its processes.

    ``variables`` are further names that its code asks for; ``starts``: it can start programs;
    ``since`` is when it began, in seconds;
    ``tracked``: paths of the repository whose change during the run is found out otherwise.
    """
    known = tuple(logs)
    doubt = next((log.doubt for log in known if log.doubt), "")
    if doubt or not known:
        return Learned(doubt=doubt or "what it reads was not learned")
    names = frozenset().union(variables, *(log.variables for log in known)) - NOT_INPUTS
    found = {Input("env", n, _variable(environ.get(n), n, fingerprint)) for n in names}
    opened = frozenset().union(*(log.opened for log in known))
    looked = frozenset().union(*(log.looked for log in known)) - opened
    gone = (p for p in opened if _below(p, where.temporary) and not os.path.lexists(p))
    if starts and (program := next(gone, None)) is not None:
        return Learned(doubt=f"it may have started {program}, which is gone")
    for kind, group in (("file", opened), ("stat", looked)):
        for path in sorted(group):
            name = _name(path, where)
            if name is None:
                continue
            why = _doubt(kind, path, name, where, since, tracked)
            if why is not None:
                if why:
                    return Learned(doubt=why)
                continue
            found.add(_input(kind, name, where))
    if any(not one.digest for one in found):
        return Learned(doubt="it read a file that is too large or cannot be read again")
    return Learned(inputs=tuple(sorted(found)))


def seen_paths(logs: Iterable[TestLog], where: Places) -> frozenset[str]:
    """Paths of the repository in the logs, whatever else is in them."""
    names = {_name(path, where) for log in logs for path in (*log.opened, *log.looked)}
    inside = {os.path.normpath(n) for n in names if n is not None and not n.startswith("/")}
    return frozenset(name for name in inside if name.split("/", 1)[0] != "..")


def _doubt(
    kind: str,
    path: str,
    name: str,
    where: Places,
    since: float,
    tracked: Callable[[str], bool],
) -> str | None:
    """Why an input cannot be believed; empty: it is none; ``None``: all is well."""
    try:
        facts = os.stat(path)  # noqa: PTH116 - links followed, bytes that are no text allowed
    except (OSError, ValueError):
        return None  # absent, and that is the input
    temporary = name.startswith("/") and _below(path, where.temporary)
    if kind == "file" and stat.S_ISREG(facts.st_mode) and facts.st_mode & 0o111:
        return f"it starts {os.path.basename(path)}, and what that reads is not seen"  # noqa: PTH119
    if not (stat.S_ISREG(facts.st_mode) or stat.S_ISDIR(facts.st_mode)):
        return f"it reads {name}, which is no plain file"
    fresh = max(facts.st_mtime, facts.st_ctime) >= since
    if temporary and fresh:
        below = path[max(len(t) for t in where.temporary if path.startswith(f"{t}/")) :]
        return "" if _RANDOM.search(below) else f"{name} was written while it ran"
    if stat.S_ISDIR(facts.st_mode) and not name.startswith("/"):
        return None  # its files are looked at one by one before and after the run
    if fresh and not (kind == "stat" and stat.S_ISDIR(facts.st_mode)) and not tracked(name):
        return f"{name} was written while it ran"
    return None


def _name(path: str, where: Places) -> str | None:
    """As it is stored: relative inside of the repository; ``None``: no input at all."""
    if path == where.root:
        return "."
    if path.startswith(f"{where.root}/"):
        name = path[len(where.root) + 1 :]
        return None if name.split("/", 1)[0] in _HIDDEN else name
    if _below(path, where.dropped) or path in where.temporary:
        return None
    return path


def _below(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def _input(kind: str, name: str, where: Places) -> Input:
    path = _path(name, where)
    if kind == "file" and not os.path.lexists(path):
        # The nearest folder that is not there says as much, once for all that was below it.
        while not os.path.lexists(above := os.path.dirname(path)) and above != path:  # noqa: PTH120
            path = above
            name = os.path.dirname(name) or name  # noqa: PTH120
    return Input(kind, name, digest_of(kind, name, where))


def _path(name: str, where: Places) -> str:
    return name if name.startswith("/") else f"{where.root}/{name}"


def current(one: Input, fingerprint: str, where: Places, environ: Mapping[str, str]) -> str:
    """The digest that an input has now; empty: it has none."""
    if one.kind == "env":
        return _variable(environ.get(one.name), one.name, fingerprint)
    return digest_of(one.kind, one.name, where)


def variable_digest(name: str, value: str | None) -> str:
    """Enough to see that a variable changed, too little to find its value by (F4)."""
    return _variable(value, name, "")[:8]


def _variable(value: str | None, name: str, salt: str) -> str:
    # Salted: short values of secret variables must not be found by trying.
    text = "unset" if value is None else f"={value}"
    return _hash(f"{salt}\n{name}\n{text}".encode("utf-8", "surrogateescape"))


def digest_of(kind: str, name: str, where: Places) -> str:
    """Content of a file, names in a folder; of what was only looked at, whether it is there."""
    path = _path(name, where)
    try:
        facts = os.stat(path)  # noqa: PTH116
        if stat.S_ISDIR(facts.st_mode):
            if kind == "stat":
                return "folder"
            names = sorted(n for n in os.listdir(os.fsencode(path)))  # noqa: PTH208
            kept = [n for n in names if os.fsdecode(n) not in _HIDDEN]
            return _hash(b"\0".join(kept))
        if not stat.S_ISREG(facts.st_mode):
            return ""
        if kind == "stat" and name.startswith("/"):
            return f"file {facts.st_size} {facts.st_mode:o}"
        if facts.st_size > LARGEST:
            return ""
        digest = _hash(Path(path).read_bytes())
        # What was looked at says whether it can be started; git keeps no more of its mode.
        return f"{digest} x" if kind == "stat" and facts.st_mode & 0o100 else digest
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return "absent"
    except OSError as error:
        return f"refused {error.errno}"


def _hash(data: bytes) -> str:
    return sha256(data).hexdigest()[:32]
