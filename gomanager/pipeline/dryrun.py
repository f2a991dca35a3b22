"""``--dry-run``: phases, commands as one can paste them, files that would be written."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gomanager.pipeline.preview import Preview
from gomanager.pipeline.publish import FILES
from gomanager.text import for_terminal

if TYPE_CHECKING:
    from gomanager.pipeline.prepare import Prepared


def as_text(prepared: "Prepared") -> str:
    """For people; every command on one line."""
    return for_terminal("\n".join(_lines(prepared)) + "\n")


def _lines(prepared: "Prepared") -> Iterator[str]:
    scope = prepared.answer.scope
    yield f"scope: {scope.mode}: {scope.reason}"
    if not prepared.previews:
        yield "nothing would run"
    for preview in prepared.previews:
        yield from _phase(preview)
    yield ""
    yield "files that would be written:"
    yield from (f"  {prepared.shown_output}/{name}" for name, _ in FILES)


def _phase(preview: Preview) -> Iterator[str]:
    request = preview.planned.request
    packages = [p for module in request.modules for p in module.packages]
    tested = sum(not package.build_only for package in packages)
    yield ""
    yield f"phase {request.phase.name} ({preview.runner}): {tested} test packages"
    yield from (f"  because {why}" for why in request.why)
    if preview.fault:
        yield f"  would not run: {preview.fault}"
    yield from (f"  $ {command.text}" for command in preview.commands)


def as_json(prepared: "Prepared") -> str:
    """One document; the phases' commands are argument lists and lines to paste."""
    scope = prepared.answer.scope
    phases = [
        {
            "name": one.planned.phase.name,
            "runner": one.runner,
            "why": list(one.planned.request.why),
            "not_run": one.fault,
            "packages": sorted(
                p.path for module in one.planned.request.modules for p in module.packages
            ),
            "commands": [list(command.argv) for command in one.commands],
            "lines": [command.text for command in one.commands],
        }
        for one in prepared.previews
    ]
    document = {
        "schema": "gomanager.dry-run/1",
        "mode": str(scope.mode),
        "reason": scope.reason,
        "phases": phases,
        "files": [str(prepared.output / name) for name, _ in FILES],
    }
    return json.dumps(document, ensure_ascii=True) + "\n"
