"""Values of a run as parts of the document: masked, relative to the repository, sorted."""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import UTC
from typing import Literal, cast

from msgspec import Struct, structs

from gomanager.analysis.finding import Finding, Recommendation
from gomanager.report import model as m
from gomanager.report.columns import CaseColumns, Passed, folded
from gomanager.report.order import in_order, package_order
from gomanager.results import (
    Attempt,
    CaseResult,
    Cases,
    Counts,
    Failure,
    PackageAttempt,
    PackageResult,
    PhaseResult,
    Run,
    Variant,
    Verdict,
)
from gomanager.text import cut_bytes, for_json

Mask = Callable[[str], str]
TEXT_BYTES = 256 * 1024
"""A thousand cases that each printed a megabyte must not make a document of a gigabyte."""
_RED = (Verdict.RED, Verdict.ERROR)


def relative_to(root: str) -> Mask:
    """Takes the repository's folder off the paths in a text."""
    root = root.rstrip("/\\")
    if not root:
        return str
    below = re.compile(r"(?<![\w./\\-])" + re.escape(root) + r"[/\\]")
    return lambda text: below.sub("", text) if root in text else text


def summary(counts: Counts, phases: Sequence[PhaseResult]) -> m.Summary:
    return m.Summary(
        phases=sum(phase.verdict is not Verdict.NOT_RUN for phase in phases),
        phases_red=sum(phase.verdict in _RED for phase in phases),
        **structs.asdict(counts),
    )


class Clean(Struct, frozen=True):
    """Turns values into parts of the document; every foreign text goes through :meth:`text`."""

    mask: Mask
    relative: Mask

    def text(self, text: str) -> str:
        return for_json(self.mask(self.relative(text)))

    def long(self, text: str) -> str:
        """Output and error texts; masked before they are cut: half a secret is no pattern."""
        return cut_bytes(self.text(text), TEXT_BYTES, head=0.25)

    def argument(self, text: str) -> str:
        """A word of a command: it must mean the same when it is pasted."""
        return for_json(self.mask(text))

    def maybe(self, text: str | None) -> str | None:
        return None if text is None else self.text(text)

    def texts(self, texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(self.text(text) for text in texts)

    def run(self, run: Run, host: str | None) -> m.RunInfo:
        return m.RunInfo(
            uid=run.uid,
            started=run.started.astimezone(UTC),
            duration_ms=run.duration_ms,
            command=tuple(self.argument(word) for word in run.command),
            verdict=run.verdict,
            exit_code=run.exit_code,
            commit=run.commit,
            base=self.maybe(run.base),
            base_how=self.maybe(run.base_how),
            branch=self.maybe(run.branch),
            dirty=run.dirty,
            ci=run.ci,
            pull_request=run.pull_request,
            host=host,
        )

    def phase(self, phase: PhaseResult) -> m.PhaseInfo:
        return m.PhaseInfo(
            name=for_json(phase.name),
            runner=_runner(phase.runner),
            verdict=phase.verdict,
            why=self.texts(phase.why),
            exit_code=phase.exit_code,
            duration_ms=phase.duration_ms,
            commands=tuple(tuple(self.argument(w) for w in words) for words in phase.commands),
            not_run=self.maybe(phase.not_run),
            summary=summary(phase.counts, (phase,)),
            side_text=self.texts(phase.side_text),
            anomalies=self.texts(phase.anomalies),
            packages=tuple(self.package(p) for p in sorted(phase.packages, key=package_order)),
            started=phase.started.astimezone(UTC) if phase.started else None,
            variant=_variant(phase.variant),
            source=phase.source,
            interrupted=phase.interrupted,
            flags=tuple(self.argument(flag) for flag in phase.flags),
            build_ms=phase.build_ms,
            build_cpu_ms=phase.build_cpu_ms,
        )

    def package(self, package: PackageResult) -> m.PackageInfo:
        deciding = package.last if package.explained else _deciding(package)
        return m.PackageInfo(
            path=for_json(package.path),
            module=for_json(package.module),
            result=package.result,
            complete=deciding.complete,
            cached=deciding.cached,
            duration_ms=deciding.duration_ms,
            seed=deciding.seed,
            message=self.maybe(deciding.message),
            cases=self.cases(package),
            attempts=tuple(self.package_attempt(a) for a in package.attempts),
            explained=package.explained,
            note=self.maybe(package.note),
            build_only=package.build_only,
            cpu_ms=deciding.cpu_ms,
            peak_bytes=deciding.peak_bytes,
        )

    def package_attempt(self, attempt: PackageAttempt) -> m.PackageAttemptInfo:
        return m.PackageAttemptInfo(
            n=attempt.n,
            purpose=attempt.purpose,
            process=attempt.process,
            result=attempt.result,
            complete=attempt.complete,
            cached=attempt.cached,
            duration_ms=attempt.duration_ms,
            seed=attempt.seed,
            message=self.maybe(attempt.message),
            failures=tuple(self.failure(failure) for failure in attempt.failures),
            output=self.long(attempt.output) if attempt.result.red else "",
            exited_zero=attempt.exited_zero,
            cpu_ms=attempt.cpu_ms,
            peak_bytes=attempt.peak_bytes,
            left=self.texts(attempt.left),
        )

    def cases(self, package: PackageResult) -> tuple[m.CaseInfo, ...]:
        """What needs a look first, then what passed."""
        if isinstance(package.cases, Cases):
            # As good as a tuple for all formats, which may want none of its cases as values.
            return cast("tuple[m.CaseInfo, ...]", self.columns(package, package.cases))
        first, rest = in_order(package, package.cases)
        # Thousands of passed cases share one attempts value: it is converted once.
        shared: dict[int, tuple[m.AttemptInfo, ...]] = {}
        names = "\n".join(case.name for case in rest)
        clean = self.text if self.text(names) != names else str
        return (
            *(self.case(case, shared, self.text) for case in first),
            *(self.case(case, shared, clean) for case in rest),
        )

    def columns(self, package: PackageResult, cases: Cases) -> CaseColumns:
        """The same without a value for each case that simply passed."""
        first, rest = in_order(package, cases.told)
        names, took = sorted(cases.names), dict(zip(cases.names, cases.durations, strict=True))
        joined = "\n".join(names)
        clean = names if self.text(joined) == joined else [self.text(name) for name in names]
        shared: dict[int, tuple[m.AttemptInfo, ...]] = {}
        return CaseColumns(
            first=[self.case(case, shared, self.text) for case in first],
            told=[
                (bisect_left(names, case.name), self.case(case, shared, self.text)) for case in rest
            ],
            passed=Passed(names=clean, durations=[took[name] for name in names]),
            folds=folded(names, cases.folds),
            attempt=self.attempt(cases.attempts(None)[0]),
        )

    def case(
        self, case: CaseResult, shared: dict[int, tuple[m.AttemptInfo, ...]], clean: Mask
    ) -> m.CaseInfo:
        """``clean`` is for its name, which may be known to need nothing."""
        attempts = shared.get(id(case.attempts))
        if attempts is None:
            attempts = tuple(self.attempt(attempt) for attempt in case.attempts)
            shared[id(case.attempts)] = attempts
        return m.CaseInfo(
            name=clean(case.name),
            outcome=case.outcome,
            label=case.label,
            duration_ms=case.duration_ms,
            file=case.file and for_json(case.file),
            line=case.line,
            owner=None,
            attempts=attempts,
            fold=case.fold,
            note=case.note and self.text(case.note),
            attrs={self.text(key): self.text(value) for key, value in case.attrs},
            artifacts=case.artifacts and self.text(case.artifacts),
        )

    def attempt(self, attempt: Attempt) -> m.AttemptInfo:
        return m.AttemptInfo(
            n=attempt.n,
            purpose=attempt.purpose,
            process=attempt.process,
            outcome=attempt.outcome,
            duration_ms=attempt.duration_ms,
            failures=tuple(self.failure(failure) for failure in attempt.failures),
            output=self.long(attempt.output),
            reason=self.maybe(attempt.reason),
        )

    def failure(self, failure: Failure) -> m.FailureInfo:
        return m.FailureInfo(
            kind=failure.kind,
            message=self.text(failure.message),
            text=self.long(failure.text),
            file=failure.file and for_json(failure.file),
            line=failure.line,
            fingerprint=failure.fingerprint,
        )

    def finding(self, finding: Finding) -> m.FindingInfo:
        return m.FindingInfo(
            severity=finding.severity,
            kind=finding.kind,
            phase=finding.phase and for_json(finding.phase),
            package=finding.package and for_json(finding.package),
            case=self.maybe(finding.case),
            title=self.text(finding.title),
            text=self.long(finding.text),
            file=finding.file and for_json(finding.file),
            line=finding.line,
            reproduce=finding.reproduce and self.argument(finding.reproduce),
            evidence=self.texts(finding.evidence),
        )

    def coverage(self, coverage: m.Coverage | None) -> m.Coverage | None:
        if coverage is None:
            return None
        return m.Coverage(
            total_pct=coverage.total_pct,
            patch=coverage.patch,
            packages=tuple(
                m.PackageCoverage(path=for_json(one.path), pct=one.pct) for one in coverage.packages
            ),
            well_covered=self.texts(coverage.well_covered),
            gaps=tuple(
                m.Gap(file=for_json(gap.file), line=gap.line, text=self.text(gap.text))
                for gap in coverage.gaps
            ),
            scenarios=self.texts(coverage.scenarios),
            integration_tests=self.texts(coverage.integration_tests),
            untested=self.texts(coverage.untested),
            notes=self.texts(coverage.notes),
        )

    def recommendation(self, one: Recommendation) -> m.RecommendationInfo:
        return m.RecommendationInfo(
            kind=one.kind,
            text=self.text(one.text),
            evidence=self.texts(one.evidence),
            command=one.command and self.argument(one.command),
        )


def _variant(variant: Variant | None) -> m.VariantInfo | None:
    if variant is None:
        return None
    return m.VariantInfo(
        goos=variant.goos,
        goarch=variant.goarch,
        go=variant.go,
        race=variant.race,
        tags=variant.tags,
        cgo=variant.cgo,
        ci=variant.ci,
    )


def _runner(name: str) -> Literal["go", "magex", "suite", "stream"]:
    match name:
        case "go" | "magex" | "suite":
            return name
        case _:
            return "stream"


def _deciding(package: PackageResult) -> PackageAttempt:
    """The attempt that the package's result comes from."""
    result = package.result
    return next((a for a in package.attempts if a.result is result), package.attempts[0])
