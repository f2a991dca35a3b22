"""Which test binaries could read anything outside of themselves: files, variables, programs.

A package whose whole closure imports nothing that can is pure: its fingerprint is all there is
to know. Of every other one, what it read must be learned before it is proven.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from gomanager.golang.constraints import included
from gomanager.golang.early import Early

if TYPE_CHECKING:
    from gomanager.golang.view import View

PURE = frozenset(
    """
    bufio bytes cmp context embed encoding encoding/ascii85 encoding/asn1 encoding/base32
    encoding/base64 encoding/binary encoding/csv encoding/gob encoding/hex encoding/json
    encoding/pem encoding/xml errors fmt hash hash/adler32 hash/crc32 hash/crc64 hash/fnv
    hash/maphash html io iter maps math math/big math/bits math/cmplx math/rand math/rand/v2
    container/heap container/list container/ring compress/bzip2 compress/flate compress/gzip
    compress/lzw compress/zlib crypto/hmac crypto/md5 crypto/sha1 crypto/sha256 crypto/sha512
    crypto/subtle index/suffixarray net/netip net/url path reflect regexp regexp/syntax slices
    sort strconv strings structs sync sync/atomic testing testing/iotest testing/quick text/scanner
    text/tabwriter text/template/parse time unicode unicode/utf16 unicode/utf8 unique unsafe weak
    """.split()  # noqa: SIM905 - read as a list, edited as a list
)
"""Packages of the standard library through which no file, variable or program is reached.

``embed`` and ``time`` read what the binary holds and the zone, which the phase key has.
"""


class Outside:
    """Answers for all test binaries of one view."""

    def __init__(self, view: "View") -> None:
        self.view = view

    def pure(self, place: str) -> bool:
        """Whether nothing that the test binary links can read anything at run time."""
        if place in self._capable or self._reaches(place, tests=True):
            return False
        return not any(
            node.startswith("@") or node in self._capable
            for node, _ in self.view.test_imports.get(place, ())
        )

    def starts(self, place: str) -> bool:
        """Whether first-party code of the test binary can start programs."""
        packages = self.view.graph.packages
        return any(
            "os/exec" in group.imports
            for node in self.sources(place)
            for group in packages[node].groups
            if group.kind == 0 or node == place
        )

    def early(self, place: str) -> str:
        """Why a log of the test binary's calls is not all: first-party code reads before it can
        begin; empty: none does."""
        for node in self.sources(place):
            for test in (False, True) if node == place else (False,):
                found = self._early.reader(node, test=test)
                if found:
                    where = "its code" if node == place else self.view.import_path(node)
                    return f"{where} {found} before its tests begin"
        return ""

    @cached_property
    def _early(self) -> Early:
        return Early(self.view)

    def sources(self, place: str) -> tuple[str, ...]:
        """Directories of first-party code that the test binary links, its own first."""
        packages = self.view.graph.packages
        seen: dict[str, None] = {}
        queue = [place, *(node for node, _ in self.view.test_imports.get(place, ()))]
        while queue:
            node = queue.pop()
            if node in seen or node not in packages or packages[node].vendored:
                continue
            seen[node] = None
            queue += [target for target, _ in self.view.imports.get(node, ())]
        return tuple(seen)

    @cached_property
    def _capable(self) -> frozenset[str]:
        """Nodes whose library, or what it imports, can read something."""
        found = {place for place in self.view.libraries if self._reaches(place, tests=False)}
        for place, edges in self.view.imports.items():
            if any(node.startswith("@") for node, _ in edges):
                found.add(place)
        importers: Mapping[str, Iterable[tuple[str, str]]] = self.view.importers
        queue = list(found)
        while queue:
            for importer, _ in importers.get(queue.pop(), ()):
                if importer not in found:
                    found.add(importer)
                    queue.append(importer)
        return frozenset(found)

    def _reaches(self, place: str, *, tests: bool) -> bool:
        package = self.view.graph.packages.get(place)
        if package is None:
            return True
        for group in package.groups:
            if (group.kind != 0) is not tests or not included(
                group.condition, self.view.configuration
            ):
                continue
            for path in group.imports:
                if path not in PURE and self.view.resolver.node(path) is None:
                    return True
        return False


_ENV = re.compile(rb'\b(?:os|syscall)\.(?:Getenv|LookupEnv)\(\s*["`]([^"`\n]+)["`]')
_BLIND = (
    (re.compile(rb"\bos\.Environ\("), "reads the whole environment"),
    (
        re.compile(
            rb"\b(?:syscall|unix)\.(?:Open|Openat|Exec|ForkExec|StartProcess|Mmap|Stat|Lstat|"
            rb"Syscall|RawSyscall|Getdents|ReadDirent)\w*\("
        ),
        "calls the system directly",
    ),
    (re.compile(rb"\bplugin\.Open\("), "loads plugins"),
    (
        re.compile(
            rb"^(?:var\b[^\n]*|func init\(\) \{(?:\n(?!\})[^\n]*)*?)"
            rb"\b(?:os\.(?:Open|OpenFile|ReadFile|ReadDir|Stat|Lstat|DirFS|OpenRoot)|"
            rb"ioutil\.Read\w+|filepath\.(?:Glob|Walk\w*))\(",
            re.MULTILINE,
        ),
        "reads files before its tests begin",
    ),
)
_MAIN = re.compile(rb"^func TestMain\([^)]*\)\s*\{(.*?)^\}", re.MULTILINE | re.DOTALL)
_CALL = re.compile(rb"([A-Za-z_][\w.]*)\(")
_HARMLESS = re.compile(
    rb"(?:os\.Exit|m\.Run|goleak\.\w+|flag\.(?:Parse|Parsed|Set)|testing\.\w+|fmt\.\w+|"
    rb"log\.\w+|slog\.\w+|rand\.\w+|time\.\w+|runtime\.\w+|gin\.SetMode|len|panic|func|if|recover|"
    rb"string|int)"
)
_COMMENT = re.compile(rb"//[^\n]*")


class Seen(NamedTuple):
    """What the text of first-party code says that a log of its calls cannot."""

    variables: frozenset[str] = frozenset()
    doubt: str = ""


def scan(data: bytes, *, test: bool) -> Seen:
    """Look through one Go file; patterns over bytes, so rather too much than too little."""
    variables = frozenset(name.decode("utf-8", "replace") for name in _ENV.findall(data))
    doubts = [why for pattern, why in _BLIND if pattern.search(data)]
    if b'import "C"' in data or b'\t"C"\n' in data:
        doubts.append("runs C code")
    if test and b"func TestMain(" in data and not _harmless(data):
        doubts.append("has a TestMain that may read before its tests begin")
    return Seen(variables, doubts[0] if doubts else "")


def _harmless(data: bytes) -> bool:
    body = _MAIN.search(data)
    if body is None:
        return False
    calls = _CALL.findall(_COMMENT.sub(b"", body[1]))
    return all(_HARMLESS.fullmatch(call) for call in calls)
