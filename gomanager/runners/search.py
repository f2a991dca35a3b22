"""Processes of purpose ``search``: changed functions alone, and the proof of order dependence."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec.structs import replace

from gomanager.gotest import order, pattern
from gomanager.gotest.explanation import Round
from gomanager.gotest.order import Trial
from gomanager.gotest.rerun import Rerun, add
from gomanager.results import Outcome, PackageResult, PhaseStarted, Purpose, ignore
from gomanager.runners.calls import Call, Setting, calls
from gomanager.runners.execute import Session
from gomanager.runners.invoke import go_test, rerun_flags
from gomanager.runners.request import PackageRequest

BUDGET_SECONDS = 300.0
"""Of one package, at most."""
USUAL_TIMES = 6
"""Of the package's own time; the starts of short ones count too."""
START_SECONDS = 20.0
MOST_SUSPECTS = 5
MOST_ALONE = 50
"""Changed functions that run alone; a branch that brings more is no question of order."""

Alone = dict[tuple[str, str], list[PackageResult]]
"""(module, package) → the processes that ran one function each."""


def isolate(session: Session, shared: Setting) -> Alone:
    """Run each changed function of an isolating phase alone, before the phase's first run."""
    found: Alone = {}
    if not session.request.phase.isolation:
        return found
    wanted = [one for one in calls(session.request, shared) if any(_names(one))][:MOST_ALONE]
    packages = tuple(p.path for call in wanted for p in call.packages if p.changed)
    if not packages:
        return found
    phase = session.request.phase.name
    session.listener(PhaseStarted(phase=phase, packages=packages, purpose=Purpose.SEARCH))
    left = MOST_ALONE
    for call in wanted:
        for package, name in _names(call):
            if left == 0 or session.over:
                return found
            left -= 1
            result = _run(session, shared, call, package, (name,), None)
            if result is not None and order.lone_failure(result.attempts[-1]):
                one = order.kept(result, (case.name for case in result.cases))
                found.setdefault((call.module.path, package.path), []).append(one)
    return found


def _names(call: Call) -> Iterator[tuple[PackageRequest, str]]:
    for package in call.packages:
        yield from ((package, name) for name in package.changed if _runs(package, name))


def _runs(package: PackageRequest, name: str) -> bool:
    """Whether the filters of phase and user let the function run at all."""
    return name in package.expected and name not in package.skip


def prove(
    session: Session,
    shared: Setting,
    call: Call,
    package: PackageResult,
    rounds: Sequence[Round],
) -> PackageResult:
    """Whether what a rerun explained depends on the order of tests; bounded, first doubt ends it."""
    suspected = () if session.over else order.suspects(package, rounds)
    if not suspected:
        return package
    search = _Search(session, shared, call, package, rounds, suspected)
    search.together(order.PROOF - 1)  # a plain flake passes here, and costs this one process
    for name in [name for name, trial in search.trials.items() if _open(trial)][:MOST_SUSPECTS]:
        search.alone(name)
    search.together(order.PROOF)
    after = {name: search.polluters(name) for name, t in search.trials.items() if t.proven}
    return order.judged(search.package, search.trials, after)


class _Search:
    """One package under suspicion: what is known by now, and the time that is left."""

    def __init__(
        self,
        session: Session,
        shared: Setting,
        call: Call,
        package: PackageResult,
        rounds: Sequence[Round],
        suspected: Sequence[str],
    ) -> None:
        self.package = package
        cases = {case.name: case for case in package.cases}
        self.trials = {name: order.begun(cases[name], rounds) for name in suspected}
        self._session = session
        self._shared = shared
        self._call = call
        self._asked = next(p for p in call.packages if p.path == package.path)
        self._seed = package.attempts[0].seed
        usual = (package.attempts[0].duration_ms or 0) / 1000
        self._budget = min(BUDGET_SECONDS, START_SECONDS + USUAL_TIMES * usual)
        self._since: datetime = session.clock()
        phase = session.request.phase.name
        paths = (package.path,)
        session.listener(PhaseStarted(phase=phase, packages=paths, purpose=Purpose.SEARCH))

    def alone(self, name: str) -> None:
        """3 of 3 alone, the rerun counted."""
        trial = self.trials[name]
        while len(trial.alone) < order.PROOF and trial.refuted is None:
            result = self._run((name,))
            if result is None:
                break
            self._keep(result, (name,))
            trial = replace(trial, alone=(*trial.alone, order.outcome_of(result, name)))
        self.trials[name] = trial

    def together(self, times: int) -> None:
        """With the package, the first run counted; all suspects in the same processes."""
        while open_names := [name for name, trial in self.trials.items() if _left(trial, times)]:
            result = self._run(())
            if result is None:
                return
            self._keep(result, open_names)
            for name in open_names:
                trial = self.trials[name]
                seen = order.outcome_of(result, name)
                self.trials[name] = replace(trial, together=(*trial.together, seen))

    def polluters(self, victim: str) -> tuple[str, ...]:
        """The fewest tests before the victim under which it fails; empty where time ran out."""
        tests = order.before(self.package, victim)
        found = order.reduced(tests, lambda chosen: self._fails(chosen, victim)) if tests else None
        return found if found is not None and len(found) < max(2, len(tests)) else ()

    def _fails(self, chosen: tuple[str, ...], victim: str) -> bool | None:
        for _ in range(order.AGAIN):
            result = self._run((*chosen, victim))
            if result is None:
                return None
            if order.outcome_of(result, victim) is not Outcome.FAIL:
                return False
        return True

    def _run(self, names: tuple[str, ...]) -> PackageResult | None:
        spent = (self._session.clock() - self._since).total_seconds()
        if self._session.over or spent > self._budget:
            return None
        listener, self._session.listener = self._session.listener, ignore
        try:  # the same failure again and again is no news
            return _run(self._session, self._shared, self._call, self._asked, names, self._seed)
        finally:
            self._session.listener = listener

    def _keep(self, result: PackageResult, names: Sequence[str]) -> None:
        self.package = add(self.package, order.kept(result, names))


def _open(trial: Trial) -> bool:
    return trial.refuted is None and len(trial.together) >= order.PROOF - 1


def _left(trial: Trial, times: int) -> bool:
    """Nothing speaks against it, and it is this trial's turn."""
    ready = times < order.PROOF or len(trial.alone) >= order.PROOF
    return ready and trial.refuted is None and len(trial.together) < times


def _run(
    session: Session,
    shared: Setting,
    call: Call,
    package: PackageRequest,
    names: tuple[str, ...],
    seed: int | None,
) -> PackageResult | None:
    """One process: these cases, or without names what the first run had; ``None``: no answer."""
    roots = frozenset(name.split("/", 1)[0] for name in names)
    expected = roots if names else package.expected
    one = replace(package, expected=expected)
    asked = session.asked(call.module, (one,), purpose=Purpose.SEARCH)
    wanted = Rerun(package=package.path, module=call.module.path, seed=seed)
    flags = rerun_flags(shared.arguments, call, wanted)
    if names:
        kept = tuple(flag for flag in flags if not flag.startswith("-run="))
        flags = (*kept, f"-run={pattern.exactly(names)}")
    fold = session.run(
        go_test(session.request, shared, replace(call, packages=(package,), flags=flags)), asked
    )
    if fold is None or fold.interrupted:
        return None
    return next((p for p in fold.packages if p.path == package.path), None)
