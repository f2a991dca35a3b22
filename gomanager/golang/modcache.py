"""Third-party edges from the extracted module cache (``<escaped path>@<version>`` folders).

Read lazily: only packages that a view reaches, and only when a module changed. What is not in the
cache counts as reached, so its absence makes an answer larger, never wrong.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from gomanager.golang.cache import HeaderCache
from gomanager.golang.constraints import included
from gomanager.golang.modules import Context
from gomanager.golang.packages import LIB, GoFile, Summary, is_source, summarise
from gomanager.golang.reach import Seed
from gomanager.golang.thirdparty import every
from gomanager.golang.tree import ancestors

if TYPE_CHECKING:
    from gomanager.golang.view import View

Clash = Callable[[str, str], bool]


class Reaching(Struct, frozen=True, kw_only=True):
    """Third-party nodes of a view that lead into changed modules."""

    seeds: tuple[Seed, ...]
    unknown: tuple[str, ...]
    """Modules whose sources are not at hand: what they import counts as changed."""


def escaped(path: str) -> str:
    """A module path or version as the cache spells it: upper case as ``!x``."""
    return "".join(f"!{char.lower()}" if char.isupper() else char for char in path)


class ModuleCache:
    """The folder ``GOMODCACHE``; summaries of its packages are kept in ``records`` for good.

    They are known by the hash of their module too: a tag may be moved, and fetched again.
    """

    def __init__(self, root: Path, records: HeaderCache | None = None) -> None:
        self.root = root
        self.records = records or HeaderCache()
        self._texts: dict[tuple[str, str], bytes | None] = {}
        self._extracted: dict[tuple[str, str], bool] = {}
        self._hashes: dict[tuple[str, str], str] = {}
        self._empty: set[bytes] = set()

    def save(self) -> None:
        """Keep the summaries for the next start."""
        self.records.save()

    def has(self, module: str, version: str) -> bool:
        """Whether the sources of a version are extracted."""
        known = (module, version)
        if known not in self._extracted:
            self._extracted[known] = self._folder(module, version).is_dir()
        return self._extracted[known]

    def package(self, module: str, version: str, inner: str) -> Summary | None:
        """The package in a folder of a module; None: no Go files there, or no such module."""
        content = self._hash(module, version)
        text = f"{content} {module}@{version}/{inner}"
        encoded = text.encode("utf-8", "surrogateescape")
        key = blake2b(encoded, digest_size=16, person=b"module").digest()
        known = self.records.get(key)
        if known is None and key not in self._empty:
            files = tuple(_files(self._folder(module, version) / inner))
            if files:
                known = summarise(files)
                keep = self.records.put if content else self.records.lend
                keep(key, known)
            else:
                self._empty.add(key)
        return known

    def holds(self, module: str, version: str, inner: str) -> bool | None:
        """Whether a folder of a module holds Go files, tests included; None: not at hand."""
        root = self._folder(module, version)
        if not root.is_dir():
            return None
        try:
            return any(path.suffix == ".go" for path in (root / inner).iterdir())
        except OSError:
            return False

    def go_mod(self, module: str, version: str) -> bytes | None:
        """The go.mod of a version as the proxy gave it; None: not at hand."""
        known = (module, version)
        if known not in self._texts:
            self._texts[known] = self._downloaded(module, version, "mod")
        return self._texts[known]

    def _hash(self, module: str, version: str) -> str:
        """Of the sources as they were fetched; empty: not at hand."""
        known = (module, version)
        if known not in self._hashes:
            found = self._downloaded(module, version, "ziphash") or b""
            self._hashes[known] = found.decode("utf-8", "surrogateescape").strip()
        return self._hashes[known]

    def _downloaded(self, module: str, version: str, ending: str) -> bytes | None:
        place = self.root / "cache" / "download" / escaped(module) / "@v"
        try:
            return (place / f"{escaped(version)}.{ending}").read_bytes()
        except OSError:
            return None

    def _folder(self, module: str, version: str) -> Path:
        return self.root / f"{escaped(module)}@{escaped(version)}"


def _files(folder: Path) -> Iterator[GoFile]:
    from gomanager.golang.imports import read_header

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
    return ThirdParty(view, store).reaching(modules)


class ThirdParty:
    """Third-party packages of a view, walked once for any number of questions."""

    def __init__(self, view: "View", store: ModuleCache) -> None:
        self.configuration = view.configuration
        self.modules = build_list(view.context)
        self.dotless = {module.split("/", 1)[0] for module in self.modules}
        self.store = store
        self.seeds = every(view)
        self.holders: dict[str, str] = {}
        """Package to the module that holds it; "": none does."""
        self.unknown: dict[str, str] = {}
        """Package to its module, where the sources of that are not at hand."""
        self.importers: dict[str, list[str]] = {}
        self.imports: dict[str, tuple[str, ...]] = {}
        """Third-party packages that were walked to what they import of such."""
        self._walk(seed.node[1:] for seed in self.seeds)

    def reaching(self, modules: Iterable[str], clash: Clash = lambda _m, _p: False) -> Reaching:
        """Nodes that lead into one of the modules; those of unknown code count as leading there.

        ``clash``: whether a module is in the way of a package that a longer one holds.
        """
        changed = frozenset(modules)
        unknown = {path for path, module in self.unknown.items() if module not in changed}
        held = {p for p in self.holders if self._held(p, changed, clash)}
        touched = self._touched(held | unknown)
        return Reaching(
            seeds=tuple(seed for seed in self.seeds if seed.node[1:] in touched),
            unknown=tuple(sorted({self.unknown[path] for path in unknown})),
        )

    def leading_to(self, path: str) -> tuple[Seed, ...]:
        """Third-party nodes whose code reaches a package."""
        touched = self._touched({path})
        return tuple(seed for seed in self.seeds if seed.node[1:] in touched)

    def _walk(self, paths: Iterable[str]) -> None:
        """Forward over third-party packages, from the ones that first-party code imports."""
        seen = dict.fromkeys(paths)
        queue = list(seen)
        while queue:
            path = queue.pop()
            self.imports[path] = tuple(dict.fromkeys(self._imports(path)))
            for imported in self.imports[path]:
                self.importers.setdefault(imported, []).append(path)
                if imported not in seen:
                    seen[imported] = None
                    queue.append(imported)

    def _touched(self, ends: set[str]) -> set[str]:
        """Everything that leads to one of the packages."""
        found, queue = set(ends), list(ends)
        while queue:
            for importer in self.importers.get(queue.pop(), ()):
                if importer not in found:
                    found.add(importer)
                    queue.append(importer)
        return found

    def _held(self, path: str, changed: frozenset[str], clash: Clash) -> bool:
        """Whether a changed module holds a package, did so before, or nothing else does."""
        holder = self.holders[path]
        if not holder:
            return True
        return any(
            module in changed and (len(module) >= len(holder) or clash(module, path))
            for module in (path, *ancestors(path))
        )

    def _imports(self, path: str) -> Iterator[str]:
        """Third-party imports of a package."""
        for module in candidates(path, self.modules):
            actual, version = self.modules[module]
            if not actual or not self.store.has(actual, version):
                self.unknown[path] = self.holders[path] = module
                return
            package = self.store.package(actual, version, path[len(module) + 1 :])
            if package is not None:
                self.holders[path] = module
                yield from self._third_party(package)
                return
        self.holders[path] = ""  # no module of the build list holds it

    def _third_party(self, package: Summary) -> Iterator[str]:
        for group in package.groups:
            if group.kind == LIB and included(group.condition, self.configuration):
                for path in group.imports:
                    first = path.split("/", 1)[0]
                    if "." in first or first in self.dotless:
                        yield path


def candidates(path: str, modules: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """Modules that may hold a package, the longest path first (D21)."""
    for module in (path, *ancestors(path)):
        if module in modules:
            yield module
