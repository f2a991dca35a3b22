"""Which test function belongs to which phase: no function runs twice, none is lost.

Each phase brings the packages that it sees in its own build configuration; the first phase, in
order, that claims a function gets it, and later ones leave it out.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field

from gomanager.goregex import compile_pattern
from gomanager.inventory import Function, PackageTests
from gomanager.phases import Phase
from gomanager.places import file_matches, folder_matches, integration_folder


class Assignment(Struct, frozen=True, kw_only=True):
    """What one phase runs of one package."""

    package: str
    module_dir: str
    functions: frozenset[str]
    """Names to run."""
    taken: frozenset[str]
    """Names that the configuration compiles too and that this phase leaves out."""

    @property
    def whole(self) -> bool:
        """True where neither ``-run`` nor ``-skip`` is needed."""
        return not self.taken

    @property
    def run(self) -> tuple[str, ...]:
        """Exact names for ``-run``; empty where ``skip`` is the shorter way or nothing is taken."""
        return tuple(sorted(self.functions)) if self.taken and not self._skips else ()

    @property
    def skip(self) -> tuple[str, ...]:
        """Exact names for ``-skip``."""
        return tuple(sorted(self.taken)) if self._skips else ()

    @property
    def _skips(self) -> bool:
        # Benchmarks alone are no list for -run: a package without one test would match nothing.
        return bool(self.taken) and _length(self.taken) < _length(self.functions)


class Share(Struct, frozen=True, kw_only=True):
    """What one phase runs; ``packages`` are those it has something to run in."""

    phase: Phase
    packages: tuple[Assignment, ...]


Key = tuple[str, str, str, str, frozenset[str]]


class _Taken(Struct):
    """Functions that have their phase, and packages without any that a phase compiles."""

    functions: set[Key] = field(default_factory=set)
    packages: set[tuple[str, str]] = field(default_factory=set)


def claimed(phase: Phase, package: PackageTests) -> Iterator[Function]:
    """The functions that are the phase's own when no phase in front of it takes them.

    The phase's tags must be real ones (``with_found_tags``). A file is looked at once for all of
    its functions: this is asked of every package in every phase.
    """
    files: dict[tuple[str, frozenset[str]], bool] = {}
    for function in package.functions:
        key = (function.file, function.tagged)
        held = files.get(key)
        if held is None:
            held = files[key] = _takes_file(phase, package, function)
        if held and _takes_name(phase, function.name):
            yield function


def _takes_file(phase: Phase, package: PackageTests, function: Function) -> bool:
    tagged = _tagged(phase, package, function)
    lone = _base(function.file) in package.untagged_only
    return _inside(phase, package, tagged, lone=lone) and _in_file(
        phase.run.files, function.file, tagged
    )


def _takes_name(phase: Phase, name: str) -> bool:
    run = phase.run
    return (not run.tests or compile_pattern(run.tests).search(name) is not None) and (
        not run.skip or compile_pattern(run.skip).search(name) is None
    )


def partition(called: Sequence[tuple[Phase, Iterable[PackageTests]]]) -> tuple[Share, ...]:
    """The share of each called phase, in the given order (that of ``Phase.order``).

    A phase that cannot run (``requires``) takes part like any other: it keeps its functions.
    """
    taken = _Taken()
    return tuple(
        Share(phase=phase, packages=tuple(_assignments(phase, packages, taken)))
        for phase, packages in called
    )


def unclaimed(
    shares: Iterable[tuple[Phase, Iterable[PackageTests]]], everything: Iterable[PackageTests]
) -> tuple[tuple[PackageTests, tuple[Function, ...]], ...]:
    """Functions that none of the phases claims, for "not run, and why"."""
    held: set[tuple[str, str, str, str]] = set()
    for phase, packages in shares:
        for package in packages:
            held.update(_key(phase, package, function)[:4] for function in claimed(phase, package))
    left = []
    for package in everything:
        rest = tuple(
            function
            for function in package.functions
            if (package.module_dir, package.path, _base(function.file), function.name) not in held
        )
        left += [(package, rest)] if rest else []
    return tuple(left)


def _assignments(
    phase: Phase, packages: Iterable[PackageTests], taken: _Taken
) -> Iterator[Assignment]:
    for package in packages:
        place = (package.module_dir, package.path)
        if not package.functions:
            # Only helpers or benchmarks' friends: somebody must compile them, once (A33).
            if place not in taken.packages and _takes_empty(phase, package):
                taken.packages.add(place)
                yield _assignment(package, frozenset())
            continue
        names = frozenset(
            function.name
            for function in claimed(phase, package)
            if _key(phase, package, function) not in taken.functions
        )
        # `package p` and `package p_test` may both declare TestX: -run cannot tell them apart.
        taken.functions.update(
            _key(phase, package, function)
            for function in package.functions
            if function.name in names
        )
        if names:
            yield _assignment(package, names)


def _assignment(package: PackageTests, names: frozenset[str]) -> Assignment:
    compiled = frozenset(function.name for function in package.functions)
    return Assignment(
        package=package.path,
        module_dir=package.module_dir,
        functions=names,
        taken=compiled - names,
    )


def _key(phase: Phase, package: PackageTests, function: Function) -> Key:
    # Where a tag changes non-test files too, another program is under test, and its tests are
    # other tests: they run under the tag as well as without it.
    program = package.library_tags & frozenset(phase.run.tags)
    return (package.module_dir, package.path, _base(function.file), function.name, program)


def _base(file: str) -> str:
    return file.rsplit("/", 1)[-1]


def _tagged(phase: Phase, package: PackageTests, function: Function) -> bool:
    tags = frozenset(phase.run.tags)
    return bool(tags & function.tagged or tags & package.library_tags)


def _inside(phase: Phase, package: PackageTests, tagged: bool, *, lone: bool = False) -> bool:
    """The last entry of ``packages`` that matches decides, as in a .gitignore.

    ``lone``: the file lies in an integration folder, and no integration tag lets it compile.
    """
    patterns = phase.run.packages
    for index in range(len(patterns) - 1, -1, -1):
        body = patterns[index].removeprefix("!")
        match body:
            case "@tagged":
                matches = tagged
            case "@integration":
                matches = integration_folder(package.dir) and not lone
            case _:
                matches = folder_matches([body], package.dir)
        if matches:
            return body == patterns[index]
    return all(pattern.startswith("!") for pattern in patterns)


def _in_file(patterns: Sequence[str], file: str, tagged: bool) -> bool:
    if tagged and "@tagged" in patterns:
        return True
    return file_matches(patterns, _base(file))


def _takes_empty(phase: Phase, package: PackageTests) -> bool:
    run = phase.run
    tagged = bool(frozenset(run.tags) & package.library_tags)
    return not (run.files or run.tests) and _inside(phase, package, tagged)


def _length(names: Iterable[str]) -> int:
    return sum(len(name) + 1 for name in names)
