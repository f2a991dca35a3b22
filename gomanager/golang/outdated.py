"""Whether the go command refuses a go.mod because a local module that it links requires more.

``go: updates to go.mod needed``: then no package of the main module can be built, whatever it
imports. Only modules in the tree are looked at, for only they change without a change of go.mod.
"""

import re
from collections.abc import Iterator, Mapping

from gomanager.golang.modules import Context, Module

_VERSION = re.compile(r"v(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-?([0-9A-Za-z.-]+))?(?:\+.*)?$")
_GO = re.compile(r"(\d+)\.(\d+)(?:(beta|rc)(\d+)|\.(\d+))?$")
Order = tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]


def outdated(context: Context, modules: Mapping[str, Module]) -> str:
    """Why go.mod needs an update; empty: it does not, as far as the tree tells."""
    if context.workspace is not None or context.vendor is not None or context.problem:
        return ""
    return next((why for main in context.mains for why in _reasons(context, main, modules)), "")


def _reasons(context: Context, main: Module, modules: Mapping[str, Module]) -> Iterator[str]:
    required = dict(main.file.require)
    for path, place in context.linked:
        module = modules.get(place)
        if path not in required or module is None or module.problem:
            continue
        if _release(module.file.go) > _release(main.file.go):
            yield f"{path} needs go {module.file.go}, go.mod says {main.file.go or 'nothing'}"
        for other, version in module.file.require:
            if other in required and _order(version) > _order(required[other]):
                yield f"{path} requires {other} {version}, go.mod says {required[other]}"


def _release(version: str) -> tuple[int, ...]:
    """A key for go lines: 1.22 is less than 1.22rc1, and that than 1.22.0 (go.dev/doc/toolchain)."""
    match = _GO.match(version)
    if match is None:
        return ()
    kind = 3 if match[5] else 2 if match[3] == "rc" else 1 if match[3] else 0
    return int(match[1]), int(match[2]), kind, int(match[5] or match[4] or 0)


def _order(version: str) -> Order:
    """A key by which versions compare as semver.org says."""
    match = _VERSION.match(version)
    if match is None:
        return (), False, ()
    numbers = tuple(int(part or 0) for part in match.group(1, 2, 3))
    parts = (match[4] or "").split(".") if match[4] else []
    pre = tuple((not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in parts)
    return numbers, not pre, pre
