"""Code outside the tree that leads back into it, or that git does not see."""

from collections.abc import Callable

from msgspec.structs import replace

from gomanager.golang.beyond import built_from, unseen
from gomanager.golang.constraints import Configuration
from gomanager.golang.fingerprint import Fingerprints
from gomanager.golang.graph import Graph
from gomanager.golang.modcache import ModuleCache
from gomanager.golang.modules import files_of
from gomanager.golang.reach import Seed
from gomanager.golang.view import View

MakeGraph = Callable[..., Graph]

LINUX = Configuration(goos="linux", goarch="amd64", cgo=True, release=26, tags=frozenset())
FILES = {
    "go.mod": (
        "module example.com/m\ngo 1.26\nrequire (\n\tback.org/back v1.0.0\n\tvia.org/via v1.0.0\n)\n"
    ),
    "go.sum": "back.org/back v1.0.0 h1:a\nvia.org/via v1.0.0 h1:a\n",
    "z/z.go": "package z\n",
    "z/z_test.go": "package z\n",
    "s/s.go": 'package s\nimport _ "back.org/back"\n',
    "s/s_test.go": "package s\n",
    "v/v_test.go": 'package v\nimport _ "via.org/via"\n',
    "f/f_test.go": 'package f\nimport _ "back.org/back/free"\n',
    "n/n_test.go": 'package n\nimport _ "example.com/m/s"\n',
}
CACHE = {
    "cache/download/back.org/back/@v/v1.0.0.mod": (
        "module back.org/back\ngo 1.20\nrequire example.com/m v0.9.0\n"
    ),
    "cache/download/via.org/via/@v/v1.0.0.mod": (
        "module via.org/via\ngo 1.20\nrequire back.org/back v1.0.0\n"
    ),
    "back.org/back@v1.0.0/back.go": 'package back\nimport _ "example.com/m/z"\n',
    "back.org/back@v1.0.0/free/free.go": "package free\n",
    "via.org/via@v1.0.0/via.go": 'package via\nimport _ "back.org/back"\n',
}


def view_of(graph: Graph, store: ModuleCache) -> View:
    return replace(graph, store=store).view(LINUX)


def digests(view: View) -> dict[str, str | None]:
    files = {m.dir: files_of(view.graph.tree, m) for m in view.context.mains}
    prints = Fingerprints(view, phase="", files=files)
    return {place: prints.of(place) for place in view.tested}


def test_d25_a_required_module_imports_ours(make_graph: MakeGraph, store: ModuleCache) -> None:
    view = view_of(make_graph(FILES), store)
    assert set(view.reach([Seed("z")]).tests) == {"z", "s", "v", "n"}
    chain = view.reach([Seed("z")]).chain("v")
    assert [link.package for link in chain] == ["example.com/m/z", "via.org/via", "example.com/m/v"]


def test_d25_fingerprints_follow(make_graph: MakeGraph, store: ModuleCache) -> None:
    before = digests(view_of(make_graph(FILES), store))
    after = digests(view_of(make_graph({**FILES, "z/z.go": "package z\nvar X = 1\n"}), store))
    assert {p for p in before if before[p] != after[p]} == {"z", "s", "v", "n"}


def test_d25_modules_that_do_not_require_ours_are_not_read(
    make_graph: MakeGraph, store: ModuleCache
) -> None:
    name = "cache/download/back.org/back/@v/v1.0.0.mod"
    (store.root / name).write_text("module back.org/back\nrequire example.com/mother v0.9.0\n")
    view = view_of(make_graph(FILES), store)
    assert set(view.reach([Seed("z")]).tests) == {"z"}


def test_d25_nothing_at_hand_and_another_owner(make_graph: MakeGraph) -> None:
    view = make_graph(FILES).view(LINUX)
    assert set(view.reach([Seed("z")]).tests) == {"z"}
    assert None not in digests(view).values()


def test_d25_nothing_at_hand_and_go_sum_knows_our_module(make_graph: MakeGraph) -> None:
    files = {**FILES, "go.sum": FILES["go.sum"] + "example.com/m v0.9.0/go.mod h1:a\n"}
    view = make_graph(files).view(LINUX)
    assert set(view.reach([Seed("z")]).tests) == {"z", "s", "v", "f", "n"}
    assert view.reach([Seed("z")]).chain("v")[1] == ("via.org/via", "may import")
    assert {place for place, one in digests(view).items() if one is None} == {"s", "v", "f", "n"}


def test_d25_nothing_at_hand_and_the_same_owner(make_graph: MakeGraph) -> None:
    ours = "github.com/one/m"
    text = FILES["go.mod"].replace("example.com/m", ours)
    more = "\tgithub.com/one/x v1.0.0\n\tgithub.com/two/x v1.0.0\n"
    files = {
        "go.mod": text.replace(")", f"{more})"),
        "z/z.go": "package z\n",
        "z/z_test.go": "package z\n",
        "s/s_test.go": 'package s\nimport _ "github.com/one/x"\n',
        "t/t_test.go": 'package t\nimport _ "github.com/two/x"\n',
    }
    view = make_graph(files).view(LINUX)
    assert set(view.reach([Seed("z")]).tests) == {"z", "s"}


def test_d26_folders_outside_the_repository(make_graph: MakeGraph) -> None:
    text = FILES["go.mod"] + "replace back.org/back => ../out\nreplace o.org/o => ../other\n"
    view = make_graph({**FILES, "go.mod": text}).view(LINUX)
    assert unseen(view.context) == {"back.org/back": "../out"}
    assert {node for node, _ in built_from(view, unseen(view.context))} == {
        "@back.org/back",
        "@back.org/back/free",
    }
