"""What progress says in words: the same lines on a terminal and in a log."""

from gomanager.live.board import Board, said, seconds
from gomanager.results import (
    CaseEnded,
    Outcome,
    PackageEnded,
    PackageOutcome,
    PhaseEnded,
    PhaseStarted,
    Progress,
    Purpose,
)


def verdict_line(ended: PackageEnded, cases: int) -> str:
    """One finished package: ``ok    example.com/app/store   12 tests  0.31s``."""
    attempt = ended.attempt
    if attempt.result is PackageOutcome.EMPTY:
        return f"empty {ended.package}"
    word = "ok   " if attempt.result is PackageOutcome.PASS else "FAIL "
    parts = [word, ended.package]
    if attempt.result.broken:
        parts.append(f"[{attempt.result}]")
    if cases:
        parts.append(f"{cases} {'test' if cases == 1 else 'tests'}")
    if attempt.cached:
        parts.append("(cached)")
    elif attempt.duration_ms is not None:
        parts.append(seconds(attempt.duration_ms / 1000))
    return " ".join(parts)


def failure_block(ended: CaseEnded, root: str = "") -> str:
    """A failed case in full, with the name never shortened and paths from ``root``."""
    took = "" if ended.duration_ms is None else f" ({seconds(ended.duration_ms / 1000)})"
    head = f"--- FAIL: {ended.package} {ended.name}{took}"
    text = said(ended.output)
    if root:
        text = text.replace(root.rstrip("/") + "/", "")
    return f"{head}\n{text}" if text.strip() else head


def blocks(progress: Progress, board: Board, verbose: int) -> list[tuple[str, bool]]:
    """What one event adds to the log, as (text, foreign): foreign text may need a fence."""
    match progress:
        case PhaseStarted():
            rerun = "" if progress.purpose is Purpose.FIRST else f" ({progress.purpose})"
            count = len(progress.packages)
            packages = "1 package" if count == 1 else f"{count} packages"
            return [(f"phase {progress.phase}{rerun}: {packages}", False)]
        case CaseEnded() if board.is_fold(progress):
            return []
        case CaseEnded() if progress.outcome is Outcome.FAIL:
            return [(failure_block(progress, board.root), True)]
        case CaseEnded() if verbose:
            took = "" if progress.duration_ms is None else f" {progress.duration_ms} ms"
            return [(f"{progress.outcome} {progress.package} {progress.name}{took}", False)]
        case PackageEnded():
            lines = [(verdict_line(progress, board.cases.get(progress.package, 0)), False)]
            attempt = progress.attempt
            if attempt.result.broken and (attempt.message or attempt.failures):
                told = "\n".join(failure.text for failure in attempt.failures).strip("\n")
                lines.append((told or attempt.message or attempt.failures[0].message, True))
            return lines
        case PhaseEnded():
            result = progress.result
            what = result.not_run or str(result.verdict)
            return [(f"phase {progress.phase}: {what}", False)]
        case _:
            return []
