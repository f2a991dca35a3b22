"""A block of the stream as rows, found by the regex engine: most are whole cases.

A row is output of one case, whose lines follow each other, with the ``run`` or ``cont`` before it
and the ``pass`` or ``pause`` behind it where they are there: all of one minute, so that seconds are
enough to compare. Any other line is a row of its own, and is looked at once more with ``LOOSE``.
Quotes are escaped inside what tests print, so that nothing here can be forged.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from operator import itemgetter

Row = tuple[bytes, ...]
Part = Sequence[bytes]

_TIME = rb'\{"Time":"[0-9T:.Z+-]{12,50}","Action":'
_CASE = rb'"Package":"[^"]*","Test":"[^"\\]*(?:\\.[^"\\]*)*"'
_OUTPUT = _TIME + rb'"output",'
_TEXT = rb',"Output":[^\n]*'
LOOSE = re.compile(
    rb"(?:(?P<run>" + _TIME + rb'"run",(?P<case>' + _CASE + rb")\})\n)?"
    rb"(?P<chunk>" + _OUTPUT + rb"(?(run)(?P=case)|(?P<named>" + _CASE + rb"))" + _TEXT
    + rb"(?:\n" + _OUTPUT + rb"(?(run)(?P=case)|(?P=named))" + _TEXT + rb")*)\n"
    rb"(?:(?!" + _TIME + rb'"(?:output|run)",)(?P<behind>[^\n]*)\n)?'
    rb"|(?P<other>[^\n]*)\n"
)  # fmt: skip
"""The run of a case, output of one case, a line behind it; or any line."""

_SECONDS = rb"\d\d(?:\.\d{0,9})?+"
_SAME = rb'"Package":"(?P=package)","Test":"(?P=test)"'
_LATER = rb"(?P=minute)" + _SECONDS
_NAMED = rb'Z","Action":"output",' + _SAME + rb',"Output":"'
_KEY = rb"(?P<%b>" + _NAMED + rb")"
_FRAME = rb'\\n"(?:,"OutputType":"frame")?\}\n'
_BEGIN = rb"=== (?:RUN  |CONT ) (?P=test)" + _FRAME
_OTHER = rb"(?! *--- PASS: )[^\n]*\n"
_MORE = rb"(?:" + _LATER + rb"(?P=%b)" + _OTHER + rb")*"
"""Not possessive: that is wrong in Python 3.11.2."""
_FOUND = re.compile(
    rb'(?P<minute>\{"Time":"\d{4}-\d\d-\d\dT\d\d:\d\d:)(?P<began>' + _SECONDS
    + rb')Z","Action":"(?:run|(?P<cont>cont)|output|(?P<alone>pass|fail|skip|pause))",'
    rb'"Package":"(?P<package>[^"\\\x00-\x1f]*)",'
    rb'"Test":"(?P<test>(?!")[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+)"'
    rb"(?(alone)|(?:\}\n(?:(?P<frame>" + _LATER + _KEY % b"key" + _BEGIN + rb")"
    rb"(?P<more>" + _MORE % b"key" + rb")|)"
    rb'|(?P<first>,"Output":")(?:(?P<said>' + _OTHER
    + rb"(?:" + _LATER + _KEY % b"same" + _OTHER + _MORE % b"same" + rb"|))|)))"
    rb"(?:(?P<last>(?(key)" + _LATER + rb"(?P=key)|(?(said)" + _LATER + _NAMED
    + rb'|(?(first)|(?!)))) *--- PASS: (?P=test) \(\d+\.\d\ds\)' + _FRAME + rb")|)"
    rb"(?(first)(?(said)|(?(last)|(?!)))|)"
    rb"(?:(?(alone)|(?P=minute)(?P<ended>" + _SECONDS + rb')Z","Action":")'
    rb'(?:(?(last)pass",' + _SAME
    + rb',"Elapsed":(?P<elapsed>(?:0|[1-9]\d{0,8})(?:\.\d{1,20})?)\}\n|(?!))'
    rb'|(?(key)(?P<pause>pause)",' + _SAME + rb"\}\n|(?!))"
    rb'|(?(alone)|(?P<word>pass|fail|skip|pause)",' + _SAME + rb")(?P<rest>[^{\n]*\n))"
    rb"|(?(alone)(?!)|))"
    rb"|(?P<other>[^\n]*\n)"
)  # fmt: skip
"""``elapsed``: it passed, and the frame that says so was the last that it printed. Any other end is
a ``word``, and one with nothing of its case before it stands ``alone``."""
rows = _FOUND.findall
(
    MINUTE, BEGAN, CONT, ALONE, PACKAGE, TEST, FRAME, MORE, FIRST, SAID, LAST, ENDED, ELAPSED,
    PAUSE, WORD, REST, OTHER,
) = (
    _FOUND.groupindex[name] - 1
    for name in (
        "minute", "began", "cont", "alone", "package", "test", "frame", "more", "first", "said",
        "last", "ended", "elapsed", "pause", "word", "rest", "other",
    )
)  # fmt: skip
minute_of = itemgetter(MINUTE)
package_of = itemgetter(PACKAGE)
kind_of = itemgetter(CONT, PAUSE)
_texts = itemgetter(MORE, SAID)


def parts(found: Iterable[Row]) -> Iterator[Part]:
    """Rows as ``LOOSE`` would have found them in the same lines."""
    for row in found:
        case = b'"Package":"%b","Test":"%b"' % (row[PACKAGE], row[TEST])
        head = b'%b%bZ","Action":"' % (row[MINUTE], row[BEGAN])
        if row[ALONE]:
            yield b"", b"", b"", b"", b"", b"".join((head, row[ALONE], b'",', case, row[REST][:-1]))
        elif row[FIRST]:
            yield b"", b"", printed(row)[:-1], case, _behind(row, case), b""
        elif row[CONT]:
            yield b"", b"", b"", b"", b"", b'%bcont",%b}' % (head, case)
            yield b"", b"", printed(row)[:-1], case, _behind(row, case), b""
        else:
            begin = b'%brun",%b}' % (head, case)
            yield begin, case, printed(row)[:-1], b"", _behind(row, case), b""


def _behind(row: Row, case: bytes) -> bytes:
    """The line of its end."""
    if not row[ENDED]:
        return b""
    head = b'%b%bZ","Action":"' % (row[MINUTE], row[ENDED])
    if row[ELAPSED]:
        return b'%bpass",%b,"Elapsed":%b}' % (head, case, row[ELAPSED])
    if row[PAUSE]:
        return b'%bpause",%b}' % (head, case)
    return b"".join((head, row[WORD], b'",', case, row[REST][:-1]))


def printed(row: Row) -> bytes:
    """The output lines of a row, each with its newline."""
    if not row[FIRST]:
        return b"".join((row[FRAME], row[MORE], row[LAST]))
    head = b'%b%bZ","Action":"output","Package":"%b","Test":"%b","Output":"'
    head %= (row[MINUTE], row[BEGAN], row[PACKAGE], row[TEST])
    return b"".join((head, row[SAID], row[LAST]))


def apart(found: Iterable[Row]) -> Iterator[tuple[bytes, list[Row]]]:
    """The rows of each package that follow each other."""
    return ((package, list(some)) for package, some in groupby(found, package_of))


def glued(found: Iterable[Row]) -> bool:
    """Behind output of a case that began elsewhere stands an event, which may be another's."""
    said = [row[SAID] for row in found if row[SAID]]
    text = b"".join(said)
    return text.count(b'{"Time":"') > text.count(b"\n") - len(said)


def spoken(found: Iterable[Row]) -> bytes:
    """What the cases printed themselves, all but their frames."""
    return b"".join(chain.from_iterable(map(_texts, found)))
