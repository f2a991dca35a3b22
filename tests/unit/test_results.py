"""Values that know what most readers ask of them."""

from gomanager.results import (
    Attempt,
    CaseResult,
    Label,
    Outcome,
    PackageAttempt,
    PackageOutcome,
    PackageResult,
    Purpose,
)


def attempt(outcome: Outcome = Outcome.PASS, output: str = "") -> Attempt:
    return Attempt(
        n=1,
        purpose=Purpose.FIRST,
        process=1,
        outcome=outcome,
        duration_ms=1,
        output=output,
    )


def test_what_did_not_simply_pass_is_remarkable() -> None:
    told = (
        CaseResult(name="failed", attempts=(attempt(Outcome.FAIL),)),
        CaseResult(name="skipped", attempts=(attempt(Outcome.SKIP),)),
        CaseResult(name="again", attempts=(attempt(Outcome.FAIL), attempt())),
        CaseResult(name="loud", attempts=(attempt(output="warning"),)),
        CaseResult(name="labelled", attempts=(attempt(),), label=Label.RACE),
        CaseResult(name="noted", attempts=(attempt(),), note="its race was reported elsewhere"),
    )
    plain = (CaseResult(name="passed", attempts=(attempt(),)),)
    process = PackageAttempt(
        n=1, purpose=Purpose.FIRST, process=1, result=PackageOutcome.FAIL, complete=True
    )
    package = PackageResult(path="p", module="m", attempts=(process,), cases=(*plain, *told))
    assert package.remarkable == told
