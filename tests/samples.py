"""Runs built in code: green, red in every kind, flaky, nothing, interrupted, hostile."""

from collections.abc import Callable
from datetime import UTC, datetime

from gomanager.results import (
    Attempt,
    CaseResult,
    Failure,
    Kind,
    Label,
    Note,
    Outcome,
    PackageAttempt,
    PackageOutcome,
    PackageResult,
    PhaseResult,
    Purpose,
    Run,
    Severity,
    Variant,
    Verdict,
    Warned,
)

MODULE = "example.com/app"
WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
RACE = Variant(goos="linux", goarch="amd64", go="go1.27", race=True, cgo=True)


def failure(kind: Kind, message: str, text: str | None = None, **more: object) -> Failure:
    mark = f"{kind.value}:{abs(hash((kind.value, len(message)))) % 1:08x}"
    given = {"fingerprint": mark} | more
    return Failure(kind=kind, message=message, text=text or message, **given)  # type: ignore[arg-type]


def attempt(
    outcome: Outcome, n: int = 1, *failures: Failure, ms: int | None = 12, **more: object
) -> Attempt:
    given = {"purpose": Purpose.FIRST if n == 1 else Purpose.RERUN, "process": n} | more
    return Attempt(n=n, outcome=outcome, duration_ms=ms, failures=failures, **given)  # type: ignore[arg-type]


def passed(name: str, ms: int = 12, **more: object) -> CaseResult:
    return CaseResult(name=name, attempts=(attempt(Outcome.PASS, ms=ms),), **more)  # type: ignore[arg-type]


def failed(name: str, *failures: Failure, output: str = "", **more: object) -> CaseResult:
    return CaseResult(
        name=name, attempts=(attempt(Outcome.FAIL, 1, *failures, output=output),), **more
    )  # type: ignore[arg-type]


def ended(name: str, outcome: Outcome, reason: str | None = None, ms: int | None = 0) -> CaseResult:
    return CaseResult(name=name, attempts=(attempt(outcome, ms=ms, reason=reason),))


def flaky(name: str, first: Failure, **more: object) -> CaseResult:
    return CaseResult(
        name=name,
        attempts=(attempt(Outcome.FAIL, 1, first), attempt(Outcome.PASS, 2)),
        label=Label.FLAKY,
        **more,  # type: ignore[arg-type]
    )


def tried(
    result: PackageOutcome, n: int = 1, *failures: Failure, ms: int | None = 310, **more: object
) -> PackageAttempt:
    given = {
        "purpose": Purpose.FIRST if n == 1 else Purpose.RERUN,
        "process": n,
        "complete": not result.broken,
        "message": failures[0].message if failures else None,
    } | more
    return PackageAttempt(n=n, result=result, duration_ms=ms, failures=failures, **given)  # type: ignore[arg-type]


def package(
    name: str, result: PackageOutcome | PackageAttempt, *cases: CaseResult, **more: object
) -> PackageResult:
    first = result if isinstance(result, PackageAttempt) else tried(result)
    path = f"{MODULE}/{name}" if name else MODULE
    given = {"attempts": (first,)} | more
    return PackageResult(path=path, module=MODULE, cases=cases, **given)  # type: ignore[arg-type]


def phase(verdict: Verdict, *packages: PackageResult, **more: object) -> PhaseResult:
    red = verdict is Verdict.RED
    given = {
        "name": "unit-race",
        "runner": "go",
        "why": ("affected: a changed package, or one that imports it",),
        "variant": RACE,
        "exit_code": int(red),
        "started": WHEN,
        "duration_ms": 3210,
        "commands": (("go", "test", "-json", "-race", "./..."),),
    } | more
    return PhaseResult(verdict=verdict, packages=packages, **given)  # type: ignore[arg-type]


def run(verdict: Verdict, *phases: PhaseResult, **more: object) -> Run:
    codes = {Verdict.RED: 1, Verdict.ERROR: 3, Verdict.INTERRUPTED: 130}
    given = {
        "uid": "0198" + "0" * 28,
        "started": WHEN,
        "duration_ms": 4321,
        "command": ("gomanager", "run"),
        "exit_code": codes.get(verdict, 0),
        "commit": "1" * 40,
        "base": "main",
        "base_how": "merge base of the default branch",
        "branch": "feature/retry",
        "dirty": True,
        "scope_mode": "selected",
        "scope_reason": "2 changed paths reach 3 packages",
    } | more
    return Run(verdict=verdict, phases=phases, **given)  # type: ignore[arg-type]


def green() -> Run:
    store = package("store", PackageOutcome.PASS, passed("TestPut"), passed("TestGet/empty"))
    api = package(
        "api", PackageOutcome.PASS, passed("TestRoutes"), ended("TestLive", Outcome.SKIP, "no net")
    )
    return run(Verdict.GREEN, phase(Verdict.GREEN, store, api))


ASSERTION = failure(
    Kind.ASSERTION,
    "got 1, want 2",
    "    store_test.go:14: got 1, want 2",
    file="store/store_test.go",
    line=14,
    fingerprint="assertion:00000001",
)
PANIC = failure(
    Kind.PANIC,
    "panic: runtime error: index out of range [3] with length 2",
    "panic: runtime error: index out of range [3] with length 2\n\ngoroutine 7 [running]:\n"
    "example.com/app/queue.Pop(...)\n\t/repo/queue/queue.go:31 +0x1d",
    file="queue/queue.go",
    line=31,
    fingerprint="panic:00000002",
)
TIMEOUT = failure(
    Kind.TIMEOUT,
    "test timed out after 3s",
    "panic: test timed out after 3s\n\trunning tests:\n\t\tTestSlow (3s)",
    fingerprint="timeout:00000003",
)
DATA_RACE = failure(
    Kind.RACE,
    "data race (TestInc, TestDec)",
    "WARNING: DATA RACE\nWrite at 0x00c000 by goroutine 8:\n  counter.(*C).Inc()",
    file="counter/counter.go",
    line=9,
    fingerprint="race:00000004",
)
BUILD = failure(
    Kind.BUILD,
    "parse/parse.go:9:2: undefined: token",
    "# example.com/app/parse\nparse/parse.go:9:2: undefined: token",
    file="parse/parse.go",
    line=9,
    fingerprint="build:00000005",
)
VET = failure(
    Kind.VET,
    "fmt/fmt_test.go:5:2: fmt.Printf format %d has arg s of wrong type string",
    "# example.com/app/fmt\n# [example.com/app/fmt]\n"
    "fmt/fmt_test.go:5:2: fmt.Printf format %d has arg s of wrong type string",
    file="fmt/fmt_test.go",
    line=5,
    fingerprint="vet:00000006",
)
SETUP = failure(
    Kind.SETUP,
    "syntax/x_test.go:3:1: expected declaration, found fnc",
    file="syntax/x_test.go",
    line=3,
    fingerprint="setup:00000007",
)
EXIT = failure(
    Kind.EXIT,
    "the process left before its first test ran: no database at localhost:5432",
    "no database at localhost:5432",
    fingerprint="exit:00000008",
)
HOLLOW = failure(
    Kind.EXIT,
    "left with 0 without running its tests: use t.Skip to say so",
    "",
    fingerprint="exit:00000009",
)
MASKED = failure(
    Kind.EXIT,
    "a test failed, and the package's exit code 0 hides it: TestMain drops the code",
    "",
    fingerprint="exit:0000000a",
)
LATE = failure(
    Kind.ORPHAN,
    "Test I/O incomplete 5s after exiting",
    "*** Test I/O incomplete 5s after exiting.\nexec: WaitDelay expired before I/O complete",
    fingerprint="orphan:0000000b",
)
UNKNOWN = failure(
    Kind.UNKNOWN,
    "failed without an error message",
    "no error message, the last lines of its output:\nconnecting",
    fingerprint="unknown:0000000c",
)


def red() -> Run:
    """Every kind of failure, each in a package of its own."""
    store = package(
        "store",
        PackageOutcome.FAIL,
        passed("TestPut"),
        CaseResult(name="TestGet", attempts=(attempt(Outcome.FAIL),), fold=True),
        failed("TestGet/missing", ASSERTION, output="connecting\n    store_test.go:14: got 1\n"),
        failed("TestQuiet", UNKNOWN),
    )
    queue = package(
        "queue",
        PackageOutcome.DIED,
        failed("TestPop", PANIC),
        ended("TestPush", Outcome.UNKNOWN, "its process ended", None),
        ended("TestLen", Outcome.NOT_RUN, "its package died first", None),
    )
    slow = package("slow", PackageOutcome.DIED, failed("TestSlow", TIMEOUT))
    counter = package(
        "counter",
        PackageOutcome.FAIL,
        failed("TestInc", DATA_RACE, label=Label.RACE),
        failed("TestDec", DATA_RACE, label=Label.RACE),
    )
    broken = (
        package("parse", tried(PackageOutcome.BUILD, 1, BUILD, ms=None)),
        package("lint", tried(PackageOutcome.BUILD, 1, BUILD, ms=None)),
        package("fmt", tried(PackageOutcome.VET, 1, VET, ms=None)),
        package("syntax", tried(PackageOutcome.SETUP, 1, SETUP, ms=None)),
        package(
            "db",
            tried(PackageOutcome.DIED, 1, EXIT),
            ended("TestQuery", Outcome.NOT_RUN, "its package died first", None),
        ),
        package("hollow", tried(PackageOutcome.HOLLOW, 1, HOLLOW, exited_zero=True)),
        package("masked", tried(PackageOutcome.MASKED, 1, MASKED), failed("TestCode", ASSERTION)),
        package("orphan", tried(PackageOutcome.LATE, 1, LATE), passed("TestSpawn")),
        package(
            "gone",
            tried(PackageOutcome.MISSING, 1, message="asked for, and never started", ms=None),
        ),
    )
    return run(Verdict.RED, phase(Verdict.RED, store, queue, slow, counter, *broken))


def flake() -> Run:
    """Green, with a flaky case and a warning in the output of a passing package."""
    client = package(
        "client",
        PackageOutcome.FAIL,
        flaky("TestRetry/backoff", ASSERTION),
        passed("TestDial"),
        attempts=(tried(PackageOutcome.FAIL), tried(PackageOutcome.PASS, 2)),
        explained=True,
    )
    noisy = package(
        "noisy",
        tried(
            PackageOutcome.PASS,
            warnings=(Warned(case="TestLog", text="WARNING: config.toml is deprecated"),),
        ),
        passed("TestLog"),
    )
    return run(Verdict.GREEN, phase(Verdict.GREEN, client, noisy))


def nothing() -> Run:
    all_skipped = package(
        "live", PackageOutcome.PASS, ended("TestLive", Outcome.SKIP, "set LIVE=1 to run")
    )
    empty = package("docs", PackageOutcome.EMPTY)
    return run(Verdict.NOTHING, phase(Verdict.NOTHING, all_skipped, empty))


def unaffected() -> Run:
    return run(Verdict.NOTHING, scope_mode="none", scope_reason="no Go package is affected")


def interrupted() -> Run:
    store = package("store", PackageOutcome.PASS, passed("TestPut"))
    cut = package(
        "queue",
        tried(PackageOutcome.DIED, message="its end never came"),
        passed("TestLen"),
        ended("TestPop", Outcome.UNKNOWN, "its process ended", None),
    )
    gone = package("api", tried(PackageOutcome.MISSING, message="asked for, and never started"))
    first = phase(Verdict.INTERRUPTED, store, cut, gone, interrupted=True, exit_code=-2)
    second = phase(
        Verdict.NOT_RUN,
        name="integration",
        not_run="the run was interrupted",
        exit_code=None,
        duration_ms=None,
        started=None,
        commands=(),
    )
    return run(Verdict.INTERRUPTED, first, second)


def environment() -> Run:
    """go itself failed: no package at all, one note of the runner."""
    missing = Note(
        severity=Severity.CRITICAL,
        kind="environment",
        title="-race needs a C compiler, and gcc was not found",
        text='cgo: C compiler "gcc" not found: exec: "gcc": executable file not found in $PATH',
        fix="install gcc, or run with -- -race=false",
    )
    broken = phase(
        Verdict.ERROR,
        exit_code=1,
        notes=(missing,),
        side_text=("go: -race requires cgo; enable cgo by setting CGO_ENABLED=1",),
    )
    return run(Verdict.ERROR, broken)


NASTY = (
    "\x1b]0;owned\x07\x1b[2J##[error]boom ##vso[task.setvariable]x ##teamcity[x]\n::error::y\n"
    "```\n<script>alert(1)</script> <!-- @team #12 | a | \r--- x\n]]> &amp; \x00\x85\u202e é😀"
)


def hostile() -> Run:
    """Names, messages and output that try to leave their place."""
    bad = failure(
        Kind.ASSERTION, NASTY, NASTY, file="a|b`c/x_test.go", line=3, fingerprint="assertion:bad"
    )
    name = "TestX/[red]##[error]y|z`<b>@me"
    cases = (
        failed(name, bad, output=NASTY),
        ended("TestSkip", Outcome.SKIP, NASTY),
        passed("TestAttr", attrs=(('key<"', NASTY),)),
    )
    bad_package = package("we ird\n::error::p", PackageOutcome.FAIL, *cases)
    note = Note(severity=Severity.WARNING, kind="environment", title=NASTY, text=NASTY, fix=NASTY)
    one = phase(
        Verdict.RED,
        bad_package,
        why=(NASTY,),
        side_text=(NASTY,),
        anomalies=(NASTY,),
        notes=(note,),
    )
    return run(
        Verdict.RED, one, branch="x`y|##[z", scope_reason=NASTY, command=("gomanager", NASTY)
    )


RUNS: dict[str, Callable[[], Run]] = {
    "green": green,
    "red": red,
    "flaky": flake,
    "nothing": nothing,
    "unaffected": unaffected,
    "interrupted": interrupted,
    "environment": environment,
    "hostile": hostile,
}
