"""Recorded streams with the question that their project answers."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.execution import Execution
from gomanager.results import CaseResult, PackageResult

RECORDINGS = Path(__file__).parent
MODULE = "example.com/m"
_FUNCTION = re.compile(r"^func ((?:Test|Fuzz|Example)\w*)\(", re.MULTILINE)
_FILE = re.compile(r"^-- (\S+) --$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One case under one Go release."""

    case: str
    go: str
    exit_code: int
    stderr: str
    argv: tuple[str, ...]
    stream: bytes

    def __str__(self) -> str:
        return f"{self.case}-go{self.go}"


def recordings() -> list[Recording]:
    """All of them, by case and release."""
    found = []
    for path in sorted(RECORDINGS.glob("streams/*/*.jsonl")):
        head, _, stream = path.read_bytes().partition(b"\n")
        first = json.loads(head)
        found.append(
            Recording(
                case=first["case"],
                go=first["go"],
                exit_code=first["exit_code"],
                stderr=first["stderr"],
                argv=tuple(first["argv"]),
                stream=stream,
            )
        )
    return found


def directory(path: str) -> str | None:
    """Import path → folder of the recorded projects."""
    if path == MODULE:
        return "."
    return path.removeprefix(f"{MODULE}/") if path.startswith(f"{MODULE}/") else None


@cache
def functions(case: str) -> dict[str, frozenset[str]]:
    """Package → test functions of its files, TestMain excepted."""
    text = (RECORDINGS / "cases" / f"{case}.txtar").read_text()
    parts = _FILE.split(text)
    found: dict[str, frozenset[str]] = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        if name.endswith("_test.go"):
            package = f"{MODULE}/{name.rpartition('/')[0]}"
            names = frozenset(_FUNCTION.findall(body)) - {"TestMain"}
            found[package] = found.get(package, frozenset()) | names
    return found


def asked(case: str, argv: tuple[str, ...] = ()) -> Asked:
    """What a runner that knows the project would ask."""
    expected = {} if "-run" in argv or "-fuzz" in argv else functions(case)
    return Asked(
        module=MODULE,
        root="/project",
        directory=directory,
        packages=tuple(functions(case)),
        expected=expected,
        nothing_ok="-bench" in argv,
        failfast="-failfast" in argv,
    )


def fold(one: Recording, ask: Asked | None = None, block: int = 1 << 20) -> Fold:
    """The recording read in blocks."""
    execution = Execution(ask or asked(one.case, one.argv))
    for at in range(0, len(one.stream), block):
        execution.feed(one.stream[at : at + block])
    return execution.finish(one.exit_code, one.stderr)


def spelled(package: PackageResult) -> str:
    """One package in one line: result, then its cases with outcome, kinds and label."""
    name = package.path.removeprefix(f"{MODULE}/")
    cases = ", ".join(map(_case, package.cases))
    failures = "".join(f" ({f.kind})" for a in package.attempts for f in a.failures)
    return f"{name} {package.result}{failures}" + (f": {cases}" if cases else "")


def _case(case: CaseResult) -> str:
    attempts = "+".join(a.outcome for a in case.attempts)
    kinds = dict.fromkeys(f.kind.value for a in case.attempts for f in a.failures)
    marks = [*kinds, *(["fold"] if case.fold else []), *(["race"] if case.label else [])]
    return f"{case.name} {attempts}" + (f" ({' '.join(dict.fromkeys(marks))})" if marks else "")
