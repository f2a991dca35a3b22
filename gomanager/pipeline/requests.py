"""From the scope to what the runners are asked: each test function in exactly one phase."""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from msgspec import Struct, field

from gomanager.errors import EnvironmentFault
from gomanager.golang.toolchain import Toolchain
from gomanager.inventory import PackageTests
from gomanager.partition import Assignment, Share, partition
from gomanager.phases import Phase
from gomanager.places import package_matches
from gomanager.results import Variant
from gomanager.runners.request import ModuleRequest, PackageRequest, PhaseRequest
from gomanager.selection.scope import PhaseScope, Scope

Named = tuple[str, str]
"""Module folder and import path: two modules may hold one import path."""


class Means(Struct, frozen=True, kw_only=True):
    """What all phases of a run share."""

    root: Path
    modules: Mapping[str, str]
    """Folder of each module in the repository → its path."""
    toolchain: Toolchain
    environ: Mapping[str, str]
    uid: str
    scratch: Path
    commit: str | None = None
    ci: str = "local"
    flags: tuple[str, ...] = ()
    reruns: int | None = None
    rerun_limit: str = ""
    cover: bool = False
    whole: bool = False
    require_tests: bool = False
    keep_output: bool = False
    included: tuple[str, ...] = ()
    """Files that C code and assembly include, and go does not hash (C3)."""
    only: Mapping[Named, frozenset[str] | None] | None = None
    """``--lf``: packages with the functions to run, None for the whole package."""


class Planned(Struct, frozen=True, kw_only=True):
    """A called phase: what to ask its runner, or why it is not asked."""

    phase: Phase
    scope: PhaseScope
    request: PhaseRequest
    not_run: str | None = None
    tests: tuple[PackageTests, ...] = field(default=())


def plan(
    scope: Scope,
    phases: Sequence[Phase],
    tests: Mapping[str, tuple[PackageTests, ...]],
    means: Means,
) -> tuple[Planned, ...]:
    """The called phases in their order; raises EnvironmentFault where a phase insists."""
    by_name = {one.name: one for one in scope.phases if one.selected}
    # A phase that is spared altogether keeps its functions: nobody else's results speak for them.
    shares = partition([(phase, tests[phase.name]) for phase in phases if phase.name in tests])
    compiled: set[Named] = set()
    return tuple(
        _planned(share, by_name[share.phase.name], tests[share.phase.name], means, compiled)
        for share in shares
        if share.phase.name in by_name
    )


def _planned(
    share: Share,
    scope: PhaseScope,
    tests: tuple[PackageTests, ...],
    means: Means,
    compiled: set[Named],
) -> Planned:
    phase = share.phase
    packages = _packages(share, scope, {(t.module_dir, t.path): t for t in tests}, means)
    targets = [] if means.only is not None else _targets(scope, compiled)
    request = PhaseRequest(
        phase=phase,
        root=means.root,
        modules=_modules([*packages, *targets], means),
        toolchain=means.toolchain,
        variant=variant(phase, means),
        scratch=means.scratch,
        run_uid=means.uid,
        environ=_environ(scope, means),
        why=scope.why,
        flags=means.flags,
        reruns=phase.reruns if means.reruns is None else means.reruns,
        rerun_limit=means.rerun_limit,
        whole=means.whole and scope.whole,
        cover=means.cover or phase.coverage != "none",
        coverpkg=tuple(f"{means.modules[folder]}/..." for folder in _folders(packages)),
        commit=means.commit,
        require_tests=means.require_tests,
        keep_output=means.keep_output,
    )
    return Planned(phase=phase, scope=scope, request=request, not_run=_missing(phase, means))


def _environ(scope: PhaseScope, means: Means) -> Mapping[str, str]:
    """C3: go does not hash headers outside a package, so their digest becomes a flag of cgo and,
    for our own code, of the assembler."""
    # Not only what changed: objects of older states stay in go's cache.
    paths = sorted({*scope.rebuild, *means.included})
    if not paths:
        return means.environ
    digest = sha256()
    for path in paths:
        with suppress(OSError):
            digest.update((means.root / path).read_bytes())
    name = f"GOMANAGER_INCLUDES_{digest.hexdigest()[:16]}"
    flags = f"{means.environ.get('CGO_CFLAGS', '-g -O2')} -D{name}"
    own = ["all"] if any("vendor/" in path for path in paths) else means.modules.values()
    given = means.environ.get("GOFLAGS", means.toolchain.env.get("GOFLAGS", ""))
    assembled = [f"-asmflags={module}=-D={name}" for module in _patterns(own)]
    return dict(means.environ) | {
        "CGO_CFLAGS": flags,
        "GOFLAGS": " ".join(filter(None, (given, *assembled))),
    }


def _patterns(modules: Iterable[str]) -> Iterator[str]:
    for module in dict.fromkeys(modules):
        yield module if module == "all" else f"{module}/..."


def _packages(
    share: Share, scope: PhaseScope, tests: Mapping[Named, PackageTests], means: Means
) -> list[tuple[str, PackageRequest]]:
    """What the phase runs of what the scope selected."""
    selected = {(package.module, package.path) for package in scope.packages}
    found = []
    for assignment in share.packages:
        named = (assignment.module_dir, assignment.package)
        if named not in selected:
            continue
        request: PackageRequest | None = _package(assignment, tests[named], share.phase)
        if request is not None and means.only is not None:
            request = _narrowed(request, assignment, means.only, named)
        if request is not None:
            found.append((assignment.module_dir, request))
    return found


def _package(assignment: Assignment, tests: PackageTests, phase: Phase) -> PackageRequest:
    names = assignment.functions
    return PackageRequest(
        path=assignment.package,
        run=assignment.run,
        skip=assignment.skip,
        expected=frozenset(name for name in names if not name.startswith("Benchmark")),
        may_be_hollow=package_matches(phase.may_be_hollow, tests.dir, tests.path),
        directory=tests.dir or ".",
    )


def _narrowed(
    request: PackageRequest,
    assignment: Assignment,
    only: Mapping[Named, frozenset[str] | None],
    named: Named,
) -> PackageRequest | None:
    if named not in only:
        return None
    wanted = only[named]
    if wanted is None:
        return request
    names = assignment.functions & wanted
    if not names:
        return None
    return PackageRequest(
        path=request.path,
        run=tuple(sorted(names)),
        expected=names,
        may_be_hollow=request.may_be_hollow,
        directory=request.directory,
    )


def _targets(scope: PhaseScope, compiled: set[Named]) -> list[tuple[str, PackageRequest]]:
    """Reached packages without tests: one phase compiles them, the first that can (A34)."""
    found = []
    for package in scope.build_only:
        named = (package.module, package.path)
        if named not in compiled:
            compiled.add(named)
            found.append((package.module, PackageRequest(path=package.path, build_only=True)))
    return found


def _folders(packages: Iterable[tuple[str, PackageRequest]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(folder for folder, _ in packages))


def _modules(
    packages: Sequence[tuple[str, PackageRequest]], means: Means
) -> tuple[ModuleRequest, ...]:
    groups: dict[str, list[PackageRequest]] = {}
    for folder, package in packages:
        groups.setdefault(folder, []).append(package)
    return tuple(
        ModuleRequest(
            dir=means.root / folder,
            path=means.modules[folder],
            packages=tuple(sorted(group, key=lambda package: package.path)),
        )
        for folder, group in sorted(groups.items())
    )


def variant(phase: Phase, means: Means) -> Variant:
    """The series that this phase's results belong to; the runner corrects ``race``."""
    toolchain = means.toolchain
    return Variant(
        goos=toolchain.goos,
        goarch=toolchain.goarch,
        go=toolchain.minor,
        race=phase.race is not False and toolchain.no_race(phase.run.env) is None,
        tags=phase.run.tags,
        cgo=toolchain.cgo,
        ci=means.ci,
    )


def _missing(phase: Phase, means: Means) -> str | None:
    """Why ``requires`` keeps the phase from running here."""
    environ = dict(means.environ) | dict(phase.run.env)
    unset = [name for name in phase.requires.env if not environ.get(name)]
    path = environ.get("PATH", "")
    absent = [tool for tool in phase.requires.tools if shutil.which(tool, path=path) is None]
    parts = [f"the environment variable {name} is not set" for name in unset]
    parts += [f"{tool} is not on PATH" for tool in absent]
    if not parts:
        return None
    reason = " and ".join(parts)
    if phase.requires.on_missing == "error":
        what = f"phase {phase.name} cannot run: {reason}"
        raise EnvironmentFault(what, where=phase.file, fix="provide it, or set on_missing: skip")
    return reason
