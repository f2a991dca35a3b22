"""What was seen of test processes reaches the packages that they ran, and nobody else's."""

import pytest

from gomanager.command import Took, Usage, Watched
from gomanager.gotest.asked import Asked, Fold
from gomanager.results import PackageAttempt, PackageOutcome, PackageResult, Purpose
from gomanager.runners.measured import Building, left_notes, measured, plain

PLACES = {"m/a": "a", "m/b": "b"}


def package(path, **more):
    given = {"n": 1, "purpose": Purpose.FIRST, "process": 1, "result": PackageOutcome.PASS}
    attempt = PackageAttempt(complete=True, **(given | more))
    return PackageResult(path=path, module="m", attempts=(attempt,))


def numbers(fold):
    return {p.path: (a.cpu_ms, a.peak_bytes) for p in fold.packages for a in p.attempts}


def told(recording, tmp_path, *tests, packages=("m/a", "m/b"), **more):
    asked = Asked(root=str(tmp_path), directory=PLACES.get)
    child = recording(watched=Watched(tests=tests, total_ms=10))
    return measured(Fold(packages=tuple(package(p, **more) for p in packages)), asked, child)


def took(folder, cpu=5, peak=7, **more):
    return Took(folder=str(folder), cpu_ms=cpu, peak_bytes=peak, **more)


def test_numbers_go_by_folder(recording, tmp_path):
    fold = told(recording, tmp_path, took(tmp_path / "a"), took(tmp_path / "elsewhere", 9, 9))
    assert numbers(fold) == {"m/a": (5, 7), "m/b": (None, None)}


def test_two_processes_in_one_folder_are_nobodys(recording, tmp_path):
    fold = told(
        recording, tmp_path, took(tmp_path / "a"), took(tmp_path / "a"), took(tmp_path / "b")
    )
    assert numbers(fold) == {"m/a": (None, None), "m/b": (5, 7)}


def test_s57_a_cached_package_took_nothing(recording, tmp_path):
    fold = told(recording, tmp_path, took(tmp_path / "a"), packages=("m/a",), cached=True)
    assert numbers(fold) == {"m/a": (None, None)}


def test_without_a_watch_nothing_is_known(recording, tmp_path):
    fold = Fold(packages=(package("m/a"),))
    asked = Asked(root=str(tmp_path), directory=PLACES.get)
    assert measured(fold, asked, recording()) is fold


def test_building_is_what_is_left_over_and_unknown_once_a_part_is(recording):
    building, asked, fold = Building(), Asked(), Fold(packages=())
    assert (building.ms, building.cpu_ms) == (None, None)
    usage = Usage(cpu_ms=100, peak_bytes=1)
    tests = (took("/a", 30, span_ms=(10, 50)), took("/b", None, span_ms=(40, 60)))
    seen = Watched(tests=tests, total_ms=90)
    building.add(recording(watched=seen, usage=usage), fold, asked)
    assert (building.ms, building.cpu_ms) == (40, 70)
    building.add(recording(watched=seen, usage=usage), fold, asked)
    assert (building.ms, building.cpu_ms) == (80, 140)
    building.add(recording(usage=usage), fold, asked)
    building.add(recording(watched=seen, usage=usage), fold, asked)
    assert (building.ms, building.cpu_ms) == (None, None)


def test_s40_waiting_for_an_orphan_is_no_building(recording, tmp_path):
    asked = Asked(root=str(tmp_path), directory=PLACES.get)
    fold = Fold(packages=(package("m/a", duration_ms=900),))
    seen = Watched(tests=(took(tmp_path / "a", span_ms=(100, 150)),), total_ms=1000)
    building = Building()
    building.add(recording(watched=seen, usage=Usage(cpu_ms=9, peak_bytes=1)), fold, asked)
    assert building.ms == 100


@pytest.mark.parametrize(
    ("goflags", "argv", "is_plain"),
    [
        ((), ("go", "test", "-exec=/own", "./..."), True),
        ((), ("go", "test", "-exec=sudo"), False),
        ((), ("go", "test", "--exec", "sudo"), False),
        (("-exec=qemu",), ("go", "test", "-exec=/own"), False),
        ((), ("go", "test", "-execute"), True),
    ],
)
def test_a_program_of_somebody_else_around_the_tests(goflags, argv, is_plain):
    assert plain(goflags, argv, "-exec=/own") is is_plain


def test_s40_notes_name_the_package_once():
    owned = [("m/a", ("sleep (4)",)), ("m/b", ("redis (5)",)), ("m/a", ("sh (6)",))]
    many = [f"x ({n})" for n in range(12)]
    assert [note.title for note in left_notes(owned, many)] == [
        "tests of m/a left 2 processes running: sleep (4), sh (6)",
        "tests of m/b left a process running: redis (5)",
        f"tests left 12 processes running: {', '.join(many[:10])} and 2 more",
    ]
    assert list(left_notes((), ())) == []
