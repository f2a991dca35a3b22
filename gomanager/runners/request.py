"""What a runner is asked: one phase, its modules and packages, and the means to run them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field

from gomanager import process
from gomanager.golang.toolchain import Toolchain
from gomanager.gotest.rerun import Known
from gomanager.phases import Phase
from gomanager.results import Listener, PhaseResult, Variant


class PackageRequest(Struct, frozen=True, kw_only=True):
    """One package; ``run`` and ``skip`` are exact top-level names, both empty: no filter."""

    path: str
    run: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    expected: frozenset[str] = frozenset()
    """Top-level functions that must end, within ``run`` and ``skip``."""
    build_only: bool = False
    """Has no tests in this phase; it must compile (A34)."""
    may_be_hollow: bool = False
    known: Known = field(default_factory=dict)
    """Root → its subtests in the last complete passing attempts."""
    directory: str | None = None
    """Relative to the repository root; ``.`` for the root."""
    changed: tuple[str, ...] = ()
    """Functions whose own text the change touches: an isolating phase runs them alone first."""


class ModuleRequest(Struct, frozen=True, kw_only=True):
    """The packages of one module; ``go`` is started in its folder."""

    dir: Path
    path: str
    packages: tuple[PackageRequest, ...]


class PhaseRequest(Struct, frozen=True, kw_only=True):
    """One phase to run; ``scratch`` takes journals and profiles, ``flags`` stood behind ``--``."""

    phase: Phase
    root: Path
    modules: tuple[ModuleRequest, ...]
    toolchain: Toolchain
    variant: Variant
    scratch: Path
    run_uid: str
    environ: Mapping[str, str]
    why: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    reruns: int = 0
    rerun_limit: str = ""
    whole: bool = False
    """Nothing of the repository is left out: no scope, no partition, no names."""
    cover: bool = False
    coverpkg: tuple[str, ...] = ()
    commit: str | None = None
    keep_output: bool = False
    require_tests: bool = False
    wrapper: Path | None = None
    """Put around the test programs of first runs, to learn what they read (``go test -exec``)."""


class Runner(Protocol):
    """A module of this package; ``start`` begins processes and raises Interrupted once stopped."""

    def run(
        self,
        request: PhaseRequest,
        *,
        start: process.Start,
        listener: Listener,
        clock: Callable[[], datetime],
    ) -> PhaseResult:
        """Run the phase and say what it left; raises UsageError and EnvironmentFault."""
        ...


def journals(scratch: Path, run_uid: str, phase: str) -> tuple[Path, ...]:
    """Journals of a phase that are still there, in the order of their processes."""
    found = scratch.glob(f"{run_uid}-{phase}-0-*.jsonl")
    return tuple(sorted(found, key=lambda path: int(path.stem.rpartition("-")[2])))
