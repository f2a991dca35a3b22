"""From causes to packages: what each seed reaches, and the shortest chain to it."""

from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from gomanager.golang.reach import Link as Step
from gomanager.golang.reach import Reach, Seed
from gomanager.selection.cause import Cause, Side
from gomanager.selection.scope import Edge, Link, Reason

_APART = 48
"""Up to so many seeds are followed one by one, so that a package knows all of its reasons."""
_SHOWN = 8


class Reached(Struct):
    """Folders reached in one configuration, all contexts together, with their reasons."""

    tests: dict[str, list[Reason]] = field(default_factory=dict)
    libraries: dict[str, list[Reason]] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    """Folders of packages that a change touches themselves."""

    def reasons(self, place: str, *, test: bool = True) -> tuple[Reason, ...]:
        """The nearest reasons first."""
        found = (self.tests if test else self.libraries).get(place, [])
        ordered = sorted(
            found, key=lambda reason: (not reason.chain, len(reason.chain), reason.path, reason.id)
        )
        return tuple(ordered[:_SHOWN])


def follow(
    side: Side, causes: Iterable[Cause], into: Reached, kept: frozenset[str] | None = None
) -> None:
    """Add what the causes reach in one tree; ``kept`` narrows to folders that HEAD still has."""
    by_seed: dict[Seed, list[Cause]] = {}
    for cause in dict.fromkeys(causes):
        by_seed.setdefault(cause.seed, []).append(cause)
    seeds = sorted(by_seed)
    for group in [[seed] for seed in seeds] if len(seeds) <= _APART else [seeds]:
        reach = side.view.reach(group)
        for place in reach.tests:
            if kept is None or place in kept:
                first = by_seed[_start_of_test(reach, place)]
                into.tests.setdefault(place, []).extend(_reasons(reach.chain(place), first))
        for node in reach.lib:
            if not node.startswith("@") and (kept is None or node in kept):
                first = by_seed[_start(reach, node)]
                into.libraries.setdefault(node, []).extend(_reasons(reach.lib_chain(node), first))
    into.changed.update(seed.node for seed in seeds if not seed.node.startswith("@"))


def _start_of_test(reach: Reach, place: str) -> Seed:
    parent, _ = reach.tests[place]
    return Seed(place, test=True) if parent is None else _start(reach, parent)


def _start(reach: Reach, node: str) -> Seed:
    parent, _ = reach.lib[node]
    while parent is not None:
        node = parent
        parent, _ = reach.lib[node]
    return Seed(node)


def _reasons(chain: tuple[Step, ...], causes: Iterable[Cause]) -> Iterator[Reason]:
    rest = tuple(Link(package=step.package, edge=Edge(step.edge)) for step in chain[1:])
    for cause in causes:
        first = Link(package=chain[0].package, edge=cause.edge)
        yield Reason(
            id=cause.id,
            path=cause.path,
            status=cause.status,
            chain=(first, *rest),
            text=cause.text,
        )
