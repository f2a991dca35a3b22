"""The disk cache: warm equals cold, damage is dropped, nothing is half written."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from gomanager.golang.cache import HeaderCache
from gomanager.golang.graph import Graph, load
from gomanager.golang.tree import LINK, SUBMODULE, Entry, Tree

FILES = {
    "go.mod": "module example.com/m\n\ngo 1.26\n",
    "a/a.go": 'package a\n// #include "x.h"\nimport "C"\nimport _ "example.com/m/b"\n',
    "a/a_test.go": "package a\nfunc TestA(t *testing.T) {}\n",
    "b/b.go": "//go:build linux\n\npackage b\n",
    "link.go": "-> b/b.go",
}
MakeTree = Callable[..., Tree]


def facts(graph: Graph) -> object:
    return [(place, package.groups, package.files) for place, package in graph.packages.items()]


@pytest.fixture
def reads(make_tree: MakeTree) -> tuple[Tree, list[str]]:
    """A tree that notes the blobs that are read of it."""
    tree = make_tree(FILES)
    inner, asked = tree.read, []

    def read(oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for oid, data in inner(oids):
            asked.append(oid)
            yield oid, data

    return Tree(tree.entries, read), asked


def test_warm_equals_cold(reads: tuple[Tree, list[str]], tmp_path: Path) -> None:
    tree, asked = reads
    path = tmp_path / "deep" / "graph.cache"
    cold = facts(load(tree, HeaderCache(path)))
    assert asked
    asked.clear()
    cache = HeaderCache(path)
    assert facts(load(Tree(tree.entries, tree.read), cache)) == cold
    assert not asked
    assert cache.broken is None
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("damage", ["cut", "flip", "foreign", "empty", "other version"])
def test_damage_is_dropped_and_said(
    reads: tuple[Tree, list[str]], tmp_path: Path, damage: str
) -> None:
    tree, _ = reads
    path = tmp_path / "graph.cache"
    cold = facts(load(tree, HeaderCache(path)))
    data = path.read_bytes()
    path.write_bytes(
        {
            "cut": data[:-10],
            "flip": data[:-10] + bytes([data[-10] ^ 1]) + data[-9:],
            "foreign": b"PK\x03\x04",
            "empty": b"",
            "other version": data.replace(b"graph-", b"graph-0", 1),
        }[damage]
    )
    cache = HeaderCache(path)
    assert (cache.broken is None) is (damage == "other version")
    assert facts(load(Tree(tree.entries, tree.read), cache)) == cold
    assert HeaderCache(path).broken is None


def test_a_folder_in_its_place_costs_time_only(make_tree: MakeTree, tmp_path: Path) -> None:
    cache = HeaderCache(tmp_path)
    assert "cannot be read" in str(cache.broken)
    load(make_tree(FILES), cache)
    assert not list(tmp_path.iterdir())


def test_blobs_that_are_not_at_hand_are_not_remembered(make_tree: MakeTree, tmp_path: Path) -> None:
    whole = make_tree(FILES)
    path = tmp_path / "graph.cache"
    missing = whole.files["a/a.go"].oid

    def read(oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return ((oid, data) for oid, data in whole.read(oids) if oid != missing)

    torn = load(Tree(whole.entries, read), HeaderCache(path))
    assert "not at hand" in torn.packages["a"].files[0].header.problem
    healed = load(Tree(whole.entries, whole.read), HeaderCache(path))
    assert not healed.packages["a"].files[0].header.problem


@pytest.mark.parametrize(
    ("path", "leads"),
    [
        ("dir/file", "real/file"),
        ("one", "real/file"),
        ("two", "real/file"),
        ("loop", None),
        ("out", None),
        ("absolute", None),
        ("real/up/real/file", "real/file"),
        ("plain", "plain"),
    ],
)
def test_links_are_resolved_inside_the_tree(
    make_tree: MakeTree, path: str, leads: str | None
) -> None:
    tree = make_tree({
        "real/file": "x", "dir": "-> real", "one": "-> dir/file", "two": "-> ./one",
        "loop": "-> loop", "out": "-> ../x", "absolute": "-> /etc", "real/up": "-> ..",
        "plain": "p",
    })  # fmt: skip
    assert tree.resolve(path) == leads


def test_content_follows_links(make_tree: MakeTree) -> None:
    tree = make_tree({"a": "x", "b": "-> a", "c": "-> gone"})
    assert tree.content("b") == b"x"
    assert tree.content("c") is None
    assert Tree([Entry("s", SUBMODULE, "00")], tree.read).content("s") is None


def test_changed_tree(make_tree: MakeTree) -> None:
    tree = make_tree({"a": "x", "b": "y"})
    other = tree.changed({"a": None, "c": Entry("c", LINK, "1"), "b": Entry("b", LINK, "2")})
    assert {entry.path: entry.oid for entry in other.entries} == {"c": "1", "b": "2"}
