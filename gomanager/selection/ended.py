"""What the result of a package says for the ledger: green, red, or nothing, and the doubts."""

from msgspec import Struct

from gomanager.results import Outcome, PackageOutcome, PackageResult, Purpose


class Ended(Struct, frozen=True, kw_only=True):
    """What a package result says about its inputs."""

    green: bool
    red: bool
    doubt: str = ""
    tests_run: int = 0
    tests_skipped: int = 0


def ended(package: PackageResult, *, expected: bool, filtered: bool) -> Ended:
    """Judge one package result; ``expected``: the phase has test functions in it.

    Neither green nor red: it says nothing (cached, stopped, never started).
    """
    firsts = [a for a in package.attempts if a.purpose is Purpose.FIRST]
    good = (PackageOutcome.PASS, PackageOutcome.EMPTY)
    if not firsts or any(a.cached for a in firsts):
        return Ended(green=False, red=False)
    leaves = [case for case in package.cases if not case.fold]
    outcomes = [a.outcome for case in package.cases for a in case.attempts]
    run = sum(case.outcome is Outcome.PASS for case in leaves)
    skipped = sum(case.outcome is Outcome.SKIP for case in leaves)
    if any(a.result not in good for a in firsts) or package.red or Outcome.FAIL in outcomes:
        started = any(a.result is not PackageOutcome.MISSING for a in firsts)
        return Ended(green=False, red=started, tests_run=run, tests_skipped=skipped)
    doubt = ""
    if not all(a.complete for a in firsts):
        doubt = "its last run was not complete"
    elif len(firsts) != len(package.attempts) or package.explained:
        doubt = "it did not pass at its first attempt"
    elif any(case.label is not None for case in package.cases):
        doubt = "one of its tests was not stable"
    elif any(one not in (Outcome.PASS, Outcome.SKIP) for one in outcomes):
        doubt = "some of its tests did not come to their end"
    elif not run and expected:
        doubt = "every test in it was skipped" if skipped else "no test in it ran"
    elif not run and filtered:
        doubt = "no test in it ran"
    return Ended(green=True, red=False, doubt=doubt, tests_run=run, tests_skipped=skipped)
