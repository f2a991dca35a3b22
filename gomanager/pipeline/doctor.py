"""What ``gomanager doctor`` looks at: the machine, the repository, the configuration, the store.

Each check says ok, warn or fail in one line, and how to mend it. A check whose ground is missing
is left out: the failure before it says why.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from gomanager.config import Config, Surroundings
from gomanager.errors import GomanagerError
from gomanager.git.remotes import remotes, worktrees
from gomanager.git.repository import NoRepository, Repository, discover
from gomanager.phases import settings
from gomanager.pipeline import machine
from gomanager.pipeline.check import Check, fail, ok, warn
from gomanager.pipeline.ground import go_root
from gomanager.pipeline.past import Standing, place
from gomanager.pipeline.scope import Question, select
from gomanager.version import VERSION

QUICK_CHECK_BYTES = 200_000_000
"""SQLite reads the whole file to check it."""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """An effective value, and where it comes from."""

    key: str
    value: str | bool | tuple[str, ...] | None
    origin: str


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """gomanager.doctor/1"""

    schema: Literal["gomanager.doctor/1"] = "gomanager.doctor/1"
    version: str = VERSION
    exit_code: int
    checks: tuple[Check, ...]
    config: tuple[Setting, ...] = ()


class Patient(Struct, frozen=True, kw_only=True):
    """What has been found out so far."""

    standing: Standing
    repository: Repository | None
    root: Path
    config: Config | None = None


def examine(standing: Standing, *, now: float) -> Examination:
    """Make every check; raises nothing but what a bug would."""
    checks = [machine.python(), machine.git(standing.cwd, standing.environ)]
    patient, found = _repository(standing)
    checks += found
    patient, found = _configuration(patient)
    checks += found
    checks += machine.go(patient.root, standing.environ)
    checks.append(machine.magex(patient.root, standing.environ))
    if patient.config is not None:
        checks += _scope(patient)
        checks += _store(patient)
        checks.append(_folder("report folder", patient.config.output, "--output DIR"))
    checks.append(machine.continuous(standing.environ))
    checks.append(machine.bytecode(Path(__file__).parent.parent))
    checks.append(machine.clock(patient.repository, now))
    failed = any(check.state == "fail" for check in checks)
    return Examination(
        exit_code=3 if failed else 0,
        checks=tuple(checks),
        config=tuple(_settings(patient)),
    )


def _repository(standing: Standing) -> tuple[Patient, list[Check]]:
    alone = Patient(standing=standing, repository=None, root=go_root(standing.cwd))
    try:
        found = discover(standing.cwd, standing.environ)
    except GomanagerError as error:
        return alone, [fail("repository", error.what, error.fix)]
    if isinstance(found, NoRepository):
        text = f"{found.reason}: without git everything runs, nothing is compared"
        return alone, [warn("repository", text)]
    checks = [ok("repository", str(found.root)), *_around(found.root)]
    if found.shallow:
        text = "the clone is shallow: where the base is missing, everything runs"
        checks.append(warn("history", text, "git fetch --unshallow"))
    return Patient(standing=standing, repository=found, root=found.root), checks


def _around(root: Path) -> Iterator[Check]:
    """What else belongs to the repository: clones and worktrees of one share a history."""
    known = remotes(root)
    if known:
        yield ok("remotes", ", ".join(f"{remote.name} {remote.url}" for remote in known))
    else:
        yield ok("remotes", "none: the base is the local default branch")
    others = worktrees(root)
    if len(others) > 1:
        yield ok("worktrees", f"{len(others)} share one history: {', '.join(others[:5])}")


def _configuration(patient: Patient) -> tuple[Patient, list[Check]]:
    standing = patient.standing
    around = Surroundings(
        root=patient.root,
        cwd=standing.cwd,
        environ=standing.environ,
        explicit=standing.config,
    )
    try:
        config, phases = settings(around)
    except GomanagerError as error:
        texts = [_sentence(problem.place, problem.message) for problem in error.problems]
        fixes = [problem.suggestion for problem in error.problems]
        lines = zip(texts or [error.what], fixes or [error.fix], strict=True)
        return patient, [fail("configuration", text, fix) for text, fix in lines]
    file = str(config.file) if config.file is not None else "no file: the defaults hold"
    names = ", ".join(phase.name for phase in phases)
    checks = [ok("configuration", file), ok("phases", f"{len(phases)}: {names}")]
    return replace(patient, config=config), checks


def _sentence(place_: str, message: str) -> str:
    return f"{place_}: {message}" if place_ else message


def _scope(patient: Patient) -> Iterator[Check]:
    """Everything that a run does before its first test."""
    standing = patient.standing
    question = Question(cwd=standing.cwd, environ=standing.environ, config=standing.config)
    try:
        answer = select(question)
    except GomanagerError as error:
        yield fail("scope", error.what, error.fix)
        return
    modules = [f"{module.path} ({module.dir or '.'})" for module in answer.graph.modules]
    broken = [module for module in answer.graph.modules if module.problem]
    for module in broken:
        file = f"{module.dir}/go.mod" if module.dir else "go.mod"
        yield fail("modules", f"{file} cannot be read: {module.problem}", "go mod edit -fmt")
    if not broken:
        shown = ", ".join(modules[:5]) + (", …" if len(modules) > 5 else "")
        yield ok("modules", f"{len(modules)}: {shown}")
    base = answer.scope.base
    if base is not None:
        yield ok("base", f"{base.ref}, {base.how}, at {base.commit[:12]}")
    elif patient.repository is not None:
        yield warn("base", f"none: {answer.changes.reason}", answer.changes.fix)


def _store(patient: Patient) -> Iterator[Check]:
    from gomanager import journal
    from gomanager.store.location import open_store

    try:
        path = place(patient.standing)
        if not path.exists():
            yield _folder("store", path, "--store PATH or GOMANAGER_STORE")
            return
        size = path.stat().st_size
        with open_store(path, write=False, environ=patient.standing.environ) as store:
            broken = store.check() if size <= QUICK_CHECK_BYTES else None
            newest = store.runs(limit=1)
            journals = [one for one in store.journals.glob("*.jsonl") if not journal.locked(one)]
    except GomanagerError as error:
        yield fail("store", _sentence(error.where or "", error.what), error.fix)
        return
    except OSError as error:
        yield fail("store", f"cannot be read: {error.strerror}", "--store PATH or GOMANAGER_STORE")
        return
    if broken:
        fix = f"move it away: mv {path} {path}.broken"
        yield fail("store", f"{path} is damaged: {broken}", fix)
    elif not os.access(path, os.W_OK):
        yield warn("store", f"{path} cannot be written", f"chmod u+w {path}")
    else:
        run = f"newest run {newest[0].started:%Y-%m-%d}" if newest else "no run"
        yield ok("store", f"{path}, {size / 1e6:.1f} MB, {run}")
    if journals:
        text = f"{len(journals)} journals of runs that were cut short"
        yield warn("journals", text, "gomanager history recover")


def _folder(name: str, path: Path, fix: str) -> Check:
    """Whether ``path`` could be made: its nearest folder that exists can be written."""
    parent = next(folder for folder in (path, *path.parents) if folder.exists())
    if parent.is_dir() and os.access(parent, os.W_OK | os.X_OK):
        made = "" if path.exists() else ", made by the first run"
        return ok(name, f"{path}{made}")
    return fail(name, f"{path} cannot be written: {parent} is in the way", f"choose another: {fix}")


def _settings(patient: Patient) -> Iterator[Setting]:
    config = patient.config
    if config is None:
        return
    values: dict[str, str | bool | tuple[str, ...] | None] = {
        "base": config.base,
        "store": config.store,
        "output": str(config.output),
        "formats": config.formats,
        "inert": config.inert,
        "unclaimed": config.unclaimed,
        "keep_stream": config.keep_stream,
        "keep_output": config.keep_output,
    }
    for key, value in values.items():
        yield Setting(key=key, value=value, origin=config.origin(key))
    for source in config.phases:
        yield Setting(key=f"phases.{source.name}", value=tuple(source.keys), origin=source.file)
