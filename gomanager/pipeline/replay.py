"""A recorded run becomes the same report: streams, text, JUnit XML, archives of them."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, TextIO

from msgspec import Struct
from msgspec.structs import replace

from gomanager.analysis.finding import Context, Reproduction
from gomanager.analysis.findings import findings
from gomanager.analysis.recommendations import recommendations
from gomanager.errors import UsageError
from gomanager.gotest import rerun
from gomanager.gotest.archive import BLOCK, Recorded
from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.source import read_recorded
from gomanager.gotest.verdict import Judgement, combine, judge
from gomanager.pipeline import publish
from gomanager.pipeline.clock import new_uid, utc_now
from gomanager.pipeline.declared import as_on_disk
from gomanager.pipeline.show import show
from gomanager.report.build import build
from gomanager.results import Note, PhaseResult, Run, Severity, Verdict
from gomanager.text import masker

STDIN = "-"
_UNEXPLAINED = re.compile(r"^go (exited \d+|was ended by \w+) without a reason: .*", re.DOTALL)
"""Its stderr was not recorded."""


class ReplayOptions(Struct, frozen=True, kw_only=True):
    """The command line of ``replay``."""

    files: tuple[str, ...]
    exit_code: int | None = None
    formats: tuple[str, ...] = ()
    output: str | None = None
    keep_output: bool = False
    as_json: bool = False
    require_tests: bool = False
    quiet: int = 0
    color: str = "auto"


def replay(options: ReplayOptions, *, stdout: TextIO, cwd: Path | None = None) -> int:
    """Read, judge, report; the exit code. Raises UsageError for what holds no test result."""
    here = cwd or Path.cwd()
    begun = utc_now()
    targets = publish.targets(options.formats, here)
    folder, module = module_of(here)
    asked = Asked(
        root=str(folder or here),
        directory=directory_of(folder, module),
        keep_output=options.keep_output,
    )
    folds = _folds(_inputs(options.files, here), asked, options)
    phase = _recorded(phase_of(folds, options.exit_code))
    phase = as_on_disk(phase, folder or here, asked.directory)
    verdict, code = phase.verdict, exit_code(phase, options)
    run = Run(
        uid=new_uid(),
        started=begun,
        duration_ms=_recorded_ms(phase),
        command=("gomanager", "replay", *_exit_flag(options), *options.files),
        verdict=Verdict.RED if code == 1 else verdict,
        exit_code=code,
        phases=(phase,),
        scope_mode="all",
        scope_reason="a recorded run: everything that its files hold",
    )
    context = Context(
        reproductions={(phase.name, module): Reproduction(module=module)},
        nameless=frozenset(
            name for file in options.files for name in (file, file.removesuffix(".gz"))
        ),
    )
    found = findings(run, context)
    report = build(run, found, None, recommendations(run, found, context), mask=masker(os.environ))
    if options.output:
        publish.write_folder(here / options.output, report)
    show(report, targets, options, stdout, where=options.output)
    return run.exit_code


def _folds(inputs: Iterable[Recorded], asked: Asked, options: ReplayOptions) -> tuple[Fold, ...]:
    """The folds; of several inputs one may explain an exit code that all of them share."""
    code = options.exit_code
    if not code or len(options.files) == 1:
        return read_recorded(inputs, asked, code)
    folds = read_recorded(inputs, asked, None)
    if any(judge(fold).verdict is Verdict.RED for fold in folds):
        return folds
    return tuple(replace(fold, exit_code=code) for fold in folds)


def exit_code(phase: PhaseResult, options: ReplayOptions) -> int:
    """1 for red, and for nothing where tests are required."""
    match phase.verdict:
        case Verdict.RED | Verdict.INTERRUPTED:
            return 1
        case Verdict.ERROR:
            return phase.exit_code if phase.exit_code in (2, 3) else 3
        case Verdict.NOTHING:
            return 1 if options.require_tests else 0
        case Verdict.GREEN | Verdict.NOT_RUN:
            return 0


def phase_of(folds: Sequence[Fold], code: int | None) -> PhaseResult:
    """All inputs as one phase; a package that several of them hold has an attempt from each."""
    judgement = combine(judge(fold) for fold in folds)
    own = judgement.exit_code if judgement.verdict is Verdict.ERROR else code
    return PhaseResult(
        name="replay",
        runner="stream",
        verdict=judgement.verdict,
        why=("recorded",),
        exit_code=own,
        side_text=tuple(line for fold in folds for line in fold.side_text),
        anomalies=tuple(dict.fromkeys(a for fold in folds for a in fold.anomalies)),
        notes=(*(note for fold in folds for note in fold.notes), *_said(judgement, folds)),
        packages=rerun.together(package for fold in folds for package in fold.packages),
        source="imported",
    )


def _exit_flag(options: ReplayOptions) -> tuple[str, ...]:
    return () if options.exit_code is None else ("--exit-code", str(options.exit_code))


def _recorded(phase: PhaseResult) -> PhaseResult:
    """An exit code that nothing explains, in words about a command whose stderr nobody kept."""
    words = r"the recorded command \1, and none of its results says why"
    notes = (
        replace(note, title=_UNEXPLAINED.sub(words, note.text), text="")
        if _UNEXPLAINED.match(note.text)
        else note
        for note in phase.notes
    )
    return replace(phase, notes=tuple(notes))


def _said(judgement: Judgement, folds: Sequence[Fold]) -> Iterator[Note]:
    """Reasons of a red verdict that no package shows: an exit code that the events contradict."""
    if judgement.verdict is not Verdict.RED:
        return
    paths = tuple(f"{package.path}: " for fold in folds for package in fold.packages)
    for reason in judgement.reasons:
        if not reason.startswith(paths):
            title = reason.split("\n", 1)[0]
            yield Note(severity=Severity.CRITICAL, kind="exit", title=title, text=reason)


def _recorded_ms(phase: PhaseResult) -> int:
    """The recording's own time is unknown: the packages' times, which may have overlapped."""
    times = (attempt.duration_ms or 0 for p in phase.packages for attempt in p.attempts)
    return sum(times)


def _inputs(files: Iterable[str], here: Path) -> Iterator[Recorded]:
    for name in files:
        if name == STDIN:
            yield Recorded(name="standard input", more=_blocks(sys.stdin.buffer))
        else:
            yield Recorded(name=name, more=_blocks_of(here / name, name))


def _blocks_of(path: Path, name: str) -> Iterator[bytes]:
    """A file is opened when its first block is asked for."""
    try:
        with path.open("rb") as file:
            yield from _blocks(file)
    except OSError as error:
        what = f"cannot read {name}: {error.strerror or error}"
        raise UsageError(what, fix="give a file, or - for standard input") from error


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


def module_of(start: Path) -> tuple[Path | None, str]:
    """Folder and path of the Go module around a folder; ``(None, "")`` where there is none."""
    for folder in (start, *start.parents):
        try:
            module = _declared((folder / "go.mod").read_bytes())
        except OSError:
            continue
        if module is not None:
            return folder, module
    return None, ""


def _declared(gomod: bytes) -> str | None:
    """The module's path; ``None`` where the file cannot be read."""
    from gomanager.golang.gomod import Unreadable, parse_gomod  # most recordings lie elsewhere

    try:
        return parse_gomod(gomod).module or ""
    except Unreadable:
        return None


def directory_of(
    folder: Path | None, module: str, root: Path | None = None
) -> Callable[[str], str | None]:
    """Where a package lies below ``root``, by default the module's folder, if the recording is
    about the module we stand in."""
    above = "."
    if folder is not None and root is not None and folder.is_relative_to(root):
        above = folder.relative_to(root).as_posix()

    def directory(package: str) -> str | None:
        if folder is None or not module:
            return None
        if package == module:
            return above
        inner = package.removeprefix(module + "/")
        if inner == package or not (folder / inner).is_dir():
            return None
        return inner if above == "." else f"{above}/{inner}"

    return directory
