"""One frozen Config from one optional file; flag > environment > file > default."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = ".gomanager.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseSource:
    """The keys that one file gives to one phase, as written and already checked."""

    name: str
    file: str
    keys: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Effective settings."""

    file: Path | None = None
    phases: tuple[PhaseSource, ...] = ()
