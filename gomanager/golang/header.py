"""The header record of a Go file as a value, apart from reading it: most loads read no file.

What reads files compiles forty patterns; that is half of a start where everything is cached.
"""

from typing import NamedTuple

VERSION = 15
"""Part of every cache key.

1: package, imports, constraint, embeds, cgo, linknames, flags, tests, literals
2: literals may hold "=", imports of gexec count as builds
3: builds only where a program is started, or "go" and its verb are written as a call
4–10: literals hold formats as patterns, climbing words of longer literals, and a sign for code
   that looks for a folder above; make and GoToolPath count as builds
12: vet, list, scripts, lines of a shell and libraries that load code count as builds
13: signs for programs that are started by name, in calls and as paths, and for images
15: more ways to find a folder above, and a sign for code that changes its folder
14: names with letters beyond ASCII or with blanks, words of a shell, sums of two literals
"""

ABOVE = "^"
"""Among the literals: the code looks for a folder above its own by other means than ``..``. With a
pattern behind it: it walks over such a folder for these files."""
MOVES = "!/"
"""Among the literals: the code changes the folder that paths count from."""
STARTED = "!"
"""In front of a literal: a program that a call starts by this name, or an image of it. Alone: the
code builds images, of whatever there is."""
EVERYTHING = "**"
"""Such a pattern: all files."""
SOURCES = "**.go"
"""Such a pattern: the code reads Go files, with a parser or by their ending."""

READERS = frozenset(("go/parser", "go/build", "golang.org/x/tools/go/packages"))
"""Packages that read Go files."""


class Cgo(NamedTuple):
    """Paths as written; folders are relative to the package directory."""

    includes: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    """Of ``-I``, ``-L`` and the like, ``${SRCDIR}`` taken off."""
    files: tuple[str, ...] = ()
    """Named behind ``${SRCDIR}`` without such an option: libraries, objects."""


NO_CGO = Cgo()


class Declaration(NamedTuple):
    """One function that ``go test`` lists; ``line`` counts from 1."""

    name: str
    line: int


class Header(NamedTuple):
    """A tuple because a load makes thousands of them on the hot path."""

    package: str = ""
    imports: tuple[str, ...] = ()
    constraint: str = ""
    """An expression in the language of ``//go:build``; empty: none."""
    embeds: tuple[str, ...] = ()
    cgo: Cgo = NO_CGO
    linknames: tuple[str, ...] = ()
    """Targets in other packages, such as ``runtime.nanotime``."""
    flags: tuple[str, ...] = ()
    """``generate``, ``debug``, ``export``; ``builds`` where it lets the go command read code,
    ``starts`` where it starts programs, ``places`` where a literal may be the path of one."""
    tests: tuple[Declaration, ...] = ()
    literals: tuple[str, ...] = ()
    """String literals without blanks that may name a file, a folder or a package."""
    problem: str = ""
    """Why the go command will refuse the file, or we cannot read it."""

    @property
    def uses_cgo(self) -> bool:
        """True where the file is left out without cgo."""
        return "C" in self.imports
