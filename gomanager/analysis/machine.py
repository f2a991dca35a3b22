"""What failed tests say of the machine: no Docker, no network, a full disk. One cause, many tests."""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from gomanager.analysis.finding import Finding
from gomanager.analysis.place import names
from gomanager.gotest.gofault import DISK_FULL
from gomanager.results import CaseResult, Failure, Outcome, PhaseResult, Severity

_LONGEST = 4000
"""Characters of a failure's text that are looked at."""


class Cause(Struct, frozen=True, kw_only=True):
    """Something that the machine lacks; ``words`` follow "say that"."""

    words: str
    fix: str
    pattern: re.Pattern[str]


CAUSES = (
    Cause(
        words="the Docker daemon cannot be reached",
        fix="start Docker, or let the tests that need it call t.Skip where there is none",
        pattern=re.compile(
            r"Cannot connect to the Docker daemon|failed to connect to the docker API"
            r"|rootless Docker not found|docker(?:\.exe)?\": executable file not found"
        ),
    ),
    Cause(
        words="a host name cannot be resolved",
        fix="give the machine access to the network, or let the tests use a server of their own",
        pattern=re.compile(
            r"Could not resolve host: (?!localhost|\S*\.(?:invalid|test|example|localhost)\b)"
            r"|lookup (?!localhost|\S*\.(?:invalid|test|example|localhost)\b)\S+:? .*"
            r"(?:no such host|server misbehaving)|Temporary failure in name resolution"
        ),
    ),
    Cause(
        words="the disk is full",
        fix="free space on the disk",
        pattern=re.compile(DISK_FULL),
    ),
    Cause(
        words="too many files are open",
        fix="raise the limit (ulimit -n), or close what the tests open",
        pattern=re.compile(r"too many open files"),
    ),
)


def cause(case: CaseResult) -> Cause | None:
    """What the failure of a case itself says, its other output left aside: that may be its subject."""
    failures = next((a.failures for a in case.attempts if a.outcome is Outcome.FAIL), ())
    return next((one for one in CAUSES if any(_says(one, f) for f in failures)), None)


def _says(one: Cause, failure: Failure) -> bool:
    return one.pattern.search(f"{failure.message}\n{failure.text[:_LONGEST]}") is not None


def of_phases(phases: Iterable[PhaseResult]) -> Iterator[Finding]:
    """One finding for each cause, with the tests that name it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for phase in phases:
        for package in phase.packages:
            for case in package.remarkable if package.red else ():
                if case.outcome is Outcome.FAIL and not case.fold and (said := cause(case)):
                    found.setdefault(said.words, []).append((package.path, case.name))
    for one in CAUSES:
        if hit := found.get(one.words):
            tests = "1 failed test says" if len(hit) == 1 else f"{len(hit)} failed tests say"
            packages = dict.fromkeys(path for path, _ in hit)
            yield Finding(
                severity=Severity.CRITICAL,
                kind="environment",
                title=f"{tests} that {one.words}",
                evidence=(
                    f"tests: {names(name for _, name in hit)}",
                    f"packages: {names(packages)}",
                    f"fix: {one.fix}",
                ),
            )
