"""String literals by which Go code names files, folders and programs (selection rows 9a, 9b)."""

import re

# The closing quote is left where it is, so that a wrongly paired one hides no literal behind it.
_PLAIN = re.compile(rb'"([\w.+@~*/=-]{1,200}+)(?=")')
_RAW = re.compile(rb"`([\w.+@~*/=-]{1,200}+)(?=`)")
_COMMAND = re.compile(rb"go (?:build|run|install|test)\b([^\"`\n]*)")
_CALL = re.compile(
    rb"""["`](?:[^"`\s]*/)?go(?:\.exe)?["`],\s*(?:["`](?:build|run|install|test)["`]|[\w.]+(?:\[[^\]]*\])?\.\.\.)"""
)
"""``"go", "build"`` side by side, or ``"go", args...``: a call, whoever starts the program."""
_QUOTES = b'"`'
_LONGEST = 200
_VERBS = (b"build", b"run", b"install", b"test")


def read_literals(data: bytes, *, starts: bool) -> tuple[tuple[str, ...], bool]:
    """Distinct path-like literals, sorted, and whether the code may run ``go build``, ``run``,
    ``install`` or ``test -c``; words of a literal ``go build …`` line count one by one.

    ``starts``: the file starts programs itself. Then the words may stand anywhere in it; without
    that, ``"go"`` is a language or a topic unless it is written as a call.
    """
    found = {*_PLAIN.findall(data), *_RAW.findall(data)}
    builds = b"-buildmode=plugin" in found or (
        any(verb in found for verb in _VERBS)
        and any(name == b"go" or name.endswith(b"/go") or name == b"go.exe" for name in found)
        and (starts or _CALL.search(data) is not None)
    )
    for match in _COMMAND.finditer(data):
        if data[match.start() - 1] in _QUOTES:
            builds = True
            found.update(word for word in match[1].split() if len(word) <= _LONGEST)
    return tuple(sorted([name.decode("utf-8", "surrogateescape") for name in found])), builds
