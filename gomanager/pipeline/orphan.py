"""One journal without its gomanager: what its description says, and the fold of its stream."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from gomanager import journal as journals
from gomanager.errors import UsageError
from gomanager.golang.gomod import Unreadable, parse_gomod
from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.execution import Execution
from gomanager.results import Purpose, Variant
from gomanager.runners.magexstream import MagexStream

BLOCK_BYTES = 1 << 20


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of a description that recovery reads (written by ``runners.execute``)."""

    run: str
    phase: str
    argv: tuple[str, ...]
    runner: str = "go"
    commit: str | None = None
    variant: str = ""
    root: str = ""
    module: str = ""
    packages: tuple[str, ...] = ()
    expected: dict[str, frozenset[str]] = {}
    hollow_ok: frozenset[str] = frozenset()
    nothing_ok: bool = False
    purpose: Purpose = Purpose.FIRST
    first_process: int = 1
    first_attempt: int = 1
    pid: int | None = None
    started: int | None = None
    boot: str | None = None
    manager: dict[str, Any] = {}


class Orphan(Struct, frozen=True, kw_only=True):
    """A journal and its description."""

    journal: Path
    meta: Meta

    @property
    def number(self) -> int:
        """Place among the processes of its phase."""
        last = self.journal.stem.rpartition("-")[2]
        return int(last) if last.isdecimal() else 0

    @property
    def child(self) -> Mapping[str, object]:
        """The started process, for ``journal.owner_alive``."""
        return {"pid": self.meta.pid, "started": self.meta.started, "boot": self.meta.boot}


def read(journal: Path) -> Orphan | None:
    """``None`` where the description is absent, broken, or not ours."""
    found = journals.read_meta(journal)
    try:
        meta = msgspec.convert(found, Meta)
        whole = len(bytes.fromhex(meta.run)) == 16 and meta.phase != ""
    except (msgspec.ValidationError, ValueError):
        return None
    return Orphan(journal=journal, meta=meta) if whole else None


def variant(key: str) -> Variant | None:
    """The variant behind its canonical text."""
    system, *parts = key.split(" ")
    goos, slash, goarch = system.partition("/")
    if not slash or not parts:
        return None
    named = dict(part.split("=", 1) for part in parts if "=" in part)
    return Variant(
        goos=goos,
        goarch=goarch,
        go=parts[0],
        race="race" in parts,
        tags=tuple(tag for tag in named.get("tags", "").split(",") if tag),
        cgo="cgo" in parts,
        ci=named.get("ci", "local"),
    )


def folds(orphan: Orphan) -> tuple[Fold, ...]:
    """The journal read as a live run would have read it; raises OSError.

    Nobody knows the exit code. A package that was asked for and never started is left out: it was
    gomanager's turn to end it, not the code's.
    """
    stderr = _stderr(orphan.journal)
    if orphan.meta.runner == "magex":
        return _magex(orphan, stderr)
    execution = Execution(_asked(orphan.meta, orphan.meta.module))
    for block in _blocks(orphan.journal):
        execution.feed(block)
    fold = execution.finish(None, stderr, interrupted=True)
    if orphan.meta.runner == "stream" and not fold.packages:
        return _foreign(orphan) or (fold,)
    return (fold,)


def _foreign(orphan: Orphan) -> tuple[Fold, ...]:
    """stdout of a command of the user's own, which may print text or XML."""
    from gomanager.gotest.archive import Recorded
    from gomanager.gotest.source import read_recorded

    recorded = Recorded(name=orphan.meta.argv[0], data=orphan.journal.read_bytes())
    try:
        return read_recorded((recorded,), _asked(orphan.meta, orphan.meta.module), None)
    except UsageError:
        return ()


def _magex(orphan: Orphan, stderr: bytes) -> tuple[Fold, ...]:
    """One journal holds all modules, one after another."""
    root = Path(orphan.meta.root)

    def opened(folder: str) -> Execution:
        return Execution(_asked(orphan.meta, _module_path(root / folder) or folder))

    stream = MagexStream(opened)
    for block in _blocks(orphan.journal):
        stream.feed(block)
    stream.close()
    first = True
    found = []
    for section in stream.sections:
        said = stderr if first else b""
        found.append(section.execution.finish(None, said, interrupted=True))
        first = False
    return tuple(found)


def _module_path(folder: Path) -> str | None:
    try:
        return parse_gomod((folder / "go.mod").read_bytes()).module or None
    except (OSError, Unreadable):
        return None


def _asked(meta: Meta, module: str) -> Asked:
    return Asked(
        module=module,
        root=meta.root,
        expected=meta.expected,
        hollow_ok=meta.hollow_ok,
        nothing_ok=meta.nothing_ok,
        purpose=meta.purpose,
        first_process=meta.first_process,
        first_attempt=meta.first_attempt,
    )


def _blocks(journal: Path) -> Iterator[bytes]:
    with journal.open("rb", buffering=0) as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def _stderr(journal: Path) -> bytes:
    try:
        return journals.stderr_path(journal).read_bytes()
    except FileNotFoundError:
        return b""
