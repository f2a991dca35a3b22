"""Flags, environment and calls that a phase request comes to."""

import pytest
from msgspec.structs import replace

from gomanager.errors import EnvironmentFault, UsageError
from gomanager.golang.toolchain import Toolchain
from gomanager.runners.calls import calls, setting, workspace_env
from gomanager.runners.invoke import go_test
from gomanager.runners.request import ModuleRequest, PackageRequest

NO_RACE = Toolchain(go="/go/bin/go", env={"GOOS": "linux", "GOARCH": "386"})


def lines(request):
    shared = setting(request)
    return [" ".join(go_test(request, shared, call).argv) for call in calls(request, shared)]


def flags(request, name):
    return setting(request).arguments.value(name)


def test_one_call_with_what_the_phase_says(request_for):
    made = request_for("ex.com/m/a", "ex.com/m/b", run={"tags": ("x",), "timeout": "1m"})
    (line,) = lines(made)
    assert line == (
        "go test -json -fullpath -race -tags=x -count=1 -timeout=1m -v=test2json"
        " ex.com/m/a ex.com/m/b"
    )


def test_user_over_phase_flags_over_keys(request_for):
    run = {"timeout": "1m", "flags": ("-short", "-parallel=2"), "race": False}
    made = request_for("p", run=run, flags=("-parallel", "4", "-tags=y", "-count=3"))
    assert flags(made, "parallel") == "4"
    assert flags(made, "count") == "3"
    assert flags(made, "short") == "true"
    assert flags(made, "race") is None
    assert flags(request_for("p", flags=("-race=false",)), "race") is None


def test_a_wrong_flag_names_its_place(request_for):
    with pytest.raises(UsageError) as raised:
        setting(request_for("p", run={"flags": ("-shrot",)}))
    assert raised.value.where == "run.flags of phase unit"


def test_a34_build_targets_join_the_first_call(request_for):
    made = request_for(
        PackageRequest(path="lib", build_only=True),
        PackageRequest(path="a", skip=("TestX",)),
        PackageRequest(path="b"),
    )
    first, second = lines(made)
    assert first.endswith("-skip=^TestX$ -v=test2json a lib")
    assert second.endswith("-v=test2json b")
    (only,) = lines(request_for(PackageRequest(path="lib", build_only=True)))
    assert only.endswith("-v=test2json lib")


def test_packages_with_one_filter_share_a_call(request_for):
    made = request_for(
        PackageRequest(path="a", run=("TestX", "TestY")),
        PackageRequest(path="b"),
        PackageRequest(path="c", run=("TestX", "TestY")),
    )
    first, second = lines(made)
    assert first.endswith("-run=^(TestX|TestY)$ -v=test2json a c")
    assert second.endswith("test2json b")


def test_the_users_run_cuts_our_list_and_keeps_its_subtests(request_for):
    package = PackageRequest(
        path="a", run=("TestA", "TestB"), expected=frozenset({"TestA", "TestB"})
    )
    made = request_for(package, flags=("-run=A/x|B$",))
    (line,) = lines(made)
    assert "-run=^TestA$/x|^TestB$ " in line
    (line,) = lines(request_for(package, flags=("-run=Nothing",)))
    assert "-run=^$ " in line
    (call,) = calls(
        request_for(package, flags=("-run=A",)), setting(request_for(package, flags=("-run=A",)))
    )
    assert call.packages[0].expected == {"TestA"}


def test_the_users_skip_joins_ours(request_for):
    (line,) = lines(
        request_for(PackageRequest(path="a", skip=("TestA", "TestB")), flags=("-skip=C",))
    )
    assert "-skip=^(TestA|TestB)$|C " in line


def test_binary_arguments_stand_last(request_for):
    (line,) = lines(request_for("a", flags=("-args", "-update")))
    assert line.endswith("-v=test2json a -args -update")


def test_race_gives_way_only_where_it_is_not_needed(request_for):
    shared = setting(request_for("a", toolchain=NO_RACE))
    (note,) = shared.notes
    assert (shared.race, note.kind, note.title) == (False, "environment", "ran without -race")
    with pytest.raises(EnvironmentFault):
        setting(request_for("a", toolchain=NO_RACE, run={"race": True}))
    with pytest.raises(EnvironmentFault):
        setting(request_for("a", toolchain=NO_RACE, flags=("-race",)))


def test_s50_text_of_the_compiler_stays_in_the_stream(request_for):
    environ = {"GODEBUG": "x=1,gotestjsonbuildtext=1,y=2"}
    assert setting(request_for("a", environ=environ)).environ["GODEBUG"] == "x=1,y=2"


def test_magex_keys_and_env_files_reach_every_go_test(request_for, tmp_path):
    root = tmp_path / "w" / "x" / "y" / "z"
    root.mkdir(parents=True)
    (root / ".env").write_text("A=file\nB=$A\n")
    made = request_for("a", root=root, environ={"A": "caller"})
    assert setting(made).environ["A"] == "caller"
    (root / ".mage.yaml").write_text("test:\n  tags: t1,t2\n  timeout: 30m\n  parallel: 3\n")
    shared = setting(made)
    assert (shared.environ["A"], shared.environ["B"]) == ("file", "file")
    assert shared.notes[0].text == ".env"
    assert shared.arguments.words()[:4] == ("-race", "-tags=t1,t2", "-p=3", "-count=1")
    assert flags(made, "timeout") == "30m"
    assert flags(replace(made, flags=("-timeout=1m",)), "timeout") == "1m"


def test_each_module_runs_in_its_folder(request_for, tmp_path):
    (tmp_path / "sub").mkdir()
    sub = ModuleRequest(dir=tmp_path / "sub", path="ex.com/s", packages=(PackageRequest(path="s"),))
    made = request_for("a")
    first, second = lines(replace(made, modules=(*made.modules, sub)))
    assert first.startswith("go test -json")
    assert second.startswith("go test -C sub -json")


def test_a_module_outside_go_work_leaves_the_workspace(tmp_path):
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
    assert workspace_env(tmp_path / "out", {}) == ()
    (tmp_path / "go.work").write_text("go 1.24\n\nuse (\n\t./in\n)\n")
    assert workspace_env(tmp_path / "in", {}) == ()
    assert workspace_env(tmp_path / "out", {}) == (("GOWORK", "off"),)
    assert workspace_env(tmp_path / "out", {"GOWORK": "/x/go.work"}) == ()
    (tmp_path / "go.work").write_text("use (")
    assert workspace_env(tmp_path / "out", {}) == ()


def test_e14_a_long_list_of_names_and_packages_is_split(request_for):
    names = tuple(f"TestWithQuiteALongName{i:06}" for i in range(5000))
    assert len(lines(request_for(PackageRequest(path="a", run=names)))) == 2
    packages = [f"ex.com/m/{'p' * 40}{i}" for i in range(4000)]
    assert len(lines(request_for(*packages))) == 2
