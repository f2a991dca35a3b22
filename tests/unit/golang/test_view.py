"""Edges, closures, tests and owners; ids are rows of ``docs/cases/selection.md``."""

from collections.abc import Callable
from typing import Any

import pytest

from gomanager.golang.graph import Graph
from gomanager.golang.reach import Link, Seed
from gomanager.golang.view import View

MakeView = Callable[..., View]
MakeGraph = Callable[..., Graph]

MOD = "module example.com/m\n\ngo 1.26\n"


def go(package: str, *imports: str, body: str = "") -> str:
    lines = "".join(f'import _ "{path}"\n' for path in imports)
    return f"package {package}\n\n{lines}\n{body}\n"


def test(package: str, *imports: str) -> str:
    return go(package, *imports, body="func TestA(t *testing.T) {}\n")


test.__test__ = False  # type: ignore[attr-defined]

CHAIN = {
    "go.mod": MOD,
    "a/a.go": go("a"),
    "a/a_test.go": test("a"),
    "b/b.go": go("b", "example.com/m/a"),
    "b/b_test.go": test("b"),
    "c/c.go": go("c", "example.com/m/b", "fmt", "github.com/x/y"),
    "c/c_test.go": test("c_test", "example.com/m/helper", "example.com/m/c"),
    "helper/h.go": go("helper", "testing"),
    "d/d.go": go("d", "example.com/m/c"),
    "d/d_test.go": test("d"),
    "cmd/main.go": go("main", "example.com/m/d"),
}


def reached(view: View, *seeds: Seed) -> set[str]:
    return set(view.reach(seeds).tests)


def test_a1_lib_change_reaches_importers(make_view: MakeView) -> None:
    view = make_view(CHAIN)
    assert reached(view, Seed("b")) == {"b", "c", "d"}
    assert view.packages == ("a", "b", "c", "cmd", "d", "helper")
    assert view.tested == ("a", "b", "c", "d")


def test_a2_test_change_stays(make_view: MakeView) -> None:
    assert reached(make_view(CHAIN), Seed("b", test=True)) == {"b"}


def test_a5_test_import_is_one_hop(make_view: MakeView) -> None:
    assert reached(make_view(CHAIN), Seed("helper")) == {"c"}


def test_a34_untested_importers_are_in_the_lib_closure(make_view: MakeView) -> None:
    reach = make_view(CHAIN).reach([Seed("d")])
    assert set(reach.lib) == {"d", "cmd"}
    assert set(reach.tests) == {"d"}


def test_shortest_chain(make_view: MakeView) -> None:
    view = make_view(CHAIN)
    assert view.reach([Seed("a")]).chain("d") == (
        Link("example.com/m/a", ""),
        Link("example.com/m/b", "import"),
        Link("example.com/m/c", "import"),
        Link("example.com/m/d", "import"),
    )
    assert view.reach([Seed("helper")]).chain("c") == (
        Link("example.com/m/helper", ""),
        Link("example.com/m/c", "test import"),
    )
    assert view.reach([Seed("d", test=True)]).chain("d") == (Link("example.com/m/d", "test"),)


def test_chains_do_not_depend_on_order(make_view: MakeView) -> None:
    other = dict(reversed(CHAIN.items()))
    seeds = [Seed("a"), Seed("helper"), Seed("github")]
    one, two = make_view(CHAIN).reach(seeds), make_view(other).reach(reversed(seeds))
    assert [one.chain(t) for t in sorted(one.tests)] == [two.chain(t) for t in sorted(two.tests)]


def test_a9_importers_of_a_deleted_package(make_view: MakeView) -> None:
    files = {path: text for path, text in CHAIN.items() if not path.startswith("a/")}
    view = make_view(files)
    assert view.node("example.com/m/a") == "@example.com/m/a"
    assert reached(view, Seed("@example.com/m/a")) == {"b", "c", "d"}


def test_third_party_nodes(make_view: MakeView) -> None:
    view = make_view(CHAIN)
    assert view.node("fmt") == "@fmt"  # asked for by name: a node of its own
    assert ("@github.com/x/y", "import") in view.imports["c"]
    assert all(node != "@fmt" for node, _ in view.imports["c"])
    assert reached(view, Seed("@github.com/x/y")) == {"c", "d"}


def test_a18_cycle_through_tests(make_view: MakeView) -> None:
    view = make_view({
        "go.mod": MOD,
        "p/p.go": go("p"),
        "p/p_test.go": test("p_test", "example.com/m/d"),
        "d/d.go": go("d", "example.com/m/p"),
        "d/d_test.go": test("d"),
    })  # fmt: skip
    assert reached(view, Seed("d")) == {"p", "d"}
    assert reached(view, Seed("p")) == {"p", "d"}


def test_import_cycles_end(make_view: MakeView) -> None:
    view = make_view({
        "go.mod": MOD,
        "a/a.go": go("a", "example.com/m/b"),
        "b/b.go": go("b", "example.com/m/a"),
        "b/b_test.go": test("b"),
    })  # fmt: skip
    assert reached(view, Seed("a")) == {"b"}


def test_a23_linkname_goes_both_ways(make_view: MakeView) -> None:
    view = make_view({
        "go.mod": MOD,
        "a/a.go": go("a", "unsafe", body="//go:linkname f example.com/m/b.f\nfunc f()"),
        "a/a_test.go": test("a"),
        "b/b.go": go("b"),
        "b/b_test.go": test("b"),
    })  # fmt: skip
    assert reached(view, Seed("a")) == {"a", "b"}
    assert reached(view, Seed("b")) == {"a", "b"}


PROGRAMS = {
    "go.mod": MOD,
    "cmd/x/main.go": go("main", "example.com/m/lib"),
    "cmd/y/main.go": go("main"),
    "lib/lib.go": go("lib"),
    "e2e/e_test.go": go("e2e", body='func TestA(t *T) { exec.Command("go", "build", "%s") }'),
}


@pytest.mark.parametrize(
    ("named", "other"),
    [("example.com/m/cmd/x", set()), ("../cmd/x", set()), ("./cmd/x", set()), ("-v", {"e2e"})],
)
def test_a24_programs_that_tests_build(make_view: MakeView, named: str, other: set[str]) -> None:
    files = {**PROGRAMS, "e2e/e_test.go": PROGRAMS["e2e/e_test.go"].replace("%s", named)}
    view = make_view(files)
    assert reached(view, Seed("lib")) == {"e2e"}
    assert reached(view, Seed("cmd/x")) == {"e2e"}
    assert reached(view, Seed("cmd/y")) == other


@pytest.mark.parametrize(
    ("call", "reaches", "leaves"),
    [
        ('"go", "build", "example.com/m/lib"', {"lib", "cmd/x", "cmd/y"}, {"other"}),
        ('"go", "list", "-deps", "../lib"', {"lib"}, {"other", "cmd/x"}),
        ('"go", "list", "-m"', set(), {"lib", "other", "cmd/x"}),
        ('"go", "vet", "./..."', set(), {"lib", "other", "cmd/x"}),
        ('"go", "vet", "./..."); c.Dir = (".."', {"lib", "other", "cmd/x"}, set()),
        ('"go", "test", "example.com/m/..."', {"lib", "other", "cmd/x"}, set()),
        ('"sh", "../build.sh", "../cmd/x"', {"cmd/x", "cmd/y", "lib"}, {"other"}),
    ],
)
def test_a24_code_that_tests_examine(
    make_view: MakeView, call: str, reaches: set[str], leaves: set[str]
) -> None:
    body = f"func TestA(t *T) {{ c := exec.Command({call}) }}"
    view = make_view({
        **PROGRAMS, "other/o.go": go("other"), "e2e/e_test.go": go("e2e", "os/exec", body=body)
    })  # fmt: skip
    for place in reaches:
        assert reached(view, Seed(place)) == {"e2e"}, place
    for place in leaves:
        assert not reached(view, Seed(place)), place


TAGGED: dict[str, Any] = {
    "go.mod": MOD,
    "p/p.go": go("p"),
    "p/p_test.go": test("p"),
    "p/slow_test.go": "//go:build integration\n\n" + go("p", "example.com/m/q").replace("A", "B")
    + "func TestSlow(t *testing.T) {}\n",
    "q/q.go": go("q"),
    "q/q_test.go": "//go:build integration\n\n" + test("q"),
    "w/w_windows.go": go("w", "example.com/m/p"),
    "w/w_test.go": test("w"),
    "i/i.go": "//go:build ignore\n\n" + go("main", "example.com/m/q"),
}  # fmt: skip


def test_b1_b3_edges_and_tests_exist_under_their_tag(make_view: MakeView) -> None:
    plain, tagged = make_view(TAGGED), make_view(TAGGED, "integration")
    assert not reached(plain, Seed("q"))
    assert reached(tagged, Seed("q")) == {"p", "q"}
    assert plain.tested == ("p", "w")
    assert tagged.tested == ("p", "q", "w")


def test_b4_b5_files_of_other_systems(make_view: MakeView) -> None:
    assert reached(make_view(TAGGED), Seed("p")) == {"p"}


def test_a26_ignored_files_have_no_edges(make_view: MakeView) -> None:
    view = make_view(TAGGED, "integration")
    assert "i" not in view.packages
    assert "i" not in {source for source, _ in view.importers.get("q", ())}


def test_functions_know_the_tags_of_their_file(make_view: MakeView) -> None:
    functions = make_view(TAGGED, "integration").test_functions("p")
    assert [(f.name, f.file, f.tagged) for f in functions] == [
        ("TestA", "p/p_test.go", frozenset()),
        ("TestSlow", "p/slow_test.go", frozenset({"integration"})),
    ]
    assert [f.line for f in make_view(TAGGED).test_functions("p")] == [4]


def test_compiled_files(make_view: MakeView) -> None:
    view = make_view(TAGGED)
    assert [file.name for file in view.files("p")] == ["p.go", "p_test.go"]
    assert view.compiles("p/p_test.go")
    assert not view.compiles("p/slow_test.go")
    assert not view.compiles("p/gone.go")
    assert not view.has_tests("q")


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("p/testdata/a/b.json", "p"),
        ("p/testdata/inner/x.txt", "p"),
        ("p/sub/deep/x.txt", "p"),
        ("p/x.txt", "p"),
        ("x.txt", ""),
        ("testdata/x.txt", ""),
        ("docs/x.md", None),
        ("nested/docs/x.md", None),
        ("nested/q/x.md", "nested/q"),
    ],
)
def test_owners(make_graph: MakeGraph, path: str, owner: str | None) -> None:
    graph = make_graph({
        "go.mod": MOD,
        "m.go": go("m"),
        "p/p.go": go("p"),
        "p/testdata/inner/i.go": go("inner"),
        "nested/go.mod": MOD.replace("/m", "/n"),
        "nested/q/q.go": go("q"),
    })  # fmt: skip
    assert graph.owner(path) == owner


def test_c19_c20_hidden_folders(make_view: MakeView) -> None:
    view = make_view({
        "go.mod": MOD,
        "p/p_test.go": test("p", "example.com/m/p/testdata/t", "example.com/m/_x/y"),
        "p/testdata/t/t.go": go("t"),
        "p/testdata/t/t_test.go": test("t"),
        "_x/y/y.go": go("y"),
        "link": "-> p",
    })  # fmt: skip
    assert view.packages == ("p",)
    assert reached(view, Seed("p/testdata/t")) == {"p"}
    assert reached(view, Seed("_x/y")) == {"p"}


def test_c18_linked_files(make_view: MakeView) -> None:
    view = make_view({
        "go.mod": MOD,
        "p/p.go": "-> ../src/p.go.txt",
        "p/gone.go": "-> ../nowhere.go",
        "src/p.go.txt": go("p", "example.com/m/q"),
        "q/q.go": go("q"),
        "p/p_test.go": test("p"),
    })  # fmt: skip
    assert reached(view, Seed("q")) == {"p"}


def test_linked_folders_are_followed_by_imports_only(make_view: MakeView) -> None:
    view = make_view({
        "go.mod": MOD,
        "p/p_test.go": test("p", "example.com/m/alias"),
        "real/r.go": go("r"),
        "alias": "-> real",
    })  # fmt: skip
    assert view.packages == ("p", "real")
    assert reached(view, Seed("real")) == {"p"}


def test_a6_test_only_package_and_documentation(make_view: MakeView) -> None:
    view = make_view({
        "go.mod": MOD,
        "t/t_test.go": test("t_test"),
        "doc/doc.go": go("documentation", "example.com/m/t"),
    })  # fmt: skip
    assert view.packages == ("t",)
    assert reached(view, Seed("t")) == {"t"}
    assert view.graph.packages["t"].name == "t"


def test_cgo_off_leaves_files_out(make_view: MakeView) -> None:
    files = {
        "go.mod": MOD,
        "c/c.go": go("c", "C", "example.com/m/q"),
        "c/c_test.go": test("c"),
        "q/q.go": go("q"),
    }
    assert reached(make_view(files), Seed("q")) == {"c"}
    assert not reached(make_view(files, cgo=False), Seed("q"))


def test_broken_file_keeps_its_package(make_view: MakeView) -> None:
    view = make_view({
        "go.mod": MOD,
        "p/p.go": "func broken(",
        "p/p_test.go": test("p"),
    })  # fmt: skip
    assert reached(view, Seed("p")) == {"p"}
