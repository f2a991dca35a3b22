"""How Go code names programs that somebody else has built: in a call, as a path, as an image.

Who builds them stands in no source: a Makefile, a workflow, a colleague. So tests that start
``bin/tool`` look as if they had nothing to do with ``cmd/tool`` (row 9b).
"""

import re
from collections.abc import Iterable, Iterator

from gomanager.golang.header import STARTED

_STARTERS = frozenset(
    (
        "os/exec", "plugin", "golang.org/x/sys/execabs", "github.com/cli/safeexec",
        "gotest.tools/icmd", "gotest.tools/v3/icmd", "github.com/creack/pty",
        "github.com/google/goexpect", "github.com/Netflix/go-expect", "github.com/go-cmd/cmd",
        "github.com/bitfield/script", "github.com/magefile/mage/sh", "k8s.io/utils/exec",
        "github.com/rogpeppe/go-internal/testscript", "github.com/google/go-cmdtest",
        "github.com/hashicorp/go-plugin", "github.com/fsouza/go-dockerclient",
        "github.com/docker/docker/client", "github.com/moby/moby/client",
    )
)  # fmt: skip
_PARTS = ("/gexec", "gexpect", "testcontainers", "dockertest")
"""Parts of import paths of libraries that start programs or images."""
_DIRECT = (b"ForkExec(", b".StartProcess(", b"syscall.Exec(", b"unix.Exec(")
_SYSTEM = frozenset(("syscall", "golang.org/x/sys/unix"))
# Each begins with fixed text, so that it is looked for a dozen times faster.
_ARGUMENT = rb"""\(\s*(?:[\w.()]+,\s*)?["`]([\w./~%*+@-]{1,200})(?=[\s"`])"""
_COMMAND = re.compile(rb"Command(?:Context)?" + _ARGUMENT)
_FROM_VARIABLE = re.compile(
    rb"""Command(?:Context)?\(\s*(?:[\w.()]+,\s*)?(?:os\.)?Getenv\(["`](\w{1,100})["`]"""
)
_LOOKED = re.compile(rb"LookPath" + _ARGUMENT)
_OTHERS = tuple(
    (word, re.compile(word + more + _ARGUMENT))
    for word, more in (
        (b"StartProcess", b""), (b"Spawn", rb"\w*"), (b"RunCmd", b""), (b"NewCmd", b""),
    )
)  # fmt: skip
_FIRST_WORD = re.compile(rb"([\w./~-]{1,200}) ")
_ADDED = re.compile(rb"""\+ "/([\w-]{1,100})(?=")""")
"""``dir + "/tool"``."""
_JOINED = re.compile(rb"""Join\(([^\n"`]*(?:["`][^"`\n]*["`],\s*)*)["`]([\w-]{1,100})["`]""")
"""``filepath.Join(dir, "tool")``, and with an ending behind it."""
_FINDERS = frozenset(("os", "flag", "testing", "path/filepath"))
"""Packages without which nobody puts the path of a program together."""
_LONGEST = 300
_BIN = re.compile(rb"(?i)bin|build|dist|\bout|exe")
_TAGGED = re.compile(rb'"([^"\s:]*:[^"\s]*)(?=")')
_IMAGE = re.compile(rb"(?:[\w./-]+:\d+/)?(?:[\w.-]+/)*([\w.-]{1,100}):[\w.%$-]{1,100}")
_BUILT = (b"FromDockerfile", b"BuildAndRun", b".ImageBuild(")
_ENGINES = frozenset((b"docker", b"podman", b"nerdctl", b"buildah"))
_IMAGES = ("dockertest", "testcontainers", "docker/client", "moby/client", "go-dockerclient")
_COMPOSE = frozenset((b"docker-compose", b"podman-compose"))
_ASKED = frozenset((b"build", b"buildx", b"bake", b"compose"))
_PLACE = re.compile(
    r"(?:[\n/](?:s?bin|\.bin|build|_?output|out|dist|target|release|tools)/[\w.*-]+"
    r"|\n(?:\./|(?:\.\./)+|\*/)[\w*-]+"
    r"|\.(?:exe|so|dylib|dll|wasm))(?=\n|\Z)"
)
"""Lines that may be the path of a program, each behind its line break: every branch begins with one
of three signs, so that the rest of the text is passed over."""
_ENDINGS = (".exe", ".so", ".dylib", ".dll", ".wasm", ".test")
_VARIANT = re.compile(
    r"(?:[-_.](?:linux|darwin|windows|amd64|arm64|x86_64|race|debug|static|cover(?:age)?|dev|e2e|"
    r"test|\*+)|\*+)+"
)
"""What stands behind the name of a program that is built in more than one way."""
_FOLDERS = frozenset(("bin", ".bin", "_output", "dist", "build", "out", "target"))
_SUFFIX = re.compile("(?<=[A-Z])(?:BIN|BINARY|EXE)$")
_ANY = frozenset(("app", "main", "sut", "server", "client", "cmd", "tool", "under"))
"""Words of a variable that say nothing of which program."""
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_OF_PROGRAM = re.compile(r"(?:^|_|T)(?:BIN|BINARY|EXE|EXECUTABLE|PROGRAM)(?:_|$)|(?:BIN|BINARY)$")
_AFFIXES = frozenset(
    "BIN BINARY EXE EXECUTABLE PROGRAM PATH FILE TEST TESTS E2E CLI CMD IT UNDER".split()  # noqa: SIM905
)


def read_started(
    data: bytes, imports: Iterable[str], literals: Iterable[str]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Further literals, and the flags ``starts``, ``places`` and ``builds`` (images)."""
    known = frozenset(imports)
    paths = "\n".join(known)
    starts = (
        not _STARTERS.isdisjoint(known)
        or any(part in paths for part in _PARTS)
        or ("os" in known and b"os.StartProcess(" in data)
        or (not _SYSTEM.isdisjoint(known) and any(call in data for call in _DIRECT))
    )
    text = "\n".join(("", *literals))
    found: set[bytes] = set()
    if "\n/" in text and not _FINDERS.isdisjoint(known):
        found.update(b"*/" + name for name in _ADDED.findall(data))
    for match in _JOINED.finditer(data) if "path/filepath" in known or "path" in known else ():
        if b"testdata" not in match[1] and (starts or _BIN.search(match[1]) is not None):
            found.add(b"*/" + match[2])
    flags: tuple[str, ...] = ()
    if starts:
        words = frozenset(word.encode("utf-8", "surrogateescape") for word in literals)
        named = _named(data, words, paths)
        found.update(STARTED.encode() + name for name in named)
        flags = ("starts", "builds") if b"" in named else ("starts",)
    more = frozenset(name.decode("utf-8", "surrogateescape") for name in found)
    if _PLACE.search("\n".join((text, *more))) is not None:
        flags = (*flags, "places")
    return more, flags


def _named(data: bytes, words: frozenset[bytes], paths: str) -> set[bytes]:
    """What calls start by name, and images; empty: an image that is built from something."""
    found = {*_COMMAND.findall(data), *_LOOKED.findall(data), *_FROM_VARIABLE.findall(data)}
    for word, call in _OTHERS:
        if word in data:
            found.update(call.findall(data))
    engine = not _ENGINES.isdisjoint(words) or any(part in paths for part in _IMAGES)
    if b"-c" in words and "os/exec" in paths:
        lines = [piece for piece in data.split(b'"') if b" " in piece]
        found.update(match[1] for line in lines if (match := _FIRST_WORD.match(line)))
    if engine and b":" in data:
        names = set(_TAGGED.findall(data))
        found.update(match[1] for name in names if (match := _IMAGE.fullmatch(name)))
    if (
        (engine and not _ASKED.isdisjoint(words))
        or not _COMPOSE.isdisjoint(words)
        or "testcontainers-go/modules/compose" in paths
        or any(sign in data for sign in _BUILT)
    ):
        found.add(b"")
    return found


def forms_of(literal: str) -> Iterator[tuple[str, str]]:
    """(form, name): the programs that a literal may mean. ``call``: it is started by this name;
    ``bin``: its path is that of something built; ``near``: it lies in some folder; ``bare``: a
    word. What says no name is ``some`` program, with the literal as it is, or the ``folder`` of
    some."""
    word = literal.removeprefix(STARTED)
    if word in ("", "/"):
        return
    if _VARIABLE.fullmatch(word):
        yield from _of_variable(word, started=word is not literal)
        return
    folder, slash, last = word.rstrip("/").rpartition("/")
    if word.startswith("..") and last in _FOLDERS:
        yield "folder", last
        return
    name = last
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    names = dict.fromkeys((name, _VARIANT.sub("", name), name.removeprefix("lib")))
    if word is not literal:
        form = "call"
    elif last != name and not last.endswith(".test"):
        form = "bin"
    elif _PLACE.search(f"\n{word}") is not None:
        form = "near" if not slash or folder.rpartition("/")[2] in ("", ".", "..", "*") else "bin"
    elif literal.startswith("/") or "testdata" in word.split("/"):
        return
    else:
        form = "bare"
    yield from ((form, name) for name in names if name.strip(".*"))
    if form in ("call", "bin") and word.startswith(("./", "../")) and "." not in name:
        yield "some", word


def _of_variable(word: str, *, started: bool) -> Iterator[tuple[str, str]]:
    """What a variable of the environment may stand for; ``started``: a call starts its value."""
    certain = started or _OF_PROGRAM.search(word) is not None
    parts = [_SUFFIX.sub("", part) for part in word.split("_")]
    rest = [part.lower() for part in parts if part and part not in _AFFIXES]
    if certain and all(part in _ANY for part in rest):
        yield "some", ""
    for name in dict.fromkeys(("-".join(rest), "_".join(rest), "".join(rest))):
        if name:
            yield "bare", name
    if started:
        yield "some", ""
