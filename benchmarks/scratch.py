"""A scratch clone of a repository, what the selection says in it, and how go is started there."""

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kept import Kept, digest

from gomanager.golang.fingerprint import Fingerprints
from gomanager.golang.modules import files_of
from gomanager.pipeline.configurations import configurations
from gomanager.pipeline.scope import Answer, Question, Recall, nothing, select
from gomanager.selection.scope import Mode, PhaseScope, Scope, SelectedPackage

PHASE = "oracle"
Place = tuple[str, str]
"""(module folder from the repository root, import path) of a test package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The one build configuration in which the selection is compared with what go does."""

    tags: tuple[str, ...] = ()
    race: bool = False

    @property
    def flags(self) -> tuple[str, ...]:
        """For go build, list and test."""
        tags = (f"-tags={','.join(self.tags)}",) if self.tags else ()
        return (*tags, "-race") if self.race else tags

    def config(self, unclaimed: str) -> str:
        """A configuration with a phase that holds every package."""
        tags = ", ".join(f'"{tag}"' for tag in self.tags)
        run = f'{{packages: ["..."], tags: [{tags}], race: {str(self.race).lower()}}}'
        return f"version: 1\nunclaimed: {unclaimed}\nphases:\n  {PHASE}: {{run: {run}}}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The answer of the selection; ``reason`` is the scope's sentence."""

    everything: bool
    reason: str
    packages: Mapping[Place, SelectedPackage]


class Clone:
    """A work tree of our own beside a repository; its objects are shared with it."""

    def __init__(self, repository: Path, folder: Path, setting: Setting) -> None:
        self.root = folder / "tree"
        self.setting = setting
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if not self.root.exists():
            source = str(repository.resolve())
            subprocess.run(
                ["git", "clone", "-q", "--shared", "--no-checkout", source, str(self.root)],
                check=True,
            )
        # Of a bare mirror only its own branches come along; any commit must be at hand.
        heads = "+refs/*:refs/source/*"
        subprocess.run(["git", "fetch", "-q", "origin", heads], cwd=self.root, check=True)
        self.environ = environment()
        self.kept = Kept(folder / "gta.jsonl")

    def git(self, *arguments: str) -> str:
        """Standard output, without the last line end."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True
        )
        return done.stdout.rstrip("\n")

    def checkout(self, commit: str) -> None:
        """Exactly the files of a commit."""
        self.git("checkout", "-q", "-f", "--detach", commit)
        self.git("clean", "-q", "-ffdx")

    def select(self, base: str, unclaimed: str = "all") -> Selection:
        """What differs from ``base`` in the work tree calls for."""
        scope = self.ask(base, unclaimed=unclaimed).scope
        return _selection(scope, next(one for one in scope.phases if one.name == PHASE))

    def prints(self) -> dict[Place, str]:
        """Fingerprints of the test binaries of HEAD; those that cannot be known are left out."""
        answer = self.ask("HEAD")
        configuration = configurations(answer.phases, answer.toolchain)[PHASE]
        found: dict[Place, str] = {}
        for view in answer.graph.views(configuration):
            files = {m.dir: files_of(answer.graph.tree, m) for m in view.context.mains}
            digests = Fingerprints(view, phase="", files=files)
            for place in view.tested:
                digest = digests.of(place)
                if digest is not None:
                    found[answer.graph.packages[place].module or "", view.import_path(place)] = (
                        digest
                    )
        return found

    def ask(
        self,
        base: str | None,
        *,
        unclaimed: str = "all",
        everything: bool = False,
        recall: Recall = nothing,
    ) -> Answer:
        """The whole answer; ``recall`` is what a store remembers."""
        config = self.folder / f"{unclaimed}.yaml"
        config.write_text(self.setting.config(unclaimed))
        question = Question(
            cwd=self.root,
            environ=self.environ,
            config=str(config),
            base=base,
            everything=everything,
            phases=(PHASE,),
        )
        return select(question, recall)

    def gta(self, binary: Path, base: str, places: Iterable[Place]) -> tuple[set[Place], str]:
        """What digitalocean/gta selects of these, and where it failed, what it said.

        Asked in each module, for from the root it fails where there is no module; where it fails,
        all of the module runs.
        """
        known = set(places)
        found: set[Place] = set()
        complaint = ""
        for module in sorted({module for module, _ in known}):
            mine = {place for place in known if place[0] == module}
            named, said = self._gta(binary, base, module)
            complaint = said or complaint
            found |= mine if said else {place for place in mine if place[1] in named}
        return found, complaint

    def _gta(self, binary: Path, base: str, module: str) -> tuple[set[str], str]:
        """What it names in one module, or its complaint; kept by commit."""
        key = digest(str(binary), base, self.git("rev-parse", "HEAD"), self.setting, module)
        if key not in self.kept.rows:
            tags = ("-tags", ",".join(self.setting.tags)) if self.setting.tags else ()
            done = subprocess.run(
                [str(binary), "-base", base, *tags],
                cwd=self.root / module,
                env=self.environ,
                capture_output=True,
                check=False,
            )
            said = " ".join(done.stderr.decode(errors="replace").split())[-200:]
            complaint = (said or f"exit code {done.returncode}") if done.returncode else ""
            names = done.stdout.decode().split()
            self.kept.add(key, {"named": [names], "said": [[complaint]]})
        row = self.kept.rows[key]
        return set(row["named"][0]), row["said"][0][0]

    def go(
        self, arguments: Sequence[str], folder: Path, *, wrap: Sequence[str] = (), **extra: str
    ) -> subprocess.CompletedProcess[bytes]:
        """A go command at the lowest priority; never an error, see ``returncode``.

        ``wrap`` stands in front of the command: a sandbox.
        """
        return subprocess.run(
            ["nice", "-n", "19", *wrap, "go", *arguments],
            cwd=folder,
            env={**self.environ, **extra},
            capture_output=True,
            check=False,
        )


def commit_of(repository: Path, name: str) -> str:
    """A commit by its name in the repository itself, not in our clone."""
    argv = ["git", "rev-parse", "--verify", f"{name}^{{commit}}"]
    return subprocess.run(
        argv, cwd=repository, check=True, capture_output=True, text=True
    ).stdout.strip()


def commits(
    clone: Clone,
    head: str,
    count: int,
    every: int = 1,
    paths: Sequence[str] = (),
    *,
    merged: bool = False,
) -> list[tuple[str, str]]:
    """(parent, commit), oldest first, so that the build cache follows history."""
    walk = ("--topo-order",) if merged else ("--first-parent",)
    argv = ["rev-list", *walk, f"--max-count={count}", head, "--", *paths]
    found = clone.git(*argv).splitlines()[::every]
    pairs = []
    for commit in reversed(found):
        parents = clone.git("rev-list", "--max-count=1", "--parents", commit).split()[1:]
        pairs += [(parents[0], commit)] if parents else []
    return pairs


def _selection(scope: Scope, phase: PhaseScope) -> Selection:
    return Selection(
        everything=scope.mode is Mode.ALL,
        reason=scope.reason,
        packages={(p.module, p.path): p for p in (phase.packages if phase.selected else ())},
    )


def environment() -> dict[str, str]:
    """Ours without what a CI or a hook adds: the selection must look at the clone alone."""
    drop = ("CI", "GIT_", "GITHUB_", "GITLAB_", "GOMANAGER_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(drop)}
    return {**kept, "GOTOOLCHAIN": "local", "LC_ALL": "C"}
