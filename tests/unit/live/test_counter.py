"""The line that counts: rare in a log, written over on a terminal, silent without a stream."""

import io

from gomanager.live.counter import Counter


class Terminal(io.StringIO):
    def isatty(self):
        return True


def drawn(stream, times):
    moments = iter([0.0, *times])
    with Counter(stream, clock=lambda: next(moments)) as tell:
        for number, _ in enumerate(times, 1):
            tell(number, 0)
    return stream.getvalue() if stream else ""


def test_a_log_gets_a_line_every_ten_seconds():
    assert drawn(io.StringIO(), [1.0, 9.0, 10.0, 11.0, 20.0]) == (
        "3 processes, 0 failed\n5 processes, 0 failed\n"
    )


def test_a_terminal_gets_one_line_and_loses_it():
    assert drawn(Terminal(), [0.1, 0.3]) == "\r2 processes, 0 failed\x1b[K\r\x1b[K"


def test_nobody_hears_nothing():
    assert drawn(None, [100.0]) == ""
