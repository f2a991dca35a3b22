"""Where the store of a repository lies, and opening it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gomanager.errors import EnvironmentFault, UsageError

if TYPE_CHECKING:  # most questions are asked where no store is yet
    from gomanager.store.protocol import Store

VARIABLE = "GOMANAGER_STORE"
FILE = "history.db"


def locate(
    *,
    key: str,
    environ: Mapping[str, str],
    cwd: Path,
    root: Path,
    option: str | None = None,
    configured: str | None = None,
) -> Path:
    """The file of the store: option, environment, configuration, else the user's data folder.

    A relative path of the option or the environment starts at ``cwd``, of the configuration at
    ``root``. ``key`` is ``git.repository.key``. Raises UsageError for what is no path.
    """
    for given, start in ((option, cwd), (environ.get(VARIABLE), cwd), (configured, root)):
        if given:
            return _file(given, start)
    import platformdirs

    return platformdirs.user_data_path("gomanager", appauthor=False) / key / FILE


def _file(given: str, start: Path) -> Path:
    if "://" in given:
        what = "this store is a database server, and only SQLite files are built in"
        # The address may hold a password: it is not repeated.
        fix = "give the path of a file with --store, GOMANAGER_STORE or store:"
        raise UsageError(what, fix=fix)
    if "\0" in given:
        what = "the path of the store holds a NUL character"
        raise UsageError(what)
    try:
        path = start / Path(given).expanduser()
    except RuntimeError as error:
        what = f"the path of the store cannot be expanded: {given}"
        raise UsageError(what) from error
    from gomanager.store.connection import faults

    with faults(path):
        return path / FILE if given.endswith("/") or path.is_dir() else path


def open_store(
    location: str | Path, *, write: bool = True, environ: Mapping[str, str] = os.environ
) -> "Store":
    """The store at ``location``; raises EnvironmentFault where it cannot be used.

    With ``write`` the file is made, brought to the newest schema, and put aside where it is
    damaged; without, it is only read, also in a folder that cannot be written. The values of
    variables in ``environ`` that are named like secrets are masked in what is stored.
    """
    from gomanager.store.connection import faults
    from gomanager.store.sqlite import SqliteStore

    path = Path(location)
    with faults(path):
        folder, absent = path.is_dir(), not path.exists()
    if folder:
        what = "the history store is a folder, not a file"
        raise EnvironmentFault(what, where=str(path))
    if absent and not write:
        what = "there is no history yet"
        fix = "'gomanager run' begins one; look at --store and GOMANAGER_STORE"
        raise EnvironmentFault(what, where=str(path), fix=fix)
    return SqliteStore(path, write=write, environ=environ)
