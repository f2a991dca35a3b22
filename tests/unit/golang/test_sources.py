"""Third-party code in fingerprints: of each package just the modules that it is made of."""

from collections.abc import Callable, Mapping

import pytest
from msgspec.structs import replace

from gomanager.golang.constraints import Configuration
from gomanager.golang.fingerprint import Fingerprints
from gomanager.golang.graph import Graph
from gomanager.golang.modcache import ModuleCache
from gomanager.golang.modules import files_of

MakeGraph = Callable[..., Graph]

LINUX = Configuration(goos="linux", goarch="amd64", cgo=True, release=26, tags=frozenset())
GOMOD = """module example.com/m
go 1.26
require (
\ta.org/a v1.0.0
\tb.org/b v1.0.0
\tc.org/c v1.0.0
\td.org/d v1.0.0
)
"""
GOSUM = "".join(
    f"{one}.org/{one} v1.0.0{end} h1:{one}=\n" for one in "abcd" for end in ("", "/go.mod")
)
FILES = {
    "go.mod": GOMOD,
    "go.sum": GOSUM,
    "a/a.go": 'package a\nimport _ "a.org/a"\n',
    "a/a_test.go": "package a\n",
    "b/b_test.go": 'package b\nimport _ "b.org/b"\n',
    "c/c_test.go": 'package c\nimport _ "c.org/c/deep"\n',
    "n/n_test.go": "package n\n",
}
"""a.org/a imports b.org/b; nobody imports d.org/d."""
CACHE = {
    "a.org/a@v1.0.0/a.go": 'package a\nimport _ "b.org/b"\n',
    "a.org/a@v1.1.0/a.go": "package a\n",
    "b.org/b@v1.0.0/b.go": "package b\n",
    "b.org/b@v1.1.0/b.go": "package b\n",
    "c.org/c@v1.0.0/deep/deep.go": "package deep\n",
    "d.org/d@v1.0.0/d.go": "package d\n",
}


def prints(graph: Graph, store: ModuleCache | None) -> dict[str, str | None]:
    view = replace(graph, store=store).view(LINUX)
    files = {m.dir: files_of(view.graph.tree, m) for m in view.context.mains}
    found = Fingerprints(view, phase="", files=files)
    return {place: found.of(place) for place in view.tested}


def mod(old: str, new: str) -> Mapping[str, str]:
    return {"go.mod": GOMOD.replace(old, new)}


@pytest.mark.parametrize(
    ("edits", "places"),
    [
        (mod("d.org/d v1.0.0", "d.org/d v1.1.0"), set()),  # D3: nobody imports it
        (mod("\td.org/d v1.0.0\n", ""), set()),
        (mod("a.org/a v1.0.0", "a.org/a v1.1.0"), {"a"}),
        (mod("b.org/b v1.0.0", "b.org/b v1.1.0"), {"a", "b"}),
        (mod(")", "\tc.org/c/deep v1.0.0\n)"), {"c"}),  # D1: a longer path may hold it
        (mod(")", "\tc.org v1.0.0\n)"), {"c"}),  # D1: ambiguous, if it holds it too
        (mod(")", ")\nreplace b.org/b => b.org/b v1.1.0"), {"a", "b"}),
        (mod(")", ")\nreplace d.org/d => d.org/d v1.1.0"), set()),
        (mod(")", ")\nexclude d.org/d v1.2.0"), {"a", "b", "c"}),
        ({"go.sum": GOSUM.replace("b.org/b v1.0.0 h1:b=", "b.org/b v1.0.0 h1:x=")}, {"a", "b"}),
        ({"go.sum": GOSUM.replace("a.org/a v1.0.0/go.mod h1:a=\n", "")}, {"a"}),
        ({"go.sum": GOSUM.replace("d.org/d v1.0.0 h1:d=\n", "")}, set()),
        (mod("go 1.26", "go 1.25"), {"a", "b", "c", "n"}),
    ],
)
def test_d1_d3_d5_d8_what_an_edit_changes(
    make_graph: MakeGraph, store: ModuleCache, edits: Mapping[str, str], places: set[str]
) -> None:
    before, after = prints(make_graph(FILES), store), prints(make_graph({**FILES, **edits}), store)
    assert {place for place in before if before[place] != after[place]} == places


def test_d1_what_is_not_at_hand_stands_for_the_whole_build_list(
    make_graph: MakeGraph, store: ModuleCache
) -> None:
    (store.root / "b.org/b@v1.0.0/b.go").unlink()
    (store.root / "b.org/b@v1.0.0").rmdir()
    edits = mod("d.org/d v1.0.0", "d.org/d v1.1.0")
    before, after = prints(make_graph(FILES), store), prints(make_graph({**FILES, **edits}), store)
    assert {place for place in before if before[place] != after[place]} == {"a", "b"}
    before, after = prints(make_graph(FILES), None), prints(make_graph({**FILES, **edits}), None)
    assert {place for place in before if before[place] != after[place]} == {"a", "b", "c"}


@pytest.mark.parametrize("line", ["go 1.16", "go 1.26"])
def test_d7_only_where_go_mod_lists_what_is_built(
    make_graph: MakeGraph, store: ModuleCache, line: str
) -> None:
    old = {**FILES, **mod("go 1.26", line)}
    new = {**old, "go.mod": old["go.mod"].replace("d.org/d v1.0.0", "d.org/d v1.1.0")}
    before, after = prints(make_graph(old), store), prints(make_graph(new), store)
    assert {p for p in before if before[p] != after[p]} == (
        set() if line == "go 1.26" else {"a", "b", "c", "n"}
    )
