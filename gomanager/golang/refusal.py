"""Why the go command refuses all packages of a main module or a workspace, whatever they import.

A change that brings such a reason in, or takes it out, is a change of every package; and as long as
one holds, no proof of before counts. What stops only the packages that import something is a
question of the graph (``golang/clashes.py``).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from gomanager.golang.gomod import GoMod, Replace
from gomanager.golang.modules import Context, Module, within
from gomanager.golang.outdated import outdated
from gomanager.golang.vendoring import disagreement
from gomanager.golang.versions import STRICT, misfit, release

if TYPE_CHECKING:
    from gomanager.golang.graph import Graph

_SINCE = {"godebug": 23, "tool": 24, "ignore": 25}
"""Directives and the release that began to know them; others before them are of old."""
_SYNTHETIC = ("go", "toolchain")
"""No modules; nor is anything without a dot, where go looks for the standard library."""


class Refusal(NamedTuple):
    """Row of the catalogue, and the reason in words."""

    row: str
    text: str


def refusal(context: Context, graph: "Graph", minor: int = 0) -> Refusal | None:
    """The first reason that the tree tells. ``minor``: of the Go release in use; 0: not known."""
    return next(_refusals(context, graph, minor), None)


def _refusals(context: Context, graph: "Graph", minor: int) -> Iterator[Refusal]:
    modules = graph.module_by_dir
    if context.problem:
        yield Refusal("D20" if context.workspace is None else "D16", context.problem)
        return
    yield from _of_workspace(context, modules)
    used = _used(context, modules)
    for module in used:
        alone = context.workspace is None
        yield from _of_file(module.file, module.path, minor, alone=alone)
    data = None if context.vendor is None else graph.tree.content(f"{context.vendor}/modules.txt")
    if text := disagreement(context, used, data):
        yield Refusal("C24", text)
    if text := outdated(context, modules):
        yield Refusal("D9", f"go.mod needs an update: {text}")
    yield from _of_links(context, used, modules)
    yield from _of_sums(context, graph, used)


def unfit_link(module: Module) -> str:
    """Why go cannot take the go.mod of a linked module: whoever imports its packages is refused."""
    texts = (misfit(path, version) for path, version in module.file.require)
    return module.problem or next(filter(None, texts), "")


def _used(context: Context, modules: Mapping[str, Module]) -> tuple[Module, ...]:
    """The main modules; of a workspace also those whose tests are not the repository's own."""
    if context.workspace is None:
        return context.mains
    places = dict.fromkeys(within(context.dir, use) for use in context.workspace.use)
    return tuple(modules[place] for place in places if place is not None and place in modules)


def _of_workspace(context: Context, modules: Mapping[str, Module]) -> Iterator[Refusal]:
    work = context.workspace
    if work is None:
        return
    used = _used(context, modules)
    texts = [*work.faults, *(f"unknown directive {word}" for word in work.unknown)]
    if work.module or work.require or work.exclude or work.tool or work.ignore or work.retract:
        texts.append("it has directives of a go.mod")
    places = [within(context.dir, use) for use in work.use]
    texts += [
        f"it uses {place or '.'}, which has no go.mod"
        for place in places
        if place is not None and place not in modules
    ]
    texts += _unfit(work, used)
    texts += _conflicts(used, {one.path for one in work.replace})
    yield from (Refusal("D16", f"go.work: {text}") for text in texts)


def _unfit(work: GoMod, used: Iterable[Module]) -> Iterator[str]:
    """Modules that cannot be part of the workspace, each by itself or with the others."""
    seen: set[str] = set()
    for module in used:
        need = release(module.file.go)
        if module.problem:
            yield f"it uses {module.dir or '.'}: {module.problem}"
        elif module.path in seen:
            yield f"{module.path} is in it twice"
        elif need[:2] >= STRICT and need > release(work.go or "1.18"):
            yield f"{module.path} needs go {module.file.go}, it says {work.go or 'nothing'}"
        seen.add(module.path)
    for one in work.replace:
        if one.path in seen and not one.version:
            yield f"it replaces {one.path}, which it uses"


def _conflicts(used: Iterable[Module], solved: set[str]) -> Iterator[str]:
    """Modules of a workspace that replace one module by different ones."""
    known: dict[tuple[str, str], tuple[str, str]] = {}
    for module in used:
        for one in module.file.replace:
            if one.path not in solved:
                target = _target(module.dir, one)
                if known.setdefault((one.path, one.version), target) != target:
                    yield f"its modules replace {one.path} by different ones"


def _target(place: str, one: Replace) -> tuple[str, str]:
    inside = within(place, one.target) if one.local else None
    return (one.target if inside is None else f"./{inside}"), one.target_version


def _of_file(file: GoMod, path: str, minor: int, *, alone: bool) -> Iterator[Refusal]:
    yield from (Refusal("D11", f"go.mod: {text}") for text in _words(file, minor))
    replaced = {replace.path for replace in file.replace}
    for one, version in file.require:
        if one in _SYNTHETIC or (alone and "." not in one.split("/")[0] and one not in replaced):
            yield Refusal("D1", f"{one} is required as a module")
        if text := misfit(one, version):
            yield Refusal("D1", f"go.mod requires it, but {text}")
    for one, version in file.exclude:
        if text := misfit(one, version):
            yield Refusal("D10", f"go.mod excludes it, but {text}")
    for version in file.retract:
        if text := misfit(path, version):
            yield Refusal("D10", f"go.mod retracts it, but {text}")
    for replace in file.replace:
        texts = [misfit(replace.path, replace.version) if replace.version else ""]
        texts.append("" if replace.local else misfit(replace.target, replace.target_version))
        yield from (Refusal("D8", f"go.mod replaces {replace.path}, but {t}") for t in texts if t)
    if alone:
        yield from (Refusal("D1", f"{one} is required at two versions") for one in file.twice)
        excluded = set(file.exclude).intersection(file.require)
        yield from (Refusal("D10", f"{one} {v} is required and excluded") for one, v in excluded)


def _of_links(
    context: Context, used: tuple[Module, ...], modules: Mapping[str, Module]
) -> Iterator[Refusal]:
    """Where go reads the go.mod of every module first: of a workspace, and below 1.17 (D7)."""
    work = context.workspace
    if context.vendor is not None or (work is None and used[0].file.lists_all):
        return
    required = dict(entry for module in used for entry in module.file.require)
    files = [(module.dir, module.file) for module in used]
    for place, file in files if work is None else [*files, (context.dir, work)]:
        for one in file.replace:
            inside = within(place, one.target) if one.local else None
            known = one.path in required and one.version in ("", required[one.path])
            if known and inside is not None and inside not in modules:
                text = f"{one.path} is replaced by {one.target}, which has no go.mod"
                yield Refusal("D8", text)


def _words(file: GoMod, minor: int) -> Iterator[str]:
    yield from file.faults
    yield from (f"unknown directive {word}" for word in file.unknown)
    if file.use:
        yield "it has a use line"
    if minor:
        yield from (
            f"{word} is not known to go 1.{minor}"
            for word, since in _SINCE.items()
            if minor < since and getattr(file, word)
        )


def _of_sums(context: Context, graph: "Graph", used: Iterable[Module]) -> Iterator[Refusal]:
    """A go.sum that cannot be read stops what needs a hash, and all that is asked for with it."""
    if context.vendor is not None:
        return
    names = [f"{module.dir}/go.sum".lstrip("/") for module in used]
    if context.workspace is not None:
        names.append(f"{context.dir}/go.work.sum".lstrip("/"))
    elif not any(module.file.require for module in used):
        return
    for name in names:
        data = graph.tree.content(name) if name in graph.tree.files else None
        for number, line in enumerate((data or b"").split(b"\n"), 1):
            if len(line.split()) not in (0, 3):
                yield Refusal("D5", f"{name}: line {number} is no hash of a module")
                break
