"""Vendored code: most of a large tree, and next to no load has to read it.

What a load must know is whether it names a module of the tree. Where its records are not at hand, a
search through the tree tells that sooner than reading ten thousand files.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b

from gomanager.golang.memo import Memo
from gomanager.golang.modules import Context
from gomanager.golang.tree import Tree

_MANY = 100
"""Directories, from which on a search takes longer than what is done until somebody asks."""

Names = Callable[[], bool]
"""Whether vendored code may name a module of its context; waits for the search."""


def names_modules(
    tree: Tree, contexts: Iterable[Context], keys: Mapping[str, bytes], memo: Memo
) -> dict[str, Names]:
    """By directory of the context, where it has vendored code.

    ``keys``: of every directory's files, read or not: the search looks at all of them. It begins at
    once where there is much to read; few loads ask for the rest.
    """
    found = {}
    for context in contexts:
        if context.vendor is not None and context.roots and all(context.roots):
            below = [key for place, key in keys.items() if place.startswith(f"{context.vendor}/")]
            roots = tuple(sorted(context.roots))
            found[context.key] = _names(tree, context.vendor, roots, below, memo)
    return found


def _names(
    tree: Tree, vendor: str, roots: tuple[str, ...], keys: Sequence[bytes], memo: Memo
) -> Names:
    table, key = memo.table("vendored names", roots), _digest(keys)
    known: bool | None = table.get(vendor, key)
    if known is not None:
        return lambda: known
    begun = tree.search(roots, vendor) if len(keys) > _MANY else None

    def names() -> bool:
        lines = (begun or tree.search(roots, vendor))()
        if lines is None:
            return True
        found = any(_counts(path, line, roots) for path, line in lines)
        table.put(vendor, key, found)
        return found

    return names


def _counts(path: str, line: str, roots: Iterable[str]) -> bool:
    """Imports are quoted; what links a name says so. The rest are words about the module."""
    quoted = any(f"{quote}{root}" in line for root in roots for quote in '"`')
    return path.endswith(".go") and (quoted or "go:linkname" in line)


def _digest(keys: Iterable[bytes]) -> bytes:
    digest = blake2b(digest_size=16)
    for key in keys:
        digest.update(key)
    return digest.digest()
