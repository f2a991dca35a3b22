"""Which case a few words mean: ``PACKAGE.TestName``, ``./pkg TestName/sub``, or a name alone."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

from msgspec import Struct

from gomanager.errors import UsageError
from gomanager.pipeline.requests import Planned
from gomanager.runners.request import ModuleRequest, PackageRequest

_JOINED = re.compile(r"(?P<package>.+?)\.(?P<case>(?:Test|Fuzz|Example)[^/]*(?:/.*)?)", re.DOTALL)
_CASE = re.compile(r"(?:Test|Fuzz|Example)")
_SHOWN = 5


class Found(Struct, frozen=True, kw_only=True):
    """A case and the phase whose it is."""

    planned: Planned
    module: ModuleRequest
    package: PackageRequest
    name: str


def split(words: Sequence[str]) -> tuple[str | None, str]:
    """(package or ``None``, case); raises UsageError for what is neither."""
    if len(words) == 2:
        return words[0], _name(words[1])
    if len(words) != 1:
        what = "name one case"
        raise UsageError(what, fix="gomanager stress ./pkg TestName, or PACKAGE.TestName")
    if _CASE.match(words[0]):
        return None, _name(words[0])
    joined = _JOINED.fullmatch(words[0])
    if joined is None:
        what = f"{words[0]!r} names no test"
        raise UsageError(what, fix="gomanager stress ./pkg TestName/sub, or PACKAGE.TestName/sub")
    return joined["package"], _name(joined["case"])


def _name(text: str) -> str:
    """Blanks in names become underscores, as ``testing`` writes them."""
    return re.sub(r"\s", "_", text.strip())


def find(
    words: Sequence[str],
    planned: Iterable[Planned],
    *,
    root: Path,
    cwd: Path,
    failed: frozenset[str] = frozenset(),
) -> Found:
    """The one case that is meant; raises UsageError for none and for several.

    ``failed`` are import paths where a case of this name failed lately: they settle a doubt.
    """
    spec, name = split(words)
    here = [
        Found(planned=one, module=module, package=package, name=name)
        for one in planned
        for module in one.request.modules
        for package in module.packages
        if not package.build_only and _is_meant(spec, package, root, cwd)
    ]
    if not here:
        what = f"no phase runs tests of {spec}" if spec else "no phase runs any test here"
        raise UsageError(what, fix="'gomanager phases' lists what there is")
    function = name.split("/", 1)[0]
    found = [one for one in here if function in one.package.expected]
    if not found:
        raise _unknown(function, spec, here)
    paths = {one.package.path for one in found}
    if len(paths) > 1 and len(paths & failed) == 1:
        found = [one for one in found if one.package.path in failed]
    elif len(paths) > 1:
        listed = ", ".join(sorted(paths)[:_SHOWN])
        more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
        what = f"{len(paths)} packages have a {function}: {listed}{more}"
        raise UsageError(what, fix=f"gomanager stress {min(paths)} {name}")
    return found[0]


def _is_meant(spec: str | None, package: PackageRequest, root: Path, cwd: Path) -> bool:
    """By import path, by its end, or by the folder as seen from where the user stands."""
    if spec is None or package.path == spec:
        return True
    if spec.startswith((".", "/")):
        place = (root / (package.directory or ".")).resolve()
        return place == (cwd / spec).resolve()
    tail = spec.strip("/")
    return package.path.endswith(f"/{tail}") or (package.directory or ".") == tail


def _unknown(function: str, spec: str | None, here: Sequence[Found]) -> UsageError:
    names = sorted({name for one in here for name in one.package.expected})
    near = get_close_matches(function, names, n=1)
    where = f"in {spec}" if spec else "in this repository"
    fix = (
        f"did you mean {near[0]}?" if near else "names are case-sensitive; benchmarks do not count"
    )
    return UsageError(f"there is no test function {function} {where}", fix=fix)
