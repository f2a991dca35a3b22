"""Where code outside the tree's own modules enters a view, as seeds for a change of modules."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from gomanager.golang.reach import Seed

if TYPE_CHECKING:
    from gomanager.golang.view import View


def contains(module: str, path: str) -> bool:
    """Whether an import path may lie in a module, by path elements."""
    return path == module or path.startswith(f"{module}/")


def external(view: "View") -> Iterator[tuple[str, str]]:
    """(node, import path) of every package that no module of the tree holds."""
    nodes = {node for edges in view.direct_imports.values() for node, _ in edges}
    nodes |= {node for edges in view.test_imports.values() for node, _ in edges}
    vendor = view.context.vendor
    prefix = f"{vendor}/" if vendor is not None else None
    for node in sorted(nodes | set(view.libraries)):
        if node.startswith("@"):
            yield node, node[1:]
        elif prefix is not None and node.startswith(prefix):
            yield node, node[len(prefix) :]


def of_modules(view: "View", modules: Iterable[str]) -> tuple[Seed, ...]:
    """Seeds of the packages that the modules hold.

    Complete only where the view has third-party edges: with ``vendor`` (``view.has_vendor``).
    Without them a module is reached through others too, and only ``every`` is safe.
    """
    changed = tuple(modules)
    return tuple(
        Seed(node)
        for node, path in external(view)
        if any(contains(module, path) for module in changed)
    )


def every(view: "View") -> tuple[Seed, ...]:
    """Seeds of all third-party packages: a superset where their edges are not known."""
    own = tuple(view.context.roots)
    return tuple(
        Seed(node)
        for node, path in external(view)
        if not any(contains(module, path) for module in own)
    )
