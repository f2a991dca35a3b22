"""The env files that magex loads before it runs anything, read the same way in the same order.

Every ``go test`` of a repository that uses magex gets them too, so that attempts are comparable.
Source: mage-x, pkg/common/env/loader.go and pkg/mage/config_provider.go (2026-08). The folder and
three parents are loaded one after another, each over the one before; then, when magex reads its
configuration, the folder itself once more, so that its files win (measured).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

_LEGACY = (
    ".github/.env.base", ".env.base", ".github/.env.custom", ".env.custom", ".env.local", ".env",
)  # fmt: skip
_PARENTS = 3


def load(folder: Path, environ: Mapping[str, str]) -> tuple[dict[str, str], tuple[Path, ...]]:
    """What the files in and above ``folder`` change in ``environ``, and which files they are."""
    changed: dict[str, str] = {}
    read: dict[Path, None] = {}
    for place in (folder, *list(folder.parents)[:_PARENTS], folder):
        for path in _files(place, in_ci={**environ, **changed}.get("CI") == "true"):
            values = _read(path, {**environ, **changed})
            if values is not None:
                changed |= values
                read[path] = None
    return changed, tuple(read)


def _files(place: Path, *, in_ci: bool) -> Iterator[Path]:
    modular = sorted(path for path in (place / ".github" / "env").glob("*.env"))
    if modular:
        yield from (path for path in modular if not (in_ci and path.name == "99-local.env"))
    else:
        yield from (place / name for name in _LEGACY)


def _read(path: Path, environ: Mapping[str, str]) -> dict[str, str] | None:
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    local: dict[str, str] = {}
    for raw in text.split("\n"):
        line = raw.strip()
        name, equals, value = line.partition("=")
        name = name.strip().removeprefix("export ").strip()
        if equals and name and not line.startswith("#") and "\0" not in line:
            local[name] = _expand(_value(value), {**environ, **local})
    return local


def _value(text: str) -> str:
    """Quotes taken off; without them, a comment behind a blank goes too."""
    value = text.strip()
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    for mark in (" #", "\t#"):
        value = value.partition(mark)[0].strip() if mark in value else value
    return value


def _expand(value: str, known: Mapping[str, str]) -> str:
    """``${NAME}`` anywhere, ``$NAME`` only as the whole value; magex reads results again."""
    for _ in range(100):  # a variable that names itself would go round for ever
        begin = value.find("${")
        end = value.find("}", begin)
        if begin < 0 or end < 0:
            break
        value = value[:begin] + known.get(value[begin + 2 : end], "") + value[end + 1 :]
    if value.startswith("$") and " " not in value:
        return known.get(value[1:], "")
    return value
