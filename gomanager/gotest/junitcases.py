"""Test cases of JUnit XML as attempts: failures, reruns, flakes, skips, in all dialects."""

import math
import re
from xml.etree.ElementTree import Element

from msgspec import Struct
from msgspec.structs import replace

from gomanager.gotest.builds import build_failure
from gomanager.gotest.failure import CaseText, case_failures, shown, skip_reason
from gomanager.gotest.fingerprint import fingerprint, normalise
from gomanager.gotest.location import Places
from gomanager.results import Attempt, CaseResult, Failure, Kind, Label, Outcome, Purpose

FINAL = ("failure", "error")
INTERIM = ("rerunFailure", "rerunError", "flakyFailure", "flakyError")
_SKIPPED = frozenset({"notrun", "disabled", "skipped", "ignored"})
_FAILED = frozenset({
    "fail", "failed", "failure", "error", "errored", "broken", "panicked", "crashed", "killed",
    "aborted", "interrupted", "cancelled", "canceled", "timeout", "timedout", "timed_out",
    "undefined", "ko", "nok",
})  # fmt: skip
_NO = frozenset({"false", "no", "0"})
_BUILD_WORDS = re.compile(r"^[(\[](build|vet|setup)\b")
_KINDS = {kind.value: kind for kind in Kind} | {"data_race": Kind.RACE, "log_fatal": Kind.EXIT}


class Cases(Struct, frozen=True, kw_only=True):
    places: Places
    first_process: int
    exit_code: int | None
    path: str

    def case(self, name: str, elements: list[Element]) -> CaseResult:
        """All elements of one name: attempts in document order."""
        attempts: list[Attempt] = []
        for element in elements:
            attempts += self._attempts(element, len(attempts))
        flaky = any(a.outcome is Outcome.FAIL for a in attempts) and (
            attempts[-1].outcome is Outcome.PASS and attempts[-1].purpose is Purpose.RERUN
        )
        failed = attempts[-1].outcome is Outcome.FAIL and len(attempts) > 1
        raced = any(f.kind is Kind.RACE for a in attempts for f in a.failures)
        label = Label.FLAKY if flaky else Label.CONSISTENT if failed else None
        note = None
        if len(elements) > 1 and not flaky and len({a.outcome for a in attempts}) > 1:
            label, note = Label.UNRESOLVED, "the file does not say which process each attempt had"
        return CaseResult(
            name=name,
            attempts=tuple(attempts),
            label=Label.RACE if raced else label,
            note=note,
            file=elements[-1].get("file") or None,
            line=count(elements[-1].get("line")) or None,
        )

    def _attempts(self, element: Element, before: int) -> list[Attempt]:
        """Interim results first or last, as their names say: flaky ones ended in a pass."""
        flaky = [self._failed(element, e) for e in element if e.tag in INTERIM[2:]]
        rerun = [self._failed(element, e) for e in element if e.tag in INTERIM[:2]]
        final = [self._failed(element, e) for e in element if e.tag in FINAL]
        if not final and _says_failed(element):
            final = [self._failed(element, element)]
        if not final and rerun and not flaky:
            ordered = rerun
        elif final:
            last, rest = [_merged(final)], [*flaky, *rerun]
            ordered = [*last, *rest]
        else:
            ordered = [*flaky, *rerun, self._passed(element)]
        fresh = bool(flaky or rerun) or (before > 0 and self.exit_code == 0)
        return [
            replace(
                attempt,
                n=before + i + 1,
                purpose=Purpose.RERUN if fresh and before + i else Purpose.FIRST,
                process=self.first_process + (before + i if fresh else 0),
            )
            for i, attempt in enumerate(ordered)
        ]

    def _passed(self, element: Element) -> Attempt:
        skipped = element.find("skipped")
        skip = skipped is not None or _says(element, _SKIPPED)
        reason = None
        if skipped is not None:
            said = (skipped.get("message") or "", skipped.text or "")
            reason = next((skip_reason(t) or t.strip() for t in said if t.strip()), "")[:1000]
        return _attempt(
            Outcome.SKIP if skip else Outcome.PASS,
            element,
            output=text_of(element, "system-out") if self.places.asked.keep_output else "",
            reason=reason or None,
        )

    def _failed(self, case: Element, element: Element) -> Attempt:
        unknown = element.get("type") == "unknown"
        text = _failure_text(element)
        failures = (self._failure(case, element),)
        return _attempt(
            Outcome.UNKNOWN if unknown else Outcome.FAIL,
            case,
            failures=() if unknown else failures,
            output=text_of(element, "system-out") or text_of(case, "system-out") or text,
            reason=element.get("message") if unknown else None,
        )

    def failures(self, case: Element) -> tuple[Failure, ...]:
        """Those of a package event: compiler text is no assertion."""
        found = [element for element in case if element.tag in FINAL]
        word = _BUILD_WORDS.search(name_of(case))
        if word is None:
            return tuple(self._failure(case, element) for element in found)
        texts = (_failure_text(e) or e.get("message") or "" for e in found)
        return tuple(build_failure(word[1], text, self.places).failure for text in texts)

    def _failure(self, case: Element, element: Element) -> Failure:
        text, name = _failure_text(element), name_of(case)
        said = (element.get("message") or "").strip()
        package = self.path.removeprefix(self.places.asked.module or "\0").lstrip("/")
        found = _from_text(name, text, self.places, package)
        own = _KINDS.get((element.get("type") or "").lower())
        if own is Kind.UNKNOWN or (own is None and found):
            own = found[0].kind if found else own
        kind = own or (Kind.ASSERTION if element.tag.endswith("ailure") else Kind.UNKNOWN)
        message = said if said and said not in _EMPTY_WORDS else ""
        best = next((f for f in found if f.kind is kind), None)
        message = (best.message if best and not message else message) or _first_line(text) or said
        mark = fingerprint(kind, package, name, normalise(message))
        place = (best.file, best.line) if best else (None, None)
        if place[0] is None and case.get("file"):
            place = (case.get("file"), count(case.get("line")) or None)
        return Failure(
            kind=kind,
            message=message[:1000] or "failed",
            text=text,
            file=place[0],
            line=place[1],
            fingerprint=best.fingerprint if best else mark,
        )


_EMPTY_WORDS = frozenset(
    {"Failed", "failed", "Failure", "Error", "Build error", "Runtime error", "No test result found"}
)
_TRIMMED = 4


def _from_text(name: str, text: str, places: Places, package: str) -> tuple[Failure, ...]:
    """Go's own words inside the text; some writers cut the first indentation off."""
    for candidate in (text, "\n".join(" " * _TRIMMED + line for line in text.split("\n"))):
        pieces = CaseText(name=name, pieces=(("", candidate),), died="goroutine " in text)
        found = case_failures(pieces, places, package)
        if found:
            return found
    return ()


def _merged(final: list[Attempt]) -> Attempt:
    """Several failures of one attempt."""
    outcome = min((a.outcome for a in final), key=(Outcome.FAIL, Outcome.UNKNOWN).index)
    return replace(final[0], outcome=outcome, failures=tuple(f for a in final for f in a.failures))


def _attempt(
    outcome: Outcome,
    case: Element,
    *,
    failures: tuple[Failure, ...] = (),
    output: str = "",
    reason: str | None = None,
) -> Attempt:
    return Attempt(
        n=1,
        purpose=Purpose.FIRST,
        process=1,
        outcome=outcome,
        duration_ms=milliseconds(case.get("time")),
        failures=failures,
        output=shown(output),
        reason=reason,
    )


def _says(element: Element, words: frozenset[str]) -> bool:
    """Whether an attribute of dialects is one of the words."""
    return any((element.get(key) or "").lower() in words for key in ("status", "result"))


def _says_failed(element: Element) -> bool:
    """A word for it, or what NUnit calls ``success``."""
    denied = any((element.get(key) or "").lower() in _NO for key in ("success", "passed"))
    return (denied and element.find("skipped") is None) or _says(element, _FAILED)


def failures_shown(element: Element) -> int:
    """How many failures a case holds: one for all its other attempts, or where it only says so."""
    held = sum(child.tag in FINAL for child in element)
    told = any(child.tag in INTERIM for child in element) or _says_failed(element)
    return held or int(told)


def name_of(element: Element) -> str:
    return element.get("name") or "(unnamed)"


def _failure_text(element: Element) -> str:
    trace = element.find("stackTrace")
    text = element.text or ""
    if trace is not None and not text.strip():
        text = trace.text or ""
    return text.strip("\n")


def _first_line(text: str) -> str:
    lines = (line.strip() for line in shown(text).split("\n"))
    return next((line for line in lines if line and not line.startswith("# ")), "")


def text_of(element: Element, tag: str) -> str:
    child = element.find(tag)
    return (child.text or "") if child is not None else ""


def count(text: str | None) -> int:
    """A number as tools write it, ``1,234`` or ``1.0``; 0 for what is none."""
    text = (text or "").strip().replace(",", "")
    whole, _, rest = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) < 12):
        return 0
    return int(whole) if not rest.strip("0") else 0


def milliseconds(text: str | None) -> int | None:
    """Seconds as written by people: ``1,234.5``, ``-0.0``, empty, missing."""
    try:
        seconds = float((text or "").strip().replace(",", ""))
    except ValueError:
        return None
    return max(0, round(seconds * 1000)) if math.isfinite(seconds) and seconds < 1e9 else None
