"""A phase result as rows, still by name: made before the database is locked."""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from gomanager.case import leaves
from gomanager.results import (
    Attempt,
    CaseResult,
    Failure,
    Kind,
    Outcome,
    PackageAttempt,
    PackageResult,
    PhaseResult,
)
from gomanager.selection.ledger import Record
from gomanager.store import codes, texts
from gomanager.store.protocol import PackageKey

UNNAMED = "(unnamed)"
"""A case without a name, from a foreign file: the empty name stands for the package."""


class Reason(Struct, frozen=True, kw_only=True):
    """A failure made ready outside the transaction: masked, cut and compressed."""

    fingerprint: str
    kind: str
    message: str
    file: str | None
    line: int | None
    text: texts.StoredText | None


class Rows(Struct):
    """The rows of one package, still by name; results: (name, attempt, outcome, …)."""

    mask: texts.Mask
    packages: list[tuple[int | None, ...]] = field(default_factory=list)
    results: dict[str, list[tuple[int | None, ...]]] = field(default_factory=dict)
    failures: list[tuple[str, int, int, Reason]] = field(default_factory=list)


class Prepared(Struct, frozen=True, kw_only=True):
    """A phase result as rows; :func:`prepare` makes it, :func:`write` stores it."""

    phase: PhaseResult
    attempt_key: str
    argv: str
    flags: str
    rows: dict[PackageKey, Rows]
    ledger: tuple[tuple[Record, bytes | None], ...] = ()
    learned: Mapping[PackageKey, Iterable[str]] = field(default_factory=dict)
    variables: Mapping[PackageKey, Mapping[str, str]] = field(default_factory=dict)


def prepare(phase: PhaseResult, attempt_key: str, mask: texts.Mask) -> Prepared:
    """The slow part: nothing is folded, masked or compressed while the database is locked."""
    rows: dict[PackageKey, Rows] = {}
    for package in phase.packages:
        key = PackageKey(package.module, package.path)
        _package(package, rows.setdefault(key, Rows(mask=mask)))
    return Prepared(
        phase=phase,
        attempt_key=attempt_key,
        argv=texts.lines(phase.commands, mask),
        flags=texts.flags(phase.flags, mask),
        rows=rows,
    )


def _package(package: PackageResult, into: Rows) -> None:
    cases = leaves(package.cases)
    for attempt in package.attempts:
        number = len(into.packages) + 1
        into.packages.append(_package_row(package, attempt, number, cases))
        reasons = _package_reasons(attempt, into.mask)
        into.failures += [("", number, rank, reason) for rank, reason in enumerate(reasons)]
    # S57: a cached process replays old events; they are no attempts
    cached = {attempt.process for attempt in package.attempts if attempt.cached}
    for case in package.cases:
        _case(case, into, cached)


def _package_row(
    package: PackageResult, attempt: PackageAttempt, number: int, cases: int
) -> tuple[int | None, ...]:
    return (
        number,
        codes.PACKAGE_CODE[attempt.result],
        codes.PURPOSE_CODE[attempt.purpose],
        attempt.process,
        None if attempt.cached else _bounded(attempt.duration_ms),
        _signed(attempt.seed),
        attempt.complete,
        attempt.cached,
        package.explained,
        package.build_only,
        attempt.cpu_ms,
        attempt.peak_bytes,
        None if attempt.peak_bytes is None else len(attempt.left),
        cases,
    )


def _signed(seed: int | None) -> int | None:
    """SQLite's integers have 64 bits with a sign; a seed from a foreign stream may not fit."""
    return seed if seed is not None and -(2**63) <= seed < 2**63 else None


def _bounded(ms: int | None) -> int | None:
    """Milliseconds from a foreign stream: nothing negative, nothing above 34 years."""
    return None if ms is None else min(max(ms, 0), 2**40)


def _package_reasons(attempt: PackageAttempt, mask: texts.Mask) -> list[Reason]:
    if attempt.failures:
        return [_reason(failure, mask) for failure in attempt.failures]
    if attempt.result.broken:
        return [_bare(attempt.message or "", mask)]
    return []


def _case(case: CaseResult, into: Rows, cached: set[int]) -> None:
    name = case.name or UNNAMED
    rows = into.results.setdefault(name, [])
    for attempt in (a for a in case.attempts if a.process not in cached):
        # Foreign streams may number twice; the key must hold whatever they say.
        number = max(attempt.n, int(rows[-1][0] or 0) + 1 if rows else 1)
        rows.append(
            (
                number,
                codes.OUTCOME_CODE[attempt.outcome],
                codes.PURPOSE_CODE[attempt.purpose],
                attempt.process,
                case.fold,
                _bounded(attempt.duration_ms),
            )
        )
        if not case.fold:
            reasons = enumerate(_case_reasons(attempt, into.mask))
            into.failures += [(name, number, rank, reason) for rank, reason in reasons]


def _case_reasons(attempt: Attempt, mask: texts.Mask) -> list[Reason]:
    """Failed and unfinished attempts always have a row: it is the index of what was red."""
    if attempt.outcome not in (Outcome.FAIL, Outcome.UNKNOWN):
        return []
    if attempt.failures:
        return [_reason(failure, mask) for failure in attempt.failures]
    return [_bare(attempt.reason or "", mask)]


def _bare(message: str, mask: texts.Mask) -> Reason:
    return _reason(Failure(kind=Kind.UNKNOWN, message=message, text=""), mask)


def _reason(failure: Failure, mask: texts.Mask) -> Reason:
    return Reason(
        fingerprint=failure.fingerprint or f"{failure.kind}:",
        kind=failure.kind,
        message=texts.message(failure.message, mask),
        file=failure.file,
        line=failure.line,
        text=texts.pack(failure.text, mask) if failure.text else None,
    )
