"""Many fresh processes of one compiled test binary, some at once, each with its journal."""

import os
import queue
import random
import threading
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from gomanager import journal as journals
from gomanager.analysis.stress import Try, ended
from gomanager.command import Command
from gomanager.errors import EnvironmentFault, Interrupted
from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.execution import Execution
from gomanager.process import Start
from gomanager.results import Outcome, PackageResult, Purpose
from gomanager.runners.execute import description
from gomanager.runners.request import PhaseRequest
from gomanager.runners.testbinary import Compiled, Subject

IDLE_SECONDS = 0.1
MERGED = 200
"""Journals of so many finished processes become one file."""
_AS_GO = r"""package=$1; shift; "$@"; code=$?
[ $code -eq 137 ] && echo "signal: killed"
[ $code -eq 0 ] || printf '\n\026FAIL\t%s\n' "$package"
exit $code"""
"""What ``go test`` prints behind a binary that failed: without its line the case that ran then
would get an end that it never had."""


def attempts(
    subject: Subject, made: Compiled, *, start: Start, parallel: int, runs: int | None
) -> Generator[Try | None]:
    """Each process as it ends, ``None`` every tenth of a second without one.

    Close it to stop: what runs then is stopped and not told. Ends by itself after ``runs``.
    """
    desk = _Desk(subject, made, start, runs)
    threads = [threading.Thread(target=desk.work, daemon=True) for _ in range(parallel)]
    for thread in threads:
        thread.start()
    try:
        while True:
            busy = any(thread.is_alive() for thread in threads)
            try:
                found = desk.ended.get(timeout=IDLE_SECONDS if busy else 0)
            except queue.Empty:
                if not busy:
                    return
                yield None
                continue
            if isinstance(found, EnvironmentFault):
                raise found
            desk.shelve(found.number)
            yield found
    finally:
        desk.over.set()
        for thread in threads:
            thread.join()


class _Desk:
    """Hands out numbers to the workers and takes what they bring."""

    def __init__(self, subject: Subject, made: Compiled, start: Start, runs: int | None) -> None:
        self.ended: queue.Queue[Try | EnvironmentFault] = queue.Queue()
        self.over = threading.Event()
        self._subject = subject
        self._made = made
        self._start = start
        self._runs = runs
        self._next = 0
        self._lock = threading.Lock()
        self._done: list[Path] = []

    def work(self) -> None:
        """One worker: process after process."""
        while not self.over.is_set() and (number := self._take()) is not None:
            try:
                found = self._try(number)
            except Interrupted:
                return
            except EnvironmentFault as fault:
                self.over.set()
                self.ended.put(fault)
                return
            if found is None:
                return
            self.ended.put(found)

    def _take(self) -> int | None:
        with self._lock:
            if self._runs is not None and self._next >= self._runs:
                return None
            self._next += 1
            return self._next

    def _try(self, number: int) -> Try | None:
        """``None`` where it was stopped: by a signal, or because nobody waits for it any more."""
        subject = self._subject
        asked, seed, cpu = _asked(subject, number), self._seed(number), self._cpu(number)
        execution = Execution(asked)
        with self._start(
            self._command(seed, cpu),
            journal=self._journal(number),
            meta=description(subject.request, "go", asked),
            environ=self._made.environ,
        ) as child:
            for block in child.blocks():
                execution.feed(block)
                if self.over.is_set():
                    child.stop()
            fold = execution.finish(
                child.wait(), child.stderr, interrupted=child.interrupted is not None
            )
            usage = child.usage
        if self.over.is_set() or fold.interrupted:
            return None
        return replace(_told(subject, number, fold, seed, cpu), usage=usage)

    def _command(self, seed: int | None, cpu: str | None) -> Command:
        subject, made = self._subject, self._made
        words = [*made.flags]
        words += [f"-test.shuffle={seed}"] if seed is not None else []
        words += [f"-test.cpu={cpu}"] if cpu is not None else []
        path = subject.package.path
        head = (str(made.converter), "-t", "-p", path, "sh", "-c", _AS_GO, "sh", path)
        search = f"{_goroot(subject.request)}{os.pathsep}{made.environ.get('PATH', '')}"
        return Command(
            argv=(*head, str(made.binary), *words, *made.rest),
            cwd=subject.folder,
            env=(("PATH", search), ("PWD", str(subject.folder))),
            root=subject.request.root,
        )

    def _seed(self, number: int) -> int | None:
        match self._subject.shuffle:
            case None | "off":
                return None
            case "on":
                return random.Random(f"{self._subject.request.run_uid}-{number}").randrange(
                    1, 2**31
                )
            case seed:
                return int(seed)

    def _cpu(self, number: int) -> str | None:
        cpus = self._subject.cpus
        return cpus[(number - 1) % len(cpus)] if cpus else None

    def _journal(self, number: int) -> Path:
        request = self._subject.request
        return request.scratch / f"{request.run_uid}-{request.phase.name}-0-{number}.jsonl"

    def shelve(self, number: int) -> None:
        """Keep the folder of journals small: many finished ones become the first of them."""
        self._done.append(self._journal(number))
        if len(self._done) < MERGED:
            return
        first, *others = sorted(self._done, key=lambda path: int(path.stem.rpartition("-")[2]))
        beside = first.with_suffix(".merging")
        with suppress(OSError), beside.open("wb") as target:
            for path in (first, *others):
                target.write(path.read_bytes())
            target.flush()
            beside.replace(first)
            for path in others:
                journals.remove(path)
        self._done = []


def _goroot(request: PhaseRequest) -> str:
    return str(Path(request.toolchain.env.get("GOROOT", "")) / "bin")


def _asked(subject: Subject, number: int) -> Asked:
    directory = subject.package.directory
    return Asked(
        module=subject.module.path,
        root=str(subject.request.root),
        directory=lambda path: directory if path == subject.package.path else None,
        packages=(subject.package.path,),
        purpose=Purpose.STRESS,
        first_process=number,
        first_attempt=number,
    )


def _told(subject: Subject, number: int, fold: Fold, seed: int | None, cpu: str | None) -> Try:
    if not fold.packages:
        what = f"the test binary of {subject.package.path} left no event"
        said = (fold.stderr.strip() or "\n".join(fold.side_text))[:2000]
        raise EnvironmentFault(f"{what}: {said}".rstrip(": "), where=str(subject.folder))
    result = fold.packages[0]
    outcome, failures = ended(result, subject.name, whole=subject.whole)
    case = next((one for one in result.cases if one.name == subject.name), None)
    last = case.attempts[-1] if case else None
    return Try(
        number=number,
        outcome=outcome,
        result=_narrowed(result, subject.name),
        duration_ms=last.duration_ms if last else None,
        failures=failures,
        reason=last.reason if last else None,
        seed=result.last.seed if result.last.seed is not None else seed,
        cpu=cpu,
    )


def _narrowed(result: PackageResult, name: str) -> PackageResult:
    """Of the other tests of a shuffled package, only what failed is kept."""
    kept = tuple(
        case
        for case in result.cases
        if case.name == name or case.name.startswith(f"{name}/") or case.outcome is Outcome.FAIL
    )
    return replace(result, cases=kept)
