"""Why a package failed, where no case carries the reason, in one line and in full."""

from collections.abc import Sequence

from gomanager.gotest.crash import Crash, find_crash, last_words
from gomanager.gotest.failure import crash_failure, race_failure, shown
from gomanager.gotest.fingerprint import fingerprint, normalise
from gomanager.gotest.races import races
from gomanager.gotest.settled import Settling
from gomanager.results import Failure, Kind, PackageOutcome

_NAMES = 20
_UNTOLD = "failed, and the text does not say why"


def package_failures(settling: Settling) -> tuple[Failure, ...]:
    """Failures of the package itself; empty where its cases say it all."""
    match settling.settled.result:
        case PackageOutcome.DIED:
            return _died(settling)
        case PackageOutcome.LATE:
            return _late(settling)
        case PackageOutcome.HOLLOW:
            message = "left with 0 without running its tests: use t.Skip to say so"
            return (_said(settling, Kind.EXIT, message),)
        case PackageOutcome.MASKED:
            message = (
                "a test failed, and the package's exit code 0 hides it: TestMain drops the code"
            )
            return (_said(settling, Kind.EXIT, message),)
        case _:
            return ()


def package_message(
    settling: Settling,
    failures: Sequence[Failure],
    missing: Sequence[str],
    *,
    hollow_ok: bool,
) -> str | None:
    """One line, ``None`` where nothing is to be said."""
    if hollow_ok:
        return "not tested: TestMain left with 0 without running tests, as its phase allows"
    if failures:
        return failures[0].message
    crash = settling.settled.crash
    if crash is not None:
        return crash.message
    if settling.settled.result is PackageOutcome.DIED:
        return f"{_exited(settling) or 'a test'} ended the process (os.Exit or log.Fatal)"
    if missing:
        more = f" and {len(missing) - _NAMES} more" if len(missing) > _NAMES else ""
        return f"did not run: {', '.join(missing[:_NAMES])}{more}"
    return None


def _died(settling: Settling) -> tuple[Failure, ...]:
    settled = settling.settled
    crash = settled.crash
    owned = any(ending.crash or ending.exited for ending in settled.endings.values())
    if crash is not None:
        blamed = owned or (settled.holder is not None and _holder_failed(settling))
        return () if blamed else (_crashed(settling, crash),)
    if owned:
        return ()
    if not settled.run.end:
        left = next((case.name for case in settled.run.cases if case.own_summary), None)
        if left is not None:  # S81
            return (_said(settling, Kind.EXIT, f"the process left with 0 while {left} ran"),)
        return (_said(settling, Kind.UNKNOWN, "its end never came: the stream was cut short"),)
    words = last_words(shown(settled.run.text)) or _only_words(settling)
    if settled.run.text.startswith("testing: invalid regexp"):  # S53
        words = settled.run.text.split("\n", 1)[0]
    if _untold(settling, words):
        return (_said(settling, Kind.UNKNOWN, _UNTOLD),)
    where = "before its first test ran" if not settled.run.runs else "before its tests were done"
    message = f"the process left {where}"
    return (_said(settling, Kind.EXIT, f"{message}: {words}" if words else message),)


def _exited(settling: Settling) -> str | None:
    endings = settling.settled.endings
    cases = settling.settled.run.cases
    return next((c.name for c in cases if id(c) in endings and endings[id(c)].exited), None)


def _only_words(settling: Settling) -> str:
    """S20: the last line of the only case whose output says something; it proves no culprit."""
    open_cases = [case for cases in settling.settled.run.open.values() for case in cases]
    said = [words for words in (last_words(shown(case.text)) for case in open_cases) if words]
    return said[0] if len(said) == 1 else ""


def _holder_failed(settling: Settling) -> bool:
    holder = settling.settled.holder
    return holder is not None and settling.settled.outcome(holder).value == "fail"


def _late(settling: Settling) -> tuple[Failure, ...]:
    settled = settling.settled
    found = races(settled.run.text)
    if found:  # S36
        return tuple(race_failure(race, settling.places, settling.package) for race in found)
    crash = settled.crash or find_crash(settled.run.text)
    if crash is not None:
        owned = any(ending.crash for ending in settled.endings.values())
        return () if owned else (_crashed(settling, crash),)
    words = last_words(shown(_behind_bare(settling)))
    if _untold(settling, words):
        return (_said(settling, Kind.UNKNOWN, _UNTOLD),)
    message = "failed after its tests had passed"
    if settled.run.bare and settled.run.bare[-1][0] == "FAIL":  # S79
        message = "failed although no test failed"
    return (_said(settling, Kind.EXIT, f"{message}: {words}" if words else message),)


def _untold(settling: Settling, words: str) -> bool:
    """Text without a name of any case, and without a word about the package."""
    run = settling.settled.run
    return run.plain and not run.runs and not words


def _behind_bare(settling: Settling) -> str:
    run = settling.settled.run
    begin = run.bare[-1][1] + 1 if run.bare else 0
    return "".join(text for _, text in run.text_pieces[begin:])


def _crashed(settling: Settling, crash: Crash) -> Failure:
    return crash_failure(crash, settling.places, settling.package, "")


def _said(settling: Settling, kind: Kind, message: str) -> Failure:
    text = shown(settling.settled.run.text).rstrip("\n")
    key = normalise(message)
    mark = fingerprint(kind, settling.package, settling.settled.result.value, key)
    return Failure(kind=kind, message=message[:1000], text=text, fingerprint=mark)
