"""Versions of modules and of Go: their order, and which of them stand in a go.mod as they are."""

import re

from gomanager.regex import late

_VERSION = late(r"v(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-?([0-9A-Za-z.-]+))?(?:\+.*)?$")
_GO = late(r"(\d+)\.(\d+)(?:(beta|rc)(\d+)|\.(\d+))?$")
_NUMBER = r"(?:0|[1-9]\d*)"
_PART = rf"(?:{_NUMBER}|\d*[A-Za-z-][0-9A-Za-z-]*)"
_CANONICAL = late(
    rf"(v{_NUMBER})\.{_NUMBER}\.{_NUMBER}(?:-{_PART}(?:\.{_PART})*)?(\+incompatible)?", re.ASCII
)
_MAJOR = late(r"/v([0-9.]+)$")
_GOPKG = late(r"\.(v(?:0|[1-9]\d*))(?:-unstable)?$")
STRICT = (1, 21)
"""The release from which go lines are a minimum: lower ones of linked modules do not matter."""
Order = tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]


def release(version: str) -> tuple[int, ...]:
    """A key for go lines: 1.22 is less than 1.22rc1, and that than 1.22.0 (go.dev/doc/toolchain)."""
    match = _GO.match(version)
    if match is None:
        return ()
    kind = 3 if match[5] else 2 if match[3] == "rc" else 1 if match[3] else 0
    return int(match[1]), int(match[2]), kind, int(match[5] or match[4] or 0)


def order(version: str) -> Order:
    """A key by which versions compare as semver.org says."""
    match = _VERSION.match(version)
    if match is None:
        return (), False, ()
    numbers = tuple(int(part or 0) for part in match.group(1, 2, 3))
    parts = (match[4] or "").split(".") if match[4] else []
    pre = tuple((not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in parts)
    return numbers, not pre, pre


def misfit(path: str, version: str) -> str:
    """Why go would have to change a version of a module before it builds anything; empty: fits."""
    if path.startswith("gopkg.in/") and "-gopkgin-" in version:
        version = version.partition("-gopkgin-")[2]
    wanted = _wanted(path)
    if wanted is None:
        return f"{path} is no module path"
    match = _CANONICAL.fullmatch(version)
    if match is None:
        return f"{version} is no canonical version of {path}"
    major = match[1]
    if not wanted:
        good = major in ("v0", "v1") or bool(match[2])
    else:
        # Pseudo-versions of gopkg.in modules were once made with the wrong major version.
        old = path.startswith("gopkg.in/") and wanted == "v1" and version.startswith("v0.0.0-")
        good = major == wanted or old
    return "" if good else f"{version} is not of the major version of {path}"


def _wanted(path: str) -> str | None:
    """The major version that a path asks for, empty for v0 and v1; None: no such path."""
    if path.startswith("gopkg.in/"):
        match = _GOPKG.search(path)
        return None if match is None else match[1]
    match = _MAJOR.search(path)
    if match is None:
        return ""
    number = match[1]
    if "." in number:
        return None
    return None if number[0] == "0" or number == "1" else f"v{number}"
