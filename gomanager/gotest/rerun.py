"""What is run again after a failure, and whether that explains it.

Pure: :func:`plan` says what one round of reruns starts, :func:`add` puts its attempts beside the
first ones, :func:`conclude` labels the cases and says which packages are explained.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from gomanager.errors import UsageError
from gomanager.gotest.gofault import DISK_FULL
from gomanager.gotest.pattern import PATTERN_BYTES, exactly
from gomanager.results import (
    Attempt,
    CaseResult,
    Kind,
    Outcome,
    PackageAttempt,
    PackageOutcome,
    PackageResult,
    Purpose,
)

Known = Mapping[str, frozenset[str]]
"""Root → the names of its subtests that history has seen."""

_ENVIRONMENT = re.compile(r"signal: killed|cannot allocate memory|" + DISK_FULL)
_WHOLE = (PackageOutcome.DIED, PackageOutcome.LATE)


class Rerun(Struct, frozen=True, kw_only=True):
    """One process to start: these cases of a package, or the whole package without names."""

    package: str
    module: str
    names: tuple[str, ...] = ()
    seed: int | None = None
    """Of the first attempt's shuffle; comes back when the whole package is rerun."""
    single: bool = False
    """With ``-p=1``: the compiler or linker was killed (S49)."""


class Plan(Struct, frozen=True, kw_only=True):
    """One round: what to start, and why something is not rerun."""

    reruns: tuple[Rerun, ...] = ()
    refused: str | None = None
    """Why nothing at all is rerun: "37 failed, limit 10: not rerun"."""
    reasons: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(module, package) → why this one is not."""


def allowed(limit: str, ended: int) -> int:
    """How many failures may be rerun: ``10``, ``5%`` of the ended cases, or the larger of both.

    Several are separated by commas; raises UsageError for anything else.
    """
    amounts = []
    for part in (limit or "10,5%").split(","):
        found = re.fullmatch(r"\s*(\d{1,9})(%?)\s*", part)
        if found is None or (found[2] and int(found[1]) > 100):
            what = f"{limit!r} is no limit for reruns"
            raise UsageError(what, where="--rerun-limit", fix="write a number or a share: 10, 5%")
        amounts.append(ended * int(found[1]) // 100 if found[2] else int(found[1]))
    return max(amounts)


def plan(
    packages: Sequence[PackageResult],
    *,
    known: Mapping[str, Known],
    limit: str = "",
    unfit: str | None = None,
) -> Plan:
    """The first round; ``unfit`` says why this run as a whole allows none (``-count`` …)."""
    red = [package for package in packages if package.red]
    if not red or unfit:
        return Plan(refused=unfit if red else None)
    failed = sum(_weight(package) for package in red)
    ended = sum(case.outcome in _ENDED for p in packages for case in p.cases if not case.fold)
    ended += sum(not _failed(package) for package in red)  # weighs one: so 100 % are all
    most = allowed(limit, ended)
    if failed > most:
        return Plan(refused=f"{failed} failed, limit {most}: not rerun")
    reruns: list[Rerun] = []
    reasons: dict[tuple[str, str], str] = {}
    for package in red:
        reason = never(package)
        if reason:
            reasons[package.module, package.path] = reason
        else:
            reruns.append(_first(package, known.get(package.path, {})))
    return Plan(reruns=tuple(reruns), reasons=reasons)


def again(packages: Iterable[PackageResult], *, known: Mapping[str, Known]) -> Plan:
    """A later round: cases that were rerun by name and failed each time."""
    reruns = []
    for package in packages:
        if not package.red or package.attempts[0].result is not PackageOutcome.FAIL:
            continue
        if never(package) or any(a.result.broken for a in package.attempts):
            continue
        names = _names([c for c in package.cases if still_failing(c)], package, known)
        if names:
            reruns.append(Rerun(package=package.path, module=package.module, names=names))
    return Plan(reruns=tuple(reruns))


_ENDED = (Outcome.PASS, Outcome.FAIL, Outcome.SKIP)


def never(package: PackageResult) -> str | None:
    """Why a red package is not rerun, whatever its cases say; ``None`` where it may be."""
    if has_race(package):
        return "a race is never cleared by a rerun"
    match package.attempts[0].result:
        case PackageOutcome.BUILD if _environment(package.attempts[0]):
            return None
        case PackageOutcome.BUILD | PackageOutcome.VET | PackageOutcome.SETUP:
            return "not built: the same input gives the same answer"
        case PackageOutcome.MISSING:
            return "never started"
        case PackageOutcome.HOLLOW | PackageOutcome.MASKED:
            return "a false green: the code is wrong, not unlucky"
        case _:
            return None


def has_race(package: PackageResult) -> bool:
    """True where any attempt holds a race report."""
    failures = [failure for attempt in package.attempts for failure in attempt.failures]
    failures += [f for case in package.cases for a in case.attempts for f in a.failures]
    return any(failure.kind is Kind.RACE for failure in failures)


def _environment(attempt: PackageAttempt) -> bool:
    texts = [failure.text for failure in attempt.failures] + [attempt.message or ""]
    return any(_ENVIRONMENT.search(text) for text in texts)


def _weight(package: PackageResult) -> int:
    return max(1, _failed(package))


def _failed(package: PackageResult) -> int:
    return sum(c.outcome is Outcome.FAIL for c in package.cases if not c.fold)


def _first(package: PackageResult, known: Known) -> Rerun:
    attempt = package.attempts[0]
    rerun = Rerun(package=package.path, module=package.module)
    if attempt.result is PackageOutcome.BUILD:
        return replace(rerun, single=True)
    if attempt.result in _WHOLE or not attempt.complete:
        return replace(rerun, seed=attempt.seed)
    failed = [case for case in package.cases if case.outcome is Outcome.FAIL]
    names = _names(failed, package, {package.path: known})
    if len(exactly(names).encode("utf-8", "replace")) > PATTERN_BYTES:
        return replace(rerun, seed=attempt.seed)
    return replace(rerun, names=names)


def still_failing(case: CaseResult) -> bool:
    """Failed in the first process and in each rerun of it, of which there was one at least."""
    reran = any(attempt.purpose is Purpose.RERUN for attempt in case.attempts)
    return reran and all(a.outcome is Outcome.FAIL for a in case.attempts)


def _names(
    failed: Sequence[CaseResult], package: PackageResult, known: Mapping[str, Known]
) -> tuple[str, ...]:
    """Leaves, parents with an error of their own, roots where siblings may be lost."""
    own = [case.name for case in failed if not case.fold]
    ended = {c.name for c in package.cases if c.attempts[0].outcome in _ENDED}
    of_package = known.get(package.path, {})

    def alone(name: str) -> str:
        root = name.split("/", 1)[0]
        subtests = of_package.get(root)
        return name if subtests and subtests <= ended else root

    taken = dict.fromkeys(name if "/" not in name else alone(name) for name in own)
    return tuple(name for name in taken if not _covered(name, taken))


def _covered(name: str, taken: Iterable[str]) -> bool:
    """True where an ancestor is taken; an ancestor is a prefix up to a ``/``."""
    return any(name[:i] in taken for i, sign in enumerate(name) if sign == "/")


def add(first: PackageResult, rerun: PackageResult) -> PackageResult:
    """``first`` with the attempts of a rerun behind its own, numbered on."""
    cases = {case.name: case for case in first.cases}
    for case in rerun.cases:
        before = cases.get(case.name)
        cases[case.name] = case if before is None else _joined(before, case)
    begin = len(first.attempts) + 1
    more = tuple(replace(a, n=n) for n, a in enumerate(rerun.attempts, begin))
    return replace(first, attempts=first.attempts + more, cases=tuple(cases.values()))


def _joined(before: CaseResult, case: CaseResult) -> CaseResult:
    begin = len(before.attempts) + 1
    more = tuple(replace(a, n=n) for n, a in enumerate(case.attempts, begin))
    # A parent that passes without the children it failed through is no case of its own by that.
    failed_itself = not case.fold and any(a.outcome is Outcome.FAIL for a in case.attempts)
    return replace(
        before,
        attempts=before.attempts + more,
        fold=before.fold and not failed_itself,
        file=before.file or case.file,
        line=before.line or case.line,
    )


def together(packages: Iterable[PackageResult]) -> tuple[PackageResult, ...]:
    """One result a package: several first processes of it stand side by side, the worst first.

    They come from a filter too long for one command line, and from magex's passes (S72).
    """
    found: dict[tuple[str, str], PackageResult] = {}
    for package in packages:
        key = (package.module, package.path)
        other = found.get(key)
        if other is None:
            found[key] = package
        elif package.red and not other.red:
            found[key] = _beside(package, other)
        else:
            found[key] = _beside(other, package)
    return tuple(found.values())


def _beside(worse: PackageResult, other: PackageResult) -> PackageResult:
    both = add(worse, other)
    labels = {case.name: case for case in (*other.cases, *worse.cases) if case.label}
    cases = tuple(
        replace(case, label=labels[case.name].label, note=labels[case.name].note)
        if case.name in labels
        else case
        for case in both.cases
    )
    return replace(both, cases=cases, note=worse.note or other.note)


def gathered(results: Sequence[PackageResult]) -> PackageResult | None:
    """Many processes of one package as one result, in their order; in one pass."""
    if not results:
        return None
    attempts: dict[str, list[Attempt]] = {}
    cases: dict[str, CaseResult] = {}
    for result in results:
        for case in result.cases:
            cases[case.name] = replace(case, fold=case.fold and cases.get(case.name, case).fold)
            attempts.setdefault(case.name, []).extend(case.attempts)
    own = (attempt for result in results for attempt in result.attempts)
    return replace(
        results[0],
        attempts=tuple(replace(a, n=n) for n, a in enumerate(own, 1)),
        cases=tuple(
            replace(case, attempts=tuple(replace(a, n=n) for n, a in enumerate(attempts[name], 1)))
            for name, case in cases.items()
        ),
    )
