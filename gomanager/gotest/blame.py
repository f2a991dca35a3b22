"""Which case a dead process is to be blamed on, and what the others are.

Printed text never proves which test printed it (S28): stacks and Go's own lists do.
"""

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from gomanager.gotest.caserun import CaseRun
from gomanager.gotest.crash import Crash, find_crash
from gomanager.gotest.running import PackageRun
from gomanager.gotest.stack import outside_tests, owner, panicking
from gomanager.results import Kind, Outcome

BENCHMARK = re.compile(r"^Benchmark(?![a-z])")
_FRAMES = (("PASS", Outcome.PASS), ("FAIL", Outcome.FAIL), ("SKIP", Outcome.SKIP))
_RESULT = re.compile(r"\sns/op")


class Ending(Struct, frozen=True, kw_only=True):
    """How a case really ended, where its own events do not say."""

    outcome: Outcome
    reason: str
    crash: Crash | None = None
    """Set where the crash is this case's failure."""
    swallowed: bool = False
    """Its frame stood in the middle of other text."""
    exited: bool = False
    """It ended the process by itself (S20)."""


def ended_by_text(run: CaseRun, *, complete: bool, several: bool = False) -> Ending | None:
    """A case without end whose text swallowed its frame, or a benchmark, which has none.

    S6, S64, S80; ``complete``: the package is finished but for such cases. ``several``: its name
    ran more than once, and the text may be that of all its runs (S74): the worst frame counts.
    """
    if BENCHMARK.match(run.name):
        done = complete or _RESULT.search(run.text) is not None
        return Ending(outcome=Outcome.PASS, reason="benchmarks have no end") if done else None
    outcome = _swallowed_frame(run.name, run.text)
    if (several and f"--- FAIL: {run.name} (" in run.text) or _holds_fail(run):
        outcome = Outcome.FAIL
    if outcome is None:
        return None
    if outcome is not Outcome.FAIL and not complete:
        return None
    reason = "its end was swallowed by unterminated output"
    return Ending(outcome=outcome, reason=reason, swallowed=True)


def _holds_fail(run: CaseRun) -> bool:
    """Its end is glued to half a line of its output: quotes are escaped in what tests print."""
    return any(b'"Action":"fail"' in chunk for chunk in run.chunks)


def _swallowed_frame(name: str, text: str) -> Outcome | None:
    if "--- " not in text:
        return None
    found = ((text.rfind(f"--- {word}: {name} ("), end) for word, end in _FRAMES)
    at, outcome = max(found, key=lambda frame: frame[0])
    return outcome if at >= 0 else None


def find_holder(
    run: PackageRun, unfinished: Sequence[CaseRun], failed: Iterable[CaseRun]
) -> tuple[Crash | None, CaseRun | None]:
    """The crash of a dead process and the case whose output holds it (``None``: the package's)."""
    weak: tuple[Crash | None, CaseRun | None] = (None, None)
    for holder in (*reversed(unfinished), None, *failed):
        crash = find_crash(holder.text if holder else run.text)
        if crash is None:
            continue
        if crash.kind is not Kind.KILLED:
            return crash, holder
        weak = weak if weak[0] else (crash, holder)
    return weak


def endings(
    run: PackageRun, unfinished: Sequence[CaseRun], crash: Crash | None, holder: CaseRun | None
) -> dict[int, Ending]:
    """``id`` of a case run → how it ended, for a process that was cut short."""
    waiting = [case for case in unfinished if case.paused is not None]
    active = [case for case in unfinished if case.paused is None]
    found = {
        id(case): Ending(outcome=Outcome.NOT_RUN, reason="paused, and never got its turn")
        for case in waiting
    }
    guilty = {id(case) for case in _guilty(run, active, crash, holder)}
    why = f"the process died while it ran: {crash.message[:200]}" if crash else "no end came"
    for case in active:
        if id(case) in guilty:
            exited = crash is None
            found[id(case)] = Ending(outcome=Outcome.FAIL, reason=why, crash=crash, exited=exited)
        else:
            found[id(case)] = Ending(outcome=Outcome.UNKNOWN, reason=why)
    for key in guilty:  # S27: a goroutine of a test that had passed already
        found.setdefault(key, Ending(outcome=Outcome.FAIL, reason=why, crash=crash))
    return found


def _guilty(
    run: PackageRun, active: Sequence[CaseRun], crash: Crash | None, holder: CaseRun | None
) -> list[CaseRun]:
    leaves = _leaves(active)
    if crash is None:  # S20, but a process without its end was perhaps only not read to it (S10)
        left = run.end == "fail" and not run.bare
        return leaves if len(leaves) == 1 and left else []
    match crash.kind:
        case Kind.KILLED:  # S37
            return []
        case Kind.TIMEOUT:
            return _timed_out(active, crash)
        case _ if crash.late:  # S26, S27
            return _newest(run, crash.late)
        case Kind.PANIC | Kind.DEADLOCK:
            return _panicked(run, leaves, crash, holder)
        case _:
            return []


def _timed_out(active: Sequence[CaseRun], crash: Crash) -> list[CaseRun]:
    """The deepest names of the list; without a list, every case that runs (S29, S77)."""
    if crash.message.startswith("Test killed"):  # S31: it hangs outside the tests
        return []
    listed = set(crash.running) or {case.name for case in active}
    return _leaves([case for case in active if case.name in listed])


def _panicked(
    run: PackageRun, leaves: list[CaseRun], crash: Crash, holder: CaseRun | None
) -> list[CaseRun]:
    """S17 to S19: the stack's test function, else the only case that runs."""
    if holder is not None and holder.event_outcome is Outcome.FAIL:
        return []  # it carries its failure itself
    stack = panicking(crash.text)
    root = owner(stack)
    if root is not None:
        under = [case for case in leaves if case.name.split("/", 1)[0] == root]
        mute = _failed_mutely(run, root)
        return under if len(under) == 1 else mute if len(mute) == 1 else _newest(run, root)
    if crash.kind is Kind.PANIC and outside_tests(stack):
        return []
    return leaves if len(leaves) == 1 else []


def _failed_mutely(run: PackageRun, root: str) -> list[CaseRun]:
    """S19: failed subtests that say nothing; Go ≤ 1.21 prints their panic under another one."""
    failed = [case for case in run.told if case.event_outcome is Outcome.FAIL]
    below = (case for case in _leaves(failed) if case.name.startswith(f"{root}/"))
    return [c for c in below if all(_is_frame(line) for line in c.text.split("\n"))]


def _is_frame(line: str) -> bool:
    return not line.strip() or line.startswith(("=== ", "--- "))


def _newest(run: PackageRun, name: str) -> list[CaseRun]:
    return next(([case] for case in reversed(run.cases) if case.name == name), [])


def _leaves(cases: Sequence[CaseRun]) -> list[CaseRun]:
    """Those without an active descendant among them."""
    inner: set[str] = set()
    for case in cases:
        at = case.name.find("/")
        while at >= 0:
            inner.add(case.name[:at])
            at = case.name.find("/", at + 1)
    return [case for case in cases if case.name not in inner]
