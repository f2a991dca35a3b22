"""The text that says why a case failed, its headline, its place, its kind."""

import re
from collections.abc import Iterable

from msgspec import Struct

from gomanager.gotest.crash import Crash, find_crash, last_words
from gomanager.gotest.events import ERROR_TYPES
from gomanager.gotest.example import compared
from gomanager.gotest.fingerprint import fingerprint, normalise, without_values
from gomanager.gotest.headline import Headline, headline
from gomanager.gotest.location import NOWHERE, Place, Places
from gomanager.gotest.races import DETECTED, MARK, Race, races
from gomanager.gotest.stack import panicking, waiting
from gomanager.regex import late
from gomanager.results import Failure, Kind

_PATH = r"(?:(?:[A-Za-z]:[\\/]|/)[^\n:]+|[^\s:]+)\.(?:go|s)"
"""Only the whole path that ``-fullpath`` gives can hold blanks."""
_FILE = f"({_PATH})"
_ERROR_LINE = late(rf"^ {{4}}(?:[^\s:]+: )?{_FILE}:(\d+): ?(.*)$")
_TYPED_LINE = late(rf"^\s*(?:[^\s:]+: )?{_FILE}:(\d+): ?(.*)$")
_SKIP_REASON = late(rf"^[ \t]*{_PATH}:\d+: ?(.*)$", re.MULTILINE)
_CONTINUED = " " * 8
_FRAME = late(r"^\x16?[ \t]*--- (?:FAIL|PASS|SKIP|BENCH): ", re.MULTILINE)
_MARKS = late(r"^=== (?:RUN|PAUSE|CONT|NAME) {1,4}\S.*\n?", re.MULTILINE)
_TRACE = late(rf"^[ \t]*Error Trace:[ \t]+{_FILE}:(\d+)", re.MULTILINE)
_PRINTED = late(r"^\t(?:\x1b\[[\d;]*m)*([^\s:]+\.go):(\d+): (.*)$", re.MULTILINE)
_COLOUR = late(r"\x1b\[[\d;]*m")
_FUZZ = late(r"^[ \t]*Failing input written to (\S+)", re.MULTILINE)
LAST_LINES = 40
MESSAGE = 1000


class CaseText(Struct, frozen=True, kw_only=True):
    """The output of one failed case, split into errors and the rest."""

    name: str
    pieces: tuple[tuple[str, str], ...]
    died: bool
    """Its process was cut short: a panic in the text may be the reason."""
    first_child: int | None = None
    """Index of the first piece that came after a subtest began."""

    @property
    def typed(self) -> bool:
        """Whether the release marks error lines (Go ≥ 1.27)."""
        return any(kind for kind, _ in self.pieces)

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(text for _, text in self.pieces)

    @property
    def errors(self) -> str:
        """What t.Error and its kin wrote; before 1.27 t.Log looks the same and is in here."""
        if self.typed:
            return "".join(text for kind, text in self.pieces if kind in ERROR_TYPES)
        return "".join(_error_lines(self.text))

    @property
    def own_error(self) -> bool:
        """A parent complained itself, not only through a child (S15).

        Where the release does not tell errors from logs: a line with a place that came after the
        first child began. What a parent says before that is mostly a log.
        """
        if self.typed:
            return bool(_assertion_lines(self.errors))
        if self.first_child is None:
            return False
        behind = "".join(text for _, text in self.pieces[self.first_child :])
        return bool(_error_lines(behind))


def _error_lines(text: str) -> list[str]:
    kept, inside = [], False
    for line in text.split("\n"):
        if _ERROR_LINE.match(line):
            inside = True
        elif not (inside and (line.startswith(_CONTINUED) or not line.strip())):
            inside = False
        if inside:
            kept.append(line + "\n")
    return kept


def _assertion_lines(errors: str) -> str:
    return "\n".join(line for line in errors.split("\n") if not DETECTED.match(line)).strip("\n")


def case_failures(case: CaseText, places: Places, package: str) -> tuple[Failure, ...]:
    """Every reason in the case's own text, the weightiest first; empty where it gives none."""
    text = case.text
    frame = _FRAME.search(text)
    found = distinct(race_failure(race, places, package) for race in races(text))
    crash = find_crash(text[frame.start() if frame else 0 :]) if case.died else None
    if crash is not None:
        found.append(crash_failure(crash, places, package, case.name))
    if not found and DETECTED.search(case.errors):
        found.append(_race_elsewhere(case, package))
    errors = _assertion_lines(case.errors)
    if errors:
        found.append(_assertion(case, errors, places, package))
    behind = text[frame.end() :] if frame else text
    if crash is None and not errors:
        found += _got_want(case, behind, package) or _fuzz(case, behind, places, package)
    return tuple(found)


def distinct(failures: Iterable[Failure]) -> list[Failure]:
    """One of each fingerprint: the same race is reported again and again."""
    return list({failure.fingerprint: failure for failure in failures}.values())


def no_message(case: CaseText, places: Places, package: str) -> Failure:
    """A failure that says nothing: the end of its output stands in.

    Some libraries (matryer/is) print what is wrong themselves, in colours, and then fail.
    """
    lines = shown(case.text).rstrip("\n").split("\n")[-LAST_LINES:]
    text = "\n".join(["no error message, the last lines of its output:", *lines])
    said = [] if case.died else [*_PRINTED.finditer("\n".join(lines))]
    mark = fingerprint(Kind.UNKNOWN, package, case.name, "no message")
    if not said:
        message = "failed without an error message"
        return Failure(kind=Kind.UNKNOWN, message=message, text=text, fingerprint=mark)
    file, line = places.of_test(said[-1][1], said[-1][2])
    message = _COLOUR.sub("", said[-1][3]).strip()[:MESSAGE] or "failed without an error message"
    return Failure(
        kind=Kind.UNKNOWN, message=message, text=text, file=file, line=line, fingerprint=mark
    )


def skip_reason(text: str) -> str | None:
    """What t.Skip said: the last line with a place (S13)."""
    said = _SKIP_REASON.findall(text)
    return said[-1].strip() or None if said else None


def shown(text: str) -> str:
    """Output without the frames that only say whose turn it is."""
    return _MARKS.sub("", text)


def crash_failure(crash: Crash, places: Places, package: str, name: str) -> Failure:
    """A panic, timeout, deadlock or signal as a failure of a case or of a package."""
    if crash.kind in (Kind.TIMEOUT, Kind.DEADLOCK) and not panicked_in_user_code(crash):
        frame = waiting(crash.text).get(name.split("/", 1)[0])
        key = (name, frame.key if frame else "")
    else:
        stack = panicking(crash.text)
        frame = next((f for f in stack if f.user and not f.created), None)
        key = (normalise(crash.message), frame.key if frame else "")
    file, line = places.of_frame(frame.function, frame.file, frame.line) if frame else NOWHERE
    return Failure(
        kind=crash.kind,
        message=crash.message[:MESSAGE],
        text=crash.text,
        file=file,
        line=line,
        fingerprint=fingerprint(crash.kind, package, *key),
    )


def race_failure(race: Race, places: Places, package: str) -> Failure:
    """A report of the race detector; its fingerprint is the unordered pair (S35)."""
    place: Place = NOWHERE
    for _, frame in race.accesses:
        if frame and place == NOWHERE:
            place = places.of_frame(frame.function, frame.file, frame.line)
    owners = f" ({', '.join(race.tests[:4])})" if race.tests else ""
    return Failure(
        kind=Kind.RACE,
        message=race.message + owners,
        text=race.text,
        file=place[0],
        line=place[1],
        fingerprint=fingerprint(Kind.RACE, package, *race.pair),
    )


def exit_failure(name: str, text: str, package: str) -> Failure:
    """The process left in the middle of a case without a word of Go's (S20)."""
    words = last_words(shown(text))
    message = "ended the process (os.Exit or log.Fatal)"
    return Failure(
        kind=Kind.EXIT,
        message=f"{message}: {words}"[:MESSAGE] if words else message,
        text=shown(text).rstrip("\n"),
        fingerprint=fingerprint(Kind.EXIT, package, name, normalise(words)),
    )


def _race_elsewhere(case: CaseText, package: str) -> Failure:
    text = "\n".join(line for line in case.errors.split("\n") if DETECTED.match(line))
    return Failure(
        kind=Kind.RACE,
        message="race detected during execution of test (the report stands under another test)",
        text=text,
        fingerprint=fingerprint(Kind.RACE, package, case.name),
    )


def _assertion(case: CaseText, errors: str, places: Places, package: str) -> Failure:
    blocks = _blocks(errors)
    block = blocks[0] if case.typed else blocks[-1]
    found, place = _headline(block, places)
    key = normalise(without_values(_headline(blocks[-1], places)[0].key))
    return Failure(
        kind=Kind.ASSERTION,
        message=(found.title or "failed without an error message")[:MESSAGE],
        text=errors,
        file=place[0],
        line=place[1],
        fingerprint=fingerprint(Kind.ASSERTION, package, case.name, key),
    )


def _blocks(errors: str) -> list[str]:
    """One block for each line that carries a place, with what continues it."""
    blocks: list[list[str]] = []
    for line in errors.split("\n"):
        if not blocks or _ERROR_LINE.match(line):
            blocks.append([line])
        else:
            blocks[-1].append(line)
    return ["\n".join(block) for block in blocks]


def _headline(block: str, places: Places) -> tuple[Headline, Place]:
    """What it says in one line, and where it says it."""
    first = block.partition("\n")[0]
    found = _TYPED_LINE.match(first)
    place = places.of_test(found[1], found[2]) if found else NOWHERE
    trace = _TRACE.search(block)
    place = (trace and _if_known(places.of_test(trace[1], trace[2]))) or place
    return headline(found[3] if found else first, block), place


def _if_known(place: Place) -> Place | None:
    return place if place[0] else None


def _got_want(case: CaseText, behind: str, package: str) -> list[Failure]:
    """An example's output, printed behind its frame (S66)."""
    found = compared(behind)
    if found is None:
        return []
    message, text = found
    mark = fingerprint(Kind.ASSERTION, package, case.name, "example")
    return [Failure(kind=Kind.ASSERTION, message=message, text=text, fingerprint=mark)]


def _fuzz(case: CaseText, behind: str, places: Places, package: str) -> list[Failure]:
    """A finding of ``-fuzz``: an indented block behind the frame (S63)."""
    if not _FUZZ.search(behind):
        return []
    text = "\n".join(behind.split("\n")[1:]).rstrip("\n")
    lines = (_TYPED_LINE.match(line) for line in text.split("\n"))
    error = next((line for line in lines if line), None)
    crash = find_crash(re.sub(r"^\s+(?=panic: )", "", text, flags=re.MULTILINE))
    place = places.of_test(error[1], error[2]) if error else NOWHERE
    kind = Kind.PANIC if crash else Kind.ASSERTION
    message = crash.message if crash else (error[3] if error else last_words(text))
    return [
        Failure(
            kind=kind,
            message=message[:MESSAGE],
            text=text,
            file=place[0],
            line=place[1],
            fingerprint=fingerprint(kind, package, case.name, normalise(message)),
        )
    ]


def panicked_in_user_code(crash: Crash) -> bool:
    """A bubble's deadlock panics where the bubble was made; the runtime's names goroutine 1."""
    return crash.kind is Kind.DEADLOCK and "bubble" in crash.message


def mentions_race(text: str) -> bool:
    """A cheap look before the expensive one."""
    return MARK in text or "race detected during execution" in text
