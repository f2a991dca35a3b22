"""Merged profiles and the modules they belong to: statements per package, files, places."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Protocol

from msgspec import Struct

from gomanager.golang.lines import is_generated
from gomanager.gotest.profile import Source
from gomanager.gotest.profiles import FileCounts, Merged

Read = Callable[[str], bytes | None]


class Module(Protocol):
    """As ``golang.modules`` has it: import path and folder from the repository root."""

    @property
    def path(self) -> str:
        """``example.com/m``."""

    @property
    def dir(self) -> str:
        """``""`` for the root."""


class PackageTotal(Struct, frozen=True, kw_only=True):
    """Statements of one package, of its generated files none."""

    path: str
    """Import path."""
    statements: int
    covered: int
    files: tuple[str, ...]


def places(modules: Iterable[Module]) -> Callable[[Source, str], str]:
    """A profile's name of a file as a path from the repository root (C8, C24).

    The longest module path that fits wins, the profile's own module first; a name that no module
    fits stays as it is.
    """
    known = sorted(modules, key=lambda module: (-len(module.path), module.dir))

    @cache
    def folder(own: str, package: str) -> str | None:
        fitting = [module for module in known if _fits(module.path, package)]
        if not fitting:
            return None
        longest = [module for module in fitting if len(module.path) == len(fitting[0].path)]
        module = next((one for one in longest if one.dir == own), longest[0])
        return f"{module.dir}/{package[len(module.path) + 1 :]}".strip("/")

    def place(source: Source, name: str) -> str:
        package, _, base = name.rpartition("/")
        found = folder(source.module, package)
        return name if found is None else f"{found}/{base}".lstrip("/")

    return place


def _fits(module: str, package: str) -> bool:
    return package == module or package.startswith(f"{module}/")


def package_paths(modules: Iterable[Module]) -> Callable[[str], str]:
    """The import path of a folder of the repository; the deepest module around it counts."""
    known = sorted(modules, key=lambda module: -len(module.dir))

    def path(folder: str) -> str:
        for module in known:
            if not module.dir or folder == module.dir or folder.startswith(f"{module.dir}/"):
                rest = folder[len(module.dir) :].strip("/")
                return f"{module.path}/{rest}".rstrip("/")
        return folder

    return path


def sort_out(merged: Merged, read: Read) -> tuple[dict[str, FileCounts], int, int]:
    """Files that were written by hand; the number of generated ones and of their statements."""
    kept, files, statements = {}, 0, 0
    for path, counts in merged.files.items():
        data = read(path)
        if data is not None and is_generated(data):  # C45
            files, statements = files + 1, statements + counts.statements
        else:
            kept[path] = counts
    return kept, files, statements


def totals(
    files: Mapping[str, FileCounts], path_of: Callable[[str], str]
) -> tuple[PackageTotal, ...]:
    """By import path."""
    folders: dict[str, list[str]] = {}
    for path in files:
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    found = (
        PackageTotal(
            path=path_of(folder),
            statements=sum(files[path].statements for path in paths),
            covered=sum(files[path].covered for path in paths),
            files=tuple(paths),
        )
        for folder, paths in folders.items()
    )
    return tuple(sorted(found, key=lambda total: total.path))
