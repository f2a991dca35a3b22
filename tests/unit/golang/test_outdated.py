"""Main modules that the go command refuses for what a linked module requires."""

from collections.abc import Callable

import pytest

from gomanager.golang.fingerprint import Fingerprints
from gomanager.golang.graph import Graph
from gomanager.golang.outdated import outdated
from gomanager.golang.view import View

MakeGraph = Callable[..., Graph]

MAIN = """module example.com/m/examples
go 1.22
require (
\texample.com/m v1.0.0
\ta.com/a v1.4.0
)
replace example.com/m => ../
"""


def files(root: str, main: str = MAIN) -> dict[str, str]:
    return {
        "go.mod": f"module example.com/m\ngo {root}",
        "m.go": "package m\n",
        "examples/go.mod": main,
        "examples/e_test.go": 'package examples\nimport _ "example.com/m"\n',
    }


@pytest.mark.parametrize(
    ("root", "reason"),
    [
        ("1.22\nrequire a.com/a v1.4.0\n", ""),
        ("1.22\nrequire a.com/a v1.3.9\n", ""),
        ("1.22\nrequire b.com/b v1.3.9\n", ""),
        ("1.22\nrequire a.com/a v1.4.0-rc.1\n", ""),
        ("1.22\nrequire a.com/a v1.10.0\n", "requires a.com/a v1.10.0, go.mod says v1.4.0"),
        ("1.22\nrequire a.com/a v1.4.1-0.20250101000000-abcdef123456\n", "go.mod says v1.4.0"),
        ("1.23\n", "needs go 1.23, go.mod says 1.22"),
        ("1.22.1\n", "needs go 1.22.1"),
        ("1.22.0\n", "needs go 1.22.0"),
        ("1.22rc1\n", "needs go 1.22rc1"),
        ("1.9\n", ""),
    ],
)
def test_d9_a_linked_module_that_requires_more(
    make_graph: MakeGraph, root: str, reason: str
) -> None:
    graph = make_graph(files(root))
    context = next(c for c in graph.contexts if c.dir == "examples")
    found = outdated(context, graph.module_by_dir)
    assert reason in found
    assert bool(reason) is bool(found)


@pytest.mark.parametrize(("root", "refused"), [("1.19", False), ("1.20", False), ("1.21", True)])
def test_d9_go_lines_below_1_21_bind_nobody(
    make_graph: MakeGraph, root: str, *, refused: bool
) -> None:
    graph = make_graph(files(root, MAIN.replace("go 1.22", "go 1.18")))
    context = next(c for c in graph.contexts if c.dir == "examples")
    assert bool(outdated(context, graph.module_by_dir)) is refused


def test_d9_no_fingerprint_for_what_go_refuses(
    make_graph: MakeGraph, make_view: Callable[..., View]
) -> None:
    in_order = make_view(files("1.22\nrequire a.com/a v1.4.0\n"), context="examples")
    assert Fingerprints(in_order, phase="", files={}).of("examples") is not None
    refused = make_view(files("1.22\nrequire a.com/a v1.5.0\n"), context="examples")
    assert Fingerprints(refused, phase="", files={}).of("examples") is None
