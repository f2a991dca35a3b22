"""go.mod and go.work: text to values. One syntax, two sets of directives."""

import re
from posixpath import normpath

from msgspec import Struct, field

from gomanager.golang.versions import order

_TOKEN = re.compile(r'//[^\n]*|"((?:[^"\\\n]|\\.)*)"|`([^`\n]*)`|=>|[(),\[\]]|[^\s()",`\[\]]+|\n')
_VERSION = re.compile(r"v?(\d+)\.(\d+)")
_PLAIN = ("module", "go", "toolchain")
_LISTS = ("require", "exclude", "replace", "retract", "tool", "ignore", "godebug", "use")
_LISTED = 17
"""The release from which go.mod lists all modules that are built."""


class Unreadable(ValueError):
    """A file that the go command refuses; the text says which line and why."""


class Replace(Struct, frozen=True, kw_only=True):
    """``path[@version] => target[@target_version]``; a target with no version is a folder."""

    path: str
    version: str
    target: str
    target_version: str

    @property
    def local(self) -> bool:
        """True where the target is a folder, inside the repository or not."""
        return self.target.startswith(("./", "../", "/")) or self.target in (".", "..")

    @property
    def fits(self) -> bool:
        """Whether its target has a version if and only if it is no folder."""
        return bool(self.target_version) is not self.local


class GoMod(Struct, frozen=True, kw_only=True):
    """The meaning of a go.mod or go.work file, without its order and comments (D6)."""

    module: str = ""
    go: str = ""
    toolchain: str = ""
    require: tuple[tuple[str, str], ...] = ()
    replace: tuple[Replace, ...] = ()
    exclude: tuple[tuple[str, str], ...] = ()
    ignore: tuple[str, ...] = ()
    godebug: tuple[str, ...] = ()
    tool: tuple[str, ...] = ()
    use: tuple[str, ...] = ()
    retract: tuple[str, ...] = ()
    """Versions, the ends of ranges among them."""
    unknown: tuple[str, ...] = ()
    """Directives that this version does not know."""
    twice: tuple[str, ...] = ()
    """Modules that are required at two versions."""
    faults: tuple[str, ...] = ()
    """Why the go command does not read the file, although its values are known."""

    @property
    def minor(self) -> int:
        """26 for ``go 1.26.3``; 16 where the line is missing, as the go command assumes."""
        match = _VERSION.match(self.go)
        return int(match[2]) if match else 16

    @property
    def lists_all(self) -> bool:
        """Whether it lists every module that is built: a go.mod does so from go 1.17 on."""
        return self.minor >= _LISTED


class _Draft(Struct):
    plain: dict[str, str] = field(default_factory=dict)
    require: dict[str, str] = field(default_factory=dict)
    replace: dict[tuple[str, str], Replace] = field(default_factory=dict)
    exclude: set[tuple[str, str]] = field(default_factory=set)
    words: dict[str, set[str]] = field(default_factory=dict)
    twice: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def parse_gomod(data: bytes) -> GoMod:
    """Raises Unreadable."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        msg = "not UTF-8"
        raise Unreadable(msg) from error
    draft = _Draft()
    for number, words in _statements(text):
        _apply(draft, words, number)
    return GoMod(
        module=draft.plain.get("module", ""),
        go=draft.plain.get("go", ""),
        toolchain=draft.plain.get("toolchain", ""),
        require=tuple(sorted(draft.require.items())),
        replace=tuple(draft.replace[key] for key in sorted(draft.replace)),
        exclude=tuple(sorted(draft.exclude)),
        ignore=_sorted(draft, "ignore"),
        godebug=_sorted(draft, "godebug"),
        tool=_sorted(draft, "tool"),
        use=_sorted(draft, "use"),
        retract=_sorted(draft, "retract"),
        unknown=_sorted(draft, "unknown"),
        twice=tuple(sorted(draft.twice)),
        faults=tuple(draft.faults),
    )


def _sorted(draft: _Draft, name: str) -> tuple[str, ...]:
    return tuple(sorted(draft.words.get(name, ())))


def _statements(text: str) -> list[tuple[int, list[str]]]:
    """(line number, words) of each directive, blocks unrolled with their verb in front."""
    found: list[tuple[int, list[str]]] = []
    block: str | None = None
    for number, words in _lines(text):
        if block is not None and words == [")"]:
            block = None
        elif block is not None:
            found.append((number, [block, *words]))
        elif len(words) == 2 and words[1] == "(":
            block = words[0]
        elif len(words) == 3 and words[1:] == ["(", ")"]:
            continue
        else:
            found.append((number, words))
    if block is not None:
        msg = f"the {block} block does not end"
        raise Unreadable(msg)
    return found


def _lines(text: str) -> list[tuple[int, list[str]]]:
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        words = []
        for match in _TOKEN.finditer(line):
            if match[0].startswith("//"):
                break
            quoted = match[1] if match[1] is not None else match[2]
            words.append(match[0] if quoted is None else quoted)
        if words:
            found.append((number, words))
    return found


def _apply(draft: _Draft, words: list[str], number: int) -> None:
    verb, rest = words[0], words[1:]
    if verb not in _PLAIN and verb not in _LISTS:
        draft.words.setdefault("unknown", set()).add(" ".join(words))
        return
    if not rest:
        msg = f"line {number}: {verb} without a value"
        raise Unreadable(msg)
    if verb in _PLAIN:
        if verb in draft.plain or len(rest) != 1:
            draft.faults.append(f"line {number}: {verb} must stand once, with one value")
        draft.plain[verb] = rest[0]
    elif verb == "require" or verb == "exclude":
        if len(rest) != 2:
            msg = f"line {number}: {verb} needs a module and a version"
            raise Unreadable(msg)
        if verb == "require":
            _require(draft, *rest)
        else:
            draft.exclude.add((rest[0], rest[1]))
    elif verb == "replace":
        replace = _replace(rest, number)
        known = draft.replace.setdefault((replace.path, replace.version), replace)
        if known != replace or not replace.fits:
            draft.faults.append(f"line {number}: replace {replace.path} cannot be followed")
        draft.replace[replace.path, replace.version] = replace
    elif verb == "retract":
        draft.words.setdefault(verb, set()).update(w for w in rest if w not in "[,]")
    else:
        _word(draft, verb, rest, number)


def _require(draft: _Draft, path: str, version: str) -> None:
    """The highest of several lines counts, where they are accepted at all."""
    known = draft.require.get(path, version)
    if known != version:
        draft.twice.add(path)
    draft.require[path] = max(known, version, key=order)


def _word(draft: _Draft, verb: str, rest: list[str], number: int) -> None:
    words = draft.words.setdefault(verb, set())
    word = " ".join(rest)
    if len(rest) != 1:
        draft.faults.append(f"line {number}: {verb} needs one value")
    if verb == "use":
        place = normpath(word)
        if place in draft.used:
            draft.faults.append(f"line {number}: {word} is used twice")
        draft.used.add(place)
    words.add(word)


def _replace(words: list[str], number: int) -> Replace:
    if "=>" not in words:
        msg = f"line {number}: replace without =>"
        raise Unreadable(msg)
    at = words.index("=>")
    left, right = words[:at], words[at + 1 :]
    if len(left) not in (1, 2) or len(right) not in (1, 2):
        msg = f"line {number}: replace needs a module on both sides"
        raise Unreadable(msg)
    return Replace(
        path=left[0],
        version=left[1] if len(left) == 2 else "",
        target=right[0],
        target_version=right[1] if len(right) == 2 else "",
    )


def parse_gosum(data: bytes) -> dict[tuple[str, str], frozenset[str]]:
    """(module, version) to its hashes; the version of a go.mod hash ends in ``/go.mod``.

    Lines that are no hashes are passed over: the go command complains, selection need not.
    """
    found: dict[tuple[str, str], frozenset[str]] = {}
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        words = line.split()
        if len(words) == 3:
            key = (words[0], words[1])
            found[key] = found.get(key, frozenset()) | {words[2]}
    return found


class Vendored(Struct, frozen=True, kw_only=True):
    """One module of ``vendor/modules.txt``; ``text`` is its entry without the packages."""

    path: str
    text: str
    packages: tuple[str, ...]


def for_workspace(first: bytes) -> bool:
    """Whether a modules.txt, by its first line, was written by ``go work vendor``."""
    return first.startswith(b"## ") and b"workspace" in map(bytes.strip, first[3:].split(b";"))


def parse_vendored(data: bytes) -> dict[str, Vendored]:
    """Entries of modules.txt by module path; raises Unreadable (C24)."""
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        msg = "not UTF-8"
        raise Unreadable(msg) from error
    texts: dict[str, list[str]] = {}
    packages: dict[str, list[str]] = {}
    current = ""
    for line in lines:
        if line.startswith("# "):
            current = line[2:].split(" ", 1)[0]
            texts.setdefault(current, []).append(line)
        elif line.startswith("## "):
            texts.setdefault(current, []).append(line)
        elif line.strip():
            if not current:
                msg = "a package before the first module"
                raise Unreadable(msg)
            packages.setdefault(current, []).append(line.strip())
    return {
        path: Vendored(
            path=path, text="\n".join(text), packages=tuple(sorted(packages.get(path, ())))
        )
        for path, text in texts.items()
        if path
    }
