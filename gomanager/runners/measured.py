"""What test processes took, told to the packages that they ran."""

import os
from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from gomanager.command import Process, Took, Watched
from gomanager.gotest.asked import Asked, Fold
from gomanager.results import Note, PackageResult, Severity

_NAMED = 10


class Building(Struct):
    """What ``go`` itself took over the processes of a phase; ``None`` once one was not measured."""

    ms: int | None = None
    cpu_ms: int | None = None
    _processes: int = 0

    def add(self, child: Process, fold: Fold, asked: Asked) -> None:
        """A process that is gone, and what it said."""
        watched, usage = child.watched, child.usage
        first, self._processes = self._processes == 0, self._processes + 1
        if watched is None or usage is None or not (first or self.ms is not None):
            self.ms = self.cpu_ms = None
            return
        tests = sum(one.cpu_ms or 0 for one in watched.tests)
        self.ms = (self.ms or 0) + max(0, watched.total_ms - _busy_ms(watched, fold, asked))
        self.cpu_ms = (self.cpu_ms or 0) + max(0, usage.cpu_ms - tests)


def _busy_ms(watched: Watched, fold: Fold, asked: Asked) -> int:
    """Time in which a package was tested: while its process lived, and while ``go`` waited for
    what that left behind (S39, S40)."""
    packages = ((p, _place(p, asked)) for p in fold.packages)
    lasted = {place: p.attempts[0].duration_ms or 0 for p, place in packages if place is not None}
    busy = until = 0
    for one in sorted(watched.tests, key=lambda one: one.span_ms):
        begun, ended = one.span_ms
        ended = max(ended, begun + lasted.get(os.path.realpath(one.folder), 0))
        busy += max(0, ended - max(begun, until))
        until = max(until, ended)
    return busy


def plain(goflags: Iterable[str], argv: Iterable[str], own: str) -> bool:
    """No program of the user's own stands around the tests: it would be measured in their place."""
    words = [word for word in (*goflags, *argv) if word != own]
    return not any(word.lstrip("-").partition("=")[0] == "exec" for word in words)


def measured(fold: Fold, asked: Asked, child: Process) -> Fold:
    """The fold, its packages with what was seen of their processes."""
    tests = child.watched.tests if child.watched is not None else ()
    if not tests:
        return fold
    folders = {os.path.realpath(one.folder): one for one in tests}
    if len(folders) < len(tests):
        # Two processes in one folder: nobody knows which is which.
        counts = [os.path.realpath(one.folder) for one in tests]
        folders = {at: one for at, one in folders.items() if counts.count(at) == 1}
    return replace(fold, packages=tuple(_with(p, folders, asked) for p in fold.packages))


def _with(package: PackageResult, folders: dict[str, Took], asked: Asked) -> PackageResult:
    took = folders.get(_place(package, asked) or "")
    if took is None or len(package.attempts) != 1 or package.attempts[0].cached:
        return package
    attempt = replace(
        package.attempts[0], cpu_ms=took.cpu_ms, peak_bytes=took.peak_bytes, left=took.left
    )
    return replace(package, attempts=(attempt,))


def _place(package: PackageResult, asked: Asked) -> str | None:
    place = asked.directory(package.path)
    return None if place is None else os.path.realpath(f"{asked.root}/{place}")


def left_notes(
    owned: Iterable[tuple[str, tuple[str, ...]]], others: Iterable[str]
) -> Iterator[Note]:
    """Children that nobody stopped (S40): by package, then those of nobody knows whom."""
    named: dict[str, list[str]] = {}
    for path, names in owned:
        named.setdefault(path, []).extend(names)
    for path, found in named.items():
        yield _note(f"tests of {path} left", found)
    rest = list(others)
    if rest:
        yield _note("tests left", rest)


def _note(who: str, left: list[str]) -> Note:
    names = ", ".join(left[:_NAMED])
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    what = "a process" if len(left) == 1 else f"{len(left)} processes"
    title = f"{who} {what} running: {names}{more}"
    fix = "stop in t.Cleanup what a test starts"
    return Note(severity=Severity.WARNING, kind="orphan", title=title, fix=fix)
