"""Titles of what the assertion libraries write, as their real outputs stand in a stream."""

import pytest

from gomanager.gotest.headline import headline

TESTIFY = """    a_test.go:19:
        \tError Trace:\t/m/a_test.go:19
        \tError:      \tNot equal:
        \t            \texpected: {0}
        \t            \tactual  : {1}
        \t
        \t            \tDiff:
        \t            \t--- Expected
        \t            \t+++ Actual
        \t            \t@@ -1,3 +1,3 @@
        \t            \t-(string) "a"
        \t            \t+(string) "b"
        \tTest:       \tTestA
        \tMessages:   \tthe person"""
PANICS = """    a_test.go:30:
        \tError Trace:\t/m/a_test.go:30
        \tError:      \tfunc (assert.PanicTestFunc)(0x834140) should not panic
        \t            \t\tPanic value:\toh
        \t            \t\tPanic stack:\tgoroutine 37 [running]:
        \t            \t\truntime/debug.Stack()
        \tTest:       \tTestB"""
QUICKTEST = """    a_test.go:58:
        error:
          values are not equal
        comment:
          letters of x
        got:
          "a"
        want:
          "b"
        stack:
          /m/a_test.go:58
            c.Check("a", qt.Equals, "b", qt.Commentf("letters of %s", "x"))
"""
QUICKTEST_DEEP = """    a_test.go:59:
        error:
          values are not deep equal
        diff (-got +want):
            m.P{
          - \tName: "a",
          + \tName: "b",
            }
        got:
          m.P{Name: "a"}
        want:
          m.P{Name: "b"}"""
GOMEGA = """    a_test.go:39:
        letters differ
        Expected
            <string>: a
        to equal
            <string>: b"""
CMP = """    a_test.go:43: P mismatch (-want +got):
          m.P{
        - \tName: "a",
        + \tName: "b",
          \tTags: nil,
          }"""
CMP_BARE = """    a_test.go:44:   int(
        - \t1,
        + \t2,
          )
"""
GOTEST_TOOLS = """    a_test.go:56: assertion failed:\x20
        --- expected
        +++ actual
        @@ -1,2 +1,2 @@
        -old
        +new
        \x20

        You can run 'go test . -update' to automatically update testdata/x.golden"""
LONG = "m.P{" + ", ".join(f"Field{n}: {n}" for n in range(20)) + "}"
MANY = "    a_test.go:1: items (-want +got):\n" + "".join(f"        -{n}\n" for n in range(9))


@pytest.mark.parametrize(
    ("block", "said", "title"),
    [
        (TESTIFY.format(1, 2), "", "the person: Not equal: expected: 1 actual: 2"),
        (TESTIFY.format(LONG, 2), "", 'the person: Not equal: -(string) "a", +(string) "b"'),
        (PANICS, "", "func (assert.PanicTestFunc)(0x834140) should not panic Panic value: oh"),
        (QUICKTEST, "", 'letters of x: values are not equal: got "a", want "b"'),
        (QUICKTEST_DEEP, "", 'values are not deep equal: -Name: "a", +Name: "b"'),
        (GOMEGA, "", "letters differ Expected <string>: a to equal <string>: b"),
        (CMP, "P mismatch (-want +got):", 'P mismatch (-want +got): -Name: "a", +Name: "b"'),
        (CMP_BARE, "  int(", "int: -1, +2"),
        (GOTEST_TOOLS, "assertion failed: ", "assertion failed: -old, +new"),
        ("    a_test.go:66: got:\n        1\n        want:\n        2", "got:", "got: 1 want: 2"),
        ("    a_test.go:1: plain", "plain", "plain"),
        ("    a_test.go:1: call f(\n        x)", "call f(", "call f("),
        (MANY, "items (-want +got):", "items (-want +got): -0, -1, -2, -3, -4, -5, …"),
        ("    a_test.go:1: nothing behind:", "nothing behind:", "nothing behind"),
        ("    a_test.go:1: ", "", ""),
    ],
)
def test_titles(block: str, said: str, title: str) -> None:
    assert headline(said, block).title == title


def test_the_key_is_what_it_was_before_titles_showed_more() -> None:
    assert headline("P mismatch (-want +got):", CMP).key == "P mismatch (-want +got):"
    assert headline("", GOMEGA).key == "letters differ Expected <string>: a to equal <string>: b"
