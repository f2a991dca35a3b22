"""The command line of ``go test``, for a first run and for a rerun."""

from msgspec.structs import replace

from gomanager.command import Command
from gomanager.gotest import argv, pattern
from gomanager.gotest.argv import Arguments
from gomanager.gotest.rerun import Rerun
from gomanager.runners.calls import Call, Setting
from gomanager.runners.request import PhaseRequest

LAST = "-v=test2json"
"""Behind everything, because it repairs whatever ``-v`` came before it (S6)."""


def go_test(request: PhaseRequest, shared: Setting, call: Call) -> Command:
    """The command of a call, started in its module's folder; packages stand behind the flags."""
    folder = call.module.dir
    inside = () if folder == request.root else ("-C", str(_relative(request, call)))
    # -fullpath names files for which the folder of the package need not be known.
    path = ("-fullpath",) if request.toolchain.release >= 21 else ()
    binary = ("-args", *shared.arguments.binary) if shared.arguments.binary else ()
    packages = tuple(package.path for package in call.packages)
    words = ("test", *inside, "-json", *path, *call.flags, LAST, *packages, *binary)
    return Command(
        argv=("go", *words),
        cwd=request.root,
        env=(*call.env, *sorted(request.phase.run.env.items())),
        root=request.root,
    )


def _relative(request: PhaseRequest, call: Call) -> str:
    folder = call.module.dir
    return str(folder.relative_to(request.root) if folder.is_relative_to(request.root) else folder)


def rerun_flags(arguments: Arguments, call: Call, wanted: Rerun) -> tuple[str, ...]:
    """Flags of a rerun: what changes the program stays, ``-run`` names the failed cases.

    A whole package keeps the filter of its first run: the rest of it belongs to other phases.
    """
    kept = argv.for_rerun(arguments)
    words = [*kept.without("skip").words(), "-count=1"]
    if wanted.single:
        words.append("-p=1")
    if wanted.names:
        skip = arguments.value("skip")
        words.append(f"-run={pattern.exactly(wanted.names)}")
        return (*words, *([f"-skip={skip}"] if skip else []))
    if wanted.seed is not None:
        words.append(f"-shuffle={wanted.seed}")
    filters = [flag for flag in call.flags if flag.startswith(("-run=", "-skip="))]
    return (*words, *filters)


def with_wrapper(request: PhaseRequest, shared: Setting, call: Call) -> Call:
    """The call with a program around the tests, where nobody else has put one there."""
    toolchain, arguments = request.toolchain, shared.arguments
    target = [shared.environ.get(n) or toolchain.env.get(n) for n in ("GOOS", "GOARCH")]
    native = target == [toolchain.env.get(name) for name in ("GOHOSTOS", "GOHOSTARCH")]
    given = any(arguments.value(name) is not None for name in ("exec", "fuzz", "bench"))
    given |= any(flag.lstrip("-").startswith("exec") for flag in toolchain.goflags)
    if request.wrapper is None or given or not native:
        return call
    return replace(call, flags=(*call.flags, f"-exec={request.wrapper}"))


def with_profile(call: Call, path: str) -> Call:
    """The call with a coverage profile written to an absolute path."""
    return replace(call, flags=(*call.flags, "-cover", f"-coverprofile={path}"))
