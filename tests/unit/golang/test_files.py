"""Embeds, cgo includes and mentions: files outside the Go sources."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gomanager.golang.embeds import embedded, embedders, takes
from gomanager.golang.includes import includers
from gomanager.golang.mentions import Mentions
from gomanager.golang.reach import Seed
from gomanager.golang.view import View

MakeView = Callable[..., View]

MOD = "module example.com/m\n\ngo 1.26\n"


@pytest.mark.parametrize(
    ("pattern", "path", "taken"),
    [
        ("a.txt", "a.txt", True),
        ("a.txt", "b.txt", False),
        ("*.txt", "a.txt", True),
        ("*.txt", "d/a.txt", False),
        ("d", "d/a.txt", True),
        ("d", "d/e/f/a.txt", True),
        ("d", "dd/a.txt", False),
        ("d/*", "d/e/a.txt", True),
        ("d", "d/.hidden", False),
        ("d", "d/_hidden", False),
        ("d", "d/.git/x", False),
        ("all:d", "d/.hidden", True),
        ("d/*", "d/.hidden", True),
        ("d/.hidden", "d/.hidden", True),
        ("d/*", "d/_e/x", True),
        ("d/*", "d/_e/.x", False),
        ("d", "d/testdata/vendor/x", True),
        ("?.txt", "a.txt", True),
        ("?.txt", "/.txt", False),
        ("[a-c].txt", "b.txt", True),
        ("[^a-c].txt", "b.txt", False),
        ("[^a-c].txt", "d.txt", True),
        ("\\*.txt", "*.txt", True),
        ("\\*.txt", "a.txt", False),
        ("[a", "a", False),
        ("a\\", "a", False),
        (".x", ".x/y", True),
        ("a.txt", "a_txt", False),
    ],
)
def test_patterns(pattern: str, path: str, taken: bool) -> None:
    assert takes(pattern, path) is taken


@given(st.text(alphabet="ab*?[]^-\\/.:", max_size=12), st.text(alphabet="ab/._", max_size=12))
def test_any_pattern_is_tried_without_raising(pattern: str, path: str) -> None:
    takes(pattern, path)


EMBEDS = {
    "go.mod": MOD,
    "p/p.go": "package p\n//go:embed testdata/x data\nvar s string\n",
    "p/p_test.go": "package p\n//go:embed golden.txt\nvar t string\n",
    "p/p_windows.go": "package p\n//go:embed win.txt\nvar w string\n",
    "p/testdata/x": "x",
    "p/data/a": "a",
    "p/data/.b": "b",
    "p/data/link": "-> a",
    "p/data/nested/go.mod": "module example.com/n\n",
    "p/data/nested/c": "c",
    "p/golden.txt": "g",
    "p/win.txt": "w",
}


@pytest.mark.parametrize(
    ("path", "seeds"),
    [
        ("p/testdata/x", (Seed("p"),)),
        ("p/data/a", (Seed("p"),)),
        ("p/data/new", (Seed("p"),)),
        ("p/data/.b", ()),
        ("p/data/link", ()),
        ("p/data/nested/c", ()),
        ("p/golden.txt", (Seed("p", test=True),)),
        ("p/win.txt", ()),
        ("data/a", ()),
    ],
)
def test_c4_to_c9_embedders(make_view: MakeView, path: str, seeds: tuple[Seed, ...]) -> None:
    assert embedders(make_view(EMBEDS), path) == seeds


def test_embedded_files(make_view: MakeView) -> None:
    view = make_view(EMBEDS)
    library, tests = view.files("p")
    assert [entry.path for entry in embedded(view, "p", library)] == ["p/data/a", "p/testdata/x"]
    assert [entry.path for entry in embedded(view, "p", tests)] == ["p/golden.txt"]


CGO = {
    "go.mod": MOD,
    "c/c.go": "package c\n\n// #cgo CFLAGS: -I${SRCDIR}/../include\n// #cgo LDFLAGS: ${SRCDIR}/lib/libz.a\n"
    '// #include "sub/near.h"\n// #include <far.h>\nimport "C"\n',
    "c/sub/near.h": '#include "deeper.inc"\n',
    "c/sub/deeper.inc": "",
    "c/impl.c": '#  include "../other/impl.h"\n',
    "other/impl.h": "",
    "include/far.h": "",
    "include/unused.h": "",
    "asm/a.go": "package asm\n",
    "asm/a_amd64.s": '#include "../other/macros.h"\n',
    "plain/p.go": "package plain\n",
    "plain/x.txt": '#include "../README"\n',
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "places"),
    [
        ("c/sub/near.h", ["c"]),
        ("c/sub/deeper.inc", ["c"]),
        ("other/impl.h", ["c"]),
        ("other/macros.h", ["asm"]),
        ("include/far.h", ["c"]),
        ("include/unused.h", ["c"]),  # by its flag folder: more than needed
        ("c/lib/libz.a", ["c"]),
        ("README", []),
        ("include2/far.h", []),
    ],
)
def test_c3_includers(make_view: MakeView, path: str, places: list[str]) -> None:
    assert [seed.node for seed in includers(make_view(CGO), path)] == places


def test_includes_of_cgo_need_cgo(make_view: MakeView) -> None:
    assert not includers(make_view(CGO, cgo=False), "include/far.h")


def go_test(body: str) -> str:
    return f'package p\nimport "testing"\nfunc TestA(t *testing.T) {{ {body} }}\n'


MENTIONS = {
    "go.mod": MOD,
    "whole/w_test.go": go_test('open("../docs/guide.md")'),
    "parts/p_test.go": go_test('open(filepath.Join("..", "docs", "guide.md"))'),
    "folder/f_test.go": go_test('walk("../docs")'),
    "name/n_test.go": go_test('open("guide.md")'),
    "climb/c_test.go": go_test('open(filepath.Join("..", "other.md"))'),
    "glob/g_test.go": go_test('glob(filepath.Join("..", "*.md"))'),
    "root/r.go": 'package root\nfunc Root() string { return filepath.Join("..") }\n',
    "user/u_test.go": 'package u\nimport _ "example.com/m/root"\n' + go_test('open("guide.md")')[10:],
    "docs/guide.md": "x",
}  # fmt: skip


def test_c13_c17_mentions(make_view: MakeView) -> None:
    mentions = Mentions(make_view(MENTIONS))
    assert mentions.of("docs/guide.md") == ("folder", "glob", "parts", "user", "whole")
    assert mentions.of("docs/new.md") == ("folder", "glob", "parts")
    assert mentions.of("docs/deep/x.json") == ("folder", "parts")
    assert mentions.of("unrelated/x.json") == ()


def test_c13_what_leads_there_is_told(make_view: MakeView) -> None:
    view = make_view({**MENTIONS, "own/o_test.go": go_test('open("deep/x.json")')})
    mentions = Mentions(view)

    def how(path: str) -> dict[str, str]:
        return {place: mentions.how(place, path, source=False) for place in mentions.of(path)}

    assert how("docs/guide.md") == {
        "folder": "lead to docs",
        "glob": 'name "*.md", and they or helpers look above their folder',
        "parts": 'name "guide.md", and they or helpers look above their folder',
        "user": 'name "guide.md", and they or helpers look above their folder',
        "whole": "lead to docs/guide.md",
    }
    assert how("own/deep/x.json") == {"own": 'name "x.json" or its folder'}


def test_c17_own_files_count_when_they_are_named(make_view: MakeView) -> None:
    mentions = Mentions(make_view(MENTIONS))
    assert "parts" in mentions.of("parts/guide.md")
    assert "parts" not in mentions.of("parts/README.md")


def test_files_below_the_own_folder_that_others_own(make_view: MakeView) -> None:
    mentions = Mentions(
        make_view({
            "go.mod": MOD,
            "r_test.go": go_test('open("docs/guide.md"); open(filepath.Join("conf", "x.yaml"))'),
            "p/p_test.go": go_test('glob("sub/*.txt")'),
            "p/sub/s.go": "package sub\n",
        })
    )  # fmt: skip
    assert mentions.of("docs/guide.md") == ("",)
    assert mentions.of("docs/other.md") == ()
    assert mentions.of("conf/y.yaml") == ("",)
    assert mentions.of("p/sub/a.txt") == ("p",)
    assert mentions.of("p/sub/a.json") == ()


ABOVE = 'import (\n"os"\n"path/filepath"\n"strings"\n)\n'
READ = "package r\n" + ABOVE + 'func Root() { os.Stat("go.mod"); dir = filepath.Dir(dir) }\n'


def above(body: str) -> str:
    """A test that may look for a folder above its own."""
    return go_test(body).replace("\n", f"\n{ABOVE}", 1)


CLIMBING = {
    "go.mod": MOD,
    "data/d.go": "package data\n",
    "data/sets/one.json": "{}",
    "data/testdata/src/a.go": "package a\n",
    "loop/l_test.go": above('filepath.Dir(wd); stat("go.mod"); open("data/sets/one.json")'),
    "caller/c_test.go": above('filepath.Dir(runtime.Caller(0)); join("sets", "one.json")'),
    "git/g_test.go": go_test('run("git", "rev-parse", "--show-toplevel"); open("one.json")'),
    "env/e_test.go": go_test('run("go", "env", "GOMOD"); open("one.json")'),
    "cut/c_test.go": above('strings.Cut(os.Getwd(), "cut"); open("data/sets/one.json")'),
    "root/r.go": READ,
    "user/u_test.go": 'package u\nimport _ "example.com/m/root"\n' + go_test('open("one.json")')[10:],
    "pattern/p_test.go": go_test('glob("../*/sets/*.json")'),
    "format/f_test.go": go_test('fmt.Sprintf("../data/sets/%s.json", name)'),
    "shell/s_test.go": go_test('run("sh", "-c", "cat ../data/sets/one.json | wc")'),
    "walk/w_test.go": go_test('root := ".."; filepath.WalkDir(root, f); has(".json")'),
    "all/a_test.go": go_test('filepath.WalkDir("..", f)'),
    "blank/b_test.go": go_test('open("../data/sets/a file.json")'),
    "source/s_test.go": go_test('open("../data/d.go"); open("../data/testdata/src/a.go")'),
    "parts/p_test.go": go_test('open(filepath.Join("..", "data", "d.go"))'),
    "folder/f_test.go": go_test('parser.ParseDir("../data")'),
    "parse/p_test.go": go_test('ParseDir(filepath.Join("..", name))').replace("testing", "go/parser"),
    "walkgo/w_test.go": go_test('filepath.WalkDir("..", f); has(".go")'),
    "none/n_test.go": above('open("one.json"); open("d.go"); filepath.Dir(x)'),
}  # fmt: skip


def test_c13_files_found_from_a_folder_above(make_view: MakeView) -> None:
    mentions = Mentions(make_view(CLIMBING))
    found = set(mentions.of("data/sets/one.json")) - {"parts", "folder"}
    ways = {"loop", "caller", "git", "env", "cut", "user", "pattern", "format", "shell", "walk"}
    assert found == {*ways, "all"}
    assert "blank" in mentions.of("data/sets/a file.json")


def test_c13_go_files_that_tests_read(make_view: MakeView) -> None:
    mentions = Mentions(make_view(CLIMBING))
    assert mentions.of_source("data/d.go") == ("folder", "parse", "parts", "source", "walkgo")
    assert {"source", "folder", "all"} <= set(mentions.of_source("data/testdata/src/a.go"))
    assert mentions.of_source("parts/p_test.go") == ("parse", "walkgo")


def test_c13_code_that_finds_its_own_folder(make_view: MakeView) -> None:
    body = 'filepath.Dir(runtime.Caller(0)); join("forms", name)'
    mentions = Mentions(
        make_view({
            "go.mod": MOD,
            "form/f.go": f"package form\n{ABOVE}func Load() {{ {body} }}\n",
            "form/forms/page.tmpl": "x",
            "site/s.go": 'package site\nimport _ "example.com/m/form"\n',
            "site/s_test.go": go_test("Load()"),
            "other/forms/page.tmpl": "x",
        })
    )  # fmt: skip
    assert mentions.of("form/forms/page.tmpl") == ("site",)
    assert mentions.of("other/forms/page.tmpl") == ()


def test_c16_walks_over_the_own_folder(make_view: MakeView) -> None:
    mentions = Mentions(
        make_view({
            "go.mod": MOD,
            "r_test.go": go_test('filepath.WalkDir(".", f); has(".tmpl")'),
            "p/p_test.go": go_test('fs.WalkDir(os.DirFS("."), ".", f)'),
            "p/q/q.go": "package q\n",
        })
    )  # fmt: skip
    assert mentions.of("p/q/a.tmpl") == ("", "p")
    assert mentions.of("p/q/a.json") == ("p",)


def test_c15_patterns_for_any_file_claim_none(make_view: MakeView) -> None:
    mentions = Mentions(make_view(CLIMBING))
    assert mentions.of("conf/app.json") == ("all", "walk")
    assert not mentions.claims("conf/app.json")
    assert mentions.claims("data/sets/one.json")
