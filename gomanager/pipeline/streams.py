"""Where data and talk of a run go, and the environment it is in."""

from collections.abc import Mapping
from typing import TextIO

from msgspec import Struct


class Streams(Struct, frozen=True, kw_only=True):
    """stdout is data, stderr is talk."""

    stdout: TextIO
    stderr: TextIO
    environ: Mapping[str, str]
