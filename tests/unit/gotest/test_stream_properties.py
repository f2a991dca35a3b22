"""Whatever the bytes: no traceback, no red stream read as green, one fold however it is cut."""

import json
import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from recordings.recording import Recording, asked, fold, recordings

from gomanager.errors import UsageError
from gomanager.gotest.archive import Recorded
from gomanager.gotest.asked import Asked
from gomanager.gotest.execution import Execution
from gomanager.gotest.fingerprint import normalise
from gomanager.gotest.source import read_recorded
from gomanager.gotest.verdict import judge
from gomanager.results import Outcome, Verdict

RECORDED = recordings()
RED = [one for one in RECORDED if judge(fold(one)).exit_code == 1 and one.exit_code == 1]
TEXTS = [one.stream for one in RECORDED]
chosen = st.sampled_from(RED)


def verdict(stream: bytes, one: Recording, exit_code: int) -> Verdict:
    execution = Execution(asked(one.case, one.argv))
    execution.feed(stream)
    return judge(execution.finish(exit_code, one.stderr)).verdict


def mutated(stream: bytes, seed: int) -> bytes:
    """A few lines dropped, doubled, swapped, cut, or with a byte changed."""
    chance = random.Random(seed)
    lines = stream.splitlines(keepends=True)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(lines)) if lines else 0
        match chance.randrange(5) if lines else 0:
            case 0:
                lines[at : at + 1] = []
            case 1:
                lines.insert(at, lines[chance.randrange(len(lines))])
            case 2:
                other = chance.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
            case _:
                line = bytearray(lines[at])
                if line:
                    line[chance.randrange(len(line))] = chance.randrange(256)
                lines[at] = bytes(line)
    return b"".join(lines)


@settings(max_examples=300, deadline=None)
@given(one=chosen, seed=st.integers(0, 2**32))
def test_a_mutated_red_stream_is_never_green(one: Recording, seed: int) -> None:
    assert verdict(mutated(one.stream, seed), one, one.exit_code) is not Verdict.GREEN


@settings(max_examples=300, deadline=None)
@given(one=chosen, seed=st.integers(0, 2**32))
def test_a_fail_that_is_read_outweighs_an_exit_of_0(one: Recording, seed: int) -> None:
    """The exit code is swallowed: whatever failed or never ended still makes it red."""
    execution = Execution(asked(one.case, one.argv))
    execution.feed(mutated(one.stream, seed))
    found = execution.finish(0)
    bad = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.NOT_RUN)
    cases = [c for p in found.packages for c in p.cases if not c.fold]
    if any(c.outcome in bad for c in cases) or any(p.result.red for p in found.packages):
        assert judge(found).verdict is Verdict.RED


@settings(max_examples=150, deadline=None)
@given(one=st.sampled_from(RECORDED), cuts=st.lists(st.integers(0, 40_000), max_size=6))
def test_blocks_cut_anywhere_give_the_same_fold(one: Recording, cuts: list[int]) -> None:
    execution = Execution(asked(one.case, one.argv))
    edges = [0, *sorted(cuts), len(one.stream)]
    for begin, end in pairwise(edges):
        execution.feed(one.stream[begin:end])
    assert fold(one) == execution.finish(one.exit_code, one.stderr)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=400), code=st.sampled_from([0, 1, 2, -9, None]))
def test_bytes_of_any_kind(data: bytes, code: int | None) -> None:
    execution = Execution(Asked())
    execution.feed(data)
    execution.feed(b'{"Action":' + data + b"}\n")
    assert judge(execution.finish(code, data)).verdict is not Verdict.GREEN


@settings(max_examples=200, deadline=None)
@given(
    events=st.lists(
        st.fixed_dictionaries(
            {"Action": st.sampled_from(["start", "run", "pause", "cont", "output", "pass", "fail", "skip", "build-fail", "retry"])},
            optional={
                "Package": st.sampled_from(["p", "q", ""]),
                "Test": st.sampled_from(["TestA", "TestA/x", "TestA/x/y", "BenchmarkB"]),
                "Output": st.sampled_from(["PASS\n", "FAIL\n", "ok  \tp\t0.1s\n", "FAIL\tp\t1s\n", "panic: x\n", "    a.go:1: no\n", "x"]),
                "Elapsed": st.sampled_from([0, 1.5, "x", None]),
                "Time": st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01T00:00:01.5+02:00", "soon"]),
                "FailedBuild": st.sampled_from(["p", ""]),
            },
        ),
        max_size=25,
    )
)  # fmt: skip
def test_events_in_any_order_never_raise_and_a_fail_is_never_green(
    events: list[dict[str, object]],
) -> None:
    execution = Execution(Asked())
    for event in events:
        execution.feed(json.dumps(event).encode() + b"\n")
    judged = judge(execution.finish(0))
    failed = any(e["Action"] == "fail" and (e.get("Test") or e.get("Package")) for e in events)
    if failed:
        assert judged.verdict is not Verdict.GREEN


@settings(max_examples=150, deadline=None)
@given(data=st.one_of(st.binary(max_size=300), st.sampled_from(TEXTS)), seed=st.integers(0, 2**32))
def test_any_input_is_a_fold_or_a_usage_error(data: bytes, seed: int) -> None:
    inputs = (Recorded(name="x", data=mutated(data, seed)),)
    try:
        assert read_recorded(inputs, Asked(), None)
    except UsageError:
        return


@settings(max_examples=150, deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=300),
        st.text("0123456789abcdefx-.:/ msTZ[]<>", max_size=300),
    )
)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert once == normalise(once)
