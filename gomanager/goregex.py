r"""Go's regular expressions (RE2 syntax) as Python ones, for names of test functions.

Source: https://pkg.go.dev/regexp/syntax. Names hold no newline, so ``$`` needs no care.
Look-around, back references and possessive repeats, which Python has and Go has not, are
refused, and so is ``\p{…}`` but for letters and numbers.
"""

import re
from functools import lru_cache

from gomanager.regex import late

_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7F",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
# Identifiers of Go hold no other character beyond ASCII than letters and digits.
_LETTERS = r"A-Za-z\x80-\U0010FFFF"
_ESCAPE = late(
    r"""\\(?: (?P<quote>Q(?P<quoted>.*?)(?:\\E|$)) | (?P<end>z) | (?P<hex>x\{(?P<digits>[0-9A-Fa-f]+)\})
    | (?P<letter>p(?:L|\{L\})) | (?P<number>p(?:N|\{N\}))
    | (?P<plain>[AaBbDdfnrSstvWw] | x[0-9A-Fa-f]{2} | [^\w\s]) )""",
    re.VERBOSE | re.DOTALL,
)
_OUTSIDE = (r"\A", r"\B", r"\b", r"\z")
_REPEAT = late(r"(?:[*+?]|\{\d+(?:,\d*)?\})\??")
_GROUP = late(r"\((?:\?(?:P?<(?P<name>\w+)>|(?P<flags>[imsU]*(?:-[imsU]+)?)(?P<end>[:)])))?")


class BadPattern(ValueError):
    """The text is no regular expression that Go accepts."""


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """The Python expression whose ``search`` finds what Go's would; raises BadPattern."""
    translated = _Translation(pattern).text()
    try:
        return re.compile(translated, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadPattern(str(error)) from error


class _Translation:
    """One pass over the pattern; ``open`` holds per group the flags that were set inside it."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.out: list[str] = []
        self.open: list[list[str]] = [[]]

    def text(self) -> str:
        while self.at < len(self.pattern):
            self._step(self.pattern[self.at])
        if len(self.open) > 1:
            message = "missing closing ')'"
            raise BadPattern(message)
        self.out.append(")" * len(self.open[0]))
        return "".join(self.out)

    def _step(self, sign: str) -> None:
        match sign:
            case "\\":
                self._escape(in_class=False)
            case "[":
                self._class()
            case "(":
                self._group()
            case ")":
                if len(self.open) == 1:
                    message = "unexpected ')'"
                    raise BadPattern(message)
                self._emit(")" * len(self.open.pop()) + ")", 1)
            case "|":
                # Flags set inside a group hold behind the bar too: a(?i)b|c.
                flags = self.open[-1]
                self._emit(")" * len(flags) + "|" + "".join(flags), 1)
            case "*" | "+" | "?" | "{":
                self._repeat(sign)
            case _:
                self._emit(sign, 1)

    def _emit(self, text: str, width: int) -> None:
        self.out.append(text)
        self.at += width

    def _repeat(self, sign: str) -> None:
        found = _REPEAT.match(self.pattern, self.at)
        if found is None:
            self._emit("\\" + sign, 1)
            return
        if max((int(number) for number in re.findall(r"\d+", found[0])), default=0) > 1000:
            message = f"'{found[0]}' repeats more than 1000 times"
            raise BadPattern(message)
        self._emit(found[0], len(found[0]))
        again = _REPEAT.match(self.pattern, self.at)
        if again:
            message = f"'{found[0]}{again[0]}' repeats a repeat"
            raise BadPattern(message)

    def _escape(self, *, in_class: bool) -> None:
        found = _ESCAPE.match(self.pattern, self.at)
        if found is None or (in_class and (found["quote"] or found[0] in _OUTSIDE)):
            message = f"invalid escape '{self.pattern[self.at : self.at + 2]}'"
            raise BadPattern(message)
        if found["quote"] is not None:
            text = re.escape(found["quoted"])
        elif found["end"]:
            text = r"\Z"
        elif found["hex"]:
            text = _character(found["digits"])
        elif found["letter"]:
            text = _LETTERS if in_class else f"[{_LETTERS}]"
        elif found["number"]:
            text = "0-9" if in_class else "[0-9]"
        else:
            text = found[0]
        self._emit(text, len(found[0]))

    def _class(self) -> None:
        self._emit("[", 1)
        if self.pattern.startswith("^", self.at):
            self._emit("^", 1)
        first = True
        while self.at < len(self.pattern):
            sign = self.pattern[self.at]
            if sign == "]" and not first:
                self._emit("]", 1)
                return
            first = False
            named = re.compile(r"\[:(\w+):\]").match(self.pattern, self.at)
            if named and named[1] in _POSIX:
                self._emit(_POSIX[named[1]], len(named[0]))
            elif self.pattern.startswith("[:", self.at):
                message = "unknown character class"
                raise BadPattern(message)
            elif sign == "\\":
                self._escape(in_class=True)
            else:
                self._emit("\\" + sign if sign in "[]&|~" else sign, 1)
        message = "missing closing ']'"
        raise BadPattern(message)

    def _group(self) -> None:
        found = _GROUP.match(self.pattern, self.at)
        if found is None or (found[0] == "(" and self.pattern.startswith("?", self.at + 1)):
            message = f"Go knows no '{self.pattern[self.at : self.at + 3]}'"
            raise BadPattern(message)
        if found["name"]:
            self._emit(f"(?P<{found['name']}>", len(found[0]))
        elif found["end"] is None:
            self._emit("(", 1)
        else:
            # U only turns greed around, which decides no match.
            flags = found["flags"].replace("U", "").removesuffix("-")
            self._emit(f"(?{flags}:", len(found[0]))
            if found["end"] == ")":
                self.open[-1].append(f"(?{flags}:")
                return
        self.open.append([])


def _character(digits: str) -> str:
    if int(digits, 16) > 0x10FFFF:
        message = f"no character has the number {digits}"
        raise BadPattern(message)
    return re.escape(chr(int(digits, 16)))
