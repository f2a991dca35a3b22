"""A remark that is no test result: apart from the results, so that a scope needs none of them."""

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """How much a finding matters; only ``critical`` ones stand behind a red verdict."""

    CRITICAL = "critical"
    WARNING = "warning"
    NOTE = "note"


class Note(Struct, frozen=True, kw_only=True):
    """Something a runner or the selection noticed that is no test result: environment, settings."""

    severity: Severity
    kind: str
    title: str
    text: str = ""
    fix: str | None = None
