"""Which test binaries lead to a file: by path, pattern or name (selection row 9a)."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from posixpath import normpath

from gomanager.golang.embeds import takes
from gomanager.golang.header import EVERYTHING, SOURCES
from gomanager.golang.tree import ancestors


class Index:
    """Test binaries by what leads to a file, so that a thousand files cost little more than one."""

    def __init__(self) -> None:
        self.paths: dict[str, set[str]] = {}
        self.patterns: dict[str, set[str]] = {}
        self.names: dict[str, set[str]] = {}
        self.globs: dict[str, set[str]] = {}

    def climb(self, place: str, starts: Iterable[str], literals: Iterable[str]) -> None:
        """Literals with ``..``, from the folders that they may count from."""
        for start in starts:
            for literal in literals:
                path = normpath(f"{start}/{literal}" if start else literal)
                kind = self.patterns if "*" in path else self.paths
                kind.setdefault("" if path == "." else path, set()).add(place)

    def name(self, place: str, names: Iterable[str]) -> None:
        """Names that count for a file anywhere."""
        for name in names:
            if "*" not in name or name in (EVERYTHING, SOURCES):
                self.names.setdefault(name, set()).add(place)
            elif name.strip("*."):
                self.globs.setdefault(name, set()).add(place)

    def led(self, path: str) -> set[str]:
        """Test binaries with a literal that resolves to the file or a folder above it."""
        found: set[str] = set()
        for target in (path, *ancestors(path)):
            found.update(self.paths.get(target, ()))
        for pattern, places in self.patterns.items():
            if takes(f"all:{pattern}", path):
                found |= places
        return found

    def named(self, elements: Iterable[str]) -> set[str]:
        """Test binaries that name one of the elements of a path."""
        return {place for element in elements for place in self.names.get(element, ())}

    def loosely(self, elements: Iterable[str]) -> set[str]:
        """Test binaries with a pattern for one of the elements, or for all files."""
        found = set(self.names.get(EVERYTHING, ()))
        for name, places in self.globs.items():
            if any(fnmatchcase(element, name) for element in elements):
                found |= places
        return found

    def witness(self, place: str, path: str) -> str:
        """What the sources of a test binary do that leads to a file; empty: nothing of these."""
        for target in (path, *ancestors(path)):
            if place in self.paths.get(target, ()):
                return f"lead to {target}"
        elements = path.split("/")[::-1]
        for name in elements:
            if place in self.names.get(name, ()):
                return f'name "{name}", and they or helpers look above their folder'
        for pattern, places in self.patterns.items():
            if place in places and takes(f"all:{pattern}", path):
                return f"lead to {pattern}"
        for name, places in self.globs.items():
            if place in places and any(fnmatchcase(element, name) for element in elements):
                return f'name "{name}", and they or helpers look above their folder'
        if place in self.names.get(EVERYTHING, ()):
            return "read whatever lies below a folder above"
        return "read Go files below a folder above" if place in self.names.get(SOURCES, ()) else ""
