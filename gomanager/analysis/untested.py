"""What the sources alone tell of tests: integration test files, and changed code none names."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from gomanager.analysis.changedcode import changed_code, is_program
from gomanager.analysis.totals import Read
from gomanager.golang.graph import Graph
from gomanager.golang.lines import Function, read_source
from gomanager.golang.view import View
from gomanager.inventory import PackageTests
from gomanager.places import integration_folder, integration_tag

_NAMES = 12


class Users(Struct, frozen=True, kw_only=True):
    """Folders whose code, and folders whose test binaries hold a package; itself among them."""

    code: frozenset[str]
    tests: frozenset[str]


def integration_tests(packages: Iterable[PackageTests]) -> tuple[str, ...]:
    """Files of integration folders or under an integration tag, with the functions they hold."""
    held: dict[str, dict[str, None]] = {}
    tags: dict[str, frozenset[str]] = {}
    for package in packages:
        inside = integration_folder(package.dir)
        for function in package.functions:
            if inside or any(integration_tag(tag) for tag in function.tagged):
                held.setdefault(function.file, {})[function.name] = None
                tags[function.file] = tags.get(function.file, frozenset()) | function.tagged
    return tuple(_file(path, tags[path], tuple(held[path])) for path in sorted(held))


def _file(path: str, tags: frozenset[str], names: tuple[str, ...]) -> str:
    under = f" (tags {', '.join(sorted(tags))})" if len(tags) > 1 else ""
    under = f" (tag {next(iter(tags))})" if len(tags) == 1 else under
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return f"{path}{under}: {', '.join(names[:_NAMES])}{more}"


def users(views: Iterable[View], place: str) -> Users:
    """Who would notice a change of the package in this folder, in any of the contexts."""
    found = [_users(view, place) for view in views]
    return Users(
        code=frozenset().union(*(one.code for one in found)),
        tests=frozenset().union(*(one.tests for one in found)),
    )


def _users(view: View, place: str) -> Users:
    code, open_ends = {place}, [place]
    while open_ends:
        for importer, _ in view.importers.get(open_ends.pop(), ()):
            if importer not in code:
                code.add(importer)
                open_ends.append(importer)
    tests = {folder for folder in code if view.has_tests(folder)}
    tests |= {folder for node in code for folder, _ in view.test_importers.get(node, ())}
    return Users(code=frozenset(code), tests=frozenset(tests))


def untested(
    changed: Mapping[str, tuple[range, ...]], views: Sequence[View], read: Read
) -> tuple[str, ...]:
    """Changed files that no test binary holds, and new exported functions that nothing names.

    Only what is sure without a measurement: a function that other code calls may be tested by it.
    """
    return tuple(
        text
        for path in sorted(filter(is_program, changed))
        if (data := read(path)) is not None
        for text in _of_file(path, data, changed[path], views, read)
    )


def _of_file(
    path: str, data: bytes, spans: tuple[range, ...], views: Sequence[View], read: Read
) -> Iterator[str]:
    source = read_source(data)
    lines = frozenset(changed_code(source, spans))
    folder = path.rpartition("/")[0]
    if source.generated or not lines or not source.functions:
        return
    if not any(view.compiles(path) for view in views):
        return
    around = users(views, folder)
    if not around.tests:
        yield f"{path}: no test binary holds its package"
        return
    for function in source.functions:
        code = [n for n in source.columns if function.first <= n <= function.last]
        new = _exported(function) and lines.issuperset(code)
        if new and not _named(function, path, around, views[0].graph, read):
            yield f"{path}:{function.first}: {function.name} is new, and no test or caller names it"


def _base(function: Function) -> str:
    return function.name.rpartition(".")[2]


def _exported(function: Function) -> bool:
    return _base(function)[:1].isupper()


def _named(function: Function, path: str, around: Users, graph: Graph, read: Read) -> bool:
    name = _base(function).encode("utf-8", "surrogateescape")
    word = re.compile(rb"(?<!\w)" + re.escape(name) + rb"(?!\w)")
    for folder in sorted(around.code | around.tests):
        package = graph.packages.get(folder)
        for file in package.files if package is not None else ():
            place = f"{folder}/{file.name}".lstrip("/")
            data = read(place) or b""
            if name in data and word.search(_without(data, function) if place == path else data):
                return True
    return False


def _without(data: bytes, function: Function) -> bytes:
    """The file without the function itself and without what comments say of it."""
    lines = data.split(b"\n")
    kept = lines[: function.first - 1] + lines[function.last :]
    return b"\n".join(line for line in kept if not line.lstrip().startswith(b"//"))
