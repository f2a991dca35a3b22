"""Which runner a phase gets: pure, over what is known."""

from msgspec import Struct

from gomanager.command import INSTALL
from gomanager.errors import EnvironmentFault, UsageError
from gomanager.results import Note, Severity
from gomanager.runners.request import PhaseRequest


class Magex(Struct, frozen=True, kw_only=True):
    """What is known of magex here."""

    installed: bool
    used: bool
    """The repository has a magex configuration or a magefile."""
    refuses: str | None = None
    """The first flag that it cannot pass on."""
    no_race: str | None = None
    """Why ``-race``, which ``test:race`` always passes, cannot work on this machine."""
    passes: bool = False
    """It would run every test once for each build tag."""


def choose(request: PhaseRequest, magex: Magex) -> tuple[str, Note | None]:
    """Name of the runner, and what is to be said about it.

    ``runner: magex`` that cannot be is never replaced silently: EnvironmentFault where it is not
    installed, UsageError where the phase asks for what magex cannot do.
    """
    name = request.phase.name
    asked = request.phase.run.runner
    if asked == "suite":
        what = f"phase {name} is a suite, which this version cannot run"
        raise UsageError(what, where=request.phase.file or name)
    obstacle = _obstacle(request, magex)
    if asked == "magex":
        if not magex.installed:
            what = f"phase {name} needs magex, which is not installed"
            raise EnvironmentFault(what, where="PATH", fix=INSTALL["magex"])
        if obstacle:
            what = f"phase {name} asks for magex, and {obstacle}"
            fix = "write runner: auto, or change what is asked"
            raise UsageError(what, where=request.phase.file or name, fix=fix)
        return "magex", None
    if asked == "go" or not magex.used:
        return "go", None
    if not magex.installed:
        title = "ran with go test: magex is not installed"
        note = Note(severity=Severity.NOTE, kind="runner", title=title, fix=INSTALL["magex"])
        return "go", note
    if obstacle is None:
        return "magex", None
    if request.whole and request.phase.whole:
        title = f"ran with go test: {obstacle}"
        return "go", Note(severity=Severity.NOTE, kind="runner", title=title)
    return "go", None


def _obstacle(request: PhaseRequest, magex: Magex) -> str | None:
    """Why magex cannot run this phase as it is asked."""
    packages = [package for module in request.modules for package in module.packages]
    if not (request.whole and request.phase.whole):
        return "magex always tests every package"
    if any(package.run or package.skip for package in packages):
        return "some tests belong to other phases"
    if request.cover:
        return "magex writes no coverage profile"
    if request.phase.run.race is False:
        return "the phase asks for no -race, which magex test:race always passes"
    if magex.no_race:
        return magex.no_race
    if magex.refuses:
        return f"magex cannot pass {magex.refuses}"
    if magex.passes:
        return "magex would run every test once for each build tag"
    return None
