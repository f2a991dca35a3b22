"""What a cgo preamble, or a C source, reaches: includes and search folders."""

import re

from gomanager.golang.header import Cgo
from gomanager.regex import late

_INCLUDE = late(
    rb"""^[ \t/]*\#[ \t]*(?:include|import)[ \t]+(?:"([^"\n]+)"|<([^>\n]+)>)""", re.MULTILINE
)
_CGO = late(rb"^[ \t/]*#cgo[ \t]+([^\n]*)", re.MULTILINE)
_FOLDER = late(r"-(?:I|iquote|isystem|L)\s*(\S+)")
_SRCDIR = late(r"\$\{SRCDIR\}(\S*)")


def read_includes(data: bytes) -> tuple[str, ...]:
    """Files that a C-family source includes, ``"…"`` and ``<…>`` alike."""
    return tuple(
        (quoted or angled).decode("utf-8", "surrogateescape")
        for quoted, angled in _INCLUDE.findall(data)
    )


def read_cgo(preamble: bytes) -> Cgo:
    """The record of the text between package clause and first declaration."""
    flags = " ".join(m.decode("utf-8", "surrogateescape") for m in _CGO.findall(preamble))
    folders = tuple(_local(match) for match in _FOLDER.findall(flags))
    named = tuple(match.lstrip("/").rstrip("\"'") for match in _SRCDIR.findall(flags))
    files = tuple(name for name in named if name and name not in folders)
    return Cgo(read_includes(preamble), folders, files)


def _local(folder: str) -> str:
    return folder.strip("\"'").replace("${SRCDIR}", ".")
