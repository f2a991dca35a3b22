"""The first questions to git, asked while our own code is still being imported.

``git status`` reads every folder of the work tree, and answers what differs, what is untracked and
what is ignored in that one walk. Side by side with our imports it costs nothing (moby: 40 ms each).
"""

import os
from collections.abc import Sequence
from pathlib import Path

from gomanager.git.ahead import Ahead
from gomanager.git.command import Git

FACTS = (
    "--is-bare-repository",
    "--is-inside-work-tree",
    "--is-shallow-repository",
    "--absolute-git-dir",
    "--git-common-dir",
    "--show-toplevel",
)
WHERE = ("rev-parse", *FACTS, "HEAD", "--symbolic-full-name", "HEAD")
STATUS = (
    "status",
    "--porcelain=v2",
    "-z",
    "--untracked-files=all",
    "--ignored=traditional",
    "--no-renames",
    "--ignore-submodules=none",
)
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

    ``staged``: the index alone against HEAD, as a hook wants it.
    """

    def __init__(self, git: Git, *, staged: bool = False) -> None:
        self.git = git
        self.staged = staged
        # The longest first; then in the order in which we wait for them.
        self.seen = Ahead(lambda: git.answer(*(STAGED if staged else STATUS)))
        self.where = Ahead(lambda: git.answer(*WHERE))
        self.asked = {
            "remotes": Ahead(lambda: git.answer(*REMOTES)),
            "refs": Ahead(lambda: git.answer(*REFS)),
        }


def head_start(args: Sequence[str]) -> Look | None:
    """What git can be asked before the command line is understood: nothing in it says otherwise."""
    if {"--staged", "--help", "-h"}.intersection(args):
        return None
    return Look(Git(cwd=Path.cwd(), environ=os.environ))
