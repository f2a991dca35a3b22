"""Opening: settings, foreign, broken, newer, older and locked files, folders without rights."""

import sqlite3
from pathlib import Path

import pytest

from gomanager.errors import EnvironmentFault, UsageError
from gomanager.results import Verdict
from gomanager.store import steps
from gomanager.store.connection import APPLICATION_ID, configure
from gomanager.store.location import locate, open_store
from gomanager.store.protocol import PackageKey
from gomanager.store.sqlite import SqliteStore


def pragma(path: Path, name: str) -> object:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]
    finally:
        connection.close()


def test_a_new_store_has_our_marks(tmp_path):
    path = tmp_path / "deep" / "folder #1?" / "history.db"
    with SqliteStore(path) as store:
        assert store.wal
        assert store.notes == ()
        assert store.journals == path.parent / "journal"
    assert pragma(path, "application_id") == APPLICATION_ID == 0x676F6D67
    assert pragma(path, "user_version") == len(steps.scripts())
    assert pragma(path, "journal_mode") == "wal"


def test_settings_of_a_connection(store):
    connection = store._connection
    values = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("synchronous", "foreign_keys", "trusted_schema", "busy_timeout")
    }
    assert values == {
        "synchronous": 1,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": 2000,
    }


def test_a_file_system_without_wal_is_used_all_the_same(tmp_path):
    """Network file systems answer something else than ``wal``; the dot-file VFS does, too."""
    address = f"file:{tmp_path}/h.db?vfs=unix-dotfile"
    connection = sqlite3.connect(address, uri=True, isolation_level=None)
    assert not configure(connection, write=True)
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert steps.apply(connection, tmp_path / "h.db", steps.scripts())[0] == 0
    connection.close()


@pytest.mark.parametrize("content", [b"not a database, just words\n" * 100, b"\0" * 5000])
def test_what_is_no_database_is_put_aside(tmp_path, build, content):
    path = tmp_path / "history.db"
    path.write_bytes(content)
    with SqliteStore(path) as store:
        (note,) = store.notes
        assert ".broken-" in note
        store.begin(build.run())
    (kept,) = (p for p in tmp_path.glob("history.db.broken-*Z") if p.is_file())
    assert kept.read_bytes() == content
    with SqliteStore(path) as store:
        assert store.notes == ()
        assert len(store.runs()) == 1


def test_an_empty_file_is_a_new_store(tmp_path):
    path = tmp_path / "history.db"
    path.touch()
    with SqliteStore(path) as store:
        assert store.notes == ()


def test_a_reader_puts_nothing_aside(tmp_path):
    path = tmp_path / "history.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(EnvironmentFault, match="damaged"):
        open_store(path, write=False)
    assert [p.name for p in tmp_path.iterdir()] == ["history.db"]


def test_damage_found_while_writing_is_put_aside_and_nothing_is_lost(tmp_path, build):
    path = tmp_path / "history.db"
    case = build.package("m/a", *(build.case(f"Test{n}") for n in range(2000)))
    with SqliteStore(path) as store:
        store.add(build.run(1), build.phase(case))
    connection = sqlite3.connect(path)
    select = "SELECT rootpage FROM sqlite_schema WHERE name = 'results'"
    at = 4096 * (connection.execute(select).fetchone()[0] - 1)
    connection.close()
    data = bytearray(path.read_bytes())
    data[at : at + 4096] = b"\xff" * 4096
    path.write_bytes(bytes(data))
    with SqliteStore(path) as store:
        assert store.check() is not None
        assert store.add(build.run(2), build.phase(case))
        assert ".broken-" in store.notes[-1]
        assert [int(run.uid, 16) for run in store.runs()] == [2]
        assert store.check() is None


def test_a_foreign_database_is_refused_and_left(tmp_path):
    path = tmp_path / "browser.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    for write in (True, False):
        with pytest.raises(EnvironmentFault, match="another program"):
            open_store(path, write=write)
    assert path.read_bytes() == before


def test_a_newer_store_is_read_but_not_written(tmp_path, build):
    path = tmp_path / "history.db"
    with SqliteStore(path) as store:
        store.finish(build.run(), b"{}")
        store._connection.execute("PRAGMA user_version = 99")
    with pytest.raises(EnvironmentFault, match="schema 99") as caught:
        open_store(path)
    assert "upgrade" in caught.value.fix
    with open_store(path, write=False) as store:
        assert store.runs()[0].verdict is Verdict.GREEN
    connection = sqlite3.connect(path)
    connection.execute("ALTER TABLE runs RENAME COLUMN scope TO extent")
    connection.close()
    with (
        open_store(path, write=False) as store,
        pytest.raises(EnvironmentFault, match="newer gomanager"),
    ):
        store.runs()


def test_an_older_store_is_stepped_with_a_copy_kept(tmp_path, build):
    path = tmp_path / "history.db"
    with SqliteStore(path) as store:
        store.begin(build.run())
    connection = sqlite3.connect(path, isolation_level=None)
    more = (*steps.scripts(), "CREATE TABLE extra (a);", "-- why\nCREATE TABLE more (b TEXT);")
    newest = len(steps.scripts())
    assert steps.apply(connection, path, more) == (newest, newest + 2)
    assert steps.apply(connection, path, more) == (newest + 2, newest + 2)
    assert connection.execute("SELECT count(*) FROM more").fetchone() == (0,)
    connection.close()
    kept = tmp_path / f"history.db.v{newest}"
    assert pragma(kept, "user_version") == newest
    with SqliteStore(kept) as old:
        assert len(old.runs()) == 1


@pytest.mark.parametrize("wal", [False, True])
def test_a_store_that_was_never_finished_reads_as_an_empty_one(tmp_path, wal):
    """A run that is killed at the very beginning leaves a file without tables."""
    path = tmp_path / "history.db"
    connection = sqlite3.connect(path)
    if wal:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    path.touch()
    with SqliteStore(path, write=False) as store:
        assert store.runs() == ()
        assert store.history("TestA") == ()
        assert store.unfinished() == ()
    assert pragma(path, "user_version") == 0


def shape(path: Path) -> dict[str, set[tuple[object, ...]]]:
    """Columns of each table, whatever their order."""
    connection = sqlite3.connect(path)
    try:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        return {
            name: {row[1:] for row in connection.execute(f"PRAGMA table_info({name})")}
            for (name,) in tables.fetchall()
        }
    finally:
        connection.close()


def test_a_store_of_step_1_keeps_its_rows_and_learns_what_is_new(tmp_path, build):
    """The file as the first release wrote it: rows without resources stay, and are unknown."""
    path = tmp_path / "history.db"
    connection = sqlite3.connect(path, isolation_level=None)
    assert steps.apply(connection, path, steps.scripts()[:1]) == (0, 1)
    old = (
        "INSERT INTO runs (uid, dirty, side, tool, scope, started_ms) VALUES (x'0a', 0, 0, '', 'all', 1)",
        "INSERT INTO phases (name) VALUES ('unit-race')",
        f"INSERT INTO variants (key) VALUES ('{build.variant.key}')",
        f"INSERT INTO packages (module, path) VALUES ('{build.module}', 'm/a')",
        "INSERT INTO phase_results VALUES"
        + " (1, 1, 1, 1, 0, 1, '', 0, NULL, 1, 50, 0, 0, '', '', 1, 0, 1, 1, 0, 0, 0, 0, 0, 0)",
        "INSERT INTO package_results VALUES (1, 1, 1, 0, 0, 1, 50, NULL, 1, 0, 0, 0, NULL)",
    )
    for statement in old:
        connection.execute(statement)
    connection.close()
    key = PackageKey(build.module, "m/a")
    with SqliteStore(path, write=False) as store:  # who only reads leaves the file as it is
        assert [phase.duration_ms for phase in store.runs()[0].phases] == [50]
        assert store.resources(build.phase(), {key: 1}) == {}
    assert pragma(path, "user_version") == 1
    with SqliteStore(path) as store:
        assert f"from schema 1 to {len(steps.scripts())}" in store.notes[0]
        assert [phase.duration_ms for phase in store.runs()[0].phases] == [50]
        assert store.times().packages["unit-race", key].ms == 50
        assert store.resources(build.phase(), {key: 1}) == {}
        package = build.package("m/a", build.case("TestA"), cpu_ms=7, peak_bytes=9)
        assert store.add(build.run(2), build.phase(package))
        assert store.resources(build.phase(), {key: 1})[key].cpu_ms.n == 1
        assert store.verify() == ()
    assert pragma(tmp_path / "history.db.v1", "user_version") == 1
    with SqliteStore(tmp_path / "fresh.db"):
        pass
    assert shape(path) == shape(tmp_path / "fresh.db")


def test_a_step_happens_whole_or_not_at_all(tmp_path):
    connection = sqlite3.connect(tmp_path / "h.db", isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        steps.apply(connection, tmp_path / "h.db", ["CREATE TABLE a (x);\nCREATE TABLE a (x);"])
    assert connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
    connection.close()


def test_statements_are_split_as_sqlite_reads_them():
    script = (
        "-- a; b\nCREATE TABLE t (\n  x TEXT DEFAULT ';', -- ;\n  y\n);\nCREATE INDEX i ON t (x);"
    )
    assert len(list(steps.statements(script))) == 2
    for number, text in enumerate(steps.scripts(), 1):
        assert f"  {number}  " in text, "the history of the format names each step"
        assert "".join(text.split()) == "".join("\n".join(steps.statements(text)).split())


def test_a_locked_store_is_a_fault_of_the_environment(tmp_path, build):
    path = tmp_path / "history.db"
    with SqliteStore(path, busy_ms=50) as store, SqliteStore(path, busy_ms=50) as other:
        other._connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(EnvironmentFault, match="locked by another process"):
            store.begin(build.run())
        assert store.runs() == ()  # readers never wait
        other._connection.execute("ROLLBACK")
        store.begin(build.run())
        assert len(other.runs()) == 1


def test_places_that_cannot_hold_a_store(tmp_path):
    (tmp_path / "file").touch()
    for path, words in (
        (tmp_path / "file" / "history.db", "cannot be used"),
        (tmp_path, "a folder, not a file"),
        (Path("/proc/nothing/history.db"), "cannot be used"),
        (tmp_path / ("x" * 300), "cannot be used"),
    ):
        with pytest.raises(EnvironmentFault, match=words) as caught:
            open_store(path)
        assert caught.value.exit_code == 3
        assert caught.value.where


def test_reading_what_is_not_there(tmp_path):
    with pytest.raises(EnvironmentFault, match="no history yet") as caught:
        open_store(tmp_path / "none" / "history.db", write=False)
    assert "gomanager run" in caught.value.fix
    assert list(tmp_path.iterdir()) == []


def test_a_fault_in_the_middle_stores_nothing(store, build):
    phase = build.phase(build.package("m/a", build.case("TestA")))
    store._connection.execute("DROP TABLE case_stats")
    with pytest.raises(sqlite3.OperationalError):
        store.add(build.run(), phase)
    assert store.runs() == ()


def place(**given):
    values = {"key": "k" * 16, "environ": {}, "cwd": Path("/w/sub"), "root": Path("/w")}
    return locate(**(values | given))


def test_option_beats_environment_beats_configuration():
    environ = {"GOMANAGER_STORE": "env.db"}
    assert place(option="a.db", environ=environ, configured="c.db") == Path("/w/sub/a.db")
    assert place(environ=environ, configured="c.db") == Path("/w/sub/env.db")
    assert place(configured="c.db") == Path("/w/c.db")
    assert place(option="/abs/x.db") == Path("/abs/x.db")


def test_the_default_lies_in_the_users_data_folder():
    assert place().parts[-3:] == ("gomanager", "k" * 16, "history.db")
    assert place(environ={"GOMANAGER_STORE": ""}) == place()


def test_a_folder_means_the_file_in_it(tmp_path):
    assert place(option=str(tmp_path)) == tmp_path / "history.db"
    assert place(option="new/") == Path("/w/sub/new/history.db")


@pytest.mark.parametrize("given", ["postgresql://u:secret@h/db", "a\0b", "~nosuchuser/x"])
def test_what_is_no_path_is_a_usage_error(given):
    with pytest.raises(UsageError) as caught:
        place(option=given)
    assert "secret" not in f"{caught.value.what} {caught.value.where} {caught.value.fix}"
