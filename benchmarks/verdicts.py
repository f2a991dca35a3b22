"""Every recorded case of the catalogue under every Go release: what each tool concludes.

    python benchmarks/verdicts.py [CASE...] [--go 1.27] [--no-magex] [--markdown]

All read the recordings of tests/recordings: stream, stderr and exit code as go left them.
gotestsum and magex start the command themselves (magex gets a `go` that plays the recording back);
tparse and go-junit-report read the stream alone, as their users pipe it. Tools are found on PATH.

    expected   verdict, exit code and leaves of the catalogue (tests/unit/gotest)
    run        gomanager, knowing the project as a run does
    replay     `gomanager replay FILE --exit-code N`, a process that knows the file alone
    others     exit code, then tests/failures/errors/skipped as they count them

A tool is wrong where it leaves with 0 and the catalogue does not (false green), or the other way
round (false red). Exit 1 when a verdict of gomanager is wrong.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "tests"), str(HERE.parent / "tests" / "unit" / "gotest")]

from recordings.recording import Recording, fold, recordings, spelled
from test_catalogue import EXPECTED

from gomanager.gotest.verdict import judge

INSTALL = {
    "gotestsum": "go install gotest.tools/gotestsum@latest",
    "tparse": "go install github.com/mfridman/tparse@latest",
    "go-junit-report": "go install github.com/jstemmer/go-junit-report/v2@latest",
    "magex": "go install github.com/mrz1836/mage-x/cmd/magex@latest",
}
OUTCOMES = ("pass", "fail", "skip", "unknown", "not_run")
NOT_IN_STREAM = frozenset({"S54", "S65"})
"""What only the project's files or go's flags show, so that a replay cannot know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one tool made of one recording."""

    code: int | None
    counts: str = ""

    def against(self, expected: int) -> str:
        """In a cell: right or wrong, and what it said."""
        if self.code is None:
            return self.counts
        mark = "" if bool(self.code) == bool(expected) else " FALSE "
        return (
            f"{mark and mark + ('red' if self.code else 'green') + ', '}{self.code} {self.counts}"
        )

    def wrong(self, expected: int) -> bool:
        return self.code is not None and bool(self.code) != bool(expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A recording laid out as files."""

    one: Recording
    folder: Path

    @property
    def stream(self) -> Path:
        return self.folder / "stream.jsonl"

    @property
    def player(self) -> tuple[str, ...]:
        """A command that does what go did."""
        script = 'cat "$1"; cat "$2" >&2; exit "$3"'
        files = (str(self.stream), str(self.folder / "stderr"))
        return ("sh", "-c", script, "sh", *files, str(self.one.exit_code))


def call(
    argv: Sequence[str], folder: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv, cwd=folder, env=env, capture_output=True, text=True, errors="replace", check=False
    )


def leaves(spellings: Sequence[str]) -> str:
    """`1 pass 1 fail` of cases as the catalogue writes them; folds and retries count once."""
    tally: Counter[str] = Counter()
    for package in spellings:
        for case in package.partition(": ")[2].split(", ") if ": " in package else ():
            words = case.rsplit(" (", 1)
            if "fold" not in words[-1] or len(words) == 1:
                ends = words[0].rsplit(" ", 1)[1].split("+")
                tally[min(ends, key=("fail", "unknown", "not_run", "pass", "skip").index)] += 1
    return " ".join(f"{tally[word]} {word}" for word in OUTCOMES if tally[word]) or "-"


def expected(one: Recording) -> tuple[int, str]:
    """Exit code and cell."""
    verdict, *packages = EXPECTED[one.case]
    return int(verdict.split()[1]), f"{verdict} {leaves(packages)}"


def by_run(given: Given) -> Said:
    found = fold(given.one)
    judgement = judge(found)
    cell = (
        f"{judgement.verdict} {judgement.exit_code} {leaves([spelled(p) for p in found.packages])}"
    )
    return Said(code=judgement.exit_code, counts=cell)


def by_replay(given: Given) -> Said:
    """A process; usage errors of streams without events are their verdict too."""
    code = ("--exit-code", str(given.one.exit_code))
    argv = (sys.executable, "-m", "gomanager", "replay", str(given.stream), *code, "--json")
    done = call(argv, given.folder, {**os.environ, "PYTHONPATH": str(HERE.parent)})
    try:
        counts = json.loads(done.stdout)["summary"]
    except (ValueError, KeyError):
        return Said(code=done.returncode, counts="no result")
    named = zip(OUTCOMES, ("passed", "failed", "skipped", "unknown", "not_run"), strict=True)
    said = " ".join(f"{counts[name]} {word}" for word, name in named if counts[name])
    return Said(code=done.returncode, counts=said or "-")


def by_gotestsum(given: Given) -> Said:
    argv = ("gotestsum", "--format=none", "--raw-command", "--", *given.player)
    done = call(argv, given.folder)
    found = re.search(r"DONE (.*?) in ", done.stdout)
    return Said(code=done.returncode, counts=_numbers(found[1] if found else ""))


def _numbers(text: str) -> str:
    words = ("test", "failure", "error", "skipped")
    found = (re.search(rf"(\d+) {word}", text) for word in words)
    return "/".join(match[1] if match else "0" for match in found)


def by_tparse(given: Given) -> Said:
    argv = ("tparse", "-nocolor", "-format=plain", "-notests", "-file", str(given.stream))
    done = call(argv, given.folder)
    rows = re.findall(r"^ *\S+ +\S+ +\S+ .*?(\d+) +(\d+) +(\d+) *$", done.stdout, re.MULTILINE)
    passed, failed, skipped = (sum(int(row[i]) for row in rows) for i in range(3))
    return Said(code=done.returncode, counts=f"{passed + failed + skipped}/{failed}/0/{skipped}")


def by_junit_report(given: Given) -> Said:
    argv = ("go-junit-report", "-parser=gojson", "-set-exit-code", "-in", str(given.stream))
    done = call(argv, given.folder)
    try:
        root = ElementTree.fromstring(done.stdout)
    except ElementTree.ParseError:
        return Said(code=done.returncode, counts="no result")
    names = ("tests", "failures", "errors", "skipped")
    return Said(code=done.returncode, counts="/".join(root.get(name, "0") for name in names))


def by_magex(given: Given) -> Said:
    """`magex test:unit ci` with a go that plays the recording when asked to test."""
    (given.folder / "go.mod").write_text("module example.com/m\n\ngo 1.21\n")
    (given.folder / "m_test.go").write_text("package m\n")
    shim, real = given.folder / "bin" / "go", shutil.which("go")
    shim.parent.mkdir()
    script = (
        f'[ "$1" = test ] || exec {real} "$@"\nset -- {" ".join(map(_quoted, given.player[4:]))}\n'
    )
    shim.write_text(f"#!/bin/sh\n{script}{given.player[2]}\n")
    shim.chmod(0o755)
    path = f"{shim.parent}:{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "MAGEX_NO_UPDATE_CHECK": "1", "GOFLAGS": ""}
    done = call(("magex", "test:race", "ci", "-v=test2json", "-count=1"), given.folder, env)
    results = given.folder / ".mage-x" / "ci-results.jsonl"
    for line in results.read_text().splitlines() if results.exists() else ():
        entry = json.loads(line)
        if entry["type"] == "summary":
            said = entry["summary"]
            return Said(
                code=done.returncode,
                counts=f"{said['total']}/{said['failed']}/-/{said['skipped']}",
            )
    return Said(code=done.returncode, counts="no result")


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


READERS: dict[str, Callable[[Given], Said]] = {
    "run": by_run,
    "replay": by_replay,
    "gotestsum": by_gotestsum,
    "tparse": by_tparse,
    "go-junit-report": by_junit_report,
    "magex": by_magex,
}


def row(one: Recording, absent: frozenset[str]) -> dict[str, Said]:
    """What every tool says of one recording, each in a folder of its own."""
    found = {}
    for name, reader in READERS.items():
        if name in absent:
            found[name] = Said(
                code=None, counts="not installed" if shutil.which(name) is None else "not run"
            )
            continue
        with tempfile.TemporaryDirectory() as folder:
            given = Given(one=one, folder=Path(folder))
            given.stream.write_bytes(one.stream)
            (given.folder / "stderr").write_text(one.stderr)
            found[name] = reader(given)
    return found


def ours_wrong(one: Recording, said: Mapping[str, Said], code: int, cell: str) -> Iterator[str]:
    """A run says exactly what the catalogue says; a replay is never green where it is red."""
    if said["run"].counts != cell:
        yield f"run: {said['run'].counts}, expected {cell}"
    if said["replay"].wrong(code) and one.case not in NOT_IN_STREAM:
        yield f"replay: {said['replay'].code}, expected {code}"


def cells(one: Recording, said: Mapping[str, Said], code: int, cell: str) -> list[str]:
    own = said["run"].counts if said["run"].counts != cell else "the same"
    return [one.case, one.go, cell, own, *(said[name].against(code) for name in list(READERS)[1:])]


def show(rows: Sequence[Sequence[str]], *, markdown: bool) -> None:
    if markdown:
        print("\n".join("| " + " | ".join(one) + " |" for one in rows))
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for one in rows:
        print(
            "  ".join(f"{text:{width}}" for text, width in zip(one, widths, strict=True)).rstrip()
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--go", action="append", help="releases (default: all)")
    parser.add_argument("--no-magex", action="store_true", help="it takes half a second each")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    absent = frozenset(
        name for name in INSTALL
        if shutil.which(name) is None or (name == "magex" and options.no_magex)
    )  # fmt: skip
    rows, tally, wrong = [["case", "go", "expected", *READERS]], Counter[tuple[str, bool]](), []
    for one in recordings():
        if one.case not in (options.cases or one.case) or one.go not in (options.go or one.go):
            continue
        code, cell = expected(one)
        said = row(one, absent)
        rows.append(cells(one, said, code, cell))
        wrong += [f"{one}: {what}" for what in ours_wrong(one, said, code, cell)]
        for name in said:
            if said[name].wrong(code):
                tally[name, bool(code)] += 1
    show(rows, markdown=options.markdown)
    print(f"\n{len(rows) - 1} recordings")
    for name in READERS:
        green, red = tally[name, True], tally[name, False]
        absence = f"not run: {INSTALL.get(name)}" if name in absent else ""
        print(f"{name:16} {absence or f'{green} false green, {red} false red'}")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
