"""S87: a testing run inside a test, whose failures the binary does not count."""

import json

import pytest

from gomanager.gotest.asked import Asked
from gomanager.gotest.execution import Execution
from gomanager.gotest.verdict import judge
from gomanager.results import Outcome, PackageOutcome, Verdict

PACKAGE = "ex.com/m/suite"


def stream(*words: str, bare: str = "PASS", end: str = "pass") -> bytes:
    """``run X``, ``pass X``, ``fail X``, ``pause X``, ``cont X`` of one package, then its end."""
    lines = [{"Action": "start"}]
    for word in words:
        action, _, name = word.partition(" ")
        if action in ("pass", "fail"):
            text = f"--- {action.upper()}: {name} (0.00s)\n"
            lines.append({"Action": "output", "Test": name, "Output": text})
        lines.append({"Action": action, "Test": name} | ({"Elapsed": 0} if "s" in action else {}))
    lines += [{"Action": "output", "Output": f"{text}\n"} for text in bare.split()]
    lines.append({"Action": "output", "Output": f"ok  \t{PACKAGE}\t0.01s\n"})
    lines.append({"Action": end, "Elapsed": 0.01})
    return b"".join(
        json.dumps({"Time": f"2026-01-01T00:00:00.{at:06}Z", "Package": PACKAGE, **line}).encode()
        + b"\n"
        for at, line in enumerate(lines)
    )


def fold(data: bytes, expected: frozenset[str] = frozenset()):
    execution = Execution(Asked(module="ex.com/m", expected={PACKAGE: expected}))
    execution.feed(data)
    return execution.finish(0)


INNER = {
    "below a parent that passes": (
        "run TestOuter", "run TestOuter/Inner", "fail TestOuter/Inner", "pass TestOuter",
    ),
    "deeper": (
        "run TestOuter", "run TestOuter/Suite", "run TestOuter/Suite/Inner",
        "fail TestOuter/Suite/Inner", "fail TestOuter/Suite", "pass TestOuter",
    ),
    "under a name of its own": (
        "run TestOuter", "run signature validation", "run signature validation/X",
        "fail signature validation/X", "fail signature validation", "pass TestOuter",
    ),
}  # fmt: skip


@pytest.mark.parametrize("words", INNER.values(), ids=INNER)
def test_s87_inner_failures_are_no_failures(words):
    found = fold(stream(*words), frozenset({"TestOuter"}))
    [package] = found.packages
    assert package.result is PackageOutcome.PASS
    assert judge(found).verdict is Verdict.GREEN
    outer = next(case for case in package.cases if case.name == "TestOuter")
    assert outer.outcome is Outcome.PASS
    counted = [case for case in package.cases if not case.fold]
    assert all(case.outcome is Outcome.PASS for case in counted)
    assert "a testing run inside a passing test" in found.anomalies[0]


GENUINE = {
    "TestMain drops the code (S44)": ("FAIL", ("run TestA", "fail TestA")),
    "m.Run twice": ("FAIL PASS", ("run TestA", "fail TestA", "run TestA", "pass TestA")),
    "m.Run twice, its first word lost": (
        "PASS",
        ("run TestA", "fail TestA", "run TestA", "pass TestA"),
    ),
    "nothing explains it": ("PASS", ("run TestA", "pass TestA", "run TestB", "fail TestB")),
    "one is explained, one is not": (
        "PASS",
        ("run TestA", "run TestA/x", "fail TestA/x", "pass TestA", "run TestB", "fail TestB"),
    ),
    "one name fails and passes (S45)": (
        "PASS",
        ("run TestA", "pass TestA", "run TestA", "fail TestA"),
    ),
    "no word of the binary": ("", ("run TestA", "run TestA/x", "fail TestA/x", "pass TestA")),
}  # fmt: skip


@pytest.mark.parametrize(("bare", "words"), GENUINE.values(), ids=GENUINE)
def test_s44_every_other_failure_behind_a_green_end_is_red(bare, words):
    found = fold(stream(*words, bare=bare))
    assert found.packages[0].result.red
    assert judge(found).verdict is Verdict.RED


def test_parallel_tests_do_not_explain_each_other():
    words = ("run TestA", "pause TestA", "run TestB", "pause TestB", "cont TestA", "cont TestB",
             "fail TestB", "pass TestA")  # fmt: skip
    found = fold(stream(*words))
    assert judge(found).verdict is Verdict.RED


def test_s87_beside_a_failure_of_its_own():
    words = ("run TestOuter", "run TestOuter/Inner", "fail TestOuter/Inner", "pass TestOuter",
             "run TestReal", "fail TestReal")  # fmt: skip
    found = fold(stream(*words, bare="FAIL", end="fail"))
    [package] = found.packages
    assert [c.name for c in package.cases if c.outcome is Outcome.FAIL and not c.fold] == [
        "TestReal"
    ]
    assert judge(found).verdict is Verdict.RED


def test_a_test_that_failed_in_one_run_and_passed_in_the_next_stays_failed():
    words = ("run TestA", "run TestA/x", "fail TestA/x", "fail TestA",
             "run TestA", "run TestA/x", "pass TestA/x", "pass TestA",
             "run TestB", "fail TestB")  # fmt: skip
    [package] = fold(stream(*words, bare="FAIL", end="fail")).packages
    failed = [c.name for c in package.cases if c.outcome is Outcome.FAIL]
    assert failed == ["TestA", "TestA/x", "TestB"]
