"""Which test binaries can read nothing, and what code says that a log of its calls cannot."""

import pytest

from gomanager.golang.outside import Outside, scan

FILES = {
    "go.mod": "module example.com/m\n\ngo 1.26\n\nrequire x.com/x v1.0.0\n",
    "pure/p.go": 'package pure\nimport "strings"\n',
    "pure/p_test.go": 'package pure\nimport "testing"\n',
    "user/u_test.go": 'package user\nimport ("testing"; "example.com/m/pure")\n',
    "os/o.go": 'package os\nimport "os"\n',
    "os/o_test.go": 'package os\nimport "testing"\n',
    "far/f_test.go": 'package far\nimport ("testing"; "example.com/m/via")\n',
    "via/v.go": 'package via\nimport "example.com/m/os"\n',
    "third/t_test.go": 'package third\nimport ("testing"; "x.com/x")\n',
    "deep/d_test.go": 'package deep\nimport ("testing"; "example.com/m/dep")\n',
    "dep/d.go": 'package dep\nimport "x.com/x"\n',
    "win/w.go": "package win\n",
    "win/w_windows.go": 'package win\nimport "os"\n',
    "win/w_test.go": 'package win\nimport "testing"\n',
    "run/r_test.go": 'package run\nimport ("testing"; "os/exec")\n',
    "friend/f_test.go": 'package friend\nimport ("testing"; "example.com/m/pure2")\n',
    "pure2/p.go": "package pure2\n",
    "pure2/p_test.go": 'package pure2\nimport "os"\n',
}


@pytest.mark.parametrize(
    ("place", "pure"),
    [
        ("pure", True), ("user", True), ("win", True), ("friend", True),
        ("os", False), ("far", False), ("third", False), ("deep", False), ("run", False),
        ("pure2", False),
    ],
)  # fmt: skip
def test_who_can_read_nothing(make_view, place, pure):
    assert Outside(make_view(FILES)).pure(place) is pure


def test_who_starts_programs(make_view):
    outside = Outside(make_view(FILES))
    assert outside.starts("run")
    assert not outside.starts("os")


def test_sources_are_what_the_binary_links(make_view):
    assert set(Outside(make_view(FILES)).sources("far")) == {"far", "via", "os"}


@pytest.mark.parametrize(
    ("code", "doubt"),
    [
        ("var x = 1\n", ""),
        ("func f() { os.ReadFile(p) }\n", ""),
        ("var x, _ = os.ReadFile(p)\n", "before its tests"),
        ("func init() {\n\tx()\n\tos.Open(p)\n}\n", "before its tests"),
        ("func init() {\n\tx()\n}\n\nfunc f() {\n\tos.Open(p)\n}\n", ""),
        ("func f() { os.Environ() }\n", "environment"),
        ("func f() { syscall.Open(p, 0, 0) }\n", "system"),
        ('package p\n\nimport "C"\n', "C code"),
        ("func TestMain(m *testing.M) {\n\tos.Exit(m.Run())\n}\n", ""),
        ("func TestMain(m *testing.M) {\n\tgoleak.VerifyTestMain(m)\n}\n", ""),
        ("func TestMain(m *testing.M) {\n\tsetup()\n\tos.Exit(m.Run())\n}\n", "TestMain"),
        ("func TestMain(m *testing.M) {\n\tos.ReadFile(p)\n\tm.Run()\n}\n", "TestMain"),
        ("func TestMain(m *testing.M) { os.Exit(m.Run()) }\n", "TestMain"),
    ],
)
def test_what_a_log_cannot_tell(code, doubt):
    found = scan(code.encode(), test=True).doubt
    assert doubt in found if doubt else found == ""


def test_variables_are_found_wherever_they_are_asked_for():
    code = (
        b'var a = os.Getenv("A")\nfunc init() { os.LookupEnv( `B`) }\nfunc f() { os.Getenv(c) }\n'
    )
    assert scan(code, test=False).variables == {"A", "B"}


EARLY = {
    "go.mod": "module example.com/m\n\ngo 1.26\n\nrequire x.com/x v1.0.0\n",
    "conf/conf.go": (
        'package conf\n\nimport "os"\n\nfunc Load() string {\n\treturn read()\n}\n\n'
        "func Plain() int {\n\treturn 1\n}\n\ntype T struct{}\n\n"
        "func (T) Get() string {\n\treturn read()\n}\n"
    ),
    "conf/read.go": (
        'package conf\n\nimport "os"\n\nfunc read() string {\n\tb, _ := os.ReadFile("x")\n'
        "\treturn string(b)\n}\n"
    ),
}


@pytest.mark.parametrize(
    ("code", "reads"),
    [
        ("var v = conf.Load()\n", True),
        ("var v = conf.Plain()\n", False),
        ("var (\n\ta = 1\n\tv = conf.Load()\n)\n", True),
        ("var v = func() string {\n\treturn conf.Load()\n}()\n", True),
        ("var v = func() string {\n\treturn conf.Load()\n}\n", False),
        ('var v = map[string]func(){\n\t"a": func() { conf.Load() },\n}\n', False),
        ("var v = must(func() string { return conf.Load() })\n", True),
        ("var v = must(conf.Load)\n", True),
        ("var v = own()\n\nfunc own() string {\n\treturn conf.Load()\n}\n", True),
        ("var v = own(1)\n\nfunc own(n int) string {\n\treturn own(n - 1)\n}\n", False),
        ("func init() {\n\tsetup()\n}\n\nfunc setup() {\n\tconf.Load()\n}\n", True),
        ("var t conf.T\n\nvar v = t.Get()\n", True),
        ('var v = os.Getenv("A")\n', False),  # the name is known without a log
        ('var v = os.Getenv("A" + b)\n', True),
        ("var get = os.Getenv\n", True),
        ("func TestIt(t *testing.T) {\n\tconf.Load()\n}\n", False),
        ("var v = x.Load()\n", False),  # of another module: nobody can tell
    ],
)
def test_what_reads_before_the_tests_begin(make_view, code, reads):
    text = (
        'package p\n\nimport (\n\t"os"\n\t"testing"\n\n\t"example.com/m/conf"\n\t"x.com/x"\n)\n\n'
        + code
    )
    outside = Outside(make_view(EARLY | {"p/p_test.go": text}))
    assert bool(outside.early("p")) is reads
    assert outside.early("p").endswith("before its tests begin" if reads else "")


def test_a_library_that_reads_early_counts_for_who_links_it(make_view):
    library = 'package lib\n\nimport c "example.com/m/conf"\n\nvar V = c.Load()\n'
    user = 'package p\n\nimport (\n\t"testing"\n\n\t"example.com/m/lib"\n)\n'
    outside = Outside(make_view(EARLY | {"lib/lib.go": library, "p/p_test.go": user}))
    assert "example.com/m/lib calls c.Load" in outside.early("p")
