"""One process of a phase from its start to its fold: journal, events, how it ended."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from gomanager import process
from gomanager.command import Command
from gomanager.errors import EnvironmentFault, Interrupted
from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.execution import Execution
from gomanager.results import Listener, Note
from gomanager.runners.measured import Building, left_notes, measured, plain
from gomanager.runners.request import ModuleRequest, PackageRequest, PhaseRequest


class Session:
    """What the processes of one phase share: numbers, journals, the way they are started."""

    def __init__(
        self,
        request: PhaseRequest,
        *,
        environ: Mapping[str, str],
        start: process.Start,
        listener: Listener,
        clock: Callable[[], datetime],
    ) -> None:
        self.request = request
        self.environ = environ
        self.listener = listener
        self.clock = clock
        self.commands: list[tuple[str, ...]] = []
        self.interrupted = False
        self.fault: EnvironmentFault | None = None
        """Why a process could not be started; what ran before it is kept."""
        self.building = Building()
        self._left: list[tuple[str, tuple[str, ...]]] = []
        self._others: list[str] = []
        self.next_process = 1
        self._start = start
        self._journals = 0

    def open(self, command: Command, runner: str, asked: Asked) -> process.Process:
        """Start a process with the next journal; raises Interrupted where a signal came before."""
        self._journals += 1
        request = self.request
        name = f"{request.run_uid}-{request.phase.name}-0-{self._journals}.jsonl"
        # The wrapper is gone when somebody pastes the command.
        wrapper = f"-exec={request.wrapper}"
        self.commands.append(tuple(word for word in command.argv if word != wrapper))
        return self._start(
            command,
            journal=request.scratch / name,
            meta=description(request, runner, asked),
            environ=self.environ,
            watch=runner == "go" and plain(request.toolchain.goflags, command.argv, wrapper),
        )

    def asked(
        self, module: ModuleRequest, packages: tuple[PackageRequest, ...], **more: object
    ) -> Asked:
        """The question to a stream about these packages; processes are numbered on."""
        request = self.request
        known = {p.path: p.directory for p in packages if p.directory}
        question = Asked(
            module=module.path,
            root=str(request.root),
            directory=lambda path: known.get(path) or _folder(path, module, request.root),
            packages=tuple(package.path for package in packages),
            expected={p.path: p.expected for p in packages if p.expected},
            hollow_ok=frozenset(p.path for p in packages if p.may_be_hollow),
            first_process=self.next_process,
            keep_output=request.keep_output,
        )
        return replace(question, **more)

    def run(self, command: Command, asked: Asked) -> Fold | None:
        """Start, read to the end, fold; ``None`` where a signal or a fault came before."""
        try:
            return self._run(command, asked)
        except Interrupted:
            self.interrupted = True
        except EnvironmentFault as fault:
            self.fault = fault
        return None

    @property
    def notes(self) -> tuple[Note, ...]:
        """What the end of the processes showed: children that nobody stopped (S40)."""
        return tuple(left_notes(self._left, self._others))

    @property
    def over(self) -> bool:
        """True when nothing more can be started."""
        return self.interrupted or self.fault is not None

    def _run(self, command: Command, asked: Asked) -> Fold:
        execution = Execution(asked, self.listener)
        with self.open(command, "go", asked) as child:
            for block in child.blocks():
                execution.feed(block)
            code = child.wait()
            fold = execution.finish(code, child.stderr, interrupted=child.interrupted is not None)
            fold = self._measured(fold, asked, child)
        self.interrupted |= fold.interrupted
        self.next_process = fold.next_process
        return fold

    def _measured(self, fold: Fold, asked: Asked, child: process.Process) -> Fold:
        """The fold with what its processes took; whom they left is remembered."""
        self.building.add(child, fold, asked)
        if fold.interrupted:
            return fold
        fold = measured(fold, asked, child)
        owned = [(p.path, a.left) for p in fold.packages for a in p.attempts if a.left]
        known = {name for _, names in owned for name in names}
        self._left += owned
        self._others += [name for name in child.left if name not in known]
        return fold


def _folder(path: str, module: ModuleRequest, root: Path) -> str | None:
    """Folder of a package relative to the repository root, by its import path."""
    inner = path.removeprefix(module.path)
    if inner and (inner == path or not inner.startswith("/")):
        return None
    try:
        return (module.dir / inner.removeprefix("/")).relative_to(root).as_posix()
    except ValueError:
        return None


def description(request: PhaseRequest, runner: str, asked: Asked) -> dict[str, object]:
    """What recovery needs to fold the journal as a live run would have."""
    return {
        "run": request.run_uid,
        "phase": request.phase.name,
        "runner": runner,
        "commit": request.commit,
        "variant": request.variant.key,
        "root": asked.root,
        "module": asked.module,
        "packages": asked.packages,
        "expected": {path: sorted(names) for path, names in asked.expected.items()},
        "hollow_ok": sorted(asked.hollow_ok),
        "nothing_ok": asked.nothing_ok,
        "purpose": str(asked.purpose),
        "first_process": asked.first_process,
        "first_attempt": asked.first_attempt,
    }
