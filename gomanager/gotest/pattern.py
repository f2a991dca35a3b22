"""Names and ``-run``/``-skip`` patterns: written for a list of names, read as ``testing`` reads them.

``testing`` splits a pattern at top-level ``|`` first and each part at ``/`` after that, so that
``^A$/^x$|^B$/^y$`` runs exactly A/x and B/y in one process (testing/match.go, splitRegexp).
"""

import re
from collections.abc import Callable, Iterable, Iterator

from gomanager.goregex import compile_pattern

Fits = Callable[[str], bool]
"""Whether a pattern takes a case, by its whole name."""

PATTERN_BYTES = 100_000
"""One argument may hold 128 KiB on Linux."""

_META = re.compile(r"[\\.+*?()|\[\]{}^$]")


def quote(text: str) -> str:
    """Go's ``regexp.QuoteMeta``; :func:`re.escape` writes escapes that Go does not know."""
    return _META.sub(lambda sign: f"\\{sign[0]}", text)


def exactly(names: Iterable[str]) -> str:
    """The pattern of these names and no others: ``^(A|B)$``, or ``^A$/^x$|^B$/^y$`` with subtests.

    Without subtests the parentheses make it pass magex's filter, which refuses a bare ``|``.
    """
    ordered = tuple(dict.fromkeys(names))
    if any("/" in name for name in ordered):
        return "|".join(_anchored(name) for name in ordered)
    if len(ordered) == 1:
        return f"^{quote(ordered[0])}$"
    return f"^({'|'.join(quote(name) for name in ordered)})$"


def _anchored(name: str) -> str:
    return "/".join(f"^{quote(part)}$" for part in name.split("/"))


def in_parts(names: Iterable[str], limit: int = PATTERN_BYTES) -> Iterator[tuple[str, ...]]:
    """``names`` in runs whose pattern stays below ``limit`` bytes (one process for each)."""
    part: list[str] = []
    size = 0
    for name in dict.fromkeys(names):
        cost = len(_anchored(name).encode("utf-8", "replace")) + 1
        if part and size + cost > limit:
            yield tuple(part)
            part, size = [], 0
        part.append(name)
        size += cost
    if part:
        yield tuple(part)


def split(pattern: str) -> tuple[tuple[str, ...], ...]:
    """Alternatives, each with one element for a level of subtests, as testing's splitRegexp."""
    alternatives: list[tuple[str, ...]] = []
    elements: list[str] = []
    brackets = parentheses = begin = 0
    skip = False
    for i, sign in enumerate(pattern):
        if skip:
            skip = False
        elif sign == "\\":
            skip = True
        elif sign == "[":
            brackets += 1
        elif sign == "]":
            brackets = max(0, brackets - 1)
        elif sign in "()" and brackets == 0:
            parentheses += 1 if sign == "(" else -1
        elif sign in "/|" and brackets == 0 and parentheses == 0:
            elements.append(pattern[begin:i])
            begin = i + 1
            if sign == "|":
                alternatives.append(tuple(elements))
                elements = []
    elements.append(pattern[begin:])
    alternatives.append(tuple(elements))
    return tuple(alternatives)


def runs(pattern: str) -> Fits:
    """Whether ``-run pattern`` runs a case: its whole name, as far as the pattern goes.

    Raises BadPattern, a ValueError, where that is no expression Go accepts.
    """
    alternatives = _compiled(pattern)
    return lambda name: any(_fits(parts, name.split("/")) for parts in alternatives)


def skips(pattern: str) -> Fits:
    """Whether ``-skip pattern`` skips a case: only where every level of the pattern matches."""
    alternatives = _compiled(pattern)

    def skipped(name: str) -> bool:
        levels = name.split("/")
        return any(len(a) <= len(levels) and _fits(a, levels) for a in alternatives)

    return skipped


def _compiled(pattern: str) -> tuple[tuple[re.Pattern[str], ...], ...]:
    # Spaces in a pattern stand for the underscores that names get (testing, rewrite).
    return tuple(tuple(compile_pattern(e.replace(" ", "_")) for e in a) for a in split(pattern))


def _fits(parts: tuple[re.Pattern[str], ...], levels: list[str]) -> bool:
    return all(part.search(level) for part, level in zip(parts, levels, strict=False))
