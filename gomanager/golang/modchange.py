"""What a change of go.mod, go.work, go.sum or modules.txt means: values compared, never lines.

The build list of a module with ``go 1.17`` or newer stands in its go.mod, so two parsed files say
which modules differ. Everything here errs towards more.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from gomanager.golang.gomod import GoMod, Vendored

Hashes = Mapping[tuple[str, str], frozenset[str]]


class ModuleFiles(Struct, frozen=True, kw_only=True):
    """One side of a change: the files that decide what third-party code a module sees."""

    file: GoMod
    sums: Hashes = field(default_factory=dict)
    vendored: Mapping[str, Vendored] | None = None
    """None: no vendor folder."""


class ModuleDelta(Struct, frozen=True, kw_only=True):
    """A module whose effective entry differs; an empty version: absent on that side."""

    id: str
    """Row of the catalogue: D1, D3, D4, D5, D8, C24."""
    path: str
    old: str
    new: str


class Difference(Struct, frozen=True, kw_only=True):
    """What two sides of a module's files differ in."""

    whole: tuple[tuple[str, str], ...] = ()
    """(row, reason) for which every package of the module is selected."""
    modules: tuple[ModuleDelta, ...] = ()
    unlisted: bool = False
    """The file does not hold the build list (D7): any third-party code may differ."""
    excluded: bool = False
    """Other versions are excluded (D10): then it may not hold it, either; ``unlisted`` is true."""
    toolchain: tuple[str, str] | None = None
    """Old and new ``toolchain`` line (D12): all, unless the toolchain in use is known the same."""

    @property
    def empty(self) -> bool:
        """True where only form, tools or retractions differ (D6, D10, D14)."""
        return not (self.whole or self.modules or self.unlisted or self.toolchain)


def compare(old: ModuleFiles, new: ModuleFiles, *, vendor: bool = False) -> Difference:
    """The difference for one module; ``vendor``: third-party code comes from its vendor folder."""
    before, after = old.file, new.file
    deltas = (*_entries(old, new), *_sums(old, new), *_vendored(old.vendored, new.vendored))
    lists = before.lists_all and after.lists_all
    changed = (before.require, before.replace, before.exclude) != (
        after.require,
        after.replace,
        after.exclude,
    )
    whole = list(_whole(old, new))
    if not lists and not vendor:
        whole += _unlisted(old, new, changed=changed)
    return Difference(
        whole=tuple(whole),
        modules=tuple({delta.path: delta for delta in reversed(deltas)}.values())[::-1],
        unlisted=(changed and not lists) or before.exclude != after.exclude,
        excluded=before.exclude != after.exclude,
        toolchain=(
            (before.toolchain, after.toolchain) if before.toolchain != after.toolchain else None
        ),
    )


def _whole(old: ModuleFiles, new: ModuleFiles) -> Iterator[tuple[str, str]]:
    before, after = old.file, new.file
    if before.module != after.module:
        yield "D20", f"module {before.module} became {after.module}"
    if before.go != after.go:
        yield "D11", f"go {before.go or '(none)'} became {after.go or '(none)'}"
    if before.godebug != after.godebug:
        yield "D13", "the godebug block changed"
    if before.unknown != after.unknown:
        yield "D11", f"unknown directives changed: {', '.join(after.unknown or before.unknown)}"
    if (old.vendored is None) != (new.vendored is None):
        yield "C24", "vendoring was " + ("dropped" if new.vendored is None else "introduced")


def _unlisted(old: ModuleFiles, new: ModuleFiles, *, changed: bool) -> Iterator[tuple[str, str]]:
    """D5, D7: below 1.17 the go.mod of every module is read before anything is built. One that has
    no hash, or requires more than ours says, stops packages that import nothing of it."""
    if changed:
        yield "D7", "the file does not list every module, and go reads them all"
    if old.sums != new.sums:
        yield "D5", "other hashes in go.sum, and go reads every module"


def effective(file: GoMod) -> dict[str, str]:
    """Module path to what is compiled for it: a version, another module, or a folder (D23)."""
    required = dict(file.require)
    entries = dict(required)
    for replace in file.replace:
        version = required.get(replace.path)
        if replace.version in ("", version):
            entries[replace.path] = f"{replace.target} {replace.target_version}".rstrip()
    return entries


def _entries(old: ModuleFiles, new: ModuleFiles) -> Iterator[ModuleDelta]:
    before, after = effective(old.file), effective(new.file)
    replaced = {replace.path for side in (old, new) for replace in side.file.replace}
    for path in sorted(before.keys() | after.keys()):
        a, b = before.get(path, ""), after.get(path, "")
        if a != b:
            row = "D8" if path in replaced else "D1" if a and b else "D4" if a else "D3"
            yield ModuleDelta(id=row, path=path, old=a, new=b)


def _sums(old: ModuleFiles, new: ModuleFiles) -> Iterator[ModuleDelta]:
    """Hashes that changed, went away or came, of modules that are needed on both sides (D5, D17).

    One that came where there was none is the end of a refusal.
    """
    before = set(needed(old.file))
    for path, version in needed(new.file):
        for key in ((path, version), (path, f"{version}/go.mod")):
            a, b = old.sums.get(key, frozenset()), new.sums.get(key, frozenset())
            if (a - b) or (not a and b and (path, version) in before):
                yield ModuleDelta(id="D5", path=path, old=version, new=version)
                break


def hashed(module: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The two lines of go.sum for a version of a module: its sources, and its go.mod."""
    return module, (module[0], f"{module[1]}/go.mod")


def needed(file: GoMod) -> list[tuple[str, str]]:
    """(module, version) whose hashes the go command may ask for, sorted."""
    replaced = {(r.target, r.target_version) for r in file.replace if not r.local}
    return sorted({*file.require, *replaced})


def _vendored(
    old: Mapping[str, Vendored] | None, new: Mapping[str, Vendored] | None
) -> Iterator[ModuleDelta]:
    before, after = old or {}, new or {}
    for path in sorted(before.keys() | after.keys()):
        a, b = before.get(path), after.get(path)
        if a != b:
            yield ModuleDelta(id="C24", path=path, old=a.text if a else "", new=b.text if b else "")
