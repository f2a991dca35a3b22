"""Where in the repository a text points: file names of tests, stacks and compilers, made relative."""

import posixpath
import re

from msgspec import Struct

from gomanager.gotest.asked import Asked

Place = tuple[str | None, int | None]
NOWHERE: Place = (None, None)

_DRIVE = re.compile(r"^[A-Za-z]:/")


class Places(Struct, frozen=True, kw_only=True):
    """Resolves names for one package; ``asked`` knows root, directories and module."""

    asked: Asked
    package: str

    def of_test(self, name: str, line: str) -> Place:
        """A ``file.go:N:`` of t.Error: a base name, or absolute under ``-fullpath``."""
        if name == "testing.go" or name.endswith(".s"):  # t.Error right behind a go statement
            return NOWHERE
        return self._place(name, self.package, line)

    def of_frame(self, function: str, name: str, line: str) -> Place:
        """A stack frame: its function names the package, its file is absolute or trimmed."""
        return self._place(name, function_package(function), line)

    def of_compiler(self, header: str, name: str, line: str) -> Place:
        """A compiler's ``./x.go:1:2``, under the ``# header`` that names the package."""
        if "/" in name.removeprefix("./") and not self._absolute(name):
            base = self.asked.directory(self.asked.module) if self.asked.module else None
            return posixpath.normpath(posixpath.join(base or "", name)), _number(line)
        return self._place(name, header or self.package, line)

    def _place(self, name: str, package: str, line: str) -> Place:
        name = name.replace("\\", "/")
        root = self.asked.root.replace("\\", "/").rstrip("/")
        if root and name.startswith(root + "/"):
            return name[len(root) + 1 :], _number(line)
        directory = self.asked.directory(package.removesuffix("_test"))
        if directory is None:
            directory = self.asked.directory(package)
        base = posixpath.basename(name)
        if directory is not None:
            if self._absolute(name) and not self._within(name, directory):
                return NOWHERE
            return posixpath.normpath(posixpath.join(directory, base)), _number(line)
        if self._absolute(name) and root:
            return NOWHERE
        return (base if base.endswith(".go") else None), _number(line)

    @staticmethod
    def _within(name: str, directory: str) -> bool:
        """Another machine's absolute path still ends in the same folder."""
        return directory in ("", ".") or posixpath.dirname(name).endswith("/" + directory)

    @staticmethod
    def _absolute(name: str) -> bool:
        return name.startswith("/") or _DRIVE.match(name) is not None


def function_package(function: str) -> str:
    """``example.com/m/p.(*T).Do.func1`` → ``example.com/m/p`` (dots of its last element unescaped)."""
    slash = function.rfind("/") + 1
    head, _, _ = function[slash:].partition(".")
    return function[:slash] + head.replace("%2e", ".")


def _number(line: str) -> int | None:
    return int(line) if line.isascii() and line.isdigit() and len(line) < 9 else None
