"""From a run and what the analysis says of it to the report: sorted, masked, counted once."""

from collections.abc import Sequence
from typing import Literal

from gomanager.analysis.finding import Finding, Recommendation
from gomanager.report import model as m
from gomanager.report.clean import Clean, Mask, relative_to, summary
from gomanager.results import Run
from gomanager.version import VERSION


def build(
    run: Run,
    findings: Sequence[Finding] = (),
    coverage: m.Coverage | None = None,
    recommendations: Sequence[Recommendation] = (),
    *,
    mask: Mask = str,
    root: str = "",
    not_run: Sequence[tuple[str, str]] = (),
    host: str | None = None,
) -> m.Report:
    """The report of a run; ``mask`` takes secrets out of every foreign text.

    ``root`` is the repository's folder: what lies below it is named relative to it.
    ``not_run`` holds what the run's phases do not say themselves: (what, why).
    """
    clean = Clean(mask, relative_to(root))
    phases = tuple(clean.phase(phase) for phase in run.phases)
    return m.Report(
        schema="gomanager.report/1",
        tool=m.Tool(name="gomanager", version=VERSION),
        run=clean.run(run, host),
        scope=m.ScopeInfo(mode=_mode(run.scope_mode), reason=clean.text(run.scope_reason)),
        summary=summary(run.counts, run.phases),
        phases=phases,
        findings=tuple(clean.finding(finding) for finding in findings),
        coverage=clean.coverage(coverage),
        recommendations=tuple(clean.recommendation(one) for one in recommendations),
        not_run=(
            *(m.NotRun(what=f"phase {p.name}", why=p.not_run) for p in phases if p.not_run),
            *(m.NotRun(what=clean.text(what), why=clean.text(why)) for what, why in not_run),
        ),
    )


def _mode(mode: str) -> Literal["all", "selected", "none"]:
    match mode:
        case "selected" | "none":
            return mode
        case _:
            return "all"
