"""The document ``gomanager.scope/1``.

1: base, head, dirty, mode, reason, packages, build_only, removed, unclaimed, phases; notes
"""

from collections.abc import Iterable
from typing import Any

from gomanager.selection.scope import PhaseScope, Proved, Reason, Scope, SelectedPackage, shown

SCHEMA = "gomanager.scope/1"


def document(scope: Scope) -> dict[str, Any]:
    """The whole scope as JSON has it; names that are no UTF-8 show their bytes as escapes."""
    base = scope.base
    return {
        "schema": SCHEMA,
        "base": base and {"ref": base.ref, "commit": base.commit, "how": base.how},
        "head": scope.head,
        "dirty": scope.dirty,
        "mode": scope.mode.value,
        "reason": scope.reason,
        "packages": _texts(scope.packages),
        "build_only": _texts(scope.build_only),
        "removed": _texts(scope.removed),
        "unclaimed": _texts(scope.unclaimed),
        "phases": [_phase(phase) for phase in scope.phases],
        "notes": [
            {"severity": n.severity.value, "kind": n.kind, "title": n.title, "text": n.text}
            for n in scope.notes
        ],
    }


def _phase(phase: PhaseScope) -> dict[str, Any]:
    skipped = phase.skipped
    return {
        "name": phase.name,
        "selected": phase.selected,
        "why": _texts(phase.why),
        "configuration": phase.configuration,
        "packages": [_package(package) for package in phase.packages],
        "build_only": [_package(package) for package in phase.build_only],
        "skipped": {
            "unchanged": _texts(skipped.unchanged),
            "proved": _texts(skipped.proved),
            "not_in_phase": _texts(skipped.not_in_phase),
        },
        "proofs": [proof_document(proof) for proof in phase.proofs],
    }


def _package(package: SelectedPackage) -> dict[str, Any]:
    return {
        "path": shown(package.path),
        "module": package.module or ".",
        "reasons": [reason_document(reason) for reason in package.reasons],
    }


def proof_document(proof: Proved) -> dict[str, Any]:
    """One proof."""
    return {
        "package": shown(proof.package),
        "module": proof.module or ".",
        "commit": proof.commit,
        "dirty": proof.dirty,
        "run": proof.run,
        "finished": proof.finished.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "duration_ms": proof.duration_ms,
    }


def reason_document(reason: Reason) -> dict[str, Any]:
    """One reason, with its chain as edges."""
    return {
        "id": reason.id,
        "path": shown(reason.path),
        "status": reason.status,
        "text": shown(reason.text),
        "chain": [{"package": shown(x.package), "edge": x.edge.value} for x in reason.chain],
    }


def _texts(values: Iterable[str]) -> list[str]:
    return [shown(value) for value in values]
