"""What is known of a package's process and its cases while their events come in."""

from datetime import UTC, datetime

from gomanager.gotest.buffer import HEAD, TAIL, Buffer
from gomanager.gotest.events import Event
from gomanager.gotest.failure import CaseText
from gomanager.results import Outcome

WARNINGS = 50
"""So many different warnings are remembered for each package."""


class CaseRun:
    """One ``run`` of one name, up to its end."""

    __slots__ = (
        "artifacts", "attrs", "began", "buffer", "child_failed", "elapsed", "ended", "event_outcome", "first_child", "key",
        "name", "own_summary", "paused", "text_pieces", "waited",
    )  # fmt: skip

    def __init__(self, name: str, began: datetime | None) -> None:
        self.name = name
        self.began = began
        self.ended: datetime | None = None
        self.paused: datetime | bool = False
        """The moment of a ``pause`` that no ``cont`` followed yet; True where it had no time."""
        self.waited = 0.0
        self.elapsed: float | None = None
        self.event_outcome: Outcome | None = None
        self.buffer: Buffer | None = Buffer()
        self.text_pieces: list[tuple[str, str]] | None = None
        self.attrs: tuple[tuple[str, str], ...] = ()
        self.artifacts: str | None = None
        self.key = b""
        self.first_child: int | None = None
        """How many lines it had printed when its first subtest began."""
        self.child_failed = False
        self.own_summary = False
        """Its last line was the package's ``ok`` line: S81."""

    @property
    def fold(self) -> bool:
        """As far as its end shows: it passed or failed through its children only."""
        if self.first_child is None:
            return False
        return self.event_outcome is not Outcome.FAIL or (
            self.child_failed and not self._complained
        )

    @property
    def _complained(self) -> bool:
        said = CaseText(
            name=self.name, pieces=tuple(self.pieces), died=False, first_child=self.first_child
        )
        return said.own_error

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """(OutputType, text) of its output, decoded once; empty for a passed case."""
        if self.text_pieces is None:
            self.text_pieces = self.buffer.pieces() if self.buffer else []
        return self.text_pieces

    @property
    def text(self) -> str:
        """All its output."""
        return "".join(text for _, text in self.pieces)

    @property
    def own_ms(self) -> int | None:
        """Milliseconds from run to end without the pauses (§6); ``None`` when unknown."""
        if self.began is None or self.ended is None:
            return None if self.elapsed is None else round(self.elapsed * 1000)
        seconds = (self.ended - self.began).total_seconds() - self.waited
        return max(0, round(seconds * 1000))

    @property
    def old_ms(self) -> int | None:
        """What the event itself says, for cached packages whose times are "now" (S57)."""
        return None if self.elapsed is None else max(0, round(self.elapsed * 1000))

    def close(self, *, keep: bool) -> None:
        """It passed: nobody needs its output, unless asked to keep it."""
        lines = self.buffer.lines if self.buffer else []
        self.own_summary = bool(lines) and b"ok  \\t" in lines[-1]
        if not keep:
            self.buffer = None

    def pause(self, moment: datetime | None) -> None:
        """It waits for its turn among the parallel ones."""
        self.paused = moment or True

    def resume(self, moment: datetime | None) -> None:
        """It got its turn."""
        if isinstance(self.paused, datetime) and moment is not None:
            self.waited += max(0.0, (moment - self.paused).total_seconds())
        self.paused = False


class PackageRun:
    """One process of one package's test binary, or the attempt to build it."""

    __slots__ = (
        "_heads", "bare", "began", "cached", "cases", "coverage_only", "elapsed", "end", "ended",
        "failed_build", "no_tests", "open", "path", "plain", "process", "runs", "seed",
        "size", "stray", "summary", "text_pieces", "typed_bare", "warnings",
    )  # fmt: skip

    def __init__(self, path: str, process: int, began: datetime | None) -> None:
        self.path = path
        self._heads = tuple(f"{word}\t{path}" for word in ("ok  ", "FAIL", "?   ", ""))
        self.process = process
        self.began = began
        self.ended: datetime | None = None
        self.end = ""
        """The action that ended it."""
        self.elapsed: float | None = None
        self.failed_build = ""
        self.cases: list[CaseRun] = []
        self.open: dict[str, list[CaseRun]] = {}
        self.runs = 0
        self.stray: dict[str, list[tuple[str, str]]] = {}
        """Text under names that do not run (S5, S6); it is the package's text too."""
        self.text_pieces: list[tuple[str, str]] = []
        self.size = 0
        self.bare: list[tuple[str, int]] = []
        """(PASS or FAIL, index of its piece) of the lines that are exactly that."""
        self.typed_bare = False
        self.summary = ""
        """go's own line about the package: ``ok``, ``FAIL``, ``?`` or the coverage line."""
        self.no_tests = False
        self.cached = False
        self.coverage_only = True
        self.plain = False
        """Read from text that never names passing cases: their absence says nothing."""
        self.seed: int | None = None
        self.warnings: dict[tuple[str, str], None] = {}

    @property
    def text(self) -> str:
        """Everything printed that belongs to no case."""
        return "".join(text for _, text in self.text_pieces)

    def output(self, event: Event) -> None:
        """A line, or a piece of one, of the package itself (§3.1)."""
        text = event.output
        if text in ("PASS\n", "FAIL\n") and not self.summary:  # S76
            self._note_bare(text.strip(), event.output_type)
        elif self._is_summary(text):
            self._note_summary(text)
        elif text == "testing: warning: no tests to run\n":  # S75
            self.no_tests = True
        elif text.startswith("-test.shuffle ") and not self.runs:  # S61
            number = text[14:].strip()
            self.seed = int(number[:20]) if number.isascii() and number.isdigit() else None
        self._keep(event.output_type, text)

    def stray_output(self, event: Event) -> None:
        """Text under a name that does not run: the package's, until the name fails (S5, S6)."""
        self._keep(event.output_type, event.output)
        if self.size < TAIL:
            pieces = self.stray.setdefault(event.test, [])
            pieces.append((event.output_type, event.output))

    def _keep(self, kind: str, text: str) -> None:
        if text.strip() and not text.startswith("\t" + self.path + "\t\tcoverage:"):
            self.coverage_only = False
        self.text_pieces.append((kind, text))
        self.size += len(text)
        if self.size > HEAD + 2 * TAIL:
            self._trim()

    def _note_bare(self, word: str, kind: str) -> None:
        typed = kind == "frame"
        if typed and not self.typed_bare:
            self.bare.clear()
            self.typed_bare = True
        if typed or not self.typed_bare:
            self.bare.append((word, len(self.text_pieces)))

    def _is_summary(self, text: str) -> bool:
        end = text.find(self.path) + len(self.path)
        return text[:end] in self._heads and text[end : end + 1] in ("\t", " ", "\n")

    def _note_summary(self, text: str) -> None:
        if not self.summary.startswith("FAIL"):  # S73
            self.summary = text.rstrip("\n")
        self.no_tests |= "[no tests to run]" in text
        self.cached |= text.startswith("ok") and "\t(cached)" in text

    def _trim(self) -> None:
        """Keep a head and a tail of what the package printed; indexes of bare lines follow."""
        kept, size = 0, 0
        for _, text in self.text_pieces:
            size += len(text)
            if size > HEAD:
                break
            kept += 1
        last, size = len(self.text_pieces), 0
        while last > kept and size < TAIL:
            last -= 1
            size += len(self.text_pieces[last][1])
        gone = sum(len(text) for _, text in self.text_pieces[kept:last])
        self.text_pieces[kept:last] = [("", f"\n[{gone} bytes left out]\n")]
        shift = last - kept - 1
        self.bare = [(word, at if at < kept else max(kept, at - shift)) for word, at in self.bare]
        self.size -= gone


def moment(text: str) -> datetime | None:
    """The instant of an event; nanoseconds are cut to microseconds."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
