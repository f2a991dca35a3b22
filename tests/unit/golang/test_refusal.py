"""What the go command refuses as a whole, whatever is asked of it."""

from collections.abc import Callable

import pytest

from gomanager.golang.clashes import Clashes
from gomanager.golang.fingerprint import Fingerprints
from gomanager.golang.graph import Graph
from gomanager.golang.modules import files_of
from gomanager.golang.refusal import refusal
from gomanager.golang.versions import misfit, order
from gomanager.golang.view import View

MakeGraph = Callable[..., Graph]
MakeView = Callable[..., View]

MOD = "module example.com/m\ngo 1.22\nrequire a.com/a v1.0.0\n"
SUMS = "a.com/a v1.0.0 h1:a=\na.com/a v1.0.0/go.mod h1:b=\n"
TREE = {"go.mod": MOD, "go.sum": SUMS, "p/p.go": "package p\n", "p/p_test.go": "package p\n"}
WORK = {
    "go.work": "go 1.22\nuse .\nuse ./sub\n",
    "go.mod": "module example.com/m\ngo 1.22\n",
    "sub/go.mod": "module example.com/sub\ngo 1.22\n",
    "p/p_test.go": "package p\n",
}
LISTED = "# a.com/a v1.0.0\n## explicit; go 1.20\na.com/a\n"
VENDORED = {**TREE, "vendor/modules.txt": LISTED, "vendor/a.com/a/a.go": "package a\n"}


def why(graph: Graph, minor: int = 27) -> tuple[str, str]:
    found = refusal(graph.contexts[0], graph, minor)
    return ("", "") if found is None else found


@pytest.mark.parametrize(
    ("path", "version", "good"),
    [
        ("a.com/a", "v1.2.3", True),
        ("a.com/a", "v0.0.0-20200101000000-abcdefabcdef", True),
        ("a.com/a", "v1.0.0-rc.1", True),
        ("a.com/a", "v1.0.0-01a", True),
        ("a.com/a", "v1.0.0-01", False),
        ("a.com/a", "v1.00.0", False),
        ("a.com/a", "v1.0", False),
        ("a.com/a", "1.0.0", False),
        ("a.com/a", "latest", False),
        ("a.com/a", "v1.0.0+meta", False),
        ("a.com/a", "v2.0.0", False),
        ("a.com/a", "v2.0.0+incompatible", True),
        ("a.com/a/v2", "v2.0.0", True),
        ("a.com/a/v2", "v1.0.0", False),
        ("a.com/a/v2", "v0.0.0-20200101000000-abcdefabcdef", False),
        ("a.com/a/v1", "v1.0.0", False),
        ("a.com/a/v02", "v2.0.0", False),
        ("a.com/a/v2.3", "v2.0.0", False),
        ("gopkg.in/y.v1", "v1.0.0", True),
        ("gopkg.in/y.v1", "v0.0.0-20200101000000-abcdefabcdef", True),
        ("gopkg.in/y.v1", "v0.1.0", False),
        ("gopkg.in/y.v0", "v0.1.0", True),
        ("gopkg.in/y.v2", "v2.0.0+incompatible", True),
        ("gopkg.in/y.v1-unstable", "v1.0.0", True),
        ("gopkg.in/y", "v1.0.0", False),
        ("gopkg.in/y.v1", "v0.0.0-gopkgin-v1.0.0", True),
    ],
)
def test_d1_versions_that_go_takes_as_they_stand(path: str, version: str, good: bool) -> None:
    assert (misfit(path, version) == "") is good


def test_d1_order_of_versions() -> None:
    versions = ["v1.10.0", "v1.9.0", "v1.2.0", "v1.2.0-rc.10", "v1.2.0-rc.2"]
    assert sorted(versions, key=order, reverse=True) == versions


@pytest.mark.parametrize(
    ("more", "row"),
    [
        ("exclude a.com/a v1.0.0", "D10"),
        ("exclude a.com/a v1.1.0", ""),
        ("exclude a.com/a v1", "D10"),
        ("retract v0.1.0", ""),
        ("retract [v0.2.0, v0.1.0]", ""),
        ("retract v2.0.0", "D10"),
        ("require b.com/b latest", "D1"),
        ("require b.com/b v2.0.0", "D1"),
        ("require a.com/a v1.0.0", ""),
        ("require a.com/a v1.1.0", "D1"),
        ("require go v1.22.0", "D1"),
        ("require fmt v1.0.0", "D1"),
        ("require lib v1.0.0\nreplace lib => ./lib", ""),
        ("replace b.com/b => b.com/c v1.0.0\nreplace b.com/b => b.com/c v1.0.0", ""),
        ("replace b.com/b => b.com/c v1.0.0\nreplace b.com/b => b.com/c v1.1.0", "D11"),
        ("replace b.com/b => b.com/c", "D11"),
        ("replace b.com/b => ./c v1.0.0", "D11"),
        ("replace b.com/b => b.com/c v2.0.0", "D8"),
        ("replace b.com/b v1 => b.com/c v1.0.0", "D8"),
        ("replace b.com/b => ./nowhere", ""),
        ("module example.com/m", "D11"),
        ("go 1.23", "D11"),
        ("use ./sub", "D11"),
        ("tool a.com/a b", "D11"),
        ("tool a.com/a\ntool a.com/a", ""),
        ("foo bar", "D11"),
    ],
)
def test_d1_d8_d10_d11_values_that_stop_a_module(
    make_graph: MakeGraph, more: str, row: str
) -> None:
    assert why(make_graph({**TREE, "go.mod": f"{MOD}{more}\n"}))[0] == row


def test_d15_directives_of_later_releases(make_graph: MakeGraph) -> None:
    graph = make_graph({**TREE, "go.mod": f"{MOD}ignore ./x\n"})
    assert why(graph, 25) == ("", "")
    assert why(graph, 0) == ("", "")
    assert why(graph, 24) == ("D11", "go.mod: ignore is not known to go 1.24")


@pytest.mark.parametrize(
    ("sums", "reason"),
    [
        (SUMS, ""),
        (SUMS + "\n \r\n", ""),
        (SUMS + "<<<<<<< HEAD\n", "go.sum: line 3 is no hash of a module"),
        (SUMS + "b.com/b v1.0.0 h1:a= x\n", "line 3"),
        (SUMS + "garbage\n", "line 3"),
    ],
)
def test_d5_a_line_that_is_no_hash(make_graph: MakeGraph, sums: str, reason: str) -> None:
    row, text = why(make_graph({**TREE, "go.sum": sums}))
    assert reason in text
    assert (row == "D5") is bool(reason)
    assert why(make_graph({**VENDORED, "go.sum": sums})) == ("", "")
    nothing = "module example.com/m\ngo 1.22\n"
    assert why(make_graph({**TREE, "go.sum": sums, "go.mod": nothing})) == ("", "")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, ""),
        ({"sub/go.mod": "module example.com/sub\ngo 1.23\n"}, "needs go 1.23, it says 1.22"),
        ({"sub/go.mod": "module example.com/sub\ngo 1.22rc1\n"}, "needs go 1.22rc1"),
        ({"go.work": "use .\nuse ./sub\n"}, "it says nothing"),
        ({"sub/go.mod": "module example.com/m\ngo 1.22\n"}, "example.com/m is in it twice"),
        ({"sub/go.mod": "module example.com/sub\nrequire (\n"}, "it uses sub: "),
        ({"go.work": WORK["go.work"] + "use ./gone\n"}, "it uses gone, which has no go.mod"),
        ({"go.work": WORK["go.work"] + "use ../gone\n"}, ""),
        ({"go.work": WORK["go.work"] + "use ./sub\n"}, "is used twice"),
        ({"go.work": WORK["go.work"] + "use ./p/../sub/\n"}, "is used twice"),
        ({"go.work": WORK["go.work"] + "require a.com/a v1.0.0\n"}, "directives of a go.mod"),
        ({"go.work": WORK["go.work"] + "foo bar\n"}, "unknown directive foo bar"),
        ({"go.work": WORK["go.work"] + "replace example.com/m => ./p\n"}, "which it uses"),
        ({"go.work": "use (\n"}, "go.work: the use block does not end"),
        ({"go.work.sum": "garbage\n"}, "go.work.sum: line 1"),
        ({"sub/go.sum": "garbage\n"}, "sub/go.sum: line 1"),
        ({"sub/go.mod": WORK["sub/go.mod"] + "require a.com/a v2.0.0\n"}, "major version"),
    ],
)
def test_d16_a_workspace_that_does_not_fit(
    make_graph: MakeGraph, change: dict[str, str], reason: str
) -> None:
    text = why(make_graph({**WORK, **change}))[1]
    assert reason in text
    assert bool(reason) is bool(text)


def test_d16_old_modules_fit_an_older_workspace(make_graph: MakeGraph) -> None:
    files = {
        "go.work": "go 1.18\nuse ./sub\n",
        "sub/go.mod": "module example.com/sub\ngo 1.20\n",
        "sub/p_test.go": "package p\n",
    }
    assert why(make_graph(files)) == ("", "")


@pytest.mark.parametrize(
    ("first", "second", "work", "refused"),
    [
        ("b.com/b v1.0.0", "b.com/b v1.1.0", "", True),
        ("b.com/b v1.0.0", "b.com/b v1.0.0", "", False),
        ("./lib", "../lib", "", False),
        ("./lib", "./lib", "", True),
        ("b.com/b v1.0.0", "b.com/b v1.1.0", "replace x.com/x => b.com/b v1.0.0\n", False),
    ],
)
def test_d16_replacements_of_two_modules(
    make_graph: MakeGraph, first: str, second: str, work: str, refused: bool
) -> None:
    files = {
        **WORK,
        "go.work": WORK["go.work"] + work,
        "go.mod": WORK["go.mod"] + f"replace x.com/x => {first}\n",
        "sub/go.mod": WORK["sub/go.mod"] + f"replace x.com/x => {second}\n",
    }
    assert bool(why(make_graph(files))[1]) is refused


@pytest.mark.parametrize(
    ("mod", "listed", "refused"),
    [
        (MOD, LISTED, False),
        (MOD.replace("v1.0.0", "v1.1.0"), LISTED, True),
        (MOD + "require b.com/b v1.0.0\n", LISTED, True),
        (MOD.replace("require a.com/a v1.0.0\n", ""), LISTED, True),
        (MOD, LISTED.replace("explicit; ", ""), True),
        (MOD, LISTED + "# b.com/b v1.0.0\n## explicit\n", False),
        (MOD, LISTED + "# b.com/b v1.0.0\n## explicit\nb.com/b\n", True),
        (MOD, LISTED + "# b.com/b v1.0.0\nb.com/b\n", True),
        (MOD, LISTED + "# b.com/b => b.com/c v1.0.0\n", True),
        (MOD + "replace b.com/b => b.com/c v1.0.0\n", LISTED, True),
        (MOD + "replace b.com/b => ./c\n", LISTED + "# b.com/b => ./c\n", False),
        (MOD + "replace b.com/b => ./c\n", LISTED + "# b.com/b => ./d\n", True),
        (MOD, "", True),
        (MOD.replace("1.22", "1.16"), LISTED + "# b.com/b v1.0.0\nb.com/b\n", False),
    ],
)
def test_c24_vendor_and_go_mod_disagree(
    make_graph: MakeGraph, mod: str, listed: str, refused: bool
) -> None:
    row, text = why(make_graph({**VENDORED, "go.mod": mod, "vendor/modules.txt": listed}))
    assert (row == "C24") is bool(text) is refused


def test_d8_a_workspace_links_a_folder_without_go_mod(make_graph: MakeGraph) -> None:
    mod = WORK["go.mod"] + "require a.com/a v1.0.0\nreplace a.com/a => ./p\n"
    assert why(make_graph({**WORK, "go.mod": mod})) == (
        "D8",
        "a.com/a is replaced by ./p, which has no go.mod",
    )


def test_d4_a_linked_module_that_is_not_required(make_view: MakeView) -> None:
    lib = {"lib/go.mod": "module l.com/l\ngo 1.20\n", "lib/l.go": "package l\n"}
    uses = {"u/u_test.go": 'package u\nimport _ "l.com/l"\n'}
    links = MOD + "replace l.com/l => ./lib\n"
    one = {**TREE, **lib, **uses, "go.mod": links + "require l.com/l v1.0.0\n"}
    old, new = prints(make_view(one)), prints(make_view({**one, "go.mod": links}))
    assert {place for place in old if old[place] != new[place]} == {"u"}


def prints(view: View) -> dict[str, str | None]:
    files = {m.dir: files_of(view.graph.tree, m) for m in view.context.mains}
    found = Fingerprints(view, phase="", files=files)
    return {place: found.of(place) for place in view.tested}


@pytest.mark.parametrize(
    "change",
    [
        {"go.mod": MOD + "exclude a.com/a v1.0.0\n"},
        {"go.mod": MOD + "require b.com/b latest\n"},
        {"go.sum": "garbage\n"},
        {"go.mod": MOD + "require example.com v1.0.0\n"},
    ],
)
def test_d1_d3_d5_d10_no_fingerprint_for_what_go_refuses(
    make_view: MakeView, change: dict[str, str]
) -> None:
    assert prints(make_view(TREE))["p"] is not None
    assert prints(make_view({**TREE, **change}))["p"] is None


def test_d3_a_module_around_ours_is_part_of_the_fingerprint(make_view: MakeView) -> None:
    mod = MOD + "require example.com v1.0.0\n"
    sums = SUMS + "example.com v1.0.0 h1:a=\n"
    found = {
        prints(make_view({**TREE, "go.mod": text, "go.sum": sums}))["p"]
        for text in (MOD, mod, mod.replace("com v1.0.0\n", "com v1.0.1\n"))
    }
    assert len(found) == 3


def test_d3_third_party_code_without_a_hash_has_no_fingerprint(make_view: MakeView) -> None:
    files = {**TREE, "s/s_test.go": 'package s\nimport _ "a.com/a/deep"\n'}
    assert prints(make_view(files))["s"] is not None
    assert prints(make_view({**files, "go.sum": ""}))["s"] is None
    shorter = {**files, "go.mod": MOD + "require a.com v1.0.0\n"}
    assert prints(make_view(shorter))["s"] is None
    assert prints(make_view(shorter))["p"] is not None


def test_d7_below_1_17_every_hash_is_part_of_the_fingerprint(make_view: MakeView) -> None:
    old = {**TREE, "go.mod": MOD.replace("1.22", "1.16")}
    more = {**old, "go.sum": SUMS + "b.com/b v1.0.0/go.mod h1:c=\n"}
    assert prints(make_view(old))["p"] != prints(make_view(more))["p"]
    new = {**TREE, "go.sum": SUMS + "b.com/b v1.0.0/go.mod h1:c=\n"}
    assert prints(make_view(TREE))["p"] == prints(make_view(new))["p"]


@pytest.mark.parametrize(
    ("module", "path", "expected"),
    [
        ("a.com/a", "a.com/a/x", True),
        ("a.com/a", "a.com/ab", False),
        ("hashless.com", "hashless.com/x", True),
        ("lib.com", "lib.com/x", True),
        ("lib.com", "lib.com/y", False),
        ("out.com", "out.com/x", True),
        ("none.com", "none.com/x", False),
    ],
)
def test_d1_d3_modules_that_may_hold_a_package(
    make_graph: MakeGraph, module: str, path: str, expected: bool
) -> None:
    lines = "".join(f"require {one} v1.0.0\n" for one in ("hashless.com", "lib.com", "out.com"))
    mod = f"{MOD}{lines}replace lib.com => ./lib\nreplace out.com => ../out\n"
    files = {**TREE, "go.mod": mod, "lib/go.mod": "module lib.com\n", "lib/x/x.go": "package x\n"}
    graph = make_graph(files)
    side = files_of(graph.tree, graph.module_by_dir[""])
    clashes = Clashes("", side, graph.tree, lambda _module, _version, _inner: None)
    assert clashes.may_hold(module, path) is expected
    empty = Clashes("", side, graph.tree, lambda _module, _version, _inner: False)
    assert empty.may_hold("a.com/a", "a.com/a/x") is False


LINKED = {
    **TREE,
    "lib/go.mod": "module lib.com/lib\ngo 1.22\n",
    "lib/l.go": "package lib\n",
    "s/s_test.go": 'package s\nimport _ "lib.com/lib"\n',
    "go.mod": MOD + "require lib.com/lib v1.0.0\nreplace lib.com/lib => ./lib\n",
}


def test_d8_a_linked_module_counts_where_it_is_used(make_view: MakeView) -> None:
    lib = {name.replace("lib/", "lib2/"): text for name, text in LINKED.items() if "lib/" in name}
    moved = {**LINKED, **lib, "go.mod": LINKED["go.mod"].replace("./lib", "./lib2")}
    gone = {**LINKED, "go.mod": MOD}
    old, new, without = (prints(make_view(files)) for files in (LINKED, moved, gone))
    assert old["p"] == new["p"] == without["p"]
    assert len({old["s"], new["s"], without["s"]}) == 3


def test_d8_two_modules_of_the_tree_hold_a_package(make_view: MakeView) -> None:
    mod = LINKED["go.mod"].replace("lib.com/lib", "example.com")
    files = {**LINKED, "go.mod": mod, "lib/go.mod": "module example.com\n"}
    assert prints(make_view(files))["p"] is not None
    assert prints(make_view({**files, "lib/m/p/p.go": "package p\n"}))["p"] is None


def test_d7_what_a_linked_module_requires_counts_below_1_17(make_view: MakeView) -> None:
    old = {
        **LINKED,
        "go.mod": LINKED["go.mod"].replace("1.22", "1.16"),
        "lib/go.mod": "module lib.com/lib\ngo 1.16\n",
        "t/t_test.go": 'package t\nimport _ "a.com/a"\n',
    }
    new = {**old, "lib/go.mod": "module lib.com/lib\ngo 1.16\nrequire b.com/b v1.0.0\n"}
    assert prints(make_view(old))["t"] != prints(make_view(new))["t"]


@pytest.mark.parametrize("version", ["latest", "v2.0.0"])
def test_d9_a_linked_module_with_a_go_mod_that_go_does_not_take(
    make_view: MakeView, version: str
) -> None:
    lib = f"{LINKED['lib/go.mod']}require b.com/b {version}\n"
    found = prints(make_view({**LINKED, "lib/go.mod": lib}))
    assert found["s"] is None
    assert found["p"] is not None
