"""The first questions to git, asked while our own code is still being imported."""

import os
import subprocess
from pathlib import Path

from gomanager import process
from gomanager.git.ahead import Ahead
from gomanager.git.command import Git
from gomanager.git.early import STATUS

FACTS = (
    "--is-bare-repository",
    "--is-inside-work-tree",
    "--is-shallow-repository",
    "--absolute-git-dir",
    "--git-common-dir",
    "--show-toplevel",
)
WHERE = ("rev-parse", *FACTS, "HEAD", "--symbolic-full-name", "HEAD")
STAGED = (
    "diff-index",
    "--cached",
    "-z",
    "--no-renames",
    "--ignore-submodules=none",
    "HEAD",
)


NAMES = ("HEAD", "main", "master")
"""Of default branches, in the order in which they are looked for."""
REFS = (
    "for-each-ref",
    "--format=%(refname) %(symref) %(objecttype) %(objectname)",
    *(f"refs/remotes/*/{name}" for name in NAMES),
    "refs/heads/",
)
REMOTES = ("config", "-z", "--get-regexp", r"^remote\.")


class Look:
    """The questions that need nothing but a folder, each in a process of its own.

    ``staged``: the index alone against HEAD, as a hook wants it. ``status``: was begun already.
    """

    def __init__(
        self,
        git: Git,
        *,
        staged: bool = False,
        status: "subprocess.Popen[bytes] | None" = None,
    ) -> None:
        self.git = git
        self.staged = staged
        # The longest first; then in the order in which we wait for them.
        if status is not None:
            self.seen = Ahead(lambda: process.finished(status))
        else:
            self.seen = Ahead(lambda: git.answer(*(STAGED if staged else STATUS)))
        self.where = Ahead(lambda: git.answer(*WHERE))
        self.asked: dict[tuple[str, ...], Ahead[process.Completed]] = {
            REMOTES: Ahead(lambda: git.answer(*REMOTES)),
            REFS: Ahead(lambda: git.answer(*REFS)),
        }
        self.foreseen: Ahead[None] | None = None
        """What comparing with the base takes, since we know where we are."""

    def settle(self) -> None:
        """Wait for what is foreseen; where it failed, who asks in earnest hears of it."""
        if self.foreseen is not None:
            self.foreseen.done()


def head_start(status: "subprocess.Popen[bytes] | None") -> Look | None:
    """What git can be asked before the command line is understood: nothing in it says otherwise."""
    try:
        here = Path.cwd()
    except FileNotFoundError:
        return None
    return Look(Git(cwd=here, environ=os.environ), status=status)
