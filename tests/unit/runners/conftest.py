"""Phase requests over nothing, and a process that replays a recording."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

import pytest

from gomanager.command import Command, Usage, Watched
from gomanager.golang.toolchain import Toolchain
from gomanager.phasefile import Run
from gomanager.phases import Phase
from gomanager.results import Variant
from gomanager.runners.request import ModuleRequest, PackageRequest, PhaseRequest

RACE = Toolchain(
    go="/go/bin/go",
    env={"GOOS": "darwin", "GOARCH": "arm64", "CGO_ENABLED": "1", "GOVERSION": "go1.26.8"},
)
NO_RACE = Toolchain(go="/go/bin/go", env={"GOOS": "linux", "GOARCH": "386"})


@pytest.fixture
def request_for(tmp_path):
    """``request_for(*packages, run={…}, **fields)``: one module at the root."""

    def make(*packages, run=None, toolchain=RACE, allow_flaky=True, root=tmp_path, **fields):
        asked = tuple(
            p if isinstance(p, PackageRequest) else PackageRequest(path=p) for p in packages
        )
        module = ModuleRequest(dir=root, path="ex.com/m", packages=asked)
        usual = {"modules": (module,), "environ": {"PATH": ""}}
        return PhaseRequest(
            phase=Phase(name="unit", run=Run(**(run or {})), allow_flaky=allow_flaky),
            root=root,
            toolchain=toolchain,
            variant=Variant(goos="linux", goarch="amd64", go="go1.26"),
            scratch=tmp_path / "scratch",
            run_uid="0" * 32,
            **(usual | fields),
        )

    return make


@dataclass
class Recording:
    """A process whose stdout, stderr and exit code are known beforehand."""

    stdout: bytes = b""
    code: int = 0
    stderr: str = ""
    interrupted: int | None = None
    usage: Usage | None = None
    left: tuple[str, ...] = ()
    watched: Watched | None = None

    def blocks(self) -> Iterator[bytes]:
        yield b""
        for at in range(0, len(self.stdout), 1000):
            yield self.stdout[at : at + 1000]

    def wait(self) -> int:
        return self.code

    def stop(self) -> None:
        self.interrupted = 2

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None


@dataclass
class Started:
    """Hands out recordings in order and remembers what was started."""

    recordings: list[Recording]
    commands: list[Command] = field(default_factory=list)

    def __call__(self, command: Command, **_: object) -> Recording:
        self.commands.append(command)
        return self.recordings.pop(0)


@pytest.fixture
def clock():
    return lambda: datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def recording():
    """``recording(stdout, code, stderr)``."""
    return Recording


@pytest.fixture
def started():
    """``started([recording, …])``."""
    return Started
