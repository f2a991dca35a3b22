"""A digest of everything a test binary is made of, and of the files beside it.

Equal digests mean equal inputs, whatever commit, branch or folder they come from. What a test
reads elsewhere at run time is not part of it: that joins the proof from learned inputs.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from gomanager.golang.clashes import Clashes
from gomanager.golang.components import Open, components
from gomanager.golang.embeds import embedded
from gomanager.golang.gomod import Unreadable, Vendored
from gomanager.golang.includes import included, may_include, sources
from gomanager.golang.modchange import ModuleFiles, effective, hashed, needed
from gomanager.golang.modules import listed_packages
from gomanager.golang.packages import GoFile
from gomanager.golang.reach import Seed
from gomanager.golang.refusal import Refusal, refusal, unfit_link
from gomanager.golang.sources import source_digests
from gomanager.golang.tree import Entry, ancestors

if TYPE_CHECKING:
    from gomanager.golang.view import View

SCHEMA = 5
"""1: lib, tests, third party, modules, data. 2: workspaces, exclusions. 3: what go refuses. 4: only
those modules that are reached. 5: programs that are started by name."""

Inert = Callable[[str], bool]


class Fingerprints:
    """Digests of one view; lib digests are computed once and shared by all its test binaries."""

    def __init__(
        self,
        view: "View",
        *,
        phase: str,
        files: Mapping[str, ModuleFiles],
        inert: Inert = lambda _: False,
        doubtful: Iterable[str] = (),
    ) -> None:
        """``phase``: canonical text of the phase key. ``files``: module files by directory of
        the context's main modules. ``inert``: paths that no package owns (documents …).
        ``doubtful``: directories that compile something that the tree does not hold."""
        self.view = view
        self.phase = phase
        self.module_files = files
        self.inert = inert
        self.doubtful = frozenset(doubtful)
        self._libs: dict[str, str] = {}

    def of(self, place: str) -> str | None:
        """Digest of the test binary of a directory; None: it cannot be known completely."""
        package = self.view.graph.packages.get(place)
        if package is None or place in self.unknown or self._refused:
            return None
        tests = [file for file in self.view.files(place) if file.is_test]
        targets = {node for node, _ in self.view.test_imports.get(place, ())}
        if not targets.isdisjoint(self.unknown) or place in self._elsewhere:
            return None
        return _digest(
            f"fingerprint {SCHEMA}",
            self.phase,
            self._context,
            self.view.import_path(place),
            *self._files(place, tests),
            *self._rehearsed(Seed(place, test=True)),
            *sorted(self._data.get(place, ())),
            *sorted(self.lib(node) for node in targets | {place}),
        )

    def lib(self, node: str) -> str:
        """Digest of a node's non-test code with all that it imports."""
        found = self._libs
        if node not in found:
            for members in components([node], Open(self._edges, found)):
                if members[0] in found:
                    continue
                own = [self._own(member) for member in members]
                targets = {t for member in members for t in self._edges.get(member, ())}
                outside = {found[target] for target in targets if target in found}
                found.update(dict.fromkeys(members, _digest(*own, *sorted(outside))))
        return found[node]

    @cached_property
    def _edges(self) -> Mapping[str, tuple[str, ...]]:
        return {n: tuple(target for target, _ in found) for n, found in self.view.imports.items()}

    @cached_property
    def unknown(self) -> frozenset[str]:
        """Directories whose code, or the code that they import, is not at hand or broken."""
        broken = {
            place
            for place in self.view.libraries
            if any("x" in group.traits for group in self.view.graph.packages[place].groups)
        }
        away = [seed for seeds in self.view.foreign.values() for seed in seeds]
        broken |= {seed.node for seed in away if not seed.test}
        broken |= self.doubtful | self._homeless | self._unfit | self.view.suspected.keys()
        if not broken:
            return frozenset()
        importers = self.view.importers
        queue = list(broken)
        while queue:
            for importer, _ in importers.get(queue.pop(), ()):
                if importer not in broken:
                    broken.add(importer)
                    queue.append(importer)
        return frozenset(broken)

    @cached_property
    def _elsewhere(self) -> frozenset[str]:
        """Packages whose tests start programs of modules that the context does not link (9b)."""
        starting = (seed for seeds in self.view.foreign.values() for seed in seeds)
        return frozenset(seed.node for seed in starting if seed.test)

    @cached_property
    def _homeless(self) -> frozenset[str]:
        """Nodes that go cannot find for sure: it has no hash of a module that may hold them, or
        two modules of the tree do."""
        view, context = self.view, self.view.context
        hashed = context.workspace is None and context.vendor is None
        missing = frozenset(m for side in self._sides for m in side.unhashed) if hashed else ()
        roots = context.roots
        nested = any(above in roots for root in roots for above in ancestors(root))
        nested |= bool(view.resolver.twins)
        if not missing and not nested:
            return frozenset()
        nodes = {node for edges in view.imports.values() for node, _ in edges}
        nodes |= {node for edges in view.test_imports.values() for node, _ in edges}
        found = set()
        for node in nodes.union(view.libraries):
            path = view.import_path(node)
            if any(module in missing for module in (path, *ancestors(path))) or (
                nested and len(view.resolver.homes(path)) > 1
            ):
                found.add(node)
        return frozenset(found)

    @property
    def _unfit(self) -> frozenset[str]:
        """Packages of linked modules whose go.mod go does not take (D9)."""
        graph, mains = self.view.graph, self.view.context.main_dirs
        places = {place for _, place in self.view.context.linked if place not in mains}
        unfit = {place for place in places if unfit_link(graph.module_by_dir[place])}
        if not unfit:
            return frozenset()
        return frozenset(p for p in self.view.libraries if graph.packages[p].module in unfit)

    @cached_property
    def _sides(self) -> tuple[Clashes, ...]:
        tree = self.view.graph.tree
        return tuple(Clashes(p, side, tree, None) for p, side in self.module_files.items())

    def _around(self, path: str) -> list[str]:
        """Modules besides its own that go looks for one of our packages in (D3)."""
        if self.view.context.vendor is not None:
            return []
        return [
            f"{side.place} {module} {target} {version} {sorted(side.files.sums.get(key, ()))}"
            f" {side.may_hold(module, path) if not version else ''}"
            for side in self._sides
            for module, target, version in side.around(path)
            for key in ((target, version),)
            if module not in self.view.context.roots
        ]

    def _own(self, node: str) -> str:
        """Digest of a node's own code; a third-party node stands for the whole build list."""
        package = self.view.graph.packages.get(node)
        if package is None:
            return _digest(node, self._sources.get(node[1:]) or self._build_list)
        library = [file for file in self.view.files(node) if not file.is_test]
        path = self.view.import_path(node)
        lines = [path, *self._around(path), *self._files(node, library)]
        lines += self._rehearsed(Seed(node))
        lines += [_line(entry) for entry in sorted(sources(self.view, node))]
        if may_include(package):
            files = self.view.graph.tree.files
            lines += [
                f"{p} {files[p].oid}" for p in sorted(included(self.view, node)) if p in files
            ]
        if package.vendored:
            lines.append(self._vendored_entry(path))
        elif package.module is not None:
            file = self.view.graph.module_by_dir[package.module].file
            # Its folder too: what finds itself by runtime.Caller reads files there.
            words = (package.module, file.module, file.go, *file.godebug)
            lines.append(f"module {' '.join(words)}")
            lines += self._required.get(package.module, ())
        return _digest(*lines)

    @cached_property
    def _required(self) -> Mapping[str, list[str]]:
        """By directory of a linked module: how it is required, else it is "not required" (D8)."""
        context = self.view.context
        required: dict[str, list[str]] = {}
        for main in context.mains:
            for path, version in main.file.require:
                required.setdefault(path, []).append(f"{path} {version}")
        found: dict[str, list[str]] = {}
        for path, place in context.linked:
            found.setdefault(place, []).extend(required.get(path, ()))
        return found

    def _files(self, place: str, files: Iterable[GoFile]) -> list[str]:
        lines = []
        for file in files:
            lines.append(f"{file.name} {file.oid}")
            lines += [f"embed {_line(entry)}" for entry in embedded(self.view, place, file)]
        return lines

    def _rehearsed(self, seed: Seed) -> list[str]:
        """Tests, with their data, that a node lets the go command read (row 9b)."""
        lines = []
        for place in self.view.examined.get(seed, ()):
            tests = [file for file in self.view.files(place) if file.is_test]
            lines += [place, *self._files(place, tests), *sorted(self._data.get(place, ()))]
        return lines

    @cached_property
    def _data(self) -> Mapping[str, list[str]]:
        """Directory to its testdata and other non-Go files, below it too (C10–C12, C16)."""
        graph = self.view.graph
        owners: dict[str, str | None] = {}
        found: dict[str, list[str]] = {}
        for entry in graph.tree.entries:
            folder, _, name = entry.path.rpartition("/")
            if name.endswith(".go") and "testdata" not in folder:
                continue
            if folder not in owners:
                owners[folder] = graph.owner(entry.path)
            owner = owners[folder]
            if owner is not None and not self.inert(entry.path):
                # Tests may look at the mode of their data.
                found.setdefault(owner, []).append(f"{_line(entry)} {entry.mode:o}")
        return found

    @cached_property
    def _refused(self) -> Refusal | None:
        view = self.view
        return refusal(view.context, view.graph, view.configuration.release)

    @cached_property
    def _context(self) -> str:
        """Main modules in force; modules that they link stand with their packages."""
        context = self.view.context
        lines = []
        for main in context.mains:
            file = main.file
            lines.append(f"{main.path} {file.go} {file.toolchain} {' '.join(file.godebug)}")
        if context.workspace is not None:
            sums = self.view.graph.tree.files.get(f"{context.dir}/go.work.sum".lstrip("/"))
            lines += [repr(context.workspace), sums.oid if sums is not None else ""]
            lines.append(context.vendor or "")
        if context.vendor is None and self._unlisted:
            lines.append(self._build_list)  # go reads all of them first (D7)
            sides = self.module_files.values()
            lines += [f"{key} {sorted(one)}" for side in sides for key, one in side.sums.items()]
        return _digest(*lines)

    @cached_property
    def _unlisted(self) -> bool:
        """Whether go works out versions from what modules require, ours among them (D7)."""
        context = self.view.context
        old = not all(main.file.lists_all for main in context.mains)
        return old or context.workspace is not None

    @cached_property
    def _sources(self) -> Mapping[str, str | None]:
        """Packages of required modules, where go builds what go.mod lists and it is at hand."""
        files = list(self.module_files.values())
        listed = len(files) == 1 and not self._unlisted
        return source_digests(self.view, files[0], _digest) if listed else {}

    @cached_property
    def _build_list(self) -> str:
        lines = []
        for place in sorted(self.module_files):
            side = self.module_files[place]
            lines += [f"{path} {entry}" for path, entry in sorted(effective(side.file).items())]
            lines += [f"exclude {one}" for one in sorted(map(str, side.file.exclude))]
            keys = [key for one in needed(side.file) for key in hashed(one)]
            lines += [f"{key} {sorted(side.sums.get(key, ()))}" for key in keys]
        if self._unlisted:
            modules = self.view.graph.module_by_dir
            for _, place in self.view.context.linked:
                lines += [f"{place} {one} {v}" for one, v in modules[place].file.require]
        return _digest(*lines)

    def _vendored_entry(self, path: str) -> str:
        module = self._listed.get(path)
        return module.text if module is not None else self._build_list

    @cached_property
    def _listed(self) -> Mapping[str, Vendored]:
        try:
            return listed_packages(self.view.graph.tree, self.view.context)
        except Unreadable:
            return {}


def _line(entry: Entry) -> str:
    return f"{entry.path} {entry.oid}"


def _digest(*lines: str) -> str:
    # Lengths in front: no two lists of lines run into one text.
    text = "".join(f"{len(line)}:{line}\n" for line in lines)
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
