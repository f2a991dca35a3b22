"""The header record of one Go file: what the go command reads of it, and what tests name in it.

A record knows no path and no configuration. Nothing here raises: what cannot be read is a record
whose ``problem`` says why.
"""

import re
from functools import cache

from gomanager.golang.cgo import read_cgo
from gomanager.golang.declarations import read_declarations
from gomanager.golang.expression import Broken, constraint_of
from gomanager.golang.header import NO_CGO, Header
from gomanager.golang.literals import read_literals
from gomanager.golang.started import read_started

LFS = b"version https://git-lfs.github.com/spec/"

# No group is repeated possessively: the first releases of Python 3.11 match those wrongly.
_BLANK = rb"(?:[\s;]++|//[^\n]*+(?:\n|\Z)|/\*(?:[^*]++|\*(?!/))*\*/)*"
_CLAUSE = re.compile(_BLANK + rb"(package)\b" + _BLANK + rb"([^\s;/\"'`(){}\[\]]+)")
_IMPORT = re.compile(_BLANK + rb"import\b" + _BLANK)
_SPEC = re.compile(
    rb"""(?P<skip>//[^\n]*|/\*.*?\*/)|(?P<end>\))|"(?P<plain>[^"\n]*)"|`(?P<raw>[^`]*)`""",
    re.DOTALL,
)
_SINGLE = re.compile(rb"(?:[^\s\"`/();]+)?" + _BLANK + rb"""(?:"([^"\n]*)"|`([^`]*)`)""")
_QUOTED = re.compile(rb"""["`]([^"`\n]*)["`]""")
_DIRECTIVE = re.compile(rb"//go:(embed|linkname|generate|debug)[ \t]+([^\n]*)")
_PATTERN = re.compile(r'"((?:[^"\\]|\\.)*)"|`([^`]*)`|(\S+)')


@cache
def _text(data: bytes) -> str:
    # One string object per import path: the cache file stores each of them once.
    return data.decode("utf-8", "surrogateescape")


def read_header(data: bytes, *, deep: bool = True) -> Header:
    """The record of a file; without ``deep`` (vendored code) tests and literals are not read."""
    if data.startswith(LFS):
        return Header(problem="a Git LFS pointer, not the file itself")
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    clause = _CLAUSE.match(data)
    if clause is None:
        return Header(problem="no package clause")
    imports, end, problem = _imports(data, clause.end())
    constraint = ""
    try:
        if data.find(b"build", 0, clause.start(1)) >= 0:
            constraint = constraint_of(data[: clause.start(1)])
    except Broken as error:
        problem = str(error)
    embeds, linknames, flags = _directives(data) if b"//go:" in data else ((), (), ())
    cgo = read_cgo(data[clause.end() : end]) if "C" in imports else NO_CGO
    if "C" in imports and b"\n//export " in data:
        flags = (*flags, "export")
    if not deep:
        return Header(
            _text(clause[2]), imports, constraint, embeds, cgo, linknames, flags, (), (), problem
        )
    code = data[end:]
    literals, builds = read_literals(code, imports)
    more, signs = read_started(code, imports, literals)
    if builds or any(path.endswith("/gexec") for path in imports):
        signs = ("builds", *signs)
    if signs:
        flags = (*flags, *dict.fromkeys(signs))
    if more:
        literals = tuple(sorted({*literals, *more}))
    return Header(
        _text(clause[2]),
        imports,
        constraint,
        embeds,
        cgo,
        linknames,
        flags,
        read_declarations(data),
        literals,
        problem or ("bytes that are no text" if b"\0" in data else ""),
    )


def _imports(data: bytes, at: int) -> tuple[tuple[str, ...], int, str]:
    """Import paths in order, where the import declarations end, and what is wrong with them."""
    found: list[str] = []
    while (match := _IMPORT.match(data, at)) is not None:
        at = match.end()
        if data[at : at + 1] == b"(":
            at = _block(data, at + 1, found)
            if at < 0:
                return tuple(found), len(data), "an import block that does not end"
        elif (single := _SINGLE.match(data, at)) is not None:
            found.append(_text(single[1] if single[1] is not None else single[2]))
            at = single.end()
        else:
            return tuple(found), at, "an import without a path"
    return tuple(dict.fromkeys(found)), at, ""


def _block(data: bytes, at: int, found: list[str]) -> int:
    """Where a grouped import that begins behind its parenthesis ends; -1: nowhere."""
    end = data.find(b")", at)
    block = data[at:end] if end >= 0 else data[at:]
    if end >= 0 and b"//" not in block and b"/*" not in block:
        found.extend(map(_text, _QUOTED.findall(block)))
        return end + 1
    for match in _SPEC.finditer(data, at):
        if match.lastgroup == "end":
            return match.end()
        if match.lastgroup != "skip":
            found.append(_text(match["plain"] if match.lastgroup == "plain" else match["raw"]))
    return -1


def _directives(data: bytes) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Embed patterns, linkname targets, flags; a hit inside a raw string is one too many."""
    embeds: list[str] = []
    linknames: list[str] = []
    flags: dict[str, None] = {}
    for match in _DIRECTIVE.finditer(data):
        if data[data.rfind(b"\n", 0, match.start()) + 1 : match.start()].strip(b" \t"):
            continue
        word, rest = match[1], match[2].decode("utf-8", "surrogateescape")
        if word == b"embed":
            embeds.extend(a or b or c for a, b, c in _PATTERN.findall(rest))
        elif word == b"linkname":
            linknames.extend(rest.split()[1:2])
        else:
            flags[word.decode()] = None
    return tuple(dict.fromkeys(embeds)), tuple(dict.fromkeys(linknames)), tuple(flags)
