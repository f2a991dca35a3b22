"""Top-level test functions of a Go file."""

import re

from gomanager.golang.header import Declaration

_FUNCTION = re.compile(
    rb"\nfunc[ \t]+((Test|Example|Fuzz|Benchmark)([^\s(\[]*))[ \t]*\(([^()]*)\)[ \t]*"
)
_HIT = re.compile(rb"\nfunc[ \t]+(?:Test|Example|Fuzz|Benchmark)")
_TOKEN = re.compile(
    rb"""//[^\n]*|/\*.*?(?:\*/|\Z)|`[^`]*(?:`|\Z)|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""",
    re.DOTALL,
)
_OUTPUT = re.compile(rb"\s*(?:unordered )?output:", re.IGNORECASE)
_COMMENT = re.compile(rb"//([^\n]*)|/\*(.*?)\*/", re.DOTALL)
_END = re.compile(rb"\n(?:\}|func\b)")
_ONLY_BLANKS = re.compile(rb"[ \t\r]*\n?[ \t\r]*")


def read_declarations(data: bytes) -> tuple[Declaration, ...]:
    """Tests, benchmarks, fuzz targets and examples with output, in order; never ``TestMain(m)``."""
    matches = list(_FUNCTION.finditer(data))
    if not matches:
        return ()
    hidden = _hidden(data) if _may_hide(data, matches) else ()
    found = []
    line, counted = 1, 0
    for match in matches:
        at = match.start(1)
        line += data.count(b"\n", counted, at)
        counted = at
        if _is_test(match, data) and not any(start <= at < end for start, end in hidden):
            found.append(Declaration(match[1].decode("utf-8", "surrogateescape"), line))
    return tuple(found)


def _is_test(match: re.Match[bytes], data: bytes) -> bool:
    rest = match[3].decode("utf-8", "surrogateescape")
    if rest[:1].islower():
        return False  # go/build: Testify is no test, Test_x and TestÄ are
    if match[2] == b"Example":
        return not match[4].strip() and _has_output(data, match.end())
    return not (match[1] == b"TestMain" and b"*" in match[4] and match[4].rstrip().endswith(b"M"))


def _has_output(data: bytes, at: int) -> bool:
    """True where the last comment group of the body begins with ``Output:``; else it is not run.

    Groups as in go/parser: comments on successive lines; one that follows code ends its group.
    """
    end = _END.search(data, at)
    body = data[at : end.start() if end else len(data)]
    group = b""
    last, trails = -1, False
    for match in _COMMENT.finditer(body):
        text = match[1] if match[1] is not None else match[2]
        joined = last >= 0 and not trails and _ONLY_BLANKS.fullmatch(body, last, match.start())
        group = group + b"\n" + text if joined else text
        trails = bool(body[body.rfind(b"\n", 0, match.start()) + 1 : match.start()].strip())
        trails = trails and not joined
        last = match.end()
    return _OUTPUT.match(group) is not None


def _may_hide(data: bytes, matches: list[re.Match[bytes]]) -> bool:
    if b"/*" in data:
        return True
    return b"`" in data and any(data.count(b"`", 0, m.start()) % 2 for m in matches)


def _hidden(data: bytes) -> tuple[tuple[int, int], ...]:
    """Spans of raw strings and block comments that hold what looks like a test function."""
    return tuple(
        match.span()
        for match in _TOKEN.finditer(data)
        if match[0][:1] in b"`/" and b"\n" in match[0] and _HIT.search(match[0]) is not None
    )
