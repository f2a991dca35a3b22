"""What a word on the command line of ``why`` means: a phase, a package, a test, or a file."""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from msgspec import Struct

from gomanager.errors import UsageError
from gomanager.pipeline.scope import Answer


class Target(Struct, frozen=True, kw_only=True):
    """``kind``: phase, package, case or file; ``path`` is a folder or file of the repository."""

    kind: str
    name: str
    """As it is shown: phase name, import path, test name, path."""
    path: str = ""
    case: str = ""
    """The top-level function of a case."""


def targets(answer: Answer, word: str, cwd: Path) -> tuple[Target, ...]:
    """All that the word can mean of the first sort that knows it; raises UsageError for none.

    A phase comes before a package, a package before a test, a test before a file; ``./word`` is
    a path.
    """
    place = _place(answer, word, cwd)
    if word in {phase.name for phase in answer.phases}:
        return (Target(kind="phase", name=word),)
    packages = _paths(answer)
    if word in packages:
        return tuple(Target(kind="package", name=word, path=p) for p in packages[word])
    if place is not None and place in answer.graph.packages:
        return (Target(kind="package", name=_import_path(answer, place), path=place),)
    cases = tuple(_cases(answer, word, packages))
    if cases:
        return cases
    if place is not None and _known(answer, place):
        return (Target(kind="file", name=place, path=place),)
    raise _unknown(answer, word, place, packages)


def _place(answer: Answer, word: str, cwd: Path) -> str | None:
    """Relative to the repository root: from where the user stands, else from the root itself."""
    root = answer.place.root.resolve()
    for start in (cwd.resolve(), root):
        path = start / word
        clean = Path(path.parent.resolve(), path.name) if path.name != ".." else path.resolve()
        if clean.is_relative_to(root):
            found = clean.relative_to(root).as_posix()
            found = "" if found == "." else found
            if found in answer.graph.packages or _known(answer, found):
                return found
    path = (cwd.resolve() / word).resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else None


def _known(answer: Answer, path: str) -> bool:
    changed = any(change.path == path for change in answer.changes.changes)
    return changed or path in answer.graph.tree.files


def _paths(answer: Answer) -> dict[str, list[str]]:
    """Import path to folders; vendored packages are somebody else's."""
    found: dict[str, list[str]] = {}
    for place, package in answer.graph.packages.items():
        if not package.vendored and package.module is not None:
            found.setdefault(_import_path(answer, place), []).append(place)
    return found


def _import_path(answer: Answer, place: str) -> str:
    world = next(iter(answer.worlds.values()))
    return world.import_path(place)


def _cases(answer: Answer, word: str, packages: dict[str, list[str]]) -> Iterator[Target]:
    """``TestX``, ``TestX/sub``, ``PACKAGE.TestX``, ``./dir.TestX`` or ``PACKAGE:TestX``."""
    for at in ("", ":", "."):
        package, name = _split(word, at)
        root = name.split("/", 1)[0]
        if not root.startswith(("Test", "Example", "Fuzz", "Benchmark")):
            continue
        found = list(_declaring(answer, root, package, packages))
        if found:
            yield from found
            return


def _split(word: str, at: str) -> tuple[str, str]:
    if not at:
        return "", word
    for prefix in ("Test", "Example", "Fuzz", "Benchmark"):
        package, mark, rest = word.partition(f"{at}{prefix}")
        if mark:
            return package, prefix + rest
    return "", ""


def _declaring(
    answer: Answer, root: str, package: str, packages: dict[str, list[str]]
) -> Iterator[Target]:
    places = sorted(p for some in packages.values() for p in some)
    if package:
        short = package.removeprefix("./").strip("/")
        places = [p for p in places if p == short or _import_path(answer, p) == package]
    for place in places:
        files = answer.graph.packages[place].files
        if any(test.name == root for file in files if file.is_test for test in file.header.tests):
            path = _import_path(answer, place)
            yield Target(kind="case", name=f"{path}.{root}", path=place, case=root)


def _unknown(
    answer: Answer, word: str, place: str | None, packages: dict[str, list[str]]
) -> UsageError:
    what = f"'{word}' is no phase, package, test or file of this repository"
    names = {phase.name: phase.name for phase in answer.phases}
    names |= {path: path for path in packages}
    names |= {f"./{places[0]}": f"./{places[0]}" for places in packages.values()}
    names |= {path.rpartition("/")[2]: path for path in answer.graph.tree.files}
    if word.lower().startswith(("test", "example", "fuzz", "benchmark")):
        for some in packages.values():
            for file in answer.graph.packages[some[0]].files:
                names |= {test.name: test.name for test in file.header.tests if file.is_test}
    alike = [name for name in names if name.lower() == word.lower()]
    near = (
        alike
        or get_close_matches(word, names, n=1)
        or get_close_matches((place or word).rpartition("/")[2], names, n=1)
    )
    if near:
        return UsageError(what, fix=f"did you mean {names[near[0]]}?")
    return UsageError(what, fix="name a phase, an import path, ./folder, TestName or a file")
