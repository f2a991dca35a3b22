"""The report as JSON: one document, compact, one newline at the end."""

import msgspec

from gomanager.report.columns import as_array
from gomanager.report.model import Report
from gomanager.text import hide_in_json


def encode(report: Report) -> bytes:
    """The bytes that are stored and printed."""
    return hide_in_json(msgspec.json.encode(report, enc_hook=as_array)) + b"\n"


def render(report: Report) -> str:
    """The same as text."""
    return encode(report).decode()
