"""The catalogue: what is shipped, and a project's own keys over it."""

from pathlib import Path

import pytest

from gomanager.config import Config, Surroundings
from gomanager.errors import ConfigError, UsageError
from gomanager.phasefile import PhaseKeys, complaints
from gomanager.phases import (
    Phase,
    catalogue,
    inert_globs,
    named,
    seconds,
    settings,
    shipped_folder,
    with_found_tags,
)
from gomanager.yamlfile.document import Document, read

ORDER = [
    "full-race",
    "unit-race",
    "api",
    "network",
    "workflows",
    "advanced",
    "integration",
    "performance",
]


def write(root: Path, name: str, text: str) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def effective(root: Path) -> dict[str, Phase]:
    _, phases = settings(Surroundings(root=root, cwd=root, environ={}))
    return {phase.name: phase for phase in phases}


def mistakes(root: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        effective(root)
    return [
        f"{p.place}: {p.message}" + (f" – {p.suggestion}" if p.suggestion else "")
        for p in caught.value.problems
    ]


@pytest.mark.parametrize("file", sorted(shipped_folder().glob("*.yaml")), ids=lambda f: f.name)
def test_shipped_files_are_right(file: Path) -> None:
    found = read(file, PhaseKeys, shown=file.name, check=complaints)
    assert isinstance(found, Document), found
    assert found.value.name == file.stem
    assert found.value.description


def test_shipped_order(tmp_path: Path) -> None:
    phases = catalogue(tmp_path, Config())
    assert [phase.name for phase in phases] == ORDER
    assert [phase.order for phase in phases] == [5, 10, 30, 40, 50, 60, 70, 80]
    assert [phase.name for phase in phases if phase.whole] == ["full-race"]
    assert {phase.file for phase in phases if phase.name == "api"} == {"built-in api.yaml"}


def test_a_useful_phase_is_four_lines(tmp_path: Path) -> None:
    write(
        tmp_path,
        ".gomanager/phases/db.yaml",
        "name: db\nrun:\n  packages: [internal/store/...]\nreruns: 1\n",
    )
    phase = effective(tmp_path)["db"]
    assert phase.run.packages == ("internal/store/...",)
    assert (phase.order, phase.when.affected, phase.timeout_s, phase.slow_ms) == (
        100,
        True,
        900.0,
        10_000,
    )
    assert phase.file == ".gomanager/phases/db.yaml"


def test_the_projects_keys_replace_ours_one_by_one(tmp_path: Path) -> None:
    write(tmp_path, ".gomanager/phases/network.yaml", "run: {timeout: 1m}\nreruns: 0\n")
    write(
        tmp_path,
        ".gomanager.yaml",
        "phases:\n  network:\n    run: {tags: [net]}\n    reruns: 5\n  api: {disabled: true}\n",
    )
    phases = effective(tmp_path)
    network = phases["network"]
    assert network.run.timeout == "1m"
    assert network.run.tags == ("net",)
    assert "*retry*_test.go" in network.run.files
    assert network.reruns == 5
    assert network.when.failed_in_ci
    assert (
        network.file == "built-in network.yaml, .gomanager/phases/network.yaml, .gomanager.yaml:2"
    )
    assert "api" not in phases


def test_all_mistakes_of_all_files(tmp_path: Path) -> None:
    write(tmp_path, ".gomanager.yaml", "basee: x\n")
    write(tmp_path, ".gomanager/phases/a.yaml", "run: {runner: goo}\n")
    write(tmp_path, ".gomanager/phases/b.yml", "order: x\n")
    write(tmp_path, ".gomanager/phases/.#b.yaml", "not ours: [")
    write(tmp_path, ".gomanager/phases/README.md", "not ours either")
    assert mistakes(tmp_path) == [
        ".gomanager.yaml:1:1: unknown key 'basee' – did you mean 'base'?",
        ".gomanager/phases/a.yaml:1:15: 'goo' is not known here – did you mean 'go'?",
        ".gomanager/phases/b.yml:1:8: expected a whole number, found a text",
    ]


def test_mistakes_between_files(tmp_path: Path) -> None:
    write(tmp_path, ".gomanager/phases/a.yaml", "name: x\n")
    write(tmp_path, ".gomanager/phases/b.yaml", "name: x\nreplaces: [unit-rce]\n")
    write(
        tmp_path,
        ".gomanager.yaml",
        "phases:\n  netwrok: {disabled: true}\n  api: {name: other}\n  'a b': {order: 1}\n",
    )
    assert mistakes(tmp_path) == [
        ".gomanager/phases/b.yaml:1:7: phase 'x' is written in .gomanager/phases/a.yaml too",
        ".gomanager/phases/b.yaml:2:12: there is no phase 'unit-rce' – did you mean 'unit-race'?",
        ".gomanager.yaml:2:12: there is no phase 'netwrok' to disable – did you mean 'network'?",
        ".gomanager.yaml:3:15: the phase is called 'api' here",
        ".gomanager.yaml:4:10: 'a b' is no name of a phase – letters, digits, '.', '_' and '-'",
    ]


def test_unknown_phase_is_a_usage_error(tmp_path: Path) -> None:
    phases = catalogue(tmp_path, Config())
    assert [phase.name for phase in named(phases, ["network", "api"])] == ["api", "network"]
    with pytest.raises(UsageError, match="there is no phase 'netwrk'") as caught:
        named(phases, ["netwrk"])
    assert caught.value.fix == "did you mean 'network'?"
    assert caught.value.exit_code == 2
    with pytest.raises(UsageError) as caught:
        named(phases, ["zzz"])
    assert caught.value.fix == f"one of: {', '.join(ORDER)}"


def test_found_tags(tmp_path: Path) -> None:
    phases = {p.name: p for p in with_found_tags(catalogue(tmp_path, Config()), ["e2e", "bench1"])}
    assert phases["api"].run.tags == ("e2e",)
    assert phases["performance"].run.tags == ("bench1",)
    assert phases["unit-race"].run.tags == ()
    assert phases["full-race"].whole


def test_rival_tags_make_several_phases(tmp_path: Path) -> None:
    rivals = {frozenset(("e2e", "integration"))}
    tags = ["e2e", "integration", "system", "bench1"]
    found = with_found_tags(catalogue(tmp_path, Config()), tags, rivals)
    by_name = {phase.name: phase.run.tags for phase in found}
    assert by_name["integration"] == ("integration", "system")
    assert by_name["integration-e2e"] == by_name["network-e2e"] == ("e2e",)
    assert by_name["performance"] == ("bench1",)
    assert [n for n in by_name if n.startswith(("unit", "full", "perf"))] == [
        "full-race",
        "unit-race",
        "performance",
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [("15m", 900.0), ("1h30m", 5400.0), ("1.5s", 1.5), ("250ms", 0.25), ("0", 0.0)],
)
def test_durations(text: str, value: float) -> None:
    assert seconds(text) == pytest.approx(value)


def test_inert_globs_are_gitignore_rules() -> None:
    from pathspec import GitIgnoreSpec

    spec = GitIgnoreSpec.from_lines(inert_globs())
    inert = ["README.md", "docs/a/b.png", "x/LICENSE", ".github/workflows/ci.yml", "Makefile"]
    inert += [".golangci.yml", "sub/Dockerfile", ".gitignore", "docker-compose.yml"]
    assert [path for path in inert if not spec.match_file(path)] == []
    live = ["go.sum", "a.txt", "internal/docs/x.json", ".github/env/10-base.env", ".mage.yaml"]
    live += [".github/.env.base", "config.yaml", "testdata/x.golden", ".env", "x.sql", "a.proto"]
    assert [path for path in live if spec.match_file(path)] == []
