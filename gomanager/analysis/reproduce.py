"""The command that shows a failure again: one line for a shell at the repository root."""

import re
from collections.abc import Iterable

from gomanager.analysis.finding import Context, Reproduction
from gomanager.command import quote, redact
from gomanager.gotest import pattern
from gomanager.results import PackageResult, PhaseResult

_OF_BINARY = ("-cpu", "-parallel", "-short", "-skip")
NOTHING = "^$"
"""Runs no test: builds and vets the package."""
_PACKAGE = re.compile(r"[\w.~+-]+(?:/[\w.~+-]+)*")
_CASE = re.compile(r"(?:Test|Fuzz|Benchmark|Example)(?![a-z])")


def possible(package: str, names: Iterable[str]) -> bool:
    """Whether `go test` could know these names: foreign JUnit XML is about anything."""
    return bool(_PACKAGE.fullmatch(package)) and all(map(_CASE.match, names))


def reproduction(context: Context, phase: PhaseResult, package: PackageResult) -> Reproduction:
    """What the runner said of the package's module, or what the variant alone tells."""
    known = context.reproductions.get((phase.name, package.module))
    if known is not None:
        return known
    variant = phase.variant
    flags = [] if variant is None else ["-race"] * variant.race
    if variant is not None and variant.tags:
        flags.append(f"-tags={','.join(variant.tags)}")
    return Reproduction(flags=tuple(flags))


def line(
    how: Reproduction,
    package: str,
    *,
    names: Iterable[str] = (),
    only_build: bool = False,
    count: int = 1,
    seed: int | None = None,
    more: Iterable[str] = (),
) -> str:
    """``(cd sub && go test -race -run '^TestX$/^sub$' -count=1 ./pkg)``; no names: all of it.

    ``more`` are flags that this failure needs beside those of its phase.
    """
    words = ["go", "test", *how.flags, *(flag for flag in more if flag not in how.flags)]
    chosen = tuple(names)
    if only_build:
        words += ["-run", NOTHING]
    elif chosen:
        words += ["-run", pattern.exactly(chosen)]
    if seed is not None and not only_build:
        words.append(f"-shuffle={seed}")
    words.append(f"-count={count}")
    words += ["-failfast"] if count > 1 else []
    words.append(_target(how, package))
    settings = [_setting(name, value) for name, value in how.env]
    text = " ".join([*settings, *(quote(redact(word)) for word in words)])
    folder = how.folder.strip("/")
    return f"(cd {quote(folder)} && {text})" if folder not in ("", ".") else text


def processes(how: Reproduction, package: str, name: str, times: int) -> str:
    """Compile once, then fresh processes until one fails: what in-process repeats cannot show."""
    target = _target(how, package)
    binary = f"/tmp/{package.rpartition('/')[2]}.test"
    own = [flag for flag in how.flags if flag.split("=", 1)[0] in _OF_BINARY]
    build = ["go", "test", "-c", "-o", binary, *(f for f in how.flags if f not in own), target]
    settings = [_setting(key, value) for key, value in how.env]
    compile_ = " ".join([*settings, *(quote(redact(word)) for word in build)])
    words = [binary, "-test.run", pattern.exactly((name,)), "-test.count=1"]
    words += [flag.replace("-", "-test.", 1) for flag in own]
    one = " ".join([*settings, *(quote(redact(word)) for word in words)])
    places = (how.folder.strip("/"), target.removeprefix("./"))
    folder = "/".join(place for place in places if place not in ("", "."))
    loop = f"for i in $(seq {times}); do {one} || break; done"
    inside = f"cd {quote(folder)} && {loop}" if folder else loop
    first = how.folder.strip("/")
    compiled = f"(cd {quote(first)} && {compile_})" if first not in ("", ".") else compile_
    return f"{compiled} && ({inside})"


def _setting(name: str, value: str) -> str:
    return quote(redact(f"{name}={value}"))


def _target(how: Reproduction, package: str) -> str:
    """``./pkg`` where the module's path is known, else the import path."""
    if how.module and package == how.module:
        return "."
    if how.module and package.startswith(how.module + "/"):
        return "./" + package[len(how.module) + 1 :]
    return package
