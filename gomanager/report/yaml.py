"""The report as YAML: the JSON document in another dress."""

import re
from typing import Any

import msgspec
import yaml

from gomanager.report.columns import as_array
from gomanager.report.model import Report
from gomanager.text import holds_command, holds_hidden

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_COMMAND = re.compile(r"##(?=\[|vso\[|teamcity\[)", re.IGNORECASE)
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""PyYAML escapes controls, and writes these as they are."""


class _Quoting(_Dumper):  # type: ignore[misc]
    """Text that a CI runner would obey is quoted, so that its ``#`` can be written as an escape."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        """Equal parts are written out: the document is a tree."""
        return True


def _text(dumper: Any, value: str) -> Any:
    style = None
    if holds_command(value) or holds_hidden(value):
        style = '"'
    elif "\n" in value:
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Quoting.add_representer(str, _text)


def render(report: Report) -> str:
    """One YAML document with the keys and the order of the JSON one."""
    document = msgspec.to_builtins(report, enc_hook=as_array)
    text: str = yaml.dump(
        document, Dumper=_Quoting, allow_unicode=True, sort_keys=False, width=1 << 20
    )
    text = _COMMAND.sub(r"\\x23\\x23", text)
    return _DIRECTION.sub(lambda m: f"\\u{ord(m[0]):04x}", text)
