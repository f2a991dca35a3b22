"""The Go toolchain that a repository is tested with: where it is, what it is, what it can do.

``go env`` costs about 10 ms and is asked once; its answer is kept on disk under everything it
depends on: the program (path, size, time), the environment, the files ``GOENV`` and the ``go`` and
``toolchain`` lines that may switch to another version.

Versions of the cached file:
    1   {"format": 1, "env": {name: value}}
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from msgspec import Struct

from gomanager.command import INSTALL
from gomanager.errors import EnvironmentFault
from gomanager.regex import late

CACHE_FORMAT = 1

RACE_PLATFORMS = {
    "linux": {"amd64", "arm64", "ppc64le", "s390x", "loong64", "riscv64"},
    "darwin": {"amd64", "arm64"},
    "windows": {"amd64"},
    "freebsd": {"amd64"},
    "netbsd": {"amd64"},
}
"""internal/platform.RaceDetectorSupported."""

_READ_BY_GO = late(r"^(GO|CGO_|CC$|CXX$|AR$|FC$|PKG_CONFIG|PATH$|HOME$|XDG_CONFIG_HOME$)")
_VERSION = late(r"^(?:toolchain\s+|go\s+)(\S+)", re.MULTILINE)


class Toolchain(Struct, frozen=True, kw_only=True):
    """What ``go env -json`` says, and what follows from it."""

    go: str
    """Absolute path of the program."""
    env: Mapping[str, str]
    path: str = ""
    """PATH that compilers are looked up on."""

    @property
    def version(self) -> str:
        """``go1.26.8``; a development version has more words."""
        return self.env.get("GOVERSION", "")

    @property
    def release(self) -> int:
        """26 for go1.26.8; development versions count as the release they lead to."""
        found = re.search(r"go1\.(\d+)", self.version)
        return int(found[1]) if found else 0

    @property
    def minor(self) -> str:
        """``go1.26``: patch versions do not split a series of results."""
        return f"go1.{self.release}"

    @property
    def goos(self) -> str:
        """Target system."""
        return self.env.get("GOOS", "")

    @property
    def goarch(self) -> str:
        """Target architecture."""
        return self.env.get("GOARCH", "")

    @property
    def cgo(self) -> bool:
        """Whether cgo files are compiled: asked for by default where ``go`` finds a compiler."""
        return self.env.get("CGO_ENABLED") == "1"

    @property
    def goflags(self) -> tuple[str, ...]:
        """Words of GOFLAGS; quoted ones hold spaces."""
        words = re.findall(
            r"'[^']*'|\"[^\"]*\"|[^\s'\"]+(?:'[^']*'|\"[^\"]*\"|[^\s'\"]+)*", self._goflags
        )
        return tuple(word.strip("'\"") for word in words)

    @property
    def _goflags(self) -> str:
        return self.env.get("GOFLAGS", "")

    @property
    def compiler(self) -> str | None:
        """The C compiler's path; ``None`` where it is not there."""
        words = self.env.get("CC", "gcc").split()
        return shutil.which(words[0], path=self.path) if words else None

    def no_race(self, env: Mapping[str, str] | None = None) -> str | None:
        """Why ``-race`` cannot work here, or ``None``; ``env`` is what the command adds."""
        if self.goarch not in RACE_PLATFORMS.get(self.goos, ()):
            return f"the race detector does not support {self.goos}/{self.goarch}"
        if self.goos == "darwin":
            return None
        if self.compiler is None:
            name = self.env.get("CC", "gcc")
            return f"the race detector needs a C compiler, and {name} is not on PATH"
        if (env or {}).get("CGO_ENABLED", self.env.get("CGO_ENABLED")) != "1":
            return "the race detector needs cgo, and CGO_ENABLED is 0"
        return None


def find(environ: Mapping[str, str]) -> str:
    """Path of the ``go`` program; EnvironmentFault where there is none."""
    go = shutil.which("go", path=environ.get("PATH", ""))
    if go is None:
        what = "go was not found"
        raise EnvironmentFault(what, where="PATH", fix=INSTALL["go"])
    return str(Path(go).absolute())


def foreign_workspace(environ: Mapping[str, str], env: Mapping[str, str], root: Path) -> bool:
    """Whether go builds by a go.work that is not the tree's: GOWORK names it, or it lies above.

    ``env`` is what ``go env`` says at ``root``.
    """
    named = environ.get("GOWORK", "")
    if named not in ("", "auto"):
        return named != "off"
    found = env.get("GOWORK", "")
    return found not in ("", "off") and not Path(found).is_relative_to(root)


def load(root: Path, environ: Mapping[str, str], cache: Path | None = None) -> Toolchain:
    """The toolchain that ``go`` uses in ``root``; ``cache`` is a folder, ``None`` asks each time."""
    go = find(environ)
    kept = None if cache is None else cache / f"go-env-{_key(go, root, environ)}.json"
    env = _cached(kept)
    if env is None:
        env = _ask(go, root, environ)
        _keep(kept, env)
    return Toolchain(go=go, env=env, path=environ.get("PATH", ""))


def _ask(go: str, root: Path, environ: Mapping[str, str]) -> dict[str, str]:
    from gomanager import process  # 15 ms of imports that a cached answer does without

    done = process.result((go, "env", "-json"), cwd=root, env=environ)
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode != 0:
        what = f"go env failed: {said or 'nothing on stderr'}"
        raise EnvironmentFault(what, where=str(root), fix="gomanager doctor says more")
    try:
        return {str(name): str(value) for name, value in json.loads(done.stdout).items()}
    except (ValueError, AttributeError) as error:
        what = "go env printed no JSON"
        raise EnvironmentFault(what, where=go) from error


def _key(go: str, root: Path, environ: Mapping[str, str]) -> str:
    digest = blake2b(digest_size=12)
    for part in _inputs(go, root, environ):
        digest.update(part.encode("utf-8", "surrogateescape") + b"\0")
    return digest.hexdigest()


def _inputs(go: str, root: Path, environ: Mapping[str, str]) -> Iterator[str]:
    real = Path(go).resolve()
    yield from (str(real), str(root))
    home = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', '')}/.config"
    settings = environ.get("GOENV") or f"{home}/go/env"
    for path in (
        real,
        real.parent.parent / "VERSION",
        real.parent.parent / "go.env",
        Path(settings),
    ):
        with suppress(OSError):
            stat = path.stat()
            yield f"{path} {stat.st_size} {stat.st_mtime_ns}"
    yield from sorted(f"{k}={v}" for k, v in environ.items() if _READ_BY_GO.match(k))
    for name in dict.fromkeys(("gcc", "clang", environ.get("CC", "gcc").split(" ")[0])):
        yield f"{name} {shutil.which(name, path=environ.get('PATH', ''))}"
    for folder in (root, *root.parents):
        for name in ("go.work", "go.mod"):
            with suppress(OSError):
                text = (folder / name).read_text(encoding="utf-8", errors="replace")
                yield f"{folder / name} {_VERSION.findall(text)}"


def _cached(path: Path | None) -> dict[str, str] | None:
    if path is None:
        return None
    try:
        kept = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(kept, dict) or kept.get("format") != CACHE_FORMAT:
        return None
    env = kept.get("env")
    return {str(k): str(v) for k, v in env.items()} if isinstance(env, dict) else None


def _keep(path: Path | None, env: Mapping[str, str]) -> None:
    if path is None:
        return
    with suppress(OSError):  # a cache that cannot be written costs 10 ms, no more
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps({"format": CACHE_FORMAT, "env": dict(env)}), encoding="utf-8")
        beside.replace(path)
