"""Which runner a phase gets."""

import pytest

from gomanager.errors import EnvironmentFault, UsageError
from gomanager.runners.choice import Magex, choose
from gomanager.runners.request import PackageRequest


def magex(**more):
    return Magex(**{"installed": True, "used": True, **more})


def test_the_whole_of_a_magex_repository_goes_to_magex(request_for):
    assert choose(request_for("a", whole=True), magex()) == ("magex", None)


def test_a_repository_without_magex_has_nothing_to_say(request_for):
    assert choose(request_for("a", whole=True), magex(used=False)) == ("go", None)
    assert choose(request_for("a", whole=True), magex(used=False, installed=False)) == ("go", None)


def test_not_installed_is_noted_with_the_install_command(request_for):
    name, note = choose(request_for("a", whole=True), magex(installed=False))
    assert name == "go"
    assert "not installed" in note.title
    assert note.fix.startswith("go install ")


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"refuses": "-skip"}, "-skip"),
        ({"no_race": "needs cgo"}, "needs cgo"),
        ({"passes": True}, "each build tag"),
    ],
)
def test_what_magex_cannot_do_forces_go_and_is_said(request_for, known, reason):
    name, note = choose(request_for("a", whole=True), magex(**known))
    assert name == "go"
    assert reason in note.title


def test_a_part_of_the_repository_goes_to_go_without_a_word(request_for):
    assert choose(request_for("a"), magex()) == ("go", None)
    partly = request_for("a", whole=True, run={"files": ("*_db_test.go",)})
    assert choose(partly, magex()) == ("go", None)


def test_coverage_and_filters_need_go(request_for):
    assert choose(request_for("a", whole=True, cover=True), magex())[0] == "go"
    filtered = request_for(PackageRequest(path="a", skip=("TestX",)), whole=True)
    assert choose(filtered, magex())[0] == "go"
    assert choose(request_for("a", whole=True, run={"race": False}), magex())[0] == "go"


def test_the_projects_own_word_is_never_replaced(request_for):
    asked = request_for("a", whole=True, run={"runner": "magex"})
    assert choose(asked, magex(used=False))[0] == "magex"
    with pytest.raises(EnvironmentFault) as raised:
        choose(asked, magex(installed=False))
    assert "go install" in str(raised.value.fix)
    with pytest.raises(UsageError):
        choose(asked, magex(refuses="-skip"))
    with pytest.raises(UsageError):
        choose(request_for("a", run={"runner": "magex"}), magex())


def test_runner_go_is_go(request_for):
    assert choose(request_for("a", whole=True, run={"runner": "go"}), magex()) == ("go", None)
