"""One test binary, compiled as its phase would, and the case that it is started for."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from gomanager import process
from gomanager.errors import GomanagerError, UsageError
from gomanager.gotest import pattern
from gomanager.runners.calls import Setting, setting, workspace_env
from gomanager.runners.request import ModuleRequest, PackageRequest, PhaseRequest

_COVER = ("cover", "covermode", "coverpkg", "coverprofile")
_OF_BINARY = ("parallel", "short", "skip")


class Subject(Struct, frozen=True, kw_only=True):
    """The case under stress, in the phase whose configuration it gets."""

    request: PhaseRequest
    module: ModuleRequest
    package: PackageRequest
    name: str
    shuffle: str | None = None
    """``on`` or a seed: the whole package runs, in an order of its own in each process."""
    cpus: tuple[str, ...] = ()
    """Values of GOMAXPROCS that the processes take in turn."""

    @property
    def folder(self) -> Path:
        """Where a test of the package runs."""
        return self.request.root / (self.package.directory or ".")

    @property
    def whole(self) -> bool:
        """True where the other tests of the package run too."""
        return self.shuffle is not None


class NotBuilt(GomanagerError):
    """The package does not compile: red, as a run would say."""

    exit_code = 1


class Compiled(Struct, frozen=True, kw_only=True):
    """A test binary and what starts it."""

    binary: Path
    converter: Path
    """``test2json``, which turns what the binary prints into the events of ``go test -json``."""
    environ: dict[str, str]
    flags: tuple[str, ...]
    again: tuple[str, ...]
    """Flags of ``go test`` that bring the same about: those of the build and of the binary."""
    rest: tuple[str, ...]
    """What the user hands to the test program itself."""
    race: bool


def compiled(subject: Subject, folder: Path) -> Compiled:
    """Compile once into ``folder``; raises NotBuilt, UsageError, EnvironmentFault."""
    request = subject.request
    shared = setting(request)
    arguments = shared.arguments.without(*_COVER)
    environ = dict(shared.environ) | dict(workspace_env(subject.module.dir, shared.environ))
    binary, converter = folder / "stress.test", folder / "test2json"
    go = request.toolchain.go
    flags = tuple(flag.word for flag in arguments.build)
    vet = tuple(flag.word for flag in arguments.flags if flag.name == "vet")
    build = (go, "test", *_build_only(), "-o", str(binary), *flags, *vet, subject.package.path)
    done = process.result(build, cwd=subject.module.dir, env=environ)
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode:
        said = said or done.stdout.decode("utf-8", "replace").strip()
        what = f"{subject.package.path} does not compile, or go vet finds a mistake in it"
        raise NotBuilt(f"{what}:\n{said}" if said else what, where=str(subject.folder))
    if not binary.is_file():
        what = f"{subject.package.path} has no test files in phase {request.phase.name}"
        raise UsageError(what, where=str(subject.folder))
    process.output(
        (go, "build", "-o", str(converter), "cmd/test2json"), cwd=folder, env=_native(environ)
    )
    return Compiled(
        binary=binary,
        converter=converter,
        environ=environ,
        flags=tuple(_flags(subject, shared)),
        again=(*flags, *(flag.word for flag in arguments.flags if flag.name in _OF_BINARY)),
        rest=arguments.binary,
        race=shared.race,
    )


def _build_only() -> tuple[str, ...]:
    """Flags that have go build and vet, and start nothing: ``-c`` would leave vet out."""
    nothing = shutil.which("true")
    return ("-c",) if nothing is None else (f"-exec={nothing}", "-count=1")


def _native(environ: dict[str, str]) -> dict[str, str]:
    """Flags of the user's modules say nothing about a tool of Go's own."""
    return {**environ, "GOFLAGS": "", "GOWORK": "off", "GO111MODULE": "on"}


def _flags(subject: Subject, shared: Setting) -> Iterator[str]:
    """As ``go test`` starts its binaries; the marks of ``-v=test2json`` carry the events."""
    yield from ("-test.v=test2json", "-test.paniconexit0", "-test.count=1")
    yield f"-test.timeout={shared.arguments.value('timeout') or '10m'}"
    if subject.request.toolchain.release >= 21:
        yield "-test.fullpath=true"
    if not subject.whole:
        yield f"-test.run={pattern.exactly((subject.name,))}"
    for flag in shared.arguments.flags:
        if flag.name in _OF_BINARY:
            yield f"-test.{flag.name}={flag.value}"
