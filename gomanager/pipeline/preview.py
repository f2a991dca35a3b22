"""What a run would do: the commands of each phase, before anything is started."""

from msgspec import Struct

from gomanager.command import Command
from gomanager.errors import EnvironmentFault
from gomanager.pipeline.requests import Planned
from gomanager.runners import magex
from gomanager.runners.calls import calls, setting
from gomanager.runners.choice import choose
from gomanager.runners.invoke import go_test
from gomanager.runners.registry import look


class Preview(Struct, frozen=True, kw_only=True):
    """A called phase and how it would run; ``fault`` says what keeps it from running here."""

    planned: Planned
    runner: str = "go"
    commands: tuple[Command, ...] = ()
    flags: tuple[str, ...] = ()
    """What a command must repeat that is to show a failure of this phase again."""
    fault: str | None = None


def preview(planned: Planned) -> Preview:
    """The commands of a phase; raises UsageError for what no machine could run."""
    request = planned.request
    if planned.not_run is not None:
        return Preview(planned=planned, fault=planned.not_run)
    try:
        shared = setting(request)
        runner, _ = choose(request, look(request, shared))
    except EnvironmentFault as fault:
        return Preview(planned=planned, fault=fault.what)
    if runner == magex.NAME:
        commands: tuple[Command, ...] = (magex.command(request, shared),)
    else:
        commands = tuple(go_test(request, shared, call) for call in calls(request, shared))
    flags = shared.arguments.without(*_OWN_AFFAIRS).words()
    return Preview(planned=planned, runner=runner, commands=commands, flags=flags)


_OWN_AFFAIRS = (
    "run", "skip", "count", "timeout", "p", "shuffle", "failfast",
    "cover", "coverpkg", "coverprofile", "covermode",
)  # fmt: skip
