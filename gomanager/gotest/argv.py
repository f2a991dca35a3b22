"""The flags of ``go test``: read from a command line, written for a first run and for a rerun.

Flags are normalised when they are read: ``--test.run X`` becomes ``-run=X``, and each form of
``-v`` goes away, because it takes the marks off the stream (S6). What is behind ``-args`` belongs to
the test program.
"""

import difflib
from collections.abc import Iterable, Iterator

from msgspec import Struct

from gomanager.errors import UsageError
from gomanager.gotest import pattern

LINE_BYTES = 128_000
"""Package arguments of one call; the rest of the line and the environment need room too (E14)."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BOOLEAN = _names("""
    a asan benchmem cover failfast fullpath artifacts linkshared modcacherw msan race short
    trimpath v work x json
""")
_OPTIONAL = frozenset({"buildvcs"})
"""Boolean in form, with more values than two."""
_VALUE = _names("""
    asmflags buildmode compiler covermode coverpkg gccgoflags gcflags installsuffix ldflags mod
    modfile overlay p pgo pkgdir tags toolexec exec vet bench benchtime blockprofile
    blockprofilerate count coverprofile cpu cpuprofile fuzz fuzzminimizetime fuzztime memprofile
    memprofilerate mutexprofile mutexprofilefraction outputdir parallel run shuffle skip timeout
    trace
""")
_BUILD = _names("""
    a asan asmflags buildmode buildvcs compiler cover covermode coverpkg gccgoflags gcflags
    installsuffix ldflags linkshared mod modcacherw modfile msan overlay p pgo pkgdir race tags
    toolexec trimpath work x
""")
_REFUSED = {
    "C": "start gomanager in that repository",
    "c": "-c builds without running; call go test itself",
    "h": "see go help test and go help testflag",
    "help": "see go help test and go help testflag",
    "i": "-i is no flag of this Go any more",
    "list": "-list runs nothing; gomanager phases names what each phase holds",
    "n": "-n runs nothing; use gomanager run --dry-run",
    "o": "-o keeps a test program; call go test itself",
}
_DROPPED_IN_RERUNS = _names("""
    run count failfast v shuffle coverprofile bench benchmem benchtime fuzz fuzztime
    fuzzminimizetime list artifacts outputdir blockprofile cpuprofile memprofile mutexprofile
    trace json
""")
_MAGEX = _names("""
    json v count cpu parallel shuffle failfast vet run bench benchmem benchtime short timeout race
    cover covermode coverpkg tags
""")
"""magex 2026-08: one flag outside this list drops all of them, and everything runs."""
_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})


class Flag(Struct, frozen=True, kw_only=True):
    """One flag without its dashes; a boolean one has the value ``true`` or ``false``."""

    name: str
    value: str

    @property
    def word(self) -> str:
        """The flag as one argument."""
        return f"-{self.name}" if self.plain else f"-{self.name}={self.value}"

    @property
    def plain(self) -> bool:
        """A boolean flag that is on."""
        return self.name in _BOOLEAN and self.value == "true"


class Arguments(Struct, frozen=True, kw_only=True):
    """What stands behind ``--`` on the command line, or in the ``flags`` of a phase."""

    flags: tuple[Flag, ...] = ()
    packages: tuple[str, ...] = ()
    binary: tuple[str, ...] = ()
    """Everything behind ``-args``."""

    def value(self, name: str) -> str | None:
        """The value that counts: the last."""
        return next((flag.value for flag in reversed(self.flags) if flag.name == name), None)

    def on(self, name: str) -> bool:
        """True where a boolean flag is given and not false."""
        return self.value(name) == "true"

    @property
    def build(self) -> tuple[Flag, ...]:
        """The flags that change how the test program is built."""
        return tuple(flag for flag in self.flags if flag.name in _BUILD)

    @property
    def test(self) -> tuple[Flag, ...]:
        """The flags that the test program gets."""
        return tuple(flag for flag in self.flags if flag.name not in _BUILD)

    def words(self) -> tuple[str, ...]:
        """The flags as arguments, packages and ``-args`` left out."""
        return tuple(flag.word for flag in self.flags)

    def without(self, *names: str) -> "Arguments":
        """The same without these flags."""
        kept = tuple(flag for flag in self.flags if flag.name not in names)
        return Arguments(flags=kept, packages=self.packages, binary=self.binary)

    def over(self, weaker: "Arguments") -> "Arguments":
        """These flags put over weaker ones: later ones win in ``go``, and tags add up."""
        tags = dict.fromkeys((*tag_list(weaker.value("tags")), *tag_list(self.value("tags"))))
        names = {flag.name for flag in self.flags} | {"tags"}
        flags = [*(flag for flag in weaker.flags if flag.name not in names), *self.flags]
        merged = [flag for flag in flags if flag.name != "tags"]
        if tags:
            merged.insert(0, Flag(name="tags", value=",".join(tags)))
        return Arguments(
            flags=tuple(merged), packages=self.packages, binary=weaker.binary + self.binary
        )


def tag_list(value: str | None) -> tuple[str, ...]:
    """Build tags of ``-tags``; blanks separate them as of old."""
    return tuple(tag for tag in (value or "").replace(",", " ").split() if tag)


def parse(words: Iterable[str], *, where: str = "behind --") -> Arguments:
    """Read flags, packages and ``-args``; raises UsageError for what ``go test`` cannot take.

    Unlike ``go``, an unknown flag is an error: there it silently turns all that follows into
    arguments of the test program, and the package in the current folder is tested (S54).
    """
    rest = list(words)
    flags: list[Flag] = []
    packages: list[str] = []
    while rest:
        word = rest.pop(0)
        if word in {"-args", "--args"}:
            break
        if not word.startswith("-") or word == "-":
            packages.append(_package(word, where))
        else:
            flags.append(_flag(word, rest, where))
    kept = tuple(flag for flag in flags if flag.name not in {"v", "json"})
    return Arguments(flags=kept, packages=tuple(packages), binary=tuple(_binary(rest, where)))


def _package(word: str, where: str) -> str:
    if not word or word == "-" or "\0" in word:
        message = f"{word!r} is no package"
        raise UsageError(message, where=where, fix="name packages by path, as ./internal/...")
    return word


def _flag(word: str, rest: list[str], where: str) -> Flag:
    name, equals, value = word.removeprefix("-").removeprefix("-").partition("=")
    name = name.removeprefix("test.")
    if name in _REFUSED:
        message = f"gomanager cannot pass -{name} on to go test"
        raise UsageError(message, where=where, fix=_REFUSED[name])
    if name in _BOOLEAN or name in _OPTIONAL:
        return Flag(name=name, value=_truth(name, value if equals else "true", where))
    if name not in _VALUE:
        raise _unknown(name, where)
    if not equals:
        if not rest:
            message = f"-{name} needs a value"
            raise UsageError(message, where=where, fix=f"write -{name}=VALUE")
        value = rest.pop(0)
    return Flag(name=name, value=value)


def _truth(name: str, value: str, where: str) -> str:
    if value in _TRUE:
        return "true"
    if value in _FALSE:
        return "false"
    if name in _OPTIONAL or (name == "v" and value == "test2json"):
        return value
    message = f"-{name} is on or off, not {value!r}"
    raise UsageError(message, where=where, fix=f"write -{name} or -{name}=false")


def _unknown(name: str, where: str) -> UsageError:
    near = difflib.get_close_matches(name, [*_BOOLEAN, *_OPTIONAL, *_VALUE], n=1)
    fix = f"did you mean -{near[0]}? " if near else ""
    fix += f"Flags of the test program itself stand behind -args: -- -args -{name}"
    return UsageError(f"-{name} is no flag of go test", where=where, fix=fix)


def _binary(words: list[str], where: str) -> Iterator[str]:
    for word in words:
        name = word.partition("=")[0].removeprefix("-")
        if name in {"-test.v", "test.v"}:
            continue
        if word.startswith("-") and name.removeprefix("-").startswith("test."):
            message = f"{word} behind -args would change what runs behind gomanager's back"
            raise UsageError(message, where=where, fix=f"write it before -args, as {_short(word)}")
        yield word


def _short(word: str) -> str:
    return "-" + word.removeprefix("-").removeprefix("-").removeprefix("test.")


def for_rerun(arguments: Arguments) -> Arguments:
    """What stays in a rerun: all that changes the test program or its conduct."""
    return arguments.without(*_DROPPED_IN_RERUNS)


def magex_refuses(arguments: Arguments) -> str | None:
    """The first thing here that magex cannot pass on, or ``None``."""
    if arguments.binary:
        return "-args"
    if arguments.packages:
        return arguments.packages[0]
    return next((f"-{flag.name}" for flag in arguments.flags if flag.name not in _MAGEX), None)


def package_parts(packages: Iterable[str], limit: int = LINE_BYTES) -> Iterator[tuple[str, ...]]:
    """Packages in runs that fit on one command line (E14)."""
    part: list[str] = []
    size = 0
    for package in packages:
        cost = len(package.encode("utf-8", "surrogateescape")) + 1
        if part and size + cost > limit:
            yield tuple(part)
            part, size = [], 0
        part.append(package)
        size += cost
    if part:
        yield tuple(part)


def narrowed(arguments: Arguments, names: Iterable[str]) -> frozenset[str]:
    """The cases among ``names`` that the user's own ``-run`` and ``-skip`` leave.

    Where Python cannot read a pattern that Go might, nothing is known: the empty set.
    """
    run, skip = arguments.value("run"), arguments.value("skip")
    try:
        asked = pattern.runs(run) if run else None
        left = pattern.skips(skip) if skip else None
    except ValueError:
        return frozenset()
    return frozenset(n for n in names if (not asked or asked(n)) and not (left and left(n)))
