"""Where a report goes: the report folder, files named on the command line, and stdout."""

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from gomanager.errors import EnvironmentFault, UsageError
from gomanager.report.formats import FORMATS
from gomanager.report.model import Report

FOLDER = "gomanager-report"
FILES = (("report.md", "markdown"), ("report.json", "json"), ("junit.xml", "junit"))


class Target(Struct, frozen=True, kw_only=True):
    """A format and the file it goes to; ``path`` is None for stdout."""

    format: str
    path: Path | None


def targets(given: Iterable[str], cwd: Path) -> tuple[Target, ...]:
    """The values of ``--format``, ``-`` is stdout; raises UsageError for an unknown name or two for stdout."""
    found = tuple(_target(text, cwd) for text in given)
    if sum(target.path is None for target in found) > 1:
        what = "only one format can go to stdout"
        raise UsageError(what, where="--format", fix="name a file: --format junit=junit.xml")
    return found


def _target(text: str, cwd: Path) -> Target:
    name, equals, path = text.partition("=")
    if name not in FORMATS:
        from difflib import get_close_matches

        near = get_close_matches(name, FORMATS, n=1)
        what = f"there is no format '{name}'"
        fix = f"did you mean '{near[0]}'?" if near else f"one of: {', '.join(FORMATS)}"
        raise UsageError(what, where="--format", fix=fix)
    if equals and not path:
        what = f"--format {name}= names no file"
        raise UsageError(what, fix=f"--format {name}=FILE, or --format {name} for stdout")
    return Target(format=name, path=cwd / path if path not in ("", "-") else None)


def write_folder(folder: Path, report: Report) -> None:
    """The report in its three standing forms, and a ``.gitignore`` that keeps them out of git."""
    probe(folder)
    for name, form in FILES:
        write(folder / name, FORMATS[form](report))


def probe(folder: Path) -> None:
    """Make the report folder before anything runs: a read-only place is told at once."""
    with _words(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    if not (folder / ".gitignore").exists():
        write(folder / ".gitignore", "*\n")


def write(path: Path, text: str) -> None:
    """A file that appears whole or not at all; raises EnvironmentFault."""
    with _words(path):
        if path.exists() and not path.is_file():  # /dev/null, a pipe: root could replace it
            with path.open("w", encoding="utf-8", errors="replace", newline="") as device:
                device.write(text)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
                file.write(text)
            Path(beside).chmod(0o666 & ~_umask())
            Path(beside).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(beside).unlink()
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


class _words:
    """An OSError about a path becomes an EnvironmentFault that names it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            what = f"cannot write the report: {error.strerror or error}"
            fix = "choose another folder with --output DIR"
            raise EnvironmentFault(what, where=str(self._path), fix=fix) from error
