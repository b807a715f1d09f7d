"""What an app with a MySQL database reads, and who puts it into the keyring."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flaskwright.errors import UsageError
from flaskwright.inventory import Host
from flaskwright.plan import plan
from flaskwright.secrets.entries import Entries
from flaskwright.workstation import mysql
from tasks import backups, daily
from tasks import mysql as tasks
from tests.hosts_file import host_in

SOURCE = 'keyring = {{ file = "keys.json" }}\nmysql = {{ {} }}'


def host(directory: Path, table: str | None = "", app: str = "") -> Host:
    more = "" if table is None else SOURCE.format(table)
    return host_in(directory, app=app, host=more, guide="ubuntu")


def kept(directory: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((directory / "keys.json").read_text())["MYSQL_AUTH"]
    return found


def test_the_app_reads_three_entries_that_nobody_has_to_name(tmp_path: Path) -> None:
    app = host(tmp_path, app='secrets = ["MYSQL_AUTH/user", "A/b"]').declared_app
    assert app.secrets == ("A/b", "MYSQL_AUTH/password")
    assert app.plain == ("MYSQL_AUTH/host", "MYSQL_AUTH/user")
    assert host(tmp_path, None).declared_app.entries == {}


def test_names_come_from_the_app_unless_they_are_given(tmp_path: Path) -> None:
    assert mysql.names(host(tmp_path)) == mysql.Names("blog", "blog", "localhost", "MYSQL_AUTH")
    given = 'database = "d", user = "u", host = "127.0.0.1", service = "S"'
    assert mysql.names(host(tmp_path, given)) == mysql.Names("d", "u", "127.0.0.1", "S")
    with pytest.raises(UsageError, match="has no MySQL database"):
        mysql.names(host(tmp_path, None))


def test_what_is_missing_is_made_once(tmp_path: Path) -> None:
    here = host(tmp_path)
    mysql.provide(here, Entries(here), rehearse=False)
    first = kept(tmp_path)
    assert (first["user"], first["host"]) == ("blog", "localhost")
    assert len(first["password"]) >= 32
    mysql.provide(here, Entries(here), rehearse=False)
    assert kept(tmp_path) == first
    assert mysql.password(here, Entries(here)).decode() == first["password"]


def test_a_rehearsal_keeps_nothing_and_goes_on(tmp_path: Path) -> None:
    here, entries = host(tmp_path), Entries(host(tmp_path))
    mysql.provide(here, entries, rehearse=True)
    entries.must_be_whole()
    assert not (tmp_path / "keys.json").exists()
    assert mysql.password(here, Entries(here)) == b""


def test_another_user_in_the_keyring_is_asked_about(tmp_path: Path) -> None:
    here = host(tmp_path)
    Entries(here).set("MYSQL_AUTH", "user", "somebody")
    with pytest.raises(UsageError, match="MYSQL_AUTH user is somebody") as caught:
        mysql.provide(here, Entries(here), rehearse=False)
    assert "secrets.set MYSQL_AUTH user" in caught.value.next
    assert kept(tmp_path) == {"user": "somebody"}


def test_no_plan_holds_the_password(tmp_path: Path) -> None:
    here = host(tmp_path)
    mysql.provide(here, Entries(here), rehearse=False)
    payload = json.dumps(plan.make(here, daily.deploy.resources(here)).payload("apply"))
    assert "mysql-account:blog/blog" in payload
    assert kept(tmp_path)["password"] not in payload


def test_what_a_host_without_mysql_is_told(tmp_path: Path) -> None:
    here = host(tmp_path, None)
    assert list(tasks.create.resources(here)) == list(tasks.install.resources(here)) == []
    (restore,) = backups.restore.resources(here, id="x")
    assert restore.resource.kind == "backup-restore"
    with pytest.raises(UsageError, match="has no MySQL database"):
        list(tasks.backup.resources(here))


def test_migrations_and_restores_know_the_database(tmp_path: Path) -> None:
    here = host(tmp_path, app='migrate = "flask db upgrade"')
    kinds = [item.resource.kind for item in daily.deploy.resources(here)]
    assert "mysql-migrated" in kinds
    assert "migrated" not in kinds
    (restore,) = backups.restore.resources(here, id="x")
    assert (restore.resource.kind, restore.resource.database) == ("mysql-backup-restore", "blog")
