"""What runs before a test binary can log what it reads: initialisers of variables, and ``init``.

A call there is followed by name through first-party code until something reads. Names stand for
functions and methods alike, and a function that is handed to a call counts as called: rather too
much than too little, for what is found only costs a proof.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gomanager.golang.view import View

_PIECE = re.compile(rb"^(?=(?:func|var)\b)|^(?=(?:type|const|import)\b)", re.MULTILINE)
_NAME = re.compile(rb"func\s+(?:\([^)]*\)\s*)?(\w+)")
_CALLED = re.compile(rb"(?:\b(\w+)\.)?\b([A-Za-z_]\w*)(?:\[[^\]()]*\])?\(")
_PASSED = re.compile(rb"[(,]\s*(?:(\w+)\.)?([A-Za-z_]\w*)(?=\s*[,)])")
_COMMENT = re.compile(rb"//[^\n]*")
_READS = re.compile(
    rb"\b(?:os\.(?:Open\w*|Read\w+|Stat|Lstat|DirFS|Environ|ExpandEnv)|ioutil\.Read\w+|"
    rb"filepath\.(?:Glob|Walk\w*|EvalSymlinks)|exec\.(?:Command\w*|LookPath)|plugin\.Open)\b"
    rb"|\b(?:os|syscall)\.(?:Getenv|LookupEnv)\b(?!\(\s*[\"`][^\"`\n]*[\"`]\s*\))"
)
"""What names of variables no pattern finds, and everything that opens or starts something."""
_ALIAS = re.compile(rb"^\s*(?:import\s+)?(\w+)\s+[\"`]([^\"`]+)[\"`]", re.MULTILINE)
_BACK = 2000
"""So much is looked at for where a function is handed to."""
_Called = tuple[str, str]
"""(name in front of the dot or empty, name)."""
_Function = tuple[str, str, bool]
"""(package, name, whether its test files have it)."""


class Code(NamedTuple):
    """The functions of a package's files of one kind."""

    bodies: Mapping[str, tuple[bytes, ...]]
    early: tuple[bytes, ...]
    """What runs at the start."""
    aliases: Mapping[str, frozenset[str]]
    """Name in front of a dot to the import paths that it was given to."""


class Early:
    """Answers for the test binaries of one view; a function is looked at once."""

    def __init__(self, view: "View") -> None:
        self._view = view
        self._code: dict[tuple[str, bool], Code] = {}
        self._known: dict[_Function, bool] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._starts: dict[tuple[str, bool], str] = {}

    def reader(self, node: str, *, test: bool) -> str:
        """What of a package's code reads before the tests begin; empty: nothing."""
        known = self._starts.get((node, test))
        if known is None:
            known = self._starts[node, test] = self._reader(node, test=test)
        return known

    def _reader(self, node: str, *, test: bool) -> str:
        for text in self._of(node, test=test).early:
            if _READS.search(text) is not None:
                return "reads"
            for called in _calls(text):
                if self._reads(node, called, test=test):
                    return f"calls {'.'.join(filter(None, called))}, which reads"
        return ""

    def _reads(self, node: str, called: _Called, *, test: bool) -> bool:
        """Whether a call, made in a package, comes to read anything."""
        start = list(self._functions(node, called, test=test))
        seen, queue = set(start), start
        while queue:
            function = queue.pop()
            known = self._known.get(function)
            if known is None:
                known, calls = self._look(function)
                place, _, own = function
                for call in () if known else calls:
                    for one in self._functions(place, call, test=own):
                        if one not in seen:
                            seen.add(one)
                            queue.append(one)
            if known:
                self._known[function] = True
                return True
        self._known.update(dict.fromkeys(seen, False))
        return False

    def _functions(self, node: str, called: _Called, *, test: bool) -> Iterator[_Function]:
        for place in self._meant(node, called[0], test=test):
            kinds = (False, True) if test and place == node else (False,)
            for kind in kinds:
                if called[1] in self._of(place, test=kind).bodies:
                    yield place, called[1], kind

    def _look(self, function: _Function) -> tuple[bool, list[_Called]]:
        """Whether a function reads itself, and what it calls."""
        place, name, test = function
        texts = self._of(place, test=test).bodies[name]
        reads = any(_READS.search(text) is not None for text in texts)
        return reads, [] if reads else [call for text in texts for call in _calls(text)]

    def _meant(self, node: str, before: str, *, test: bool) -> Iterator[str]:
        """Packages that a call may lead to; a variable's method may be of any that is imported."""
        if not before:
            yield node
            return
        packages, view = self._view.graph.packages, self._view
        if before in self._foreign(node):
            return
        edges = [*view.imports.get(node, ()), *(view.test_imports.get(node, ()) if test else ())]
        nodes = [n for n, _ in edges if n in packages and not packages[n].vendored]
        kinds = (False, True) if test else (False,)
        given = frozenset().union(
            *(self._of(node, test=kind).aliases.get(before, frozenset()) for kind in kinds)
        )
        named = [n for n in nodes if packages[n].name == before or view.import_path(n) in given]
        yield from named or (node, *nodes)

    def _foreign(self, node: str) -> frozenset[str]:
        """Names of packages that a package imports from elsewhere."""
        if node not in self._names:
            resolver = self._view.resolver
            paths = {
                path for group in self._view.graph.packages[node].groups for path in group.imports
            }
            elsewhere = (path for path in paths if (resolver.node(path) or "@")[:1] == "@")
            self._names[node] = frozenset(path.rpartition("/")[2] for path in elsewhere)
        return self._names[node]

    def _of(self, node: str, *, test: bool) -> Code:
        if (node, test) not in self._code:
            tree = self._view.graph.tree
            oids = [f.oid for f in self._view.files(node) if f.is_test is test]
            self._code[node, test] = _code(text for _, text in tree.read(oids)) if oids else _NONE
        return self._code[node, test]


_NONE = Code({}, (), {})


def _code(texts: Iterator[bytes]) -> Code:
    bodies: dict[str, tuple[bytes, ...]] = {}
    aliases: dict[str, frozenset[str]] = {}
    early = []
    for text in texts:
        head, *pieces = _PIECE.split(_COMMENT.sub(b"", text))
        for piece in (head, *pieces):
            if piece.startswith(b"func"):
                match = _NAME.match(piece)
                name = match[1].decode("utf-8", "replace") if match is not None else ""
                if name == "init":
                    early.append(piece)
                bodies[name] = (*bodies.get(name, ()), piece)
            elif piece.startswith(b"var"):
                early.append(_run(piece))
            else:
                for alias, path in _ALIAS.findall(piece) if b"import" in piece[:6] else ():
                    key = alias.decode("utf-8", "replace")
                    aliases[key] = aliases.get(key, frozenset()) | {path.decode("utf-8", "replace")}
    return Code(bodies, tuple(early), aliases)


def _calls(text: bytes) -> Iterator[_Called]:
    found = {*_CALLED.findall(text), *_PASSED.findall(text)} - {(b"", b"init")}
    for before, name in sorted(found):
        yield before.decode("utf-8", "replace"), name.decode("utf-8", "replace")


def _run(text: bytes) -> bytes:
    """Initialisers without the bodies of functions that nothing calls there."""
    kept, at = [], 0
    while (start := text.find(b"func(", at)) >= 0:
        kept.append(text[at:start])
        opening = _opening(text, start)
        end = _closing(text, opening)
        before = text[max(0, start - _BACK) : start].rstrip()
        called = text[end : end + 1] == b"(" or before.endswith(b"(")
        passed = before.endswith(b",") and _inside_call(before)
        kept.append(text[start:end] if called or passed else b"")
        at = end
    return b"".join((*kept, text[at:]))


def _opening(text: bytes, start: int) -> int:
    """Where the body of a function begins; its results may hold braces of their own."""
    depth = 0
    for at in range(start, len(text)):
        sign = text[at : at + 1]
        if sign in (b"(", b"["):
            depth += 1
        elif sign in (b")", b"]"):
            depth -= 1
        elif (
            depth == 0
            and sign in (b"{", b"\n")
            and not text[max(0, at - 20) : at].rstrip().endswith(b"interface")
        ):
            return at
    return len(text)


def _closing(text: bytes, opening: int) -> int:
    depth = 0
    for at in range(opening, len(text)):
        if text[at] == 0x7B:
            depth += 1
        elif text[at] == 0x7D:
            depth -= 1
            if depth == 0:
                return at + 1
        elif depth == 0:
            return at
    return len(text)


def _inside_call(before: bytes) -> bool:
    depth = 0
    for sign in reversed(before):
        if sign in b")]}":
            depth += 1
        elif sign in b"([{":
            depth -= 1
            if depth < 0:
                return sign == 0x28
    return len(before) > _BACK // 2  # too long to tell
