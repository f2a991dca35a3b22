"""The language of ``//go:build``: text to tree, and the lines that carry it in a Go file."""

from functools import lru_cache

from gomanager.regex import late

_TOKEN = late(r"[ \t]*(?:(\|\||&&|[!()])|([\w.]+)|(\Z))")
_TAG = late(r"[\w.]+\Z")


class Broken(ValueError):
    """A constraint that the go command refuses."""


Node = tuple[str, tuple["Node", ...]]
"""(operator, operands): ``&&`` ``||`` ``!``; a tag has no operands."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The tree of an expression; raises Broken."""
    parser = _Parser(text)
    node = parser.either()
    if parser.token:
        msg = f"unexpected {parser.token} in //go:build {text}"
        raise Broken(msg)
    return node


def tags(node: Node) -> frozenset[str]:
    """Every tag that an expression names."""
    operator, operands = node
    if not operands:
        return frozenset((operator,))
    return frozenset().union(*map(tags, operands))


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.token = ""
        self.advance()

    def advance(self) -> None:
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            msg = f"invalid syntax in //go:build {self.text}"
            raise Broken(msg)
        self.at = match.end()
        self.token = match[1] or match[2] or ""

    def either(self) -> Node:
        operands = [self.both()]
        while self.token == "||":
            self.advance()
            operands.append(self.both())
        return operands[0] if len(operands) == 1 else ("||", tuple(operands))

    def both(self) -> Node:
        operands = [self.negated()]
        while self.token == "&&":
            self.advance()
            operands.append(self.negated())
        return operands[0] if len(operands) == 1 else ("&&", tuple(operands))

    def negated(self) -> Node:
        if self.token != "!":
            return self.atom()
        self.advance()
        if self.token == "!":
            msg = f"double negation in //go:build {self.text}"
            raise Broken(msg)
        return ("!", (self.atom(),))

    def atom(self) -> Node:
        token = self.token
        if token == "(":
            self.depth += 1
            if self.depth > 100:
                msg = "a //go:build expression that is nested too deeply"
                raise Broken(msg)
            self.advance()
            node = self.either()
            if self.token != ")":
                msg = f"missing ) in //go:build {self.text}"
                raise Broken(msg)
            self.depth -= 1
        elif _TAG.match(token):
            node = (token, ())
        else:
            msg = f"missing tag in //go:build {self.text}"
            raise Broken(msg)
        self.advance()
        return node


def constraint_of(preamble: bytes) -> str:
    """The expression in the text before a package clause; empty: none. Raises Broken."""
    if b"build" not in preamble:
        return ""
    lines = [line.strip() for line in preamble.decode("utf-8", "surrogateescape").split("\n")]
    found = [lines[i] for i in _go_build(lines)]
    if len(found) > 1:
        msg = "multiple //go:build comments"
        raise Broken(msg)
    if found:
        text = found[0][len("//go:build") :].strip()
        parse(text)
        return text
    return " && ".join(f"({part})" for part in _plus_build(lines))


def _go_build(lines: list[str]) -> list[int]:
    """Numbers of the ``//go:build`` lines: alone on their line, outside block comments."""
    found = []
    inside = False
    for number, line in enumerate(lines):
        if not inside and (
            line == "//go:build" or line.startswith(("//go:build ", "//go:build\t"))
        ):
            found.append(number)
        inside = _inside_after(line, inside=inside)
    return found


def _inside_after(line: str, *, inside: bool) -> bool:
    """Whether a block comment is open at the end of a line of comments."""
    while line:
        if inside:
            _, closed, line = line.partition("*/")
            if not closed:
                return True
            inside = False
        line = line.strip()
        if not line.startswith("/*"):
            return False
        inside, line = True, line[2:]
    return inside


def _plus_build(lines: list[str]) -> list[str]:
    """Expressions of the ``// +build`` lines that a blank line separates from the clause."""
    last_blank = max((n for n, line in enumerate(lines[:-1]) if not line), default=-1)
    found = []
    for line in lines[: max(last_blank, 0)]:
        words = line[2:].split() if line.startswith("//") else []
        if words[:1] == ["+build"]:
            options = [_option(word) for word in words[1:]]
            found.append(" || ".join(options) or "ignore")
    return found


def _option(word: str) -> str:
    """``linux,!cgo``: a comma is "and"; what is no tag never holds."""
    terms = word.split(",")
    if not all(_TAG.match(term.removeprefix("!")) for term in terms):
        return "ignore"
    return " && ".join(terms) if len(terms) == 1 else f"({' && '.join(terms)})"
