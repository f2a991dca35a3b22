"""Whole trees: nothing raises, and the closure is the one that two plain rules define."""

from collections.abc import Callable, Mapping
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gomanager.golang.constraints import UNION
from gomanager.golang.embeds import embedders
from gomanager.golang.fingerprint import Fingerprints
from gomanager.golang.graph import Graph
from gomanager.golang.includes import includers
from gomanager.golang.mentions import Mentions
from gomanager.golang.reach import Seed
from gomanager.golang.view import View

MakeView = Callable[..., View]
MakeGraph = Callable[..., Graph]

NAMES = "abcdef"
FIXTURE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

_PATHS = st.sampled_from(
    ["go.mod", "a/go.mod", "go.work", "a/a.go", "a/a_test.go", "a/x_linux.go", "a/c.c", "b/b.go",
     "vendor/modules.txt", "vendor/x.com/x/x.go", "a/testdata/t.go", "_x/y.go", "go.sum", "l"]
)  # fmt: skip
_TEXTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["module m\ngo 1.26\n", "-> a", "-> ../..", "-> l", "use ./a\ngo 1.26\n",
         'package a\nimport "C"\nimport _ "m/b"\n//go:embed *\n', "package a_test\n",
         "//go:build (\npackage a\n", 'package main\nvar x = "go build ../b"\nvar y = ".."\n']
    ),
)  # fmt: skip


@FIXTURE
@given(files=st.dictionaries(_PATHS, _TEXTS, max_size=10))
def test_any_tree_is_loaded_and_asked(make_graph: MakeGraph, files: Mapping[str, str]) -> None:
    graph = make_graph(files)
    for path in files:
        graph.owner(path)
        graph.module_of(path)
        graph.file(path)
    for view in graph.views(UNION):
        mentions = Mentions(view)
        for path in files:
            embedders(view, path)
            includers(view, path)
            mentions.of(path)
            view.compiles(path)
        prints = Fingerprints(view, phase="", files={})
        reach = view.reach(Seed(place) for place in view.libraries)
        for place in view.tested:
            view.test_functions(place)
            prints.of(place)
            assert reach.chain(place)


_LINKS = st.dictionaries(
    st.sampled_from(NAMES),
    st.tuples(st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)), st.booleans()),
    min_size=1,
)


def layout(links: Mapping[str, tuple[set[str], set[str], bool]]) -> dict[str, str]:
    """A package for each name with its imports, test imports and whether it has tests."""
    files = {"go.mod": "module example.com/m\ngo 1.26\n"}
    for name, (imports, test_imports, tested) in links.items():
        files[f"{name}/{name}.go"] = _source(name, imports)
        if tested:
            files[f"{name}/{name}_test.go"] = _source(f"{name}_test", test_imports)
    return files


def _source(package: str, imports: set[str]) -> str:
    return f"package {package}\n" + "".join(
        f'import _ "example.com/m/{path}"\n' for path in sorted(imports)
    )


@FIXTURE
@given(links=_LINKS, seeds=st.sets(st.tuples(st.sampled_from(NAMES), st.booleans())))
def test_the_closure_is_the_definition(
    make_view: MakeView,
    links: Mapping[str, tuple[set[str], set[str], bool]],
    seeds: set[tuple[str, bool]],
) -> None:
    view = make_view(layout(links))
    found = view.reach(Seed(view.node(f"example.com/m/{name}"), test) for name, test in seeds)
    changed = {name for name, test in seeds if not test}
    expected = {
        name
        for name, (_, test_imports, tested) in links.items()
        if tested and ((name, True) in seeds or changed & _inputs(links, {name, *test_imports}))
    }
    assert set(found.tests) == expected
    for place in expected:
        _check_chain(
            links, [link.package.removeprefix("example.com/m/") for link in found.chain(place)]
        )


def _inputs(links: Mapping[str, tuple[set[str], set[str], bool]], start: set[str]) -> set[str]:
    """Packages whose non-test code is linked: lib* of the start."""
    seen, queue = set(start), list(start)
    while queue:
        name = queue.pop()
        for imported in (links[name][0] if name in links else set()) - seen:
            seen.add(imported)
            queue.append(imported)
    return seen


def _check_chain(links: Mapping[str, tuple[set[str], set[str], bool]], chain: list[str]) -> None:
    for at, (imported, importer) in enumerate(pairwise(chain)):
        last = at == len(chain) - 2
        imports, test_imports, _ = links[importer]
        assert imported in imports or (last and imported in test_imports)


@FIXTURE
@given(links=_LINKS, more=st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)))
def test_another_import_never_shrinks_a_scope(
    make_view: MakeView,
    links: Mapping[str, tuple[set[str], set[str], bool]],
    more: tuple[str, str],
) -> None:
    importer, imported = more
    if importer not in links:
        return
    imports, tests, tested = links[importer]
    wider = {**links, importer: (imports | {imported}, tests, tested)}
    for name in links:
        seeds = [Seed(name)]
        before = set(make_view(layout(links)).reach(seeds).tests)
        assert before <= set(make_view(layout(wider)).reach(seeds).tests)
