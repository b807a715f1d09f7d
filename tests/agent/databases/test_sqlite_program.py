"""SQLite databases copied, compared and put back, in both journal modes."""

import os
import sqlite3
from contextlib import closing

import pytest

from flaskwright.agent.databases import sqlite_program

MODES = ("delete", "wal")


@pytest.fixture(params=MODES)
def place(request, tmp_path):
    """A directory with two databases, one of them in a mode, a link to another, and other files."""
    root, backup, elsewhere = (tmp_path / name for name in ("shared", "backup", "elsewhere"))
    for path in (root / "deep", backup, elsewhere):
        path.mkdir(parents=True)
    make(root / "a.db", request.param)
    make(root / "deep" / "b.sqlite", "delete")
    make(elsewhere / "c.db", "delete")
    (root / "link.db").symlink_to(elsewhere / "c.db")
    (root / "directory").symlink_to(elsewhere)
    (root / "text").write_text("SQLite")
    (root / "empty").touch()
    os.mkfifo(root / "pipe")
    return root, backup


def make(path, mode):
    execute(path, f"PRAGMA journal_mode={mode}", "CREATE TABLE t (x)", "INSERT INTO t VALUES (1)")


def execute(path, *statements):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        return [db.execute(statement).fetchall() for statement in statements][-1]


def test_links_are_not_followed_and_other_files_are_none(place):
    assert sqlite_program.find(str(place[0])) == ["a.db", "deep/b.sqlite"]


def test_a_copy_is_the_same_until_something_is_written(place):
    root, backup = map(str, place)
    (place[0] / "a.db").chmod(0o640)

    assert sorted(sqlite_program.backup(root, backup)) == ["a.db", "deep/b.sqlite"]

    assert os.stat(place[1] / "files" / "a.db").st_mode & 0o777 == 0o640
    assert sqlite_program.compare(root, backup) == {"changed": [], "gone": [], "made": []}
    execute(place[0] / "a.db", "UPDATE t SET x = 2")
    (place[0] / "deep" / "b.sqlite").unlink()
    make(place[0] / "new.db", "wal")
    changes = {"changed": ["a.db"], "gone": ["deep/b.sqlite"], "made": ["new.db"]}
    assert sqlite_program.compare(root, backup) == changes
    assert sorted(os.listdir(backup)) == ["files"]


def test_what_is_in_the_wal_counts(place):
    root, backup = map(str, place)
    with closing(sqlite3.connect(place[0] / "a.db", isolation_level=None)) as db:
        db.execute("INSERT INTO t VALUES (2)")
        sqlite_program.backup(root, backup)
        assert sqlite_program.compare(root, backup)["changed"] == []
        db.execute("INSERT INTO t VALUES (3)")
        assert sqlite_program.compare(root, backup)["changed"] == ["a.db"]


@pytest.mark.parametrize("size", [10, 200_000])  # the larger one is written before the rollback
def test_what_is_rolled_back_is_no_change(place, size):
    root, backup = map(str, place)
    path = place[0] / "a.db"
    execute(path, *["INSERT INTO t VALUES (zeroblob(3000000))", "DELETE FROM t WHERE x != 1"])
    sqlite_program.backup(root, backup)

    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in ("PRAGMA cache_size=10", "BEGIN", "CREATE TABLE u (y)"):
            db.execute(statement)
        db.executemany("INSERT INTO u VALUES (randomblob(?))", [(size,)] * 10)
        db.execute("ROLLBACK")

    assert sqlite_program.compare(root, backup)["changed"] == []


def test_a_write_that_restores_every_row_but_one_is_a_change(place):
    root, backup = map(str, place)
    sqlite_program.backup(root, backup)
    execute(place[0] / "a.db", "CREATE TABLE u (y)")
    assert sqlite_program.compare(root, backup)["changed"] == ["a.db"]


def test_put_back_while_somebody_has_it_open(place):
    root, backup = map(str, place)
    sqlite_program.backup(root, backup)
    with closing(sqlite3.connect(place[0] / "a.db", isolation_level=None)) as db:
        db.execute("CREATE TABLE u (y)")
        (place[0] / "deep" / "b.sqlite").unlink()
        make(place[0] / "new.db", "wal")

        left = sqlite_program.restore(root, backup, ["a.db", "deep/b.sqlite"], ["new.db"])

        assert left == {"changed": [], "gone": [], "made": []}
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("t",)]
    assert execute(place[0] / "deep" / "b.sqlite", "SELECT x FROM t") == [(1,)]
    assert (place[1] / "made" / "new.db").exists()


def test_a_lock_is_not_waited_for_without_end(place, monkeypatch):
    root, backup = map(str, place)
    sqlite_program.backup(root, backup)
    monkeypatch.setattr(sqlite_program, "PATIENCE", 0.1)
    with closing(sqlite3.connect(place[0] / "deep" / "b.sqlite", isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        with pytest.raises((TimeoutError, sqlite3.OperationalError)):
            sqlite_program.compare(root, backup)
