"""Answers of other programs that a second run need not ask for again."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

Row = Mapping[str, Sequence[Sequence[str]]]


class Kept:
    """By a digest of the question: a line of JSON each.

    A second run over the same history, or the same changes, only asks the selection: it takes a
    fraction of the time.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        lines = file.read_text().splitlines() if file.exists() else []
        self.rows: dict[str, Row] = dict(map(json.loads, lines))

    def add(self, key: str, row: Row) -> None:
        """Written at once: a run that is stopped loses nothing."""
        self.rows[key] = row
        with self.file.open("a") as file:
            file.write(json.dumps([key, row]) + "\n")


def digest(*parts: object) -> str:
    """Of a question."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]
