"""gitignore-style globs over changed paths: phases' own, and the ``inert`` list.

The rules of ``git help ignore``, compiled on first use; importing pathspec alone takes as long as
the rest of a small scope. A test holds every answer against pathspec's.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from gomanager.regex import late

_MAGIC = late(r"[*?\[\\]")


def matcher(globs: Iterable[str]) -> Callable[[str], bool]:
    """Whether a path of a file matches; the last glob that does decides, as in a .gitignore."""
    return _Globs.of(tuple(globs))


class _Globs:
    """Patterns in order; those that are plain names are looked up, the others searched."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self.names: dict[str, int] = {}
        self.searched: list[tuple[int, re.Pattern[str]]] = []
        self.taking: list[bool] = []
        for number, pattern in enumerate(map(_trimmed, patterns)):
            body = pattern.removeprefix("!")
            self.taking.append(body == pattern)
            if not body or body.startswith("#"):
                continue
            if "/" not in body and not _MAGIC.search(body):
                self.names[body] = number
            else:
                self.searched.append((number, _compiled(body)))

    @staticmethod
    @lru_cache(maxsize=64)
    def of(patterns: tuple[str, ...]) -> Callable[[str], bool]:
        """Built when the first path is asked about: most changes are Go files."""
        built: list[_Globs] = []

        def matches(path: str) -> bool:
            if not patterns:
                return False
            if not built:
                built.append(_Globs(patterns))
            return built[0].match(path)

        return matches

    def match(self, path: str) -> bool:
        """The verdict of the last pattern that knows the path or a folder above it."""
        last = max((self.names.get(part, -1) for part in path.split("/")), default=-1)
        for number, pattern in reversed(self.searched):
            if number < last:
                break
            if pattern.match(path):
                return self.taking[number]
        return last >= 0 and self.taking[last]


def _trimmed(pattern: str) -> str:
    """Trailing blanks do not count unless a backslash holds them."""
    stripped = pattern.rstrip(" \t\n\r")
    return stripped + " " if stripped.endswith("\\") and stripped != pattern else stripped


def _compiled(body: str) -> re.Pattern[str]:
    """``foo/`` is a folder, a slash inside or in front ties the pattern to the root."""
    folder = body.endswith("/")
    core = body.rstrip("/")
    tied = "/" in core
    parts = core.lstrip("/").split("/")
    text = "" if tied else "(?:.*/)?"
    for index, part in enumerate(parts):
        end = index == len(parts) - 1
        if part == "**":
            text += (".+" if index else ".*") if end else "(?:.*/)?"
        else:
            text += _part(part) + ("" if end else "/")
    return re.compile(text + ("/.*" if folder else "(?:/.*)?") + r"\Z", re.DOTALL)


def _part(part: str) -> str:
    out, at = [], 0
    while at < len(part):
        char = part[at]
        at += 1
        close = part.find("]", at + 1) if char == "[" else -1
        if char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif close > 0:
            inner = part[at:close].replace("\\", "\\\\").replace("[", "\\[")
            out.append("[" + ("^" + inner[1:] if inner[0] in "!^" else inner) + "]")
            at = close + 1
        elif char == "\\" and at < len(part):
            out.append(re.escape(part[at]))
            at += 1
        else:
            out.append(re.escape(char))
    return "".join(out)
