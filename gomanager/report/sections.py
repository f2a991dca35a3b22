"""The four sections of every report for people: Summary, Findings, Coverage, Recommendations."""

from collections import Counter
from collections.abc import Iterator

from gomanager.analysis.finding import Advice
from gomanager.report import prose
from gomanager.report.blocks import (
    Block,
    Code,
    Item,
    Line,
    Paragraph,
    Part,
    Section,
    Span,
    Table,
    Title,
    Word,
)
from gomanager.report.columns import told
from gomanager.report.model import Coverage, FindingInfo, PhaseInfo, RecommendationInfo, Report
from gomanager.results import Outcome, Severity, Verdict
from gomanager.text import cut_line

SUMMARY = "Test Execution Summary"
FINDINGS = "Critical Findings"
COVERAGE = "Coverage Analysis"
RECOMMENDATIONS = "Recommendations"
COMMAND = 4000
BUILD_MS = 1000
"""Below that nobody asks where the time went."""
_SHOWN = 10
_ROWS = 30
_HEADINGS = {
    Advice.IMMEDIATE: "Immediate fixes",
    Advice.RELIABILITY: "Reliability",
    Advice.PERFORMANCE: "Performance",
    Advice.TESTS: "New tests",
}


def sections(report: Report) -> tuple[Section, ...]:
    """All four, in order."""
    return (
        Section(name=SUMMARY, blocks=tuple(_summary(report))),
        _findings(report),
        Section(name=COVERAGE, blocks=tuple(_coverage(report))),
        Section(name=RECOMMENDATIONS, blocks=tuple(_recommendations(report))),
    )


def _summary(report: Report) -> Iterator[Block]:
    run = report.run
    took = prose.duration(run.duration_ms)
    facts = f"{prose.counts(report)}; {took}; exit code {run.exit_code}."
    yield Paragraph(line=(prose.verdict(report), " ", facts), strong=True)
    yield from (Item(line=line) for line in _circumstances(report))
    if report.phases:
        yield _phase_table(report)
    for phase in report.phases:
        yield from _phase_details(phase)
    yield from _not_run(report)
    yield from _skipped(report)


def _circumstances(report: Report) -> Iterator[Line]:
    run, scope = report.run, report.scope
    if scope.reason:
        yield f"Scope: {scope.mode}, because ", Word(scope.reason)
    else:
        yield (f"Scope: {scope.mode}",)
    if run.commit:
        line: list[Span] = ["Commit: ", Word(run.commit[:12])]
        line += [" on ", Word(run.branch)] if run.branch else []
        line += [", with uncommitted changes"] if run.dirty else []
        yield tuple(line)
    if run.base:
        how: Line = (", found as ", Word(run.base_how)) if run.base_how else ()
        yield ("Compared with ", Word(run.base), *how)
    if run.command:
        text = cut_line(prose.command(run.command), COMMAND)
        yield "Command: ", Word(text)
    version = f"{report.tool.name} {report.tool.version}"
    yield (f"Run {run.uid[:12]} at {run.started:%Y-%m-%d %H:%M:%S} UTC, {version}",)


def _phase_table(report: Report) -> Table:
    head = ("Phase", "Result", "Packages", "Passed", "Failed", "Flaky", "Skipped", "Time")
    rows = tuple(
        (
            (Word(phase.name),),
            (_result(phase),),
            (f"{phase.summary.packages:,}",),
            (f"{phase.summary.passed:,}",),
            (f"{phase.summary.failed:,}",),
            (f"{phase.summary.flaky:,}",),
            (f"{phase.summary.skipped:,}",),
            (prose.duration(phase.duration_ms),),
        )
        for phase in report.phases
    )
    return Table(head=head, rows=rows, right=frozenset(range(2, 8)))


def _result(phase: PhaseInfo) -> str:
    match phase.verdict:
        case Verdict.NOT_RUN:
            return "not run"
        case Verdict.GREEN if phase.summary.flaky:
            return "green (flaky)"
        case verdict:
            return verdict.value


def _phase_details(phase: PhaseInfo) -> Iterator[Block]:
    if phase.why:
        line: list[Span] = ["Phase ", Word(phase.name), " because "]
        for i, why in enumerate(phase.why[:_SHOWN]):
            line += ["; " if i else "", Word(why)]
        line += [f"; {len(phase.why) - _SHOWN} more"] if len(phase.why) > _SHOWN else []
        yield Item(line=tuple(line))
    variant = phase.variant
    if variant is not None and phase.verdict is not Verdict.NOT_RUN:
        tags = f", tags {','.join(variant.tags)}" if variant.tags else ""
        race = ", race detector" if variant.race else ""
        text = f"{variant.go} {variant.goos}/{variant.goarch}{race}{tags}"
        yield Item(line=("Phase ", Word(phase.name), f" ran by {phase.runner} with ", Word(text)))
    if phase.summary.unknown:
        # In no column of the table: what began and has no end did not fail.
        count = prose.number(phase.summary.unknown, "test")
        yield Item(line=("Phase ", Word(phase.name), f" left {count} without a result"))
    if phase.build_ms is not None and phase.build_ms >= BUILD_MS:
        took = prose.duration(phase.build_ms)
        yield Item(line=("Phase ", Word(phase.name), f" built for {took} while no test ran"))
    for argv in phase.commands[:5]:
        text = cut_line(prose.command(argv), COMMAND)
        yield Code(text=text, shell=True)
    if len(phase.commands) > 5:
        yield Item(line=(f"{len(phase.commands) - 5} more commands are in the JSON report",))


def _not_run(report: Report) -> Iterator[Block]:
    if report.not_run:
        yield Title(line=("Not run, and why",))
        together: dict[str, list[str]] = {}
        for one in report.not_run:
            together.setdefault(one.why, []).append(one.what)
        for why, whats in together.items():
            line: list[Span] = []
            for what in whats:
                line += [", " if line else "", Word(what)]
            yield Item(line=(*line, ": ", Word(why)))
    lost = Counter[tuple[str, str]]()
    for phase in report.phases:
        for package in phase.packages:
            for case in told(package.cases):
                if case.outcome is Outcome.NOT_RUN and not case.fold:
                    lost[package.path, case.attempts[-1].reason or "did not run"] += 1
    if lost and not report.not_run:
        yield Title(line=("Not run, and why",))
    for (path, reason), count in list(lost.items())[:_ROWS]:
        yield Item(line=(f"{prose.number(count, 'test')} of ", Word(path), ": ", Word(reason)))
    if len(lost) > _ROWS:
        yield Item(line=(f"{len(lost) - _ROWS} more are in the JSON report",))


def _skipped(report: Report) -> Iterator[Block]:
    reasons = Counter(
        case.attempts[-1].reason or "no reason given"
        for phase in report.phases
        for package in phase.packages
        for case in told(package.cases)
        if case.outcome is Outcome.SKIP and not case.fold
    )
    if not reasons:
        return
    yield Title(line=("Skipped by the tests themselves",))
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    for reason, count in ordered[:_SHOWN]:
        yield Item(line=(f"{prose.number(count, 'test')}: ", Word(reason)))
    if len(ordered) > _SHOWN:
        yield Item(line=(f"{prose.number(len(ordered) - _SHOWN, 'more reason')}",))


def _findings(report: Report) -> Section:
    if not report.findings:
        return Section(name=FINDINGS, blocks=(Paragraph(line=("None.",)),))
    parts = tuple(_finding(finding) for finding in report.findings)
    return Section(name=FINDINGS, parts=parts)


def _finding(finding: FindingInfo) -> Part:
    blocks: list[Block] = [
        Title(
            line=(finding.severity.value.capitalize(), *_kind(finding), Word(finding.title)),
            severity=finding.severity,
        )
    ]
    where: list[Span] = []
    for label, value in (
        ("at ", prose.place(finding)),
        ("package ", finding.package),
        ("test ", finding.case),
        ("phase ", finding.phase),
    ):
        if value:
            where += [", " if where else "", label, Word(value)]
    if where:
        blocks.append(Paragraph(line=tuple(where)))
    if finding.text.strip():
        blocks.append(Code(text=finding.text))
    blocks += [Item(line=(Word(one),)) for one in finding.evidence]
    if finding.reproduce:
        blocks.append(Code(text=finding.reproduce, shell=True))
    return tuple(blocks)


def _kind(finding: FindingInfo) -> Line:
    """Our own words are words; a note of a runner may call itself anything."""
    if finding.kind == finding.severity.value:
        return (": ",)
    plain = finding.kind.replace("_", "").replace("-", "")
    said: Span = finding.kind if plain.isascii() and plain.isalnum() else Word(finding.kind)
    return ", ", said, ": "


def _coverage(report: Report) -> Iterator[Block]:
    coverage = report.coverage
    if coverage is None:
        yield Paragraph(line=("Not measured: add --cover, or coverage: to a phase.",))
    else:
        yield from _measured(coverage)
    yield from _listed("Integration tests", coverage.integration_tests if coverage else ())
    scenarios = coverage.scenarios if coverage else ()
    if scenarios:
        yield from _listed("Suggested scenarios", scenarios)
    else:
        yield Paragraph(line=("Suggested scenarios: none.",))


def _measured(coverage: Coverage) -> Iterator[Block]:
    patch, facts = coverage.patch, list[str]()
    if coverage.packages or coverage.total_pct is not None:
        facts.append(f"{prose.percent(coverage.total_pct)} of statements ran")
    if patch is not None:
        lines = prose.number(patch.lines, "changed code line")
        facts.append(f"{patch.covered:,} of {lines} ran, {patch.lines - patch.covered:,} did not")
    if facts:
        yield Paragraph(line=("; ".join(facts), "."))
    yield from (Item(line=(Word(note),)) for note in coverage.notes)
    yield from _listed("Well covered", coverage.well_covered)
    if coverage.gaps:
        yield Title(line=("Gaps",))
        for gap in coverage.gaps[:10]:
            at = f"{gap.file}:{gap.line}" if gap.line else gap.file
            yield Item(line=(Word(at), ": ", Word(gap.text)))
        if len(coverage.gaps) > 10:
            yield Item(line=(f"{len(coverage.gaps) - 10} more are in the JSON report",))
    yield from _listed("Changed code without a test", coverage.untested)
    if coverage.packages:
        rows = tuple(
            ((Word(one.path),), (prose.percent(one.pct),)) for one in coverage.packages[:_ROWS]
        )
        yield Table(head=("Package", "Statements"), rows=rows, right=frozenset({1}))
        if len(coverage.packages) > _ROWS:
            yield Item(line=(f"{len(coverage.packages) - _ROWS} more are in the JSON report",))


def _listed(title: str, texts: tuple[str, ...], limit: int = 20) -> Iterator[Block]:
    if not texts:
        return
    yield Title(line=(title,))
    yield from (Item(line=(Word(text),)) for text in texts[:limit])
    if len(texts) > limit:
        yield Item(line=(f"{len(texts) - limit} more are in the JSON report",))


def _recommendations(report: Report) -> Iterator[Block]:
    if not report.recommendations:
        yield Paragraph(line=("None: nothing in this run or its history calls for one.",))
    for kind in Advice:
        found = [one for one in report.recommendations if one.kind is kind]
        if found:
            yield Title(line=(_HEADINGS[kind],))
        for one in found[:_SHOWN]:
            yield from _recommendation(one)
        if len(found) > _SHOWN:
            yield Item(line=(f"{len(found) - _SHOWN} more are in the JSON report",))


def _recommendation(one: RecommendationInfo) -> Iterator[Block]:
    yield Item(line=(Word(one.text),))
    for text in one.evidence[:_SHOWN]:
        yield Item(line=("evidence: ", Word(text)), below=True)
    if len(one.evidence) > _SHOWN:
        yield Item(line=(f"{len(one.evidence) - _SHOWN} more pieces of evidence",), below=True)
    if one.command:
        yield Code(text=one.command, shell=True)


def criticals(report: Report) -> tuple[FindingInfo, ...]:
    """The findings that stand behind a red verdict."""
    return tuple(f for f in report.findings if f.severity is Severity.CRITICAL)
