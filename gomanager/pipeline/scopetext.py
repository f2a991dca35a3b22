"""The scope in words: the phases, and for each package the nearest reason."""

import posixpath
from collections.abc import Collection, Iterator
from pathlib import Path

from msgspec.structs import replace

from gomanager.errors import UsageError
from gomanager.selection.scope import Edge, PhaseScope, Reason, Scope, SelectedPackage

_PACKAGES = 40


def narrowed(scope: Scope, root: Path, folder: Path, modules: Collection[str]) -> Scope:
    """The scope of one module; raises UsageError where ``folder`` holds none of ``modules``."""
    places = [place.resolve() for place in (folder, root / folder)]  # as seen from here, or there
    inside = [p.relative_to(root).as_posix() for p in places if p.is_relative_to(root)]
    name = next((n for n in ("" if p == "." else p for p in inside) if n in modules), None)
    if name is None:
        what = f"there is no module in '{folder}'"
        known = ", ".join(sorted(module or "." for module in modules))
        raise UsageError(what, where="--module", fix=f"modules: {known}")
    return replace(scope, phases=tuple(_in_module(phase, name) for phase in scope.phases))


def _in_module(phase: PhaseScope, module: str) -> PhaseScope:
    return replace(
        phase,
        packages=tuple(p for p in phase.packages if p.module == module),
        build_only=tuple(p for p in phase.build_only if p.module == module),
    )


def lines(scope: Scope) -> Iterator[str]:
    """What ``scope`` says on stderr."""
    yield f"scope: {scope.mode.value}: {scope.reason}"
    for note in scope.notes:
        yield f"{note.severity.value}: {note.title}" + (f" ({note.fix})" if note.fix else "")
        if note.text:
            yield f"  {note.text}"
    for path in scope.unclaimed:
        yield f"unclaimed: {path}"
    for path in scope.removed:
        yield f"removed: {path}"
    yield from _phases(scope.phases)
    yield from _reasons(scope)
    yield from _proofs(scope)


def _phases(phases: tuple[PhaseScope, ...]) -> Iterator[str]:
    width = max((len(phase.name) for phase in phases), default=0)
    yield ""
    for phase in phases:
        runs = len(phase.packages)
        builds = f" + {len(phase.build_only)} to build" if phase.build_only else ""
        held = runs + len(phase.skipped.unchanged) + len(phase.skipped.proved)
        count = f"{runs:>4} of {held}{builds}"
        mark = count if phase.selected else "   -"
        yield f"  {phase.name:<{width}}  {mark:<12}  {'; '.join(phase.why)}"


def _reasons(scope: Scope) -> Iterator[str]:
    found: dict[str, SelectedPackage] = {}
    for phase in scope.phases:
        for package in (*phase.packages, *phase.build_only):
            if package.reasons and package.reasons[0].chain:
                found.setdefault(package.path, package)
    if found:
        yield ""
    for path in sorted(found)[:_PACKAGES]:
        yield f"  {explained(found[path])}"
    if len(found) > _PACKAGES:
        yield f"  … and {len(found) - _PACKAGES} more packages: --json has them all"


def _proofs(scope: Scope) -> Iterator[str]:
    found = {(p.package, p.text) for phase in scope.phases for p in phase.proofs}
    if found:
        yield ""
    for package, text in sorted(found)[:_PACKAGES]:
        yield f"  {package}  {text}"
    if len(found) > _PACKAGES:
        yield f"  … and {len(found) - _PACKAGES} more proven packages: --json has them all"


def explained(package: SelectedPackage) -> str:
    """``internal/cli  A1 internal/ai/ai.go (modified): internal/ai → internal/cli (import)``."""
    more = f", and {package.seeds - 1} more" if package.seeds > 1 else ""
    return f"{package.path}  {reasoned(package.reasons[0])}{more}"


def reasoned(reason: Reason) -> str:
    """One reason on one line, import paths shortened by what they share."""
    source = f" {reason.path}" if reason.path else ""
    status = f" ({reason.status})" if reason.status else ""
    head = f"{reason.id}{source}{status}: {reason.text}"
    return f"{head}: {chain(reason)}" if len(reason.chain) > 1 else head


def chain(reason: Reason) -> str:
    """``internal/db → internal/store (import)``."""
    paths = [link.package for link in reason.chain]
    shared = posixpath.commonpath(paths) if len(paths) > 1 and all(paths) else ""
    shared = posixpath.dirname(shared) if shared in paths else shared
    parts = []
    for link in reason.chain:
        short = link.package[len(shared) :].lstrip("/") if shared else link.package
        edge = (
            "" if link is reason.chain[0] or link.edge is Edge.CHANGED else f" ({link.edge.value})"
        )
        parts.append(f"{short or link.package}{edge}")
    return " → ".join(parts)
