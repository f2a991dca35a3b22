"""Cases as columns and cases as values give the same report, in every format."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gomanager.report import model
from gomanager.report.build import build
from gomanager.report.document import encode
from gomanager.report.formats import FORMATS
from gomanager.results import (
    Attempt,
    CaseResult,
    Cases,
    Label,
    Outcome,
    PackageAttempt,
    PackageOutcome,
    PackageResult,
    PhaseResult,
    Purpose,
    Run,
    Verdict,
)

NAMES = st.text(st.sampled_from("Tab/1 _<&\"'\n\x1b\u202e#[:secret"), min_size=1, max_size=6)


def attempt(outcome: Outcome, output: str = "") -> Attempt:
    return Attempt(
        n=1, purpose=Purpose.FIRST, process=1, outcome=outcome, duration_ms=None, output=output
    )


@st.composite
def columns(draw: st.DrawFn) -> Cases:
    names = draw(st.lists(NAMES, unique=True, max_size=12))
    plain = names[draw(st.integers(0, len(names))) :]
    told = []
    for name in names[: len(names) - len(plain)]:
        outcome = draw(st.sampled_from(Outcome))
        case = CaseResult(
            name=name,
            attempts=(attempt(outcome, draw(st.sampled_from(["", "said so\n"]))),),
            fold=draw(st.booleans()),
            label=draw(st.sampled_from([None, None, Label.FLAKY, Label.RACE])),
            attrs=draw(st.sampled_from([(), (("key", "value"),)])),
        )
        told.append((draw(st.integers(0, len(plain))), case))
    return Cases(
        names=plain,
        durations=[draw(st.sampled_from([None, 0, 7, 1234])) for _ in plain],
        folds=frozenset(name for name in plain if draw(st.booleans())),
        told=sorted(told, key=lambda one: one[0]),
        attempt=attempt(Outcome.PASS),
    )


def report(package: PackageResult) -> model.Report:
    phase = PhaseResult(name="unit", runner="go", verdict=Verdict.RED, packages=(package,))
    run = Run(
        uid="0" * 32,
        started=datetime(2026, 1, 5, tzinfo=UTC),
        duration_ms=1,
        command=("gomanager", "replay"),
        verdict=Verdict.RED,
        exit_code=1,
        phases=(phase,),
    )
    return build(run, mask=lambda text: text.replace("secret", "***"))


@settings(max_examples=200, deadline=None)
@given(cases=columns(), result=st.sampled_from(PackageOutcome))
def test_columns_are_rendered_like_values(cases: Cases, result: PackageOutcome) -> None:
    process = PackageAttempt(
        n=1, purpose=Purpose.FIRST, process=1, result=result, complete=True, message="said so"
    )
    package = PackageResult(path="example.com/a", module="", attempts=(process,), cases=cases)
    short, long = report(package), report(replace(package, cases=tuple(cases)))
    for name, render in FORMATS.items():
        assert render(short) == render(long), name
    assert short == long
    assert model.decode(encode(short)) == model.decode(encode(long))


def test_only_columns_are_told_to_encoders() -> None:
    process = PackageAttempt(
        n=1, purpose=Purpose.FIRST, process=1, result=PackageOutcome.PASS, complete=True
    )
    package = PackageResult(path="example.com/a", module="", attempts=(process,))
    (phase,) = report(package).phases
    with pytest.raises(NotImplementedError):
        encode(msgspec.structs.replace(report(package), phases=(object(), phase)))
