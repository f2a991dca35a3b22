"""The ledger's rows: written with their phase result, found by fingerprint, never judged here."""

from datetime import timedelta

from msgspec.structs import replace

from gomanager.selection.ledger import Input, Record
from gomanager.store.protocol import PackageKey


def record(build, number=1, **given):
    values = {
        "fingerprint": "ab" * 32,
        "sources": "cd" * 32,
        "phase": "unit-race",
        "module": build.module,
        "package": f"{build.module}/a",
        "green": True,
        "finished": build.start + timedelta(minutes=number),
        "commit": "c" * 40,
        "run": f"{number:032x}",
        "duration_ms": 12,
        "tests_run": 3,
        "tests_skipped": 1,
        "inputs": (Input("env", "HOME", "x"), Input("file", "cfg/é.json", "y")),
    }
    return Record(**(values | given))


def add(store, build, number=1, learned=None, variables=None, **given):
    row = record(build, number, **given)
    run = build.run(number)
    phase = build.phase(build.package(f"{build.module}/a", build.case("TestA")))
    assert store.add(run, phase, ledger=(row,), learned=learned, variables=variables)
    return row


def test_a_row_comes_back_as_it_was(store, build):
    assert not store.has_ledger()
    row = add(store, build)
    assert store.has_ledger()
    assert store.ledger([row.fingerprint, "00" * 32]) == {row.fingerprint: (row,)}


def test_newest_first_and_red_takes_back(store, build):
    add(store, build, 1)
    red = add(store, build, 2, green=False, inputs=())
    rows = store.ledger([red.fingerprint])[red.fingerprint]
    assert [row.green for row in rows] == [False, True]
    key = ("unit-race", build.module, f"{build.module}/a")
    assert store.red_sources() == {key: {red.sources}}
    add(store, build, 3)
    assert store.red_sources() == {}


def test_red_and_green_in_one_millisecond_is_red(store, build):
    green = add(store, build, 1)
    phase = build.phase(build.package(f"{build.module}/a"), name="unit-race")
    red = replace(green, green=False)
    assert store.add(build.run(1), phase, attempt_key="2", ledger=(red,))
    assert [row.green for row in store.ledger([green.fingerprint])[green.fingerprint]] == [False]


def test_a_phase_result_that_is_there_adds_no_row(store, build):
    add(store, build)
    phase = build.phase(build.package(f"{build.module}/a"))
    later = record(build, 5)
    assert not store.add(build.run(1), phase, ledger=(later,))
    assert len(store.ledger([later.fingerprint])[later.fingerprint]) == 1


def test_the_newest_row_of_each_phase(store, build):
    add(store, build, 1)
    newer = add(store, build, 2, fingerprint="ef" * 32)
    assert store.newest_records(build.module, f"{build.module}/a") == (newer,)


def test_who_read_a_path(store, build):
    key = PackageKey(build.module, f"{build.module}/a")
    add(store, build, 1, learned={key: ("cfg/x", "cfg/y")})
    assert store.readers(["cfg/x", "cfg/z"]) == {"cfg/x": (key,)}


def test_variables_of_the_last_green_result(store, build):
    key = PackageKey(build.module, f"{build.module}/a")
    add(store, build, 1, variables={key: {"MODE": "0a", "HOME": "1b"}})
    add(store, build, 2, variables={key: {"MODE": "2c"}})
    assert store.variables() == {("MODE", "2c")}
    assert store.variable_readers([("MODE", "2c"), ("HOME", "1b")]) == {tuple(key): "MODE"}


def test_old_rows_are_forgotten(store, build):
    row = add(store, build)
    red = add(store, build, 2, fingerprint="ef" * 32, green=False)
    late = build.run(9, started=build.start + timedelta(days=16))
    store.finish(late, b"{}")
    assert store.ledger([row.fingerprint, red.fingerprint]) == {red.fingerprint: (red,)}
    store.finish(replace(late, started=build.start + timedelta(days=91)), b"{}")
    assert not store.has_ledger()
