"""Packages as they end, each judged once, and what is left to judge when the stream is over."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.builds import (
    BuildFailure,
    Builds,
    build_failure,
    stderr_block,
)
from gomanager.gotest.conclude import Concluded, conclude, not_started
from gomanager.gotest.events import Event
from gomanager.gotest.gofault import GoFault, go_fault, go_message
from gomanager.gotest.location import Places
from gomanager.gotest.running import PackageRun
from gomanager.gotest.sidetext import old_style, plain_failures
from gomanager.results import (
    CaseEnded,
    CaseResult,
    Listener,
    Note,
    Outcome,
    PackageAttempt,
    PackageEnded,
    PackageOutcome,
    PackageResult,
    Severity,
    ignore,
    told,
)


class Ledger:
    """The package runs of one stream, in order of their start."""

    def __init__(self, asked: Asked, builds: Builds, listener: Listener) -> None:
        self._asked = asked
        self._builds = builds
        self._listener = None if listener is ignore else listener
        self._concluded: dict[int, tuple[PackageRun, Concluded]] = {}
        self._reopened: list[PackageRun] = []
        self._next = asked.first_process

    def ended(self, run: PackageRun) -> None:
        """A package's process is over: judge it and tell the listener."""
        run.meet_all()
        found = conclude(run, self._asked, self._build_of(run))
        self._concluded[run.process] = (run, found)
        if self._listener is not None:
            for case in told(found.cases):
                if case.name in run.open or case.attempts[-1].outcome is Outcome.NOT_RUN:
                    self._listener(_without_end(run.path, case))
            self._listener(PackageEnded(package=run.path, attempt=found.attempt))

    def reopen(self, run: PackageRun) -> None:
        """Something came after the end: the judgement waits for the end of the stream."""
        if self._concluded.pop(run.process, None) is not None:
            self._reopened.append(run)

    def end_again(self, run: PackageRun, action: str) -> None:
        """A second end of one package: the worse one counts."""
        if action == "fail" and run.end != "fail":
            run.end = "fail"
            self.reopen(run)

    def close(
        self,
        runs: Iterable[PackageRun],
        *,
        side_text: tuple[str, ...],
        stderr: str,
        anomalies: tuple[str, ...],
        exit_code: int | None,
        interrupted: bool,
        events: int,
        next_process: int,
    ) -> Fold:
        """Judge what is left, add what never came, and put it all together."""
        for run in (*self._reopened, *runs):
            if run.process not in self._concluded:
                self.ended(run)
        self._next = next_process
        self._add_old_builds(side_text, stderr)
        if exit_code is None:
            self._add_plain_failures(side_text)
        self._add_unclaimed()
        if exit_code and not events and go_fault(stderr) is GoFault.MODULE:
            self._add_module(stderr)
        self._add_missing()
        self._believe_unmarked()
        found = [entry[1] for _, entry in sorted(self._concluded.items())]
        more = tuple(dict.fromkeys(text for one in found for text in one.anomalies))
        return Fold(
            packages=self._packages(),
            side_text=side_text,
            stderr=stderr,
            anomalies=(*anomalies, *more),
            notes=_notes(found),
            exit_code=exit_code,
            interrupted=interrupted,
            events=events,
            next_process=self._next,
        )

    def _build_of(self, run: PackageRun) -> BuildFailure | None:
        """Set where the package was never built (S46 to S48)."""
        word = next((w for w in ("setup", "build") if f"[{w} failed]" in run.summary), "")
        if not run.failed_build and (not word or run.entries):
            return None
        text = self._builds.text(run.failed_build or run.path)
        places = Places(asked=self._asked, package=run.path)
        return build_failure(word or "build", text or run.text, places)

    def _paths(self) -> set[str]:
        return {run.path for run, _ in self._concluded.values()}

    def _add_old_builds(self, side_text: tuple[str, ...], stderr: str) -> None:
        """S50: what Go ≤ 1.23 says beside the stream."""
        known = self._paths()
        for path, word in old_style(side_text).items():
            if path not in known:
                text = stderr_block(stderr, path) or stderr.strip()
                self._add_build(path, word, text)

    def _add_plain_failures(self, side_text: tuple[str, ...]) -> None:
        """S89: where no exit code is known, another go test beside the stream is not passed over."""
        red = {run.path for run, found in self._concluded.values() if found.attempt.result.red}
        for name, line in plain_failures(side_text).items():
            path = name or self._asked.nameless
            if path not in red:
                run = PackageRun(path, self._next)
                run.plain, run.end = True, "fail"
                run.output(Event(action="output", package=path, output=f"{line}\n"))
                self._file(run, conclude(run, self._asked, None))

    def _believe_unmarked(self) -> None:
        """S6: under ``-v=false`` nothing begins, cases only fail, green packages say PASS.

        One package alone may have a TestMain that prints it (S43).
        """
        known = [run for run, _ in self._concluded.values()]
        if self._asked.expected or any(run.runs for run in known):
            return
        said = [run for run in known if run.end == "pass" and "PASS" in dict(run.bare)]
        mute = [run for run in said if self._concluded[run.process][1].attempt.result.broken]
        unmarked = len(mute) > 1 or any(run.entries for run in known)
        for run in mute if unmarked else ():
            run.plain = True
            self._concluded[run.process] = (run, conclude(run, self._asked, None))

    def _add_unclaimed(self) -> None:
        """S79: build events whose package never had an event, unless another one failed by them."""
        known = self._paths()
        for import_path in self._builds.unclaimed:
            path = import_path.split(" ", 1)[0].removesuffix(".test")
            if path not in known:
                self._add_build(path, "build", self._builds.text(import_path))

    def _add_build(self, path: str, word: str, text: str) -> None:
        run = PackageRun(path, self._next)
        build = build_failure(word, text, Places(asked=self._asked, package=path))
        self._file(run, conclude(run, self._asked, build))

    def _add_missing(self) -> None:
        known = self._paths()
        for path in dict.fromkeys((*self._asked.packages, *self._asked.expected)):
            if path not in known:
                run = PackageRun(path, self._next)
                self._file(run, not_started(path, self._asked, self._next, PackageOutcome.MISSING))

    def _add_module(self, stderr: str) -> None:
        """S52: a broken go.mod is a failed setup of every package asked for."""
        for path in dict.fromkeys((*self._asked.packages, *self._asked.expected)):
            self._add_build(path, "setup", go_message(stderr))

    def _file(self, run: PackageRun, found: Concluded) -> None:
        """An entry the stream had no process for."""
        self._concluded[run.process] = (run, found)
        self._next += 1

    def _packages(self) -> tuple[PackageResult, ...]:
        """One result a path; several processes of it stand side by side (S72)."""
        by_path: dict[str, list[Concluded]] = {}
        for _, (run, found) in sorted(self._concluded.items()):
            by_path.setdefault(run.path, []).append(found)
        return tuple(self._result(path, found) for path, found in by_path.items())

    def _result(self, path: str, found: list[Concluded]) -> PackageResult:
        attempts = tuple(
            replace(one.attempt, n=self._asked.first_attempt + i) if i else one.attempt
            for i, one in enumerate(found)
        )
        cases = found[0].cases if len(found) == 1 else side_by_side([one.cases for one in found])
        return PackageResult(path=path, module=self._asked.module, attempts=attempts, cases=cases)


def _without_end(package: str, case: CaseResult) -> CaseEnded:
    """Progress for a case of which the stream says no end."""
    attempt = case.attempts[-1]
    return CaseEnded(
        package=package,
        name=case.name,
        outcome=case.outcome,
        duration_ms=attempt.duration_ms,
        fold=case.fold,
        output=attempt.output if case.outcome is Outcome.FAIL else "",
    )


def side_by_side(passes: Sequence[Sequence[CaseResult]]) -> tuple[CaseResult, ...]:
    """Cases of several processes of one package, attempts numbered on."""
    merged: dict[str, CaseResult] = {}
    for cases in passes:
        for case in cases:
            known = merged.get(case.name)
            if known is None:
                merged[case.name] = case
                continue
            first = known.attempts[-1].n + 1
            more = tuple(replace(a, n=first + i) for i, a in enumerate(case.attempts))
            merged[case.name] = replace(
                known,
                attempts=(*known.attempts, *more),
                fold=known.fold and case.fold,
                label=known.label or case.label,
                note=known.note or case.note,
            )
    return tuple(merged.values())


def _notes(found: list[Concluded]) -> tuple[Note, ...]:
    """S49: the machine is to blame, and that outranks what the compiler says."""
    said: dict[str, PackageAttempt] = {}
    for one in found:
        if one.environment:
            said.setdefault(one.attempt.message or "", one.attempt)
    return tuple(
        Note(
            severity=Severity.CRITICAL,
            kind="environment",
            title=message.removeprefix("environment: "),
            text=attempt.failures[0].text[:4000] if attempt.failures else "",
            fix="free memory or disk space, or build fewer packages at once (-p 1)",
        )
        for message, attempt in said.items()
    )
