"""Modules of the build list that may hold a package which another module holds, too.

go looks for a package in every module whose path begins the import path. Each of them needs its
hash in go.sum (D3, D5), and only one may hold the package: ``ambiguous import`` (D1).
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from gomanager.golang.modchange import ModuleFiles
from gomanager.golang.modules import within
from gomanager.golang.thirdparty import contains
from gomanager.golang.tree import Tree, ancestors

Holds = Callable[[str, str, str], bool | None]
"""Whether (module, version) holds a folder with Go files; None: its sources are not at hand."""


class Clashes:
    """The answers of one side of a change."""

    def __init__(self, place: str, files: ModuleFiles, tree: Tree, holds: Holds | None) -> None:
        """``place``: folder of the go.mod, which the targets of ``replace`` are relative to."""
        self.place = place
        self.files = files
        self.tree = tree
        self.holds = holds
        self.sources = _sources(files)

    def may_hold(self, module: str, path: str) -> bool:
        """Whether go cannot pass over a module when it looks for a package, or finds it there."""
        if module not in self.sources or not contains(module, path):
            return False
        target, version = self.sources[module]
        inner = path[len(module) + 1 :]
        if not version:
            folder = within(self.place, target)
            if folder is None or f"{folder}/go.mod".lstrip("/") not in self.tree.files:
                return True
            entries = self.tree.folders.get(f"{folder}/{inner}".strip("/"), ())
            return any(entry.path.endswith(".go") for entry in entries)
        if (target, version) not in self.files.sums:
            return True
        found = self.holds(target, version, inner) if self.holds is not None else None
        return found is not False

    @cached_property
    def unhashed(self) -> frozenset[str]:
        """Modules that go.sum has no hash of; most are never looked into."""
        return frozenset(
            module
            for module, (target, version) in self.sources.items()
            if version and (target, version) not in self.files.sums
        )

    def around(self, path: str) -> Iterator[tuple[str, str, str]]:
        """(module, target, version) of those that may hold a package."""
        for module in (path, *ancestors(path)):
            if module in self.sources:
                yield module, *self.sources[module]


def _sources(files: ModuleFiles) -> Mapping[str, tuple[str, str]]:
    """Module path to (module, version), or to (folder, "")."""
    found = dict(files.file.require)
    sources = {path: (path, version) for path, version in found.items()}
    for replace in files.file.replace:
        if replace.path in found and replace.version in ("", found[replace.path]):
            sources[replace.path] = (replace.target, replace.target_version)
    return sources
