"""The effective settings, kept between starts: importing a YAML parser is a tenth of a scope.

The key is everything that they follow from: the bytes of every file, where we are, the variables,
and the code that checks them. Mistakes are never kept, so they are always told from the files.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from gomanager import kept, phasefile, phases
from gomanager.config import Config, PhaseSource, Surroundings, find, look
from gomanager.phases import Phase
from gomanager.version import VERSION

_FORMAT = f"settings-2-{VERSION}"
_VARIABLES = ("GOMANAGER_STORE", "GOMANAGER_CONFIG", "HOME")
_PLAIN = ("base", "store", "formats", "inert", "unclaimed", "keep_stream", "keep_output", "origins")


def settings(around: Surroundings, folder: Path) -> tuple[Config, tuple[Phase, ...]]:
    """As ``phases.settings``; ``folder`` is where they are kept."""
    place = blake2b(os.fsencode(f"{around.root}\0{around.cwd}"), digest_size=8).hexdigest()
    path = folder / f"settings-{place}"
    key = b""
    with suppress(OSError, kept.Damaged):  # what cannot be read is told by the way below
        key = _key(around)
        if (known := _known(path, key)) is not None:
            return known
    config, found = phases.settings(around)
    if key:
        kept.save(path, _FORMAT, (key, _written(config), _phases(found)))
    return config, found


def _key(around: Surroundings) -> bytes:
    digest = blake2b(digest_size=32)
    for part in _parts(around):
        digest.update(b"%d:" % len(part) + part)
    return digest.digest()


def _parts(around: Surroundings) -> Iterator[bytes]:
    yield os.fsencode(f"{around.root}\0{around.cwd}")
    yield repr((around.explicit, around.flags)).encode("utf-8", "surrogateescape")
    yield repr([around.environ.get(name) for name in _VARIABLES]).encode("utf-8", "surrogateescape")
    file, problems = find(around)
    yield repr(problems).encode("utf-8", "surrogateescape")
    for path in (*((file,) if file is not None else ()), *phases.files(around.root)):
        yield os.fsencode(path)
        yield path.read_bytes()
    for module in (look, phasefile.complaints, phases.settings):
        facts = os.stat(module.__code__.co_filename)  # noqa: PTH116
        yield f"{facts.st_size} {facts.st_mtime_ns}".encode()


def _known(path: Path, key: bytes) -> tuple[Config, tuple[Phase, ...]] | None:
    import msgspec

    match kept.load(path, _FORMAT):
        case (found, dict() as written, list() as listed) if found == key:
            pass
        case _:
            return None
    values = {name: written[name] for name in _PLAIN}
    file = written["file"]
    config = Config(
        file=None if file is None else Path(file),
        output=Path(written["output"]),
        phases=tuple(PhaseSource(name=n, file=f, keys=k) for n, f, k in written["phases"]),
        **values,
    )
    return config, tuple(msgspec.convert(keys, Phase) for keys in listed)


def _written(config: Config) -> dict[str, object]:
    return {name: getattr(config, name) for name in _PLAIN} | {
        "file": None if config.file is None else str(config.file),
        "output": str(config.output),
        "phases": [(one.name, one.file, dict(one.keys)) for one in config.phases],
    }


def _phases(found: tuple[Phase, ...]) -> list[object]:
    import msgspec

    return [msgspec.to_builtins(phase) for phase in found]
