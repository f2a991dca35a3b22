"""The modules of a tree, and which of them one ``go`` command sees together."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from posixpath import normpath

from msgspec import Struct, msgpack

from gomanager.golang.gomod import (
    GoMod,
    Replace,
    Unreadable,
    Vendored,
    for_workspace,
    parse_gomod,
    parse_gosum,
    parse_vendored,
)
from gomanager.golang.memo import Memo, Table
from gomanager.golang.modchange import ModuleFiles
from gomanager.golang.tree import Tree, folder, holder

NO_FILE = GoMod()
_VENDORS = 14
"""The release that began to look for vendor folders itself."""
_LINE = 512


class Module(Struct, frozen=True, kw_only=True):
    """One go.mod; ``dir`` is the directory that holds it, empty for the root."""

    dir: str
    path: str
    file: GoMod = NO_FILE
    problem: str = ""
    """Why go.mod cannot be read; its packages are then all selected by any change to it."""

    @property
    def go_version(self) -> str:
        """The ``go`` line."""
        return self.file.go


class Context(Struct, frozen=True, kw_only=True, dict=True):
    """The modules that one ``go`` command resolves imports with: a main module or a workspace."""

    dir: str
    """Directory of the go.mod or go.work."""
    mains: tuple[Module, ...]
    workspace: GoMod | None = None
    problem: str = ""
    linked: tuple[tuple[str, str], ...] = ()
    """(module path, directory) of the local replacements inside the repository."""
    vendor: str | None = None
    """Directory that third-party code comes from."""
    mod: str = ""
    """The value of ``-mod``; with ``mod`` go works out another build list than go.mod's."""

    @property
    def key(self) -> str:
        """The file that makes it: a go.mod may stand beside a go.work that does not use it."""
        name = "go.mod" if self.workspace is None else "go.work"
        return f"{self.dir}/{name}" if self.dir else name

    @cached_property
    def roots(self) -> Mapping[str, str]:
        """Module path to directory, of main and linked modules."""
        return {**dict(self.linked), **{module.path: module.dir for module in self.mains}}

    @cached_property
    def main_dirs(self) -> frozenset[str]:
        """Directories of the main modules."""
        return frozenset(module.dir for module in self.mains)

    @cached_property
    def replaces(self) -> tuple[Replace, ...]:
        """Every replacement in force, of go.mod or go.work."""
        files = [module.file for module in self.mains]
        if self.workspace is not None:
            files.append(self.workspace)
        return tuple(replace for file in files for replace in file.replace)


def read_modules(tree: Tree, memo: Memo) -> tuple[Module, ...]:
    """Every module of the tree, also below testdata and vendor, by directory."""
    entries = [e for e in tree.landmarks if e.path == "go.mod" or e.path.endswith("/go.mod")]
    texts = tree.texts(entry.oid for entry in entries)
    known = memo.table("go.mod")
    found = (_remembered(e.path, e.oid, texts.get(e.oid), known) for e in entries)
    return tuple(sorted(found, key=lambda module: module.dir))


def _remembered(path: str, oid: str, text: bytes | None, known: Table) -> Module:
    """What was read of this very content before: reading 300 lines takes 2 ms."""
    packed = known.get(path, oid.encode()) if text is not None else None
    if packed is not None:
        return msgpack.decode(packed, type=Module)
    module = _module(path, text)
    with suppress(UnicodeEncodeError):  # bytes that are no UTF-8
        known.put(path, oid.encode() if text is not None else b"", msgpack.encode(module))
    return module


def _module(path: str, text: bytes | None) -> Module:
    place = folder(path)
    if text is None:
        return Module(dir=place, path="", problem="its content is not at hand")
    try:
        file = parse_gomod(text)
    except Unreadable as error:
        return Module(dir=place, path="", problem=str(error))
    if not file.module:
        return Module(dir=place, path="", file=file, problem="no module line")
    return Module(dir=place, path=file.module, file=file)


def runs(module: Module) -> bool:
    """Whether its tests are the repository's own: not below testdata, vendor, ``_x``, ``.x``."""
    return not any(hidden(part) for part in module.dir.split("/")) if module.dir else True


def hidden(part: str) -> bool:
    """Whether wildcards pass over a directory of this name."""
    return part in ("vendor", "testdata") or part[:1] in ("_", ".")


def ignored(place: str, module: Module) -> bool:
    """Whether wildcards pass over a directory of the module: its name, or ``ignore`` (D15)."""
    inner = place[len(module.dir) :].strip("/") if module.dir else place
    if not inner:
        return False
    if any(hidden(part) for part in inner.split("/")):
        return True
    return any(_matches(inner, pattern) for pattern in module.file.ignore)


def _matches(inner: str, pattern: str) -> bool:
    if pattern.startswith("./"):
        wanted = pattern[2:].strip("/")
        return inner == wanted or inner.startswith(f"{wanted}/")
    return f"/{pattern.strip('/')}/" in f"/{inner}/"


def read_contexts(
    tree: Tree, modules: tuple[Module, ...], *, mod: str = "", workspaces: bool = True
) -> tuple[Context, ...]:
    """Contexts in which the repository's tests run; ``mod`` is the value of ``-mod``."""
    own = [module for module in modules if runs(module)]
    works = _workspaces(tree) if workspaces else {}
    joined: dict[str, list[Module]] = {}
    alone: list[Module] = []
    for module in own:
        place = holder(module.dir, works)
        if place is not None and module.dir in _used(place, works[place][0]):
            joined.setdefault(place, []).append(module)
        else:
            alone.append(module)
    known = {module.dir: module for module in modules}
    return tuple(
        sorted(
            (
                *(
                    _context(tree, known, m.dir, (m,), None, mod, m.problem or _above(m.dir, works))
                    for m in alone
                ),
                *(
                    _context(tree, known, place, tuple(ms), *works[place][:1], mod, works[place][1])
                    for place, ms in joined.items()
                ),
            ),
            key=lambda context: context.dir,
        )
    )


def _above(place: str, works: Mapping[str, tuple[GoMod, str]]) -> str:
    """Why the go.work above a module cannot be read; it stops the module, whatever it uses."""
    work = holder(place, works)
    return "" if work is None else works[work][1]


def _workspaces(tree: Tree) -> dict[str, tuple[GoMod, str]]:
    found = [e for e in tree.landmarks if e.path == "go.work" or e.path.endswith("/go.work")]
    # Where wildcards pass over a folder, no module of ours lies below it.
    entries = [e for e in found if not any(map(hidden, folder(e.path).split("/")))]
    texts = tree.texts(entry.oid for entry in entries)
    works = {}
    for entry in entries:
        try:
            works[folder(entry.path)] = (parse_gomod(texts.get(entry.oid, b"")), "")
        except Unreadable as error:
            works[folder(entry.path)] = (NO_FILE, f"go.work: {error}")
    return works


def _used(place: str, work: GoMod) -> frozenset[str]:
    return frozenset(d for d in (within(place, use) for use in work.use) if d is not None)


def within(place: str, target: str) -> str | None:
    """A folder named relative to another; None: outside the repository."""
    if target.startswith("/"):
        return None
    path = normpath(f"{place}/{target}" if place else target)
    if path == ".." or path.startswith("../"):
        return None
    return "" if path == "." else path


def _context(
    tree: Tree,
    known: Mapping[str, Module],
    place: str,
    mains: tuple[Module, ...],
    work: GoMod | None,
    mod: str,
    problem: str,
) -> Context:
    vendor = _vendor(tree, place, mains, work, mod)
    return Context(
        dir=place,
        mains=mains,
        workspace=work,
        problem=problem,
        mod=mod,
        # In vendor mode a replaced module is compiled from its copy in vendor/, not from its folder.
        linked=() if vendor is not None else tuple(_linked(known, place, mains, work)),
        vendor=vendor,
    )


def _linked(
    known: Mapping[str, Module], place: str, mains: tuple[Module, ...], work: GoMod | None
) -> Iterable[tuple[str, str]]:
    files = [(main.dir, main.file) for main in mains]
    if work is not None:
        files.append((place, work))  # last: go.work wins over the modules it uses
    for at, file in files:
        required = dict(file.require)
        for replace in file.replace:
            target = within(at, replace.target) if replace.local else None
            if target in known and replace.version in (
                "",
                required.get(replace.path, replace.version),
            ):
                yield replace.path, target or ""


def _vendor(
    tree: Tree, place: str, mains: tuple[Module, ...], work: GoMod | None, mod: str
) -> str | None:
    """The vendor folder in force: automatic since go 1.14, where it was made for this mode."""
    file = work if work is not None else mains[0].file
    path = f"{place}/vendor" if place else "vendor"
    if mod in ("mod", "readonly") or (mod != "vendor" and (not file.go or file.minor < _VENDORS)):
        return None
    listed = f"{path}/modules.txt"
    prefix = f"{path}/"
    if path not in tree.folders and not any(one.startswith(prefix) for one in tree.folders):
        return None
    if mod != "vendor" and for_workspace(_first_line(tree, listed)) is not (work is not None):
        return None
    return path


def _first_line(tree: Tree, path: str) -> bytes:
    """Kept by itself, for the lists of large vendor folders are too large to be kept."""
    entry = tree.files.get(tree.resolve(path) or path)
    if entry is None:
        return b""
    known = f"first:{entry.oid}"
    if known not in tree.known:
        tree.known[known] = (tree.content(path) or b"").partition(b"\n")[0][:_LINE]
    return tree.known[known]


def listed_packages(tree: Tree, context: Context) -> Mapping[str, Vendored]:
    """Import path to its module, as the list of the vendor folder in force says.

    Raises Unreadable (C24).
    """
    data = tree.content(f"{context.vendor}/modules.txt") if context.vendor is not None else None
    modules = parse_vendored(data or b"").values()
    return {package: module for module in modules for package in module.packages}


def files_of(tree: Tree, module: Module) -> ModuleFiles:
    """The module's side of a comparison; raises Unreadable for a broken modules.txt (C24)."""
    prefix = f"{module.dir}/" if module.dir else ""
    sums = tree.content(f"{prefix}go.sum") or b""
    listed = tree.content(f"{prefix}vendor/modules.txt")
    return ModuleFiles(
        file=module.file,
        sums=parse_gosum(sums),
        vendored=None if listed is None else parse_vendored(listed),
    )
