"""What the go command would link into each test binary, as one digest: the ground truth.

``go list -deps -test -export`` compiles every package and tells its content id: a hash of what the
compiler wrote. The digest of a test binary is taken over the ids of its whole closure, and the
default GODEBUG settings, which only the linker sees. Where code does not compile (or a module is not
to be had) the files that would be compiled stand in for it. Nothing of gomanager takes part.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from scratch import Clone, Place

_FILES = (
    "GoFiles", "CgoFiles", "CFiles", "CXXFiles", "MFiles", "HFiles", "FFiles", "SFiles",
    "SysoFiles", "EmbedFiles",
)  # fmt: skip
_FACTS = ("ImportPath", "Dir", "Imports", "Standard", "BuildID", "DefaultGODEBUG", "DepOnly")
_FIELDS = ",".join((*_FACTS, "Module", *_FILES))
PLAIN = "-gcflags=all=-N -l"
"""Without optimisation code compiles faster, and shows more of its differences, not fewer; only
profiles (``default.pgo``) have no effect then."""
BROKEN = "~"
"""Begins the digest of a test binary that cannot be built: it is one of source files."""
Row = dict[str, object]


@dataclass(slots=True, kw_only=True)
class Builds:
    """``rows`` by folder of the call hold what go list said, as long as it is at hand."""

    digests: dict[Place, str] = field(default_factory=dict)
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def builds(clone: Clone, prefix: str = "", *, compiled: bool = True) -> Builds:
    """All test packages of the work tree below ``prefix``, in each of its modules.

    Not ``compiled``: digests are those of source files, and quicker to have.
    """
    found = Builds()
    for folder, patterns, alone in calls(clone, prefix):
        rows = _listed(clone, folder, patterns, found, alone=alone, compiled=compiled)
        known: dict[str, str] = {}
        for path, row in rows.items():
            if not path.endswith(".test") or row.get("DepOnly"):
                continue
            own = rows.get(path.removesuffix(".test"))
            if own is None:
                continue
            place = (_module(own, clone.root, folder), path.removesuffix(".test"))
            found.digests[place] = _digest(path, rows, known)
        found.rows[folder] = rows
    return found


def _module(row: Row, root: Path, folder: str) -> str:
    module = row.get("Module")
    where = module.get("Dir") if isinstance(module, dict) else None
    if not where:
        return folder
    return _rooted(PurePosixPath(where).relative_to(root.resolve()).as_posix())


def _rooted(path: str) -> str:
    return "" if path == "." else path


def calls(clone: Clone, prefix: str) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """(folder, patterns, whether outside the workspace): one call for it, one for each other."""
    files = clone.git("ls-files", "-z", "*go.mod", "go.mod").split("\0")
    names = {PurePosixPath(file).parent.as_posix() for file in files if file.endswith("go.mod")}
    folders = {name for name in names if not _hidden(name) and (clone.root / name).is_dir()}
    used: set[str] = set()
    if (clone.root / "go.work").is_file():
        told = json.loads(clone.go(["work", "edit", "-json"], clone.root).stdout or b"{}")
        used = {PurePosixPath(use["DiskPath"]).as_posix() for use in told.get("Use") or ()}
        used &= names
        patterns = [p for name in sorted(used) if (p := _pattern(name, prefix)) is not None]
        if patterns:
            yield "", tuple(patterns), False
    for name in sorted(folders - used):
        pattern = _pattern(name, prefix)
        if pattern is not None:
            local = f"./{PurePosixPath(pattern).relative_to(name).as_posix()}"
            yield _rooted(name), (local,), bool(used)


def _hidden(folder: str) -> bool:
    """Fixtures of tests, and what ``./...`` of no module would be asked for."""
    return bool({"testdata", "vendor"} & set(folder.split("/")))


def _pattern(module: str, prefix: str) -> str | None:
    """The part of a module that lies below the prefix; ``...`` at its end."""
    whole = "" if module == "." else f"{module}/"
    if not prefix or f"{prefix}/".startswith(whole):
        inner = f"{prefix}/".removeprefix(whole).rstrip("/") if prefix else ""
        return f"./{whole}{inner}/..." if inner else f"./{whole}..."
    return f"./{whole}..." if whole.startswith(f"{prefix}/") else None


def _listed(
    clone: Clone,
    folder: str,
    patterns: tuple[str, ...],
    found: Builds,
    *,
    alone: bool,
    compiled: bool,
) -> dict[str, Row]:
    export = ("-export", "-p=2", PLAIN) if compiled else ()
    flags = ("-e", "-deps", "-test", *export, *clone.setting.flags)
    extra = {"GOWORK": "off"} if alone else {}
    done = clone.go(["list", *flags, f"-json={_FIELDS}", *patterns], clone.root / folder, **extra)
    rows: dict[str, Row] = {}
    decoder, text, at = json.JSONDecoder(), done.stdout.decode(), 0
    while (start := text.find("{", at)) >= 0:
        row, at = decoder.raw_decode(text, start)
        rows[row["ImportPath"]] = row
    if done.returncode and not rows:
        said = done.stderr.decode(errors="replace").strip()
        found.errors.append(f"{folder or '.'}: {said[:300]}")
    return rows


def _digest(path: str, rows: Mapping[str, Row], known: dict[str, str]) -> str:
    """Over a package and all that it imports."""
    if path in known:
        return known[path]
    row = rows.get(path)
    if path in ("C", "unsafe") or (row is not None and row.get("Standard")):
        known[path] = "std"
        return "std"
    known[path] = BROKEN  # for whoever imports it in a circle
    parts = [path, content(row or {}) or f"{BROKEN}{_sources(row or {})}"]
    parts.append(str((row or {}).get("DefaultGODEBUG", "")))
    parts += [f"{one} {_digest(one, rows, known)}" for one in sorted(_imports(row or {}))]
    broken = any(part.startswith(BROKEN) or f" {BROKEN}" in part for part in parts)
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
    known[path] = f"{BROKEN}{digest}" if broken else digest
    return known[path]


def _sources(row: Row) -> str:
    """The files that would be compiled; of a module the version, for its files cannot change."""
    module = row.get("Module")
    if isinstance(module, dict) and module.get("Version") and "Replace" not in module:
        return str(module["Version"])
    found = hashlib.sha256()
    for kind in _FILES:
        names = row.get(kind)
        for name in names if isinstance(names, list) else ():
            file = Path(str(row["Dir"]), name)
            found.update(f"{name}\0".encode())
            found.update(file.read_bytes() if file.is_file() else b"")
    return found.hexdigest()


def _imports(row: Row) -> list[str]:
    imports = row.get("Imports")
    return [str(one) for one in imports] if isinstance(imports, list) else []


def content(row: Row) -> str:
    """The last part of a build id hashes the output, the first ones the inputs."""
    return str(row.get("BuildID", "")).rpartition("/")[2]


def closure(path: str, rows: Mapping[str, Row]) -> dict[str, str]:
    """Every package that is not of the standard library below one, with its content id."""
    found: dict[str, str] = {}
    queue = [path]
    while queue:
        one = queue.pop()
        row = rows.get(one)
        if one in found or row is None or row.get("Standard"):
            continue
        own = content(row) or f"{BROKEN}{_sources(row)}"
        found[one] = f"{own} {row.get('DefaultGODEBUG', '')}".strip()
        queue += _imports(row)
    return found
