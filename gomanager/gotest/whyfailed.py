"""The failures of one case: its own, those of a crash, those that stand under another case."""

import re

from msgspec.structs import replace

from gomanager.gotest.caserun import CaseRun
from gomanager.gotest.failure import (
    CaseText,
    case_failures,
    crash_failure,
    exit_failure,
    mentions_race,
    no_message,
    race_failure,
)
from gomanager.gotest.races import MARK, races
from gomanager.gotest.settled import Settling
from gomanager.results import CaseResult, Failure, Kind, Label

_DEEP = re.compile(r"^(?: {4})+(?= {4}(?:/[^\n:]+|[^\s:]+)\.go:\d+: )", re.MULTILINE)


def failures(settling: Settling, case: CaseRun, *, excused: bool) -> tuple[Failure, ...]:
    ending = settling.settled.endings.get(id(case))
    text = CaseText(
        name=case.name,
        pieces=tuple(case.pieces),
        died=settling.died,
        first_child=case.lines_before,
    )
    if ending is not None and ending.crash is not None:
        own = crash_failure(ending.crash, settling.places, settling.package, case.name)
        return own, *_assertions(settling, text)
    if ending is not None and ending.exited:
        return (exit_failure(case.name, text.text, settling.package),)
    found = case_failures(text, settling.places, settling.package)
    if excused:  # S14, S15, S19: a crash text on the parent is its leaf's
        kept = {Kind.RACE, Kind.ASSERTION} if text.own_error else {Kind.RACE}
        return tuple(f for f in found if f.kind in kept)
    found = tuple(_reported(settling, case, f) for f in found)
    return (
        found
        or _borrowed(settling, case)
        or _untyped(settling, text)
        or (no_message(text, settling.places, settling.package),)
    )


def _reported(settling: Settling, case: CaseRun, failure: Failure) -> Failure:
    """S35: a case with a race whose report stands under another case gets that report."""
    if failure.kind is not Kind.RACE or MARK in failure.text:
        return failure
    report = settling.reports.get(case.name.split("/", 1)[0])
    return race_failure(report, settling.places, settling.package) if report else failure


def _assertions(settling: Settling, text: CaseText) -> tuple[Failure, ...]:
    """What it complained about before the process died."""
    plain = CaseText(name=text.name, pieces=text.pieces, died=False)
    return case_failures(plain, settling.places, settling.package)


def _untyped(settling: Settling, text: CaseText) -> tuple[Failure, ...]:
    """Go ≥ 1.27 types frames, but no errors where the marks are off (S6).

    Go ≤ 1.13 indented by depth.
    """
    shallow = _DEEP.sub("", text.text)
    plain = CaseText(name=text.name, pieces=(("", shallow),), died=False)
    return case_failures(plain, settling.places, settling.package)


def _borrowed(settling: Settling, case: CaseRun) -> tuple[Failure, ...]:
    """S19: the panic text of the nearest ancestor, then of the package."""
    crash = settling.settled.crash
    if crash is None:
        return ()
    holder = settling.settled.holder
    if holder is not None and not case.name.startswith(holder.name + "/"):
        return ()
    return (crash_failure(crash, settling.places, settling.package, case.name),)


def with_owners(cases: tuple[CaseResult, ...]) -> tuple[CaseResult, ...]:
    """Races: say on the innocent and on the guilty case who stands behind the report (S34)."""
    raced = [case for case in cases if case.label is Label.RACE]
    if not raced:
        return cases
    notes: dict[str, str] = {}
    for case in raced:
        for report in (
            r for a in case.attempts for r in races(a.output) if mentions_race(a.output)
        ):
            others = [test for test in report.tests if test != case.root]
            if others and case.root not in report.tests:
                names = ", ".join(others)
                notes[case.name] = f"the race lies in {names}: it was only reported here"
                notes.update(dict.fromkeys(others, f"its race was reported under {case.name}"))
    if not notes:
        return cases
    return tuple(replace(c, note=notes[c.name]) if c.name in notes else c for c in cases)
