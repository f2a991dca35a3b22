from gomanager.case import (
    Attempt,
    CaseResult,
    Cases,
    Outcome,
    Purpose,
    leaves,
    remarkable,
    told,
)


def attempt(outcome: Outcome = Outcome.PASS, duration: int | None = 1) -> Attempt:
    return Attempt(n=1, purpose=Purpose.FIRST, process=1, outcome=outcome, duration_ms=duration)


def passed(name: str, duration: int | None, *, fold: bool = False) -> CaseResult:
    return CaseResult(name=name, attempts=(attempt(duration=duration),), fold=fold)


FAILED = CaseResult(name="TestB", attempts=(attempt(Outcome.FAIL),))
LAST = CaseResult(name="TestZ", attempts=(attempt(Outcome.NOT_RUN, None),))
VALUES = (passed("TestA", 3, fold=True), passed("TestA/x", None), FAILED, passed("TestC", 3), LAST)
COLUMNS = Cases(
    names=["TestA", "TestA/x", "TestC"],
    durations=[3, None, 3],
    folds=frozenset({"TestA"}),
    told=((2, FAILED), (3, LAST)),
    attempt=attempt(duration=None),
)


def test_columns_are_like_the_tuple_of_their_cases() -> None:
    assert COLUMNS == VALUES
    assert VALUES == COLUMNS
    assert VALUES[:-1] != COLUMNS
    assert list(VALUES) != COLUMNS
    assert hash(COLUMNS) == hash(VALUES)
    assert repr(COLUMNS) == repr(VALUES)
    assert len(COLUMNS) == len(VALUES)
    assert (COLUMNS[1], COLUMNS[-1], COLUMNS[1:3]) == (VALUES[1], VALUES[-1], VALUES[1:3])
    assert FAILED in COLUMNS
    assert [*COLUMNS] == [*VALUES]


def test_columns_tell_what_counts_without_their_cases() -> None:
    assert leaves(COLUMNS) == leaves(VALUES) == 4
    assert remarkable(COLUMNS) == remarkable(VALUES) == (FAILED, LAST)
    assert told(COLUMNS) == (FAILED, LAST)
    assert told(VALUES) == VALUES
