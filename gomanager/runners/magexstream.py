"""stdout of ``magex test:race ci`` taken apart: which module an event belongs to."""

import re
from collections.abc import Callable, Iterator

from msgspec import Struct, field

from gomanager.gotest.execution import Execution

_LINE = re.compile(rb"^(?!\{)[^\n]*\n", re.MULTILINE)
"""Every line that is no event; what tests print stands inside events."""
_BANNER = re.compile(
    r"Running \w+ tests(?: \(tag: (?P<tag>[^)]*)\))? (?:main module|module in (?P<dir>.+))\.\.\."
)
_OUTCOME = re.compile(r"\w+ tests\b.* (?P<word>passed|failed) for .+ in \S+")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Section(Struct):
    """What magex ran in one module; ``code`` is 0 or 1, as its closing line says."""

    dir: str
    tag: str
    execution: Execution
    code: int | None = None


class MagexStream(Struct):
    """Feed it blocks; each banner opens a section with an execution of its own."""

    open_section: Callable[[str], Execution]
    """Folder of a module, relative to the root → the execution that takes its events."""
    sections: list[Section] = field(default_factory=list)
    side_text: list[str] = field(default_factory=list)
    _rest: bytes = b""

    def feed(self, block: bytes) -> None:
        """Read the next bytes; half a line waits for its rest."""
        if not block:
            return
        data = self._rest + block
        end = data.rfind(b"\n") + 1
        self._rest = data[end:]
        at = 0
        for line in _LINE.finditer(data, 0, end):
            self._events(data[at : line.start()])
            self._side(line[0])
            at = line.end()
        self._events(data[at:end])

    def close(self) -> None:
        """The end of the stream: a torn last line goes to the last section (S10)."""
        self._events(self._rest)
        self._rest = b""

    def _events(self, data: bytes) -> None:
        if data and not self.sections:  # events before any banner: a later magex may print none
            self._open("", "")
        if data:
            self.sections[-1].execution.feed(data)

    def _side(self, line: bytes) -> None:
        text = _COLOUR.sub("", line.decode("utf-8", "replace")).strip()
        banner = _BANNER.search(text)
        if banner:
            self._open(banner["dir"] or "", banner["tag"] or "")
            return
        outcome = _OUTCOME.search(text)
        if outcome and self.sections and self.sections[-1].code is None:
            self.sections[-1].code = 0 if outcome["word"] == "passed" else 1
        if text and not _ornament(text):
            self.side_text.append(text)

    def _open(self, folder: str, tag: str) -> None:
        self.sections.append(Section(dir=folder, tag=tag, execution=self.open_section(folder)))

    def says(self, words: str) -> str | None:
        """The first line beside the events that holds ``words``."""
        return next(self._with(words), None)

    def _with(self, words: str) -> Iterator[str]:
        return (line for line in self.side_text if words in line)


def _ornament(text: str) -> bool:
    return not text.strip("=━─-_ ")
