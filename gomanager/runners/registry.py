"""The runners by name, and the way to the one that a phase gets."""

import shutil
from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from gomanager import process
from gomanager.errors import EnvironmentFault
from gomanager.gotest import argv
from gomanager.results import Listener, PhaseResult
from gomanager.runners import go, magex
from gomanager.runners.calls import Setting, setting
from gomanager.runners.choice import Magex, choose
from gomanager.runners.magexproject import magex_keys, uses_magex
from gomanager.runners.request import PhaseRequest, Runner

RUNNERS: dict[str, Runner] = {go.NAME: go, magex.NAME: magex}


def run(
    request: PhaseRequest,
    *,
    start: process.Start,
    listener: Listener,
    clock: Callable[[], datetime],
) -> PhaseResult:
    """Choose the runner and run the phase; raises UsageError before anything starts."""
    begun = clock()
    try:
        name, note = choose(request, look(request, setting(request)))
    except EnvironmentFault as fault:
        return go.impossible(request, request.phase.run.runner, fault, begun)
    result = RUNNERS[name].run(request, start=start, listener=listener, clock=clock)
    return result if note is None else replace(result, notes=(note, *result.notes))


def look(request: PhaseRequest, shared: Setting) -> Magex:
    """What is known of magex for this phase."""
    environ = shared.environ
    cgo = {name: value for name, value in environ.items() if name == "CGO_ENABLED"}
    return Magex(
        installed=shutil.which("magex", path=environ.get("PATH", "")) is not None,
        used=uses_magex(request.root),
        refuses=argv.magex_refuses(shared.arguments.without("p")),
        no_race=request.toolchain.no_race(cgo),
        passes=magex_keys(request.root, environ).passes,
    )
