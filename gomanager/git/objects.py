"""Trees and blobs: listings of a commit, and the bytes behind object ids."""

import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from queue import Queue

from gomanager import process
from gomanager.errors import GomanagerError
from gomanager.git.command import text
from gomanager.git.repository import Repository

_READERS = 2
_BATCH = ("git", "cat-file", "--batch", "--buffer")


def tree(repository: Repository, commit: str) -> list[tuple[str, int, str]]:
    """(path, mode, object id) of every file, link and submodule of a commit."""
    listed = text(repository.git.ask("ls-tree", "-r", "-z", commit))
    found = []
    for record in listed.split("\0")[:-1]:
        facts, _, path = record.partition("\t")
        found.append((path, int(facts[:6], 8), facts[12:] if facts[7] == "b" else facts[14:]))
    return found


def folders(repository: Repository, commit: str) -> list[tuple[str, str]]:
    """(path, tree id) of every folder of a commit, without the root."""
    listed = text(repository.git.ask("ls-tree", "-r", "-d", "-z", commit))
    rows = (record.partition("\t") for record in listed.split("\0")[:-1])
    return [(path, facts[12:]) for facts, _, path in rows if facts[7] == "t"]


def blobs(repository: Repository, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The bytes behind each id that the clone has, in any order; a missing one is left out (E12).

    Two processes read at once: inflating is most of a cold start (measured 0.46 s → 0.22 s).
    """
    wanted = sorted(set(oids))
    if len(wanted) < 200:
        yield from _read(repository, wanted)
        return
    results: Queue[tuple[str, bytes] | Exception | None] = Queue(maxsize=4096)
    for part in range(_READERS):
        share = tuple(islice(wanted, part, None, _READERS))
        threading.Thread(target=_pump, args=(repository, share, results), daemon=True).start()
    for _ in range(_READERS):
        while (item := results.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item


def _pump(
    repository: Repository,
    oids: tuple[str, ...],
    results: "Queue[tuple[str, bytes] | Exception | None]",
) -> None:
    try:
        for item in _read(repository, oids):
            results.put(item)
    except (OSError, ValueError, GomanagerError) as error:
        results.put(error)
    finally:
        results.put(None)


def _read(repository: Repository, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    asked = list(oids)
    if not asked:
        return
    git = repository.git
    with process.pipe(_BATCH, git.cwd, env=git.env) as reader:
        reader.feed(f"{oid}\n".encode() for oid in asked)
        for _ in asked:
            header = reader.stdout.readline().split()
            if len(header) != 3:
                continue
            data = reader.stdout.read(int(header[2]))
            reader.stdout.read(1)
            yield header[0].decode(), data
