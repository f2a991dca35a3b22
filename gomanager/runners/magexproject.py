"""What a repository says to magex: whether it uses it at all, and its ``test:`` keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONFIG_FILES = (".mage.yaml", ".mage.yml", "mage.yaml", "mage.yml")
"""In the order in which magex looks; the first that exists counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MagexKeys:
    """Those keys of ``test:`` that change what ``go test`` is told, magex's defaults filled in."""

    tags: tuple[str, ...] = ()
    verbose: bool = False
    cover: bool = False
    parallel: int | None = None
    tag_passes: bool = False
    """One pass for each build tag found, or all in one: nothing a phase asks for."""
    exclude_modules: tuple[str, ...] = ()


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
    modules = environ.get("MAGE_X_TEST_EXCLUDE_MODULES", "")
    excluded = test.get("exclude_modules")
    parallel = test.get("parallel")
    return MagexKeys(
        tags=tuple(str(test.get("tags") or "").replace(",", " ").split()),
        verbose=test.get("verbose") is True,
        cover=test.get("cover") is True,
        parallel=parallel if isinstance(parallel, int) and parallel > 0 else None,
        tag_passes=test.get("auto_discover_build_tags") is True,
        exclude_modules=(
            tuple(name.strip() for name in modules.split(",") if name.strip())
            or tuple(map(str, excluded if isinstance(excluded, list) else ()))
        ),
    )


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
