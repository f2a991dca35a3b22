"""Which folders, files and tags are meant: integration folders and tags, patterns of folders."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

_WORDS = "integration|e2e|acceptance|functional|system"
_INTEGRATION = re.compile(rf"(?:tests?[-_])?(?:{_WORDS})(?:[-_]tests?)?", re.IGNORECASE)
_PERFORMANCE = re.compile(r"performance|bench.*", re.IGNORECASE)

TAG_FAMILIES = {"@integration": _INTEGRATION, "@performance": _PERFORMANCE}


@lru_cache(maxsize=16384)
def integration_folder(folder: str) -> bool:
    """True if a folder, relative to the repository root, is or lies below an integration folder."""
    return any(_INTEGRATION.fullmatch(part) for part in folder.split("/"))


def integration_tag(tag: str) -> bool:
    """True for ``integration``, ``e2e_test`` and their like."""
    return _INTEGRATION.fullmatch(tag) is not None


def found_tags(wanted: Iterable[str], present: Iterable[str]) -> tuple[str, ...]:
    """The wanted tags with ``@integration`` and ``@performance`` replaced by what is present."""
    known = set(present)
    tags: set[str] = set()
    for tag in wanted:
        family = TAG_FAMILIES.get(tag)
        tags |= {tag} if family is None else {name for name in known if family.fullmatch(name)}
    return tuple(sorted(tags))


def folder_matches(patterns: Sequence[str], folder: str) -> bool:
    """True if the last pattern that matches the folder does not begin with ``!``.

    No pattern means everywhere, and so does a list that only takes away. ``@integration`` means
    integration folders; ``@tagged`` is no folder and matches none.
    """
    for pattern in reversed(patterns):
        body = pattern.removeprefix("!")
        if _one_matches(body, folder):
            return body == pattern
    return all(pattern.startswith("!") for pattern in patterns)


def package_matches(patterns: Sequence[str], folder: str, path: str) -> bool:
    """True if one pattern names the package by its folder or by its import path."""
    return any(_folder(p).fullmatch(_clean(folder)) or import_matches(p, path) for p in patterns)


def import_matches(pattern: str, path: str) -> bool:
    """Import path patterns as Go has them: ``net/http``, ``google.golang.org/grpc/...``."""
    if pattern.endswith("/..."):
        return path == pattern[:-4] or path.startswith(pattern[:-3])
    return path == pattern


def file_matches(patterns: Sequence[str], name: str) -> bool:
    """True if the base name of a file matches one of the patterns and no ``!`` pattern behind it.

    Case does not count: ``*api*`` means ``TestAPI_test.go`` too.
    """
    for pattern in reversed(patterns):
        body = pattern.removeprefix("!")
        if _glob(body.lower()).fullmatch(name.lower()):
            return body == pattern
    return all(pattern.startswith("!") for pattern in patterns)


def _one_matches(pattern: str, folder: str) -> bool:
    if pattern == "@integration":
        return integration_folder(folder)
    return not pattern.startswith("@") and _folder(pattern).fullmatch(_clean(folder)) is not None


def _clean(folder: str) -> str:
    return folder.removeprefix("./").strip("/").removeprefix(".") if folder != "." else ""


@lru_cache(maxsize=512)
def _folder(pattern: str) -> re.Pattern[str]:
    """``internal/...`` with all below, ``**/db`` at any depth, ``./cmd`` just this one."""
    body = pattern.removeprefix("./").rstrip("/")
    if body in ("...", "**"):
        return re.compile(r".*", re.DOTALL)
    below = body.endswith(("/...", "/**"))
    parts = body.removesuffix("/...").removesuffix("/**").split("/")
    text = "".join(
        r"(?:[^/]+/)*" if part == "**" else _glob_text(part) + "/" for part in parts if part != "."
    )
    # Every element was written with its slash behind it; the last one has none in a folder.
    text = text.removesuffix("/")
    return re.compile(text + (r"(?:/.*)?" if below else ""), re.DOTALL)


@lru_cache(maxsize=512)
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(_glob_text(pattern), re.DOTALL)


def _glob_text(pattern: str) -> str:
    out = []
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        close = pattern.find("]", at + 2) if sign == "[" else -1
        if pattern.startswith("...", at):
            out.append(".*")
            at += 3
        elif sign in "*?":
            out.append("[^/]*" if sign == "*" else "[^/]")
            at += 1
        elif close > 0:
            inner = pattern[at + 1 : close].replace("\\", "\\\\").replace("[", "\\[")
            out.append("[" + ("^" + inner[1:] if inner[0] in "!^" else inner) + "]")
            at = close + 1
        else:
            out.append(re.escape(sign))
            at += 1
    return "".join(out)
