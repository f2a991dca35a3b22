"""gitignore-style globs over changed paths: phases' own, and the ``inert`` list."""

from collections.abc import Callable, Iterable
from functools import lru_cache


def matcher(globs: Iterable[str]) -> Callable[[str], bool]:
    """Whether a path matches; the last glob that does decides, as in a .gitignore."""
    return _matcher(tuple(globs))


@lru_cache(maxsize=64)
def _matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    if not patterns:
        return lambda _: False
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns).match_file
