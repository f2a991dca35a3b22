"""Which packages embed a file: ``//go:embed`` patterns against paths of the tree."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from gomanager.golang.packages import GoFile
from gomanager.golang.reach import Seed
from gomanager.golang.tree import LINK, Entry, ancestors, folder

if TYPE_CHECKING:
    from gomanager.golang.view import View


def embedders(view: "View", path: str) -> tuple[Seed, ...]:
    """Seeds of the compiled files whose patterns take the path in, whether it exists or not.

    Ask the view of the base about deleted files, and both views about changed ones (C4–C9).
    """
    found: set[Seed] = set()
    for place in ancestors(path):
        package = view.graph.packages.get(place)
        if package is not None and any("e" in group.traits for group in package.groups):
            found.update(Seed(place, test) for test in _embedding(view, place, path))
        if place in view.graph.module_by_dir:
            break  # C9: no pattern reaches into a nested module
    return tuple(sorted(found))


def _embedding(view: "View", place: str, path: str) -> Iterator[bool]:
    """For each file of the package that embeds the path: whether it is a test file."""
    relative = path[len(place) :].lstrip("/")
    entry = view.graph.tree.files.get(path)
    irregular = entry is not None and entry.mode == LINK
    for file in view.files(place):
        if any(takes(p, relative, irregular=irregular) for p in file.header.embeds):
            yield file.is_test


def embedded(view: "View", place: str, file: GoFile) -> tuple[Entry, ...]:
    """Files that one file of a package embeds, by path."""
    patterns = file.header.embeds
    if not patterns:
        return ()
    prefix = f"{place}/" if place else ""
    found = [
        entry
        for inner, entries in view.graph.tree.folders.items()
        if f"{inner}/".startswith(prefix) and _within(view, place, inner)
        for entry in entries
        if any(takes(p, entry.path[len(prefix) :], irregular=entry.mode == LINK) for p in patterns)
    ]
    return tuple(sorted(found))


def _within(view: "View", place: str, inner: str) -> bool:
    """Whether no nested module begins between a package and a directory below it."""
    while inner != place:
        if inner in view.graph.module_by_dir:
            return False
        inner = folder(inner)
    return True


def takes(pattern: str, path: str, *, irregular: bool = False) -> bool:
    """Whether a pattern takes in a file; both are relative to the package directory.

    A directory that matches brings what is below it, without names that begin with ``.`` or ``_``
    unless the pattern begins with ``all:``. A link counts only when it is matched itself: that is
    a build error, and a reason to look.
    """
    everything = pattern.startswith("all:")
    matcher = _matcher(pattern.removeprefix("all:"))
    if matcher is None:
        return False
    if matcher.fullmatch(path):
        return True
    if irregular:
        return False
    return any(
        matcher.fullmatch(above) and (everything or not _hidden(path[len(above) + 1 :]))
        for above in ancestors(path)
        if above
    )


def _hidden(path: str) -> bool:
    return any(part[:1] in "._" for part in path.split("/"))


@lru_cache(maxsize=1024)
def _matcher(pattern: str) -> re.Pattern[str] | None:
    """Go's path.Match as a regular expression; None where Go calls the pattern malformed."""
    out, at = [], 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[":
            end = _class_end(pattern, at)
            if end < 0:
                return None
            members = _class(pattern[at:end])
            if members is None:
                return None
            out.append(members)
            at = end + 1
        elif char == "\\":
            if at >= len(pattern):
                return None
            out.append(re.escape(pattern[at]))
            at += 1
        else:
            out.append(re.escape(char))
    try:
        return re.compile("".join(out), re.DOTALL)
    except re.error:
        return None


def _class_end(pattern: str, at: int) -> int:
    first = at + (pattern[at : at + 1] == "^")
    while at < len(pattern):
        if pattern[at] == "\\":
            at += 1
        elif pattern[at] == "]" and at > first:
            return at
        at += 1
    return -1


def _class(inner: str) -> str | None:
    """The ranges between brackets; None where Go calls them malformed."""
    negated = inner.startswith("^")
    ranges, at = [], 1 if negated else 0
    while at < len(inner):
        low, at = _member(inner, at)
        high = low
        if inner[at : at + 1] == "-":
            high, at = _member(inner, at + 1)
        if not (low and high):
            return None
        if low <= high:  # else it holds nothing
            ranges.append(f"{re.escape(low)}-{re.escape(high)}")
    if not ranges:
        return "[^/]" if negated else "(?!)"
    return f"(?!/)[{'^' if negated else ''}{''.join(ranges)}]"


def _member(inner: str, at: int) -> tuple[str, int]:
    """One character of a class and where the next begins; it is empty where none may stand."""
    if inner[at : at + 1] == "\\":
        return inner[at + 1 : at + 2], at + 2
    return ("" if inner[at : at + 1] in "-]" else inner[at]), at + 1
