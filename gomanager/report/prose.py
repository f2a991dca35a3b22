"""Numbers, durations, commands and verdicts in words: one way to say each."""

import shlex
from collections.abc import Iterable

from gomanager.command import quote
from gomanager.report.model import FindingInfo, Report
from gomanager.results import Verdict


def duration(milliseconds: int | None) -> str:
    """``0.31 s``, ``12.4 s``, ``3 min 05 s``, ``2 h 01 min``; a dash for unknown."""
    if milliseconds is None:
        return "–"
    seconds = milliseconds / 1000
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def number(count: int, noun: str, plural: str | None = None) -> str:
    """``1 package``, ``3 packages``, ``2 cases``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def counts(report: Report) -> str:
    """``3 failed, 1 flaky, 120 passed, 2 skipped in 4 packages``.

    Who interrupts a run broke nothing: its packages are unfinished.
    """
    summary = report.summary
    how = "unfinished" if report.run.verdict is Verdict.INTERRUPTED else "broken"
    words = [
        (summary.packages_broken, f"{how} package" + "s" * (summary.packages_broken != 1)),
        (summary.failed, "failed"),
        (summary.unknown, "without result"),
        (summary.not_run, "not run"),
        (summary.flaky, "flaky"),
        (summary.quarantined, "quarantined"),
    ]
    parts = [f"{count:,} {word}" for count, word in words if count]
    parts.append(f"{summary.passed:,} passed")
    parts += [f"{summary.skipped:,} skipped"] if summary.skipped else []
    return f"{', '.join(parts)} in {number(summary.packages, 'package')}"


def verdict(report: Report) -> str:
    """The judgement over the run in one sentence."""
    run, summary = report.run, report.summary
    match run.verdict:
        case Verdict.GREEN if summary.flaky:
            return f"Green, but {number(summary.flaky, 'test')} passed only on a rerun."
        case Verdict.GREEN:
            return "Green."
        case Verdict.RED:
            return "Red."
        case Verdict.NOTHING if report.scope.reason.startswith("nothing to run"):
            return "Nothing to run: all that was selected is proven green."
        case Verdict.NOTHING if report.scope.mode == "none":
            return "Nothing affected: no test had to run."
        case Verdict.NOTHING:
            return "Nothing ran: no test passed, so nothing is proven."
        case Verdict.ERROR:
            return "Error: the tests could not be run."
        case Verdict.INTERRUPTED:
            return "Interrupted: what follows is a part of the run."
        case Verdict.NOT_RUN:
            return "Not run."


def command(words: Iterable[str]) -> str:
    """An argument list as one line that can be pasted."""
    return " ".join(quote(word) if word else shlex.quote(word) for word in words)


def place(finding: FindingInfo) -> str:
    """``store/store_test.go:14`` as far as it is known."""
    if not finding.file:
        return ""
    return f"{finding.file}:{finding.line}" if finding.line else finding.file


def percent(value: float | None) -> str:
    """One decimal; below 100 never 100.0, above 0 never 0.0; ``n/a`` for unknown."""
    if value is None:
        return "n/a"
    if 0 < value < 100:
        value = min(99.9, max(0.1, value))
    return f"{value:.1f} %"
