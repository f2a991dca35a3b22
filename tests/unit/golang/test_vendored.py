"""Vendored code is read on demand, and a search stands in for reading it."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from gomanager.golang.cache import HeaderCache
from gomanager.golang.constraints import Configuration
from gomanager.golang.graph import Graph, load
from gomanager.golang.memo import Memo
from gomanager.golang.reach import Seed
from gomanager.golang.tree import REGULAR, Entry, Tree

FILES = {
    "go.mod": "module example.com/m\n\ngo 1.22\n\nrequire x.com/d v1.0.0\n",
    "a/a.go": "package a\n",
    "b/b.go": 'package b\n\nimport _ "x.com/d"\n',
    "vendor/modules.txt": "# x.com/d v1.0.0\n## explicit\nx.com/d\n",
    "vendor/x.com/d/d.go": "package d\n",
}
BACK = {**FILES, "vendor/x.com/d/d.go": 'package d\n\nimport _ "example.com/m/a"\n'}
Lines = list[tuple[str, str]]
MakeTree = Callable[..., Tree]


def watched(tree: Tree, lines: Lines | None) -> tuple[Tree, list[str], list[tuple[str, ...]]]:
    """The tree, ids of blobs that are read of it, and words that are searched in it."""
    read: list[str] = []
    searched: list[tuple[str, ...]] = []

    def reader(oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for oid, data in tree.read(oids):
            read.append(oid)
            yield oid, data

    def search(words: Iterable[str], below: str) -> Callable[[], Lines | None]:
        searched.append((*words, below))
        return lambda: lines

    other = Tree(tree.entries, reader)
    other.searcher = search
    return other, read, searched


def reached(graph: Graph, place: str) -> set[str]:
    view = graph.view(Configuration(goos="linux", goarch="amd64", cgo=True, release=26))
    return set(view.reach([Seed(place)]).lib)


def test_a_search_that_finds_nothing_spares_the_reading(make_tree: MakeTree) -> None:
    tree, read, searched = watched(make_tree(FILES), [])
    assert reached(load(tree), "a") == {"a"}
    assert searched == [("example.com/m", "vendor")]
    assert tree.files["vendor/x.com/d/d.go"].oid not in read


def test_a_change_of_vendored_code_reads_it(make_tree: MakeTree) -> None:
    tree, read, _ = watched(make_tree(FILES), [])
    assert reached(load(tree), "vendor/x.com/d") == {"vendor/x.com/d", "b"}
    assert tree.files["vendor/x.com/d/d.go"].oid in read


@pytest.mark.parametrize(
    "lines",
    [
        None,
        [("vendor/x.com/d/d.go", 'import _ "example.com/m/a"')],
        [("vendor/x.com/d/d.go", "import _ `example.com/m/a`")],
        [("vendor/x.com/d/d.go", "//go:linkname x example.com/m/a.x")],
    ],
)
def test_a_hit_or_no_answer_reads_it(make_tree: MakeTree, lines: Lines | None) -> None:
    tree, _, _ = watched(make_tree(BACK), lines)
    assert reached(load(tree), "a") == {"a", "vendor/x.com/d", "b"}


@pytest.mark.parametrize(
    "line",
    [("vendor/x.com/d/d.go", "// see example.com/m"), ("vendor/x.com/d/a.md", '"example.com/m"')],
)
def test_words_about_the_module_are_no_hit(make_tree: MakeTree, line: tuple[str, str]) -> None:
    tree, read, _ = watched(make_tree(FILES), [line])
    assert reached(load(tree), "a") == {"a"}
    assert tree.files["vendor/x.com/d/d.go"].oid not in read


def test_the_search_does_not_speak_for_what_differs(make_tree: MakeTree) -> None:
    tree, _, searched = watched(make_tree(FILES), [])
    changed = make_tree(BACK).files["vendor/x.com/d/d.go"]
    other = make_tree(BACK)
    later = tree.changed({changed.path: changed})
    later.read = other.read
    assert reached(load(later), "a") == {"a", "vendor/x.com/d", "b"}
    assert not searched


def test_its_answer_is_kept_by_content(make_tree: MakeTree, tmp_path: Path) -> None:
    memo = Memo()
    tree, _, searched = watched(make_tree(FILES), [])
    reached(load(tree, memo=memo), "a")
    reached(load(tree, memo=memo), "a")
    assert len(searched) == 1
    back, _, asked = watched(make_tree(BACK), None)
    assert reached(load(back, memo=memo), "a") == {"a", "vendor/x.com/d", "b"}
    assert len(asked) == 1
    cache = HeaderCache(tmp_path / "graph")
    assert reached(load(back, cache, memo=memo), "a") == {"a", "vendor/x.com/d", "b"}


def test_the_kept_answer_is_about_what_was_read_as_well(
    make_tree: MakeTree, tmp_path: Path
) -> None:
    """The same code is unread twice, beside other code that is at hand."""
    more = {"vendor/x.com/d/e/e.go": "package e\n"}
    memo, cache = Memo(), HeaderCache(tmp_path / "graph")
    for files in (BACK, FILES):
        reached(load(watched(make_tree(files), None)[0], cache, memo=memo), "a")
    plain, _, _ = watched(make_tree({**FILES, **more}), [])
    assert reached(load(plain, cache, memo=memo), "a") == {"a"}
    both, _, _ = watched(make_tree({**BACK, **more}), None)
    assert reached(load(both, cache, memo=memo), "a") == {"a", "vendor/x.com/d", "b"}


def test_a_module_without_a_name_is_not_searched(make_tree: MakeTree) -> None:
    tree, _, searched = watched(make_tree({**FILES, "go.mod": "go 1.22\n"}), [])
    load(tree)
    assert not searched


def test_entries_are_in_one_order(make_tree: MakeTree) -> None:
    tree = make_tree(FILES)
    added = tree.changed({"a/0.go": Entry("a/0.go", REGULAR, "1"), "b/b.go": None})
    assert [entry.path for entry in added.entries] == sorted([*(set(FILES) - {"b/b.go"}), "a/0.go"])
    assert "b" not in added.folders
