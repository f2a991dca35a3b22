"""Profiles put together: merged by position, never across layouts, and written again."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from gomanager.gotest.profile import (
    BadProfile,
    Family,
    Layout,
    Mode,
    Origin,
    Profile,
    Source,
)


class Block(NamedTuple):
    """One block of one file: (line, column) of its first byte and of the byte behind it."""

    start: tuple[int, int]
    end: tuple[int, int]
    statements: int
    hits: int


class FileCounts(Struct, frozen=True, kw_only=True):
    """One file of all profiles; ``counts`` by the text between its name and the count."""

    statements: int
    covered: int
    counts: Mapping[bytes, int]
    ran: Mapping[Origin, frozenset[bytes]]
    """Which blocks the tests of each origin ran (C20)."""

    @property
    def blocks(self) -> tuple[Block, ...]:
        """In order of their position (C12)."""
        parsed = (_parsed(key)._replace(hits=hits) for key, hits in self.counts.items())
        return tuple(sorted(parsed))

    def blocks_of(self, origin: Origin) -> tuple[Block, ...]:
        """The same blocks, hit where tests of this origin ran them."""
        ran = self.ran.get(origin, frozenset())
        return tuple(sorted(_parsed(key)._replace(hits=int(key in ran)) for key in self.counts))


class Merged(Struct, frozen=True, kw_only=True):
    """All profiles of one layout; files as the profiles name them, in order."""

    mode: Mode
    layout: Layout
    versions: tuple[str, ...]
    files: Mapping[str, FileCounts]


def as_it_is(_: Source, name: str) -> str:
    """The place of a file is its name in the profile."""
    return name


def merge(
    profiles: Iterable[Profile], place: Callable[[Source, str], str] = as_it_is
) -> Merged | None:
    """All of them as one; None where none holds data. Raises BadProfile for C13 and C16.

    Counts add up within a mode, across modes only "hit or not" is left (C19). ``place`` turns a
    profile's name of a file into the key of ``Merged.files``: two modules of one path differ (C24).
    """
    full = [profile for profile in profiles if not profile.empty]
    if not full:
        return None
    _one_family(full)
    mode = _common_mode(full)
    layouts = [profile.source.layout for profile in full]
    versions = {profile.source.go for profile in full if profile.source.go}
    return Merged(
        mode=mode,
        layout=next((found for found in layouts if found.miscounts), layouts[0]),
        versions=tuple(sorted(versions)),
        files=_files(full, mode, place),
    )


def _common_mode(profiles: list[Profile]) -> Mode:
    modes = {profile.mode for profile in profiles if profile.mode is not None}
    return modes.pop() if len(modes) == 1 else Mode.SET


def _one_family(profiles: list[Profile]) -> None:
    first = profiles[0].source
    for other in (profile.source for profile in profiles[1:]):
        families = {first.layout.family, other.layout.family}
        if len(families) > 1 or Family.UNKNOWN in families:
            what = "coverage of different Go versions cannot be merged: their blocks differ"
            raise BadProfile(
                what,
                where=f"{first} and {other}",
                fix="measure both with one toolchain (GOTOOLCHAIN=go1.N.M)",
            )


def _files(
    profiles: list[Profile], mode: Mode, place: Callable[[Source, str], str]
) -> dict[str, FileCounts]:
    found: dict[str, dict[bytes, int]] = {}
    ran: dict[str, dict[Origin, set[bytes]]] = {}
    for profile in profiles:
        origin = profile.source.origin
        known: dict[bytes, tuple[dict[bytes, int], set[bytes]]] = {}
        for key, count in profile.counts.items():
            name, _, rest = key.rpartition(b":")  # C1: from the right, names hold colons too
            pair = known.get(name)
            if pair is None:
                path = place(profile.source, name.decode("utf-8", "surrogateescape"))
                blocks = found.setdefault(path, {})
                pair = known[name] = blocks, ran.setdefault(path, {}).setdefault(origin, set())
            pair[0][rest] = pair[0].get(rest, 0) + count
            if count:
                pair[1].add(rest)
    if mode is Mode.SET:
        found = {
            path: {rest: min(count, 1) for rest, count in blocks.items()}
            for path, blocks in found.items()
        }
    return {path: _file(path, found[path], ran[path], profiles) for path in sorted(found)}


def _file(
    path: str,
    counts: dict[bytes, int],
    ran: dict[Origin, set[bytes]],
    profiles: list[Profile],
) -> FileCounts:
    statements = covered = 0
    spans: dict[bytes, bytes] = {}
    for rest, count in counts.items():
        span, _, size = rest.rpartition(b" ")
        statements += int(size)
        covered += int(size) if count else 0
        if spans.setdefault(span, rest) != rest:
            raise _two_sizes(path, spans[span], rest, profiles)
    return FileCounts(
        statements=statements,
        covered=covered,
        counts=counts,
        ran={origin: frozenset(blocks) for origin, blocks in ran.items()},
    )


def _two_sizes(path: str, one: bytes, other: bytes, profiles: list[Profile]) -> BadProfile:
    """C16: one position, two numbers of statements."""
    holders = (next(p for p in profiles if _holds(p, path, rest)) for rest in (one, other))
    sizes = f"{_parsed(one).statements} and {_parsed(other).statements}"
    return BadProfile(
        f"{path}:{_parsed(one).start[0]}: the same block is said to have {sizes} statements",
        where=" and ".join(dict.fromkeys(str(profile.source) for profile in holders)),
        fix="measure both from the same sources, with one toolchain",
    )


def _holds(profile: Profile, path: str, rest: bytes) -> bool:
    base = path.rpartition("/")[2].encode("utf-8", "surrogateescape")
    return any(key.endswith(base + b":" + rest) for key in profile.counts)


def _parsed(rest: bytes) -> Block:
    span, _, size = rest.rpartition(b" ")
    start, _, end = span.partition(b",")
    return Block(_position(start), _position(end), int(size), 0)


def _position(text: bytes) -> tuple[int, int]:
    line, _, column = text.partition(b".")
    return int(line), int(column)


def write(merged: Merged) -> Iterator[bytes]:
    """The lines of a text profile that ``go tool cover`` reads, sorted."""
    yield f"mode: {merged.mode}\n".encode()
    for name, file in merged.files.items():
        prefix = name.encode("utf-8", "surrogateescape")
        for block in file.blocks:
            (line, column), (last, end) = block.start, block.end
            numbers = (line, column, last, end, block.statements, block.hits)
            yield prefix + b":%d.%d,%d.%d %d %d\n" % numbers


def look(blocks: Iterable[Block], data: bytes) -> Family:
    """The family of a file's blocks, told by its source (C15)."""
    lines = data.split(b"\n")
    for block in sorted(blocks):
        if block.statements:  # an empty body begins behind its brace in both
            line, column = block.start
            if line > len(lines) or column > len(lines[line - 1]):
                return Family.UNKNOWN
            return Family.BRACE if lines[line - 1][column - 1 : column] == b"{" else Family.TOKEN
    return Family.UNKNOWN


def seen(profile: Profile, family: Family) -> Profile:
    """The profile with the family that a look at its sources told."""
    return replace(profile, source=replace(profile.source, family=family))


def percent(covered: int, total: int) -> float | None:
    """One decimal, as ``go tool cover -func`` counts; 100.0 and 0.0 mean all and none."""
    if total == 0:
        return None
    value = round(100 * covered / total, 1)
    if covered < total:
        value = min(value, 99.9)
    return max(value, 0.1) if covered else value
