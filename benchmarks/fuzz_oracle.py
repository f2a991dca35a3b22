"""What a mutated stream says for certain, read without any code of gomanager.

Each fact forbids a green verdict whatever the exit code was. They are fewer than the rules of the
verdict: only what holds for any order of the lines is stated.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from xml.parsers import expat

ENDS = ("pass", "fail", "skip")
_BENCHMARK = re.compile(r"Benchmark(?![a-z])")
_FAIL_LINE = re.compile(rb"^FAIL\t\S+(?:\t[\d.]+s| \[(?:build|setup) failed\])\r?$", re.MULTILINE)
_LAST_FAIL = re.compile(rb"(?:^|\n)FAIL\s*\Z")
_JUNIT_FAILURE = re.compile(rb"<(?:failure|error)[\s/>]|<testsuites [^>]*failures=\"[1-9]\d{0,5}\"")


def certain_red(stream: bytes, packages: Iterable[str]) -> str:
    """Why this stream must not be green, or nothing; ``packages``: those that were asked for."""
    events = list(_events(stream))
    return next(filter(None, (*_failed(events), *_endless(events), *_absent(events, packages))), "")


def certain_red_text(text: bytes) -> str:
    """The same for what go test prints for people: go's own line about a failed package, or about
    all of them at the end."""
    if _FAIL_LINE.search(text):
        return "a FAIL line of a package"
    return "FAIL at the end" if _LAST_FAIL.search(text) else ""


def certain_red_junit(xml: bytes) -> str:
    """The same for a JUnit file, if it is still well-formed."""
    try:
        expat.ParserCreate().Parse(xml, True)
    except (expat.ExpatError, LookupError, ValueError):  # ValueError: of an encoding
        return ""
    return "a failure" if _JUNIT_FAILURE.search(xml) else ""


def _events(stream: bytes) -> Iterator[dict[str, str]]:
    for line in stream.split(b"\n"):
        event = _loaded(line) or _loaded(line[line.find(b'{"Time":"', 1) :])  # behind a half line
        if isinstance(event, dict) and isinstance(event.get("Action"), str):
            yield {key: value for key, value in event.items() if isinstance(value, str)}


def _loaded(line: bytes) -> object:
    try:
        return json.loads(line.decode("utf-8", "replace"), parse_constant=_no_json)
    except (ValueError, RecursionError):
        return None


def _no_json(word: str) -> object:
    raise ValueError(word)


def _failed(events: list[dict[str, str]]) -> Iterator[str]:
    """Below a test that passes, a failure is that of a testing run inside, which may expect it."""
    passed = {(e.get("Package"), e.get("Test")) for e in events if e["Action"] == "pass"}
    for event in events:
        parents = event.get("Test", "").split("/")[:-1]
        inner = any(
            (event.get("Package"), "/".join(parents[:n])) in passed
            for n in range(1, len(parents) + 1)
        )
        if event["Action"] == "fail" and event.get("Package") and not inner:
            yield f"fail of {event['Package']} {event.get('Test', '')}"


def _endless(events: list[dict[str, str]]) -> Iterator[str]:
    """Runs without as many ends, unless their text shows a frame; packages without any end."""
    runs, ends, closed = Counter[tuple[str, str]](), Counter[tuple[str, str]](), set[str]()
    texts: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for event in events:
        package, test = event.get("Package", ""), event.get("Test", "")
        if event["Action"] in ENDS:
            ends[package, test] += 1
            closed |= set() if test else {package}
        elif event["Action"] == "run" and test:
            runs[package, test] += 1
        elif event["Action"] == "output" and test:
            texts[package, test].append(event.get("Output", ""))
    for (package, test), count in runs.items():
        if package and package not in closed:
            yield f"{package} has no end"
        frame = f"--- (?:PASS|SKIP): {re.escape(test)} \\("
        shown = _BENCHMARK.match(test) or re.search(frame, "".join(texts[package, test]))
        if package and count > ends[package, test] and not shown:
            yield f"{package} {test}: {count} runs, {ends[package, test]} ends"


def _absent(events: list[dict[str, str]], packages: Iterable[str]) -> Iterator[str]:
    named = {event.get("Package") for event in events}
    for package in packages:
        if package not in named:
            yield f"{package} does not occur"
