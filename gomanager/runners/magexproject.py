"""What a repository says to magex: whether it uses it at all, and its ``test:`` keys."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

CONFIG_FILES = (".mage.yaml", ".mage.yml", "mage.yaml", "mage.yml")
"""In the order in which magex looks; the first that exists counts."""


class MagexKeys(Struct, frozen=True, kw_only=True):
    """Those keys of ``test:`` that change what ``go test`` is told, magex's defaults filled in."""

    tags: tuple[str, ...] = ()
    parallel: int | None = None
    timeout: str = ""
    passes: bool = False
    """One pass over every test for each build tag found, instead of one for all of them."""
    exclude_modules: tuple[str, ...] = ()
    """Last elements of module paths."""


def uses_magex(root: Path) -> bool:
    """A magex configuration or a magefile at the root."""
    if any((root / name).is_file() for name in CONFIG_FILES):
        return True
    return (root / "magefile.go").is_file() or (root / "magefiles").is_dir()


def config_file(root: Path) -> Path | None:
    """The file that magex reads."""
    return next((root / name for name in CONFIG_FILES if (root / name).is_file()), None)


def magex_keys(root: Path, environ: Mapping[str, str]) -> MagexKeys:
    """The keys; defaults where the file is absent or cannot be read (magex then fails by itself)."""
    test = _section(root)
    parallel = test.get("parallel")
    timeout = environ.get("MAGE_X_TEST_TIMEOUT") or test.get("timeout")
    discover = _flag(environ, "MAGE_X_AUTO_DISCOVER_BUILD_TAGS", test, "auto_discover_build_tags")
    combine = _flag(
        environ, "MAGE_X_AUTO_DISCOVER_BUILD_TAGS_COMBINE", test, "combine_build_tags", usual=True
    )
    return MagexKeys(
        tags=_list(test.get("tags")),
        parallel=parallel if isinstance(parallel, int) and parallel > 0 else None,
        timeout=timeout if isinstance(timeout, str) else "",
        passes=discover and not combine,
        exclude_modules=_list(environ.get("MAGE_X_TEST_EXCLUDE_MODULES"))
        or _list(test.get("exclude_modules")),
    )


def _flag(
    environ: Mapping[str, str], name: str, test: Mapping[str, Any], key: str, *, usual: bool = False
) -> bool:
    said = environ.get(name, "").strip().lower()
    if said in {"1", "t", "true", "yes", "on"}:
        return True
    if said in {"0", "f", "false", "no", "off"}:
        return False
    return bool(test.get(key, usual))


def _list(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.replace(",", " ").split())
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _section(root: Path) -> dict[str, Any]:
    path = config_file(root)
    if path is None:
        return {}
    import yaml

    try:
        document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    test = document.get("test") if isinstance(document, dict) else None
    return test if isinstance(test, dict) else {}
