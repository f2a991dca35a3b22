"""The answer does not depend on what is kept: after any edit, with any damage to the caches."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gomanager.pipeline.scope import Answer, Question, select

pytestmark = pytest.mark.integration

PACKAGES = ("", "a", "b", "c", "internal/d", "test/integration", "cmd/tool")
VENDORED = ("x.com/dep", "x.com/dep/deep")
CONSTRAINTS = ("", "//go:build linux\n\n", "//go:build integration\n\n", "//go:build !linux\n\n")
BODIES = (
    "",
    'var _ = "../testdata/in.txt"\n',
    'var _ = exec.Command("go", "build", "./...")\n',
    "//go:embed data.txt\nvar data string\n",
)
START = {
    "go.mod": "module example.com/m\n\ngo 1.22\n\nrequire x.com/dep v1.0.0\n",
    "vendor/modules.txt": "# x.com/dep v1.0.0\n## explicit\nx.com/dep\nx.com/dep/deep\n",
    "vendor/x.com/dep/dep.go": 'package dep\n\nimport _ "x.com/dep/deep"\n',
    "vendor/x.com/dep/deep/deep.go": "package deep\n",
    "nested/go.mod": "module example.com/nested\n\ngo 1.22\n",
    "nested/n.go": "package nested\n",
    "nested/n_test.go": 'package nested\n\nimport "testing"\n\nfunc TestN(t *testing.T) {}\n',
    ".gitignore": "ignored_*\nskipped/\n",
    "testdata/in.txt": "1\n",
    "README.md": "1\n",
}


class Edits:
    """One random edit after the other; the same for the same seed."""

    def __init__(self, repo, other, seed: int) -> None:
        self.repo, self.other, self.random = repo, other, random.Random(seed)
        self.count = 0
        self.done: list[str] = []

    def start(self) -> None:
        self.repo.write(START)
        for place in PACKAGES:
            self.repo.write({f"{place}/x.go": self.source(place)})
            self.repo.write({f"{place}/x_test.go": self.source(place, test=True)})
        self.repo.commit()
        self.repo.git("checkout", "-q", "-b", "topic")

    def source(self, place: str, *, test: bool = False) -> str:
        self.count += 1
        imports = self.random.sample(PACKAGES[1:5], self.random.randint(0, 2))
        lines = [f'_ "example.com/m/{path}"' for path in imports if path != place]
        lines += [f'_ "{self.random.choice(VENDORED)}"'] if self.random.random() < 0.3 else []
        lines += ['"testing"'] if test else ['"os/exec"']
        name = place.rpartition("/")[2] or "m"
        body = f"func Test{self.count}(t *testing.T) {{}}\n" if test else f"var V{self.count} = 1\n"
        constraint = self.random.choice(CONSTRAINTS) if self.random.random() < 0.3 else ""
        block = "import (\n\t" + "\n\t".join(lines) + "\n)\n\n"
        return f"{constraint}package {name}\n\n{block}{body}{self.random.choice(BODIES)}"

    def files(self, ending: str = ".go") -> list[Path]:
        root = self.repo.root
        found = (p for p in root.rglob(f"*{ending}") if ".git" not in p.parts)
        return sorted(p for p in found if p.is_file() and not p.is_symlink())

    def edit(self) -> None:
        names = [name for name in dir(self) if name.startswith("do_")]
        name = self.random.choice(names)
        self.done.append(name)
        getattr(self, name)()

    def do_add(self) -> None:
        place, test = self.random.choice(PACKAGES), self.random.random() < 0.5
        name = f"{place}/f{self.count}{'_test' if test else ''}.go"
        self.repo.write({name.lstrip("/"): self.source(place, test=test)})

    def do_modify(self) -> None:
        path = self.random.choice(self.files())
        place = path.parent.relative_to(self.repo.root).as_posix().removeprefix(".")
        path.write_text(self.source(place, test=path.name.endswith("_test.go")))

    def do_comment(self) -> None:
        path = self.random.choice(self.files())
        path.write_text(path.read_text() + f"// {self.random.random()}\n")

    def do_delete(self) -> None:
        self.random.choice(self.files()).unlink()

    def do_rename(self) -> None:
        path = self.random.choice(self.files())
        target = self.repo.root / self.random.choice(PACKAGES) / f"moved{len(self.done)}.go"
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)

    def do_data(self) -> None:
        place = self.random.choice(("testdata/in.txt", "a/testdata/x", "a/data.txt", "README.md"))
        self.repo.write({place: str(self.random.random())})

    def do_ignored(self) -> None:
        name = self.random.choice(("a/ignored_x.go", "skipped/deep/s.go", "b/ignored_b_test.go"))
        self.repo.write({name: self.source(name.split("/")[0], test="_test" in name)})

    def do_vendor(self) -> None:
        ours = self.random.choice(("", 'import _ "example.com/m/a"\n', "// example.com/m/a\n"))
        place = self.random.choice(VENDORED)
        name = place.rpartition("/")[2]
        self.repo.write({f"vendor/{place}/new.go": f"package {name}\n\n{ours}"})

    def do_module(self) -> None:
        line = self.random.choice(("go 1.21", "go 1.22", "go 1.23"))
        text = START["go.mod"].replace("go 1.22", line)
        self.repo.write({"go.mod": text, "go.sum": f"x.com/dep v1.0.0 h1:{self.count}=\n"})

    def do_link(self) -> None:
        link = self.repo.root / self.random.choice(("c/link.go", "c/testdata", "linked"))
        link.parent.mkdir(parents=True, exist_ok=True)
        if link.is_symlink():
            link.unlink()
        elif not link.exists():
            link.symlink_to(self.random.choice(("../a/x.go", "../testdata", "a", "gone")))

    def do_mode(self) -> None:
        path = self.random.choice(self.files())
        path.chmod(0o755 if self.random.random() < 0.5 else 0o644)

    def do_inner_repository(self) -> None:
        inner = self.repo.root / self.random.choice(("inner", "skipped/inner"))
        if not inner.exists():
            self.repo.git("init", "-q", str(inner))
            self.repo.git("-C", str(inner), "commit", "-q", "--allow-empty", "-m", "inner")
        (inner / "i.go").write_text(f"package inner // {self.random.random()}\n")

    def do_submodule(self) -> None:
        if not (self.repo.root / "sub").exists():
            url = self.other.root.as_uri()
            argv = ("-c", "protocol.file.allow=always", "submodule", "add", "-q", url, "sub")
            self.repo.git(*argv)
        (self.repo.root / "sub/s.go").write_text(f"package sub // {self.random.random()}\n")

    def do_stage(self) -> None:
        self.repo.git("add", "-A")

    def do_commit(self) -> None:
        self.repo.commit()

    def do_take_back(self) -> None:
        self.repo.git("stash", "-q", "-u", check=False)

    def do_go_back(self) -> None:
        self.repo.git("add", "-A")
        self.repo.git("commit", "-q", "--allow-empty", "-m", "wip")
        self.repo.git("reset", "-q", "--hard", "HEAD~1")


def damage(cache: Path, chance: random.Random) -> Iterator[str]:
    for path in sorted(cache.rglob("*")):
        if path.is_file() and chance.random() < 0.5:
            data = path.read_bytes()
            at = chance.randrange(max(1, len(data)))
            kind = chance.choice(("cut", "flip", "empty", "foreign", "folder", "gone"))
            match kind:
                case "cut":
                    path.write_bytes(data[:at])
                case "flip":
                    path.write_bytes(
                        data[:at] + bytes([(data[at] if data else 0) ^ 4]) + data[at + 1 :]
                    )
                case "folder":
                    path.unlink()
                    path.mkdir()
                case "gone":
                    path.unlink()
                case _:
                    path.write_bytes(b"" if kind == "empty" else chance.randbytes(200))
            yield f"{kind} {path.name}"


def ask(repo, cache: Path, monkeypatch, *, staged: bool = False) -> Answer:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    question = Question(cwd=repo.root, environ=repo.environ, base="main", staged=staged)
    return select(question)


def values(answer: Answer) -> tuple[object, ...]:
    packages = answer.graph.packages
    records = {place: (package.groups, package.files) for place, package in packages.items()}
    return answer.scope, answer.tests, answer.graph.tree.entries, records


@pytest.mark.parametrize("seed", range(6))
def test_after_any_edit(repo, make, tmp_path, monkeypatch, seed):
    other = make("other")
    other.commit({"s.go": "package sub\n", "s_test.go": "package sub\n"})
    edits = Edits(repo, other, seed)
    edits.start()
    warm, cold = tmp_path / "warm", tmp_path / "cold"
    ask(repo, warm, monkeypatch)
    said = []
    for step in range(14):
        edits.edit()
        if seed % 2 and step % 2:
            said = list(damage(warm, edits.random))
        staged = edits.random.random() < 0.15
        shutil.rmtree(cold, ignore_errors=True)
        for kept in (warm / "gomanager").glob("go-env-*"):  # a question to go takes longest of all
            (cold / "gomanager").mkdir(parents=True, exist_ok=True)
            if kept.is_file():
                shutil.copy(kept, cold / "gomanager")
        fresh = ask(repo, cold, monkeypatch, staged=staged)
        known = ask(repo, warm, monkeypatch, staged=staged)
        assert known.scope == fresh.scope, (edits.done, said)
        assert values(known) == values(fresh), (edits.done, said)


def test_a_cache_that_cannot_be_written_costs_time_only(repo, make, tmp_path, monkeypatch):
    edits = Edits(repo, make("other"), 1)
    edits.start()
    edits.do_comment()
    known = ask(repo, tmp_path / "warm", monkeypatch)
    (tmp_path / "file").write_text("no folder")
    assert values(ask(repo, tmp_path / "file", monkeypatch)) == values(known)
