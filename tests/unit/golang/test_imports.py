"""Header records of Go files: each statement verified with the go command."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gomanager.golang.header import Header
from gomanager.golang.imports import read_header


def header(text: str) -> Header:
    return read_header(text.encode())


@pytest.mark.parametrize(
    ("text", "imports"),
    [
        ('package p\nimport "fmt"\n', ("fmt",)),
        ('package p\nimport f "fmt"; import _ "os"\n', ("fmt", "os")),
        ('package p\nimport . "fmt"\n', ("fmt",)),
        ("package p\nimport `a/b`\n", ("a/b",)),
        ('package p\nimport (\n\t"a"\n\tx "b" // "c"\n\t/* "d" */ _ "e"\n)\n', ("a", "b", "e")),
        ('package p\nimport ("a"; "b")\nimport "c"\n', ("a", "b", "c")),
        ('package p /* x */ ; import /* y */ "a"\n', ("a",)),
        ('// c\n/* d\n */ package p\n\n// e\nimport "a"\n', ("a",)),
        ('\ufeffpackage p\nimport "a"\n', ("a",)),
        ('package p\r\n\r\nimport (\r\n\t"a"\r\n\t"b"\r\n)\r\n', ("a", "b")),
        ('package p\nvar x = 1\nimport "late"\n', ()),
        ('package p\nimport ()\nfunc f() { _ = "x" }\n', ()),
        ('package p\nimport (\n"a" // )\n"b"\n)\n', ("a", "b")),
        ('package p\nimport "a"\nimport "a"\n', ("a",)),
        ("package p", ()),
        ('package p\nimport ä "a"\n', ("a",)),
        ('package p\nvar importer = "x"\n', ()),
    ],
)
def test_imports(text: str, imports: tuple[str, ...]) -> None:
    read = header(text)
    assert read.imports == imports
    assert read.package == "p"
    assert not read.problem


@pytest.mark.parametrize(
    ("text", "constraint"),
    [
        ("//go:build linux\npackage p\n", "linux"),
        ("// c\n\n//go:build linux && !cgo\n\n// doc\npackage p\n", "linux && !cgo"),
        ("/* a */\n//go:build a\npackage p\n", "a"),
        ("/*\n//go:build a\n*/\npackage p\n", ""),
        ("/* x */ //go:build a\npackage p\n", ""),
        ("/*\n*/ //go:build a\n\npackage p\n", ""),
        ("package p\n//go:build a\n", ""),
        ("//go:buildx\npackage p\n", ""),
        ("  //go:build a\npackage p\n", "a"),
        ("//go:build a\r\n\r\npackage p\r\n", "a"),
        ("// +build a\n\npackage p\n", "(a)"),
        ("// +build a\npackage p\n", ""),
        ("// +build a,!b c\n// +build d\n\npackage p\n", "((a && !b) || c) && (d)"),
        ("//go:build a\n// +build b\n\npackage p\n", "a"),
        ("//+build a\n\npackage p\n", "(a)"),
        ("// +build !!a\n\npackage p\n", "(ignore)"),
    ],
)
def test_constraints(text: str, constraint: str) -> None:
    assert header(text).constraint == constraint
    assert not header(text).problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("//go:build a\n//go:build b\npackage p\n", "multiple //go:build"),
        ("//go:build a b\npackage p\n", "unexpected b"),
        ("//go:build (a\npackage p\n", "missing )"),
        ("//go:build !!a\npackage p\n", "double negation"),
        ("//go:build\npackage p\n", "missing tag"),
        ("//go:build a & b\npackage p\n", "invalid syntax"),
        ('package p\nimport ("a"\n', "does not end"),
        ("package p\nimport fmt\n", "without a path"),
        ("func main() {}\n", "no package clause"),
        ("", "no package clause"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "LFS"),
    ],
)
def test_broken_files_say_why(text: str, problem: str) -> None:
    assert problem in header(text).problem


def test_embeds_and_linknames_anywhere() -> None:
    read = header(
        "package p\n"
        'import _ "embed"\n'
        '//go:embed a.txt dir/* "b c" `d e`\n'
        "  //go:embed all:x\n"
        "var s string // //go:embed no\n"
        "//go:linkname now time.now\n"
        "//go:linkname pushed\n"
        "//go:linkname t example.com/q.(*T).get\n"
    )
    assert read.embeds == ("a.txt", "dir/*", "b c", "d e", "all:x")
    assert read.linknames == ("time.now", "example.com/q.(*T).get")


def test_flags() -> None:
    text = '//go:debug x=1\npackage p\n//go:generate stringer\nimport "C"\n//export f\nfunc f(){}\n'
    assert header(text).flags == ("debug", "generate", "export")


def test_cgo_preamble() -> None:
    read = header(
        "package p\n\n"
        "// #cgo CFLAGS: -I${SRCDIR}/../include -Isub\n"
        "// #cgo linux LDFLAGS: -L${SRCDIR}/lib ${SRCDIR}/lib/libx.a -lm\n"
        '// #include "near.h"\n'
        "/*\n"
        "#include <stdio.h>\n"
        '  # include "../far.h"\n'
        "*/\n"
        'import "C"\n'
        'var x = `#include "no.h"`\n'
    )
    assert read.uses_cgo
    assert read.cgo.includes == ("near.h", "stdio.h", "../far.h")
    assert set(read.cgo.folders) == {"./../include", "sub", "./lib"}
    assert "lib/libx.a" in read.cgo.files


def test_includes_are_not_read_without_cgo() -> None:
    assert header('package p\n// #include "x.h"\nimport "fmt"\n').cgo.includes == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("func TestA(t *testing.T) {}\nfunc TestB(t *testing.T) {}\n", ["TestA", "TestB"]),
        ("func Testify(t *testing.T) {}\nfunc Test_x(t *testing.T) {}\n", ["Test_x"]),
        ("func TestÄ(t *testing.T) {}\nfunc Testä(t *testing.T) {}\n", ["TestÄ"]),
        ("func Test(t *testing.T) {}\n", ["Test"]),
        ("func TestMain(m *testing.M) {}\n", []),
        ("func TestMain(t *testing.T) {}\n", ["TestMain"]),
        ("func (s *S) TestA() {}\n", []),
        ("func BenchmarkX(b *testing.B) {}\nfunc FuzzX(f *testing.F) {}\n", ["BenchmarkX", "FuzzX"]),
        ("func ExampleA() {\n\tf()\n\t// Output: 1\n}\n", ["ExampleA"]),
        ("func ExampleA() {\n\tf() // Unordered output: 1\n}\n", ["ExampleA"]),
        ("func ExampleA() {\n\tf() // Output:\n\t// 1\n}\n", []),
        ("func ExampleA() {\n\tf() // x\n\t// Output:\n\t// 1\n}\n", ["ExampleA"]),
        ("func ExampleA() {\n\t// x\n\t// Output: 1\n}\n", []),
        ("func ExampleA() {\n\t// x\n\n\t// Output: 1\n}\n", ["ExampleA"]),
        ("func ExampleA() {\n\t// Output: 1\n\tf()\n}\n", ["ExampleA"]),
        ("func ExampleA() {\n\tf() // Output: 1\n\tf() // x\n\t}\n", []),
        ("func ExampleA() {\n\t// Output: 1\n\tf()\n\t// the end\n}\n", []),
        ("func ExampleA() {\n\tf()\n}\n// Output: 1\n", []),
        ("func ExampleA() {\n\tf()\n\t/* Output: 1 */\n}\n", ["ExampleA"]),
        ("func TestA(\n\tt *testing.T,\n) {}\n", ["TestA"]),
        ("func TestA(t *testing.T) {}\r\nfunc TestB(t *testing.T) {}\r\n", ["TestA", "TestB"]),
        ("const s = `\nfunc TestNo(t *testing.T) {}\n`\nfunc TestA(t *testing.T) {}\n", ["TestA"]),
        ("/*\nfunc TestNo(t *testing.T) {}\n*/\nfunc TestA(t *testing.T) {}\n", ["TestA"]),
        ("// `\nfunc TestA(t *testing.T) {}\nvar r = '`'\nfunc TestB(t *testing.T) {}\n",
         ["TestA", "TestB"]),
    ],
)  # fmt: skip
def test_test_functions(text: str, names: list[str]) -> None:
    assert [test.name for test in header(f"package p\n\n{text}").tests] == names


def test_lines_of_test_functions() -> None:
    read = header("package p\n\nfunc TestA(t *testing.T) {}\n\n// x\nfunc TestB(t *testing.T) {}\n")
    assert [(test.name, test.line) for test in read.tests] == [("TestA", 3), ("TestB", 6)]


def test_literals_name_files_and_programs() -> None:
    read = header(
        'package p\nimport "fmt"\n'
        'var a = filepath.Join("..", "testdata", "x y", "f.json")\n'
        'var b = "a b"+c+"d.txt"\n'
        "var c = `../raw`\n"
        'var d = "sh -c"; var e = "go build -o x ./cmd/tool"\n'
    )
    assert {"..", "testdata", "f.json", "d.txt", "../raw", "./cmd/tool"} <= set(read.literals)
    assert "fmt" not in read.literals
    assert "builds" in read.flags


@pytest.mark.parametrize(
    ("text", "builds"),
    [
        ('exec.Command("go", "build", "./cmd/x")', True),
        ('exec.Command(goroot+"/bin/go", "run", ".")', True),
        ('import "github.com/onsi/gomega/gexec"', True),
        ('run("-buildmode=plugin")', True),
        ("sh(`go install ./...`)", True),
        ('import "os/exec"\nexec.Command(testenv.GoToolPath(t), "build")', True),
        ('import "os/exec"\nexec.CommandContext(ctx, "make", "all")', True),
        ('import "os/exec"\nuse("make"); exec.Command("git", "make")', False),
        ('exec.Command("git", "build")', False),
        ('exec.Command("go", "vet", "./...")', True),
        ('import "os/exec"\nexec.Command("sh", "-c", "cd .. && go build ./x")', True),
        ('import "os/exec"\nconst s = `\ncd ..\n\tgo build ./x\n`', True),
        ('import "os/exec"\nconst s = `set -e; go vet ./x`', True),
        ('import "os/exec"\nexec.Command("sh", "../build.sh")', True),
        ('import "os/exec"\n// go test ./... runs it\nfunc f() { go run(1) }', False),
        ('use("../build.sh")', False),
        ('import "golang.org/x/tools/go/packages"', True),
        ('s := "go away"', False),
    ],
)
def test_builds(text: str, builds: bool) -> None:
    assert ("builds" in header(f"package p\n{text}\n").flags) is builds


def test_vendored_files_are_read_shallow() -> None:
    read = read_header(b'package p\nimport "a"\nfunc TestA(t *T) {}\nvar x = ".."\n', deep=False)
    assert read == Header(package="p", imports=("a",))


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    read_header(data)


_PIECES = st.lists(
    st.sampled_from(
        [b"package", b" p", b"import", b"(", b")", b'"', b"`", b"//", b"/*", b"*/", b"\n", b";",
         b"//go:build ", b"// +build ", b"a", b"!", b"&&", b"func TestA(", b"//go:embed ", b"\x00",
         b"\xff", b"// Output:", b"func ExampleA() {", b"}", b'import "C"', b"#include "]
    ),
    max_size=40,
)  # fmt: skip


@given(_PIECES)
def test_torn_sources_never_raise(pieces: list[bytes]) -> None:
    read_header(b"".join(pieces))


def test_long_inputs_stay_linear() -> None:
    for piece in (b"/*", b"//\n", b"*", b"`", b'"', b"func TestA(", b"import (", b"((", b"\n\n"):
        read_header(b"package p\n" + piece * 100_000)
        read_header(piece * 100_000)
