"""JUnit XML of any tool as packages and cases.

Attempts: ``flakyFailure`` and ``rerunFailure`` say that their processes were fresh ones. Cases of
equal name in one suite are attempts too, but nothing says so of them: the worst counts there.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from msgspec import Struct
from msgspec.structs import replace

from gomanager.errors import UsageError
from gomanager.gotest.asked import Asked, Fold
from gomanager.gotest.failure import CaseText
from gomanager.gotest.fingerprint import fingerprint
from gomanager.gotest.junitcases import (
    FINAL,
    INTERIM,
    Cases,
    count,
    failures_shown,
    milliseconds,
    name_of,
    text_of,
)
from gomanager.gotest.ledger import side_by_side
from gomanager.gotest.location import Places
from gomanager.gotest.xmltree import parse
from gomanager.results import (
    CaseResult,
    Failure,
    Kind,
    Outcome,
    PackageAttempt,
    PackageOutcome,
    PackageResult,
    Purpose,
)

_ROOTS = frozenset({"testsuites", "testsuite"})
_OTHERS = {
    "test-run": "NUnit 3", "test-results": "NUnit 2", "TestRun": "TRX", "assemblies": "xUnit.net",
    "assembly": "xUnit.net", "testng-results": "TestNG", "coverage": "a coverage report",
}  # fmt: skip
_PACKAGE_EVENTS = {
    "(build)": PackageOutcome.BUILD, "[build failed]": PackageOutcome.BUILD,
    "(vet)": PackageOutcome.VET, "(setup)": PackageOutcome.SETUP,
    "[setup failed]": PackageOutcome.SETUP, "(TestMain)": PackageOutcome.DIED,
    "TestMain": PackageOutcome.DIED, "(timeout)": PackageOutcome.DIED,
    "(exit)": PackageOutcome.LATE, "[runtime error]": PackageOutcome.DIED, "Failure": PackageOutcome.DIED,
}  # fmt: skip


def read_junit(data: bytes, asked: Asked, name: str, exit_code: int | None = None) -> Fold:
    """Every suite a package; an input without any suite or case is a UsageError."""
    root = parse(data, name)
    if root.tag not in _ROOTS:
        other = _OTHERS.get(root.tag, f"XML with root <{root.tag[:60]}>")
        what = f"this is {other}, not JUnit XML"
        raise UsageError(what, where=name, fix="convert it to JUnit XML first")
    packages: dict[str, PackageResult] = {}
    process = asked.first_process
    for suite in _suites(root):
        found = _Suite(suite=suite, asked=asked, process=process, exit_code=exit_code).package()
        if found is None:
            continue
        process += 1 + max((a.n for c in found.cases for a in c.attempts), default=1)
        known = packages.get(found.path)
        packages[found.path] = _together(known, found) if known else found
    if not packages:
        what = "this JUnit XML holds no test result"
        raise UsageError(what, where=name)
    unseen = None if any(one.result.red for one in packages.values()) else _unseen(root)
    if unseen:
        packages[""] = _around(unseen, asked, process)
        process += 1
    return Fold(
        packages=tuple(packages.values()), exit_code=exit_code, events=1, next_process=process
    )


def _suites(root: Element) -> Iterator[Element]:
    """Suites that hold cases or claim something themselves, nested ones too."""
    from junitparser.xunit2 import JUnitXml  # 53 ms that a stream does without

    if root.tag == "testsuites" and root.find("testcase") is not None:
        yield root
    waiting = list(JUnitXml.fromroot(root))[::-1]  # type: ignore[arg-type]
    while waiting:
        suite = waiting.pop()
        inner = list(suite.testsuites())  # type: ignore[no-untyped-call]
        waiting += reversed(inner)
        # Its typed attributes refuse what dialects write ("1,234.5"): these are read from the tree.
        if not inner or suite._elem.find("testcase") is not None:
            yield suite._elem


def _unseen(root: Element) -> str | None:
    """What suites around others claim and none of the cases below them shows."""
    for around in root.iter():
        inner = around.tag in _ROOTS and any(child.tag == "testsuite" for child in around)
        if inner and (message := _excess(around)):
            return message
    return None


def _around(message: str, asked: Asked, process: int) -> PackageResult:
    """What speaks of all suites, as a package of its own."""
    attempt = PackageAttempt(
        n=1,
        purpose=Purpose.FIRST,
        process=process,
        result=PackageOutcome.LATE,
        complete=False,
        message=message,
        failures=(_unowned(message),),
    )
    path = f"{asked.nameless} (all suites)"
    return PackageResult(path=path, module=asked.module, attempts=(attempt,), cases=())


def _excess(suite: Element) -> str | None:
    """Failures or cases of a suite that it does not show, in words."""
    claimed = sum(count(suite.get(key)) for key in ("failures", "errors"))
    shown = _shown(suite)
    if claimed > shown:
        return f"the suite claims {claimed} failures, its cases show {shown}"
    if any(child.tag in FINAL for child in suite):
        return "the suite holds a failure that is no case's"
    return _lost(suite)


def _lost(suite: Element) -> str | None:
    """Cases that the suite counts and does not hold: nobody knows how they ended.

    Some writers leave skipped cases out (gotestsum on request), and Catch2, which is known by the
    name of its host, counts assertions.
    """
    claimed = count(suite.get("tests"))
    cases = list(suite.iter("testcase"))
    held = sum(1 + sum(child.tag in INTERIM for child in case) for case in cases)
    if claimed <= held or suite.get("hostname") == "tbd":
        return None
    skipped = max(count(suite.get("skipped")), count(suite.get("disabled")))
    hidden = skipped - sum(case.find("skipped") is not None for case in cases)
    if claimed - max(0, hidden) <= held:
        return None
    return f"the suite claims {claimed} tests and holds {len(cases)}"


def _shown(suite: Element) -> int:
    """Where we look for cases, and nowhere else: a mangled file hides some in other elements."""
    own = sum(map(failures_shown, suite.findall("testcase")))
    return own + sum(map(_shown, suite.findall("testsuite")))


def _unowned(message: str) -> Failure:
    mark = fingerprint(Kind.UNKNOWN, "", "claims")
    return Failure(kind=Kind.UNKNOWN, message=message, text="", fingerprint=mark)


class _Suite(Struct, frozen=True, kw_only=True):
    suite: Element
    asked: Asked
    process: int
    exit_code: int | None

    def package(self) -> PackageResult | None:
        """The suite as one package, ``None`` where it is empty and has no name."""
        elements = self.suite.findall("testcase")
        path = _path(self.suite, elements) or (self.asked.nameless if elements else "")
        if not path:
            return None
        places = Places(asked=self.asked, package=path)
        reader = Cases(
            places=places, path=path, first_process=self.process, exit_code=self.exit_code
        )
        broken = [e for e in elements if _package_event(e)]
        by_name: dict[str, list[Element]] = {}
        for element in elements:
            if element not in broken:
                by_name.setdefault(name_of(element), []).append(element)
        cases = _folded(tuple(reader.case(n, es) for n, es in by_name.items()))
        attempt = self._attempt(cases, [(e, reader.failures(e)) for e in broken])
        explained = attempt.result is PackageOutcome.FAIL and not _bad(cases)
        return PackageResult(
            path=path, module=self.asked.module, attempts=(attempt,), cases=cases,
            explained=explained,
        )  # fmt: skip

    def _attempt(
        self, cases: tuple[CaseResult, ...], broken: list[tuple[Element, tuple[Failure, ...]]]
    ) -> PackageAttempt:
        failed = any(a.outcome is Outcome.FAIL for c in cases for a in c.attempts)
        result = PackageOutcome.FAIL if failed or _bad(cases) else PackageOutcome.PASS
        message, failures = None, tuple(f for _, found in broken for f in found)
        if broken:
            result = _PACKAGE_EVENTS[name_of(broken[0][0])]
            message = failures[0].message if failures else "broken"
        elif message := _excess(self.suite):
            result, failures = PackageOutcome.LATE, (_unowned(message),)
        elif not cases:
            result = PackageOutcome.EMPTY
        return PackageAttempt(
            n=1,
            purpose=Purpose.FIRST,
            process=self.process,
            result=result,
            complete=not result.broken,
            duration_ms=milliseconds(self.suite.get("time")),
            message=message,
            failures=failures,
            output=text_of(self.suite, "system-out"),
        )


def _path(suite: Element, elements: list[Element]) -> str:
    """The import path: the suite's name without our " [phase]", else the cases' classname."""
    name = (suite.get("name") or "").strip()
    classes = {(e.get("classname") or "").strip() for e in elements}
    if len(classes) == 1:
        only = next(iter(classes))
        if not name or (only and (name.startswith(only + " [") or only.endswith("/" + name))):
            return only
    return name.partition(" [")[0] if name.endswith("]") else name


def _package_event(element: Element) -> bool:
    bad = any(child.tag in FINAL for child in element)
    return bad and name_of(element) in _PACKAGE_EVENTS


def _bad(cases: tuple[CaseResult, ...]) -> bool:
    return any(c.outcome in (Outcome.FAIL, Outcome.UNKNOWN) for c in cases if not c.fold)


def _folded(cases: tuple[CaseResult, ...]) -> tuple[CaseResult, ...]:
    """Parents that say nothing themselves beside their subtests (S14)."""
    outcomes: dict[str, list[Outcome]] = {}
    names = {case.name for case in cases}
    for case in cases:
        parent = case.name.rpartition("/")[0]
        while parent and parent not in names:
            parent = parent.rpartition("/")[0]
        outcomes.setdefault(parent, []).append(case.outcome)
    return tuple(
        replace(case, fold=_is_fold(case, outcomes[case.name])) if case.name in outcomes else case
        for case in cases
    )


def _is_fold(case: CaseResult, children: list[Outcome]) -> bool:
    if case.outcome in (Outcome.PASS, Outcome.SKIP):
        return all(a.outcome in (Outcome.PASS, Outcome.SKIP) for a in case.attempts)
    texts = (f.text for a in case.attempts for f in a.failures)
    own = any(CaseText(name=case.name, pieces=(("", t),), died=False).own_error for t in texts)
    return not own and any(o not in (Outcome.PASS, Outcome.SKIP) for o in children)


def _together(known: PackageResult, more: PackageResult) -> PackageResult:
    """A second suite of the same name: its attempts stand beside the first's (S72)."""
    attempts = tuple(replace(a, n=len(known.attempts) + i + 1) for i, a in enumerate(more.attempts))
    return replace(
        known,
        attempts=(*known.attempts, *attempts),
        cases=side_by_side([known.cases, more.cases]),
        explained=known.explained and more.explained,
    )
