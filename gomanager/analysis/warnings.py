"""Warnings in the output of packages that passed, and in what the toolchain said beside them."""

import re
from collections.abc import Iterator

from gomanager.analysis.finding import Context, Finding
from gomanager.analysis.place import Place
from gomanager.gotest.fingerprint import normalise
from gomanager.results import PackageOutcome, PhaseResult, Severity
from gomanager.text import cut_line, plain

_OUTPUT = re.compile(
    r"^\s*(?:\S+\.go:\d+: )?(?:\[?WARN(?:ING)?\]?[: ]|warning: )"
    r"|\bWARNING: "
    r"|\blevel=\"?warn(?:ing)?\b"
    r"|\"(?:level|severity|lvl)\": ?\"warn"
    r"|\bfound unexpected goroutines?\b|\bgoroutine leak|\bleaked goroutines?\b"
    r"|Test I/O incomplete"
    r"|\bDEPRECATED\b",
    re.IGNORECASE,
)
_TOOLCHAIN = re.compile(
    r"^go: warning: |^warning: |^ld: warning: |: warning: |\bdeprecated\b|^go: .*\bis retracted\b",
    re.IGNORECASE,
)
_RACE = "WARNING: DATA RACE"
_NO_TESTS = "testing: warning: no tests to run"
_SHOWN = 10
_WIDTH = 500


def is_warning(line: str) -> bool:
    """Whether a line that a test printed warns of something; race reports are failures."""
    return bool(_OUTPUT.search(line)) and _RACE not in line and line.strip() != _NO_TESTS


def of_phase(phase: PhaseResult, context: Context) -> Iterator[Finding]:
    """One finding a package that passed, and one for the toolchain."""
    for package in phase.packages:
        if package.result is PackageOutcome.PASS:
            yield from _of_package(Place(phase, package, context))
    said = [line for line in phase.side_text if _TOOLCHAIN.search(line) and _RACE not in line]
    lines = _different(("", line) for line in said)
    if lines:
        yield Finding(
            severity=Severity.WARNING,
            kind="warning",
            title=f"the toolchain warns: {lines[0]}",
            phase=phase.name,
            text=_listed(lines),
        )


def _of_package(at: Place) -> Iterator[Finding]:
    attempt = at.package.last
    found = [(one.case or "", one.text) for one in attempt.warnings if _RACE not in one.text]
    found += [("", line) for line in attempt.output.split("\n") if is_warning(line)]
    for case in at.package.remarkable:
        output = case.attempts[-1].output
        if output and case.outcome.value == "pass":
            found += [(case.name, line) for line in output.split("\n") if is_warning(line)]
    lines = _different(iter(found))
    if not lines:
        return
    cases = list(dict.fromkeys(case for case, _ in found))
    count = "a warning" if len(lines) == 1 else f"{len(lines)} different warnings"
    yield at.finding(
        Severity.WARNING,
        "warning",
        f"passing tests of {at.package.path} printed {count}",
        case=cases[0] if len(cases) == 1 and cases[0] else None,
        text=_listed(lines),
        reproduce=at.line(*cases[:1]) if len(cases) == 1 and cases[0] else at.line(),
    )


def _different(found: Iterator[tuple[str, str]]) -> list[str]:
    """Each warning once: equal but for numbers and times is equal."""
    lines: dict[str, str] = {}
    for case, text in found:
        line = cut_line(plain(text).strip(), _WIDTH)
        lines.setdefault(normalise(line), f"{case}: {line}" if case else line)
    return list(lines.values())


def _listed(lines: list[str]) -> str:
    more = [f"[{len(lines) - _SHOWN} more]"] if len(lines) > _SHOWN else []
    return "\n".join([*lines[:_SHOWN], *more])
