"""What a phase request comes to: the flags, the environment, and the calls of ``go test``."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gomanager.errors import EnvironmentFault
from gomanager.golang.gomod import Unreadable, parse_gomod
from gomanager.gotest import argv, pattern
from gomanager.gotest.argv import Arguments, Flag
from gomanager.phasefile import DURATION
from gomanager.phases import seconds
from gomanager.results import Note, Severity
from gomanager.runners import envfiles
from gomanager.runners.magexproject import magex_keys, uses_magex
from gomanager.runners.request import ModuleRequest, PackageRequest, PhaseRequest


class Setting(Struct, frozen=True, kw_only=True):
    """The configuration that every process of a phase shares."""

    arguments: Arguments
    race: bool
    environ: Mapping[str, str]
    """The whole environment, before what a module adds."""
    notes: tuple[Note, ...] = ()


class Call(Struct, frozen=True, kw_only=True):
    """One ``go test``: packages of one module that share a filter."""

    module: ModuleRequest
    packages: tuple[PackageRequest, ...]
    flags: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()


def setting(request: PhaseRequest) -> Setting:
    """Flags and environment; raises UsageError, and EnvironmentFault where a needed race cannot be.

    What stands behind ``--`` counts more than the phase's flags, those more than its keys.
    """
    phase = request.phase
    user = argv.parse(request.flags)
    own = argv.parse(phase.run.flags, where=f"run.flags of phase {phase.name}")
    environ, notes = _environ(request)
    arguments = user.over(own.over(Arguments(flags=tuple(_keys(request, environ)))))
    race, doubt = _race(request, arguments, environ)
    arguments = arguments.without("race")
    if race:
        arguments = replace(arguments, flags=(Flag(name="race", value="true"), *arguments.flags))
    return Setting(
        arguments=arguments,
        race=race,
        environ=environ,
        notes=notes if doubt is None else (*notes, doubt),
    )


def _keys(request: PhaseRequest, environ: Mapping[str, str]) -> Iterator[Flag]:
    run = request.phase.run
    tags, timeout = run.tags, run.timeout
    if uses_magex(request.root):  # attempts of both runners are to be comparable
        keys = magex_keys(request.root, environ)
        tags = (*tags, *keys.tags)
        timeout = _longer(timeout, keys.timeout)
        if keys.parallel is not None:
            yield Flag(name="p", value=str(keys.parallel))
    yield Flag(name="tags", value=",".join(tags))
    yield Flag(name="count", value=str(run.count))
    yield Flag(name="timeout", value=timeout)
    if str(run.shuffle) != "off":
        yield Flag(name="shuffle", value=str(run.shuffle))
    if request.cover and request.coverpkg:
        yield Flag(name="coverpkg", value=",".join(request.coverpkg))


def _longer(one: str, other: str) -> str:
    """The project raised magex's timeout because its tests need it."""
    if not re.fullmatch(DURATION, other) or not seconds(one):
        return one
    return other if not seconds(other) or seconds(other) > seconds(one) else one


def _environ(request: PhaseRequest) -> tuple[dict[str, str], tuple[Note, ...]]:
    """The caller's environment, under magex's env files, under the phase's own ``env``."""
    environ = dict(request.environ)
    notes: tuple[Note, ...] = ()
    if uses_magex(request.root):
        changed, files = envfiles.load(request.root, environ)
        environ |= changed
        if files:
            names = ", ".join(_shown(path, request.root) for path in files)
            title = "environment files of magex were loaded"
            notes = (Note(severity=Severity.NOTE, kind="environment", title=title, text=names),)
    environ |= request.phase.run.env
    debug = [d for d in environ.get("GODEBUG", "").split(",") if d]
    kept = [d for d in debug if d.partition("=")[0] != "gotestjsonbuildtext"]
    if kept != debug:  # S50: it would put the compiler's text back on stderr
        environ["GODEBUG"] = ",".join(kept)
    return environ, notes


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _race(
    request: PhaseRequest, arguments: Arguments, environ: Mapping[str, str]
) -> tuple[bool, Note | None]:
    """Whether ``-race`` is passed; "auto" gives way to a platform without it, and says so."""
    asked = arguments.value("race")
    wanted = request.phase.run.race if asked is None else asked == "true"
    if wanted is False:
        return False, None
    reason = request.toolchain.no_race({k: v for k, v in environ.items() if k == "CGO_ENABLED"})
    if reason is None:
        return True, None
    fix = "install a C compiler (gcc or clang) and leave CGO_ENABLED unset"
    if wanted is True:
        what = f"phase {request.phase.name} needs -race: {reason}"
        raise EnvironmentFault(what, where=request.toolchain.version, fix=fix)
    title = "ran without -race"
    note = Note(severity=Severity.WARNING, kind="environment", title=title, text=reason, fix=fix)
    return False, note


def calls(request: PhaseRequest, shared: Setting) -> Iterator[Call]:
    """The processes of a first run, module by module, filter by filter, line by line."""
    for module in request.modules:
        env = workspace_env(module.dir, shared.environ)
        for packages in _groups(module.packages, shared.arguments):
            for names in _run_parts(packages[0].run, shared.arguments):
                yield from _split(module, packages, names, shared, env)


def _split(
    module: ModuleRequest,
    packages: tuple[PackageRequest, ...],
    names: tuple[str, ...],
    shared: Setting,
    env: tuple[tuple[str, str], ...],
) -> Iterator[Call]:
    filters = _filters(shared.arguments, names, packages[0].skip)
    by_path = {package.path: package for package in packages}
    for part in argv.package_parts(by_path):
        chosen = tuple(by_path[path] for path in part)
        flags = (*shared.arguments.without("run", "skip").words(), *filters)
        yield Call(module=module, packages=chosen, flags=flags, env=env)


def _groups(
    packages: Iterable[PackageRequest], arguments: Arguments
) -> Iterator[tuple[PackageRequest, ...]]:
    """Packages with one filter share a call; build targets join the first of them (A34)."""
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[PackageRequest]] = {}
    targets = []
    for package in packages:
        if package.build_only:
            targets.append(package)
        else:
            fitted = narrowed(package, arguments)
            groups.setdefault((fitted.run, fitted.skip), []).append(fitted)
    found = [tuple(group) for group in groups.values()]
    if targets and found:
        found[0] += tuple(targets)
    elif targets:
        found = [tuple(targets)]
    yield from found


NOTHING = ("^$",)
"""A ``run`` list that the user's own ``-run`` left empty: go says "no tests to run"."""


def narrowed(package: PackageRequest, arguments: Arguments) -> PackageRequest:
    """``package`` within the user's own ``-run``: Go takes one pattern, so the list is cut here."""
    expected = argv.narrowed(arguments, package.expected)
    expected = frozenset(name for name in expected if not name.startswith("Benchmark"))
    run = package.run
    if run and arguments.value("run"):
        roots = _root_alternatives(arguments.value("run") or "")
        run = tuple(name for name in run if any(fits(name) for fits, _ in roots)) or NOTHING
    return replace(package, run=run, expected=expected)


def _root_alternatives(text: str) -> list[tuple["pattern.Fits", tuple[str, ...]]]:
    """Each alternative of a pattern: does it fit a root, and what it says of the levels below."""
    found = []
    for first, *rest in pattern.split(text):
        try:
            found.append((pattern.runs(first), tuple(rest)))
        except ValueError:  # Go will say what is wrong with it (S53)
            found.append((lambda _: True, tuple(rest)))
    return found


def _run_parts(run: tuple[str, ...], arguments: Arguments) -> Iterator[tuple[str, ...]]:
    """Patterns for ``-run``, each below the limit of one argument; one empty where all runs."""
    user = arguments.value("run")
    if run == NOTHING:
        yield NOTHING
    elif not run:
        yield (user,) if user else ()
    elif not user:
        for part in pattern.in_parts(run):
            yield (pattern.exactly(part),)
    else:
        for part in pattern.in_parts(run):
            yield ("|".join(_within(part, user)),)


def _within(names: Iterable[str], user: str) -> Iterator[str]:
    alternatives = _root_alternatives(user)
    for name in names:
        for fits, rest in alternatives:
            if fits(name):
                yield "/".join((f"^{pattern.quote(name)}$", *rest))


def _filters(arguments: Arguments, run: tuple[str, ...], skip: tuple[str, ...]) -> tuple[str, ...]:
    skips = [pattern.exactly(skip)] if skip else []
    user = arguments.value("skip")
    skips += [user] if user else []
    words = [f"-run={run[0]}"] if run else []
    return (*words, *([f"-skip={'|'.join(skips)}"] if skips else []))


def workspace_env(folder: Path, environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """``GOWORK=off`` for a module that the go.work above it does not list.

    With the workspace on, ``go`` refuses each of its packages (S51); off, they run (measured).
    """
    if environ.get("GOWORK"):
        return ()
    for above in (folder, *folder.parents):
        work = above / "go.work"
        if not work.is_file():
            continue
        try:
            used = parse_gomod(work.read_bytes()).use
        except (OSError, Unreadable):  # go itself has the better words for it
            return ()
        listed = {(above / place).resolve() for place in used}
        return () if folder.resolve() in listed else (("GOWORK", "off"),)
    return ()
