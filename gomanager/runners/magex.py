"""The runner that starts ``magex test:race`` once for the whole repository."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from gomanager import process
from gomanager.command import INSTALL, Command
from gomanager.errors import EnvironmentFault, Interrupted, UsageError
from gomanager.gotest import argv
from gomanager.gotest.execution import Execution
from gomanager.gotest.verdict import USAGE, Judgement, judge
from gomanager.phases import seconds
from gomanager.results import Listener, Note, PhaseEnded, PhaseResult, Severity, Verdict
from gomanager.runners.calls import Call, Setting, calls, narrowed, setting
from gomanager.runners.execute import Session
from gomanager.runners.go import announce, impossible, phase_result, question
from gomanager.runners.invoke import LAST, go_test
from gomanager.runners.magexproject import magex_keys
from gomanager.runners.magexstream import MagexStream, Section
from gomanager.runners.request import ModuleRequest, PhaseRequest
from gomanager.runners.search import isolate
from gomanager.runners.settle import First, first, settle

NAME = "magex"
SILENCE = timedelta(minutes=2)
"""Beyond the timeout of the tests: a line above 1 MiB stops magex's reader, go blocks."""
GAP = 10_000
"""Between the process numbers of two modules: the first is still open when the next begins."""
IGNORED = "Ignoring unsafe arguments"
NO_MODULES = "No Go modules found"


def run(
    request: PhaseRequest,
    *,
    start: process.Start,
    listener: Listener,
    clock: Callable[[], datetime],
) -> PhaseResult:
    """See :class:`gomanager.runners.request.Runner`; reruns go through ``go test``."""
    begun = clock()
    try:
        shared = setting(request)
        if not shared.race:
            what = "magex test:race needs -race"
            raise EnvironmentFault(what, where=request.toolchain.version)
    except EnvironmentFault as fault:
        return impossible(request, NAME, fault, begun)
    session = Session(request, environ=shared.environ, start=start, listener=listener, clock=clock)
    alone = isolate(session, shared)
    announce(request, listener)
    firsts, more, notes = _first_run(session, shared) if not session.over else ([], [], ())
    settled = settle(session, shared, firsts, begun, more, alone)
    result = phase_result(session, shared, firsts, settled, NAME, begun)
    result = replace(result, notes=(*result.notes, *notes))
    listener(PhaseEnded(phase=request.phase.name, result=result))
    return result


def command(request: PhaseRequest, shared: Setting) -> Command:
    """CI mode, without its traps; ``-tags`` is always said, so that found tags add no second run."""
    arguments = shared.arguments.without("race", "p")
    refused = argv.magex_refuses(arguments)
    if refused:
        what = f"magex cannot pass {refused}"
        raise UsageError(what, where=f"phase {request.phase.name}", fix="write runner: auto")
    flags = list(arguments.words())
    if arguments.value("tags") is None:
        flags.append("-tags=")
    return Command(
        argv=("magex", "test:race", "ci", LAST, *flags),
        cwd=request.root,
        env=(("MAGEX_NO_UPDATE_CHECK", "1"), *sorted(request.phase.run.env.items())),
        root=request.root,
    )


def _first_run(
    session: Session, shared: Setting
) -> tuple[list[First], list[Judgement], tuple[Note, ...]]:
    request = session.request
    stream = MagexStream(lambda folder: _execution(session, shared, _module(request, folder)))
    try:
        code, stderr, interrupted = _read(session, shared, stream)
    except Interrupted:
        session.interrupted = True
        return [], [], ()
    except EnvironmentFault as fault:
        session.fault = _with_fix(fault)
        return [], [], ()
    session.interrupted |= interrupted
    firsts = [_close(session, section, code, interrupted) for section in stream.sections]
    if firsts:
        firsts[0].fold = replace(
            firsts[0].fold, side_text=(*stream.side_text, *firsts[0].fold.side_text), stderr=stderr
        )
    ignored = stream.says(IGNORED)
    if ignored:
        return firsts, [_error(f"magex dropped every argument: {ignored}")], ()
    if interrupted:
        return firsts, [], ()
    notes = list(_absent(session, shared, stream, firsts))
    more = _explain(session, shared, firsts, code, stderr)
    more += _nothing(stream, firsts, code)
    return firsts, more, tuple(notes)


def _with_fix(fault: EnvironmentFault) -> EnvironmentFault:
    """magex may have gone between the choice and the start."""
    return EnvironmentFault(fault.what, where=fault.where, fix=fault.fix or INSTALL["magex"])


def _error(reason: str) -> Judgement:
    return Judgement(verdict=Verdict.ERROR, exit_code=USAGE, reasons=(reason,))


def _module(request: PhaseRequest, folder: str) -> ModuleRequest:
    """The module in a folder; one that nobody asked for (testdata) is named by its folder."""
    place = request.root / folder
    known = (module for module in request.modules if module.dir == place)
    return next(known, ModuleRequest(dir=place, path=folder, packages=()))


def _execution(session: Session, shared: Setting, module: ModuleRequest) -> Execution:
    packages = tuple(narrowed(package, shared.arguments) for package in module.packages)
    asked = session.asked(module, packages, **question(shared))
    session.next_process += GAP
    return Execution(asked, session.listener)


def _read(session: Session, shared: Setting, stream: MagexStream) -> tuple[int, str, bool]:
    limit = seconds(shared.arguments.value("timeout") or "0")
    patience = timedelta(seconds=limit) + SILENCE if limit else None
    everything = ModuleRequest(dir=session.request.root, path="", packages=())
    asked = session.asked(everything, ())
    with session.open(command(session.request, shared), NAME, asked) as child:
        heard = session.clock()
        for block in child.blocks():
            if block:
                heard = session.clock()
                stream.feed(block)
            elif patience is not None and session.clock() - heard > patience:
                child.stop()
        stream.close()
        return child.wait(), child.stderr, child.interrupted is not None


def _close(session: Session, section: Section, code: int, interrupted: bool) -> First:
    module = _module(session.request, section.dir)
    call = Call(module=module, packages=module.packages, flags=())
    own = section.code if section.code is not None else code
    fold = section.execution.finish(own, interrupted=interrupted)
    session.next_process = max(session.next_process, fold.next_process)
    return first(session, call, fold)


def _absent(
    session: Session, shared: Setting, stream: MagexStream, firsts: list[First]
) -> Iterator[Note]:
    """Modules that magex never came to: excluded by its own settings, or missing."""
    request = session.request
    seen = {request.root / section.dir for section in stream.sections}
    excluded = magex_keys(request.root, shared.environ).exclude_modules
    for module in request.modules:
        if module.dir in seen or not stream.sections:
            continue
        if module.path.rpartition("/")[2] in excluded:
            title = f"module {module.path} is excluded by test.exclude_modules of magex"
            yield Note(severity=Severity.NOTE, kind="runner", title=title)
            continue
        fold = _execution(session, shared, module).finish(0)
        session.next_process = fold.next_process
        call = Call(module=module, packages=module.packages, flags=())
        firsts.append(First(call, fold, list(fold.packages)))


def _explain(
    session: Session, shared: Setting, firsts: list[First], code: int, stderr: str
) -> list[Judgement]:
    """CI mode swallowed what ``go`` said, so ``go test`` is asked once a module."""
    for index, one in enumerate(firsts):
        if not one.fold.exit_code or any(package.red for package in one.fold.packages):
            continue
        again = _again(session, shared, one.call.module)
        if again is not None:
            firsts[index] = again
    known = (judge(one.fold, one.packages).verdict for one in firsts)
    if code == 0 or any(verdict in (Verdict.RED, Verdict.ERROR) for verdict in known):
        return []
    said = stderr.strip()[:4000]
    if not firsts and "config" in said:
        return [_error(said)]
    reason = f"magex exited {code} without a reason: {said}".rstrip(": ")
    return [Judgement(verdict=Verdict.RED, exit_code=1, reasons=(reason,))]


def _again(session: Session, shared: Setting, module: ModuleRequest) -> First | None:
    call = next(calls(replace(session.request, modules=(module,)), shared), None)
    if call is None or session.over:
        return None
    fold = session.run(
        go_test(session.request, shared, call),
        session.asked(module, module.packages, **question(shared)),
    )
    return None if fold is None else first(session, call, fold)


def _nothing(stream: MagexStream, firsts: list[First], code: int) -> list[Judgement]:
    """Step 4: exit 0 over nothing is no success."""
    if code or any(one.fold.events for one in firsts):
        return []
    said = stream.says(NO_MODULES) or "magex printed no test event"
    return [Judgement(verdict=Verdict.RED, exit_code=1, reasons=(f"nothing ran: {said}",))]
