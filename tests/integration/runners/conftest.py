"""Tiny Go modules written to a folder, and phase requests over them."""

import os
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from gomanager import process
from gomanager.golang import toolchain
from gomanager.interrupt import Interrupt
from gomanager.phasefile import Run
from gomanager.phases import Phase
from gomanager.results import PhaseResult, Progress, Variant
from gomanager.runners import go
from gomanager.runners.request import ModuleRequest, PackageRequest, PhaseRequest

if shutil.which("go") is None:
    pytest.skip("go is missing: install it from https://go.dev/dl/", allow_module_level=True)

ENVIRON = {**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "", "GOFLAGS": "-buildvcs=false"}


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Files of a module; a go.mod of module ``ex.com/m`` is added where none is given."""
    files = {"go.mod": "module ex.com/m\n\ngo 1.21\n", **files}
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def project(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """``project({"a/a_test.go": "…"})`` writes a module below ``tmp_path``."""
    return lambda files: write(tmp_path / "repository", files)


@pytest.fixture(name="request_for")
def request_for_() -> Callable[..., PhaseRequest]:
    """See :func:`request_for`."""
    return request_for


@pytest.fixture(name="run_phase")
def run_phase_() -> Callable[..., PhaseResult]:
    """See :func:`run_phase`."""
    return run_phase


def request_for(root: Path, *packages: str | PackageRequest, **more: object) -> PhaseRequest:
    """A request for packages of the module at ``root``, named by path; no race unless asked."""
    asked = tuple(p if isinstance(p, PackageRequest) else PackageRequest(path=p) for p in packages)
    run = more.pop("settings", Run(race=False))
    phase = Phase(name="unit", run=run, allow_flaky=bool(more.pop("allow_flaky", True)))
    modules = more.pop("modules", (ModuleRequest(dir=root, path="ex.com/m", packages=asked),))
    environ = more.pop("environ", ENVIRON)
    kit = toolchain.load(root, environ)
    return PhaseRequest(
        phase=phase,
        root=root,
        modules=modules,
        toolchain=kit,
        variant=Variant(goos=kit.goos, goarch=kit.goarch, go=kit.minor),
        scratch=root.parent / "scratch",
        run_uid=uuid4().hex,
        environ=environ,
        **more,
    )


def now() -> datetime:
    return datetime.now(UTC)


def run_phase(
    request: PhaseRequest,
    *,
    runner=go,
    interrupt: Interrupt | None = None,
    listener: Callable[[Progress], None] = lambda _: None,
) -> PhaseResult:
    """Run it for real."""
    start = partial(process.start, interrupt=interrupt or Interrupt())
    return runner.run(request, start=start, listener=listener, clock=now)
