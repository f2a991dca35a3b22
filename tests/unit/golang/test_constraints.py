"""Which files a configuration compiles."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gomanager.golang.constraints import (
    UNION,
    Configuration,
    compiled,
    condition,
    demanded,
    included,
    suffix,
)
from gomanager.golang.expression import Broken, constraint_of, parse, tags
from gomanager.golang.header import Header

LINUX = Configuration(goos="linux", goarch="amd64", cgo=True, release=26)


def linux(*names: str, **changes: object) -> Configuration:
    return Configuration(
        goos="linux", goarch="amd64", cgo=True, release=26, tags=frozenset(names), **changes
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("x.go", ()),
        ("linux.go", ()),
        ("x_linux.go", ("linux",)),
        ("x_linux_test.go", ("linux",)),
        ("x_amd64.go", ("amd64",)),
        ("x_linux_arm64_test.go", ("linux", "arm64")),
        ("x_unix.go", ()),
        ("z_js_linux.go", ("linux",)),
        ("x_linux.pb.go", ("linux",)),
        ("x_test.go", ()),
        ("_linux.go", ("linux",)),
        ("linux_test.go", ()),
        ("a_b_windows.s", ("windows",)),
        ("x_amd64_linux.go", ("linux",)),
    ],
)
def test_suffixes(name: str, parts: tuple[str, ...]) -> None:
    assert suffix(name) == parts


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("linux", True),
        ("unix", True),
        ("windows", False),
        ("!windows && (amd64 || arm64)", True),
        ("cgo", True),
        ("gc", True),
        ("gccgo", False),
        ("go1.26", True),
        ("go1.27", False),
        ("ignore", False),
        ("!ignore", True),
        ("integration", False),
        ("!integration", True),
        ("race", False),
        ("", True),
    ],
)
def test_expressions_on_linux(expression: str, holds: bool) -> None:
    assert included(expression, LINUX) is holds


@pytest.mark.parametrize(
    ("goos", "also"), [("android", "linux"), ("illumos", "solaris"), ("ios", "darwin")]
)
def test_systems_that_are_others_too(goos: str, also: str) -> None:
    assert included(also, Configuration(goos=goos, goarch="arm64"))


def test_b12_tool_tags_hold() -> None:
    assert included("race", linux(tool_tags=frozenset({"race"})))


def test_what_only_the_toolchain_knows_stays_in() -> None:
    assert included("goexperiment.rangefunc", LINUX)
    assert included("!goexperiment.rangefunc", LINUX)
    known = linux(tool_tags=frozenset({"goexperiment.aliastypeparams"}))
    assert not included("goexperiment.rangefunc", known)


@pytest.mark.parametrize("expression", ["windows", "!windows", "cgo", "x && !y", "go1.99", "arm"])
def test_unknown_facts_include(expression: str) -> None:
    assert included(expression, UNION)


def test_ignore_is_false_even_then() -> None:
    assert not included("ignore", UNION)
    assert not included("ignore && linux", UNION)
    assert included("ignore", Configuration(tags=frozenset({"ignore"})))


@pytest.mark.parametrize(
    ("name", "header", "holds"),
    [
        ("x.go", Header(package="p"), True),
        ("_x.go", Header(package="p"), False),
        (".x.go", Header(package="p"), False),
        ("x.go", Header(package="documentation"), False),
        ("x_windows.go", Header(package="p", constraint="linux"), False),
        ("x.go", Header(package="p", imports=("C",)), True),
    ],
)
def test_compiled(name: str, header: Header, holds: bool) -> None:
    assert compiled(name, header, LINUX) is holds


def test_cgo_files_are_out_when_cgo_is_off() -> None:
    off = Configuration(goos="linux", goarch="amd64", cgo=False)
    assert not compiled("x.go", Header(package="p", imports=("C",)), off)


def test_condition_joins_name_constraint_and_cgo() -> None:
    assert condition("x_linux.go", "a || b", cgo=True) == "linux && cgo && (a || b)"
    assert condition("x.go", "a || b") == "a || b"


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("integration", {"integration"}),
        ("integration && linux", {"integration"}),
        ("integration || e2e", {"integration", "e2e"}),
        ("integration && e2e", {"integration", "e2e"}),
        ("linux || integration", set()),
        ("!other", set()),
        ("", set()),
    ],
)
def test_demanded_tags(expression: str, wanted: set[str]) -> None:
    assert demanded(expression, linux("integration", "e2e")) == wanted


def test_tags_of_an_expression() -> None:
    assert tags(parse("a && (b || !c.d)")) == {"a", "b", "c.d"}


_EXPRESSIONS = st.recursive(
    st.sampled_from(["custom", "linux", "go1.20", "x.y"]),
    lambda inner: st.one_of(
        inner.map(lambda e: f"!({e})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} && {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"{p[0]} || {p[1]}"),
    ),
    max_leaves=12,
)


@given(_EXPRESSIONS, st.booleans())
def test_evaluation_agrees_with_logic(expression: str, with_custom: bool) -> None:
    configuration = linux(*(["custom"] if with_custom else []))
    words = {"custom": with_custom, "linux": True, "go1.20": True, "x.y": False}
    python = expression.replace("&&", " and ").replace("||", " or ").replace("!", " not ")
    for word, value in words.items():
        python = python.replace(word, str(value))
    known = Configuration(
        goos="linux", goarch="amd64", cgo=True, release=26,
        tags=configuration.tags, tool_tags=frozenset({"amd64.v1"}),
    )  # fmt: skip
    assert included(expression, known) is eval(python)


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(Broken):
        parse(text)


@given(st.binary(max_size=200))
def test_any_preamble_is_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(Broken):
        constraint_of(b"// +build a\n//go:build " + data)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(Broken):
        parse("(" * 5000 + "a" + ")" * 5000)
