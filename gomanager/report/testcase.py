"""Cases and package-level events as JUnit testcases: what each counts as, and its elements.

The order of elements is Surefire's schema, a sequence; so are ``flakyFailure`` and ``rerunFailure``.
"""

from collections.abc import Iterable, Iterator

import msgspec

from gomanager.report.columns import Passed, leaves, told
from gomanager.report.model import (
    AttemptInfo,
    CaseInfo,
    FailureInfo,
    PackageAttemptInfo,
    PackageInfo,
    PhaseInfo,
)
from gomanager.results import Kind, Label, Outcome, PackageOutcome
from gomanager.text import cut_bytes, first_line, for_xml, for_xml_attribute

TEXT_BYTES = 64 * 1024
_TYPES = {Kind.RACE: "data_race"}
_WORDS = {
    PackageOutcome.BUILD: "(build)",
    PackageOutcome.VET: "(build)",
    PackageOutcome.SETUP: "(setup)",
}
_ORDER = (
    "failure", "rerunFailure", "flakyFailure", "skipped", "error", "rerunError", "flakyError",
    "system-out",
)  # fmt: skip


class Element(msgspec.Struct, frozen=True, kw_only=True):
    """A child of a testcase."""

    name: str
    xml: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One testcase; ``counts_as`` is failure, error, skipped or pass."""

    name: str
    counts_as: str
    duration_ms: int | None = None
    file: str | None = None
    line: int | None = None
    properties: tuple[tuple[str, str], ...] = ()
    body: tuple[Element, ...] = ()


def entries(phase: PhaseInfo, package: PackageInfo) -> Iterator[Entry | Passed]:
    """The testcases of a package: its own events first, then its cases; folds are left out.

    Those that simply passed stay together.
    """
    yield from _package_entries(phase, package)
    for one in leaves(package.cases):
        yield _case_entry(one, package) if isinstance(one, CaseInfo) else one


def broken(name: str, message: str, text: str) -> Entry:
    """A testcase for something that has no case: it counts as an error."""
    failure = _made_up(Kind.EXIT, message, text)
    return Entry(name=name, counts_as="error", duration_ms=0, body=(_final((failure,)),))


def _case_entry(case: CaseInfo, package: PackageInfo) -> Entry:
    told = case.attrs or (case.attempts and case.attempts[-1].output)
    if len(case.attempts) == 1 and case.outcome is Outcome.PASS and not told:
        # Nearly all of them: nothing to look for, nothing to sort.
        return Entry(
            name=case.name,
            counts_as="pass",
            duration_ms=case.duration_ms,
            file=case.file,
            line=case.line,
        )
    failed = [a for a in case.attempts if a.outcome in (Outcome.FAIL, Outcome.UNKNOWN)]
    counts_as, body = _judged(case, package, failed)
    return Entry(
        name=case.name,
        counts_as=counts_as,
        duration_ms=case.duration_ms,
        file=case.file,
        line=case.line,
        properties=tuple(_properties(case)),
        body=tuple(sorted(body, key=lambda element: _ORDER.index(element.name))),
    )


def _judged(
    case: CaseInfo, package: PackageInfo, failed: list[AttemptInfo]
) -> tuple[str, list[Element]]:
    match case.outcome:
        case Outcome.PASS:
            again = [_again("flaky", attempt) for attempt in failed]
            return "pass", [*again, *_printed(case.attempts[-1])]
        case Outcome.FAIL | Outcome.UNKNOWN:
            first, *others = failed or case.attempts[-1:]
            final = _final(_reasons(first), ended=case.outcome is Outcome.FAIL)
            body = [final, *(_again("rerun", attempt) for attempt in others)]
            return final.name, [*body, *_printed(first)]
        case Outcome.NOT_RUN if not package.result.red and "/" not in case.name:
            # A function that should have run in a package that calls itself green: red.
            message = case.attempts[-1].reason or "did not run"
            return "error", [_final((_made_up(Kind.UNKNOWN, message, ""),))]
        case Outcome.SKIP | Outcome.NOT_RUN:
            again = [_again("flaky", attempt) for attempt in failed]
            return "skipped", [*again, _skipped(case), *_printed(case.attempts[-1])]


def _properties(case: CaseInfo) -> Iterator[tuple[str, str]]:
    if len(case.attempts) > 1:
        yield "attempts", str(len(case.attempts))
    if case.label is not None:
        yield "label", case.label.value
    if case.outcome in (Outcome.UNKNOWN, Outcome.NOT_RUN) or case.label is Label.FLAKY:
        yield "verdict", "flaky" if case.label is Label.FLAKY else case.outcome.value
    if case.owner:
        yield "owner", case.owner
    prints = dict.fromkeys(f.fingerprint for a in case.attempts for f in a.failures)
    yield from (("fingerprint", mark) for mark in list(prints)[:1] if mark)
    yield from ((f"attr.{key}", value) for key, value in case.attrs.items())


def _reasons(attempt: AttemptInfo) -> tuple[FailureInfo, ...]:
    """The failures of an attempt; one at least."""
    message = attempt.reason or "started, and no end came"
    return attempt.failures or (_made_up(Kind.UNKNOWN, message, ""),)


def _final(failures: tuple[FailureInfo, ...], *, ended: bool = False) -> Element:
    name = "failure" if _complained(failures[0], ended=ended) else "error"
    text = for_xml(_text(failures))
    return Element(name=name, xml=f"<{name}{_head(failures[0])}>{text}</{name}>")


def _again(prefix: str, attempt: AttemptInfo) -> Element:
    failures = _reasons(attempt)
    ended = attempt.outcome is Outcome.FAIL
    word = "Failure" if _complained(failures[0], ended=ended) else "Error"
    output = _system_out(attempt.output) if attempt.output.strip() else ""
    return _traced(f"{prefix}{word}", failures, output)


def _complained(failure: FailureInfo, *, ended: bool) -> bool:
    """t.Error and its kin; t.Fail alone leaves no message, but the case has ended."""
    return failure.kind is Kind.ASSERTION or (ended and failure.kind is Kind.UNKNOWN)


def _traced(name: str, failures: tuple[FailureInfo, ...], output: str = "") -> Element:
    trace = f"<stackTrace>{for_xml(_text(failures))}</stackTrace>"
    return Element(name=name, xml=f"<{name}{_head(failures[0])}>{trace}{output}</{name}>")


def _head(failure: FailureInfo) -> str:
    message = first_line(failure.message) or failure.kind.value
    kind = _TYPES.get(failure.kind, failure.kind.value)
    return f' message="{for_xml_attribute(message)}" type="{kind}"'


def _text(failures: Iterable[FailureInfo]) -> str:
    """What every reader shows: it begins with the message, and is never empty (GitLab)."""
    parts = []
    for failure in failures:
        message = first_line(failure.message) or failure.kind.value
        text = failure.text.strip("\n")
        parts.append(text if text.lstrip().startswith(message) else f"{message}\n{text}".rstrip())
    return cut_bytes("\n\n".join(parts), TEXT_BYTES, head=0.25, where="report.json")


def _skipped(case: CaseInfo) -> Element:
    reason = case.attempts[-1].reason or ("did not run" if case.outcome is Outcome.NOT_RUN else "")
    message = for_xml_attribute(first_line(reason))
    xml = f'<skipped message="{message}"/>' if message else "<skipped/>"
    return Element(name="skipped", xml=xml)


def _printed(attempt: AttemptInfo) -> Iterator[Element]:
    """What was kept of its output: that of a case that passed only on request."""
    if attempt.output.strip():
        yield Element(name="system-out", xml=_system_out(attempt.output))


def _system_out(text: str) -> str:
    cut = cut_bytes(text, TEXT_BYTES, head=0.25, where="report.json")
    return f"<system-out>{for_xml(cut)}</system-out>"


def _package_entries(phase: PhaseInfo, package: PackageInfo) -> Iterator[Entry]:
    """Package-level events as cases of their own, so that none is invisible."""
    first = package.attempts[0] if package.attempts else None
    if package.explained:
        if first is not None and not any(c.label is Label.FLAKY for c in told(package.cases)):
            failures = first.failures or (_made_up(Kind.EXIT, first.message or "failed", ""),)
            element = _traced("flakyError", failures)
            yield Entry(name=_package_word(first), counts_as="pass", body=(element,))
        return
    deciding = next((a for a in package.attempts if a.result is package.result), first)
    failures = deciding.failures if deciding else ()
    if not package.result.red or (not failures and _has_failed(package)):
        return
    if not failures:
        message = package.message or package.note or f"{package.result.value}: no reason was given"
        failures = (_made_up(Kind.EXIT, message, "\n".join(phase.side_text[-20:])),)
    body = _final(failures)
    name = _package_word(deciding) if deciding else "(exit)"
    yield Entry(name=name, counts_as=body.name, duration_ms=0, body=(body,))


def _has_failed(package: PackageInfo) -> bool:
    bad = (Outcome.FAIL, Outcome.UNKNOWN)
    return any(c.outcome in bad for c in told(package.cases) if not c.fold)


def _package_word(attempt: PackageAttemptInfo) -> str:
    word = _WORDS.get(attempt.result)
    if word:
        return word
    if any(failure.kind is Kind.TIMEOUT for failure in attempt.failures):
        return "(timeout)"
    before = "before its first test" in (attempt.message or "")
    hollow = attempt.result in (PackageOutcome.HOLLOW, PackageOutcome.MASKED)
    return "(TestMain)" if hollow or before else "(exit)"


def _made_up(kind: Kind, message: str, text: str) -> FailureInfo:
    return FailureInfo(kind=kind, message=message, text=text, file=None, line=None, fingerprint="")
