"""The report as one value and one document: ``gomanager.report/1``.

Every format is rendered from this value alone; a stored document renders the same years later.

History of the document
1  first form. Keys are only added; a change of meaning is number 2.
"""

from datetime import datetime
from typing import Literal

import msgspec

from gomanager.analysis.finding import Advice
from gomanager.errors import EnvironmentFault
from gomanager.results import (
    Kind,
    Label,
    Outcome,
    PackageOutcome,
    Purpose,
    Severity,
    Verdict,
)

SCHEMA = "gomanager.report/1"


class Struct(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of all parts: frozen, compared by value."""


class Tool(Struct, frozen=True, kw_only=True):
    """Who wrote the document."""

    name: str
    version: str


class RunInfo(Struct, frozen=True, kw_only=True):
    """The call of gomanager that the report is about."""

    uid: str
    started: datetime
    duration_ms: int
    command: tuple[str, ...]
    verdict: Verdict
    exit_code: int
    commit: str | None
    base: str | None
    base_how: str | None
    branch: str | None
    dirty: bool
    ci: str | None
    pull_request: str | None = None
    host: str | None = None


class ScopeInfo(Struct, frozen=True, kw_only=True):
    """How much was selected, and why."""

    mode: Literal["all", "selected", "none"]
    reason: str


class Summary(Struct, frozen=True, kw_only=True):
    """Counts over leaves; a flaky case counts inside ``passed`` too."""

    phases: int
    phases_red: int
    packages: int
    packages_broken: int
    cases: int
    passed: int
    failed: int
    skipped: int
    flaky: int
    quarantined: int
    unknown: int
    not_run: int


class FailureInfo(Struct, frozen=True, kw_only=True):
    """One reason of a failure."""

    kind: Kind
    message: str
    text: str
    file: str | None
    line: int | None
    fingerprint: str


class AttemptInfo(Struct, frozen=True, kw_only=True):
    """One execution of a case."""

    n: int
    purpose: Purpose
    process: int
    outcome: Outcome
    duration_ms: int | None
    failures: tuple[FailureInfo, ...]
    output: str = ""
    reason: str | None = None


class CaseInfo(Struct, frozen=True, kw_only=True):
    """All attempts of one case; a ``fold`` counts nowhere."""

    name: str
    outcome: Outcome
    label: Label | None
    duration_ms: int | None
    file: str | None
    line: int | None
    owner: str | None
    attempts: tuple[AttemptInfo, ...]
    fold: bool = False
    note: str | None = None
    attrs: dict[str, str] = {}
    artifacts: str | None = None


class PackageAttemptInfo(Struct, frozen=True, kw_only=True):
    """One process of a package's test binary, or the attempt to build it."""

    n: int
    purpose: Purpose
    process: int
    result: PackageOutcome
    complete: bool
    cached: bool
    duration_ms: int | None
    seed: int | None
    message: str | None
    failures: tuple[FailureInfo, ...]
    output: str = ""
    exited_zero: bool = False
    cpu_ms: int | None = None
    peak_bytes: int | None = None
    left: tuple[str, ...] = ()


class PackageInfo(Struct, frozen=True, kw_only=True):
    """One package in one phase; times, memory and the like are those of the attempt that decides."""

    path: str
    module: str
    result: PackageOutcome
    complete: bool
    cached: bool
    duration_ms: int | None
    seed: int | None
    message: str | None
    cases: tuple[CaseInfo, ...]
    attempts: tuple[PackageAttemptInfo, ...] = ()
    explained: bool = False
    note: str | None = None
    build_only: bool = False
    cpu_ms: int | None = None
    peak_bytes: int | None = None


class VariantInfo(Struct, frozen=True, kw_only=True):
    """The configuration of a phase."""

    goos: str
    goarch: str
    go: str
    race: bool
    tags: tuple[str, ...]
    cgo: bool
    ci: str


class PhaseInfo(Struct, frozen=True, kw_only=True):
    """One phase with its packages, worst first."""

    name: str
    runner: Literal["go", "magex", "suite", "stream"]
    verdict: Verdict
    why: tuple[str, ...]
    exit_code: int | None
    duration_ms: int | None
    commands: tuple[tuple[str, ...], ...]
    not_run: str | None
    summary: Summary
    side_text: tuple[str, ...]
    anomalies: tuple[str, ...]
    packages: tuple[PackageInfo, ...]
    started: datetime | None = None
    variant: VariantInfo | None = None
    source: str = "run"
    interrupted: bool = False
    flags: tuple[str, ...] = ()
    build_ms: int | None = None
    build_cpu_ms: int | None = None


class FindingInfo(Struct, frozen=True, kw_only=True):
    """One entry of Critical Findings."""

    severity: Severity
    kind: str
    phase: str | None
    package: str | None
    case: str | None
    title: str
    text: str
    file: str | None
    line: int | None
    reproduce: str | None
    evidence: tuple[str, ...]


class Patch(Struct, frozen=True, kw_only=True):
    """Changed code lines that a test ran, of all that could be run."""

    covered: int
    lines: int


class PackageCoverage(Struct, frozen=True, kw_only=True):
    """Statements covered in one package, in percent."""

    path: str
    pct: float | None


class Gap(Struct, frozen=True, kw_only=True):
    """A place that no test reached."""

    file: str
    line: int | None
    text: str


class Coverage(Struct, frozen=True, kw_only=True):
    """The Coverage Analysis; ``None`` where nothing was measured."""

    total_pct: float | None
    patch: Patch | None
    packages: tuple[PackageCoverage, ...]
    well_covered: tuple[str, ...]
    gaps: tuple[Gap, ...]
    scenarios: tuple[str, ...]
    integration_tests: tuple[str, ...] = ()
    untested: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class RecommendationInfo(Struct, frozen=True, kw_only=True):
    """One entry of Recommendations."""

    kind: Advice
    text: str
    evidence: tuple[str, ...]
    command: str | None


class NotRun(Struct, frozen=True, kw_only=True):
    """Something that did not run, and why."""

    what: str
    why: str


class Report(Struct, frozen=True, kw_only=True):
    """The whole document."""

    schema: Literal["gomanager.report/1"]
    tool: Tool
    run: RunInfo
    scope: ScopeInfo
    summary: Summary
    phases: tuple[PhaseInfo, ...]
    findings: tuple[FindingInfo, ...]
    coverage: Coverage | None
    recommendations: tuple[RecommendationInfo, ...]
    not_run: tuple[NotRun, ...] = ()


def decode(document: bytes | str) -> Report:
    """A stored document as a value; raises EnvironmentFault where it is none of ours."""
    try:
        return msgspec.json.decode(document, type=Report)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        message = f"this is no {SCHEMA} document: {error}"
        fix = "render it with the gomanager that wrote it, or run the tests again"
        raise EnvironmentFault(message, fix=fix) from error


def json_schema() -> dict[str, object]:
    """The JSON Schema of the document."""
    return msgspec.json.schema(Report)
