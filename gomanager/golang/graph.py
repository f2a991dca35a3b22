"""Packages and modules of one tree, for every configuration: the ground of all views."""

import gc
from collections.abc import Iterable, Mapping
from functools import cached_property

from msgspec import Struct, field

from gomanager.golang.cache import HeaderCache
from gomanager.golang.constraints import Configuration
from gomanager.golang.header import Header
from gomanager.golang.memo import Memo
from gomanager.golang.modcache import ModuleCache
from gomanager.golang.modules import Context, Module, ignored, read_contexts, read_modules, runs
from gomanager.golang.packages import GoFile, Package, Summary, digest, is_source, summarise
from gomanager.golang.prebuilt import program_names
from gomanager.golang.programs import is_program
from gomanager.golang.resolution import Resolver
from gomanager.golang.tree import LINK, SUBMODULE, Entry, Tree, ancestors, folder, holder
from gomanager.golang.vendored import Names, names_modules
from gomanager.golang.view import View

_GONE = Header(problem="its content is not at hand")


class Graph(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """What a tree holds, whatever is compiled of it."""

    tree: Tree
    modules: tuple[Module, ...]
    packages: Mapping[str, Package]
    """By directory."""
    contexts: tuple[Context, ...]
    memo: Memo = field(default_factory=Memo)
    """What was worked out of packages, here and in earlier runs."""
    store: ModuleCache | None = None
    """Sources of required modules, where they are at hand."""
    vendor_names: Mapping[str, Names] = field(default_factory=dict)
    """By context: whether vendored code that nobody has read may name its modules."""

    @cached_property
    def module_by_dir(self) -> Mapping[str, Module]:
        """Modules by directory."""
        return {module.dir: module for module in self.modules}

    def module_of(self, path: str) -> Module | None:
        """The module that a path belongs to: the deepest one around it."""
        place = holder(folder(path), self.module_by_dir)
        return None if place is None else self.module_by_dir[place]

    def view(self, configuration: Configuration, context: Context | None = None) -> "View":
        """What one configuration compiles in one context, by default the first."""
        return View(self, configuration, context or self.contexts[0])

    def views(self, configuration: Configuration) -> tuple["View", ...]:
        """One view for each context."""
        return tuple(View(self, configuration, context) for context in self.contexts)

    def owner(self, path: str) -> str | None:
        """Directory of the package that a non-Go file belongs to (C10–C12, C14, C16).

        Files below testdata belong to the package around the outermost testdata; the package in
        a module's root owns only files directly in the root and its testdata.
        """
        parts = path.split("/")[:-1]
        start = "/".join(parts)
        below_testdata = "testdata" in parts
        if below_testdata:
            start = "/".join(parts[: parts.index("testdata")])
        for place in (start, *ancestors(start)):
            if place in self.packages:
                direct = place == start
                root = place in self.module_by_dir
                return place if direct or not root else None
            if place in self.module_by_dir:
                return None
        return None

    @cached_property
    def members(self) -> Mapping[str, tuple[str, ...]]:
        """Module directory to the package directories that its ``./...`` reaches, sorted."""
        found: dict[str, list[str]] = {module.dir: [] for module in self.modules}
        for place in sorted(self.packages):
            package = self.packages[place]
            if not package.vendored and package.module is not None:
                module = self.module_by_dir[package.module]
                if not ignored(place, module):
                    found[package.module].append(place)
        return {place: tuple(places) for place, places in found.items()}

    @cached_property
    def constrained(self) -> Mapping[str, Package]:
        """First-party packages some of whose files are compiled under a condition: few are."""
        return {
            place: package
            for place, package in self.packages.items()
            if not package.vendored and any(group.condition for group in package.groups)
        }

    @cached_property
    def programs(self) -> Mapping[str, tuple[str, ...]]:
        """Module directory to those of its members that some configuration compiles as main."""
        return {
            module: tuple(place for place in places if is_program(self.packages[place]))
            for module, places in self.members.items()
        }

    @cached_property
    def all_programs(self) -> tuple[str, ...]:
        """The programs of all modules that are the repository's own."""
        return tuple(
            place
            for module, places in self.programs.items()
            if runs(self.module_by_dir[module])
            for place in places
        )

    @cached_property
    def program_names(self) -> Mapping[str, tuple[str, ...]]:
        """Names that programs may be built under, to their directories."""
        return program_names(self)

    @cached_property
    def builds_images(self) -> bool:
        """Whether there is a recipe of an image that is no test data."""
        names = ("Dockerfile", "Containerfile", ".Dockerfile")
        return any(
            entry.path.rpartition("/")[2].startswith(names[:2]) or entry.path.endswith(names)
            for place in self.tree.folders.mentioning("Dockerfile", "Containerfile")
            for entry in self.tree.folders[place]
            if "testdata/" not in entry.path and "vendor/" not in entry.path
        )

    @cached_property
    def resolvers(self) -> Mapping[str, Resolver]:
        """Import resolution in each context, shared by all configurations."""
        return {context.key: Resolver(self, context) for context in self.contexts}

    def file(self, path: str) -> GoFile | None:
        """A Go file of the tree."""
        package = self.packages.get(folder(path))
        name = path.rpartition("/")[2]
        files = package.files if package is not None else ()
        return next((file for file in files if file.name == name), None)


def load(
    tree: Tree,
    cache: HeaderCache | None = None,
    *,
    mod: str = "",
    workspaces: bool = True,
    memo: Memo | None = None,
    store: ModuleCache | None = None,
) -> Graph:
    """Reads what is not in the cache, which is then saved; ``mod``: the value of ``-mod``."""
    cache, memo = cache or HeaderCache(), memo or Memo()
    tree.known = cache.texts
    collecting = gc.isenabled()
    gc.disable()  # thousands of tuples and no cycle: the collector is a third of the time
    try:
        modules = read_modules(tree, memo)
        contexts = read_contexts(tree, modules, mod=mod, workspaces=workspaces)
        keys = _keys(tree)
        missing = {place: key for place, key in keys.items() if key not in cache}
        unread = {place: key for place, key in missing.items() if vendored(place)}
        names = names_modules(tree, contexts, keys, memo) if unread else {}
        records = _Records(tree, cache, unread)
        _read(tree, cache, {p: key for p, key in missing.items() if p not in unread})
        packages = _packages(tree, records, keys, frozenset(module.dir for module in modules))
    finally:
        if collecting:
            gc.enable()
    cache.save()
    return Graph(
        tree=tree, modules=modules, packages=packages, contexts=contexts, memo=memo,
        vendor_names=names, store=store,
    )  # fmt: skip


class _Records:
    """The records of a load; vendored code is read when one of its packages is asked for."""

    def __init__(self, tree: Tree, cache: HeaderCache, unread: Mapping[str, bytes]) -> None:
        self._tree = tree
        self._cache = cache
        self._unread = unread

    def recall(self, key: bytes) -> Summary:
        """The record of a directory."""
        if self._unread and key not in self._cache:
            _read(self._tree, self._cache, self._unread)
            self._unread = {}
            self._cache.save()
        return self._cache.recall(key)

    def lasting(self, key: bytes) -> bool:
        """Whether it is the whole truth."""
        return self._cache.lasting(key)

    def read(self, key: bytes) -> tuple[GoFile, ...] | None:
        """The files of a directory that this load read."""
        return self._cache.files.get(key)


def _packages(
    tree: Tree, records: _Records, keys: Mapping[str, bytes], modules: frozenset[str]
) -> dict[str, Package]:
    return {
        place: Package(place, tree, records, key, modules, vendored=vendored(place))
        for place, key in keys.items()
    }


def _keys(tree: Tree) -> dict[str, bytes]:
    """Directory to the key of its Go files; one without any is left out."""
    through_links = {folder(entry.path) for entry in tree.landmarks if is_source(_name(entry.path))}
    keys = {}
    for place in tree.folders:
        key = tree.digests.get(place)
        if key is None:
            sources = _sources(tree, place)
            key = digest(sources, deep=not vendored(place)) if sources else b""
            if place not in through_links:  # what is behind a link changes with another directory
                tree.digests[place] = key
        if key:
            keys[place] = key
    return keys


def _sources(tree: Tree, place: str) -> list[Entry]:
    """Go files of a directory, with the blobs that links lead to."""
    sources = [e for e in tree.folders[place] if is_source(_name(e.path))]
    if any(entry.mode in (LINK, SUBMODULE) for entry in sources):
        return _resolved(tree, sources)
    return sources


def _name(path: str) -> str:
    return path[path.rfind("/") + 1 :]


def vendored(place: str) -> bool:
    """Whether a directory lies in a vendor folder."""
    return place.startswith("vendor/") or "/vendor/" in place


def _resolved(tree: Tree, entries: Iterable[Entry]) -> list[Entry]:
    """Entries with the blob that a linked name leads to (C18); what leads nowhere keeps its own."""
    result = []
    for entry in entries:
        if entry.mode == LINK:
            target = tree.files.get(tree.resolve(entry.path) or "")
            result.append(Entry(entry.path, LINK if target is None else target.mode,
                                entry.oid if target is None else target.oid))  # fmt: skip
        elif entry.mode != SUBMODULE:
            result.append(entry)
    return result


def _read(tree: Tree, cache: HeaderCache, missing: Mapping[str, bytes]) -> None:
    if not missing:
        return
    from gomanager.golang.imports import read_header  # not where all is in the cache

    found = {place: _sources(tree, place) for place in missing}
    deep: dict[str, bool] = {}
    for place, sources in found.items():
        for entry in sources:
            if entry.mode != LINK:
                deep[entry.oid] = not vendored(place) or deep.get(entry.oid, False)
    headers = {oid: read_header(data, deep=deep[oid]) for oid, data in tree.read(deep)}
    for place, sources in found.items():
        files = (GoFile(_name(e.path), e.oid, headers.get(e.oid, _GONE)) for e in sources)
        ordered = tuple(sorted(files))
        keep = cache.put if all(entry.oid in headers for entry in sources) else cache.lend
        keep(missing[place], summarise(ordered), ordered)
