"""Where data and talk of a run go, and the environment it is in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """stdout is data, stderr is talk."""

    stdout: TextIO
    stderr: TextIO
    environ: Mapping[str, str]
