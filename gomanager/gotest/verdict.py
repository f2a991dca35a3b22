"""The judgement over a process of ``go test``: worst of its exit, its cases, its packages."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from gomanager.case import leaves
from gomanager.gotest.asked import Fold
from gomanager.gotest.gofault import GoFault, exited, go_fault, go_message
from gomanager.results import Outcome, PackageOutcome, PackageResult, Verdict

USAGE = 2
ENVIRONMENT = 3


class Judgement(Struct, frozen=True, kw_only=True):
    """A verdict, the exit code it means, and why."""

    verdict: Verdict
    exit_code: int
    reasons: tuple[str, ...] = ()


def judge(fold: Fold, packages: Sequence[PackageResult] | None = None) -> Judgement:
    """Judge one process; ``packages``: the fold's own, with what reruns explained."""
    packages = fold.packages if packages is None else packages
    if fold.interrupted:
        return Judgement(verdict=Verdict.INTERRUPTED, exit_code=130, reasons=("interrupted",))
    usage = _usage(fold, packages)
    if usage is not None:
        return usage
    if fold.exit_code and not fold.speaks:
        return _without_events(fold)
    reasons = tuple(_red_reasons(fold, packages))
    if reasons:
        return Judgement(verdict=Verdict.RED, exit_code=1, reasons=reasons)
    if any(_proves_something(package) for package in packages):
        return Judgement(verdict=Verdict.GREEN, exit_code=0)
    return Judgement(verdict=Verdict.NOTHING, exit_code=0, reasons=("no case passed",))


def combine(judgements: Iterable[Judgement]) -> Judgement:
    """Over several processes or phases: usage > interrupted > red > environment > green > nothing."""
    found = sorted(judgements, key=_rank)
    if not found:
        return Judgement(verdict=Verdict.NOTHING, exit_code=0, reasons=("nothing to run",))
    worst = found[0]
    reasons = dict.fromkeys(r for one in found if one.verdict is worst.verdict for r in one.reasons)
    return Judgement(verdict=worst.verdict, exit_code=worst.exit_code, reasons=tuple(reasons))


def _rank(judgement: Judgement) -> int:
    match judgement.verdict:
        case Verdict.ERROR:
            return 0 if judgement.exit_code == USAGE else 3
        case Verdict.INTERRUPTED:
            return 1
        case Verdict.RED:
            return 2
        case Verdict.GREEN:
            return 4
        case Verdict.NOTHING | Verdict.NOT_RUN:
            return 5


def _usage(fold: Fold, packages: Sequence[PackageResult]) -> Judgement | None:
    """Wrong flags: go says so with 2 and its usage, a test binary in its own words (S52, S53)."""
    for package in packages:
        said = package.attempts[0].output
        if said.startswith("testing: invalid regexp") and not package.cases:
            reason = said.split("\n", 1)[0]
            return Judgement(verdict=Verdict.ERROR, exit_code=USAGE, reasons=(reason,))
    if fold.exit_code == 2 and not fold.events:
        return Judgement(verdict=Verdict.ERROR, exit_code=USAGE, reasons=(go_message(fold.stderr),))
    return None


def _without_events(fold: Fold) -> Judgement:
    """go failed before any package: the module is broken, or the machine (S52)."""
    message = go_message(fold.stderr)
    if go_fault(fold.stderr) is GoFault.ENVIRONMENT:
        return Judgement(verdict=Verdict.ERROR, exit_code=ENVIRONMENT, reasons=(message,))
    return Judgement(verdict=Verdict.RED, exit_code=1, reasons=(message,))


def _red_reasons(fold: Fold, packages: Sequence[PackageResult]) -> Iterable[str]:
    red = [package for package in packages if package.red]
    for package in red:
        yield f"{package.path}: {_in_words(package)}"
    bad = [package for package in packages if not package.red and not package.explained]
    for package in bad:
        yield from _bad_cases(package)
    explained = red or any(p.attempts[0].result.red for p in packages)
    if fold.exit_code and not explained:
        said = go_message(fold.stderr)[:2000]
        yield f"go {exited(fold.exit_code)} without a reason: {said}"


def _in_words(package: PackageResult) -> str:
    attempt = package.attempts[0]
    result = package.result
    if result is PackageOutcome.FAIL:
        failed = sum(c.outcome is Outcome.FAIL for c in package.remarkable if not c.fold)
        return f"{failed} failed" if failed else "failed"
    return f"{result.value}: {attempt.message}" if attempt.message else result.value


def _bad_cases(package: PackageResult) -> Iterable[str]:
    """Red cases in a package that calls itself green: a green end outweighs none of them."""
    for outcome, words in (
        (Outcome.FAIL, "failed"),
        (Outcome.UNKNOWN, "never ended"),
        (Outcome.NOT_RUN, "did not run"),
    ):
        names = [c.name for c in package.remarkable if not c.fold and c.outcome is outcome]
        if names:
            more = f" and {len(names) - 10} more" if len(names) > 10 else ""
            yield f"{package.path}: {words}: {', '.join(names[:10])}{more}"


def _proves_something(package: PackageResult) -> bool:
    """A case passed, or plain text says ``ok`` without naming its cases."""
    if package.result is not PackageOutcome.PASS:
        return False
    told = [case for case in package.remarkable if not case.fold]  # S69: a fold proves nothing
    simply = leaves(package.cases) > len(told)
    # S87: below a test that passed, and that means to see them fail.
    simply |= any(case.fold and case.outcome is Outcome.FAIL for case in package.remarkable)
    return simply or not package.cases or any(case.outcome is Outcome.PASS for case in told)
