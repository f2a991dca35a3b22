"""The case catalogue of the selection: ids are those of ``docs/cases/selection.md``.

Each case is a small repository, a change and three sets of packages: ``required`` must be
selected, ``tolerated`` may be, everything else must not.
"""

from dataclasses import dataclass, field

import pytest

from gomanager.git.base import Wanted
from gomanager.git.changes import collect
from gomanager.golang.constraints import Configuration
from gomanager.golang.graph import load
from gomanager.golang.modcache import ModuleCache
from gomanager.golang.tree import Entry
from gomanager.phasefile import Run
from gomanager.phases import Phase, inert_globs
from gomanager.pipeline.graphs import tree_of
from gomanager.selection.question import Inquiry, Known
from gomanager.selection.scope import Mode
from gomanager.selection.select import select

pytestmark = pytest.mark.integration

LINUX = Configuration(
    goos="linux", goarch="amd64", cgo=True, release=26, tags=frozenset(), tool_tags=frozenset()
)
M = "example.com/m"


def go(package, *imports, body=""):
    lines = "".join(f'import _ "{path}"\n' for path in imports)
    return f"package {package}\n\n{lines}\n{body}\n"


def go_test(package, *imports, body=""):
    return go(package, "testing", *imports, body=body or "func TestIt(t *testing.T) {}")


TREE = {
    "go.mod": f"module {M}\n\ngo 1.22\n\nrequire (\n\tx.org/a v1.0.0\n\tx.org/b v1.0.0\n)\n",
    "go.sum": "x.org/a v1.0.0 h1:a\nx.org/b v1.0.0 h1:b\n",
    "p/p.go": go("p", body="func P() int { return 1 }"),
    "p/more.go": go("p", body="func More() {}"),
    "p/p_test.go": go_test("p"),
    "p/x_test.go": go_test("p_test", f"{M}/p", body="func TestX(t *testing.T) {}"),
    "p/export_test.go": go("p", body="var Export = P"),
    "p/testdata/a.json": "{}",
    "p/table.csv": "1",
    "q/q.go": go("q", f"{M}/p"),
    "q/q_test.go": go_test("q"),
    "r/r.go": go("r", f"{M}/q"),
    "r/r_test.go": go_test("r"),
    "s/s.go": go("s", "x.org/a/deep"),
    "s/s_test.go": go_test("s"),
    "help/help.go": go("help"),
    "help/help_test.go": go_test("help"),
    "t/t.go": go("t"),
    "t/t_test.go": go_test("t", f"{M}/help"),
    "u/u.go": go("u", f"{M}/t"),
    "u/u_test.go": go_test("u"),
    "n/n.go": go("n", f"{M}/p"),
    "only/only_test.go": go_test("only"),
}
"""r → q → p, n (untested) → p; t's tests → help; u → t; s uses a third-party package."""

VENDORED = {
    "vendor/modules.txt": (
        "# x.org/a v1.0.0\n## explicit\nx.org/a/deep\n# x.org/b v1.0.0\n## explicit\nx.org/b\n"
    ),
    "vendor/x.org/a/deep/deep.go": go("deep", "x.org/b"),
    "vendor/x.org/b/b.go": 'package b\n\nimport _ "embed"\n\n//go:embed data.txt\nvar X string\n',
    "vendor/x.org/b/data.txt": "1",
    "vendor/x.org/b/b_amd64.s": "1",
    "vendor/x.org/b/LICENSE": "1",
}
"""x.org/a, which s uses, imports x.org/b."""

WORKSPACE = {
    "go.work": "go 1.22\n\nuse .\nuse ./sub\n",
    "sub/go.mod": "module example.com/sub\n\ngo 1.22\n",
    "sub/x/x.go": go("x"),
    "sub/x/x_test.go": go_test("x"),
}

WORK_VENDORED = {
    "go.work": "go 1.22\n\nuse ./sub\n",
    "sub/go.mod": "module example.com/sub\n\ngo 1.22\n\nrequire x.org/b v1.0.0\n",
    "sub/x/x.go": go("x", "x.org/b"),
    "sub/x/x_test.go": go_test("x"),
    "sub/y/y_test.go": go_test("y"),
    "vendor/modules.txt": "## workspace\n# x.org/b v1.0.0\n## explicit; go 1.20\nx.org/b\n",
    "vendor/x.org/b/b.go": go("b"),
}
"""The folder of go.work holds a go.mod, too, which the workspace does not use."""

EXAMINING = {
    "t/testdata/a": "1",
    "e2e/e2e_test.go": go_test(
        "e2e", "os/exec", body=f'func TestE(t *testing.T) {{ exec.Command("go", "test", "{M}/t") }}'
    ),
}
"""e2e's tests run those of t."""

TOOL = {"cmd/widget/main.go": go("main", f"{M}/inner"), "inner/inner.go": go("inner")}
INNER = {"inner/inner.go": go("inner", body="var X = 1")}
"""A program, and a change of it that leaves its own folder alone."""


def starting(body, *imports, **files):
    """Tests beside the program that start it."""
    return {**TOOL, "e2e/e2e_test.go": go_test("e2e", *imports, body=body), **files}


def prebuilt(body, *imports, required=("e2e",), **files):
    """The change of the program selects tests that start it, however they name it."""
    return Case(INNER, set(required), base=starting(body, *imports, **files), builds=None)


P = {"p", "q", "r"}
EVERY = {"p", "q", "r", "s", "help", "t", "u", "only"}


@dataclass
class Case:
    change: dict = field(default_factory=dict)
    required: set = field(default_factory=set)
    tolerated: set = field(default_factory=set)
    base: dict = field(default_factory=dict)
    builds: set | None = None
    removed: set = field(default_factory=set)
    tags: tuple = ()
    race: bool = False
    goos: str = "linux"
    mode: Mode | None = None
    ids: set = field(default_factory=set)


CASES = {
    "A1": Case({"p/p.go": go("p", body="func P() int { return 2 }")}, P, builds={"n"}, ids={"A1"}),
    "A2": Case({"p/p_test.go": go_test("p", body="func TestIt(t *testing.T) { }")}, {"p"}, ids={"A2"}),
    "A3": Case({"p/x_test.go": go_test("p_test", body="func TestX(t *testing.T) { }")}, {"p"}, ids={"A3"}),
    "A4": Case({"p/export_test.go": go("p", body="var Export2 = P")}, {"p"}, ids={"A4"}),
    "A5": Case({"help/help.go": go("help", body="var X = 1")}, {"help", "t"}),
    "A6": Case({"only/only_test.go": go_test("only", body="func TestB(t *testing.T) {}")}, {"only"}, ids={"A6"}),
    "A7": Case({"p/new.go": go("p", body="func init() {}")}, P, ids={"A7"}),
    "A8": Case({"p/more.go": None}, P, ids={"A8"}),
    "A9": Case(
        {"q/q.go": None, "q/q_test.go": None}, {"r"}, removed={f"{M}/q"}, ids={"A9"}, builds=set()
    ),
    "A9 without any importer": Case({"s/s.go": None, "s/s_test.go": None}, removed={f"{M}/s"}, mode=Mode.NONE),
    "A10": Case(
        {
            "q/q.go": None, "q/q_test.go": None,
            "moved/q/q.go": go("q", f"{M}/p"), "moved/q/q_test.go": go_test("q"),
            "s/s.go": go("s", f"{M}/moved/q"),
        },
        {"moved/q", "s", "r"},
        removed={f"{M}/q"},
    ),
    "A11": Case({"p/more.go": None, "t/more.go": go("t", body="func More() {}")}, P | {"t", "u"}),
    "A12": Case({"p/more.go": None, "p/less.go": go("p", body="func More() {}")}, P),
    "A13": Case({"p/more.go": None, "p/more_test.go": go("p", body="func More() {}")}, P),
    "A14": Case({"p/more.go": go("other", body="func More() {}")}, P),
    "A15": Case({"s/s.go": go("s", "x.org/a/deep", f"{M}/p")}, {"s"}),
    "A16": Case({"s/s.go": go("s", f"{M}/gone"), "t/t.go": go("t", body="var X = 1")}, {"s", "t", "u"}),
    "A17": Case({"p/p.go": "package p\n\nimport (\n"}, P, ids={"A17"}),
    "A18 d": Case(
        {"d/d.go": go("d", f"{M}/c", body="var X = 1")},
        {"c", "d"},
        base={
            "c/c.go": go("c"), "c/c_test.go": go_test("c_test", f"{M}/d"),
            "d/d.go": go("d", f"{M}/c"), "d/d_test.go": go_test("d"),
        },
    ),
    "A18 p": Case(
        {"c/c.go": go("c", body="var X = 1")},
        {"c", "d"},
        base={
            "c/c.go": go("c"), "c/c_test.go": go_test("c_test", f"{M}/d"),
            "d/d.go": go("d", f"{M}/c"), "d/d_test.go": go_test("d"),
        },
    ),
    "A19": Case({"p/p.go": go("p", body="// only a comment\nfunc P() int { return 1 }")}, P),
    "A21": Case({"p/p_test.go": go_test("p", body="func Example() {\n// Output: 2\n}")}, {"p"}),
    "A22": Case(
        {"driver/driver.go": go("driver", body="func init() { println(1) }")},
        {"app"},
        base={
            "driver/driver.go": go("driver", body="func init() {}"),
            "app/app.go": go("app", f"{M}/driver"), "app/app_test.go": go_test("app"),
        },
        builds={"driver"},
    ),
    "A23": Case(
        {"s/s.go": go("s", "x.org/a/deep", body="func hidden() int { return 2 }")},
        {"s", "pull"},
        base={
            "pull/pull.go": go("pull", "unsafe", body=f"//go:linkname hidden {M}/s.hidden\nfunc hidden() int"),
            "pull/pull.s": "", "pull/pull_test.go": go_test("pull"),
        },
    ),
    "A24": Case(
        {"cmd/tool/main.go": go("main", body="func main() { println() }")},
        {"e2e"},
        base={
            "cmd/tool/main.go": go("main", body="func main() {}"),
            "e2e/e2e_test.go": go_test("e2e", "os/exec", body=f'func TestE(t *testing.T) {{ exec.Command("go", "build", "{M}/cmd/tool") }}'),
        },
        builds={"cmd/tool"},
    ),
    "A24 its tests are run": Case(
        {"t/t_test.go": go_test("t", f"{M}/help", body="func TestOther(t *testing.T) {}")},
        {"t", "e2e"}, base=EXAMINING, ids={"A2", "9b"},
    ),
    "A24 data of tests that are run": Case({"t/testdata/a": "2"}, {"t", "e2e"}, base=EXAMINING),
    "A24 what tests that are run import": Case(
        {"help/help.go": go("help", body="var X = 1")}, {"help", "t", "e2e"}, base=EXAMINING
    ),
    "A24 a test file deleted": Case(
        {"t/more_test.go": None}, {"t", "e2e"}, base={**EXAMINING, "t/more_test.go": go("t")}
    ),
    "A24 a helper runs tests": Case(
        {"t/t_test.go": go_test("t", body="func TestOther(t *testing.T) {}")},
        {"t", "e2e"},
        base={
            "kit/kit.go": go("kit", "os/exec", "testing", body=f'func Kit(*testing.T) {{ exec.Command("go", "vet", "{M}/t") }}'),
            "e2e/e2e_test.go": go_test("e2e", f"{M}/kit"),
        },
        ids={"A2", "9b"},
    ),
    "A24 only built": Case(
        {"t/t_test.go": go_test("t", body="func TestOther(t *testing.T) {}")},
        {"t"},
        base={"e2e/e2e_test.go": EXAMINING["e2e/e2e_test.go"].replace('"test"', '"build"')},
    ),
    "A24 started by its name": prebuilt('var c = exec.Command("widget", "-v")', "os/exec"),
    "A24 named by a constant": prebuilt('const bin = "widget"\n\nvar c = exec.Command(bin)', "os/exec"),
    "A24 a path": prebuilt('var c = exec.Command("../bin/widget")', "os/exec"),
    "A24 a path with an ending": prebuilt('var c = exec.Command("../dist/widget.exe")', "os/exec"),
    "A24 a format": prebuilt('var c = exec.Command(fmt.Sprintf("%s/widget", dir))', "os/exec"),
    "A24 for a system": prebuilt('var p = fmt.Sprintf("../bin/widget-%s-%s", a, b)', "os/exec"),
    "A24 joined": prebuilt('var p = filepath.Join(root, "bin", "widget"+suffix)', "os/exec"),
    "A24 a line of a shell": prebuilt('var c = exec.Command("sh", "-c", "widget serve --all")', "os/exec"),
    "A24 a variable that names it": prebuilt('var c = exec.Command(os.Getenv("WIDGET_BIN"))', "os/exec"),
    "A24 a variable that names none": prebuilt('var c = exec.Command(os.Getenv("TEST_BINARY"))', "os/exec"),
    "A24 an image": prebuilt('var c = exec.Command("docker", "run", "registry/widget:latest")', "os/exec"),
    "A24 an image that is built": prebuilt(
        'var c = exec.Command("docker", "build", "..")', "os/exec", Dockerfile="FROM scratch\n"
    ),
    "A24 a plugin": prebuilt('var p, err = plugin.Open("../bin/widget.so")', "plugin"),
    "A24 a started library": prebuilt('var s = gexec.Start(gexec.Command("../bin/widget"))', "github.com/onsi/gomega/gexec"),
    "A24 a helper names it": prebuilt(
        "var c = kit.Start()", f"{M}/kit",
        **{
            "kit/kit.go": go("kit", "os", body='var Bin = dir + "/widget"'),
            "kit/start.go": go("kit", "os/exec", body="func Start() { exec.Command(Bin) }"),
        },
    ),
    "A24 a helper starts what tests name": prebuilt(
        'var c = kit.Start("widget")', f"{M}/kit",
        **{"kit/kit.go": go("kit", "os/exec", body="func Start(s string) { exec.Command(s) }")},
    ),
    "A24 a library starts it": prebuilt(
        "var c = other.Start()", f"{M}/other",
        **{
            "other/other.go": go("other", "os/exec", body='func Start() { exec.Command("widget") }'),
            "cmd/app/main.go": go("main", f"{M}/other"),
        },
    ),
    "A24 built under the name of the module": Case(
        INNER, {"e2e"},
        base={
            "cmd/main.go": go("main", f"{M}/inner"), "inner/inner.go": go("inner"),
            "e2e/e2e_test.go": go_test("e2e", "os/exec", body='var c = exec.Command("../bin/m")'),
        },
    ),
    "A24 a common name as a path": Case(
        INNER, {"e2e"},
        base={
            "cmd/server/main.go": go("main", f"{M}/inner"), "inner/inner.go": go("inner"),
            "e2e/e2e_test.go": go_test("e2e", "os/exec", body='var c = exec.Command("../bin/server")'),
        },
    ),
    "A24 under another name": prebuilt('var c = exec.Command("../bin/thing")', "os/exec"),
    "A24 in a folder of programs": prebuilt('var dir = "../bin"\n\nvar c = exec.Command(dir + name)', "os/exec"),
    "A24 a variable that a call starts": prebuilt('var c = exec.Command(os.Getenv("SUT"))', "os/exec"),
    "A24 a variable of its name": prebuilt('var bin = os.Getenv("WIDGET")\n\nvar c = exec.Command(bin)', "os/exec"),
    "A24 a file of the tree is no program": Case(
        INNER, base=starting('var c = exec.Command("../scripts/run")', "os/exec", **{"scripts/run": "#!/bin/sh\n"})
    ),
    "A24 another tool of a variable": Case(INNER, base=starting('var bin = os.Getenv("GIT_BIN")', "os/exec")),
    "A24 a word is no program": Case(
        INNER,
        base={
            "cmd/server/main.go": go("main", f"{M}/inner"), "inner/inner.go": go("inner"),
            "e2e/e2e_test.go": go_test("e2e", "os/exec", body='var s = "server"\n\nvar c = exec.Command("git")'),
        },
    ),
    "A24 nothing is started": Case(INNER, base=starting('var s = "widget"')),
    "A24 the machine's own": Case(
        INNER,
        base={
            "examples/git/main.go": go("main", f"{M}/inner"), "inner/inner.go": go("inner"),
            "e2e/e2e_test.go": go_test("e2e", "os/exec", body='var c = exec.Command("git", "status")'),
        },
    ),
    "A24 built in another module": Case(
        INNER, {"sub"},
        base={
            **TOOL, "sub/go.mod": "module example.com/sub\n\ngo 1.22\n",
            "sub/e2e_test.go": go_test("sub", "os/exec", body='var c = exec.Command("go", "build", "./cmd/widget")'),
        },
        ids={"9b"},
    ),
    "A24 started from another module": Case(
        INNER, {"sub"},
        base={
            **TOOL, "sub/go.mod": "module example.com/sub\n\ngo 1.22\n",
            "sub/e2e_test.go": go_test("sub", "os/exec", body='var c = exec.Command("../bin/widget")'),
        },
        ids={"9b"},
    ),
    "A24 made by make in another module": Case(
        INNER, {"sub"},
        base={
            **TOOL, "sub/go.mod": "module example.com/sub\n\ngo 1.22\n",
            "sub/e2e_test.go": go_test("sub", "os/exec", body='var c = exec.Command("make", "-C", "..")'),
        },
        ids={"9b"},
    ),
    "A24 a program gone": Case(
        {"cmd/widget/main.go": None}, {"e2e"}, base=starting('var c = exec.Command("../bin/widget")', "os/exec"),
        removed={f"{M}/cmd/widget"},
    ),
    "A26": Case({"p/gen.go": "//go:build ignore\n\npackage main\n"}, mode=Mode.NONE),
    "A20 code that nobody compiles": Case(
        {"p/gen.go": "//go:build ignore\n\npackage main\n"}, {"p"},
        base={"p/self_test.go": go("p", body='var f = read("gen.go")')},
    ),
    "A20 parsed": Case(
        {"p/gen_windows.go": "package p\n"}, {"p"},
        base={"p/self_test.go": go("p", "go/parser", body='var f = parser.ParseDir(set, ".", nil, 0)')},
    ),
    "A27": Case({"p/p.go": "// Code generated by x. DO NOT EDIT.\n\npackage p\n\nfunc P() int { return 1 }\n"}, P),
    "A32": Case({"p/testdata/fuzz/FuzzX/1": "go test fuzz v1\n"}, {"p"}),
    "A33": Case({"p/b_test.go": go("p", "testing", body="func BenchmarkX(b *testing.B) {}")}, {"p"}),
    "A34": Case({"n/n.go": go("n", f"{M}/p", body="var X = 1")}, builds={"n"}, mode=Mode.SELECTED),
    "B1": Case(
        {"p/i.go": "//go:build integration\n\npackage p\n\nvar X = 2\n"},
        P, base={"p/i.go": "//go:build integration\n\npackage p\n"}, tags=("integration",), ids={"B1"},
    ),
    "B1 test": Case(
        {"p/i_test.go": "//go:build integration\n\npackage p\n\nvar X = 2\n"},
        {"p"}, base={"p/i_test.go": "//go:build integration\n\npackage p\n"}, tags=("integration",),
    ),
    "B2": Case(
        {"p/i.go": "//go:build integration\n\npackage p\n\nvar X = 2\n"},
        base={"p/i.go": "//go:build integration\n\npackage p\n"}, mode=Mode.NONE,
    ),
    "B3": Case(
        {"help/help.go": go("help", body="var X = 1")},
        {"help", "t", "s"},
        base={"s/i_test.go": f'//go:build integration\n\npackage s\n\nimport _ "{M}/help"\n'},
        tags=("integration",),
    ),
    "B4": Case({"p/w_windows.go": go("p", body="var X = 1")}, mode=Mode.NONE),
    "B4 on windows": Case({"p/w_windows.go": go("p", body="var X = 1")}, P, goos="windows"),
    "B5": Case(
        {"help/help.go": go("help", body="var X = 1")},
        {"help", "t", "s"}, base={"s/w_windows.go": go("s", f"{M}/help")}, goos="windows",
    ),
    "B6": Case({"p/x_linux_test.go": go("p", body="var X = 1")}, {"p"}),
    "B7 out": Case({"p/more.go": "//go:build windows\n\npackage p\n\nfunc More() {}\n"}, P, ids={"B7"}),
    "B7 in": Case(
        {"p/w.go": "package p\n"}, P, base={"p/w.go": "//go:build windows\n\npackage p\n"}
    ),
    "B10": Case({"p/p_test.go": "//go:debug http2client=0\n" + go_test("p")}, {"p"}),
    "B11": Case(
        {"cmd/tool/default.pgo": "2"},
        {"cmd/tool"},
        base={
            "cmd/tool/default.pgo": "1", "cmd/tool/main.go": go("main"),
            "cmd/tool/main_test.go": go_test("main"),
        },
    ),
    "B12": Case({"p/race.go": "//go:build race\n\npackage p\n"}, P, race=True),
    "B12 without race": Case({"p/race.go": "//go:build race\n\npackage p\n"}, mode=Mode.NONE),
    "C1": Case({"p/p_amd64.s": "// 2"}, P, base={"p/p_amd64.s": "// 1"}, ids={"C1"}),
    "C1 of another system": Case({"p/p_arm64.s": "// 2"}, set(), {"p"}, base={"p/p_arm64.s": "// 1"}),
    "C2": Case({"p/p.h": "// 2"}, P, base={"p/p.h": "// 1"}, ids={"C2"}),
    "C2 syso": Case({"p/p.syso": "2"}, P, base={"p/p.syso": "1"}),
    "C3": Case(
        {"include/x.inc": "2"}, P,
        base={"include/x.inc": "1", "p/c.go": 'package p\n\n// #include "../include/x.inc"\nimport "C"\n'},
        ids={"C3"},
    ),
    "C3 another ending": Case(
        {"p/x.inc": "2"}, P, ids={"C3"},
        base={"p/x.inc": "1", "p/c.go": 'package p\n\n// #include "x.inc"\nimport "C"\n'},
    ),
    "C3 folder": Case(
        {"include/deep/x.h": "2"}, P,
        base={
            "include/deep/x.h": "1",
            "p/c.go": 'package p\n\n// #cgo CFLAGS: -I${SRCDIR}/../include\n// #include "deep/x.h"\nimport "C"\n',
        },
    ),
    "C4": Case(
        {"p/files/a.tmpl": "2"}, P,
        base={"p/files/a.tmpl": "1", "p/e.go": 'package p\n\nimport _ "embed"\n\n//go:embed files/*.tmpl\nvar f string\n'},
        ids={"C4"},
    ),
    "C5": Case(
        {"p/files/b.tmpl": "2"}, P,
        base={"p/files/a.tmpl": "1", "p/e.go": 'package p\n\nimport _ "embed"\n\n//go:embed files/*.tmpl\nvar f string\n'},
        ids={"C5"},
    ),
    "C6": Case(
        {"p/files/a.tmpl": None}, P,
        base={"p/files/a.tmpl": "1", "p/e.go": 'package p\n\nimport _ "embed"\n\n//go:embed files\nvar f string\n'},
        ids={"C6"},
    ),
    "C7": Case(
        {"p/files/a.tmpl": "2"}, {"p"},
        base={"p/files/a.tmpl": "1", "p/e_test.go": 'package p\n\nimport _ "embed"\n\n//go:embed files\nvar f string\n'},
        ids={"C7"},
    ),
    "C8": Case(
        {"p/files/.hidden": "2"}, {"p"},
        base={"p/files/a": "1", "p/e.go": 'package p\n\nimport _ "embed"\n\n//go:embed files\nvar f string\n'},
    ),
    "C8 all": Case(
        {"p/files/.hidden": "2"}, P,
        base={"p/files/a": "1", "p/e.go": 'package p\n\nimport _ "embed"\n\n//go:embed all:files\nvar f string\n'},
    ),
    "C9": Case(
        {"p/testdata/a.json": "2"}, P,
        base={"p/e.go": 'package p\n\nimport _ "embed"\n\n//go:embed testdata/a.json\nvar f string\n'},
    ),
    "C10": Case({"p/testdata/a.json": "[]"}, {"p"}, ids={"C10"}),
    "C11": Case({"p/testdata/a.json": "[]", "p/table.csv": "2"}, {"p"}),
    "C12": Case({"p/testdata/a.json": None}, {"p"}, ids={"C12"}),
    "C13": Case(
        {"p/testdata/a.json": "[]"}, {"p", "s"},
        base={"s/d_test.go": go_test("s", body='var f = "../p/testdata/a.json"')}, ids={"C13"},
    ),
    "C13 in parts": Case(
        {"p/testdata/a.json": "[]"}, {"p", "s"},
        base={"s/d_test.go": go_test("s", body='var f = filepath.Join("..", "p", "testdata", "a.json")')},
    ),
    "C13 after a change of folder": Case(
        {"p/testdata/a.json": "[]"}, {"p", "s"},
        base={
            "s/d_test.go": go_test("s", "os", f"{M}/loader", body='var e, v = os.Chdir(".."), loader.Load()'),
            "loader/l.go": go("loader", "os", body='func Load() { os.ReadFile("p/testdata/a.json") }'),
        },
        builds=None,
    ),
    "C13 after a change to a temporary folder": Case(
        {"p/testdata/a.json": "[]"}, {"p"},
        base={
            "s/d_test.go": go_test("s", "os", f"{M}/loader", body='var f, e, v = "..", os.Chdir(tmp), loader.Load()'),
            "loader/l.go": go("loader", "os", body='func Load() { os.ReadFile("p/testdata/a.json") }'),
        },
        builds=None,
    ),
    "C13 a folder that go names": Case(
        {"p/testdata/a.json": "[]"}, {"p", "s"},
        base={"s/d_test.go": go_test("s", "os/exec", body='var c, f = exec.Command("go", "list", "-m", "-f", "{{.Dir}}"), "a.json"')},
    ),
    "C13 a folder that a variable names": Case(
        {"p/testdata/a.json": "[]"}, {"p", "s"},
        base={"s/d_test.go": go_test("s", "os", body='var f = os.Getenv("REPO_ROOT") + "/p/testdata/a.json"')},
    ),
    "C13 a folder cut off": Case(
        {"p/testdata/a.json": "[]"}, {"p", "s"},
        base={"s/d_test.go": go_test("s", "os", "strings", body='var d, _ = os.Getwd()\nvar f = d[:strings.LastIndex(d, "/")] + "/p/testdata/a.json"')},
    ),
    "C13 a line of a shell": Case(
        {"p/testdata/a.json": "[]"}, {"p", "s"},
        base={"s/d_test.go": go_test("s", "os/exec", body='var c = exec.Command("sh", "-c", "cd .. && cat p/testdata/a.json")')},
    ),
    "C13 a script": Case(
        {"p/testdata/a.json": "[]"}, {"p", "s"},
        base={
            "s/d_test.go": go_test("s", "os/exec", body='var c = exec.Command("./run.sh")'),
            "s/run.sh": "cat ../p/testdata/a.json\n",
        },
    ),
    "C13 a script of a script": Case(
        {"p/testdata/a.json": "[]"}, {"p", "s"},
        base={
            "s/d_test.go": go_test("s", "os/exec", body='var c = exec.Command(filepath.Join(root, "scripts", "run.sh"))'),
            "scripts/run.sh": '. "$(dirname "$0")/lib.sh"\n', "scripts/lib.sh": 'cd "$ROOT/p"; cat testdata/a.json\n',
        },
    ),
    "C13 a script reads something else": Case(
        {"p/testdata/a.json": "[]"}, {"p"},
        base={
            "s/d_test.go": go_test("s", "os/exec", body='var c = exec.Command("./run.sh")'), "s/run.sh": "cat ../p/a.json\n",
        },
    ),
    "C13 a name with a blank": Case(
        {"p/testdata/my file.json": "[]"}, {"p", "s"},
        base={"s/d_test.go": go_test("s", body='var f = filepath.Join("..", dir, "my file.json")')},
    ),
    "C13 letters beyond ASCII": Case(
        {"p/testdata/äöü.json": "[]"}, {"p", "s"},
        base={"s/d_test.go": go_test("s", body='var f = filepath.Join("..", dir, "äöü.json")')},
    ),
    "C13 an address": Case(
        {"p/testdata/a.db": "[]"}, {"p", "s"},
        base={"s/d_test.go": go_test("s", body='var f = "file:../p/testdata/a.db?mode=ro"')},
    ),
    "C16 read below the root": Case(
        {"p/sql/deep/1.sql": "2"}, {"", "p"},
        base={
            "m.go": go("m"),
            "m_test.go": go_test("m", "path/filepath", body='var root = "."\n\nvar e, s = filepath.WalkDir(root, f), ".sql"'),
        },
    ),
    "C17 a sum of literals": Case(
        {"README.md": "2"}, {"s"}, base={"s/d_test.go": go_test("s", body='var f = filepath.Join("..", "README" + ".md")')}
    ),
    "C14": Case(
        {"p/testdata/src/x/x.go": "package x\n\nvar X = 1\n"}, {"p"},
        base={"p/testdata/src/go.mod": "module x\n", "p/testdata/src/x/x.go": "package x\n"},
    ),
    "C15": Case({"fixtures/a.json": "2"}, EVERY, base={"fixtures/a.json": "1"}, mode=Mode.ALL),
    "C16": Case({"p/table.csv": "2"}, {"p"}, ids={"C16"}),
    "C16 below": Case({"p/sql/deep/1.sql": "2"}, {"p"}),
    "C17": Case({"README.md": "2", "docs/a.png": "2", "LICENSE": "2"}, mode=Mode.NONE),
    "C17 mentioned": Case(
        {"README.md": "2"}, {"s"}, base={"s/d_test.go": go_test("s", body='var f = "../README.md"')}
    ),
    "C17 in a package": Case({"p/README.md": "2"}, mode=Mode.NONE),
    "C20": Case(
        {"p/testdata/lib/lib.go": "package lib\n\nvar X = 1\n"}, {"p", "s"},
        base={"p/testdata/lib/lib.go": "package lib\n", "s/d_test.go": go_test("s", f"{M}/p/testdata/lib")},
    ),
    "C21": Case(
        {"p/p.go": "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n"}, P
    ),
    "C23": Case(
        {"vendor/x.org/b/b.go": go("b", body="var X = 1")}, {"s"}, base=VENDORED, ids={"C23"}, builds=set()
    ),
    "C25": Case({"vendor/x.org/b/LICENSE": "2", "vendor/x.org/b/x.proto": "2"}, base=VENDORED, mode=Mode.NONE),
    "C25 embedded": Case({"vendor/x.org/b/data.txt": "2"}, {"s"}, base=VENDORED),
    "C25 assembly": Case({"vendor/x.org/b/b_amd64.s": "2"}, {"s"}, base=VENDORED),
    "C24": Case(
        {"vendor/modules.txt": VENDORED["vendor/modules.txt"].replace("# x.org/b v1.0.0\n## explicit", "# x.org/b v1.0.0\n## explicit; go 1.20")},
        {"s"}, base=VENDORED, ids={"C24"},
    ),
    "C24 unreadable": Case({"vendor/modules.txt": "x.org/b\n"}, EVERY, base=VENDORED),
    "C24 of a workspace": Case(
        {"vendor/modules.txt": WORK_VENDORED["vendor/modules.txt"].replace("go 1.20", "go 1.19")},
        {"sub/x"}, tolerated={"s"}, base=WORK_VENDORED, ids={"C24"},
    ),
    "C24 a workspace's by no mark": Case(
        {"vendor/modules.txt": WORK_VENDORED["vendor/modules.txt"].replace("## workspace\n", "")},
        {*EVERY, "sub/x", "sub/y"}, base=WORK_VENDORED, ids={"C24"},
    ),
    "C24 no longer a workspace's": Case(
        {"vendor/modules.txt": "## workspace\n" + VENDORED["vendor/modules.txt"]},
        EVERY, base=VENDORED, ids={"C24"},
    ),
    "C24 any file makes a vendor folder": Case({"vendor/README": "x"}, EVERY, ids={"C24"}),
    "C23 our own package, too": Case(
        {"vendor/example.com/m/t/t.go": go("t")}, {"t", "u"}, base=VENDORED
    ),
    "C23 our own package, listed": Case(
        {"vendor/modules.txt": VENDORED["vendor/modules.txt"] + f"# {M} v1.0.0\n{M}/t\n"},
        {"t", "u"}, tolerated=EVERY, base={**VENDORED, "vendor/example.com/m/t/t.go": go("t")},
    ),
    "D1 vendored": Case(
        {
            "go.mod": TREE["go.mod"].replace("x.org/b v1.0.0", "x.org/b v1.1.0"),
            "vendor/modules.txt": VENDORED["vendor/modules.txt"].replace("x.org/b v1.0.0", "x.org/b v1.1.0"),
            "vendor/x.org/b/b.go": go("b", body="var X = 2"),
        },
        {"s"}, base=VENDORED,
    ),
    "D1 vendored, nobody uses it": Case(
        {
            "go.mod": TREE["go.mod"].replace("x.org/b v1.0.0", "x.org/b v1.1.0"),
            "vendor/modules.txt": "# x.org/a v1.0.0\n## explicit\nx.org/a/deep\n# x.org/b v1.1.0\n## explicit\n",
        },
        base={
            "vendor/modules.txt": "# x.org/a v1.0.0\n## explicit\nx.org/a/deep\n# x.org/b v1.0.0\n## explicit\n",
            "vendor/x.org/a/deep/deep.go": go("deep"),
        },
        mode=Mode.NONE,
    ),
    "D1 inconsistent": Case(
        {"go.mod": TREE["go.mod"].replace("x.org/b v1.0.0", "x.org/b v1.1.0")}, EVERY, base=VENDORED
    ),
    "D1": Case({"go.mod": TREE["go.mod"].replace("x.org/a v1.0.0", "x.org/a v1.1.0")}, {"s"}, ids={"D1"}),
    "D2": Case(
        {"go.mod": TREE["go.mod"].replace("x.org/b v1.0.0", "x.org/b v1.1.0 // indirect")},
        {"s"}, base={"go.mod": TREE["go.mod"].replace("x.org/b v1.0.0", "x.org/b v1.0.0 // indirect")},
    ),
    "D7": Case(
        {"go.mod": TREE["go.mod"].replace("go 1.22", "go 1.16").replace("x.org/b v1.0.0", "x.org/b v1.1.0")},
        EVERY, ids={"D7"}, base={"go.mod": TREE["go.mod"].replace("go 1.22", "go 1.16")},
    ),
    "D10": Case({"go.mod": TREE["go.mod"] + "\nexclude x.org/a v1.0.1\n"}, {"s"}, ids={"D10"}),
    "D10 retract": Case({"go.mod": TREE["go.mod"] + "\nretract v0.1.0\n"}, mode=Mode.NONE),
    "D16": Case(
        {"go.work": "go 1.22\n\nuse .\nuse ./sub\n"}, EVERY | {"sub/x"},
        base={
            "go.work": "go 1.22\n\nuse .\n", "sub/go.mod": "module example.com/sub\n\ngo 1.22\n",
            "sub/x/x.go": go("x"), "sub/x/x_test.go": go_test("x"),
        },
    ),
    "D16 in form only": Case(
        {"go.work": "go 1.22\n\nuse ( \n./sub\n.\n)\n"},
        base={
            "go.work": "go 1.22\n\nuse .\nuse ./sub\n", "sub/go.mod": "module example.com/sub\n\ngo 1.22\n",
            "sub/x/x.go": go("x"), "sub/x/x_test.go": go_test("x"),
        },
        mode=Mode.NONE,
    ),
    "D18 linked by a workspace": Case(
        {"sub/x/x.go": go("x", body="var X = 1")}, {"sub/x", "s"},
        base={
            "go.work": "go 1.22\n\nuse .\nuse ./sub\n", "sub/go.mod": "module example.com/sub\n\ngo 1.22\n",
            "sub/x/x.go": go("x"), "sub/x/x_test.go": go_test("x"), "s/sub.go": go("s", "example.com/sub/x"),
        },
    ),
    "D24": Case(
        {"p/p.go": go("p", body="func P() int { return 2 }")}, P | {"broken"},
        base={"broken/b.go": go("broken", f"{M}/p", f"{M}/nowhere"), "broken/b_test.go": go_test("broken")},
    ),
    "D3": Case({"go.mod": TREE["go.mod"].replace("\tx.org/b", "\tx.org/c v1.0.0\n\tx.org/b")}, set(), {"s"}),
    "D4": Case({"go.mod": TREE["go.mod"].replace("\tx.org/a v1.0.0\n", "")}, {"s"}, ids={"D4"}),
    "D5": Case({"go.sum": TREE["go.sum"] + "x.org/c v1.0.0 h1:c\n"}, mode=Mode.NONE),
    "D5 changed": Case({"go.sum": TREE["go.sum"].replace("h1:a", "h1:z")}, {"s"}, ids={"D5"}),
    "D17": Case({"go.sum": "x.org/b v1.0.0 h1:b\n"}, {"s"}),
    "D6": Case({"go.mod": TREE["go.mod"].replace("x.org/b v1.0.0", "x.org/b v1.0.0 // indirect")}, mode=Mode.NONE),
    "D8": Case({"go.mod": TREE["go.mod"] + "\nreplace x.org/a => x.org/fork v1.0.1\n"}, {"s"}, ids={"D8"}),
    "D8 another folder": Case(
        {"go.mod": TREE["go.mod"] + "\nreplace x.org/a => ./lib2\n"}, {"s"}, ids={"D8"},
        base={
            "go.mod": TREE["go.mod"] + "\nreplace x.org/a => ./lib1\n",
            "lib1/go.mod": "module x.org/a\n\ngo 1.22\n", "lib1/deep/deep.go": go("deep"),
            "lib2/go.mod": "module x.org/a\n\ngo 1.22\n", "lib2/deep/deep.go": go("deep", body="var X = 1"),
        },
    ),
    "D8 to a folder": Case(
        {"go.mod": TREE["go.mod"] + "\nreplace x.org/a => ./lib1\n"}, {"s"}, ids={"D8"},
        base={"lib1/go.mod": "module x.org/a\n\ngo 1.22\n", "lib1/deep/deep.go": go("deep")},
    ),
    "D9": Case(
        {"lib/deep/deep.go": go("deep", body="var X = 1")}, {"s", "lib/deep"}, builds=set(),
        base={
            "go.mod": TREE["go.mod"] + "\nreplace x.org/a => ./lib\n", "lib/go.mod": "module x.org/a\n\ngo 1.22\n",
            "lib/deep/deep.go": go("deep"), "lib/deep/deep_test.go": go_test("deep"),
        },
    ),
    "D9 requires more": Case(
        {"lib/go.mod": "module x.org/a\n\ngo 1.22\n\nrequire x.org/b v1.0.1\n"}, EVERY, ids={"D9"}, builds=None,
        base={
            "go.mod": TREE["go.mod"] + "\nreplace x.org/a => ./lib\n",
            "lib/go.mod": "module x.org/a\n\ngo 1.22\n\nrequire x.org/b v1.0.0\n", "lib/deep/deep.go": go("deep"),
        },
    ),
    "D1 no canonical version": Case({"go.mod": TREE["go.mod"] + "\nrequire x.org/c latest\n"}, EVERY, ids={"D1"}),
    "D1 a canonical version again": Case(
        {"go.mod": TREE["go.mod"]}, EVERY, base={"go.mod": TREE["go.mod"] + "\nrequire x.org/c v2.0.0\n"}, ids={"D1"}
    ),
    "D1 two versions": Case({"go.mod": TREE["go.mod"] + "\nrequire x.org/b v1.1.0\n"}, EVERY, ids={"D1"}),
    "D3 around ours without a hash": Case({"go.mod": TREE["go.mod"] + "\nrequire example.com v1.0.0\n"}, EVERY, ids={"D3"}),
    "D3 below ours without a hash": Case({"go.mod": TREE["go.mod"] + f"\nrequire {M}/q v1.0.0\n"}, {"q", "r"}, {"s"}, ids={"D3"}),
    "D3 around others without a hash": Case({"go.mod": TREE["go.mod"] + "\nrequire x.org v1.0.0\n"}, {"s"}, ids={"D3"}),
    "D5 no hash": Case({"go.sum": TREE["go.sum"] + "<<<<<<< HEAD\n"}, EVERY, ids={"D5"}),
    "D5 around others lost": Case(
        {"go.sum": TREE["go.sum"]}, {"s"}, ids={"D5"},
        base={"go.mod": TREE["go.mod"] + "\nrequire x.org v1.0.0\n", "go.sum": TREE["go.sum"] + "x.org v1.0.0 h1:x\n"},
    ),
    "D5 found again": Case({"go.sum": TREE["go.sum"]}, {"s"}, ids={"D5"}, base={"go.sum": "x.org/b v1.0.0 h1:b\n"}),
    "D8 twice": Case(
        {"go.mod": TREE["go.mod"] + "\nreplace x.org/c => x.org/d v1.0.0\nreplace x.org/c => x.org/d v1.1.0\n"}, EVERY
    ),
    "D8 held by two modules": Case(
        {"out/m/q/q.go": go("q")}, {"q", "r"}, ids={"D8"},
        base={
            "go.mod": TREE["go.mod"] + "\nrequire example.com v1.0.0\nreplace example.com => ./out\n",
            "out/go.mod": "module example.com\n\ngo 1.22\n",
        },
    ),
    "D9 a go.mod that go does not take": Case(
        {"lib/go.mod": "module x.org/a\n\ngo 1.22\n\nrequire x.org/c latest\n"}, {"s"}, ids={"D9"},
        base={
            "go.mod": TREE["go.mod"] + "\nreplace x.org/a => ./lib\n", "lib/go.mod": "module x.org/a\n\ngo 1.22\n",
            "lib/deep/deep.go": go("deep"),
        },
    ),
    "D10 required": Case({"go.mod": TREE["go.mod"] + "\nexclude x.org/a v1.0.0\n"}, EVERY, ids={"D10"}),
    "D16 a go line above": Case(
        {"sub/go.mod": "module example.com/sub\n\ngo 1.23\n"}, EVERY | {"sub/x"}, ids={"D16"}, base=WORKSPACE
    ),
    "D16 a path twice": Case(
        {"sub/go.mod": f"module {M}/sub\n\ngo 1.22\n"}, EVERY | {"sub/x"}, ids={"D16"},
        base=WORKSPACE | {"sub/go.mod": f"module {M}\n\ngo 1.22\n"},
    ),
    "D16 a folder without go.mod": Case(
        {"other/go.mod": None}, EVERY | {"sub/x"}, ids={"D16"},
        base=WORKSPACE | {"go.work": WORKSPACE["go.work"] + "use ./other\n", "other/go.mod": "module example.com/other\n"},
    ),
    "D16 not to be read": Case(
        {"go.work": "go 1.22\n\nuse (\n"}, EVERY | {"sub/x"}, ids={"D16"}, base=WORKSPACE,
    ),
    "C24 go.mod disagrees": Case(
        {"go.mod": TREE["go.mod"].replace("\tx.org/b v1.0.0\n", "")}, EVERY, base=VENDORED, ids={"C24"}
    ),
    "D26": Case(
        {"p/p.go": go("p", body="func P() int { return 2 }")}, P | {"s"}, ids={"A1", "D26"},
        base={"go.mod": TREE["go.mod"] + "\nreplace x.org/a => ../outside\n"},
    ),
    "D11": Case({"go.mod": TREE["go.mod"].replace("go 1.22", "go 1.23")}, EVERY, ids={"D11"}),
    "D12": Case({"go.mod": TREE["go.mod"].replace("go 1.22", "go 1.22\n\ntoolchain go1.26.1")}, EVERY),
    "D13": Case({"go.mod": TREE["go.mod"] + "\ngodebug panicnil=1\n"}, EVERY),
    "D14": Case({"go.mod": TREE["go.mod"] + "\ntool x.org/b/cmd\n"}, mode=Mode.NONE),
    "D15 left": Case({"go.mod": TREE["go.mod"] + "\nignore ./s\n"}, removed={f"{M}/s"}, mode=Mode.NONE),
    "D15 joined": Case(
        {"go.mod": TREE["go.mod"]}, {"s"}, base={"go.mod": TREE["go.mod"] + "\nignore ./s\n"}
    ),
    "D18": Case(
        {"sub/x/x.go": go("x", body="var X = 1")}, {"sub/x"},
        base={"sub/go.mod": "module example.com/sub\n\ngo 1.22\n", "sub/x/x.go": go("x"), "sub/x/x_test.go": go_test("x")},
    ),
    "D19 added": Case(
        {"p/go.mod": f"module {M}/p\n\ngo 1.22\n"}, P, {"p"},
    ),
    "D19 removed": Case(
        {"sub/go.mod": None}, {"sub/x"},
        base={"sub/go.mod": "module example.com/sub\n\ngo 1.22\n", "sub/x/x.go": go("x"), "sub/x/x_test.go": go_test("x")},
        removed=set(),
    ),
    "D20": Case({"go.mod": TREE["go.mod"].replace(M, "example.com/renamed")}, EVERY, ids={"D20"}),
    "D21": Case(
        {"go.mod": TREE["go.mod"].replace("x.org/b v1.0.0", "x.org/a/v2 v2.1.0\n\tx.org/b v1.0.0")},
        {"r"}, {"s"},
        base={
            "go.mod": TREE["go.mod"].replace("x.org/b v1.0.0", "x.org/a/v2 v2.0.0\n\tx.org/b v1.0.0"),
            "r/v_test.go": go_test("r", "x.org/a/v2/deep", body="func TestV(t *testing.T) {}"),
        },
    ),
    "D23": Case(
        {"go.mod": (TREE["go.mod"] + "\nreplace x.org/a => ./lib\n").replace("a v1.0.0", "a v1.1.0")},
        base={
            "go.mod": TREE["go.mod"] + "\nreplace x.org/a => ./lib\n", "lib/go.mod": "module x.org/a\n\ngo 1.22\n",
            "lib/deep/deep.go": go("deep"),
        },
        mode=Mode.NONE,
    ),
    "E13": Case({}, mode=Mode.NONE),
    "E15": Case({".gomanager.yaml": "version: 1\n"}, EVERY, mode=Mode.ALL, ids={"E15"}),
    "F1": Case({"Makefile": "all:\n"}, mode=Mode.NONE),
    "F2": Case({".github/workflows/ci.yml": "", "Dockerfile": ""}, mode=Mode.NONE),
    "F3": Case({".golangci.yml": "", ".gitattributes": "", ".gitignore": "x\n"}, mode=Mode.NONE),
}  # fmt: skip


def phase(case):
    run = Run(tags=case.tags, race=case.race)
    return Phase(name="unit", run=run)


def ask(repo, case, phases=None, **more):
    changes, snapshot = collect(repo.discover(), Wanted())
    tree = tree_of(snapshot)
    before = {
        c.path: Entry(c.path, c.old.mode, c.old.oid) if c.old else None for c in changes.changes
    }
    wanted = phases or (phase(case),)
    configuration = Configuration(
        goos=case.goos,
        goarch="amd64",
        cgo=True,
        release=26,
        tags=frozenset(case.tags),
        tool_tags=frozenset({"race"} if case.race else ()),
    )
    more.setdefault("configurations", {one.name: configuration for one in wanted})
    inquiry = Inquiry(
        changes=changes,
        head=load(tree),
        base=load(tree.changed(before)),
        phases=wanted,
        inert=inert_globs(),
        **more,
    )
    return select(inquiry).scope


@pytest.fixture
def prepared(repo):
    def prepare(case):
        repo.commit(TREE | case.base)
        repo.git("checkout", "-q", "-b", "feat")
        repo.commit(case.change)
        return repo

    return prepare


def by_folder(packages):
    """Folder in the repository, of modules whose path is their folder's or the root's."""
    roots = {"": (M, "example.com/renamed"), "sub": ("example.com/sub",), "lib": ("x.org/a",)}
    found = set()
    for package in packages:
        known = (*roots.get(package.module, ()), f"{M}/{package.module}")
        root = next(r for r in known if package.path == r or package.path.startswith(f"{r}/"))
        found.add(f"{package.module}/{package.path[len(root) :].strip('/')}".strip("/"))
    return found


@pytest.mark.parametrize("name", CASES)
def test_case(name, prepared):
    case = CASES[name]
    repo = prepared(case)
    scope = ask(repo, case)
    (unit,) = scope.phases
    selected = by_folder(unit.packages)
    assert selected >= case.required
    assert selected - case.required <= case.tolerated
    if case.builds is not None:
        assert by_folder(unit.build_only) == case.builds
    if case.removed or "A9" in name or "D15" in name:
        assert set(scope.removed) == case.removed
    if case.mode is not None:
        assert scope.mode is case.mode
    if case.ids:
        assert case.ids <= {reason.id for p in unit.packages for reason in p.reasons}
    for package in unit.packages:
        assert package.reasons


def test_a30_only_the_mode_of_a_go_file(prepared):
    repo = prepared(Case())
    (repo.root / "p/p.go").chmod(0o755)
    repo.commit()
    assert ask(repo, Case()).mode is Mode.NONE


def test_c18_the_target_of_a_link(prepared):
    repo = prepared(Case(base={"common/a.json": "1"}))
    (repo.root / "s/testdata").mkdir()
    (repo.root / "s/testdata/a.json").symlink_to("../../common/a.json")
    repo.git("checkout", "-q", "main")
    repo.commit()
    repo.git("checkout", "-q", "-B", "feat")
    repo.commit({"common/a.json": "2"})
    scope = ask(repo, Case())
    assert "s" in by_folder(scope.phases[0].packages)


def test_c18_a_link_to_a_go_file(prepared):
    repo = prepared(Case(base={"gen/shared.go.txt": "package s\n"}))
    (repo.root / "s/linked.go").symlink_to("../gen/shared.go.txt")
    repo.git("checkout", "-q", "main")
    repo.commit()
    repo.git("checkout", "-q", "-B", "feat")
    repo.commit({"gen/shared.go.txt": "package s\n\nvar X = 1\n"})
    assert "s" in by_folder(ask(repo, Case()).phases[0].packages)


def test_c19_a_link_to_a_folder_of_packages(prepared):
    repo = prepared(Case())
    (repo.root / "alias").symlink_to("p")
    repo.git("checkout", "-q", "main")
    repo.commit()
    repo.git("checkout", "-q", "-B", "feat")
    repo.commit({"p/p_test.go": go_test("p", body="func TestZ(t *testing.T) {}")})
    assert by_folder(ask(repo, Case()).phases[0].packages) == {"p"}


def test_c22_a_submodule(prepared, make):
    inner = make("inner")
    inner.commit({"x.go": go("sub"), "go.mod": "module x.org/sub\n\ngo 1.22\n"})
    mod = TREE["go.mod"] + "\nreplace x.org/sub => ./third/sub\n"
    repo = prepared(Case(base={"go.mod": mod, "s/sub.go": go("s", "x.org/sub")}))
    url = str(inner.root)
    repo.git("checkout", "-q", "main")
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", url, "third/sub")
    repo.commit()
    repo.git("checkout", "-q", "-B", "feat")
    head = inner.commit({"x.go": go("sub", body="var X = 1")})
    repo.git("-C", "third/sub", "fetch", "-q", url, head)
    repo.git("-C", "third/sub", "checkout", "-q", head)
    scope = ask(repo, Case())
    assert by_folder(scope.phases[0].packages) == {"s"}
    repo.git("submodule", "deinit", "-q", "-f", "third/sub")
    repo.git("update-index", "--cacheinfo", f"160000,{head},third/sub")
    repo.git("commit", "-q", "-m", "x")
    assert ask(repo, Case()).mode is Mode.ALL


@pytest.mark.parametrize("name", ["A1", "A5", "A9", "C4", "C10", "D1", "D20", "B7 out"])
def test_committed_or_not_the_scope_is_the_same(name, repo):
    case = CASES[name]
    repo.commit(TREE | case.base)
    repo.git("checkout", "-q", "-b", "feat")
    repo.write(case.change)
    dirty = ask(repo, case)
    repo.commit()
    clean = ask(repo, case)
    assert (dirty.packages, dirty.build_only) == (clean.packages, clean.build_only)
    assert (dirty.dirty, clean.dirty) == (True, False)


def test_e6_e7_without_a_base_everything_is_selected(prepared):
    repo = prepared(Case())
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit({"README.md": "another root"})
    scope = ask(repo, Case())
    assert (scope.mode, scope.base) == (Mode.ALL, None)
    assert by_folder(scope.phases[0].packages) == EVERY
    assert "no common history" in scope.reason


def test_a_fresh_clone_on_the_default_branch_runs_everything(prepared):
    repo = prepared(Case())
    repo.git("checkout", "-q", "main")
    scope = ask(repo, Case())
    assert (scope.mode, by_folder(scope.phases[0].packages)) == (Mode.ALL, EVERY)
    assert "no green run recorded" in scope.reason
    head = repo.git("rev-parse", "HEAD")
    assert ask(repo, Case(), known=Known(last_green=head)).mode is Mode.NONE


def test_e9_ignored_files_take_part(prepared):
    repo = prepared(Case(base={".gitignore": "gen.go\n"}))
    repo.write({"s/gen.go": go("s", f"{M}/p")})
    repo.commit({"p/p.go": go("p", body="func P() int { return 2 }")})
    scope = ask(repo, Case())
    assert by_folder(scope.phases[0].packages) == P | {"s"}
    assert any("s/gen.go" in note.text for note in scope.notes)


def test_e9_an_ignored_file_alone_is_taken_for_changed(prepared):
    repo = prepared(Case(base={".gitignore": "gen.go\nvendor/\n"}))
    repo.write({"p/gen.go": go("p", body="var X = 1"), "vendor/ex.com/v/gen.go": go("v")})
    scope = ask(repo, Case())
    assert by_folder(scope.phases[0].packages) == P
    assert "nothing changed that git knows" in scope.reason
    assert scope.phases[0].packages[0].reasons[0].path == "p/gen.go"


def test_e16_red_packages_stay(prepared):
    repo = prepared(Case())
    known = Known(red_packages=frozenset({f"{M}/s"}))
    scope = ask(repo, Case(), known=known)
    assert by_folder(scope.phases[0].packages) == {"s"}
    assert scope.phases[0].packages[0].reasons[0].id == "E16"


def test_unclaimed_may_be_told_to_select_nothing(prepared):
    repo = prepared(CASES["C15"])
    scope = ask(repo, CASES["C15"], unclaimed="none")
    assert (scope.mode, scope.unclaimed) == (Mode.NONE, ("fixtures/a.json",))


def test_every_seed_is_counted_and_the_nearest_is_first(prepared):
    change = {"p/p.go": go("p", body="var X = 1"), "r/r_test.go": go_test("r", body="var Y = 1")}
    scope = ask(prepared(Case(change)), Case())
    r = next(p for p in scope.phases[0].packages if p.path == f"{M}/r")
    assert [(reason.id, reason.path) for reason in r.reasons] == [
        ("A2", "r/r_test.go"),
        ("A1", "p/p.go"),
    ]
    assert [(link.package, link.edge.value) for link in r.reasons[1].chain] == [
        (f"{M}/p", "changed"),
        (f"{M}/q", "import"),
        (f"{M}/r", "import"),
    ]
    assert r.seeds == 2


def test_skipped_packages_are_named(prepared):
    scope = ask(prepared(CASES["A5"]), CASES["A5"])
    skipped = scope.phases[0].skipped
    assert {path.removeprefix(f"{M}/") for path in skipped.unchanged} == EVERY - {"help", "t"}
    assert skipped.not_in_phase == ()


@pytest.mark.parametrize(
    ("importing", "change", "expected"),
    [
        ("", ("x.org/b v1.0.0", "x.org/b v1.1.0"), set()),
        ('import _ "x.org/b"\n', ("x.org/b v1.0.0", "x.org/b v1.1.0"), {"s"}),
        ("", ("\tx.org/b", "\tx.org/c v1.0.0\n\tx.org/b"), set()),
    ],
    ids=["D1 nobody reaches it", "D1 through another module", "D3"],
)
def test_the_module_cache_makes_it_precise(prepared, tmp_path, importing, change, expected):
    for module in ("a", "b"):
        folder = tmp_path / f"cache/x.org/{module}@v1.0.0/{'deep' if module == 'a' else ''}"
        folder.mkdir(parents=True)
        (folder / "x.go").write_text(f"package x\n\n{importing if module == 'a' else ''}")
    repo = prepared(Case({"go.mod": TREE["go.mod"].replace(*change)}))
    scope = ask(repo, Case(), store=ModuleCache(tmp_path / "cache"))
    assert by_folder(scope.phases[0].packages) == expected
    assert scope.notes == ()


def test_a28_the_input_of_a_generator(prepared):
    base = {"p/gen.go": "package p\n\n//go:generate stringer\n"}
    scope = ask(prepared(Case({"p/table.csv": "2"}, base=base)), Case())
    assert by_folder(scope.phases[0].packages) == {"p"}
    assert [note.fix for note in scope.notes] == ["go generate ./p"]


def test_a31_a_magefile_calls_what_magex_drives(prepared):
    base = {"tools/mage.go": "//go:build mage\n\npackage main\n"}
    change = {"tools/mage.go": "//go:build mage\n\npackage main\n\nvar X = 1\n"}
    repo = prepared(Case(change, base=base))
    phases = (
        Phase(name="magex", run=Run(runner="magex", packages=("p",))),
        Phase(name="go", run=Run(runner="go")),
    )
    scope = ask(repo, Case(), phases=phases)
    assert [(phase.name, phase.selected) for phase in scope.phases] == [
        ("go", False),
        ("magex", True),
    ]


def test_d16_a_workspace_that_was_not_looked_at_selects_everything(prepared):
    repo = prepared(Case({"p/p_test.go": go_test("p", body="var X = 1")}))
    why = "a go.work that lies elsewhere links the modules of the repository"
    scope = ask(repo, Case(), unseen=("D16", why))
    assert (scope.mode, by_folder(scope.phases[0].packages)) == (Mode.ALL, EVERY)
    assert (scope.reason, scope.unclaimed) == (why, ())
