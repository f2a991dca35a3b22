"""Flags of go test: what is kept, dropped, refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gomanager.errors import UsageError
from gomanager.gotest.argv import (
    Arguments,
    for_rerun,
    magex_refuses,
    narrowed,
    package_parts,
    parse,
)


def test_forms_of_a_flag_are_one():
    for words in (["-run", "X"], ["--run=X"], ["-test.run=X"], ["--test.run", "X"]):
        assert parse(words).words() == ("-run=X",)
    assert parse(["-race=1", "--short", "-cover=f"]).words() == ("-race", "-short", "-cover=false")


@pytest.mark.parametrize(
    "words",
    [["-v"], ["-v=true"], ["-v=false"], ["--v"], ["-test.v"], ["-test.v=test2json"], ["-json"]],
)
def test_s6_every_form_of_v_goes_away(words):
    assert parse([*words, "-race"]).words() == ("-race",)


def test_s6_v_behind_args_goes_away():
    assert parse(["-args", "-test.v", "--test.v=true", "x", "-v"]).binary == ("x", "-v")


def test_flags_packages_and_binary_arguments_are_told_apart():
    parsed = parse(["-tags", "a b", "./x", "-count=2", "./y", "-args", "-update", "-count=3"])
    assert parsed.packages == ("./x", "./y")
    assert parsed.words() == ("-tags=a b", "-count=2")
    assert parsed.binary == ("-update", "-count=3")
    assert [flag.name for flag in parsed.build] == ["tags"]
    assert [flag.name for flag in parsed.test] == ["count"]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["-rcae"], "did you mean -race"),
        (["-update"], "-args -update"),
        (["-run"], "needs a value"),
        (["-race=maybe"], "on or off"),
        (["-c"], "-c builds"),
        (["-list", "X"], "-list runs nothing"),
        (["-C", "x"], "in that repository"),
        (["--help"], "go help test"),
        (["-args", "-test.run=X"], "write it before -args, as -run=X"),
        ([""], "is no package"),
        (["-"], "is no package"),
    ],
)
def test_s54_what_go_test_cannot_take_is_a_usage_error(words, part):
    with pytest.raises(UsageError) as raised:
        parse(words)
    assert part in f"{raised.value.what} {raised.value.fix}"
    assert raised.value.exit_code == 2


def test_reruns_keep_what_changes_the_program():
    words = [
        "-race",
        "-tags=x",
        "-cover",
        "-covermode=atomic",
        "-coverpkg=./...",
        "-trimpath",
        "-ldflags=-s",
        "-gcflags=-N",
        "-mod=vendor",
        "-pgo=off",
        "-parallel=2",
        "-cpu=1",
        "-short",
        "-timeout=1m",
        "-skip=S",
    ]
    dropped = [
        "-run=X",
        "-count=3",
        "-failfast",
        "-v",
        "-shuffle=on",
        "-coverprofile=c",
        "-bench=.",
        "-benchmem",
        "-benchtime=1x",
        "-fuzz=F",
        "-fuzztime=1s",
        "-artifacts",
        "-outputdir=o",
        "-json",
    ]
    parsed = for_rerun(parse([*dropped, *words, "-args", "-update"]))
    assert list(parsed.words()) == words
    assert parsed.binary == ("-update",)


def test_stronger_flags_win_and_tags_add_up():
    phase = parse(["-tags=integration", "-timeout=15m", "-count=1"])
    merged = parse(["-tags=x,integration", "-timeout=1m"]).over(phase)
    assert merged.words() == ("-tags=integration,x", "-count=1", "-timeout=1m")
    assert Arguments().over(parse(["-tags="])).words() == ()


def test_magex_allow_list():
    assert magex_refuses(parse(["-short", "-run=^A$", "-tags=x", "-race", "-shuffle=on"])) is None
    assert magex_refuses(parse(["-short", "-skip=A"])) == "-skip"
    assert magex_refuses(parse(["-coverprofile=c"])) == "-coverprofile"
    assert magex_refuses(parse(["./a"])) == "./a"
    assert magex_refuses(parse(["-args", "x"])) == "-args"


def test_e14_long_package_lists_are_split():
    packages = [f"example.com/module/package{i}" for i in range(10_000)]
    parts = list(package_parts(packages))
    assert [p for part in parts for p in part] == packages
    assert len(parts) > 1
    assert all(sum(len(p) + 1 for p in part) <= 128_000 for part in parts)


def test_the_users_own_pattern_narrows_what_is_expected():
    names = {"TestA", "TestB", "TestAB", "ExampleA"}
    assert narrowed(parse(["-run=^TestA"]), names) == {"TestA", "TestAB"}
    assert narrowed(parse(["-run=TestA$/sub|B", "-skip=AB"]), names) == {"TestA", "TestB"}
    assert narrowed(parse(["-skip=TestA/x"]), names) == names
    assert narrowed(parse(["-run=("]), names) == frozenset()


@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_words_are_read_or_refused(words):
    try:
        parsed = parse(words)
    except UsageError:
        return
    assert parse(parsed.words()).words() == parsed.words()
