"""The magex runner over recordings of the real tool (tests/recordings/record_magex.py)."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gomanager.errors import UsageError
from gomanager.results import Outcome, PackageOutcome, PhaseEnded, Verdict, ignore
from gomanager.runners import magex
from gomanager.runners.request import ModuleRequest, PackageRequest

RECORDINGS = Path(__file__).parents[2] / "recordings"
FAILED_GO = """{"Time":"2026-01-01T00:00:00Z","Action":"start","Package":"example.com/m/sub"}
{"Time":"2026-01-01T00:00:00Z","Action":"output","Package":"example.com/m/sub","Output":"FAIL\\texample.com/m/sub [setup failed]\\n"}
{"Time":"2026-01-01T00:00:00Z","Action":"fail","Package":"example.com/m/sub","Elapsed":0}
"""
GREEN_GO = """{"Time":"2026-01-01T00:00:00Z","Action":"start","Package":"example.com/m/sub"}
{"Time":"2026-01-01T00:00:00Z","Action":"run","Package":"example.com/m/sub","Test":"TestB"}
{"Time":"2026-01-01T00:00:00Z","Action":"pass","Package":"example.com/m/sub","Test":"TestB","Elapsed":0}
{"Time":"2026-01-01T00:00:00Z","Action":"output","Package":"example.com/m/sub","Output":"PASS\\n"}
{"Time":"2026-01-01T00:00:00Z","Action":"pass","Package":"example.com/m/sub","Elapsed":0}
"""


@pytest.fixture
def replay(request_for, recording, started, clock, tmp_path):
    """``replay("green", …)``: the phase result over a recording, and what was started."""

    def run(name, *more, **fields):
        meta = json.loads((RECORDINGS / f"magex-{name}.meta.json").read_text())
        stdout = (RECORDINGS / f"magex-{name}.jsonl").read_bytes()
        first = recording(stdout, meta["exit_code"], meta["stderr"])
        begin = started([first, *more])
        result = magex.run(
            request(request_for, tmp_path, **fields), start=begin, listener=ignore, clock=clock
        )
        return result, begin.commands

    return run


def request(request_for, root, more=None, **fields):
    modules = tuple(
        ModuleRequest(dir=root / folder, path=path, packages=packages)
        for folder, path, packages in (
            (
                "",
                "example.com/m",
                (PackageRequest(path="example.com/m", expected=frozenset({"TestA"})),),
            ),
            ("sub", "example.com/m/sub", (PackageRequest(path="example.com/m/sub"),)),
        )
    )
    modules += () if more is None else (more,)
    return request_for(whole=True, modules=modules, **fields)


def cases(result):
    return {f"{p.module}:{c.name}": c.outcome for p in result.packages for c in p.cases}


def test_the_recipe(replay):
    result, (command,) = replay("green", run={"timeout": "20m"}, flags=("-short",))
    assert " ".join(command.argv) == (
        "magex test:race ci -v=test2json -count=1 -timeout=20m -short -tags="
    )
    assert ("MAGEX_NO_UPDATE_CHECK", "1") in command.env
    assert (result.verdict, result.runner, result.exit_code) == (Verdict.GREEN, "magex", 0)


def test_banners_give_each_event_its_module(replay):
    result, _ = replay("green")
    assert cases(result) == {
        "example.com/m:TestA": Outcome.PASS,
        "example.com/m/sub:TestB": Outcome.PASS,
        "example.com/m/sub:TestSkipped": Outcome.SKIP,
    }
    assert any("Running Race Tests" in line for line in result.side_text)


def test_a_red_module_is_red_and_the_other_stays_green(replay):
    result, commands = replay("red")
    assert (result.verdict, len(commands)) == (Verdict.RED, 1)
    assert {p.path: p.result for p in result.packages} == {
        "example.com/m": PackageOutcome.PASS,
        "example.com/m/sub": PackageOutcome.FAIL,
    }


def test_reruns_go_through_go(replay, recording):
    result, (_, rerun) = replay("red", recording(GREEN_GO.encode()), reruns=1)
    assert rerun.argv[:4] == ("go", "test", "-C", "sub")
    assert rerun.argv[-3:] == ("-run=^TestFails$", "-v=test2json", "example.com/m/sub")
    assert result.verdict is Verdict.RED


def test_build_failures_come_with_their_text(replay):
    result, _ = replay("build")
    broken = next(p for p in result.packages if p.result is PackageOutcome.BUILD)
    assert "undefined: undefined" in broken.attempts[0].failures[0].text


def test_dropped_arguments_are_a_usage_error_whatever_ran(replay):
    result, _ = replay("unsafe")
    assert (result.verdict, result.exit_code) == (Verdict.ERROR, 2)
    assert "Ignoring unsafe arguments" in result.notes[-1].title


def test_no_modules_and_exit_0_is_no_success(replay):
    result, _ = replay("nothing")
    assert result.verdict is Verdict.RED
    assert "No Go modules found" in result.notes[-1].title


def test_what_ci_mode_swallowed_is_asked_of_go(replay, recording):
    result, commands = replay("swallowed", recording(FAILED_GO.encode(), 1, "go.mod:5: no version"))
    assert len(commands) == 2
    assert result.verdict is Verdict.RED
    assert {p.path: p.result for p in result.packages}["example.com/m/sub"] is PackageOutcome.SETUP


def test_if_go_is_green_then_the_run_stays_red(replay, recording):
    result, _ = replay("swallowed", recording(GREEN_GO.encode()))
    assert result.verdict is Verdict.RED
    assert "magex exited 1 without a reason" in result.notes[-1].text


def test_a_broken_magex_configuration_is_quoted(replay):
    result, _ = replay("config")
    assert (result.verdict, result.exit_code) == (Verdict.ERROR, 2)
    assert "cannot unmarshal !!seq" in result.notes[-1].text


def test_s72_passes_of_one_package_stand_side_by_side(replay):
    result, _ = replay("passes")
    package = next(p for p in result.packages if p.path == "example.com/m")
    assert (result.verdict, len(package.attempts)) == (Verdict.GREEN, 2)
    assert {c.name: len(c.attempts) for c in package.cases} == {"TestA": 2, "TestSpecial": 1}


def test_a_module_magex_leaves_out_is_missing_or_named(replay, tmp_path):
    lost = ModuleRequest(
        dir=tmp_path / "lost",
        path="example.com/lost",
        packages=(PackageRequest(path="example.com/lost"),),
    )
    (tmp_path / ".mage.yaml").write_text("test:\n  exclude_modules: [other]\n")
    result, _ = replay("green", more=lost)
    assert result.verdict is Verdict.RED
    (tmp_path / ".mage.yaml").write_text("test:\n  exclude_modules: [lost]\n")
    result, _ = replay("green", more=lost)
    assert result.verdict is Verdict.GREEN
    assert "excluded by test.exclude_modules" in result.notes[-1].title


def test_an_interrupt_keeps_what_is_finished(request_for, recording, started, clock, tmp_path):
    stdout = (RECORDINGS / "magex-green.jsonl").read_bytes()
    cut = stdout[: stdout.index(b'"Test":"TestB"')]
    begin = started([replace(recording(cut, 130), interrupted=2)])
    seen = []
    result = magex.run(
        request(request_for, tmp_path), start=begin, listener=seen.append, clock=clock
    )
    assert (result.verdict, result.interrupted) == (Verdict.INTERRUPTED, True)
    assert cases(result)["example.com/m:TestA"] is Outcome.PASS
    assert isinstance(seen[-1], PhaseEnded)


def test_what_magex_cannot_pass_never_reaches_it(request_for, started, clock, tmp_path):
    begin = started([])
    with pytest.raises(UsageError, match="-skip"):
        magex.run(
            request(request_for, tmp_path, flags=("-skip=X",)),
            start=begin,
            listener=ignore,
            clock=clock,
        )
    assert begin.commands == []
