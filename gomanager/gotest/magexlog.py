"""magex's own CI results (``ci-results.jsonl``): failures only, so nothing here proves a pass.

Types: mage-x pkg/mage/ci_reporter_json.go and ci_types.go at commit ccc29fa.
"""

import msgspec

from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.failure import CaseText, case_failures
from gomanager.gotest.fingerprint import fingerprint, normalise
from gomanager.gotest.location import Places
from gomanager.results import (
    Attempt,
    CaseResult,
    Failure,
    Kind,
    Outcome,
    PackageAttempt,
    PackageOutcome,
    PackageResult,
)

_KINDS = {
    "build": Kind.BUILD, "panic": Kind.PANIC, "race": Kind.RACE, "timeout": Kind.TIMEOUT,
    "fatal": Kind.EXIT, "test": Kind.ASSERTION, "fuzz": Kind.ASSERTION,
}  # fmt: skip


_OURS = (b'{"type":"failure"', b'{"type":"summary"')


class _Found(msgspec.Struct):
    package: str = ""
    test: str = ""
    error: str = ""
    output: str = ""
    type: str = ""
    file: str = ""
    line: int = 0


class _Summary(msgspec.Struct):
    status: str = ""
    failed: int = 0
    passed: int = 0
    exit_code: int = 0

    @property
    def claims(self) -> int:
        """An exit code: its own, or what its other fields amount to."""
        return max(self.exit_code, self.failed, int(self.status in ("failed", "error")))


class _Line(msgspec.Struct):
    type: str
    failure: _Found | None = None
    summary: _Summary | None = None


def read_magex(data: bytes, asked: Asked, exit_code: int | None) -> Fold:
    """The failures as cases; the summary only ever makes things worse."""
    decode = msgspec.json.Decoder(_Line).decode
    cases: dict[str, list[_Found]] = {}
    claimed, open_, aside = 0, 0, list[str]()
    for raw in data.splitlines():
        try:
            line = decode(raw)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            aside.append(raw[:4096].decode("utf-8", "replace"))
            if raw.startswith(_OURS):  # torn, or of types that we do not know
                claimed = max(claimed, 1)
            continue
        open_ += (line.type == "start") - (line.type == "summary")
        if line.failure is not None:
            cases.setdefault(line.failure.package or asked.nameless, []).append(line.failure)
        if line.summary is not None:
            claimed = max(claimed, line.summary.claims)
    if open_ > 0:  # it was ended before it could sum up
        claimed = max(claimed, 1)
    packages = tuple(
        _package(asked, path, found, asked.first_process + i)
        for i, (path, found) in enumerate(cases.items())
    )
    note = "magex records failures only: passing cases, packages and times are not in this file"
    return Fold(
        packages=packages,
        side_text=tuple(aside),
        anomalies=(note,),
        exit_code=exit_code or claimed or exit_code,
        events=1,
        next_process=asked.first_process + len(packages),
    )


def _package(asked: Asked, path: str, found: list[_Found], process: int) -> PackageResult:
    places = Places(asked=asked, package=path)
    cases = [one for one in found if one.test]
    broken = tuple(_failure(one, places) for one in found if not one.test)
    build = any(f.kind is Kind.BUILD for f in broken)
    result = PackageOutcome.FAIL
    if broken:
        result = PackageOutcome.BUILD if build else PackageOutcome.DIED
    attempt = PackageAttempt(
        n=1,
        purpose=asked.purpose,
        process=process,
        result=result,
        complete=False,
        message=broken[0].message if broken else None,
        failures=broken,
    )
    by_name: dict[str, list[_Found]] = {}
    for one in cases:
        by_name.setdefault(one.test, []).append(one)
    return PackageResult(
        path=path,
        module=asked.module,
        attempts=(attempt,),
        cases=tuple(_case(name, same, places, process) for name, same in by_name.items()),
    )


def _case(name: str, found: list[_Found], places: Places, process: int) -> CaseResult:
    """Equal names are passes over build tags: attempts side by side."""
    attempts = tuple(
        Attempt(
            n=i + 1,
            purpose=places.asked.purpose,
            process=process,
            outcome=Outcome.FAIL,
            duration_ms=None,
            failures=(_failure(one, places),),
            output=one.output,
        )
        for i, one in enumerate(found)
    )
    return CaseResult(name=name, attempts=attempts)


def _failure(one: _Found, places: Places) -> Failure:
    text = one.output or one.error
    died = "goroutine " in text
    pieces = CaseText(name=one.test, pieces=(("", text),), died=died)
    read = case_failures(pieces, places, places.package)
    kind = _KINDS.get(one.type, read[0].kind if read else Kind.UNKNOWN)
    message = (read[0].message if read else one.error.strip()) or "failed"
    place = (read[0].file, read[0].line) if read else (one.file or None, one.line or None)
    return Failure(
        kind=kind,
        message=message[:1000],
        text=text,
        file=place[0],
        line=place[1],
        fingerprint=fingerprint(kind, places.package, one.test, normalise(message)),
    )
