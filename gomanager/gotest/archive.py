"""Inputs of a replay as they are given: plain, gzip, zip, tar; read in blocks where nothing asks for all.

Archives are bounded: a bomb is a UsageError before it is unpacked.
"""

import io
import zlib
from collections.abc import Iterable, Iterator

from msgspec import Struct

from gomanager.errors import UsageError

UNPACKED = 2 << 30
RATIO = 100
FREE = 16 << 20
"""Any archive may unpack to so much, whatever its ratio."""
MEMBERS = 10_000
BLOCK = 1 << 20

_TAR_AT = 257
_OTHERS = {
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
}


class Recorded(Struct, frozen=True, kw_only=True):
    """One input: a file, or a member of an archive."""

    name: str
    data: bytes = b""
    more: Iterable[bytes] = ()
    """What follows ``data``, read when it is asked for, and only once."""

    @property
    def blocks(self) -> Iterator[bytes]:
        """All of it, in blocks."""
        for at in range(0, len(self.data), BLOCK):
            yield self.data[at : at + BLOCK]
        yield from self.more


def unpack(given: Recorded) -> Iterator[Recorded]:
    """Members of a gzip, zip or tar file, or the input itself; bombs are UsageErrors."""
    blocks = given.blocks
    first = next(blocks, b"")
    other = next((name for magic, name in _OTHERS.items() if first.startswith(magic)), "")
    if other:
        what, fix = f"this file is packed with {other}", "unpack it first, or pack with gzip or zip"
        raise UsageError(what, where=given.name, fix=fix)
    tar = first[_TAR_AT : _TAR_AT + 5] == b"ustar"
    if not tar and not first.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        yield Recorded(name=given.name, data=first, more=blocks)
        return
    packed = Recorded(name=given.name, data=b"".join((first, *blocks)))
    if tar:
        yield from _untar(packed)
    elif first.startswith(b"PK"):
        yield from _unzip(packed)
    else:
        yield from unpack(Recorded(name=given.name.removesuffix(".gz"), data=_gunzip(packed)))


def _gunzip(given: Recorded) -> bytes:
    import gzip

    limit = min(UNPACKED, max(FREE, RATIO * len(given.data)))
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(given.data)) as file:
            data = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        what = f"this gzip file cannot be unpacked: {error}"
        raise UsageError(what, where=given.name, fix="give a complete file") from error
    if len(data) > limit:
        what = f"this gzip file unpacks to more than {limit >> 20} MB: refused"
        raise UsageError(what, where=given.name)
    return data


def _untar(given: Recorded) -> Iterator[Recorded]:
    """Members are as large as the archive: nothing of it is packed itself."""
    import tarfile

    try:
        with tarfile.open(fileobj=io.BytesIO(given.data), mode="r:") as archive:
            members = [info for info in archive if info.isfile()]
            if len(members) > MEMBERS:
                what = "this tar file holds more than 10,000 members"
                raise UsageError(what, where=given.name)
            for info in sorted(members, key=lambda info: info.name):
                held = archive.extractfile(info)
                data = held.read() if held else b""
                yield Recorded(name=f"{given.name}:{info.name}", data=data)
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        what = f"this tar file cannot be read: {error}"
        raise UsageError(what, where=given.name, fix="give a complete file") from error


def _unzip(given: Recorded) -> Iterator[Recorded]:
    import zipfile

    try:
        archive = zipfile.ZipFile(io.BytesIO(given.data))
        members = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        what = f"this zip file cannot be read: {error}"
        raise UsageError(what, where=given.name, fix="give a complete file") from error
    limit = min(UNPACKED, max(FREE, RATIO * len(given.data)))
    if len(members) > MEMBERS or sum(info.file_size for info in members) > limit:
        what = "this zip file holds more than 10,000 members or unpacks to too much: refused"
        raise UsageError(what, where=given.name)
    for info in sorted(members, key=lambda info: info.filename):
        name = f"{given.name}:{info.filename}"
        try:
            with archive.open(info) as file:
                data = file.read(info.file_size + 1)
        except (
            zipfile.BadZipFile,
            OSError,
            RuntimeError,
            NotImplementedError,
            zlib.error,
        ) as error:
            what = f"this member cannot be unpacked: {error}"
            raise UsageError(what, where=name) from error
        yield Recorded(name=name, data=data)
