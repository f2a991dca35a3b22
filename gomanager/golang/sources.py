"""What a package of a required module is made of, for fingerprints: module by module.

Each package stands for the modules that may hold it, at their versions and hashes, and for all that
it imports. Where not all of that is at hand, the whole build list counts in its place.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gomanager.golang.components import components
from gomanager.golang.modcache import ThirdParty, candidates
from gomanager.golang.modchange import ModuleFiles, hashed

if TYPE_CHECKING:
    from gomanager.golang.view import View

Digest = Callable[..., str]


def source_digests(view: "View", files: ModuleFiles, digest: Digest) -> Mapping[str, str | None]:
    """Import path to the digest of a third-party package; ``None``: not all of it is at hand.

    For a module that lists its build list; ``-mod=mod`` makes another one of it.
    """
    store, context = view.graph.store, view.context
    if store is None or context.vendor is not None or context.mod == "mod":
        return {}
    third = ThirdParty(view, store)
    entries = _entries(third, files)
    excluded = [str(one) for one in files.file.exclude]
    found: dict[str, str | None] = {}
    for members in components(third.imports, third.imports):
        targets = {t for member in members for t in third.imports[member]} - set(members)
        outside = [found[target] for target in sorted(targets)]
        complete = [one for one in outside if one is not None]
        at_hand = all(third.holders.get(m) and m not in third.unknown for m in members)
        own = [
            f"{member} {entries[module]}"
            for member in sorted(members)
            for module in candidates(member, third.modules)
        ]
        known = at_hand and len(complete) == len(outside)
        found.update(dict.fromkeys(members, digest(*excluded, *own, *complete) if known else None))
    return found


def _entries(third: ThirdParty, files: ModuleFiles) -> Mapping[str, str]:
    """What is built for each module of the build list, with its hashes."""
    return {
        module: f"{module} {actual} {[sorted(files.sums.get(key, ())) for key in hashed(actual)]}"
        for module, actual in third.modules.items()
    }
