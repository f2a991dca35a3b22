"""gitignore-style globs over changed paths: phases' own, and the ``inert`` list."""

from collections.abc import Callable, Iterable


def matcher(globs: Iterable[str]) -> Callable[[str], bool]:
    """Whether a path matches; the last glob that does decides, as in a .gitignore."""
    patterns = tuple(globs)
    if not patterns:
        return lambda _: False
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns).match_file
