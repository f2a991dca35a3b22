"""Import paths to directories of the tree, as the go command resolves them in one context."""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from gomanager.golang.memo import Table
from gomanager.golang.modules import Context
from gomanager.golang.packages import Group, Package

if TYPE_CHECKING:
    from gomanager.golang.graph import Graph


class Resolver:
    """Remembers what it has resolved; one for each view."""

    def __init__(self, graph: "Graph", context: Context) -> None:
        self.graph = graph
        self.context = context
        self._nodes: dict[str, str | None] = {"C": None, "unsafe": None}
        self._paths: dict[str, str] = {}
        self._edges: dict[int, tuple[tuple[str, str], ...]] = {}

    @cached_property
    def directories(self) -> tuple[str, ...]:
        """Package directories of main, linked and vendored modules, sorted."""
        modules = frozenset(self.context.roots.values())
        vendor = self.context.vendor
        prefix = f"{vendor}/" if vendor is not None else None
        found = []
        for place, package in self.graph.packages.items():
            if package.vendored:
                if prefix is not None and place.startswith(prefix):
                    found.append(place)
            elif package.module in modules:
                found.append(place)
        return tuple(sorted(found))

    def is_vendored(self, node: str) -> bool:
        """Whether a node is a directory of the vendor folder in force."""
        return self.context.vendor is not None and node.startswith(f"{self.context.vendor}/")

    @cached_property
    def vendor_leads_back(self) -> bool:
        """Whether vendored code of any configuration names a module of the tree."""
        if self.context.vendor is None:
            return False
        if any(self.is_vendored(link) for link in self.graph.tree.links):
            return True
        names = self.graph.vendor_names.get(self.context.key)
        if names is not None and not names():
            return False
        packages, ours = self.graph.packages, tuple(sorted(self.context.roots))
        known = self.graph.memo.table("ours", ours)
        named = {
            node
            for place in self.directories
            if packages[place].vendored
            for path in _ours(packages[place], ours, known)
            for node in (self.node(path), self.symbol(path))
        }
        found = [packages[node] for node in named if node is not None and node in packages]
        return not all(package.vendored for package in found)

    def edges(self, group: Group, edge: str) -> tuple[tuple[str, str], ...]:
        """(node, edge) for what a group of files imports, the standard library left out."""
        found = self._edges.get(id(group))
        if found is None:
            nodes = [self.node(path) for path in group.imports]
            found = self._edges[id(group)] = tuple([(n, edge) for n in nodes if n is not None])
        return found

    def node(self, path: str) -> str | None:
        """Node of an import path; None: the standard library, or cgo's "C"."""
        try:
            return self._nodes[path]
        except KeyError:
            node = self._nodes[path] = self._resolve(path)
            return node

    def _resolve(self, path: str) -> str | None:
        ours = False
        for prefix, rest in _splits(path):
            root = self.context.roots.get(prefix)
            if root is not None:
                ours = True
                place = self._package(root, rest)
                if place is not None:
                    return place
        if self.context.vendor is not None:
            place = self._directory(f"{self.context.vendor}/{path}")
            if place is not None:
                return place
        first = path.split("/", 1)[0]
        if not ours and "." not in first and first not in self._dotless:
            return None
        return f"@{path}"

    def homes(self, path: str) -> list[str]:
        """Directories that hold a package, of main and linked modules first: of more than one go
        says ``ambiguous import``."""
        places = [
            self._package(root, rest)
            for prefix, rest in _splits(path)
            if (root := self.context.roots.get(prefix)) is not None
        ]
        if self.context.vendor is not None:
            places.append(self._directory(f"{self.context.vendor}/{path}"))
        return [place for place in places if place is not None]

    @cached_property
    def twins(self) -> tuple[str, ...]:
        """Import paths of our own packages that stand in the vendor folder, too (C23)."""
        if self.context.vendor is None:
            return ()
        prefix = f"{self.context.vendor}/"
        ours = tuple(f"{prefix}{root}" for root in self.context.roots)
        found = (place[len(prefix) :] for place in self.directories if place.startswith(ours))
        return tuple(path for path in found if len(self.homes(path)) > 1)

    @cached_property
    def _dotless(self) -> frozenset[str]:
        """First elements of required modules that look like the standard library: what is replaced
        needs no dot in its path (D8)."""
        paths = {path for module in self.context.mains for path, _ in module.file.require}
        paths |= {replace.path for replace in self.context.replaces}
        return frozenset(first for path in paths if "." not in (first := path.split("/", 1)[0]))

    def _package(self, root: str, rest: str) -> str | None:
        """The package of the module at ``root``; a nested module's is not its."""
        place = self._directory(f"{root}/{rest}".strip("/"))
        if place is None:
            return None
        return place if self.graph.packages[place].module == root else None

    def _directory(self, place: str) -> str | None:
        packages = self.graph.packages
        if place in packages:
            return place
        if not self.graph.tree.links:
            return None
        followed = self.graph.tree.resolve(place)
        return followed if followed in packages else None

    def symbol(self, target: str) -> str | None:
        """Node of a linkname target such as ``example.com/p.(*T).name``; None: not in the tree."""
        start = target.rfind("/", 0, target.find("(") if "(" in target else len(target)) + 1
        at = target.find(".", start)
        while at >= 0:
            node = self.node(target[:at])
            if node is not None and not node.startswith("@"):
                return node
            at = target.find(".", at + 1)
        return None

    def import_path(self, node: str) -> str:
        """Import path of a node in this context; of a directory outside it, by its own module."""
        path = self._paths.get(node)
        if path is None:
            path = self._paths[node] = self._path(node)
        return path

    def _path(self, node: str) -> str:
        if node.startswith("@"):
            return node[1:]
        vendor = self.context.vendor
        if vendor is not None and node.startswith(f"{vendor}/"):
            return node[len(vendor) + 1 :]
        package = self.graph.packages.get(node)
        root = package.module if package is not None else None
        if root is None:
            return node
        path = self._roots_back.get(root) or self.graph.module_by_dir[root].path
        rest = node[len(root) :].strip("/")
        return f"{path}/{rest}" if rest and path else path or rest

    @cached_property
    def _roots_back(self) -> dict[str, str]:
        return {place: path for path, place in self.context.roots.items()}


def _splits(path: str) -> Iterator[tuple[str, str]]:
    """(module candidate, rest) of an import path, the longest candidate first."""
    yield path, ""
    at = path.rfind("/")
    while at > 0:
        yield path[:at], path[at + 1 :]
        at = path.rfind("/", 0, at)


def _ours(package: Package, roots: tuple[str, ...], known: Table) -> tuple[str, ...]:
    """What a package imports or links of these modules; of a vendored one, next to always nothing."""
    found: tuple[str, ...] | None = known.get(package.dir, package.key)
    if found is None:
        groups = package.groups  # may read them, and only then is the key certain
        words = (path for group in groups for path in (*group.imports, *group.linknames))
        found = tuple(path for path in words if path.startswith(roots))
        known.put(package.dir, package.key, found)
    return found
