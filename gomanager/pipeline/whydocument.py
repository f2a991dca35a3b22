"""The answer of ``why`` as the document ``gomanager.why/1``, and as lines for people.

1: target, kind, selected, text, phases
"""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from gomanager.pipeline.scopedocument import proof_document, reason_document
from gomanager.pipeline.scopeshape import Proof, Reason
from gomanager.pipeline.scopetext import explained, reasoned
from gomanager.pipeline.whyanswer import ELSEWHERE, SELECTED, PhaseAnswer
from gomanager.pipeline.whyanswer import Why as Answered
from gomanager.selection.scope import shown

SCHEMA = "gomanager.why/1"
_SHOWN = 20


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """A package that a file or a phase stands for."""

    path: str
    module: str
    reasons: tuple[Reason, ...]


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of one phase."""

    name: str
    answer: Literal["selected", "unchanged", "proved", "not_in_phase"]
    configuration: str
    reasons: tuple[Reason, ...]
    proof: Proof | None
    packages: tuple[Package, ...]
    text: str


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """gomanager.why/1"""

    schema: Literal["gomanager.why/1"]
    target: str
    kind: Literal["phase", "package", "case", "file"]
    selected: bool
    text: str
    phases: tuple[Phase, ...]


def document(found: Answered) -> dict[str, Any]:
    """As ``--json`` prints it."""
    return {
        "schema": SCHEMA,
        "target": shown(found.target.name),
        "kind": found.target.kind,
        "selected": found.selected,
        "text": shown(found.text),
        "phases": [_phase(one) for one in found.phases],
    }


def _phase(one: PhaseAnswer) -> dict[str, Any]:
    return {
        "name": one.name,
        "answer": one.answer,
        "configuration": one.configuration,
        "reasons": [reason_document(reason) for reason in one.reasons],
        "proof": None if one.proof is None else proof_document(one.proof),
        "packages": [
            {
                "path": shown(package.path),
                "module": package.module or ".",
                "reasons": [reason_document(reason) for reason in package.reasons],
            }
            for package in one.packages
        ],
        "text": shown(one.text),
    }


def lines(found: Answered) -> Iterator[str]:
    """For people: the phases that have it first, each with its chains."""
    word = "SELECTED" if found.selected else "NOT SELECTED"
    if found.target.kind == "file":
        verb = "WOULD SELECT" if found.supposed else "SELECTS"
        word = verb if found.selected else f"{verb} NOTHING"
    yield f"{found.target.kind} {shown(found.target.name)}: {word}"
    if found.text:
        yield f"  {shown(found.text)}"
    same: dict[tuple[str, str], list[str]] = {}
    for one in found.phases:
        if one.answer == ELSEWHERE or (one.answer != SELECTED and not one.reasons):
            same.setdefault((one.answer, one.text), []).append(one.name)
        else:
            yield from _lines(one)
    for (answer, text), names in same.items():
        yield ""
        yield f"{_phases(names)}: {_word(answer)}"
        if text:
            yield f"  {shown(text)}"


def _phases(names: list[str]) -> str:
    return f"phase {names[0]}" if len(names) == 1 else f"phases {', '.join(names)}"


def _word(answer: str) -> str:
    return answer.upper().replace("_", " ")


def _lines(one: PhaseAnswer) -> Iterator[str]:
    yield ""
    yield f"phase {one.name}: {_word(one.answer)}"
    yield f"  {one.configuration}"
    if one.text:
        yield f"  {shown(one.text)}"
    # Two kinds of one package may have the same reason: its code and its tests.
    yield from dict.fromkeys(f"  {shown(reasoned(r))}" for r in one.reasons if not one.packages)
    for package in one.packages[:_SHOWN]:
        yield f"  {shown(explained(package))}"
    if len(one.packages) > _SHOWN:
        yield f"  … and {len(one.packages) - _SHOWN} more packages: --json has them all"
