"""Migrations of an app with a MySQL database: what a failure leaves, and who decides."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from flaskwright.agent.databases import leftovers
from flaskwright.agent.databases.mysql import database as mysql_database
from flaskwright.agent.databases.mysql import dump as mysql_dump
from flaskwright.agent.databases.mysql.database import MysqlBacking
from flaskwright.agent.databases.writers import Writers
from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.engine.run import Run
from flaskwright.agent.transaction.pending import Pending

from ...app_host import AppHost
from ...support import ME, Operator, fields, result

NEW, OLD = "20261120-110000-bbbbbbb", "20261120-100000-aaaaaaa"
ID = "20261120-110000-000"
NOTE = ["s", "d"]


class Server:
    """A database of objects, with its dump as text, and who is connected."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.objects: mysql_dump.Objects = {"table note": NOTE}
        self.sessions = "0"
        self.breaks = False
        monkeypatch.setattr(mysql_dump, "look", lambda database: dict(self.objects))
        monkeypatch.setattr(mysql_dump, "dump", self.dump)
        monkeypatch.setattr(mysql_dump, "load", self.load)
        monkeypatch.setattr(mysql_database, "rows", lambda run, statement: [[self.sessions]])

    def dump(self, database: str, path: str) -> mysql_dump.Objects:
        Path(path).write_text("x" * 10)
        return dict(self.objects)

    def load(self, path: str, objects: mysql_dump.Objects) -> None:
        if self.breaks:
            raise Failed("MySQL refused", "error 1")
        self.objects = dict(objects)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(monkeypatch)


@pytest.fixture
def host(tmp_path: Path, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> AppHost:
    host = AppHost(tmp_path, operator)
    host.builds(monkeypatch)
    host.has(OLD, NEW)
    return host


@pytest.fixture
def run(host: AppHost) -> Run:
    run = host.run()
    run.about.release, run.transaction = NEW, ID
    Pending(run.place).note(id=ID, app=ME)
    return run


def migrated(host: AppHost, status: int = 0) -> dict[str, Any]:
    argv = [sys.executable, "-c", f"raise SystemExit({status})"]
    more = {"app": ME, "argv": argv, "keep": 5, "database": "notes"}
    return fields("mysql-migrated", **more)


def leaves(monkeypatch: pytest.MonkeyPatch, server: Server, **objects: list[str]) -> None:
    """Have the migration change these objects, by the names of its tables."""
    from flaskwright.agent.databases import migration
    from flaskwright.agent.releases import commands

    run_in = commands.run_in

    def changing(*args: Any) -> None:
        server.objects.update({f"table {name}": value for name, value in objects.items()})
        run_in(*args)

    monkeypatch.setattr(migration, "run_in", changing)


def backing(host: AppHost, run: Run) -> MysqlBacking:
    return MysqlBacking(run, "notes")


def test_a_migration_keeps_the_dump_from_before(
    host: AppHost, run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaves(monkeypatch, server, note=["other", "d"])
    done = result(run, migrated(host))
    assert (done["state"], done["note"]) == ("changed", f"backup {ID} from before")
    backups = backing(host, run)
    assert backups.note(ID)["databases"] == {"mysql:notes": 10}
    assert backups.compare(ID)["changed"] == ["mysql:notes"]
    backups.restore(ID, ["mysql:notes"], [])
    assert server.objects == {"table note": NOTE}
    backups.remove(ID)
    assert os.listdir(backups.place) == []


def test_one_that_changes_nothing_leaves_no_dump(host: AppHost, run: Run, server: Server) -> None:
    assert result(run, migrated(host))["note"] == "changed nothing"
    assert os.listdir(backing(host, run).place) == []


def test_a_failure_that_has_left_nothing_restores_nothing(
    host: AppHost, run: Run, server: Server
) -> None:
    assert result(run, migrated(host, 1))["why"] == leftovers.UNTOUCHED


def test_what_nobody_else_can_have_written_is_taken_back(
    host: AppHost, run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaves(monkeypatch, server, half=NOTE, note=["other", "d"])
    assert result(run, migrated(host, 1))["why"] == leftovers.RESTORED
    assert server.objects == {"table note": NOTE}
    assert not run.about.person


@pytest.mark.parametrize(
    ("running", "sessions", "breaks", "why"),
    [
        (True, "0", False, mysql_database.RUNS),
        (False, "1", False, mysql_database.CONNECTED),
        (False, "0", True, "error 1"),
    ],
)
def test_what_may_be_somebody_s_is_left_to_a_person(
    host: AppHost,
    run: Run,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    running: bool,
    sessions: str,
    breaks: bool,
    why: str,
) -> None:
    server.sessions, server.breaks = sessions, breaks
    monkeypatch.setattr(Writers, "are_there", lambda self: running)
    leaves(monkeypatch, server, half=NOTE, note=["s", "more"])
    failed = result(run, migrated(host, 1))
    assert failed["why"] == leftovers.PERSON % why
    assert "(table half: new; table note: other rows)" in run.about.person
    assert f"./fab backups.restore --id {ID}" in run.about.person
    assert "table half" in server.objects
    assert backing(host, run).ids() == [ID]


@pytest.mark.parametrize(("booting", "told"), [(False, " (table half: new)"), (True, "migration;")])
def test_what_a_killed_migration_has_left(
    host: AppHost, run: Run, server: Server, booting: bool, told: str
) -> None:
    backing(host, run).take(ID, release=OLD, why="")
    server.objects["table half"] = NOTE
    migration = {"release": NEW, "backup": ID, "state": "begun", "mysql": "notes"}
    leftovers.look_at(run, {"migration": migration}, ID, booting)
    assert told in run.about.person


def test_a_killed_migration_that_has_left_nothing(host: AppHost, run: Run, server: Server) -> None:
    backing(host, run).take(ID, release=OLD, why="")
    migration = {"backup": ID, "mysql": "notes"}
    leftovers.look_at(run, {"migration": migration}, ID, False)
    assert not run.about.person


def test_a_backup_from_before_mysql_says_nothing_of_it(
    host: AppHost, run: Run, server: Server
) -> None:
    backups = backing(host, run)
    super(MysqlBacking, backups).take(ID, release=OLD, why="")
    backups.add(ID, databases={"a.db": 1})
    assert backups.differences(ID) == []


def test_a_restore_by_hand_keeps_what_was_there(host: AppHost, run: Run, server: Server) -> None:
    backing(host, run).take(ID, release=OLD, why="mysql.backup")
    server.objects["table note"] = ["s", "more"]
    about = {"database": "notes"}
    done = result(run, fields("mysql-backup-restore", backup=ID, **about))
    assert done["answer"]["restored"] == ["mysql:notes"]
    assert server.objects == {"table note": NOTE}
    fresh = done["answer"]["what was there"].partition(" ")[2]
    assert backing(host, run).note(fresh)["objects"] == {"table note": ["s", "more"]}
    taken = result(run, fields("mysql-backup", **about))
    assert taken["answer"]["databases"] == ["mysql:notes"]
