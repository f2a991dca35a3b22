"""What was worked out of single packages, kept between runs.

A table belongs to one question, with everything that its answers depend on besides a package; an
answer is kept under the key of the package's files. So nothing here can be outdated, only unused.
Code that answers differently is another version.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from gomanager import kept
from gomanager.version import VERSION

_FORMAT = "memo-1"
_FEW = 16
"""So many new answers are sooner found again than written."""
_MANY_TABLES = 200
_CODE = ("", "golang", "selection")
"""Folders of the code that answers."""


class Table:
    """Answers to one question, by name and key of what was looked at; ``None`` is no answer."""

    def __init__(self, memo: "Memo", known: dict[str, tuple[bytes, Any]]) -> None:
        self._memo = memo
        self._known = known

    def get(self, name: str, key: bytes) -> Any:
        """The answer for this very content; for an empty key there is none."""
        known, answer = self._known.get(name, (b"", None))
        return answer if known and known == key else None

    def put(self, name: str, key: bytes, answer: Any) -> None:
        """Keeps an answer, of types that marshal takes."""
        if key:
            self._memo.new += 1
            self._known[name] = key, answer


class Memo:
    """All tables; without a path they live as long as the process."""

    def __init__(self, path: Path | None = None) -> None:
        self.new = 0
        """Answers that the file does not hold."""
        self._path = path
        self._version = f"{_FORMAT}-{VERSION}-{_code()}" if path is not None else ""
        self._tables: dict[str, dict[str, tuple[bytes, Any]]] = {}
        self._used: set[str] = set()
        if path is not None:
            with suppress(kept.Damaged):  # built again
                found = kept.load(path, self._version)
                self._tables = found if isinstance(found, dict) else {}

    def table(self, *question: object) -> Table:
        """The table of a question; its parts have an unambiguous ``repr``, sets are sorted."""
        name = repr(question)
        self._used.add(name)
        return Table(self, self._tables.setdefault(name, {}))

    def save(self) -> None:
        """Write the file where enough is new; many tables are those of old settings."""
        if self._path is None or self.new <= _FEW:
            return
        tables = self._tables
        if len(tables) > _MANY_TABLES:
            tables = {name: tables[name] for name in self._used}
        kept.save(self._path, self._version, tables)
        self.new = 0


def _code() -> str:
    """A digest of sizes and times of our own code: answers of other code are other answers."""
    return blake2b("\n".join(_facts()).encode(), digest_size=8).hexdigest()


def _facts() -> Iterator[str]:
    root = Path(__file__).parent.parent
    for folder in _CODE:
        with suppress(OSError), os.scandir(root / folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name.endswith(".py"):
                    facts = entry.stat()
                    yield f"{folder}/{entry.name} {facts.st_size} {facts.st_mtime_ns}"
