"""What is known of a package's process while its events come in."""

from array import array
from collections.abc import Iterable, Sequence

from gomanager.gotest.buffer import HEAD, TAIL
from gomanager.gotest.caserun import CaseRun
from gomanager.gotest.events import Event
from gomanager.gotest.passed import Passed, Together
from gomanager.gotest.turns import Paused, Turns

WARNINGS = 50
"""So many different warnings are remembered for each package."""


class PackageRun:
    """One process of one package's test binary, or the attempt to build it."""

    __slots__ = (
        "_entries", "_heads", "bare", "cached", "coverage_only", "elapsed", "end", "failed_build",
        "no_tests", "open", "path", "paused", "plain", "process", "runs", "seed",
        "size", "stray", "summary", "text_pieces", "typed_bare", "unbegun", "waiting", "warnings",
    )  # fmt: skip

    def __init__(self, path: str, process: int) -> None:
        self.path = path
        self._heads = tuple(f"{word}\t{path}" for word in ("ok  ", "FAIL", "?   ", ""))
        self.process = process
        self.end = ""
        """The action that ended it."""
        self.elapsed: float | None = None
        self.failed_build = ""
        self._entries: list[CaseRun | Passed | Turns] = []
        self.open: dict[str, list[CaseRun]] = {}
        self.waiting: dict[str, Turns] = {}
        """Paused cases that are columns still."""
        self.runs = 0
        self.unbegun: list[CaseRun] = []
        """Ends of names that never began, while nothing but ends was seen."""
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
        self.paused = False
        """Tests waited for their turn: some ran at the same time."""
        self.plain = False
        """Read from text that never names passing cases: their absence says nothing."""
        self.seed: int | None = None
        self.warnings: dict[tuple[str, str], None] = {}

    @property
    def begun(self) -> bool:
        """Something was said of it beyond its start."""
        return bool(self.end or self._entries or self.text_pieces)

    @property
    def entries(self) -> Sequence[CaseRun | Passed | Turns]:
        """The cases in order of their first run; those that passed in one go are columns."""
        return self._entries

    @property
    def told(self) -> list[CaseRun]:
        """The cases without those that passed in one go."""
        found: list[CaseRun] = []
        for one in self._entries:
            if isinstance(one, CaseRun):
                found.append(one)
            elif isinstance(one, Turns):
                found += one.told
        return found

    @property
    def outer(self) -> list[CaseRun]:
        """Cases around which others began."""
        found = [case for case in self.told if case.around]
        for one in self._entries:
            if isinstance(one, Passed):
                found += one.outer()
        return found

    @property
    def cases(self) -> list[CaseRun]:
        """All cases as objects, from now on: for readers of a package that is not simple."""
        if not all(isinstance(one, CaseRun) for one in self._entries):
            self._entries = [
                case
                for one in self._entries
                for case in ((one,) if isinstance(one, CaseRun) else one.runs())
            ]
        return self.told

    @cases.setter
    def cases(self, cases: Iterable[CaseRun]) -> None:
        self._entries = list(cases)

    def add(self, case: CaseRun) -> None:
        """A case that begins."""
        self._entries.append(case)

    def add_paused(self, found: Paused, took: "array[float]") -> None:
        """Cases that came to their pause in one go."""
        self.paused = True
        last = self._entries[-1] if self._entries else None
        if not isinstance(last, Turns) or not last.new(found.names):
            last = Turns(self.runs)
            self._entries.append(last)
        self.runs += len(found.names)
        last.add(found, took)
        self.waiting.update(dict.fromkeys(found.names, last))

    def meet(self, name: str) -> CaseRun:
        """One that waits becomes a case run: there is more to see of it."""
        case = self.waiting.pop(name).met(name)
        self.open[name] = [case]
        return case

    def meet_all(self) -> None:
        """The same for all that wait, when the process is over."""
        if not self.waiting:
            return
        for name in tuple(self.waiting):
            self.meet(name)
        order = {id(case): at for at, case in enumerate(self.told)}
        running = sorted(self.open.items(), key=lambda one: order.get(id(one[1][0]), 0))
        self.open = dict(running)

    def add_passed(self, found: Together, took: "array[float]", *, nested: bool) -> None:
        """Cases that came and went in one go."""
        self.runs += len(found.names)
        last = self._entries[-1] if self._entries else None
        if not isinstance(last, Passed):
            last = Passed()
            self._entries.append(last)
        last.add(found, took, nested=nested)

    @property
    def stripped(self) -> bool:
        """Somebody took the output away: go says a line about every package that ends."""
        return bool(self.end) and not self.text_pieces

    @property
    def ends_only(self) -> bool:
        """Nothing but ends came: a stream reduced to its results, or the beginning of any."""
        return not self.runs and not self.text_pieces

    @property
    def text(self) -> str:
        """Everything printed that belongs to no case."""
        return "".join(text for _, text in self.text_pieces)

    def output(self, event: Event) -> None:
        """A line, or a piece of one, of the package itself."""
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
