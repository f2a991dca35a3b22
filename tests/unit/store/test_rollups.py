"""Sums equal the raw rows, whatever is added in whatever order."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gomanager.results import (
    Attempt,
    CaseResult,
    Outcome,
    PackageAttempt,
    PackageOutcome,
    PackageResult,
    PhaseResult,
    Purpose,
    Run,
    Variant,
    Verdict,
)
from gomanager.store.sqlite import SqliteStore

NAMES = st.sampled_from(["TestA", "TestA/x", "TestB", "TestB/a/b", ""])
MS = st.one_of(st.none(), st.integers(0, 2**62), st.integers(-5, 100))
ATTEMPTS = st.builds(
    Attempt,
    n=st.integers(1, 3),
    purpose=st.sampled_from(Purpose),
    process=st.integers(1, 3),
    outcome=st.sampled_from(Outcome),
    duration_ms=MS,
)
CASES = st.builds(
    CaseResult,
    name=NAMES,
    attempts=st.lists(ATTEMPTS, min_size=1, max_size=3).map(tuple),
    fold=st.booleans(),
)
PROCESSES = st.builds(
    PackageAttempt,
    n=st.integers(1, 2),
    purpose=st.sampled_from(Purpose),
    process=st.integers(1, 3),
    result=st.sampled_from(PackageOutcome),
    complete=st.booleans(),
    cached=st.booleans(),
    duration_ms=MS,
)
PACKAGES = st.builds(
    PackageResult,
    path=st.sampled_from(["m/a", "m/b"]),
    module=st.sampled_from(["m", "n"]),
    attempts=st.lists(PROCESSES, min_size=1, max_size=2).map(tuple),
    cases=st.lists(CASES, max_size=4).map(tuple),
    explained=st.booleans(),
)
PHASES = st.builds(
    PhaseResult,
    name=st.sampled_from(["unit", "net"]),
    runner=st.just("go"),
    verdict=st.sampled_from(Verdict),
    variant=st.one_of(
        st.none(),
        st.builds(Variant, goos=st.just("linux"), goarch=st.just("arm64"), go=st.just("go1.27")),
    ),
    packages=st.lists(PACKAGES, max_size=3).map(tuple),
    source=st.sampled_from(["run", "recovered", "merged", "imported"]),
)
RUNS = st.builds(
    Run,
    uid=st.integers(1, 4).map(lambda number: f"{number:032x}"),
    started=st.datetimes(timezones=st.timezones()),
    duration_ms=st.integers(0, 10**6),
    command=st.just(()),
    verdict=st.sampled_from(Verdict),
    exit_code=st.just(0),
    phases=st.just(()),
    branch=st.sampled_from([None, "main"]),
    dirty=st.booleans(),
    side=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(RUNS, PHASES, st.sampled_from(["", "2"])), max_size=6))
def test_sums_equal_raw_rows(steps):
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "h.db") as store:
        stored = set()
        for run, phase, attempt_key in steps:
            key = (run.uid, phase.name, phase.variant, attempt_key)
            assert store.add(run, phase, attempt_key=attempt_key) == (key not in stored)
            stored.add(key)
            store.finish(run, b"{}")
        assert store.verify() == ()
        assert store.check() is None
        # Nothing that the store holds may stop a question.
        assert sum(len(run.phases) for run in store.runs()) == len(stored)
        store.last_failed()
        store.last_failed(branch="main")
        store.times()
        store.stats("unit")
        store.proven("c", [("unit", None)])
