"""The format of a phase file: its keys, their defaults, and what a schema cannot check."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from gomanager.goregex import BadPattern, compile_pattern
from gomanager.yamlfile.mistakes import Complaint

DURATION = r"^(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)(([0-9]+(\.[0-9]*)?)(ns|us|µs|ms|s|m|h))*)$"
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"

Duration = Annotated[str, Meta(pattern=DURATION, description="A Go duration: 90s, 15m, 1h30m.")]

FAMILIES = ("@integration", "@performance")
"""Names for what is found by looking; they stand in ``run.packages`` and ``run.tags``."""


class Keys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every mapping in our files: unknown keys are mistakes."""


class Run(Keys, frozen=True, kw_only=True):
    """What a phase holds and how it runs."""

    runner: Annotated[
        Literal["auto", "go", "magex", "suite"],
        Meta(description="auto: magex where it can run the whole phase, else go."),
    ] = "auto"
    packages: Annotated[
        tuple[str, ...],
        Meta(
            description="Patterns of folders from the repository root (internal/..., **/db, "
            "!vendor/...), the last match wins; @integration: the integration folders, "
            "@tagged: whatever lies under one of the phase's tags. Default: everything."
        ),
    ] = ()
    files: Annotated[
        tuple[str, ...],
        Meta(
            description="Only test functions declared in these files (*_db_test.go); "
            "@tagged: files under one of the phase's tags."
        ),
    ] = ()
    tests: Annotated[str, Meta(description="Only top-level names that match this pattern.")] = ""
    skip: Annotated[str, Meta(description="No top-level names that match this pattern.")] = ""
    tags: Annotated[
        tuple[str, ...],
        Meta(
            description="Build tags; @integration and @performance: those tags that the test "
            "files of this repository carry."
        ),
    ] = ()
    flags: Annotated[tuple[str, ...], Meta(description="More flags for go test.")] = ()
    env: Annotated[dict[str, str], Meta(description="Added to the environment.")] = field(
        default_factory=dict
    )
    timeout: Duration = "15m"
    race: Annotated[
        Literal["auto"] | bool,
        Meta(description="auto: on where the platform has it; true: needed; false: off."),
    ] = "auto"
    count: Annotated[int, Meta(ge=1, le=10_000)] = 1
    shuffle: Annotated[str | int, Meta(description='"off", "on" or a seed.')] = "off"
    junit: Annotated[
        tuple[str, ...], Meta(description="XML files that the command writes, read after it.")
    ] = ()


class When(Keys, frozen=True, kw_only=True):
    """When a change calls for a phase."""

    affected: Annotated[
        bool, Meta(description="Called if a package of the phase is in the scope.")
    ] = True
    imports: Annotated[
        tuple[str, ...],
        Meta(description="… and, where given, a changed package imports one of these."),
    ] = ()
    executes: Annotated[
        tuple[str, ...], Meta(description="… or starts one of these programs.")
    ] = ()
    changed: Annotated[
        tuple[str, ...],
        Meta(description="gitignore-style globs: a changed path calls the phase by itself."),
    ] = ()
    modules: Annotated[bool, Meta(description="Called if go.mod, go.sum or go.work changed.")] = (
        False
    )
    failed_in_ci: Annotated[
        bool,
        Meta(description="Called if red in this branch's newest CI run, else its newest run."),
    ] = False
    always: Annotated[bool, Meta(description="Called by every run.")] = False
    all: Annotated[
        bool,
        Meta(
            description="Called when everything runs; false: only its own 'changed' files or "
            "--phase call it then."
        ),
    ] = True


class Requires(Keys, frozen=True, kw_only=True):
    """What must be there before a phase can run."""

    env: Annotated[tuple[str, ...], Meta(description="Names of environment variables.")] = ()
    tools: Annotated[tuple[str, ...], Meta(description="Programs on PATH.")] = ()
    on_missing: Annotated[
        Literal["skip", "error"],
        Meta(description="skip: the phase is not run, with a warning; error: exit 3."),
    ] = "skip"


class PhaseKeys(Keys, frozen=True, kw_only=True):
    """One phase as a file writes it; every key has a default."""

    version: Annotated[Literal[1], Meta(description="Of this format.")] = 1
    name: Annotated[
        str,
        Meta(pattern=NAME, max_length=64, description="Default: the name of the file."),
    ] = "phase"
    description: str = ""
    order: Annotated[
        int, Meta(ge=-9999, le=9999, description="Lower is asked first and runs first.")
    ] = 100
    disabled: Annotated[bool, Meta(description="Takes the phase out.")] = False
    run: Run = Run()
    when: When = When()
    requires: Requires = Requires()
    replaces: Annotated[
        tuple[str, ...], Meta(description="Phases that are not called when this one is.")
    ] = ()
    isolation: Annotated[
        bool,
        Meta(description="First run changed test functions alone, each in its own process."),
    ] = False
    reruns: Annotated[int, Meta(ge=0, le=100, description="Of failed cases; 0: none.")] = 0
    allow_flaky: Annotated[
        bool, Meta(description="false: a pass on rerun leaves the phase red.")
    ] = True
    coverage: Literal["unit", "integration", "none"] = "none"
    slow: Annotated[Duration, Meta(description="A case above this is named slow.")] = "10s"
    inputs: Annotated[
        tuple[str, ...],
        Meta(description="Non-Go globs whose change affects every package of the phase."),
    ] = ()
    exercises: Annotated[
        tuple[str, ...],
        Meta(description="Packages that the phase runs without importing them."),
    ] = ()
    may_be_hollow: Annotated[
        tuple[str, ...],
        Meta(description="Packages whose TestMain may leave with 0 on purpose."),
    ] = ()


_OWNED = {
    "json": "gomanager sets it itself",
    "v": "gomanager sets it itself",
    "list": "it lists and runs nothing",
    "c": "it compiles and runs nothing",
    "run": "use 'run.tests'",
    "skip": "use 'run.skip'",
    "tags": "use 'run.tags'",
    "race": "use 'run.race'",
    "timeout": "use 'run.timeout'",
    "count": "use 'run.count'",
    "shuffle": "use 'run.shuffle'",
    "coverprofile": "use 'coverage' of the phase",
}


def complaints(phase: PhaseKeys) -> Iterator[Complaint]:
    """Mistakes that the schema lets pass: patterns, globs, tags and flags."""
    for key, pattern in (("tests", phase.run.tests), ("skip", phase.run.skip)):
        yield from _pattern(("run", key), pattern)
    for index, tag in enumerate(phase.run.tags):
        if not (re.fullmatch(r"[\w.]+", tag) or tag in FAMILIES):
            yield Complaint(
                path=("run", "tags", index),
                message=f"'{tag}' is not a build tag",
                suggestion="one tag an item: letters, digits, '_' and '.'",
            )
    yield from _packages(phase.run.packages)
    for index, glob in enumerate(phase.run.files):
        if "/" in glob or (glob.startswith("@") and glob != "@tagged"):
            yield Complaint(
                path=("run", "files", index),
                message=f"'{glob}' is not a pattern of file names",
                suggestion="folders belong in 'run.packages'",
            )
    yield from _flags(phase.run.flags)
    if isinstance(phase.run.shuffle, str) and not re.fullmatch(r"on|off|-?\d+", phase.run.shuffle):
        yield Complaint(
            path=("run", "shuffle"),
            message=f"'{phase.run.shuffle}' is no way to shuffle",
            suggestion='"off", "on" or a number',
        )
    for path, globs in ((("when", "changed"), phase.when.changed), (("inputs",), phase.inputs)):
        yield from bad_globs(path, globs)


def bad_globs(path: tuple[str, ...], globs: tuple[str, ...]) -> Iterator[Complaint]:
    """gitignore-style patterns that git itself would not accept."""
    if not globs:
        return
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    for index, glob in enumerate(globs):
        try:
            GitIgnoreSpecPattern(glob)
        except ValueError:
            yield Complaint(path=(*path, index), message=f"'{glob}' is not a gitignore pattern")


def _pattern(path: tuple[str, ...], pattern: str) -> Iterator[Complaint]:
    if "/" in pattern:
        yield Complaint(
            path=path,
            message="'/' separates subtests; this matches top-level names only",
        )
        return
    try:
        compile_pattern(pattern)
    except BadPattern as error:
        yield Complaint(path=path, message=f"not a Go regular expression: {error}")


def _packages(patterns: tuple[str, ...]) -> Iterator[Complaint]:
    for index, pattern in enumerate(patterns):
        body = pattern.removeprefix("!")
        if body.startswith("@") and body not in ("@integration", "@tagged"):
            yield Complaint(
                path=("run", "packages", index),
                message=f"'{pattern}' is unknown",
                suggestion="@integration or @tagged",
            )
        elif body.startswith("/") or ".." in body.split("/") or not body:
            yield Complaint(
                path=("run", "packages", index),
                message=f"'{pattern}' is not a folder of this repository",
                suggestion="patterns are relative to the repository root",
            )


def _flags(flags: tuple[str, ...]) -> Iterator[Complaint]:
    for index, flag in enumerate(flags):
        # A flag's value may stand in the item behind it, so only items with a dash are looked at.
        if index == 0 and not flag.startswith("-"):
            yield Complaint(path=("run", "flags", 0), message=f"'{flag}' is not a flag")
        name = flag.lstrip("-").split("=", 1)[0].removeprefix("test.")
        if flag.startswith("-") and name in _OWNED:
            yield Complaint(
                path=("run", "flags", index),
                message=f"'{flag}' cannot be passed on",
                suggestion=_OWNED[name],
            )
