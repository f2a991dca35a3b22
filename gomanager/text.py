"""Foreign text made safe: one escape for each sink, commands of CI runners hidden, cut, masked.

Foreign is everything that gomanager did not write itself: test output, names, paths, compiler
messages. It passes exactly one of these functions on its way out.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence

from gomanager.regex import late

_SGR = late(r"\x1b\[[0-9;:]*m")
# A string sequence that nobody ends must not swallow the lines behind it: it stops at a newline.
_CONTROL = late(
    r"(?P<sgr>\x1b\[[0-9;:]*m)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_LINE_ENDS = late(r"\r\n?|[\u2028\u2029]")
_ANYWHERE = late(r"##(?=\[|vso\[|teamcity\[)", re.IGNORECASE)
_ANYWHERE_BYTES = late(rb"##(?=\[|vso\[|teamcity\[)", re.IGNORECASE)
_HIDDEN = late("[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""XML and JSON may hold them; a terminal takes U+009B for an escape, and turns the writing round."""
_HIDDEN_BYTES = late(
    rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2(?:\x80[\x8e\x8f\xaa-\xae]|\x81[\xa6-\xa9])"
)
"""The same in UTF-8."""
_LEADING = late(r"^([^\S\n]*)::", re.MULTILINE)
_GROUPS = late(r"^(?=(?:---|\+\+\+|~~~|\^\^\^) )", re.MULTILINE)
_BACKTICKS = late(r"`+")
_NOT_XML = late("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HARMLESS_XML = late(r"[A-Za-z0-9_ ./,;=+*()\[\]{}|^$@!~%-]*")
"""Most names: nothing to escape, no command, no white space but blanks."""
_SURROGATE = late("[\ud800-\udfff]")
_SECRET_NAME = late(r"TOKEN|SECRET|PASSW|KEY", re.IGNORECASE)
_SECRET_LENGTH = 6
RESET = "\x1b[0m"


def for_terminal(text: str, *, colour: bool = False) -> str:
    """Text for a terminal or a log: no control sequence but SGR (with ``colour``), no command.

    ``\\r`` becomes a newline. Coloured text ends with a reset.
    """
    text = _without_controls(_LINE_ENDS.sub("\n", text), colour=colour)
    text = without_commands(text)
    if not (colour and _SGR.search(text)):
        return text
    body = text.rstrip("\n")
    return body + RESET + text[len(body) :]


def plain(text: str) -> str:
    """Text without any control sequence or control character but tab and newline."""
    return _without_controls(_LINE_ENDS.sub("\n", text), colour=False)


def one_line(text: str) -> str:
    """A name inside a line of ours: plain, every white space a space."""
    return re.sub(r"\s", " ", plain(text))


def first_line(text: str, limit: int = 1000) -> str:
    """The first line that says something, in at most ``limit`` characters."""
    lines = (line.strip() for line in plain(text).split("\n"))
    return cut_line(next((line for line in lines if line), ""), limit)


def without_commands(text: str) -> str:
    """Text that no CI runner obeys: ``##[`` gets a space, no line begins with ``::``."""
    return _LEADING.sub(r"\1: :", _ANYWHERE.sub("## ", text))


def fence(vendor: str | None) -> Callable[[str], str] | None:
    """What a block of foreign text must pass, behind :func:`for_terminal`, in the log of a CI.

    None where nothing more is needed. The block is closed within itself: write it at once.
    """
    match vendor:
        case "github" | "gitea" | "forgejo":
            return _stop_commands
        case "buildkite":
            return _without_groups
        case _:
            return None


def _stop_commands(block: str) -> str:
    """GitHub obeys nothing until the token comes again; the token is never used twice."""
    token = os.urandom(16).hex()
    end = "" if block.endswith("\n") else "\n"
    return f"::stop-commands::{token}\n{block}{end}::{token}::\n"


def _without_groups(block: str) -> str:
    """Buildkite folds its log at lines that begin with these markers."""
    return _GROUPS.sub(" ", block)


def code(text: str, *, table: bool = False) -> str:
    """A Markdown code span; in a table cell the pipes are escaped. Markdown is read in logs too."""
    text = _ANYWHERE.sub("## ", one_line(_SURROGATE.sub("\ufffd", text)))
    if not text:
        return "(empty)"
    ticks = "`" * (max((len(run) for run in _BACKTICKS.findall(text)), default=0) + 1)
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    if not text.strip():
        pad = ""  # a span of spaces alone keeps them all
    span = f"{ticks}{pad}{text}{pad}{ticks}"
    return span.replace("|", "\\|") if table else span


def code_block(text: str, language: str = "text") -> str:
    """A fenced Markdown block, its fence longer than any run of backticks inside."""
    text = without_commands(plain(_SURROGATE.sub("\ufffd", text))).rstrip("\n")
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"


def for_xml(text: str) -> str:
    """Escaped character data; what is no XML character is U+FFFD, no line is a command."""
    text = _NOT_XML.sub("\ufffd", _without_sequences(text).replace("\r\n", "\n"))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _ANYWHERE.sub("&#35;&#35;", text.replace("\r", "&#13;"))
    text = _HIDDEN.sub(lambda m: f"&#{ord(m[0])};", text)
    return _LEADING.sub(r"\1&#58;&#58;", text)


def for_xml_attribute(text: str) -> str:
    """The same for a value between double quotes; white space survives the parser."""
    if _HARMLESS_XML.fullmatch(text):
        return text
    text = for_xml(text).replace('"', "&quot;")
    return text.replace("\t", "&#9;").replace("\n", "&#10;")


def for_xml_attributes(texts: Sequence[str]) -> Sequence[str]:
    """The same for each of many; costs little where nothing is to be escaped in any."""
    if _HARMLESS_XML.fullmatch(" ".join(texts)):
        return texts
    return [for_xml_attribute(text) for text in texts]


def for_json(text: str) -> str:
    """Text that every JSON encoder takes: no lone surrogates."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def hide_in_json(document: bytes) -> bytes:
    """Encoded JSON that means the same: no command for a runner that sees its bytes, no control."""
    document = _ANYWHERE_BYTES.sub(rb"\\u0023\\u0023", document)
    return _HIDDEN_BYTES.sub(lambda m: b"\\u%04x" % ord(m[0].decode()), document)


def holds_hidden(text: str) -> bool:
    """Whether a text holds what people do not see and a terminal obeys."""
    return _HIDDEN.search(text) is not None


def holds_command(text: str) -> bool:
    """Whether a CI runner would obey something in the text."""
    return bool(_ANYWHERE.search(text) or _LEADING.search(_LINE_ENDS.sub("\n", text)))


def cut_characters(text: str, limit: int, *, head: float = 0.5, where: str = "") -> str:
    """At most ``limit`` characters: head and tail, and between them what was left out.

    ``head`` is the share of the head (0–1), ``where`` tells where the whole text is.
    """
    if len(text) <= limit:
        return text
    room = limit - len(_note(len(text), "characters", where))
    if room <= 0:
        return text[: max(0, limit)]
    first = int(room * head)
    note = _note(len(text) - room, "characters", where)
    return text[:first] + note + text[len(text) - (room - first) :]


def cut_line(text: str, limit: int) -> str:
    """As :func:`cut_characters`, and a line stays one line."""
    return cut_characters(text, limit).replace("\n", " ")


def cut_bytes(text: str, limit: int, *, head: float = 0.5, where: str = "") -> str:
    """As :func:`cut_characters`, in bytes of UTF-8; no character is torn."""
    if len(text) * 4 <= limit:
        return text
    data = for_json(text).encode()
    if len(data) <= limit:
        return text
    room = limit - len(_note(len(data), "bytes", where).encode())
    if room <= 0:
        return data[: max(0, limit)].decode("utf-8", "ignore")
    first = int(room * head)
    begin = data[:first].decode("utf-8", "ignore")
    end = data[len(data) - (room - first) :].decode("utf-8", "ignore")
    missing = len(data) - len(begin.encode()) - len(end.encode())
    return begin + _note(missing, "bytes", where) + end


def _note(missing: int, unit: str, where: str) -> str:
    place = f"; all of it: {where}" if where else ""
    return f"\n[… {missing:,} {unit} left out{place} …]\n"


def masker(environ: Mapping[str, str]) -> Callable[[str], str]:
    """A function that replaces the values of secret variables by ``***``."""
    values = {
        part
        for name, value in environ.items()
        if _SECRET_NAME.search(name)
        for part in (value, *value.splitlines())
        if len(part.strip()) >= _SECRET_LENGTH
    }
    if not values:
        return str
    # The longest first: one secret may begin with another.
    pattern = late("|".join(re.escape(v) for v in sorted(values, key=lambda v: (-len(v), v))))
    return lambda text: pattern.sub("***", text)


def mask_secrets(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """Text without the values of variables named like tokens, secrets, passwords and keys."""
    return masker(environ)(text)


def _without_controls(text: str, *, colour: bool) -> str:
    if text.isprintable():
        return text
    return _CONTROL.sub(lambda m: m[0] if colour and m["sgr"] else "", text)


def _without_sequences(text: str) -> str:
    """ANSI sequences dropped; single control characters stay and are the sink's matter."""
    return _CONTROL.sub(lambda m: "" if len(m[0]) > 1 else m[0], text)
