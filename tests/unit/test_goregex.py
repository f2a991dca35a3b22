"""Go's regular expressions, matched by Python."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gomanager.goregex import BadPattern, compile_pattern


@pytest.mark.parametrize(
    ("pattern", "hits", "misses"),
    [
        ("^Test(A|B)$", ["TestA", "TestB"], ["TestAB", "XTestA"]),
        ("(?i)retry", ["TestRETRY", "TestRetry"], ["TestTry"]),
        ("Test(?i)a|b", ["TestA", "xB"], ["testa"]),
        ("(?i:a)B", ["AB", "aB"], ["ab"]),
        (r"\QA.B\E$", ["xA.B"], ["AxB"]),
        (r"[[:upper:]]{3}", ["TestAPI"], ["TestApi"]),
        (r"Test_?\pL+\z", ["TestÄ", "Test_x"], ["Test1"]),
        (r"^Test[^a-z[]", ["TestA"], ["Testa", "Test["]),
        (r"(?P<x>a)(?<y>b)", ["ab"], ["a"]),
        (r"a{,2}", ["a{,2}"], ["aa"]),
        (r"\x{41}\x42", ["AB"], ["ab"]),
        (r"[]a]+", ["]"], ["b"]),
        (r"(?U)a+?", ["a"], ["b"]),
        (r"[a\-z&&x]", ["-", "&"], ["b"]),
        ("", ["x"], []),
    ],
)
def test_matches_as_go_does(pattern: str, hits: list[str], misses: list[str]) -> None:
    compiled = compile_pattern(pattern)
    assert [name for name in hits if not compiled.search(name)] == []
    assert [name for name in misses if compiled.search(name)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=x)",
        "(?!x)",
        "(?<=x)y",
        r"(a)\1",
        "a++",
        "a**",
        "a*+",
        "(?>a)",
        "(?P=x)",
        "(?#x)",
        "(a",
        "a)",
        "[a",
        "*a",
        r"\Z",
        r"\y",
        "a{1001}",
        "[[:foo:]]",
        "[b-a]",
        r"\p{Greek}",
        "a\\",
    ],
)
def test_refuses_what_go_refuses(pattern: str) -> None:
    with pytest.raises(BadPattern):
        compile_pattern(pattern)


@given(st.text(alphabet=r"aB1^$()[]{}|*+?\.-:i,<P>!=#QEzd", max_size=14))
def test_never_fails_otherwise(pattern: str) -> None:
    with contextlib.suppress(BadPattern):
        compile_pattern(pattern).search("TestB1")
