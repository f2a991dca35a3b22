"""What ``gomanager init`` finds in a repository, and the commented file that it makes of it."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from gomanager.config import FILE
from gomanager.errors import EnvironmentFault, UsageError
from gomanager.git.repository import NoRepository, discover
from gomanager.inventory import test_tags
from gomanager.phases import Phase
from gomanager.pipeline.ground import go_root
from gomanager.pipeline.scope import Answer
from gomanager.places import integration_folder, integration_tag
from gomanager.runners.magexproject import config_file, uses_magex
from gomanager.selection.scope import PhaseScope

SCHEMA_FILE = ".gomanager/config.schema.json"

_CI_FILES = (
    ".github/workflows/*.y*ml",
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    ".buildkite/*.y*ml",
    "azure-pipelines*.yml",
    "bitbucket-pipelines.yml",
    "Jenkinsfile",
    ".drone.yml",
    ".woodpecker.y*ml",
    ".travis.yml",
)
_SCRIPTS = ("Makefile", "Taskfile.y*ml", "justfile", "magefile.go", "*.sh", "scripts/*.sh")
_JUNIT = re.compile(r"[\w./-]*junit[\w./-]*\.xml", re.IGNORECASE)
_MOST = 1 << 20
"""Bytes of a script that are looked at."""


class PhaseFound(msgspec.Struct, frozen=True, kw_only=True):
    """A phase that holds something here."""

    name: str
    description: str
    packages: int
    tags: tuple[str, ...]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What looking at the repository brought."""

    modules: tuple[str, ...]
    tags: tuple[str, ...]
    """Integration tags."""
    folders: tuple[str, ...]
    """Integration folders that hold packages."""
    phases: tuple[PhaseFound, ...]
    magex: str | None
    ci: tuple[str, ...]
    junit: tuple[str, ...]
    base: str | None


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """gomanager.init/1"""

    schema: Literal["gomanager.init/1"] = "gomanager.init/1"
    files: tuple[str, ...]
    written: bool
    text: str
    found: Found


def document(found: Found, *, written: bool) -> str:
    """The document with one newline at its end."""
    made = Made(files=(FILE, SCHEMA_FILE), written=written, text=text(found), found=found)
    return msgspec.json.encode(made).decode() + "\n"


def look(answer: Answer) -> Found:
    """Everything from an answer about all of the repository (``Question.everything``)."""
    root, graph = answer.place.root, answer.graph
    scopes = {scope.name: scope for scope in answer.scope.phases}
    folders = {place for view in graph.contexts for main in view.mains
               for place in graph.members[main.dir] if integration_folder(place)}  # fmt: skip
    magex = config_file(root)
    return Found(
        modules=tuple(module.dir or "." for module in graph.modules),
        tags=tuple(sorted(filter(integration_tag, test_tags(graph)))),
        folders=tuple(sorted(folders)),
        phases=tuple(_phases(answer.phases, scopes)),
        magex=magex.name if magex else "magefile" if uses_magex(root) else None,
        ci=tuple(_matching(root, _CI_FILES)),
        junit=tuple(sorted(set(_junit(root)))),
        base=answer.scope.base.ref if answer.scope.base else None,
    )


def _phases(phases: tuple[Phase, ...], scopes: dict[str, PhaseScope]) -> Iterator[PhaseFound]:
    for phase in phases:
        scope = scopes.get(phase.name)
        if scope is not None and scope.packages:
            yield PhaseFound(
                name=phase.name,
                description=phase.description,
                packages=len(scope.packages),
                tags=phase.run.tags,
            )


def _matching(root: Path, patterns: tuple[str, ...]) -> Iterator[str]:
    for pattern in patterns:
        yield from sorted(path.relative_to(root).as_posix() for path in root.glob(pattern))


def _junit(root: Path) -> Iterator[str]:
    for name in _matching(root, (*_CI_FILES, *_SCRIPTS)):
        try:
            with (root / name).open("rb") as file:
                text = file.read(_MOST).decode("utf-8", "replace")
        except OSError:
            continue
        yield from _JUNIT.findall(text)


def lines(found: Found) -> Iterator[str]:
    """What was found, for the user."""
    yield f"modules: {', '.join(found.modules)}"
    yield f"integration folders: {', '.join(found.folders) or 'none'}"
    yield f"integration tags: {', '.join(found.tags) or 'none'}"
    yield f"magex: {found.magex or 'not used'}"
    more = f" and {len(found.ci) - 3} more" if len(found.ci) > 3 else ""
    yield f"CI: {', '.join(found.ci[:3]) or 'none'}{more}"
    if found.junit:
        yield f"JUnit files: {', '.join(found.junit)}"
    for phase in found.phases:
        yield f"phase {phase.name}: {_packages(phase)}"


def _packages(phase: PhaseFound) -> str:
    return "1 package" if phase.packages == 1 else f"{phase.packages} packages"


def text(found: Found) -> str:
    """The file: every key commented out, so that it changes nothing until somebody wants it."""
    return "".join(f"{line}\n" for line in _text(found))


def _text(found: Found) -> Iterator[str]:
    yield f"# yaml-language-server: $schema={SCHEMA_FILE}"
    yield "#"
    yield "# gomanager needs no configuration: each key below shows its default, or an example."
    yield "# 'gomanager doctor --config' prints the values in effect."
    yield ""
    yield "version: 1"
    yield ""
    yield "# The branch or commit to compare with; without it, the default branch."
    yield f"# base: {_word(found.base or 'origin/main')}"
    yield ""
    yield "# Where results are remembered; without it, in the user's data folder."
    yield "# store: .gomanager/history.db"
    yield ""
    yield "# The folder of the report, and what else a run writes."
    yield "# output: gomanager-report"
    yield f"# formats: [{_word('junit=' + (found.junit[0] if found.junit else 'junit.xml'))}]"
    yield ""
    yield "# Paths that no test depends on, beside documents, licences, CI and linter files;"
    yield "# and what a changed path selects that nothing claims: all, or none."
    yield '# inert: ["/assets/**"]'
    yield "# unclaimed: all"
    yield ""
    yield "# Keep the raw streams of go test, gzipped, for 'gomanager replay'."
    yield "# keep_stream: false"
    yield "# And what passed tests print, for JUnit and JSON."
    yield "# keep_output: false"
    yield ""
    yield from _phase_text(found)


def _phase_text(found: Found) -> Iterator[str]:
    yield "# Keys given here replace those of the shipped phases one by one; another name makes a"
    yield "# new phase. Phases that hold something in this repository:"
    for phase in found.phases:
        tags = f", tags {' '.join(phase.tags)}" if phase.tags else ""
        yield f"#   {phase.name}: {phase.description} ({_packages(phase)}{tags})"
    example = next((p.name for p in found.phases if p.name not in _WHOLE), "integration")
    yield "# phases:"
    yield f"#   {example}:"
    yield "#     run: {timeout: 20m}"
    yield "#     requires: {env: [], tools: []}"
    yield "#     reruns: 1"


_WHOLE = ("full-race", "unit-race")


def _word(value: str) -> str:
    """A YAML scalar that is surely read as text."""
    return (
        value if re.fullmatch(r"[A-Za-z][\w./=-]*", value) else msgspec.json.encode(value).decode()
    )


def root_of(cwd: Path, environ: Mapping[str, str]) -> Path:
    """Where the file belongs: the root of the repository, without git that of the Go project."""
    repository = discover(cwd, environ)
    return go_root(cwd) if isinstance(repository, NoRepository) else repository.root


def refuse_overwriting(root: Path) -> None:
    """Raises UsageError where there is a configuration already."""
    if (root / FILE).exists() or (root / FILE).is_symlink():
        what = f"{FILE} exists, and init never overwrites"
        fix = "edit it; 'gomanager init --dry-run' prints a new one"
        raise UsageError(what, where=str(root / FILE), fix=fix)


def write(root: Path, found: Found) -> None:
    """Both files; the schema is ours and is renewed, the configuration must not exist."""
    from gomanager.pipeline.schemas import schema

    shape = json.dumps(schema("config"), indent=2) + "\n"
    _place(root / SCHEMA_FILE, shape, new=False)
    _place(root / FILE, text(found), new=True)


def _place(path: Path, content: str, *, new: bool) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            beside.write_text(content, encoding="utf-8")
            if new:
                os.link(beside, path)  # unlike a rename it fails where the file exists
            else:
                beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except FileExistsError as error:
        what = f"{path.name} exists, and init never overwrites"
        raise UsageError(what, where=str(path)) from error
    except OSError as error:
        what = f"cannot write {path.name}: {error.strerror}"
        fix = "'gomanager init --dry-run' prints it"
        raise EnvironmentFault(what, where=str(path.parent), fix=fix) from error
