"""Phase, and the catalogue: what is shipped, with the project's own keys over it."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from gomanager.config import Config, PhaseSource, Surroundings, look, wrong
from gomanager.errors import Problem, UsageError
from gomanager.phasefile import NAME, PhaseKeys, complaints
from gomanager.places import TAG_FAMILIES, found_tags, integration_tag
from gomanager.yamlfile.mistakes import Complaint, near

FOLDER = ".gomanager/phases"
_NESTED = ("run", "when", "requires")


class Phase(PhaseKeys, frozen=True, kw_only=True):
    """One phase in effect; ``file`` says where its keys come from, the last source last."""

    file: str = ""

    @property
    def whole(self) -> bool:
        """True where the phase takes every test that its configuration compiles."""
        run = self.run
        everywhere = not run.packages or run.packages in (("...",), ("./...",), ("**",))
        return everywhere and not (run.files or run.tests or run.skip or run.tags)

    @property
    def race(self) -> bool | None:
        """True: needed, False: off, None: where the platform has it."""
        return None if self.run.race == "auto" else self.run.race is True

    @property
    def timeout_s(self) -> float:
        """Seconds; 0 means none."""
        return seconds(self.run.timeout)

    @property
    def slow_ms(self) -> int:
        """A case above this is named slow."""
        return round(seconds(self.slow) * 1000)

    @property
    def shuffle(self) -> str:
        """As ``-shuffle`` takes it."""
        return str(self.run.shuffle)


_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(duration: str) -> float:
    """A Go duration such as ``1h30m`` in seconds; it has passed the schema."""
    parts = re.findall(r"([0-9.]+)(ns|us|µs|ms|s|m|h)", duration)
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def shipped_folder() -> Path:
    """``catalogue/`` beside this module in an installation, else the checkout's ``phases/``."""
    here = Path(__file__).parent
    installed = here / "catalogue"
    return installed if installed.is_dir() else here.parent / "phases"


def inert_globs() -> tuple[str, ...]:
    """The shipped list of paths that no test depends on (row 11 of the selection)."""
    text = (shipped_folder() / "inert.txt").read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def settings(around: Surroundings) -> tuple[Config, tuple[Phase, ...]]:
    """Configuration and catalogue; raises ConfigError with the mistakes of all files at once."""
    config, problems = look(around)
    sources, more = project_phases(around.root, config.phases)
    if problems or more:
        raise wrong([*problems, *more])
    return config, merged(sources)


def catalogue(root: Path, config: Config) -> tuple[Phase, ...]:
    """All phases in effect, in the order in which they are asked and run.

    Raises ConfigError with every mistake of the project's phase files.
    """
    sources, problems = project_phases(root, config.phases)
    if problems:
        raise wrong(problems)
    return merged(sources)


def merged(sources: Sequence[PhaseSource]) -> tuple[Phase, ...]:
    """The shipped phases with the given keys over them, one by one; disabled ones are left out."""
    import msgspec

    written = {source.name: dict(source.keys) for source in shipped()}
    files = {source.name: [source.file] for source in shipped()}
    for source in sources:
        written[source.name] = _over(written.get(source.name, {}), source.keys)
        files.setdefault(source.name, []).append(source.file)
    phases = [
        msgspec.convert(keys | {"name": name, "file": ", ".join(files[name])}, Phase)
        for name, keys in written.items()
    ]
    return tuple(sorted((p for p in phases if not p.disabled), key=lambda p: (p.order, p.name)))


@cache
def shipped() -> tuple[PhaseSource, ...]:
    """The keys of our own phase files; a test of ours keeps them right."""
    import yaml

    files = sorted(shipped_folder().glob("*.yaml"))
    every = [(file, yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)) for file in files]
    return tuple(
        PhaseSource(name=keys["name"], file=f"built-in {file.name}", keys=keys)
        for file, keys in every
    )


def project_phases(
    root: Path, configured: Sequence[PhaseSource]
) -> tuple[list[PhaseSource], list[Problem]]:
    """The project's keys, ``.gomanager/phases/`` first, and everything that is wrong there."""
    from gomanager.yamlfile.document import Document, read

    sources: dict[str, PhaseSource] = {}
    problems: list[Problem] = []
    for file in _files(root / FOLDER):
        shown = f"{FOLDER}/{file.name}"
        document = read(file, PhaseKeys, shown=shown, check=complaints)
        if not isinstance(document, Document):
            problems += document
            continue
        name = str(document.keys.get("name", file.stem))
        source = PhaseSource(name=name, file=shown, keys=document.keys, document=document)
        if name in sources:
            message = f"phase '{name}' is written in {sources[name].file} too"
            problems.append(source.problem(Complaint(path=("name",), message=message)))
        sources[name] = source
    every = [*sources.values(), *configured]
    return every, [*problems, *_between(every)]


def files(root: Path) -> list[Path]:
    """Every file that a phase may come from: ours, and the project's."""
    return [*sorted(shipped_folder().glob("*.yaml")), *_files(root / FOLDER)]


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        file
        for file in folder.iterdir()
        if file.suffix in (".yaml", ".yml") and not file.name.startswith(".")
    )


def _between(sources: Sequence[PhaseSource]) -> Iterator[Problem]:
    """Mistakes that show only when all names are known; each would go unseen otherwise."""
    ours = {source.name for source in shipped()}
    known = ours | {source.name for source in sources}
    enabled = ours | {source.name for source in sources if not source.keys.get("disabled")}
    for source in sources:
        for complaint in _misnamed(source, known, enabled):
            yield source.problem(complaint)


def _misnamed(source: PhaseSource, known: set[str], enabled: set[str]) -> Iterator[Complaint]:
    name, place = source.name, ("name",)
    if source.keys.get("name", name) != name:
        yield Complaint(path=place, message=f"the phase is called '{name}' here")
    if re.fullmatch(NAME, name) is None:
        rule = "letters, digits, '.', '_' and '-'"
        yield Complaint(path=place, message=f"'{name}' is no name of a phase", suggestion=rule)
    if source.keys.get("disabled") and name not in enabled:
        message = f"there is no phase '{name}' to disable"
        yield Complaint(path=place, message=message, suggestion=near(name, enabled))
    for index, other in enumerate(source.keys.get("replaces") or ()):
        if other not in known:
            path = ("replaces", index)
            message = f"there is no phase '{other}'"
            yield Complaint(path=path, message=message, suggestion=near(other, known))


def _over(base: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    """Key by key, also inside ``run``, ``when`` and ``requires``; ``env`` is one key."""
    result = dict(base) | dict(keys)
    for name in _NESTED:
        if name in base and name in keys:
            result[name] = dict(base[name]) | dict(keys[name])
    return result


def named(phases: Sequence[Phase], names: Iterable[str]) -> tuple[Phase, ...]:
    """The phases asked for by ``--phase``; raises UsageError for a name that is none of them."""
    by_name = {phase.name: phase for phase in phases}
    wanted = set(names)
    for name in sorted(wanted - set(by_name)):
        hint = near(name, by_name) or f"one of: {', '.join(by_name)}"
        what = f"there is no phase '{name}'"
        raise UsageError(what, where="--phase", fix=hint)
    return tuple(phase for phase in phases if phase.name in wanted)


def with_found_tags(
    phases: Sequence[Phase], present: Iterable[str], rivals: Collection[frozenset[str]] = ()
) -> tuple[Phase, ...]:
    """The phases with ``@integration`` and ``@performance`` replaced by the repository's tags.

    ``present`` are the build tags that the repository's test files name, anywhere. ``rivals`` are
    pairs that never stand in one build: a phase becomes several then, the further ones named
    after their tags. A phase with tags and without ``packages`` gets those places where its tags
    make a difference.
    """
    tags = frozenset(present)
    return tuple(found for phase in phases for found in _with_tags(phase, tags, rivals))


def _with_tags(
    phase: Phase, present: frozenset[str], rivals: Collection[frozenset[str]]
) -> Iterator[Phase]:
    from msgspec.structs import replace

    declared = phase.run.tags
    if not declared:
        yield phase
        return
    places = phase.run.packages
    if not places:
        integration = any(tag == "@integration" or integration_tag(tag) for tag in declared)
        places = ("@integration", "@tagged") if integration else ("@tagged",)
    own = [tag for tag in declared if tag not in TAG_FAMILIES]
    for number, group in enumerate(_groups(found_tags(declared, present), own, rivals)):
        name = "-".join((phase.name, *group)) if number else phase.name
        tags = tuple(sorted({*own, *group}))
        yield replace(phase, name=name, run=replace(phase.run, tags=tags, packages=places))


def _groups(
    tags: Iterable[str], own: Collection[str], rivals: Collection[frozenset[str]]
) -> list[list[str]]:
    """The tags in as few groups as keep rivals apart, ``integration`` in the first; at least one."""
    groups: list[list[str]] = [[]]
    for tag in sorted(set(tags) - set(own), key=lambda tag: (tag != "integration", tag)):
        fitting = (g for g in groups if not any(frozenset((tag, o)) in rivals for o in g))
        group = next(fitting, None)
        if group is None:
            groups.append([tag])
        else:
            group.append(tag)
    return groups


def with_tags(phases: Sequence[Phase], tags: Iterable[str]) -> tuple[Phase, ...]:
    """The phases with more build tags, as the user's own ``-tags`` gives them."""
    import msgspec

    more = frozenset(tags)
    if not more:
        return tuple(phases)
    replace = msgspec.structs.replace
    return tuple(
        replace(phase, run=replace(phase.run, tags=tuple(sorted(more | set(phase.run.tags)))))
        for phase in phases
    )
