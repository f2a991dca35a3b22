"""What ``gomanager phases`` shows: the document ``gomanager.phases/1`` and the table.

1: name, description, runner, tags, packages, flags, when, requires, order, file, selected, why
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

from gomanager.phasefile import Requires, When
from gomanager.phases import Phase
from gomanager.selection.scope import PhaseScope
from gomanager.text import hide_in_json, one_line


class PhaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """One phase in effect, and whether the change calls for it."""

    name: str
    description: str
    runner: Literal["auto", "go", "magex", "suite"]
    tags: tuple[str, ...]
    packages: tuple[str, ...]
    flags: tuple[str, ...]
    when: When
    requires: Requires
    order: int
    file: str
    selected: bool
    why: tuple[str, ...]


class Phases(msgspec.Struct, frozen=True, kw_only=True):
    """gomanager.phases/1"""

    schema: Literal["gomanager.phases/1"] = "gomanager.phases/1"
    phases: tuple[PhaseLine, ...]


def document(phases: tuple[Phase, ...], scopes: tuple[PhaseScope, ...]) -> str:
    """The document with one newline at its end."""
    answers = {scope.name: scope for scope in scopes}
    lines = tuple(_line(phase, answers.get(phase.name)) for phase in phases)
    return hide_in_json(msgspec.json.encode(Phases(phases=lines))).decode() + "\n"


def _line(phase: Phase, scope: PhaseScope | None) -> PhaseLine:
    return PhaseLine(
        name=phase.name,
        description=phase.description,
        runner=phase.run.runner,
        tags=phase.run.tags,
        packages=phase.run.packages,
        flags=phase.run.flags,
        when=phase.when,
        requires=phase.requires,
        order=phase.order,
        file=phase.file,
        selected=scope is not None and scope.selected,
        why=tuple(map(_text, scope.why)) if scope is not None else (),
    )


def table(
    phases: tuple[Phase, ...], scopes: tuple[PhaseScope, ...], *, verbose: bool
) -> Iterator[str]:
    """One line a phase, in the order in which they run; ``verbose``: what it is, and its file."""
    answers = {scope.name: scope for scope in scopes}
    width = max((len(phase.name) for phase in phases), default=0)
    for phase in phases:
        scope = answers.get(phase.name)
        called = scope is not None and scope.selected
        why = "; ".join(map(one_line, scope.why)) if scope is not None else ""
        yield f"{phase.name:<{width}}  {'run' if called else '-':<3}  {why}".rstrip()
        if verbose:
            tags = f", tags {' '.join(phase.run.tags)}" if phase.run.tags else ""
            yield f"{'':<{width}}       {one_line(phase.description)}"
            yield f"{'':<{width}}       order {phase.order}{tags}, from {one_line(phase.file)}"


def _text(value: str) -> str:
    """Names that are no UTF-8 show their bytes as escapes."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
