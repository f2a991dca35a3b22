"""Whether go.mod and ``vendor/modules.txt`` agree, as the go command checks before it builds.

``go: inconsistent vendoring``: then no package of the main modules can be built.
"""

from collections.abc import Iterable, Iterator
from posixpath import join, normpath, relpath

from msgspec import Struct, field

from gomanager.golang.gomod import Replace
from gomanager.golang.modules import Context, Module
from gomanager.golang.versions import order

_EXPLICIT = 14
"""The release that began to mark what go.mod requires."""
Version = tuple[str, str]


class Listing(Struct, kw_only=True):
    """The meaning of modules.txt to the check."""

    explicit: set[Version] = field(default_factory=set)
    replaced: dict[Version, Version] = field(default_factory=dict)
    built: dict[str, str] = field(default_factory=dict)
    """Module path to version, of those that provide packages."""


def read_listing(data: bytes) -> Listing:
    """Lines that the go command does not understand are passed over, as it does."""
    listing = Listing()
    module: Version = ("", "")
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        words = line.split()
        if line.startswith("# "):
            if len(words) > 2:
                module = _module(listing, words)
        elif not module[0]:
            continue
        elif line.startswith("## "):
            if any(note.strip() == "explicit" for note in line[3:].split(";")):
                listing.explicit.add(module)
        elif len(words) == 1:
            known = listing.built.get(module[0], module[1])
            listing.built[module[0]] = max(known, module[1], key=order)
    return listing


def _module(listing: Listing, words: list[str]) -> Version:
    """The module of a line; its replacement is noted."""
    if words[2] == "=>":
        module, rest = (words[1], ""), words[3:]
    elif words[2].startswith("v"):
        module, rest = (words[1], words[2]), words[4:] if words[3:4] == ["=>"] else []
    else:
        return "", ""
    if rest:
        listing.replaced[module] = (rest[0], rest[1] if len(rest) > 1 else "")
    return module


def disagreement(context: Context, used: Iterable[Module], data: bytes | None) -> str:
    """Why go refuses the vendor folder in force; empty: it does not."""
    if context.vendor is None:
        return ""
    return next(_disagreements(context, tuple(used), read_listing(data or b"")), "")


def _disagreements(context: Context, used: tuple[Module, ...], listing: Listing) -> Iterator[str]:
    alone = context.workspace is None
    required = {entry for module in used for entry in module.file.require}
    if alone and used[0].file.minor < _EXPLICIT:
        yield from (
            f"vendor/modules.txt has {path} {listing.built[path]}, go.mod requires {version}"
            for path, version in sorted(required)
            if listing.built.get(path, version) != version
        )
        return
    for path, version in sorted(required - listing.explicit):
        yield f"vendor/modules.txt does not mark {path} {version}, which go.mod requires"
    built = set(listing.built.items())
    for path, version in sorted((built & listing.explicit) - required):
        yield f"vendor/modules.txt marks {path} {version}, which go.mod does not require"
    replaces = _replaces(context, used)
    for old, new in sorted(replaces.items()):
        if listing.replaced.get(old) != new:
            yield f"vendor/modules.txt does not replace {old[0]} as go.mod does"
    for old in sorted(listing.replaced):
        if old not in replaces and (old[0], "") not in replaces:
            yield f"vendor/modules.txt replaces {old[0]}, go.mod does not"
    if alone and used[0].file.lists_all:
        for path, version in sorted(built - required):
            yield f"vendor/modules.txt builds {path} {version}, which go.mod does not require"


def _replaces(context: Context, used: tuple[Module, ...]) -> dict[Version, Version]:
    """Every replacement in force; folders as seen from the vendor folder's parent."""
    found: dict[Version, Version] = {}
    over = context.workspace.replace if context.workspace is not None else ()
    paths = {one.path for one in over}
    mains = {module.path for module in used}
    for module in used:
        for one in module.file.replace:
            if one.path not in paths and (one.version or one.path not in mains):
                found[one.path, one.version] = _target(context, module.dir, one)
    for one in over:
        found[one.path, one.version] = (one.target, one.target_version)
    return found


def _target(context: Context, place: str, one: Replace) -> Version:
    if context.workspace is None or not one.local or one.target.startswith("/"):
        return one.target, one.target_version
    path = relpath(normpath(join("/", place, one.target)), join("/", context.dir))
    return (path if path.startswith("../") or path in (".", "..") else f"./{path}"), ""
