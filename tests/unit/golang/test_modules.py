"""Modules, workspaces, vendoring and import resolution; ids as in ``docs/cases/selection.md``."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gomanager.golang.gomod import (
    Unreadable,
    parse_gomod,
    parse_gosum,
    parse_vendored,
)
from gomanager.golang.graph import Graph
from gomanager.golang.modchange import Difference, ModuleFiles, compare
from gomanager.golang.reach import Seed
from gomanager.golang.thirdparty import every, of_modules
from gomanager.golang.view import View

MakeView = Callable[..., View]
MakeGraph = Callable[..., Graph]

LIB = "package {name}\n"
TEST = 'package {name}\nimport _ "{path}"\nfunc TestA(t *testing.T) {{}}\n'


def mod(path: str, *lines: str) -> str:
    return "\n".join((f"module {path}", "go 1.26", *lines, ""))


def test_gomod_is_read_by_meaning() -> None:
    one = parse_gomod(
        b'module "example.com/m" // c\ngo 1.26.1\ntoolchain go1.27.0\n'
        b"require (\n\tb.com/b v1.0.0 // indirect\n\ta.com/a v1.2.3\n)\n"
        b"replace a.com/a v1.2.3 => ../a\nreplace (\n\tx.com/x => y.com/y v2.0.0\n)\n"
        b"exclude a.com/a v1.0.0\nretract [v1.0.0, v1.1.0] // bad\n"
        b"godebug (\n default=go1.21\n)\ntool example.com/m/cmd\nignore ./node\n"
    )
    two = parse_gomod(
        b"ignore ./node\ntool example.com/m/cmd\nmodule example.com/m\ngo 1.26.1\n"
        b"require a.com/a v1.2.3\nrequire b.com/b v1.0.0\ntoolchain go1.27.0\n"
        b"godebug default=go1.21\nexclude a.com/a v1.0.0\nretract [v1.0.0,v1.1.0]\n"
        b"replace x.com/x => y.com/y v2.0.0\nreplace a.com/a v1.2.3 => ../a\n"
    )
    assert one == two
    assert one.module == "example.com/m"
    assert one.minor == 26
    assert one.require == (("a.com/a", "v1.2.3"), ("b.com/b", "v1.0.0"))
    assert [r.local for r in one.replace] == [True, False]


@pytest.mark.parametrize(
    "text",
    [
        b"require (\n a v1\n",
        b"require a\n",
        b"module\n",
        b"replace a b\n",
        b"\xff\xfe",
        b"replace => x\n",
    ],
)
def test_broken_gomod_is_refused(text: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_gomod(text)


@given(st.binary(max_size=200))
def test_module_files_never_raise_otherwise(data: bytes) -> None:
    for prefix in (b"", b"require (\n", b"replace a => ", b"# a v1\n"):
        for parse in (parse_gomod, parse_vendored):
            try:
                parse(prefix + data)
            except Unreadable:
                continue
        parse_gosum(prefix + data)


@given(st.text(alphabet='abc/.v1() \n=>"`requilac,[]', max_size=80))
def test_module_texts_never_raise_otherwise(text: str) -> None:
    for parse in (parse_gomod, parse_vendored):
        try:
            parse(text.encode())
        except Unreadable:
            continue


NESTED = {
    "go.mod": mod(
        "example.com/m", "require example.com/lib v1.0.0", "replace example.com/lib => ./lib"
    ),
    "p/p.go": LIB.format(name="p"),
    "p/p_test.go": TEST.format(name="p", path="example.com/lib/x"),
    "lib/go.mod": mod("example.com/lib"),
    "lib/x/x.go": LIB.format(name="x"),
    "lib/x/x_test.go": TEST.format(name="x", path="fmt"),
    "far/go.mod": mod("example.com/far", "require example.com/lib v1.0.0"),
    "far/f_test.go": TEST.format(name="far", path="example.com/lib/x"),
    "p/testdata/mod/go.mod": mod("example.com/inner"),
    "p/testdata/mod/i_test.go": TEST.format(name="i", path="fmt"),
}


def test_d9_d18_nested_modules_and_local_replacements(make_view: MakeView) -> None:
    root, lib = make_view(NESTED), make_view(NESTED, context="lib")
    far = make_view(NESTED, context="far")
    assert root.tested == ("p",)
    assert set(root.reach([Seed("lib/x")]).tests) == {"p"}
    assert set(lib.reach([Seed("lib/x")]).tests) == {"lib/x"}
    # far takes the published version: nothing in the tree changes it
    assert not far.reach([Seed("lib/x")]).tests
    assert set(far.reach([Seed("@example.com/lib/x")]).tests) == {"far"}
    assert root.import_path("lib/x") == "example.com/lib/x"


def test_c14_modules_in_testdata_are_not_ours(make_graph: MakeGraph) -> None:
    graph = make_graph(NESTED)
    assert [context.dir for context in graph.contexts] == ["", "far", "lib"]
    assert graph.module_of("p/testdata/mod/x").dir == "p/testdata/mod"  # type: ignore[union-attr]
    assert graph.owner("p/testdata/mod/x.txt") == "p"


def test_a_replacement_of_another_version_links_nothing(make_view: MakeView) -> None:
    files = {**NESTED, "go.mod": NESTED["go.mod"].replace("lib => ", "lib v0.9.0 => ")}
    assert not make_view(files).reach([Seed("lib/x")]).tests


def test_d16_workspace_links_its_modules(make_view: MakeView) -> None:
    files = {**NESTED, "go.work": "go 1.26\nuse (\n\t.\n\t./lib\n\t./far\n)\n"}
    view = make_view(files)
    assert view.tested == ("p", "far", "lib/x")
    assert set(view.reach([Seed("lib/x")]).tests) == {"p", "far", "lib/x"}


def test_a_module_outside_the_workspace_stands_alone(make_graph: MakeGraph) -> None:
    graph = make_graph({**NESTED, "go.work": "go 1.26\nuse (\n\t.\n\t./lib\n)\n"})
    assert [(c.dir, len(c.mains)) for c in graph.contexts] == [("", 2), ("far", 1)]


def test_broken_workspace_is_a_problem_not_a_crash(make_graph: MakeGraph) -> None:
    graph = make_graph({**NESTED, "go.work": "use (\n"})
    assert len(graph.contexts) == 3


VENDORED = {
    "go.mod": mod("example.com/m", "require v.com/v v1.0.0", "require w.com/w v1.0.0"),
    "vendor/modules.txt": "# v.com/v v1.0.0\n## explicit; go 1.20\nv.com/v/a\n# w.com/w v1.0.0\n## explicit\nw.com/w\n",
    "vendor/v.com/v/a/a.go": 'package a\nimport _ "w.com/w"\n',
    "vendor/w.com/w/w.go": LIB.format(name="w"),
    "p/p.go": 'package p\nimport _ "v.com/v/a"\n',
    "p/p_test.go": TEST.format(name="p", path="fmt"),
    "q/q_test.go": TEST.format(name="q", path="fmt"),
}  # fmt: skip


def test_c23_vendored_code_is_a_library(make_view: MakeView) -> None:
    view = make_view(VENDORED)
    assert view.tested == ("p", "q")
    assert set(view.reach([Seed("vendor/w.com/w")]).tests) == {"p"}
    assert view.import_path("vendor/w.com/w") == "w.com/w"


@pytest.mark.parametrize(
    "text",
    [
        'package w\nimport _ "example.com/m/q"\n',
        "package w\n//go:linkname f example.com/m/q.f\nfunc f()\n",
    ],
)
def test_vendored_code_may_lead_back(make_view: MakeView, text: str) -> None:
    view = make_view({**VENDORED, "vendor/w.com/w/w.go": text, "q/q.go": LIB.format(name="q")})
    assert set(view.reach([Seed("q")]).tests) == {"p", "q"}


def test_vendored_code_may_lead_back_to_the_root_package(make_view: MakeView) -> None:
    text = 'package w\nimport _ "example.com/m"\n'
    view = make_view({**VENDORED, "vendor/w.com/w/w.go": text, "m.go": LIB.format(name="m")})
    assert view.node("example.com/m") == ""
    assert set(view.reach([Seed("")]).tests) == {"p"}


def test_vendored_links_lead_back(make_view: MakeView) -> None:
    files = {path: text for path, text in VENDORED.items() if "w.com" not in path}
    view = make_view({**files, "vendor/w.com/w": "-> ../../local", "local/l.go": "package w\n"})
    assert set(view.reach([Seed("local")]).tests) == {"p"}


def test_d1_reaches_through_other_modules(make_view: MakeView) -> None:
    view = make_view(VENDORED)
    assert set(view.reach(of_modules(view, ["w.com/w"])).tests) == {"p"}
    assert not of_modules(view, ["w.com/other"])


def test_without_sources_everything_third_party_counts(make_view: MakeView) -> None:
    files = {path: text for path, text in VENDORED.items() if not path.startswith("vendor/")}
    view = make_view(files)
    assert set(view.reach(every(view)).tests) == {"p"}


def test_mod_mod_ignores_the_vendor_folder(make_graph: MakeGraph) -> None:
    assert make_graph(VENDORED).contexts[0].vendor == "vendor"
    assert make_graph(VENDORED, mod="mod").contexts[0].vendor is None


def test_d15_ignored_folders(make_view: MakeView) -> None:
    files = {
        "go.mod": mod("example.com/m", "ignore (", "\t./web", "\tnode/x", ")"),
        "web/a/a.go": LIB.format(name="a"),
        "b/node/x/c/c.go": LIB.format(name="c"),
        "b/web/b.go": LIB.format(name="b"),
    }
    assert make_view(files).packages == ("b/web",)


def test_d21_the_longest_module_path_that_holds_the_package(make_view: MakeView) -> None:
    files = {
        "go.work": "go 1.26\nuse (\n\t.\n\t./v2\n)\n",
        "go.mod": mod("example.com/m"),
        "x/x.go": LIB.format(name="x"),
        "v2/go.mod": mod("example.com/m/v2"),
        "v2/x/x.go": LIB.format(name="x"),
        "v2/y/y.go": LIB.format(name="y"),
    }
    view = make_view(files)
    assert view.node("example.com/m/v2/x") == "v2/x"
    assert view.node("example.com/m/x") == "x"
    assert view.node("example.com/m/v20/x") == "@example.com/m/v20/x"


def test_module_paths_without_a_dot(make_view: MakeView) -> None:
    view = make_view({"go.mod": mod("mine"), "a/a.go": LIB.format(name="a")})
    assert view.node("mine/a") == "a"
    assert view.node("mine/gone") == "@mine/gone"
    assert view.import_path("a") == "mine/a"


def test_broken_gomod_in_a_tree(make_graph: MakeGraph) -> None:
    graph = make_graph({"go.mod": "require (\n", "a/a.go": LIB.format(name="a")})
    assert "does not end" in graph.modules[0].problem
    assert graph.contexts[0].problem


def test_no_module_at_all(make_graph: MakeGraph) -> None:
    graph = make_graph({"a/a.go": LIB.format(name="a")})
    assert graph.contexts == ()
    assert graph.packages["a"].module is None


BASE = mod("example.com/m", "require a.com/a v1.0.0", "require b.com/b v1.0.0 // indirect")
SUMS = "a.com/a v1.0.0 h1:A=\na.com/a v1.0.0/go.mod h1:AM=\nb.com/b v1.0.0 h1:B=\n"


def difference(new: str, sums: str = SUMS, old: str = BASE) -> Difference:
    return compare(
        ModuleFiles(file=parse_gomod(old.encode()), sums=parse_gosum(SUMS.encode())),
        ModuleFiles(file=parse_gomod(new.encode()), sums=parse_gosum(sums.encode())),
    )


@pytest.mark.parametrize(
    ("new", "deltas"),
    [
        (BASE.replace("a.com/a v1.0.0", "a.com/a v1.1.0"), [("D1", "a.com/a")]),
        (BASE.replace("b.com/b v1.0.0", "b.com/b v1.1.0"), [("D1", "b.com/b")]),
        (BASE + "require c.com/c v1.0.0\n", [("D3", "c.com/c")]),
        (BASE.replace("require a.com/a v1.0.0\n", ""), [("D4", "a.com/a")]),
        (BASE.replace(" // indirect", ""), []),
        (BASE + "\n\n// words\n", []),
        (BASE + "replace a.com/a => ../a\n", [("D8", "a.com/a")]),
        (BASE + "replace a.com/a v0.5.0 => ../a\n", []),
        (BASE + "retract v1.0.0\n", []),
        (BASE + "tool a.com/a/cmd\n", []),
        (BASE + "ignore ./x\n", []),
    ],
)
def test_d1_to_d14(new: str, deltas: list[tuple[str, str]]) -> None:
    found = difference(new)
    assert [(delta.id, delta.path) for delta in found.modules] == deltas
    assert found.empty is (not deltas)


def test_d23_a_bump_hidden_by_a_local_replacement() -> None:
    replaced = BASE + "replace a.com/a => ../a\n"
    assert difference(replaced.replace("a.com/a v1.0.0", "a.com/a v1.5.0"), old=replaced).empty


@pytest.mark.parametrize(
    ("new", "row"),
    [
        (BASE.replace("go 1.26", "go 1.27"), "D11"),
        (BASE + "godebug x=1\n", "D13"),
        (BASE.replace("example.com/m", "example.com/n"), "D20"),
        (BASE + "future thing\n", "D11"),
    ],
)
def test_changes_of_the_whole_module(new: str, row: str) -> None:
    assert [found for found, _ in difference(new).whole] == [row]


def test_d7_old_files_do_not_list_the_build() -> None:
    old = BASE.replace("go 1.26", "go 1.16")
    assert difference(old.replace("a.com/a v1.0.0", "a.com/a v1.1.0"), old=old).unlisted
    assert not difference(old + "// c\n", old=old).unlisted


def test_d10_exclude_asks_for_the_build_list() -> None:
    assert difference(BASE + "exclude a.com/a v0.1.0\n").unlisted


def test_d12_toolchain() -> None:
    assert difference(BASE + "toolchain go1.27.1\n").toolchain == ("", "go1.27.1")


@pytest.mark.parametrize(
    ("sums", "deltas"),
    [
        (SUMS + "c.com/c v1.0.0 h1:C=\n", []),
        (SUMS.replace("h1:A=", "h1:X="), ["a.com/a"]),
        (SUMS.replace("b.com/b v1.0.0 h1:B=\n", ""), ["b.com/b"]),
        (SUMS.replace("a.com/a v1.0.0/go.mod h1:AM=\n", ""), ["a.com/a"]),
        ("".join(reversed(SUMS.splitlines(keepends=True))), []),
    ],
)
def test_d5_sums(sums: str, deltas: list[str]) -> None:
    assert [delta.path for delta in difference(BASE, sums).modules] == deltas


def test_d5_lines_of_modules_that_are_no_longer_needed() -> None:
    new = BASE.replace("require a.com/a v1.0.0\n", "")
    assert [d.id for d in difference(new, "b.com/b v1.0.0 h1:B=\n").modules] == ["D4"]


def test_c24_modules_txt() -> None:
    file = parse_gomod(mod("example.com/m", "require v.com/v v1.0.0").encode())
    text = "# v.com/v v1.0.0\n## explicit; go 1.20\nv.com/v\n"
    old = ModuleFiles(file=file, vendored=parse_vendored(text.encode()))
    new = ModuleFiles(file=file, vendored=parse_vendored(text.replace("1.20", "1.21").encode()))
    assert [(d.id, d.path) for d in compare(old, new).modules] == [("C24", "v.com/v")]
    assert compare(old, ModuleFiles(file=file)).whole[0][0] == "C24"
