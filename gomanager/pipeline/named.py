"""Packages named behind ``--``: they replace the scope, seen from where the user stands."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from gomanager.errors import UsageError
from gomanager.selection.scope import Mode, PhaseScope, Reason, Scope, SelectedPackage, Skipped


def narrowed(
    scope: Scope, patterns: Sequence[str], folders: Mapping[tuple[str, str], str], start: str
) -> Scope:
    """The scope cut down to what the patterns name, by the rules of ``go help packages``.

    ``folders`` gives the folder of (module folder, import path) in the repository, ``start`` the
    current folder there. Raises UsageError for a pattern that names no package.
    """
    wanted = [(pattern, _Pattern(pattern, start)) for pattern in patterns]
    everything = [p for phase in scope.phases for p in (*phase.packages, *phase.build_only)]
    for text, pattern in wanted:
        if not any(pattern.matches(p, folders) for p in everything):
            raise _nothing(text)

    def named(package: SelectedPackage) -> bool:
        return any(pattern.matches(package, folders) for _, pattern in wanted)

    return replace(
        scope,
        mode=Mode.SELECTED,
        reason=f"named on the command line: {' '.join(patterns)}",
        phases=tuple(_phase(phase, named) for phase in scope.phases),
        unclaimed=(),
        removed=(),
    )


def _nothing(pattern: str) -> UsageError:
    if pattern.endswith(".go"):
        what = f"{pattern} is a file, and packages are asked for"
        folder = os.path.dirname(pattern) or "."  # noqa: PTH120 - a pattern, not a path
        return UsageError(what, where="--", fix=f"name its package: ./{folder}")
    what = f"{pattern} names no package with tests in a phase that would run"
    fix = "'gomanager scope --all' lists them; a folder begins with ./"
    return UsageError(what, where="--", fix=fix)


def _phase(phase: PhaseScope, named: Callable[[SelectedPackage], bool]) -> PhaseScope:
    packages = tuple(_said(package) for package in phase.packages if named(package))
    targets = tuple(_said(package) for package in phase.build_only if named(package))
    left = [package.path for package in phase.packages if not named(package)]
    return replace(
        phase,
        selected=phase.selected and bool(packages or targets),
        why=("named on the command line",),
        packages=packages,
        build_only=targets,
        whole=False,
        skipped=Skipped(
            unchanged=tuple(sorted({*phase.skipped.unchanged, *left})),
            proved=phase.skipped.proved,
            not_in_phase=phase.skipped.not_in_phase,
        ),
    )


def _said(package: SelectedPackage) -> SelectedPackage:
    reason = Reason(id="named", path="", status="", chain=(), text="named on the command line")
    return replace(package, reasons=(reason,))


class _Pattern:
    """One pattern: a folder (``./x``, ``../x``, ``/x``) or an import path, each with ``...``."""

    def __init__(self, text: str, start: str) -> None:
        clean = text.rstrip("/") or text
        self._folder = clean in (".", "..") or clean.startswith(("./", "../", "/"))
        self._deep = clean.endswith("...")
        body = clean.removesuffix("...").rstrip("/")
        if self._folder:
            body = os.path.normpath(Path(start, body or ".")).replace("\\", "/")
            body = "" if body == "." else body
        self._body = body

    def matches(self, package: SelectedPackage, folders: Mapping[tuple[str, str], str]) -> bool:
        """Whether the pattern names this package."""
        if self._folder:
            subject = folders.get((package.module, package.path))
            if subject is None:
                return False
        else:
            subject = package.path
        if subject == self._body:
            return True
        return self._deep and (not self._body or subject.startswith(self._body + "/"))
