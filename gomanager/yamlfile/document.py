"""A YAML file decoded into a type, or every mistake in it with line, column and suggestion.

msgspec decodes and stops at the first mistake; only where it fails does jsonschema, which costs
72 ms to import, list them all over the schema of the same type.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from msgspec import Struct

from gomanager.errors import Problem
from gomanager.yamlfile.mistakes import Complaint, Place, schema_complaints
from gomanager.yamlfile.tree import Tree, excerpt, load

T = TypeVar("T")


class Document(Struct, Generic[T], frozen=True, kw_only=True):
    """One file that is right; ``keys`` is its mapping as written."""

    value: T
    keys: Mapping[str, object]
    tree: Tree
    shown: str

    def problem(self, complaint: Complaint) -> Problem:
        """A mistake that only shows between files, at its place in this one."""
        return _placed(complaint, self.tree, self.shown)


Check = Callable[[T], Iterable[Complaint]]


def nothing_more(value: object) -> Iterable[Complaint]:  # noqa: ARG001 - the shape of Check
    """The check for types whose schema says everything."""
    return ()


def read(
    file: Path, shape: type[T], *, shown: str, check: Check[T] = nothing_more
) -> Document[T] | tuple[Problem, ...]:
    """Decode one file, or tell everything that is wrong with it.

    ``shown`` is the file's name in messages; ``check`` is asked once the shape is right.
    """
    tree = load(file, shown)
    if isinstance(tree, Problem):
        return (tree,)
    value, complaints = _decoded(tree, shape)
    if value is not None:
        complaints = [*complaints, *check(value)]
    if complaints or value is None:
        placed = [_placed(complaint, tree, shown) for complaint in complaints]
        return tuple(sorted(placed, key=lambda problem: (problem.line or 0, problem.column or 0)))
    return Document(value=value, keys=tree.value, tree=tree, shown=shown)


def _decoded(tree: Tree, shape: type[T]) -> tuple[T | None, list[Complaint]]:
    import msgspec

    try:
        return msgspec.convert(tree.value, shape), tree.complaints
    except msgspec.ValidationError as error:
        schema = msgspec.json.schema(shape)
        found = list(schema_complaints(tree.value, schema, tree.raw))
        noted = {complaint.path for complaint in tree.complaints}
        rest = [complaint for complaint in found if complaint.path not in noted]
        return None, [*tree.complaints, *rest] or [_first(error)]


def _first(error: Any) -> Complaint:
    """msgspec's own words, where it refuses what the schema lets pass (a huge number)."""
    message, _, where = str(error).partition(" - at `$")
    parts = where.rstrip("`").replace("[", ".").replace("]", "").split(".")
    path: Place = tuple(int(part) if part.isdigit() else part for part in parts if part)
    return Complaint(path=path, message=message)


def _placed(complaint: Complaint, tree: Tree, shown: str) -> Problem:
    line, column = tree.locate(complaint)
    return Problem(
        message=complaint.message,
        file=shown,
        line=line,
        column=column,
        suggestion=complaint.suggestion,
        excerpt=excerpt(tree.text, line, column),
    )
