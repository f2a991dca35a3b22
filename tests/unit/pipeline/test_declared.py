"""Cases get the place of their test function; subtests that of their root."""

from gomanager.golang.compiled import Function
from gomanager.inventory import PackageTests
from gomanager.pipeline.declared import with_places
from gomanager.results import (
    Attempt,
    CaseResult,
    Outcome,
    PackageAttempt,
    PackageOutcome,
    PackageResult,
    PhaseResult,
    Purpose,
    Verdict,
)


def case(name: str) -> CaseResult:
    attempt = Attempt(n=1, purpose=Purpose.FIRST, process=1, outcome=Outcome.PASS, duration_ms=None)
    return CaseResult(name=name, attempts=(attempt,))


def test_subtests_stand_where_their_root_is_declared() -> None:
    attempt = PackageAttempt(
        n=1, purpose=Purpose.FIRST, process=1, result=PackageOutcome.PASS, complete=True
    )
    package = PackageResult(
        path="example.com/app/store",
        module="example.com/app",
        attempts=(attempt,),
        cases=(case("TestA"), case("TestA/x"), case("TestGenerated")),
    )
    phase = PhaseResult(name="unit", runner="go", verdict=Verdict.GREEN, packages=(package,))
    tests = PackageTests(
        path="example.com/app/store",
        dir="store",
        module_dir="",
        functions=(Function("TestA", "store/a_test.go", 7, frozenset()),),
    )
    (placed,) = with_places((phase,), {"unit": (tests,)})
    assert [(one.file, one.line) for one in placed.packages[0].cases] == [
        ("store/a_test.go", 7),
        ("store/a_test.go", 7),
        (None, None),
    ]
