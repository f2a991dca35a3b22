"""The test functions that a change touches, for the phases that run them alone first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from gomanager.git.change import Change
from gomanager.git.objects import blobs
from gomanager.git.repository import Repository
from gomanager.golang.ownchange import changed_functions
from gomanager.pipeline.requests import Planned
from gomanager.pipeline.scope import Answer

_NONE: frozenset[str] = frozenset()


def with_changed(planned: tuple[Planned, ...], answer: Answer) -> tuple[Planned, ...]:
    """The requests of isolating phases with the changed functions of their packages.

    Nobody asks git where no called phase isolates. Without a base nothing is known to have changed.
    """
    repository = answer.repository
    wanted = any(one.phase.isolation and one.not_run is None for one in planned)
    if not wanted or not isinstance(repository, Repository) or answer.changes.base is None:
        return planned
    changed = _changed(repository, answer.changes.changes)
    return tuple(_informed(one, changed) if one.phase.isolation else one for one in planned)


def _informed(one: Planned, changed: Mapping[str, frozenset[str]]) -> Planned:
    modules = tuple(
        replace(
            module,
            packages=tuple(
                replace(
                    p, changed=tuple(sorted(changed.get(p.directory or "", _NONE) & p.expected))
                )
                for p in module.packages
            ),
        )
        for module in one.request.modules
    )
    return replace(one, request=replace(one.request, modules=modules))


def _changed(repository: Repository, changes: Iterable[Change]) -> Mapping[str, frozenset[str]]:
    """Folder → changed functions; all test files of a folder that changed are compared together."""
    folders: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if change.path.endswith("_test.go"):
            folders[change.path.rpartition("/")[0] or "."].append(change)
    oids = [c.old.oid for found in folders.values() for c in found if c.old and c.old.oid]
    old = dict(blobs(repository, oids))
    return {
        folder: changed_functions(
            _present(repository.root, found),
            [old[c.old.oid] for c in found if c.old and c.old.oid in old],
        )
        for folder, found in folders.items()
    }


def _present(root: Path, changes: Iterable[Change]) -> Iterable[bytes]:
    for change in changes:
        with suppress(OSError):
            yield (root / change.path).read_bytes()
