"""JSON Schemas of our documents and files, from the types that write and read them."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from gomanager.version import VERSION

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class ErrorProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One mistake in one place; lines and columns count from 1."""

    message: str
    file: str | None
    line: int | None
    column: int | None
    suggestion: str | None


class Error(msgspec.Struct, frozen=True, kw_only=True):
    """gomanager.error/1: what any command with --json prints when there is no answer."""

    schema: Literal["gomanager.error/1"] = "gomanager.error/1"
    what: str
    where: str | None
    fix: str | None
    exit_code: int
    errors: tuple[ErrorProblem, ...]


def _report() -> object:
    from gomanager.report.model import Report

    return Report


def _scope() -> object:
    from gomanager.pipeline.scopeshape import Scope

    return Scope


def _why() -> object:
    from gomanager.pipeline.whydocument import Why

    return Why


def _phases() -> object:
    from gomanager.pipeline.catalogue import Phases

    return Phases


def _history() -> object:
    from gomanager.pipeline.history import History

    return History


def _phase() -> object:
    from gomanager.phasefile import PhaseKeys

    return PhaseKeys


def _config() -> object:
    from gomanager.config import ConfigKeys

    return ConfigKeys


def _doctor() -> object:
    from gomanager.pipeline.doctor import Examination

    return Examination


def _init() -> object:
    from gomanager.pipeline.setup import Made

    return Made


def _stress() -> object:
    from gomanager.pipeline.stressdocument import Stress

    return Stress


def _error() -> object:
    return Error


FILES: dict[str, Callable[[], object]] = {"config": _config, "phase": _phase}
"""What people write."""
DOCUMENTS: dict[str, Callable[[], object]] = {
    "report": _report,
    "scope": _scope,
    "why": _why,
    "phases": _phases,
    "history": _history,
    "stress": _stress,
    "doctor": _doctor,
    "init": _init,
    "error": _error,
}
"""What commands print with ``--json``."""
NAMES = (*FILES, *DOCUMENTS)


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one of NAMES; in documents, unknown keys are later additions."""
    shape = (FILES | DOCUMENTS)[name]()
    made = msgspec.json.schema(shape, ref_template="#/$defs/{name}")
    return {"$schema": DIALECT, "title": f"gomanager {name}", "$comment": VERSION, **made}
