"""Paths in scripts of a shell that tests start: what those read, the tests read (row 9a)."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from gomanager.golang.tree import Tree, folder

ENDINGS = (".sh", ".bash")
_LARGEST = 1 << 18
_WORD = re.compile(r"[\w.@~*+-]*(?:/[\w.@~*+-]+)+|[\w.@+-]+\.\w{1,8}")
_WANDERS = ("cd ", "dirname", "BASH_SOURCE", "rev-parse", "pushd", "GIT_ROOT", "PWD")


class Script(NamedTuple):
    """One script; ``wanders``: its words count from other folders than its own, too."""

    place: str
    words: tuple[str, ...]
    wanders: bool


class Scripts:
    """The scripts of a tree, read when they are asked for."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._known: dict[str, Script] = {}

    def named(self, names: Iterable[str]) -> Iterator[Script]:
        """Scripts of these names, wherever they lie, and those that they start."""
        wanted = [name for name in names if name.endswith(ENDINGS)]
        seen: set[str] = set()
        while wanted:
            for path in self._paths.get(wanted.pop().rpartition("/")[2], ()):
                if path not in seen:
                    seen.add(path)
                    script = self._read(path)
                    yield script
                    wanted += [word for word in script.words if word.endswith(ENDINGS)]

    def _read(self, path: str) -> Script:
        if path not in self._known:
            text = (self._tree.content(path) or b"")[:_LARGEST].decode("utf-8", "replace")
            found = {word.lstrip("/") for word in _WORD.findall(text)}
            words = tuple(sorted(w for w in found if w.rpartition("/")[2].strip("*.~@+-")))
            wanders = any(sign in text for sign in _WANDERS)
            self._known[path] = Script(folder(path), words, wanders)
        return self._known[path]

    @cached_property
    def _paths(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for entry in self._tree.entries:
            if entry.path.endswith(ENDINGS) and not entry.path.startswith("vendor/"):
                found.setdefault(entry.path.rpartition("/")[2], []).append(entry.path)
        return found
