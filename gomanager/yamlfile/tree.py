"""The text of a YAML file as a node tree, and the traps that a YAML loader hides."""

import stat
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct, field

from gomanager.errors import Problem
from gomanager.regex import late
from gomanager.yamlfile.mistakes import Complaint, Place

MAX_BYTES = 1 << 20
MAX_ALIASES = 100
MAX_NODES = 100_000
MAX_DEPTH = 50

_TAG = "tag:yaml.org,2002:"
_UNPRINTABLE = late(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURPRISING = late(r"[-+]?(0[0-9_]+|[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)")


class Tree(Struct, kw_only=True):
    """A parsed file; lines and columns count from 1."""

    text: str
    value: dict[str, object] = field(default_factory=dict)
    positions: dict[Place, tuple[int, int]] = field(default_factory=dict)
    """Of values."""
    keys: dict[Place, tuple[int, int]] = field(default_factory=dict)
    """Of the keys in front of them."""
    raw: dict[Place, str] = field(default_factory=dict)
    """Plain scalars as written."""
    complaints: list[Complaint] = field(default_factory=list)

    def locate(self, complaint: Complaint) -> tuple[int, int]:
        """Where a complaint points to: its value or key, else the nearest mapping around it."""
        path = complaint.path
        if complaint.key and path in self.keys:
            return self.keys[path]
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path, (1, 1))


class _Refused(Exception):
    """The document as a whole cannot be taken."""

    def __init__(self, message: str, mark: Any = None, fix: str | None = None) -> None:
        super().__init__(message)
        self.mark = mark
        self.fix = fix


def load(file: Path, shown: str) -> Tree | Problem:
    """Read and parse one file; a Problem where the text is no single YAML mapping."""
    text = _text(file, shown)
    return text if isinstance(text, Problem) else parse(text, shown)


def parse(text: str, shown: str) -> Tree | Problem:
    """The node tree of a text, with everything suspicious in it noted."""
    tree = Tree(text=text)
    loader = yaml.CSafeLoader(text)
    try:
        _count_aliases(text)
        node = loader.get_single_node()
        if node is not None and not _empty(node):
            _Walk(tree).mapping(_top(node), (), (id(node),))
            tree.value = loader.construct_document(node)
    except _Refused as error:
        return _problem(shown, text, str(error), error.mark, error.fix)
    except yaml.MarkedYAMLError as error:
        return _syntax(shown, text, error)
    except (yaml.YAMLError, ValueError, TypeError) as error:
        return _problem(shown, text, f"cannot be read: {error}", None, None)
    finally:
        loader.dispose()
    return tree


def excerpt(text: str, line: int, column: int, width: int = 100) -> str | None:
    """The line with a caret below the column, cut around it when long."""
    lines = text.splitlines()
    if not 0 < line <= len(lines):
        return None
    start = max(0, column - 1 - width // 2) if column > width else 0
    shown = lines[line - 1].replace("\t", " ")[start : start + width]
    return f"    {shown}\n    {' ' * (column - 1 - start)}^"


def _text(file: Path, shown: str) -> str | Problem:
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            return Problem(message="is not a regular file", file=shown)
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        return Problem(message=f"cannot be read: {error.strerror}", file=shown)
    if len(data) > MAX_BYTES:
        return Problem(message="is larger than 1 MiB", file=shown)
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        line, column = _end(before)
        return Problem(message="is not UTF-8 text", file=shown, line=line, column=column)
    if bad := _UNPRINTABLE.search(text):
        line, column = _end(text[: bad.start()])
        message = f"holds the control character U+{ord(bad[0]):04X}"
        return Problem(message=message, file=shown, line=line, column=column)
    return text


def _end(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _count_aliases(text: str) -> None:
    if text.count("*") <= MAX_ALIASES:
        return
    events = yaml.parse(text, Loader=yaml.CSafeLoader)
    for number, event in enumerate((e for e in events if isinstance(e, yaml.AliasEvent)), 1):
        if number > MAX_ALIASES:
            message = f"more than {MAX_ALIASES} aliases"
            raise _Refused(message, event.start_mark)


def _empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == _TAG + "null"


def _top(node: yaml.Node) -> yaml.MappingNode:
    if not isinstance(node, yaml.MappingNode):
        message = "is not a mapping of keys to values"
        raise _Refused(message, node.start_mark)
    return node


class _Walk:
    """Notes the place of every value, and what is suspicious about it."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.seen = 0

    def mapping(self, node: yaml.MappingNode, path: Place, above: tuple[int, ...]) -> None:
        self.tree.positions[path] = _position(node)
        first: dict[str, yaml.Node] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key in first and key_node.tag != _TAG + "merge":
                line = _position(first[key])[0]
                message = f"key '{key}' stands here a second time; the first is in line {line}"
                # The place is noted by hand: the path of both keys is the same.
                self._note((*path, key, "again"), key_node, message, key=True)
            first.setdefault(key, key_node)
            self.tree.keys[(*path, key)] = _position(key_node)
            self.visit(value_node, (*path, key), above)

    def visit(self, node: yaml.Node, path: Place, above: tuple[int, ...]) -> None:
        self.seen += 1
        if id(node) in above:
            message = "an alias must not hold itself"
            raise _Refused(message, node.start_mark)
        if self.seen > MAX_NODES or len(path) > MAX_DEPTH:
            message = "holds too many values" if self.seen > MAX_NODES else "is nested too deeply"
            raise _Refused(message, node.start_mark)
        self.tree.positions[path] = _position(node)
        if isinstance(node, yaml.MappingNode):
            self.mapping(node, path, (*above, id(node)))
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self.visit(item, (*path, index), (*above, id(node)))
        elif isinstance(node, yaml.ScalarNode):
            self._scalar(node, path)

    def _scalar(self, node: yaml.ScalarNode, path: Place) -> None:
        if not node.style:
            self.tree.raw[path] = node.value
        if node.tag in (_TAG + "timestamp", _TAG + "value"):
            node.tag = _TAG + "str"
        if node.tag in (_TAG + "int", _TAG + "float") and _SURPRISING.fullmatch(node.value):
            number = yaml.load(node.value, Loader=yaml.CSafeLoader)
            plain = node.value.lstrip("0") or "0"
            octal = f'write {number}, {plain} or "{node.value}"'
            quoted = f'quote it: "{node.value}"'
            self._note(
                path,
                node,
                f"{node.value} is read as the number {number}",
                suggestion=quoted if ":" in node.value else octal,
            )

    def _key(self, node: yaml.Node, path: Place) -> str:
        if not isinstance(node, yaml.ScalarNode):
            message = "a key must be a word"
            raise _Refused(message, node.start_mark)
        key = str(node.value)
        if node.tag not in (_TAG + "str", _TAG + "merge"):
            kind = node.tag.removeprefix(_TAG)
            kind = {"bool": "a boolean", "null": "nothing"}.get(kind, "a number")
            if node.tag not in (_TAG + "timestamp", _TAG + "value"):
                self._note(
                    (*path, key),
                    node,
                    f"key {key or '~'} is read as {kind}",
                    suggestion=f'quote it: "{key}"',
                    key=True,
                )
            node.tag = _TAG + "str"
        return key

    def _note(
        self,
        path: Place,
        node: yaml.Node,
        message: str,
        *,
        suggestion: str | None = None,
        key: bool = False,
    ) -> None:
        self.tree.positions[path] = self.tree.keys[path] = _position(node)
        self.tree.complaints.append(
            Complaint(path=path, message=message, suggestion=suggestion, key=key)
        )


def _position(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _syntax(shown: str, text: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    message = str(error.problem or error.context)
    fix = None
    if "another document" in message:
        return _problem(shown, text, "holds two documents", mark, "one file, one document")
    if mark is not None and "\t" in _before(text, mark):
        message, fix = "a tab cannot indent YAML", "use spaces"
    elif "mapping values are not allowed" in message:
        fix = "quote a text that holds ': '"
    elif message.startswith("could not determine a constructor"):
        message, fix = (
            message.replace("could not determine a constructor for the ", "unknown "),
            None,
        )
    return _problem(shown, text, message, mark, fix)


def _before(text: str, mark: yaml.Mark) -> str:
    lines = text.splitlines() or [""]
    line = lines[min(mark.line, len(lines) - 1)]
    return line[: len(line) - len(line.lstrip())]


def _problem(shown: str, text: str, message: str, mark: Any, fix: str | None) -> Problem:
    if mark is None:
        return Problem(message=message, file=shown, suggestion=fix)
    lines = text.splitlines() or [""]
    line, column = mark.line + 1, mark.column + 1
    if line > len(lines):  # libyaml finds out behind the last line
        line, column = len(lines), len(lines[-1]) + 1
    return Problem(
        message=message,
        file=shown,
        line=line,
        column=column,
        suggestion=fix,
        excerpt=excerpt(text, line, column),
    )
