"""The store of one run: opened when the repository is known, asked, and told."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec.structs import replace

from gomanager.errors import EnvironmentFault
from gomanager.pipeline.alive import Alive
from gomanager.pipeline.options import RunOptions
from gomanager.pipeline.recorder import NOTHING, Rows
from gomanager.pipeline.recover import recover
from gomanager.pipeline.requests import Named, Planned
from gomanager.pipeline.scope import Known, Place
from gomanager.pipeline.scratch import Scratch
from gomanager.results import PhaseResult, Run, Verdict
from gomanager.runners.request import ModuleRequest
from gomanager.store.location import locate, open_store
from gomanager.store.protocol import PackageKey, RedPackage, Store, StoredRun, Times

GREEN_RUNS = 200
"""How far back a whole green run of the default branch is looked for."""


class Memory:
    """What is remembered of this repository; without a store it knows nothing and keeps nothing.

    A store that fails while tests run must not cost their verdict: the first fault is kept in
    ``fault``, the journals stay where the next command finds them.
    """

    def __init__(self, store: Store | None, said: tuple[str, ...] = ()) -> None:
        self.store = store
        self.said = said
        """What recovery did, for the report."""
        self.fault: EnvironmentFault | None = None
        self._scratch: Scratch | None = None
        self._alive: Alive | None = None

    @property
    def scratch(self) -> Path:
        """Where journals go: beside the store, or into a folder that ends with the run."""
        if self.store is not None:
            return self.store.journals
        if self._scratch is None:
            self._scratch = Scratch("run")
        return self._scratch.path

    def known(self, place: Place) -> Known:
        """What the selection asks for."""
        if self.store is None:
            return Known()
        runs = self.store.runs(limit=GREEN_RUNS, branch=place.branch) if place.default else ()
        green = last_green(runs)
        red = self.store.last_failed(branch=place.branch)
        return Known(
            last_green=green.commit if green is not None else None,
            green_phases=_green_phases(green),
            ledger=self.store if self.store.has_ledger() else None,
            red_phases=frozenset(self.store.red_in_ci(place.branch)),
            red_packages=frozenset(package.key.path for package in red),
        )

    def last_failed(self, branch: str | None) -> tuple[RedPackage, ...]:
        """What ``--lf`` runs."""
        return () if self.store is None else self.store.last_failed(branch=branch)

    def times(self, planned: Iterable[Planned]) -> Times:
        """Usual durations in the variants that are about to run."""
        if self.store is None:
            return Times()
        return self.store.times([one.request.variant for one in planned])

    def informed(self, planned: Planned) -> Planned:
        """The request with the subtests that history knows of each function."""
        request = planned.request
        if self.store is None or request.flags:
            return planned
        keys = [
            PackageKey(module.path, package.path)
            for module in request.modules
            for package in module.packages
        ]
        known = self.store.known_cases(request.phase.name, request.variant, keys)
        if not known:
            return planned
        modules = tuple(_with_known(module, known) for module in request.modules)
        return replace(planned, request=replace(request, modules=modules))

    def begin(self, run: Run) -> None:
        """Raises EnvironmentFault: nothing has run yet."""
        if self.store is not None:
            # Before its row: a run without a verdict and without this file is taken for killed.
            self._alive = Alive(self.store.journals, run.uid)
            self.store.begin(run)

    def add(self, run: Run, phase: PhaseResult, rows: Rows = NOTHING) -> bool:
        """Keep a phase result; False where it could not be kept (see ``fault``)."""
        if self.store is None:
            return True
        try:
            self.store.add(
                run, phase, ledger=rows.ledger, learned=rows.learned, variables=rows.variables
            )
        except EnvironmentFault as fault:
            self.fault = self.fault or fault
            return False
        return True

    def finish(self, run: Run, document: bytes) -> None:
        """Keep the verdict and the report."""
        if self.store is None:
            return
        try:
            self.store.finish(run, document)
        except EnvironmentFault as fault:
            self.fault = self.fault or fault
            return
        if self._alive is not None:
            self._alive.finished()

    def close(self) -> None:
        """Give the database back, and a folder of our own."""
        if self.store is not None:
            self.store.close()
        if self._alive is not None:
            self._alive.close()
        if self._scratch is not None:
            self._scratch.close()


def _with_known(
    module: ModuleRequest, known: Mapping[PackageKey, Mapping[str, frozenset[str]]]
) -> ModuleRequest:
    packages = tuple(
        replace(package, known=known.get(PackageKey(module.path, package.path), {}))
        for package in module.packages
    )
    return replace(module, packages=packages)


def last_green(runs: Iterable[StoredRun]) -> StoredRun | None:
    """The newest whole, clean, green run of a commit; partial runs prove nothing of it."""
    for run in runs:
        whole = run.scope_mode == "all" and not run.dirty
        if whole and run.verdict is Verdict.GREEN and run.commit:
            return run
    return None


def _green_phases(run: StoredRun | None) -> frozenset[str] | None:
    """Phases whose unchanged packages need not run again (E5)."""
    if run is None:
        return None
    good = (Verdict.GREEN, Verdict.NOTHING)
    return frozenset(phase.name for phase in run.phases if phase.verdict in good)


def open_memory(options: RunOptions, place: Place, environ: Mapping[str, str], cwd: Path) -> Memory:
    """The store that the options, the environment or the configuration name, else the default.

    What killed runs left behind is taken over first, except for a dry run.
    """
    if options.no_store:
        return Memory(None)
    location = locate(
        key=place.key,
        environ=environ,
        cwd=cwd,
        root=place.root,
        option=options.store,
        configured=place.config.store,
    )
    if options.dry_run:
        return Memory(open_store(location, write=False) if location.exists() else None)
    store = open_store(location)
    return Memory(store, recover(store).lines)


def only(
    red: Iterable[RedPackage], folders: Mapping[str, str]
) -> Mapping[Named, frozenset[str] | None]:
    """``--lf``: packages by module folder, with the functions that were red in them."""
    by_path = {path: folder for folder, path in folders.items()}
    found: dict[Named, frozenset[str] | None] = {}
    for package in red:
        folder = by_path.get(package.key.module)
        if folder is None:
            continue
        roots = frozenset(name.split("/", 1)[0] for name in package.cases)
        found[folder, package.key.path] = None if package.whole or not roots else roots
    return found
