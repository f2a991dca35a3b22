"""Equal failures get equal fingerprints: text without what changes from run to run.

``kind:`` and 8 hex digits of SHA-256 over (module-relative package, key). The key is structure
where there is some (a race's pair of functions, a panic's function), otherwise normalised text.
"""

import re
from collections.abc import Callable

from gomanager.regex import late
from gomanager.results import Kind

LIMIT = 10_000
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_TIMES = (
    r"\b\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?Z| ?[+-]\d\d:?\d\d)?)?"
    rf"|\b(?:\w{{3}}, )?\d\d? (?:{_MONTHS}) \d{{4}} \d\d:\d\d:\d\d(?: [A-Z]{{3,4}})?"
    r"|\b\d\d:\d\d:\d\d(?:\.\d+)?\b|\b1\d{9,18}\b"
)
_TEMPORARY = (
    r"(?:/private)?(?:/var/folders/\S{1,200}?|/tmp|(?<!\S)\S{0,200}?[\\/]AppData[\\/]Local[\\/]Temp)"
    r"[\\/][^\s:,;\"')]+"
    r"|\b\w{1,200}?\d{6,20}/\d{3}\b"
)
_RULES: tuple[tuple[str, str], ...] = (
    ("UUID", r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"),
    ("HEX", r"\b0x[0-9a-fA-F]+\b|\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{12,}\b"),
    ("TIME", _TIMES),
    ("DUR", r"(?<![\w.])(?:\d+(?:\.\d+)?(?:ns|µs|μs|us|ms|s|m|h))+\b"),
    ("ADDR", r"(?:\b\d{1,3}(?:\.\d{1,3}){3}|\blocalhost|\[[0-9a-f]*:[0-9a-f:]*\]):\d{1,5}\b"),
    ("TMP", _TEMPORARY),
)  # fmt: skip
_NUMBERED = tuple((name, late(pattern)) for name, pattern in _RULES)
_PATHS = late(r"(?:[A-Za-z]:)?(?:/[\w.@+~-]{1,255}){1,64}/(?=[\w.-]+\.go\b)")
_GO_LINE = late(r"\.go:\d+(?::\d+)?")
_GOROUTINE = late(r"\bgoroutine \d+|\b(?:gp|m|mp)=\S+|, \d+ minutes")
_RECOVERED = late(r" \[recovered[^\]]*\]")
_TAIL = late(r"(?<=-)(?=[a-z0-9]*\d)[a-z0-9]{5,10}\b")
_STATUS = late(r"(?i)((?:status|http(?:/\d\.\d)?|code)\W{0,3})([1-5])(\d)(\d)\b")
_DIGITS = late(r"(?<!\d)(?<!<[A-Z])(?<!<[A-Z]{2})(?<!<[A-Z]{3})(?<!<[A-Z]{4})\d+(?:\.\d+)?")
_MAP = late(r"map\[([^\[\]]*)\]")
_COMPARED = late(
    r"(?im)^(\s*(?:error:\s*)?(?:\.\.\. )?(?:expected|actual|want|wanted|got|obtained)\s*[:=]).*$"
)
_INLINE = late(
    r"(?i)\b(expected|actual|want|wanted|got|obtained)\b(\s*[:=]?\s*)((?:\"[^\"\n]*\"|`[^`\n]*`|[^\s,;()]+))"
)
_DIFF_LINE = late(r"(?m)^\s*[-+]\s?.*$\n?")


def normalise(text: str) -> str:
    """Text with equal values as equal placeholders; normalising twice changes nothing."""
    text = _cut(text, 4 * LIMIT).replace("\r\n", "\n").replace("\u00a0", " ")
    for name, pattern in _NUMBERED:
        text = pattern.sub(_numbering(name), text)
    text = _PATHS.sub("", text)
    text = _GO_LINE.sub(".go", text)
    text = _RECOVERED.sub("", _GOROUTINE.sub("", text))
    text = _TAIL.sub("<TAIL>", text)
    text = _STATUS.sub(_spell_status, text)
    text = _DIGITS.sub("<N>", text)
    text = _MAP.sub(lambda m: f"map[{' '.join(sorted(m[1].split()))}]", text)
    lines = dict.fromkeys(line.rstrip() for line in text.split("\n"))
    return _cut("\n".join(lines), LIMIT)


def _cut(text: str, limit: int) -> str:
    """Without its middle, so that no text costs more than its length allows."""
    return text if len(text) <= limit else f"{text[: limit // 2]}…{text[-limit // 2 + 1 :]}"


def without_values(text: str) -> str:
    """An assertion's text without the values it compared: they are shown, not keyed."""
    text = _DIFF_LINE.sub("", _COMPARED.sub(r"\1", text))
    return _INLINE.sub(r"\1\2<V>", text)


def fingerprint(kind: Kind, package: str, *key: str) -> str:
    """``assertion:1a2b3c4d``; ``package`` is relative to its module."""
    import hashlib

    raw = "\0".join((package, *key)).encode("utf-8", "surrogatepass")
    return f"{kind.value}:{hashlib.sha256(raw).hexdigest()[:8]}"


def _numbering(name: str) -> Callable[["re.Match[str]"], str]:
    seen: dict[str, int] = {}

    def replace(found: "re.Match[str]") -> str:
        return f"<{name}{seen.setdefault(found[0], len(seen) + 1)}>"

    return replace


def _spell_status(found: "re.Match[str]") -> str:
    """HTTP status codes stay: spelled so that the digit rule leaves them alone."""
    letters = "".join("abcdefghij"[int(digit)] for digit in found.groups()[1:])
    return f"{found[1]}<{letters}>"
