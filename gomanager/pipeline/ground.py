"""The ground a question stands on: which repository, which settings, whose machine."""

from pathlib import Path

from msgspec import Struct

from gomanager.ci import environment as ci
from gomanager.config import Config, Surroundings
from gomanager.effective import settings
from gomanager.git import base as bases
from gomanager.git.repository import NoRepository, Repository, folder_key, key
from gomanager.phases import Phase, named
from gomanager.pipeline.question import Place, Question
from gomanager.pipeline.start import Started, cache_folder, start


class Ground(Struct, frozen=True, kw_only=True):
    """What is known before any file is looked at."""

    started: Started
    place: Place
    catalogue: tuple[Phase, ...]
    environment: ci.Environment | None
    own: tuple[str, ...]
    """Folders below the root that we write ourselves."""

    @property
    def work_tree(self) -> Repository | None:
        """The repository, where there is one."""
        found = self.started.repository
        return found if isinstance(found, Repository) else None


def look_around(question: Question) -> Ground:
    """Raises UsageError for an unknown phase, ConfigError, EnvironmentFault."""
    started = question.started or start(
        question.cwd, question.environ, base=question.base, staged=question.staged
    )
    repository = started.repository
    root = repository.root if isinstance(repository, Repository) else go_root(question.cwd)
    around = Surroundings(
        root=root,
        cwd=question.cwd,
        environ=question.environ,
        explicit=question.config,
        flags=question.flags,
    )
    config, catalogue = settings(around, cache_folder())
    named(catalogue, question.phases)
    environment = ci.detect(question.environ, ci.read_event(question.environ))
    return Ground(
        started=started,
        place=_place(repository, root, config, environment),
        catalogue=catalogue,
        environment=environment,
        own=(*question.own, *_own(config, root)),
    )


def go_root(cwd: Path) -> Path:
    """Without git: the folder of the nearest go.work, else go.mod, else the current one."""
    for name in ("go.work", "go.mod"):
        for folder in (cwd, *cwd.parents):
            if (folder / name).is_file():
                return folder
    return cwd


def _place(
    repository: Repository | NoRepository,
    root: Path,
    config: Config,
    environment: ci.Environment | None,
) -> Place:
    if isinstance(repository, NoRepository):
        return Place(
            key=folder_key(str(root)), root=root, head=None, branch=None, default=False,
            config=config,
        )  # fmt: skip
    branch = repository.branch or (environment.branch if environment is not None else None)
    default = bases.default_branch(repository, config.base)
    return Place(
        key=key(repository),
        root=root,
        head=repository.head,
        branch=branch,
        default=default is not None and branch == default.name,
        config=config,
    )


def _own(config: Config, root: Path) -> tuple[str, ...]:
    """Report and store with its companions, where they lie below the root (row 0)."""
    paths = [config.output]
    if config.store is not None and "://" not in config.store:
        store = Path(config.store)
        paths += [store, store.with_name(f"{store.name}-wal"), store.with_name(f"{store.name}-shm")]
        paths.append(store.parent / "journal")
    below = [path.relative_to(root) for path in paths if path.is_relative_to(root)]
    return tuple(path.as_posix() for path in below if path != Path())
