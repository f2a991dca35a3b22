"""String literals by which Go code names files, folders and programs (selection rows 9a, 9b)."""

import re
from collections.abc import Iterable

from gomanager.golang.header import ABOVE, EVERYTHING, MOVES, READERS, SOURCES

_STARTERS = frozenset(("os/exec", "syscall", "golang.org/x/sys/execabs", "golang.org/x/sys/unix"))
"""Packages that start programs."""
# The closing quote is left where it is, so that a wrongly paired one hides no literal behind it.
_PLAIN = re.compile(rb'"([\w.+@~*/=%\x80-\xff-]{1,200}+)(?=")')
_RAW = re.compile(rb"`([\w.+@~*/=%\x80-\xff-]{1,200}+)(?=`)")
_BLANKS = re.compile(rb"[^\n%`]+\.\w{1,8}")
"""Names of files with blanks in them: other literals with blanks are messages."""
_SUM = re.compile(rb'"([\w./-]{1,100})"\s*\+\s*"([\w./-]{1,100})(?=")')
_WORD = re.compile(rb"(?:[\w.~-]*/[\w./~-]*|[\w-]+\.\w+|\.\.)")
"""A word in a line of a shell that may be a path."""
_VERB = re.compile(rb"%[-+# 0-9.*]*[a-zA-Z]")
_BARE = re.compile(rb"[*./%=+-]*(?:\.\w+)?")
_ANY = re.compile(rb'"(\.\./[^"\n]{1,200})"')
_CLIMBING = re.compile(rb"(?:\.\./)+[^\s\"'`;|&<>(),]{1,200}")
"""A word that climbs, in a literal with blanks or other signs."""
_ADDRESS = re.compile(rb"[?#]")
"""What stands behind the path in an address."""
_UP = re.compile(rb"\.\./")
_MAY_WALK = re.compile(rb"Walk(?:Dir)?\(")
"""A pattern that begins with fixed text is found sooner than the same bytes by ``in``."""
_WALK = re.compile(rb"\bWalk(?:Dir)?\(")
_WALK_HERE = re.compile(rb"\b(?:Walk(?:Dir)?|DirFS)\(\s*[\"`]\.[\"`]")
_HERE = frozenset((b".", b"./"))
_CUTS = (b".Index(", b".LastIndex(", b".Cut(", b".Split(", b".TrimSuffix(")
_ROOT = re.compile(rb"etenv\([\"`](?!GOROOT)\w*(?:ROOT|WORKSPACE|SRCDIR|REPO|PROJECT)\w*[\"`]")
_MOVES = re.compile(rb"Chdir\((?!\w*(?i:temp|tmp|wd\b|old|orig|prev|saved))")
"""Neither to a temporary folder nor back."""
_DIR = re.compile(rb"\.Dir\b(?!\()")
_PLACES = (b"go.mod", b"go.work", b".git")
"""What a loop up the folders looks for."""
_COMMAND = re.compile(rb"\bgo (build|run|install|test|vet|list)(?=[\s\"`])([^\"`\n]*)")
_MAY_COMMAND = re.compile(rb"go (?:build|run|install|test|vet|list)")
"""Begins with fixed text, so that it is looked for a dozen times faster."""
_SHELL = (b";", b"&", b"|", b"(", b"{", b"!")
"""What may stand before a command in a line of a shell."""
_CALL = re.compile(
    rb"""["`](?:[^"`\s]*/)?go(?:\.exe)?["`],\s*(?:["`](?:build|run|install|test|vet|list)["`]|[\w.]+(?:\[[^\]]*\])?\.\.\.)"""
)
"""``"go", "build"`` side by side, or ``"go", args...``: a call, whoever starts the program."""
_MAKE = re.compile(rb"""Command(?:Context)?\([^"`\n]*["`](?:make|gmake|mage|task|just)["`]""")
"""Build tools that are started; what they build nobody can read."""
_QUOTES = b'"`'
_LONGEST = 200
_VERBS = frozenset((b"build", b"run", b"install", b"test", b"vet", b"list"))
_LOADERS = frozenset(("go/build", "golang.org/x/tools/go/packages"))
"""Packages that find code by its import path."""
_SCRIPTS = (b".sh", b".bash")


def read_literals(data: bytes, imports: Iterable[str]) -> tuple[tuple[str, ...], bool]:
    """Distinct path-like literals, sorted, and whether the code may make the go command read code:
    by ``go build``, ``run``, ``install``, ``test``, ``vet`` or ``list``, by a build tool, a script
    or a library. Words of a ``go build …`` line count one by one.

    Where the file starts programs itself, the words may stand anywhere in it; without that, ``"go"``
    is a language or a topic unless it is written as a call.
    """
    known = frozenset(imports)
    found = {*_PLAIN.findall(data), *_RAW.findall(data)}
    starts = not _STARTERS.isdisjoint(known)
    builds = b"-buildmode=plugin" in found or (
        not _VERBS.isdisjoint(found)
        and (_names_go(found) or (starts and b"GoToolPath(" in data))
        and (starts or _CALL.search(data) is not None)
    )
    builds = builds or not _LOADERS.isdisjoint(known)
    builds = builds or (starts and any(word.endswith(_SCRIPTS) for word in found))
    builds = builds or (starts and _MAKE.search(data) is not None)
    for match in _COMMAND.finditer(data) if _MAY_COMMAND.search(data) is not None else ():
        if data[match.start() - 1] in _QUOTES or (starts and _in_script(data, match.start())):
            builds = True
            found.add(match[1])
            found.update(word for word in match[2].split() if len(word) <= _LONGEST)
    if starts and b"-c" in found:
        lines = [piece for piece in data.split(b'"') if b" " in piece]
        words = set(b" ".join(lines).split())  # most stand there many times
        found.update(word for word in words if _WORD.fullmatch(word))
    found = _patterns(found)
    found |= _climbs(data, found, known)
    if not found:
        return (), builds
    text = b"\n".join(sorted(found)).decode("utf-8", "surrogateescape")
    return tuple(text.split("\n")), builds


def _in_script(data: bytes, at: int) -> bool:
    """Whether a command there may be one of a shell: in a literal, or in a line of a raw one."""
    before = data[data.rfind(b"\n", 0, at) + 1 : at].strip()
    if b'"' in before or b"`" in before:
        return True
    return not before or (before.endswith(_SHELL) and not before.startswith(b"//"))


def _names_go(found: set[bytes]) -> bool:
    return any(name == b"go" or name.endswith(b"/go") or name == b"go.exe" for name in found)


def _patterns(found: set[bytes]) -> set[bytes]:
    """Formats as patterns: ``case_%s.json`` is ``case_*.json``; ``%s.json`` names nothing."""
    if b"%" not in b"".join(found):
        return found
    formats = [literal for literal in found if b"%" in literal]
    named = {_VERB.sub(b"*", literal) for literal in formats}
    return found.difference(formats) | {name for name in named if not _BARE.fullmatch(name)}


def _climbs(data: bytes, found: set[bytes], imports: frozenset[str]) -> set[bytes]:
    """What leads out of the package's folder without being a literal of its own.

    With it what a walk over the package's own folder takes, as patterns.
    """
    more: set[bytes] = set()
    if _UP.search(data) is not None:
        more.update(_VERB.sub(b"*", literal) for literal in _ANY.findall(data))
        for match in _CLIMBING.finditer(data):
            line = data[data.rfind(b"\n", 0, match.start()) + 1 : match.start()]
            if b'"' in line or b"`" in line:
                more.add(_VERB.sub(b"*", match[0]))
                more.add(_VERB.sub(b"*", _ADDRESS.split(match[0])[0]))
    if b".." not in found and _finds_root(data, found, imports):
        more.add(ABOVE.encode())
    if (more or b".." in found) and b"Chdir(" in data and _MOVES.search(data) is not None:
        more.add(MOVES.encode())
    climbs = bool(more - {MOVES.encode()}) or b".." in found
    if climbs:
        pieces = (p for p in data.split(b'"') if b" " in p and len(p) <= _LONGEST)
        more.update(piece for piece in pieces if _BLANKS.fullmatch(piece))
        more.update(a + b for a, b in _SUM.findall(data) if a[-1:] != b"/")
    if climbs and not READERS.isdisjoint(imports):
        more.add(b"^" + SOURCES.encode())
    if _MAY_WALK.search(data) is not None and _WALK.search(data) is not None:
        endings = {b"*" + literal for literal in found if _is_ending(literal)}
        if b"*.go" in endings:
            endings.add(SOURCES.encode())
        if climbs:
            more.update(b"^" + ending for ending in endings or (EVERYTHING.encode(),))
        if _WALK_HERE.search(data) is not None or (
            b"filepath.Walk" in data and (found & _HERE or b"Getwd(" in data)
        ):
            more.update(endings or (b"*",))
    return more


def _is_ending(literal: bytes) -> bool:
    return literal[:1] == b"." and literal[1:].isalnum()


def _finds_root(data: bytes, found: set[bytes], imports: frozenset[str]) -> bool:
    """Whether the code looks for a folder above its own: by name, by its source, by git or go, or
    by a variable."""
    if not found.isdisjoint((b"--show-toplevel", b"GOMOD", b"PWD")):
        return True
    if b"list" in found and b"{{.Dir}}" in data:
        return True
    if not READERS.isdisjoint(imports) and _DIR.search(data) is not None:
        return True
    # What a file does not import is not looked for: each look at all files of a tree takes 5 ms.
    system = not imports.isdisjoint(("os", "syscall"))
    if system and b"etenv(" in data and _ROOT.search(data) is not None:
        return True
    cuts = not imports.isdisjoint(("path/filepath", "path")) and b".Dir(" in data
    if cuts and (not found.isdisjoint(_PLACES) or b"Caller(" in data or b"FuncForPC(" in data):
        return True
    here = (system and b"Getwd(" in data) or ("path/filepath" in imports and b'Abs(".")' in data)
    return here and (cuts or any(way in data for way in _CUTS))
