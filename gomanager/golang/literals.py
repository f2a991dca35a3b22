"""String literals by which Go code names files, folders and programs (selection rows 9a, 9b)."""

import re

# The closing quote is left where it is, so that a wrongly paired one hides no literal behind it.
_PLAIN = re.compile(rb'"([\w.+@~*/-]{1,200}+)(?=")')
_RAW = re.compile(rb"`([\w.+@~*/-]{1,200}+)(?=`)")
_COMMAND = re.compile(rb'"go (?:build|run|install|test)\b([^"\n]*)"')
_RAW_COMMAND = re.compile(rb"`go (?:build|run|install|test)\b([^`\n]*)`")
_VERB = re.compile(rb'"(?:build|run|install|test)"')
_LONGEST = 200


def starts_builds(data: bytes) -> bool:
    """True where the file may run ``go build``, ``run``, ``install`` or ``test -c``."""
    if b'go"' in data and _VERB.search(data) is not None and (b'"go"' in data or b'/go"' in data):
        return True
    if b"go " in data and (_COMMAND.search(data) or _RAW_COMMAND.search(data)):
        return True
    return b"gexec.Build" in data or b"-buildmode=plugin" in data


def read_literals(data: bytes) -> tuple[str, ...]:
    """Distinct path-like literals, sorted; words of ``go build …`` lines count one by one."""
    found = {*_PLAIN.findall(data), *_RAW.findall(data)}
    if b"go " in data:
        for words in (*_COMMAND.findall(data), *_RAW_COMMAND.findall(data)):
            found.update(word for word in words.split() if len(word) <= _LONGEST)
    return tuple(sorted(name.decode("utf-8", "surrogateescape") for name in found))


def climbs(literals: tuple[str, ...]) -> bool:
    """True where a literal leaves its folder upwards."""
    return any(name == ".." or name.startswith("../") or "/.." in name for name in literals)
