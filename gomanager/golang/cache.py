"""The disk cache of a load: one file, immutable content, written whole or not at all.

Records are keyed by content (names and blob ids of a directory's Go files; blob ids of module
files), so nothing in it can be outdated, only unused. Each is marshalled by itself: a load decodes
those that it looks at.
"""

import marshal
from pathlib import Path
from typing import Any

from gomanager import kept
from gomanager.golang.header import VERSION as HEADERS
from gomanager.golang.packages import GoFile, Summary, restored

_VERSION = f"graph-4-{HEADERS}"
_FEW = 16
_TEXT_LIMIT = 65536
_MANY_TEXTS = 2000


class HeaderCache:
    """Summaries of directories and small texts, in memory until saved."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.broken: str | None = None
        """Why the file was dropped, in one line for the report; None: it was fine or absent."""
        self.summaries: dict[bytes, Summary] = {}
        self.files: dict[bytes, tuple[GoFile, ...]] = {}
        """Of directories that this load read: nothing of them needs decoding."""
        self.texts: dict[str, bytes] = {}
        self._raw: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()
        self._lent: set[bytes] = set()
        self._stored_texts: frozenset[str] = frozenset()
        if path is not None:
            self._open(path)

    def _open(self, path: Path) -> None:
        try:
            found: Any = kept.load(path, _VERSION)
        except kept.Damaged as damage:
            self.broken = str(damage)
            return
        match found:
            case (dict() as records, dict() as texts):
                self._raw, self.texts = records, texts
                self._stored_texts = frozenset(texts)
            case _:
                pass

    def __contains__(self, key: bytes) -> bool:
        """Whether the record of a directory is here; it then counts as used."""
        self._used.add(key)
        return key in self.summaries or key in self._raw

    def get(self, key: bytes) -> Summary | None:
        """The record of a directory."""
        return self.recall(key) if key in self else None

    def recall(self, key: bytes) -> Summary:
        """The record of a directory that is here."""
        found = self.summaries.get(key)
        if found is None:
            found = self.summaries[key] = restored(marshal.loads(self._raw[key]))
        return found

    def put(self, key: bytes, summary: Summary, files: tuple[GoFile, ...] = ()) -> None:
        """Keeps a record; ``files``, by name, are at hand as long as the process lives."""
        self._used.add(key)
        self.summaries[key] = summary
        if files:
            self.files[key] = files

    def lasting(self, key: bytes) -> bool:
        """Whether the record of the key is the whole truth."""
        return key not in self._lent

    def lend(self, key: bytes, summary: Summary, files: tuple[GoFile, ...] = ()) -> None:
        """Keeps a record for this process only: a blob of it was not at hand (C22, E12)."""
        self.put(key, summary, files)
        self._lent.add(key)

    def save(self) -> None:
        """Writes the file where enough is new; a disk that refuses costs time, nothing else."""
        new = sum(key not in self._raw and key not in self._lent for key in self.summaries)
        texts = self._kept_texts()
        known = texts.keys() <= self._stored_texts
        if self.path is None or (known and new <= _FEW and (self._raw or not new)):
            return
        kept.save(self.path, _VERSION, (self._kept(), texts))

    def _kept_texts(self) -> dict[str, bytes]:
        """Small ones; the stored ones are dropped when they have become many."""
        texts = {oid: text for oid, text in self.texts.items() if len(text) <= _TEXT_LIMIT}
        if len(texts) <= _MANY_TEXTS:
            return texts
        return {oid: text for oid, text in texts.items() if oid not in self._stored_texts}

    def _kept(self) -> dict[bytes, bytes]:
        """Everything, or only what this load used where the rest has grown beyond it."""
        records = dict(self._raw)
        for key, summary in self.summaries.items():
            if key not in records and key not in self._lent:
                records[key] = marshal.dumps(_plain(summary))
        if len(records) > 4 * len(self._used) + 1000:
            records = {key: record for key, record in records.items() if key in self._used}
        return records


def _plain(summary: Summary) -> tuple[Any, ...]:
    return summary.package, tuple(map(tuple, summary.groups)), summary.files
