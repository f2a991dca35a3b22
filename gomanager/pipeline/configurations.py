"""The build configuration of each phase, from its keys and what ``go env`` says."""

from collections.abc import Iterable, Mapping

from gomanager.golang.constraints import Configuration
from gomanager.golang.toolchain import Toolchain
from gomanager.phases import Phase


def configurations(
    phases: Iterable[Phase], toolchain: Toolchain | None
) -> Mapping[str, Configuration]:
    """By name of the phase; without a toolchain every platform's files are in."""
    return {phase.name: _configuration(phase, toolchain) for phase in phases}


def _configuration(phase: Phase, toolchain: Toolchain | None) -> Configuration:
    if toolchain is None:
        return Configuration(tags=frozenset(phase.run.tags))
    env = phase.run.env
    goos, goarch = env.get("GOOS", toolchain.goos), env.get("GOARCH", toolchain.goarch)
    native = (goos, goarch) == (toolchain.goos, toolchain.goarch)
    cgo = env.get("CGO_ENABLED")
    tools = {flag.lstrip("-") for flag in phase.run.flags if flag.lstrip("-") in ("msan", "asan")}
    if phase.race is not False and toolchain.no_race(env) is None:
        tools.add("race")
    return Configuration(
        goos=goos,
        goarch=goarch,
        cgo=cgo == "1" if cgo is not None else toolchain.cgo and native,
        tags=frozenset(phase.run.tags) or tags_of(toolchain.goflags),
        tool_tags=frozenset(tools),
        release=toolchain.release,
    )


def tags_of(flags: Iterable[str]) -> frozenset[str]:
    """Tags that GOFLAGS sets where the command line does not."""
    for flag in flags:
        name, _, value = flag.lstrip("-").partition("=")
        if name == "tags":
            return frozenset(value.replace(",", " ").split())
    return frozenset()


def module_mode(toolchain: Toolchain | None) -> str:
    """``mod``, ``vendor`` or ``readonly`` where GOFLAGS says so."""
    for flag in toolchain.goflags if toolchain is not None else ():
        name, _, value = flag.lstrip("-").partition("=")
        if name == "mod":
            return value
    return ""
