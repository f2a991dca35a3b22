"""The part of a fingerprint that a phase has: how its tests are built and run, and with what.

Whatever is left out here could change a result without changing the fingerprint, so everything
that cannot be told for sure is a doubt, and there are no proofs then.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from msgspec import Struct, structs

from gomanager import process
from gomanager.errors import EnvironmentFault, UsageError
from gomanager.golang.constraints import Configuration
from gomanager.golang.toolchain import Toolchain, foreign_workspace
from gomanager.gotest import argv
from gomanager.phases import Phase
from gomanager.pipeline.configurations import tags_of
from gomanager.results import Variant
from gomanager.runners.calls import Setting, setting
from gomanager.runners.magexproject import magex_keys, uses_magex
from gomanager.runners.request import PhaseRequest

SELECTOR = 1
"""Of all that decides what a proof is worth; a change forgets the proofs of before (E15)."""

_OWN = ("coverpkg", "coverprofile", "outputdir")
"""Flags that change where something is written, or add counters, and no input."""
_FOREIGN = ("overlay", "modfile", "toolexec", "exec", "pkgdir", "compiler", "gccgoflags")
"""Flags that bring in files or programs which no fingerprint covers."""
_SEARCHING = ("fuzz", "bench")
_GO_ENV = """
    GOVERSION GOOS GOARCH GO386 GOAMD64 GOARM GOARM64 GOMIPS GOMIPS64 GOPPC64 GORISCV64 GOWASM
    GOEXPERIMENT GOFIPS140 GO111MODULE GOFLAGS CGO_ENABLED CGO_CFLAGS CGO_CPPFLAGS CGO_CXXFLAGS
    CGO_FFLAGS CGO_LDFLAGS CC CXX AR PKG_CONFIG
""".split()  # noqa: SIM905
_ENVIRONMENT = """
    GODEBUG GORACE GOMAXPROCS GOGC GOMEMLIMIT GOTRACEBACK TZ ZONEINFO LD_LIBRARY_PATH LD_PRELOAD
    DYLD_LIBRARY_PATH DYLD_INSERT_LIBRARIES PKG_CONFIG_PATH ASAN_OPTIONS MSAN_OPTIONS
""".split()  # noqa: SIM905
"""What the run time, the linker and the C compiler read without any test asking for it."""


class Situation(Struct, frozen=True, kw_only=True):
    """What all phases of a run are run with."""

    root: Path
    environ: Mapping[str, str]
    toolchain: Toolchain
    flags: tuple[str, ...] = ()
    """What stands behind ``--``."""
    cover: bool = False


class PhaseKey(Struct, frozen=True, kw_only=True):
    """``lines`` go into the fingerprint; a doubt says why there is none."""

    lines: tuple[str, ...] = ()
    doubt: str = ""
    environ: Mapping[str, str] | None = None
    """The environment of the tests."""


def phase_key(phase: Phase, configuration: Configuration, situation: Situation) -> PhaseKey:
    """Everything of the phase that may change a result; never raises."""
    request = _request(phase, situation)
    try:
        shared = setting(request)
    except (EnvironmentFault, UsageError) as fault:
        return PhaseKey(doubt=fault.what)
    doubt = next(_doubts(phase, configuration, situation, shared), "")
    lines = tuple(_lines(phase, configuration, situation, shared))
    return PhaseKey(lines=lines, doubt=doubt, environ=shared.environ)


def _request(phase: Phase, situation: Situation) -> PhaseRequest:
    toolchain = situation.toolchain
    return PhaseRequest(
        phase=phase,
        root=situation.root,
        modules=(),
        toolchain=toolchain,
        variant=Variant(goos=toolchain.goos, goarch=toolchain.goarch, go=toolchain.minor),
        scratch=situation.root,
        run_uid="",
        environ=situation.environ,
        flags=situation.flags,
        cover=situation.cover or phase.coverage != "none",
    )


def _doubts(
    phase: Phase, configuration: Configuration, situation: Situation, shared: Setting
) -> Iterator[str]:
    toolchain, arguments = situation.toolchain, shared.arguments
    goflags = {flag.lstrip("-").partition("=")[0] for flag in toolchain.goflags}
    if phase.run.runner == "suite":
        yield "it is a suite"
    if arguments.binary:
        yield "the test program has arguments of its own"
    for name in (*_FOREIGN, *_SEARCHING):
        if arguments.value(name) not in (None, "") or name in goflags:
            yield f"-{name} is given"
    if arguments.value("pgo") not in (None, "", "auto", "off") or "pgo" in goflags:
        yield "-pgo is given"
    if arguments.value("count") not in (None, "1"):
        yield "-count is above 1"
    tags = frozenset(argv.tag_list(arguments.value("tags"))) or tags_of(toolchain.goflags)
    if tags != configuration.tags:
        yield f"it is built with tags that were not looked at: {','.join(sorted(tags))}"
    if shared.race is not ("race" in configuration.tool_tags):
        yield "-race is not what was looked at"
    environ = shared.environ
    built = (environ.get("GOOS", toolchain.goos), environ.get("GOARCH", toolchain.goarch))
    if built != (configuration.goos, configuration.goarch):
        yield f"it is built for {'/'.join(built)}"
    if (environ.get("CGO_ENABLED", toolchain.env.get("CGO_ENABLED")) == "1") is not (
        configuration.cgo
    ):
        yield "cgo is not what was looked at"
    if foreign_workspace(environ, toolchain.env, situation.root):
        yield "a go.work that is not the repository's is in force"
    if uses_magex(situation.root) and magex_keys(situation.root, environ).passes:
        yield "magex runs the tests once for each build tag"


def _lines(
    phase: Phase, configuration: Configuration, situation: Situation, shared: Setting
) -> Iterator[str]:
    toolchain, environ = situation.toolchain, shared.environ
    yield f"selector {SELECTOR}"
    yield repr(structs.replace(phase, file="", description=""))  # where it is written is no input
    yield " ".join(shared.arguments.without(*_OWN).words())
    yield f"cover {situation.cover or phase.coverage != 'none'}"
    tags = (sorted(configuration.tags), sorted(configuration.tool_tags))
    yield f"{configuration.goos} {configuration.goarch} {configuration.cgo} {tags}"
    for name in _GO_ENV:
        yield f"{name}={environ.get(name) or toolchain.env.get(name, '')}"
    for name in (*_ENVIRONMENT, *sorted({*phase.run.env, *phase.requires.env})):
        yield f"{name}={environ.get(name)}"
    if configuration.cgo or shared.race:
        for name in ("CC", "CXX"):
            yield f"{name} {_compiler(environ.get(name) or toolchain.env.get(name, ''), toolchain)}"


def _compiler(name: str, toolchain: Toolchain) -> str:
    return _version(tuple(name.split()), toolchain.path)


@lru_cache(maxsize=16)
def _version(words: tuple[str, ...], path: str) -> str:
    """What the compiler says of itself; there may be none where nothing is compiled with it."""
    if not words:
        return ""
    try:
        done = process.result(
            (*words, "--version"), cwd=Path("/"), env={"PATH": path, "LC_ALL": "C"}
        )
    except EnvironmentFault:
        return ""
    return done.stdout.decode("utf-8", "replace").split("\n", 1)[0]
