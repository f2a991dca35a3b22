"""Third-party edges from the extracted module cache (``<escaped path>@<version>`` folders).

Read lazily: only packages that a view reaches, and only when a module changed. What is not in the
cache counts as reached, so its absence makes an answer larger, never wrong.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from gomanager.golang.cache import HeaderCache
from gomanager.golang.constraints import Configuration, included
from gomanager.golang.imports import read_header
from gomanager.golang.modules import Context
from gomanager.golang.packages import LIB, GoFile, Summary, is_source, summarise
from gomanager.golang.reach import Seed
from gomanager.golang.thirdparty import every
from gomanager.golang.tree import ancestors

if TYPE_CHECKING:
    from gomanager.golang.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaching:
    """Third-party nodes of a view that lead into changed modules."""

    seeds: tuple[Seed, ...]
    unknown: tuple[str, ...]
    """Modules whose sources are not at hand: what they import counts as changed."""


def escaped(path: str) -> str:
    """A module path or version as the cache spells it: upper case as ``!x``."""
    return "".join(f"!{char.lower()}" if char.isupper() else char for char in path)


class ModuleCache:
    """The folder ``GOMODCACHE``; summaries of its packages are kept in ``records`` for good."""

    def __init__(self, root: Path, records: HeaderCache | None = None) -> None:
        self.root = root
        self.records = records or HeaderCache()

    def has(self, module: str, version: str) -> bool:
        """Whether the sources of a version are extracted."""
        return self._folder(module, version).is_dir()

    def package(self, module: str, version: str, inner: str) -> Summary | None:
        """The package in a folder of a module; None: no Go files there, or no such module."""
        text = f"{module}@{version}/{inner}"
        key = blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16, person=b"module")
        known = self.records.get(key.digest())
        if known is None:
            files = tuple(_files(self._folder(module, version) / inner))
            if not files:
                return None
            known = summarise(files)
            self.records.put(key.digest(), known)
        return known

    def _folder(self, module: str, version: str) -> Path:
        return self.root / f"{escaped(module)}@{escaped(version)}"


def _files(folder: Path) -> Iterator[GoFile]:
    try:
        paths = sorted(folder.iterdir())
    except OSError:
        return
    for path in paths:
        if is_source(path.name) and not path.name.endswith("_test.go"):
            try:
                data = path.read_bytes()
            except OSError:
                continue
            yield GoFile(path.name, "", read_header(data, deep=False))


def build_list(context: Context) -> dict[str, tuple[str, str]]:
    """Module path to the (module, version) that is compiled for it; ("", "") for a folder."""
    found = {path: (path, version) for main in context.mains for path, version in main.file.require}
    for replace in context.replaces:
        version = found.get(replace.path, ("", ""))[1]
        if replace.path in found and replace.version in ("", version):
            local = ("", "") if replace.local else (replace.target, replace.target_version)
            found[replace.path] = local
    return found


def reaching(view: "View", modules: Iterable[str], store: ModuleCache) -> Reaching:
    """Which third-party nodes lead into one of the modules, themselves or through others."""
    search = _Search(view.configuration, build_list(view.context), frozenset(modules), store)
    seeds = every(view)
    search.walk(seed.node[1:] for seed in seeds)
    touched = search.touched()
    return Reaching(
        seeds=tuple(seed for seed in seeds if seed.node[1:] in touched),
        unknown=tuple(sorted(search.unknown)),
    )


class _Search:
    def __init__(
        self,
        configuration: Configuration,
        modules: Mapping[str, tuple[str, str]],
        changed: frozenset[str],
        store: ModuleCache,
    ) -> None:
        self.configuration = configuration
        self.modules = modules
        self.changed = changed
        self.store = store
        self.dotless = {m.split("/", 1)[0] for m in (*modules, *changed)}
        self.unknown: set[str] = set()
        self.ends: set[str] = set()
        self.importers: dict[str, list[str]] = {}

    def walk(self, paths: Iterable[str]) -> None:
        """Forward over third-party packages, from the ones that first-party code imports."""
        seen = dict.fromkeys(paths)
        queue = list(seen)
        while queue:
            path = queue.pop()
            for imported in self._imports(path):
                self.importers.setdefault(imported, []).append(path)
                if imported not in seen:
                    seen[imported] = None
                    queue.append(imported)

    def touched(self) -> set[str]:
        """Everything that leads to a changed or unknown package."""
        found = set(self.ends)
        queue = list(found)
        while queue:
            for importer in self.importers.get(queue.pop(), ()):
                if importer not in found:
                    found.add(importer)
                    queue.append(importer)
        return found

    def _imports(self, path: str) -> Iterator[str]:
        """Third-party imports of a package; one that is changed or unknown ends the walk."""
        for module in _candidates(path, self.modules, self.changed):
            if module in self.changed:
                self.ends.add(path)
                return
            actual, version = self.modules[module]
            if not actual or not self.store.has(actual, version):
                self.unknown.add(module)
                self.ends.add(path)
                return
            package = self.store.package(actual, version, path[len(module) + 1 :])
            if package is not None:
                yield from self._third_party(package)
                return
        self.ends.add(path)  # no module of the build list holds it

    def _third_party(self, package: Summary) -> Iterator[str]:
        for group in package.groups:
            if group.kind == LIB and included(group.condition, self.configuration):
                for path in group.imports:
                    first = path.split("/", 1)[0]
                    if "." in first or first in self.dotless:
                        yield path


def _candidates(
    path: str, modules: Mapping[str, tuple[str, str]], changed: frozenset[str]
) -> Iterator[str]:
    """Modules that may hold a package, the longest path first (D21)."""
    for module in (path, *ancestors(path)):
        if module in modules or module in changed:
            yield module
