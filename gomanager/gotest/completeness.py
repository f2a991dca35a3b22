"""Whether a package's binary finished, and what its end is worth."""

import re

from gomanager.gotest.races import FOUND, MARK
from gomanager.gotest.running import PackageRun
from gomanager.results import PackageOutcome

_BENCHMARK_RESULT = re.compile(r"^Benchmark[^\n]*?\sns/op", re.MULTILINE)


def bare_line(run: PackageRun, *, failed: bool) -> str:
    """PASS, FAIL or nothing: what the binary itself said last.

    A FAIL without a failed case that a PASS follows was printed by the program (S82); with a
    failed case one FAIL is enough, whatever follows (S45).
    """
    words = [word for word, _ in run.bare]
    if "FAIL" not in words:
        return words[-1] if words else ""
    if failed or words[-1] == "FAIL":
        return "FAIL"
    return "PASS"


def completeness(
    run: PackageRun, *, failed: bool, unfinished: bool, nothing_ok: bool
) -> PackageOutcome:
    """The table of ``docs/cases/stream.md``; builds are judged elsewhere.

    ``failed``: a case failed. ``unfinished``: a case has no end and nothing explains that.
    """
    bare = bare_line(run, failed=failed)
    if not run.end or unfinished:
        return PackageOutcome.DIED
    if run.stripped:
        return _without_output(run, failed=failed)
    match run.end, bare:
        case "skip", _:
            return PackageOutcome.MASKED if failed else PackageOutcome.EMPTY
        case "pass", _ if run.summary.startswith("FAIL") or _race_behind(run):  # S73
            return PackageOutcome.LATE
        case "pass", "FAIL":  # S44
            return PackageOutcome.MASKED
        case "pass", _ if failed:
            return PackageOutcome.MASKED
        case "pass", _ if run.runs == 0:
            return _without_cases(run, bare, nothing_ok=nothing_ok)
        case "pass", "PASS":
            return PackageOutcome.PASS
        case "pass", _:
            return PackageOutcome.PASS if run.plain else PackageOutcome.HOLLOW
        case _, "FAIL":  # S79
            return PackageOutcome.FAIL if failed else PackageOutcome.LATE
        case _, "PASS":
            return PackageOutcome.LATE
        case _:
            return PackageOutcome.DIED


def _without_output(run: PackageRun, *, failed: bool) -> PackageOutcome:
    """S86: nobody can say more than the events do."""
    match run.end:
        case "fail":
            return PackageOutcome.FAIL if failed else PackageOutcome.LATE
        case "pass" | "skip" if failed:
            return PackageOutcome.MASKED
        case "pass" if not run.entries:
            return PackageOutcome.HOLLOW
        case "pass":
            return PackageOutcome.PASS
        case _:
            return PackageOutcome.EMPTY


def _without_cases(run: PackageRun, bare: str, *, nothing_ok: bool) -> PackageOutcome:
    """``pass`` of a package in which nothing ran: S43, S55, S56, S65, S75."""
    if run.no_tests or (nothing_ok and bare == "PASS"):
        return PackageOutcome.EMPTY
    if not bare and run.coverage_only and run.text_pieces:
        return PackageOutcome.EMPTY
    if run.plain:
        return PackageOutcome.PASS
    if bare == "PASS" and _BENCHMARK_RESULT.search(run.text):
        return PackageOutcome.EMPTY
    return PackageOutcome.HOLLOW


def _race_behind(run: PackageRun) -> bool:
    """A race report behind PASS, whatever the package event says (S73)."""
    if not run.bare:
        return False
    behind = "".join(text for _, text in run.text_pieces[run.bare[-1][1] :])
    return MARK in behind or FOUND.search(behind) is not None
