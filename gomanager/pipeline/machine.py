"""Checks of the machine: programs and their versions, CI, bytecode, clock."""

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from gomanager import process
from gomanager.ci.environment import detect, read_event
from gomanager.command import INSTALL
from gomanager.errors import EnvironmentFault
from gomanager.git.repository import Repository
from gomanager.golang import toolchain
from gomanager.pipeline.check import Check, fail, ok, warn
from gomanager.runners.magexproject import uses_magex
from gomanager.version import VERSION

OLDEST_GO = 20
"""The first release whose ``go test`` knows ``-skip``."""
TESTED_GO = 24
OLDEST_GIT = (2, 13)
"""The first release whose ``rev-parse`` knows ``--absolute-git-dir``."""


def python() -> Check:
    """The interpreter that runs this."""
    version = ".".join(map(str, sys.version_info[:3]))
    return ok("gomanager", f"{VERSION} on Python {version}")


def git(cwd: Path, environ: Mapping[str, str]) -> Check:
    """git's version."""
    try:
        said = process.output(("git", "--version"), cwd=cwd, env=environ).decode("utf-8", "replace")
    except EnvironmentFault as fault:
        return fail("git", fault.what, fault.fix)
    found = re.search(r"(\d+)\.(\d+)(?:\.\d+)*", said)
    if found is None:
        return warn("git", f"its version cannot be read: {said.strip()}")
    if (int(found[1]), int(found[2])) < OLDEST_GIT:
        wanted = ".".join(map(str, OLDEST_GIT))
        return fail("git", f"{found[0]} is too old: {wanted} is needed", INSTALL["git"])
    return ok("git", found[0])


def go(root: Path, environ: Mapping[str, str]) -> Iterator[Check]:
    """Go's version, and whether the race detector can work."""
    try:
        found = toolchain.load(root, environ)
    except EnvironmentFault as fault:
        yield fail("go", fault.what, fault.fix)
        return
    where = f"{found.version} {found.goos}/{found.goarch}, {found.go}"
    if 0 < found.release < OLDEST_GO:
        text = f"{where} is too old: phases need 'go test -skip' of go1.{OLDEST_GO}"
        yield fail("go", text, INSTALL["go"])
    elif found.release < TESTED_GO:
        yield warn("go", f"{where} is older than go1.{TESTED_GO}, the oldest that is tested")
    else:
        yield ok("go", where)
    reason = found.no_race()
    if reason is None:
        yield ok("race detector", f"works with {found.compiler or 'no C compiler'}")
    else:
        text = f"{reason}: phases run without -race"
        yield warn("race detector", text, "install gcc or clang, and unset CGO_ENABLED")


def magex(root: Path, environ: Mapping[str, str]) -> Check:
    """magex, where the repository uses it."""
    if not uses_magex(root):
        return ok("magex", "this repository does not use it")
    path = shutil.which("magex", path=environ.get("PATH", ""))
    if path is None:
        text = "the repository uses it and it is not on PATH: whole phases run with go test"
        return warn("magex", text, INSTALL["magex"])
    return ok("magex", path)


def continuous(environ: Mapping[str, str]) -> Check:
    """Which CI this is, and what it announces."""
    found = detect(environ, read_event(environ))
    if found is None:
        return ok("ci", "none: this is a local machine")
    facts = {
        "branch": found.branch,
        "base": found.base_branch,
        "head": found.head,
        "pull request": found.pull_request,
        "shard": f"{found.shard[0] + 1} of {found.shard[1]}" if found.shard else None,
    }
    said = [f"{name} {value}" for name, value in facts.items() if value]
    return ok("ci", ", ".join([found.vendor, *said]))


def bytecode(package: Path) -> Check:
    """Without compiled bytecode a start takes half a second instead of a fifth."""
    if any((package / "__pycache__").glob("cli.*.pyc")):
        return ok("bytecode", "compiled")
    if os.access(package, os.W_OK) and not sys.dont_write_bytecode:
        return ok("bytecode", "is written when it is needed first")
    fix = f"{sys.executable} -m compileall -q {package}"
    return warn("bytecode", "is not compiled and will not be: every start is slower", fix)


def clock(repository: Repository | None, now: float) -> Check:
    """A clock behind the newest commit would put runs in the wrong order."""
    if repository is None or repository.head is None:
        return ok("clock", "nothing to compare it with")
    said = repository.git.line("show", "-s", "--format=%ct", repository.head)
    committed = int(said) if said and said.isdigit() else 0
    if committed > now + 60:
        late = f"{(committed - now) / 3600:.1f} hours"
        return warn("clock", f"is {late} behind the newest commit", "set the clock of this machine")
    return ok("clock", "is not behind the newest commit")
