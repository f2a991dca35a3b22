"""Trees that exist only in memory."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha1
from pathlib import Path

import pytest

from gomanager.golang.constraints import Configuration
from gomanager.golang.graph import Graph, load
from gomanager.golang.modcache import ModuleCache
from gomanager.golang.tree import LINK, REGULAR, Entry, Tree
from gomanager.golang.view import View

MakeTree = Callable[[Mapping[str, str]], Tree]


def memory_tree(files: Mapping[str, str]) -> Tree:
    """A tree of texts; ``-> target`` is a symbolic link."""
    blobs: dict[str, bytes] = {}
    entries = []
    for path, text in files.items():
        link = text.startswith("-> ")
        data = (text[3:] if link else text).encode()
        oid = sha1(data).hexdigest()
        blobs[oid] = data
        entries.append(Entry(path, LINK if link else REGULAR, oid))

    def read(oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return ((oid, blobs[oid]) for oid in oids if oid in blobs)

    return Tree(entries, read)


@pytest.fixture
def store(tmp_path: Path, request: pytest.FixtureRequest) -> ModuleCache:
    """A module cache with the files that the test's module calls CACHE."""
    for name, text in request.module.CACHE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return ModuleCache(tmp_path)


@pytest.fixture
def make_tree() -> MakeTree:
    return memory_tree


@pytest.fixture
def make_graph() -> Callable[..., Graph]:
    def make(files: Mapping[str, str], **options: object) -> Graph:
        return load(memory_tree(files), **options)  # type: ignore[arg-type]

    return make


@pytest.fixture
def make_view(make_graph: Callable[..., Graph]) -> Callable[..., View]:
    def make(files: Mapping[str, str], *tags: str, context: str = "", cgo: bool = True) -> View:
        graph = make_graph(files)
        configuration = Configuration(
            goos="linux", goarch="amd64", cgo=cgo, release=26, tags=frozenset(tags)
        )
        found = next(c for c in graph.contexts if c.dir == context)
        return graph.view(configuration, found)

    return make
