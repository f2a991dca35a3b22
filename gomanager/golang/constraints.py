"""Build constraints: the configuration of a phase, file name suffixes, ``//go:build`` lines.

Facts that nobody knows (no toolchain at hand) leave a file in, so that the graph becomes the
union of configurations; only ``ignore`` is false even then.
"""

import re
from functools import lru_cache
from typing import Protocol

from msgspec import Struct

from gomanager.golang.expression import Node, parse, tags

KNOWN_OS = frozenset(
    [
        "aix",
        "android",
        "darwin",
        "dragonfly",
        "freebsd",
        "hurd",
        "illumos",
        "ios",
        "js",
        "linux",
        "nacl",
        "netbsd",
        "openbsd",
        "plan9",
        "solaris",
        "wasip1",
        "windows",
        "zos",
    ]
)
UNIX = frozenset(
    [
        "aix",
        "android",
        "darwin",
        "dragonfly",
        "freebsd",
        "hurd",
        "illumos",
        "ios",
        "linux",
        "netbsd",
        "openbsd",
        "solaris",
    ]
)
KNOWN_ARCH = frozenset(
    [
        "386",
        "amd64",
        "amd64p32",
        "arm",
        "armbe",
        "arm64",
        "arm64be",
        "loong64",
        "mips",
        "mipsle",
        "mips64",
        "mips64le",
        "mips64p32",
        "mips64p32le",
        "ppc",
        "ppc64",
        "ppc64le",
        "riscv",
        "riscv64",
        "s390",
        "s390x",
        "sparc",
        "sparc64",
        "wasm",
    ]
)
_ALSO = {"android": "linux", "illumos": "solaris", "ios": "darwin"}
_COMPILERS = frozenset({"gc", "gccgo"})
_RELEASE = re.compile(r"go1\.(\d+)\Z")


class Configuration(Struct, frozen=True, kw_only=True):
    """What decides which files are compiled; an empty or None field is not known."""

    goos: str = ""
    goarch: str = ""
    cgo: bool | None = None
    tags: frozenset[str] = frozenset()
    tool_tags: frozenset[str] = frozenset()
    """``race``, ``msan``, ``asan``, ``goexperiment.*``, ``amd64.v2`` …"""
    release: int = 0
    """26 for go1.26; 0: not known."""

    @property
    def words(self) -> tuple[object, ...]:
        """All that it says, in one order: part of the key of what depends on it."""
        tags, tools = sorted(self.tags), sorted(self.tool_tags)
        return type(self).__name__, self.goos, self.goarch, self.cgo, tags, tools, self.release

    def holds(self, tag: str) -> bool | None:
        """Whether a tag is set; None: not known."""
        if tag in self.tags or tag in self.tool_tags:
            return True
        if tag in _COMPILERS:
            return tag == "gc"
        if tag == "cgo":
            return self.cgo
        if tag in KNOWN_OS or tag == "unix":
            return self._system(tag)
        if tag in KNOWN_ARCH:
            return tag == self.goarch if self.goarch else None
        if release := _RELEASE.match(tag):
            return int(release[1]) <= self.release if self.release else None
        if tag == "ignore":
            return False
        if "." in tag and not any("." in known for known in self.tool_tags):
            return None  # goexperiment.x, amd64.v3: only the toolchain knows
        return False if self.goos else None

    def _system(self, tag: str) -> bool | None:
        if not self.goos:
            return None
        if tag == "unix":
            return self.goos in UNIX
        return tag in (self.goos, _ALSO.get(self.goos))


UNION = Configuration()
"""Everything that some configuration compiles."""


class Constrained(Protocol):
    """The part of a header that decides."""

    @property
    def package(self) -> str: ...
    @property
    def constraint(self) -> str: ...
    @property
    def uses_cgo(self) -> bool: ...


def compiled(name: str, header: Constrained, configuration: Configuration) -> bool:
    """Whether the go command uses the file of this name."""
    if name[:1] in "_." or header.package == "documentation":
        return False
    return included(condition(name, header.constraint, cgo=header.uses_cgo), configuration)


@lru_cache(maxsize=4096)
def condition(name: str, constraint: str = "", *, cgo: bool = False) -> str:
    """One expression for suffix, constraint and cgo together; empty: always compiled."""
    parts = [*suffix(name), *(["cgo"] if cgo else [])]
    if constraint:
        parts.append(f"({constraint})" if parts else constraint)
    return " && ".join(parts)


def included(expression: str, configuration: Configuration) -> bool:
    """Whether an expression holds or may hold."""
    return not expression or _value(parse(expression), configuration) is not False


def _value(node: Node, configuration: Configuration) -> bool | None:
    operator, operands = node
    if not operands:
        return configuration.holds(operator)
    values = [_value(operand, configuration) for operand in operands]
    if operator == "!":
        return None if values[0] is None else not values[0]
    decisive = operator == "||"
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def suffix(name: str) -> tuple[str, ...]:
    """System and architecture that a file name demands: ``x_linux_amd64_test.go``."""
    stem = name.partition(".")[0]
    _, found, rest = stem.partition("_")
    if not found:
        return ()
    parts = rest.split("_")
    if parts[-1] == "test":
        parts.pop()
    if len(parts) >= 2 and parts[-2] in KNOWN_OS and parts[-1] in KNOWN_ARCH:
        return parts[-2], parts[-1]
    if parts and (parts[-1] in KNOWN_OS or parts[-1] in KNOWN_ARCH):
        return (parts[-1],)
    return ()


def demanded(expression: str, configuration: Configuration) -> frozenset[str]:
    """Tags of the configuration without which the expression would not hold."""
    if not expression or not configuration.tags:
        return frozenset()
    tree = parse(expression)
    named = configuration.tags & tags(tree)
    return frozenset(
        tag for tag in named if _value(tree, _without(configuration, tag)) is False
    ) or (named if _value(tree, _without(configuration, *named)) is False else frozenset())


def _without(configuration: Configuration, *tags: str) -> Configuration:
    return Configuration(
        goos=configuration.goos,
        goarch=configuration.goarch,
        cgo=configuration.cgo,
        tags=configuration.tags - set(tags),
        tool_tags=configuration.tool_tags,
        release=configuration.release,
    )
