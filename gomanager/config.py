"""One frozen Config from one optional file; flag > environment > file > default."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta, Struct, field

from gomanager.errors import ConfigError, Problem
from gomanager.phasefile import Keys, PhaseKeys, bad_globs, complaints
from gomanager.yamlfile.mistakes import Complaint, Place

if TYPE_CHECKING:  # the parser is a tenth of a start, and mostly nothing has changed
    from gomanager.yamlfile.document import Document

FILE = ".gomanager.yaml"


class ConfigKeys(Keys, frozen=True, kw_only=True):
    """``.gomanager.yaml``: every key is optional, and so is the file."""

    version: Annotated[Literal[1], Meta(description="Of this format.")] = 1
    base: Annotated[
        str | None, Meta(description="Compare with this reference. Default: the default branch.")
    ] = None
    store: Annotated[
        str | None,
        Meta(description="Where results are remembered. Default: the user's data folder."),
    ] = None
    output: Annotated[
        str, Meta(description="Folder of the report, from the folder of this file.")
    ] = "gomanager-report"
    formats: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^[a-z0-9-]+(=.+)?$")], ...],
        Meta(description="What run writes, as --format takes it: NAME or NAME=PATH."),
    ] = ()
    inert: Annotated[
        tuple[str, ...],
        Meta(description="gitignore-style globs of paths that no test depends on, beside ours."),
    ] = ()
    unclaimed: Annotated[
        Literal["all", "none"],
        Meta(description="What a changed path selects that no rule knows: everything, or nothing."),
    ] = "all"
    keep_stream: Annotated[
        bool, Meta(description="Keep the raw event streams, gzipped, for gomanager replay.")
    ] = False
    keep_output: Annotated[
        bool, Meta(description="Keep what passed tests print, for JUnit and JSON.")
    ] = False
    phases: Annotated[
        dict[str, PhaseKeys], Meta(description="Phases by name; the keys replace ours one by one.")
    ] = field(default_factory=dict)


class PhaseSource(Struct, frozen=True, kw_only=True):
    """The keys that one file gives to one phase, as written and already checked."""

    name: str
    file: str
    keys: Mapping[str, Any]
    document: "Document[Any] | None" = None
    path: Place = ()
    """Where in the document the phase stands."""

    def problem(self, complaint: Complaint) -> Problem:
        """A mistake that only shows between files, at its place in this one."""
        if self.document is None:
            return Problem(message=complaint.message, file=self.file)
        return self.document.problem(
            Complaint(
                path=self.path + complaint.path,
                message=complaint.message,
                suggestion=complaint.suggestion,
            )
        )


class Config(Struct, frozen=True, kw_only=True):
    """Effective settings; paths are absolute."""

    file: Path | None = None
    base: str | None = None
    store: str | None = None
    """A path or a database URL; ``None``: the store's own default."""
    output: Path = Path("gomanager-report")
    formats: tuple[str, ...] = ()
    inert: tuple[str, ...] = ()
    """The project's globs; the shipped ones are ``phases.inert_globs()``."""
    unclaimed: str = "all"
    keep_stream: bool = False
    keep_output: bool = False
    phases: tuple[PhaseSource, ...] = ()
    origins: tuple[tuple[str, str], ...] = ()
    """Key and where its value comes from; keys with their default are not in it."""

    def origin(self, key: str) -> str:
        """``--store``, ``GOMANAGER_STORE``, ``.gomanager.yaml:3`` or ``default``."""
        return dict(self.origins).get(key, "default")


class Surroundings(Struct, frozen=True, kw_only=True):
    """What a configuration is looked for in."""

    root: Path
    """Of the repository, or the folder that stands for it."""
    cwd: Path
    environ: Mapping[str, str]
    explicit: str | None = None
    """The value of ``--config``."""
    flags: tuple[tuple[str, str], ...] = ()
    """Settings that the command line gives: ``("store", "/tmp/x")``."""


_FROM_ENVIRONMENT = {"store": "GOMANAGER_STORE"}
_PATHS = ("store", "output")


def load(around: Surroundings) -> Config:
    """The effective settings; raises ConfigError with everything that is wrong in the file."""
    config, problems = look(around)
    if problems:
        raise wrong(problems)
    return config


def look(around: Surroundings) -> tuple[Config, tuple[Problem, ...]]:
    """The settings and the mistakes; with mistakes the file's values are left out."""
    file, problems = find(around)
    if file is None or problems:
        return _effective(around, file, None), problems
    from gomanager.yamlfile.document import Document, read

    found = read(file, ConfigKeys, shown=_shown(file, around), check=_complaints)
    if isinstance(found, Document):
        return _effective(around, file, found), ()
    return _effective(around, file, None), found


def wrong(problems: Sequence[Problem]) -> ConfigError:
    """The error that tells all mistakes at once."""
    files = len({problem.file for problem in problems})
    mistakes = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
    what = f"{mistakes} in {'1 file' if files == 1 else f'{files} files'}"
    fix = "every key: gomanager schema config, gomanager schema phase"
    return ConfigError(what, fix=fix, problems=tuple(problems))


def find(around: Surroundings) -> tuple[Path | None, tuple[Problem, ...]]:
    """The file that the settings come from, or why it cannot be that one."""
    named = around.explicit or around.environ.get("GOMANAGER_CONFIG")
    if named:
        file = around.cwd / Path(named).expanduser()
        how = "--config" if around.explicit else "GOMANAGER_CONFIG"
        missing = Problem(message=f"does not exist, and {how} names it", file=named)
        return file, () if file.exists() else (missing,)
    for folder in _upwards(around):
        if (folder / FILE).exists():
            return folder / FILE, ()
        if (folder / ".gomanager.yml").exists():
            shown = _shown(folder / ".gomanager.yml", around)
            message = f"is not read: the name of the file is {FILE}"
            return None, (Problem(message=message, file=shown),)
    return None, ()


def _upwards(around: Surroundings) -> Iterator[Path]:
    """From the current folder up to the repository's root, that included."""
    root = around.root.resolve()
    folder = around.cwd.resolve()
    if folder != root and root not in folder.parents:
        folder = root
    while folder != root:
        yield folder
        folder = folder.parent
    yield root


def _shown(file: Path, around: Surroundings) -> str:
    """As an editor started in the current folder finds it."""
    if not file.is_relative_to(around.root.resolve()):
        return str(file)
    return os.path.relpath(file, around.cwd.resolve())


def _complaints(config: ConfigKeys) -> Iterator[Complaint]:
    yield from bad_globs(("inert",), config.inert)
    for name, phase in config.phases.items():
        for complaint in complaints(phase):
            yield Complaint(
                path=("phases", name, *complaint.path),
                message=complaint.message,
                suggestion=complaint.suggestion,
            )


def _effective(
    around: Surroundings, file: Path | None, document: "Document[ConfigKeys] | None"
) -> Config:
    keys = document.value if document else ConfigKeys()
    values: dict[str, Any] = {
        name: getattr(keys, name)
        for name in (
            "base",
            "store",
            "output",
            "formats",
            "inert",
            "unclaimed",
            "keep_stream",
            "keep_output",
        )
    }
    folders = dict.fromkeys(_PATHS, file.parent if document and file else around.root)
    origins = _written(document) if document else {}
    for key, variable in _FROM_ENVIRONMENT.items():
        if given := around.environ.get(variable):
            values[key], origins[key], folders[key] = given, variable, around.cwd
    for key, given in around.flags:
        values[key], origins[key] = given, f"--{key.replace('_', '-')}"
        if key in folders:
            folders[key] = around.cwd
    if values["store"] is not None and "://" not in values["store"]:
        values["store"] = str(folders["store"] / Path(values["store"]).expanduser())
    values["output"] = folders["output"] / Path(values["output"]).expanduser()
    return Config(
        file=file,
        phases=tuple(_sources(document)) if document else (),
        origins=tuple(origins.items()),
        **values,
    )


def _written(document: "Document[ConfigKeys]") -> dict[str, str]:
    return {
        key: f"{document.shown}:{document.tree.positions[(key,)][0]}"
        for key in document.keys
        if key not in ("version", "phases")
    }


def _sources(document: "Document[ConfigKeys]") -> Iterator[PhaseSource]:
    phases = document.keys.get("phases")
    assert isinstance(phases, dict | None)
    for name, keys in (phases or {}).items():
        yield PhaseSource(
            name=name,
            file=f"{document.shown}:{document.tree.keys[('phases', name)][0]}",
            keys=keys,
            document=document,
            path=("phases", name),
        )
