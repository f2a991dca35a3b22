"""What remembering costs: a phase result of 10,000 cases against a bare ``executemany``.

    python benchmarks/store_append.py [PHASE RESULTS]

Both write in the same run, to the same disk, with the same pragmas, in turn. The bare table holds
what one row of ``results`` holds and nothing else: no names, no packages, no sums, no checks.
"""

import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from gomanager.results import (
    Attempt,
    CaseResult,
    Failure,
    Kind,
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
from gomanager.store.protocol import PackageKey
from gomanager.store.sqlite import SqliteStore

PACKAGES, CASES = 500, 20
TARGET_MS = 100
VARIANT = Variant(goos="linux", goarch="amd64", go="go1.27", race=True, cgo=True)


def case(number: int, *, failed: bool) -> CaseResult:
    failure = Failure(
        kind=Kind.ASSERTION,
        message="want 1, got 2",
        text=f"    x_test.go:{number}: want 1, got 2\n" * 20,
        fingerprint=f"assertion:{number:08x}",
    )
    attempt = Attempt(
        n=1,
        purpose=Purpose.FIRST,
        process=1,
        outcome=Outcome.FAIL if failed else Outcome.PASS,
        duration_ms=number,
        failures=(failure,) if failed else (),
    )
    return CaseResult(name=f"TestCase{number}/some_subtest", attempts=(attempt,))


def phase() -> PhaseResult:
    """0.6 % of the attempts fail."""
    packages = []
    for number in range(PACKAGES):
        failing = number % 8 == 0
        cases = tuple(case(n, failed=failing and n == 3) for n in range(CASES))
        end = PackageAttempt(
            n=1,
            purpose=Purpose.FIRST,
            process=number,
            result=PackageOutcome.FAIL if failing else PackageOutcome.PASS,
            complete=True,
            duration_ms=1000,
        )
        path = f"example.com/module/package{number}"
        packages.append(
            PackageResult(path=path, module="example.com/module", attempts=(end,), cases=cases)
        )
    return PhaseResult(
        name="unit-race",
        runner="go",
        verdict=Verdict.RED,
        variant=VARIANT,
        packages=tuple(packages),
    )


def run(number: int) -> Run:
    return Run(
        uid=f"{number:032x}",
        started=datetime.fromtimestamp(1_770_000_000 + 60 * number, tz=UTC),
        duration_ms=1000,
        command=(),
        verdict=Verdict.RED,
        exit_code=1,
        phases=(),
        commit="c" * 40,
        branch="main",
    )


def bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(
        "CREATE TABLE results (a INTEGER, b INTEGER, c INTEGER, d INTEGER, e INTEGER, f INTEGER,"
        " g INTEGER, h INTEGER, PRIMARY KEY (a, b, c)) WITHOUT ROWID"
    )
    return connection


def timed(call: "object", *args: object) -> float:
    begin = time.perf_counter()
    call(*args)  # type: ignore[operator]
    return (time.perf_counter() - begin) * 1000


def bare_append(connection: sqlite3.Connection, number: int) -> None:
    rows = [(number, n, 1, 0, 0, 1, 0, n) for n in range(PACKAGES * CASES)]
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.execute("COMMIT")


def main(rounds: int) -> int:
    result = phase()
    with tempfile.TemporaryDirectory() as folder:
        connection = bare(Path(folder) / "bare.db")
        with SqliteStore(Path(folder) / "history.db") as store:
            ours, theirs = [], []
            for number in range(1, rounds + 1):
                theirs.append(timed(bare_append, connection, number))
                ours.append(timed(store.add, run(number), result))
            keys = [PackageKey("example.com/module", p.path) for p in result.packages]
            print(f"{rounds} phase results of {PACKAGES * CASES:,} cases in {PACKAGES} packages")
            print(f"store.add         {median(ours):7.1f} ms  (p95 {percentile(ours):.1f} ms)")
            print(f"bare executemany  {median(theirs):7.1f} ms")
            print(f"ratio             {median(ours) / median(theirs):7.1f}")
            print(
                f"growth            {median(ours[-5:]) / median(ours[1:6]):7.2f}  last 5 / first 5"
            )
            print(f"usual times       {timed(store.times):7.1f} ms")
            known = timed(store.known_cases, "unit-race", VARIANT, keys)
            print(f"known cases       {known:7.1f} ms  of {PACKAGES} packages")
            print(f"last failed       {timed(store.last_failed):7.1f} ms")
            past = timed(store.history, "TestCase3/some_subtest")
            print(f"history of a name {past:7.1f} ms  in {PACKAGES} packages")
            size = (Path(folder) / "history.db").stat().st_size
            per_million = size / (rounds * PACKAGES * CASES)
            print(f"file              {per_million:7.1f} MB a million results, texts included")
            connection.close()
    print(f"target            {TARGET_MS:7.1f} ms an append")
    return int(median(ours) > TARGET_MS)


def percentile(values: list[float], share: float = 0.95) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 40))
