"""Fingerprints differ where, and only where, a test binary or its data differ."""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gomanager.golang.components import components
from gomanager.golang.fingerprint import Fingerprints
from gomanager.golang.modules import files_of
from gomanager.golang.reach import Seed
from gomanager.golang.view import View

MakeView = Callable[..., View]

GOMOD = "module example.com/m\n\ngo 1.26\n\nrequire x.com/x v1.0.0\n"
FILES = {
    "go.mod": GOMOD,
    "go.sum": "x.com/x v1.0.0 h1:X=\n",
    "a/a.go": "package a\n//go:embed data\nvar s string\n",
    "a/data/x": "x",
    "a/a_test.go": "package a\nfunc TestA(t *testing.T) {}\n",
    "a/a_windows.go": "package a\n",
    "a/testdata/in.json": "{}",
    "b/b.go": 'package b\nimport _ "example.com/m/a"\n',
    "b/b_test.go": "package b\n",
    "c/c_test.go": 'package c_test\nimport _ "example.com/m/h"\n',
    "h/h.go": "package h\n",
    "x/x.go": 'package x\nimport _ "x.com/x"\n',
    "x/x_test.go": "package x\n",
    "n/n_test.go": "package n\n",
    "e/e_test.go": (
        'package e\nimport "os/exec"\nvar c = exec.Command("go", "test", "example.com/m/c")\n'
    ),
    "cmd/widget/main.go": 'package main\nimport _ "example.com/m/w"\n',
    "w/w.go": "package w\n",
    "run/r_test.go": 'package run\nimport "os/exec"\nvar c = exec.Command("../bin/widget")\n',
    "docs/x.md": "x",
}


def fingerprints(view: View, phase: str = "unit") -> dict[str, str | None]:
    graph = view.graph
    files = {main.dir: files_of(graph.tree, main) for main in view.context.mains}
    prints = Fingerprints(view, phase=phase, files=files, inert=lambda p: p.endswith(".md"))
    return {place: prints.of(place) for place in view.tested}


def changed(make_view: MakeView, edits: Mapping[str, str | None]) -> set[str]:
    after = {**FILES, **edits}
    old = fingerprints(make_view(FILES))
    new = fingerprints(make_view({p: t for p, t in after.items() if t is not None}))
    return {place for place in old.keys() | new.keys() if old.get(place) != new.get(place)}


@pytest.mark.parametrize(
    ("edits", "places"),
    [
        ({}, set()),
        ({"a/a.go": FILES["a/a.go"] + "\n"}, {"a", "b"}),
        ({"a/data/x": "y"}, {"a", "b"}),
        ({"a/data/new": "y"}, {"a", "b"}),
        ({"a/a_test.go": "package a\n"}, {"a"}),
        ({"a/testdata/in.json": "[]"}, {"a"}),
        ({"a/notes.txt": "new"}, {"a"}),
        ({"a/README.md": "new"}, set()),
        ({"a/a_windows.go": None}, set()),
        ({"a/a_amd64.s": "TEXT"}, {"a", "b"}),
        ({"a/a_arm64.s": "TEXT"}, {"a"}),  # not compiled, but a file beside the tests (C16)
        ({"h/h.go": "package h\n\n"}, {"c", "e"}),  # e runs the tests of c (row 9b)
        ({"c/c_test.go": "package c_test\n"}, {"c", "e"}),
        ({"c/testdata/x": "y"}, {"c", "e"}),
        # run starts what is built of it (A24); e may build any program
        ({"w/w.go": "package w\n\n"}, {"run", "e"}),
        ({"docs/x.md": "y"}, set()),
        ({"go.mod": GOMOD.replace("v1.0.0", "v1.1.0")}, {"x"}),
        ({"go.mod": GOMOD + "// c\n"}, set()),
        ({"go.sum": "x.com/x v1.0.0 h1:Y=\n"}, {"x"}),
        ({"go.sum": FILES["go.sum"] + "y.com/y v1.0.0 h1:Y=\n"}, set()),
        ({"go.mod": GOMOD.replace("1.26", "1.27")}, {"a", "b", "c", "e", "n", "run", "x"}),
    ],
)
def test_what_an_edit_changes(
    make_view: MakeView, edits: Mapping[str, str | None], places: set[str]
) -> None:
    assert changed(make_view, edits) == places


def test_the_phase_is_part_of_it(make_view: MakeView) -> None:
    view = make_view(FILES)
    one, two = fingerprints(view), fingerprints(view, "other")
    assert all(one[place] != two[place] for place in one)


def test_what_cannot_be_read_has_none(make_view: MakeView) -> None:
    prints = fingerprints(make_view({**FILES, "a/a.go": "broken"}))
    assert {place for place, digest in prints.items() if digest is None} == {"a", "b"}


def test_what_starts_a_program_of_another_module_has_none(make_view: MakeView) -> None:
    files = {**FILES, "w/go.mod": "module example.com/m/w\n", "w/main.go": "package main\n"}
    starting = 'package run\nimport "os/exec"\nvar c = exec.Command("../bin/w")\n'
    prints = fingerprints(
        make_view({**files, "run/r_test.go": starting, "w/w.go": "package main\n"})
    )
    assert {place for place, digest in prints.items() if digest is None} == {"run"}


def test_revert_gives_the_fingerprint_of_before(make_view: MakeView) -> None:
    reordered = dict(sorted(FILES.items(), reverse=True))
    assert fingerprints(make_view(FILES)) == fingerprints(make_view(reordered))


_GO = sorted(path for path in FILES if path.endswith(".go"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(paths=st.sets(st.sampled_from(_GO), min_size=1, max_size=4))
def test_two_routes_agree(make_view: MakeView, paths: set[str]) -> None:
    """Code changes: the packages whose fingerprint differs are the ones that the diff reaches."""
    edits = {path: FILES[path] + "\n// edited\n" for path in paths}
    old, new = make_view(FILES), make_view({**FILES, **edits})
    before, after = fingerprints(old), fingerprints(new)
    differing = {place for place in before if before[place] != after[place]}
    seeds = [
        Seed(path.rpartition("/")[0], path.endswith("_test.go"))
        for path in paths
        if new.compiles(path)
    ]
    seeds += [more for seed in seeds if seed.test for more in new.rehearsed.get(seed.node, ())]
    assert differing == set(new.reach(seeds).tests)


_EDGES = st.dictionaries(
    st.sampled_from("abcdefg"), st.lists(st.sampled_from("abcdefg"), max_size=3), max_size=7
)


@given(_EDGES)
def test_components(edges: dict[str, list[str]]) -> None:
    found = components(edges, edges)
    order = {node: at for at, members in enumerate(found) for node in members}
    reach = {node: _forward(edges, node) for node in order}
    for node, at in order.items():
        assert all(order[target] <= at for target in edges.get(node, ()))
        together = {n for n in order if n in reach[node] and node in reach[n]} | {node}
        assert set(found[at]) == together


def _forward(edges: Mapping[str, list[str]], start: str) -> set[str]:
    seen: set[str] = set()
    queue = [start]
    while queue:
        for target in edges.get(queue.pop(), ()):
            if target not in seen:
                seen.add(target)
                queue.append(target)
    return seen


def test_a_long_chain_needs_no_deep_stack() -> None:
    edges = {str(n): [str(n + 1)] for n in range(20_000)}
    assert len(components(edges, edges)) == 20_001
