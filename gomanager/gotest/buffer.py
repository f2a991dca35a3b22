"""Raw output lines of a running case, bounded: the first 256 KiB, the last 1 MiB, the errors.

Lines stay undecoded JSON until somebody needs them, because most cases pass and nobody does.
"""

from collections.abc import Iterable
from itertools import islice

from gomanager.gotest.events import read_event

HEAD = 256 << 10
TAIL = 1 << 20
ROOM = HEAD + 3 * TAIL
"""Trimming starts here: head, kept errors (at most a tail's worth), and two tails."""

_ERROR_ENDS = (b'"OutputType":"error"}', b'"OutputType":"error-continue"}')


class Buffer:
    """Undecoded output lines; the list itself stays the same over trimming.

    Plain class attributes are the initial values: most cases never touch them.
    """

    chunks: list[bytes]
    """Lines without their last newline; those that came together are one element."""
    size = 0
    measured = 0
    left_out = 0
    head = 0

    chunks_before: int | None = None
    """How many there were at a moment to remember: a subtest began."""

    @property
    def lines_before(self) -> int | None:
        """The same in lines."""
        if self.chunks_before is None:
            return None
        return len(_split(self.chunks[: self.chunks_before]))

    def trim(self) -> None:
        """Bound the memory; cheap where nothing came since the last call."""
        chunks = self.chunks
        if len(chunks) == self.measured:
            return
        self.size += _size(islice(chunks, self.measured, None))
        if self.size > ROOM:
            self._cut()
        self.measured = len(chunks)

    def _cut(self) -> None:
        lines = self.chunks
        self.chunks_before = self.lines_before
        lines[:] = _split(lines)
        self.head = self.head or _reach(lines, HEAD)
        tail = max(self.head, len(lines) - _reach(reversed(lines), TAIL))
        middle = lines[self.head : tail]
        errors = [line for line in middle if line.endswith(_ERROR_ENDS)]
        del errors[_reach(errors, TAIL) :]
        self.left_out += sum(map(len, middle)) - sum(map(len, errors))
        lines[self.head : tail] = errors
        self.size = _size(lines)

    def decoded(self) -> list[tuple[str, str]]:
        """(OutputType, text) of every line kept, and what was left out said in its place."""
        pieces = []
        for line in _split(self.chunks):
            event = read_event(line)
            if event is not None:
                pieces.append((event.output_type, event.output))
        if self.left_out:
            pieces.insert(self.head, ("", f"\n[{self.left_out} bytes left out]\n"))
        return pieces


def _split(chunks: Iterable[bytes]) -> list[bytes]:
    return [line for chunk in chunks for line in chunk.split(b"\n")]


def _size(chunks: Iterable[bytes]) -> int:
    """With one byte for each newline: the same however the lines came together."""
    return sum(len(chunk) + 1 for chunk in chunks)


def _reach(lines: Iterable[bytes], size: int) -> int:
    """How many of the lines it takes to fill ``size`` bytes."""
    count = 0
    for line in lines:
        size -= len(line)
        if size < 0:
            break
        count += 1
    return count
