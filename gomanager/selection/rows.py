"""Rows 1 to 9a of ``docs/cases/selection.md``: from a changed path to the nodes that it makes different.

All matching rows apply. Each tree is asked about the paths that it has, or would have: the base
about what was deleted, HEAD about what is there, both about what changed (B7, C4–C6).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec.structs import replace

from gomanager.git.change import GITLINK, Change, Status
from gomanager.golang.constraints import condition, demanded, included
from gomanager.golang.embeds import embedders
from gomanager.golang.includes import ASSEMBLY, COMPILED, includers
from gomanager.golang.packages import LIB, XTEST, GoFile, Package, is_source
from gomanager.golang.reach import Seed
from gomanager.golang.tree import folder
from gomanager.selection.cause import Cause, Claims, Side
from gomanager.selection.scope import Edge, Reason, shown
from gomanager.selection.world import World

_OWN = (Edge.CHANGED, Edge.EMBED, Edge.DATA, Edge.MODULE)
"""Edges from a path to the tests that it belongs to; who else reads it is a guess."""
MODULE_FILES = ("go.mod", "go.sum", "go.work", "go.work.sum")


def causes(
    side: Side, change: Change, claims: Claims, inert: Callable[[str], bool]
) -> Iterator[Cause]:
    """What one changed path makes different in one tree, configuration and context."""
    path = change.path
    name = path.rpartition("/")[2]
    content = change.status is not Status.MODE
    if is_source(name):
        claims.add(path)
        if content:
            yield from _go_file(side, change)
    elif content:
        yield from _compiled(side, change, claims)
        yield from _included(side, change, claims)
    if content:
        yield from _embedded(side, change, claims)
    yield from _submodule(side, change, claims)
    if _vendored(side, path):
        claims.add(path)
    elif "testdata" in path.split("/")[:-1] or not (is_source(name) or module_file(path)):
        yield from _data(side, change, claims, inert)
    if content or not is_source(name):
        yield from _mentioned(side, change, claims)


def base_causes(side: Side, change: Change, claims: Claims, head: World) -> Iterator[Cause]:
    """Rows 1 and 2 for what HEAD no longer compiles: ``side`` is the base."""
    name = change.path.rpartition("/")[2]
    if any(here.view.compiles(change.path) for here in head.sides):
        return
    if not is_source(name):
        if change.status is Status.DELETED:
            yield from _compiled(side, change, claims)
        return
    gone = folder(change.path) not in head.graph.packages
    row = "B7" if change.new is not None else "A9" if gone else "A8"
    for cause in _go_file(side, change):
        yield cause if cause.seed.test or cause.id == "C23" else replace(cause, id=row)


def module_file(path: str) -> bool:
    """go.mod and its like, which say what code is compiled (row 5)."""
    name = path.rpartition("/")[2]
    return name in MODULE_FILES or f"/{path}".endswith("/vendor/modules.txt")


def _cause(seed: Seed, id_: str, change: Change, edge: Edge, text: str) -> Cause:
    return Cause(
        seed=seed, id=id_, path=change.path, status=change.status.value, edge=edge, text=text
    )


def _go_file(side: Side, change: Change) -> Iterator[Cause]:
    """Row 1, with row 6 for vendored code."""
    place = folder(change.path)
    package = side.graph.packages.get(place)
    file = side.graph.file(change.path)
    if package is None or file is None or not side.view.compiles(change.path):
        return
    test = file.is_test
    if test and side.view.has_tests(place):
        text = f"test file of {_shown(place)}"
        yield _cause(Seed(place, test=True), _test_id(package, file), change, Edge.CHANGED, text)
    elif not test and place in side.libraries:
        text = f"compiled into {_shown(place)}"
        yield _cause(
            Seed(place), _library_id(side, package, file, change), change, Edge.CHANGED, text
        )


def _shown(place: str) -> str:
    return shown(place) or "the root package"


def _test_id(package: Package, file: GoFile) -> str:
    if all(group.kind != LIB for group in package.groups):
        return "A6"
    if file.name == "export_test.go":
        return "A4"
    return "A3" if file.kind == XTEST else "A2"


def _library_id(side: Side, package: Package, file: GoFile, change: Change) -> str:
    if package.vendored:
        return "C23"
    if change.status is Status.DELETED:
        return "A8"
    if file.header.problem:
        return "A17"
    if demanded(file.condition, side.view.configuration):
        return "B1"
    return "A7" if change.status is Status.ADDED else "A1"


def _compiled(side: Side, change: Change, claims: Claims) -> Iterator[Cause]:
    """Row 2: assembly, C and profiles beside the Go files of a package."""
    place, name = folder(change.path), change.path.rpartition("/")[2]
    package = side.graph.packages.get(place)
    if package is None:
        return
    if name == "default.pgo" and any("m" in group.traits for group in package.groups):
        claims.add(change.path)
        if side.view.has_tests(place):
            text = f"profile of the program {_shown(place)}"
            yield _cause(Seed(place, test=True), "B11", change, Edge.DATA, text)
    if not name.endswith(COMPILED) or name[:1] in "._":
        return
    claims.add(change.path)
    if place in side.libraries and included(condition(name), side.view.configuration):
        row = "C1" if name.endswith(ASSEMBLY) else "C2"
        yield _cause(Seed(place), row, change, Edge.CHANGED, f"compiled into {_shown(place)}")


def _embedded(side: Side, change: Change, claims: Claims) -> Iterator[Cause]:
    """Row 3."""
    for seed in embedders(side.view, change.path):
        claims.add(change.path)
        row = {Status.ADDED: "C5", Status.DELETED: "C6"}.get(change.status, "C4")
        text = f"embedded by {_shown(seed.node)}"
        yield _cause(seed, "C7" if seed.test else row, change, Edge.EMBED, text)


def _included(side: Side, change: Change, claims: Claims) -> Iterator[Cause]:
    """Row 4."""
    for seed in includers(side.view, change.path):
        claims.add(change.path)
        text = f"included by {_shown(seed.node)}"
        yield _cause(seed, "C3", change, Edge.CGO, text)


def _submodule(side: Side, change: Change, claims: Claims) -> Iterator[Cause]:
    """C22: the pointer stands for every package below it."""
    sides = (change.old, change.new)
    if not any(part is not None and part.mode == GITLINK for part in sides):
        return
    below = [place for place in side.libraries if f"{place}/".startswith(f"{change.path}/")]
    for place in sorted(below):
        claims.add(change.path)
        text = f"{_shown(place)} lies in the submodule"
        yield _cause(Seed(place), "C22", change, Edge.CHANGED, text)


def _vendored(side: Side, path: str) -> bool:
    vendor = side.view.context.vendor
    return vendor is not None and path.startswith(f"{vendor}/")


def _data(
    side: Side, change: Change, claims: Claims, inert: Callable[[str], bool]
) -> Iterator[Cause]:
    """Rows 7 and 8: a file belongs to the nearest package above it."""
    below = "testdata" in change.path.split("/")[:-1]
    if not below and inert(change.path):
        return
    place = side.graph.owner(change.path)
    if place is None:
        return
    claims.add(change.path)
    if side.view.has_tests(place):
        row = ("C12" if change.status is Status.DELETED else "C10") if below else "C16"
        text = f"{'test data' if below else 'a file'} of {_shown(place)}"
        yield _cause(Seed(place, test=True), row, change, Edge.DATA, text)


def learned(
    side: Side, change: Change, claims: Claims, readers: Mapping[str, tuple[str, ...]]
) -> Iterator[Cause]:
    """Row 9: tests that read the path when they last ran, or the folder that it is new or gone in.

    Logs only add: whoever is not in them may be selected by any other row.
    """
    if not readers or change.status is Status.MODE:
        return
    paths = dict.fromkeys(readers.get(change.path, ()))
    if change.status is not Status.MODIFIED:
        paths |= dict.fromkeys(readers.get(folder(change.path) or ".", ()))
    for path in paths:
        place = side.view.node(path)
        if side.view.has_tests(place):
            claims.add(change.path)
            text = f"read by the tests of {_shown(place)} when they last ran"
            yield _cause(Seed(place, test=True), "9", change, Edge.LEARNED, text)


def rehearsing(side: Side, found: Iterable[Cause]) -> Iterator[Cause]:
    """Row 9b: tests that run or examine those tests that are changed themselves."""
    changed = [cause for cause in found if cause.seed.test and cause.edge in _OWN]
    rehearsed = side.view.rehearsed if changed else {}
    for cause in changed:
        for seed in rehearsed.get(cause.seed.node, ()):
            text = f"{_shown(seed.node)} lets go read the tests of {_shown(cause.seed.node)}"
            yield replace(cause, seed=seed, id="9b", edge=Edge.PROGRAM, text=text)


def crossing(side: Side, libraries: Mapping[str, Iterable[Reason]]) -> Iterator[Cause]:
    """Row 9b: programs of modules that this context does not link; ``libraries``: what is reached
    there."""
    for node, seeds in side.view.foreign.items() if libraries else ():
        for reason in libraries.get(node, ()):
            for seed in seeds:
                text = f"{_shown(seed.node)} starts or builds {_shown(node)}, of another module"
                yield Cause(
                    seed=seed, id="9b", path=reason.path, status=reason.status,
                    edge=Edge.PROGRAM, text=text,
                )  # fmt: skip


def _mentioned(side: Side, change: Change, claims: Claims) -> Iterator[Cause]:
    """Row 9a."""
    source = is_source(change.path.rpartition("/")[2])
    mentions = side.mentions.of_source if source else side.mentions.of
    if not source and side.mentions.claims(change.path):
        claims.add(change.path)
    for place in mentions(change.path):
        row = "C13" if "testdata" in change.path.split("/") else "9a"
        how = side.mentions.how(place, change.path, source=source)
        text = f"the sources of {_shown(place)} {how}"
        yield _cause(Seed(place, test=True), row, change, Edge.MENTION, text)
