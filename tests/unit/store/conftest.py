"""Small runs and phase results, and a real SQLite file for each test."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from gomanager.results import (
    Attempt,
    CaseResult,
    Failure,
    Kind,
    Label,
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

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
VARIANT = Variant(goos="linux", goarch="amd64", go="go1.27", race=True, cgo=True)
MODULE = "example.com/m"


class Build:
    """Values with defaults: what a test does not say does not matter to it."""

    variant = VARIANT
    module = MODULE
    start = START

    def run(self, number: int = 1, **given: object) -> Run:
        values: dict[str, object] = {
            "uid": f"{number:032x}",
            "started": START + timedelta(minutes=number),
            "duration_ms": 5000,
            "command": ("gomanager", "run"),
            "verdict": Verdict.GREEN,
            "exit_code": 0,
            "phases": (),
            "commit": "c" * 40,
            "branch": "topic",
        }
        return Run(**(values | given))  # type: ignore[arg-type]

    def attempt(
        self,
        outcome: Outcome = Outcome.PASS,
        *,
        n: int = 1,
        process: int = 1,
        ms: int | None = 10,
        text: str = "",
        kind: Kind = Kind.ASSERTION,
        fingerprint: str = "",
    ) -> Attempt:
        failure = Failure(kind=kind, message=text, text=text, fingerprint=fingerprint)
        return Attempt(
            n=n,
            purpose=Purpose.FIRST if n == 1 else Purpose.RERUN,
            process=process,
            outcome=outcome,
            duration_ms=ms,
            failures=(failure,) if text else (),
        )

    def case(
        self,
        name: str,
        *outcomes: Outcome,
        ms: int | None = 10,
        text: str = "boom",
        kind: Kind = Kind.ASSERTION,
        **given: object,
    ) -> CaseResult:
        """A case with one attempt for each outcome, each in a process of its own."""
        attempts = tuple(
            self.attempt(
                outcome,
                n=n,
                process=n,
                ms=ms,
                text=text if outcome is Outcome.FAIL else "",
                kind=kind,
            )
            for n, outcome in enumerate(outcomes or (Outcome.PASS,), 1)
        )
        flaky = attempts[0].outcome is Outcome.FAIL and attempts[-1].outcome is Outcome.PASS
        label = Label.FLAKY if flaky else None
        return CaseResult(**({"name": name, "attempts": attempts, "label": label} | given))

    def package(
        self,
        path: str,
        *cases: CaseResult,
        result: PackageOutcome | None = None,
        ms: int | None = 100,
        explained: bool = False,
        **given: object,
    ) -> PackageResult:
        failed = any(a.outcome is Outcome.FAIL for case in cases for a in case.attempts)
        ended = result or (PackageOutcome.FAIL if failed else PackageOutcome.PASS)
        values: dict[str, object] = {
            "n": 1,
            "purpose": Purpose.FIRST,
            "process": 1,
            "result": ended,
            "complete": not ended.broken,
            "duration_ms": ms,
        }
        attempt = PackageAttempt(**(values | given))  # type: ignore[arg-type]
        return PackageResult(
            path=path,
            module=MODULE,
            attempts=(attempt,),
            cases=cases,
            explained=explained,
        )

    def phase(
        self, *packages: PackageResult, name: str = "unit-race", **given: object
    ) -> PhaseResult:
        red = any(package.red for package in packages)
        values: dict[str, object] = {
            "name": name,
            "runner": "go",
            "verdict": Verdict.RED if red else Verdict.GREEN,
            "variant": VARIANT,
            "exit_code": int(red),
            "started": START,
            "duration_ms": 4000,
            "commands": (("go", "test", "-json", "./..."),),
            "packages": packages,
        }
        return PhaseResult(**(values | given))  # type: ignore[arg-type]


@pytest.fixture
def build() -> Build:
    return Build()


@pytest.fixture
def store(tmp_path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "data" / "history.db", busy_ms=2000) as opened:
        yield opened
