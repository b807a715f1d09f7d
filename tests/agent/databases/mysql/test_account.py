"""The server and the app's account, with a server that answers from a list."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from flaskwright.agent.common.place import Place
from flaskwright.agent.databases.mysql import account
from flaskwright.agent.databases.mysql import client as mysql_client
from flaskwright.agent.databases.mysql import server as mysql_server
from flaskwright.agent.databases.mysql.account import HOSTS, RIGHTS, native
from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.engine.output import Output
from flaskwright.agent.engine.run import Run
from flaskwright.agent.system import ports

from ...support import AnsweredRun, Operator, fields, result

PASSWORD = 'it\'s a \\ "secret"'
UNIX = "Num RefCount Protocol Flags Type St Inode Path\n0: 2 0 {} 0001 01 1 {}\n"


class Server:
    """What it was told, and what it answers: rows of the questions."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.rows: list[list[str]] = [["server", "10.11.19-MariaDB"]]
        self.status = 0
        self.argv: list[str] = []

    def __call__(self, argv: list[str], **how: Any) -> Output:
        self.argv += argv
        self.told.append(how["input"].decode())
        out = "" if "IDENTIFIED" in self.told[-1] else "\n".join(map("\t".join, self.rows))
        said = "ERROR 1064 (42000) at line 2: near 'PASSWORD hunter2'" if self.status else ""
        return Output("mysql", self.status, out, said, [said])

    def has(
        self, password: str, rights: tuple[str, ...] = RIGHTS, place: str = "my\\\\_app"
    ) -> None:
        self.rows.append(["database", "my_app"])
        for host in HOSTS:
            self.rows.append(["account", host, account.NATIVE, native(password)])
            grantee = f"'my_app'@'{host}'"
            self.rows += [["right", grantee, place, right] for right in rights]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr(account, "is_running", lambda: True)
    return server


@pytest.fixture
def run(operator: Operator, tmp_path: Path, server: Server) -> AnsweredRun:
    operator.say(PASSWORD.encode())
    made = AnsweredRun(operator.wire, "apply", Place("my-app", state=str(tmp_path)))
    made.answers = server
    return made


ACCOUNT = fields("mysql-account", "my_app/my_app", database="my_app", user="my_app")


def ours(run: Run) -> None:
    note = {"database": "my_app", "user": "my_app"}
    Path(run.place.state, account.NOTE).write_text(json.dumps(note))


def test_an_account_is_made_with_the_password_s_hash_alone(run: Run, server: Server) -> None:
    failed = result(run, ACCOUNT)  # nothing has changed on this server

    assert failed["what"].startswith("mysql-account:my_app/my_app still differs")
    made = server.told[1]
    assert "CREATE DATABASE IF NOT EXISTS `my_app`" in made
    assert f"ALTER USER 'my_app'@'localhost' IDENTIFIED VIA {account.NATIVE}" in made
    assert "ON `my\\_app`.* TO 'my_app'@'127.0.0.1'" in made
    assert native(PASSWORD) in made
    assert not {"FILE", "SUPER", "ALL", "GRANT OPTION", "EVENT"} & set(RIGHTS)
    assert PASSWORD not in made + json.dumps(failed) + " ".join(server.argv)
    note = Path(run.place.state, account.NOTE)
    assert (json.loads(note.read_text())["user"], note.stat().st_mode & 0o777) == ("my_app", 0o600)


def test_a_password_that_cannot_be_compared_is_tried(
    run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.has(PASSWORD)
    for row in server.rows:
        if row[0] == "account":
            row[2:] = ["caching_sha2_password", "$A$005$\x0b\x1c\x85salt"]
    tried: list[str] = []

    def logs_in(run: Run, user: str, password: str) -> bool:
        tried.append(password)
        return True

    monkeypatch.setattr(account, "logs_in", logs_in)
    assert result(run, ACCOUNT) == {"state": "ok"}
    assert set(tried) == {PASSWORD}


def test_one_that_is_as_it_should_be_is_left_alone(run: Run, server: Server) -> None:
    server.has(PASSWORD)
    assert result(run, ACCOUNT) == {"state": "ok"}
    assert len(server.told) == 1


@pytest.mark.parametrize(
    ("password", "rights", "place", "why"),
    [
        ("another", RIGHTS, "my\\\\_app", "it has another password than the keyring"),
        (PASSWORD, ("SELECT",), "*", "it has rights beyond the database my_app"),
        (PASSWORD, RIGHTS, "my_app", "it has rights beyond the database my_app"),
    ],
)
def test_somebody_else_s_user_is_refused(
    run: Run, server: Server, password: str, rights: tuple[str, ...], place: str, why: str
) -> None:
    server.has(password, rights, place)
    failed = result(run, ACCOUNT)
    assert (failed["what"], failed["why"]) == (
        "the MySQL user my_app exists and was not made by Flaskwright",
        why,
    )
    assert len(server.told) == 1


def test_ours_gets_a_new_password_and_keeps_its_rights(run: Run, server: Server) -> None:
    ours(run)
    server.has("another")
    result(run, ACCOUNT)
    assert "IDENTIFIED" in server.told[1]
    assert "GRANT" not in server.told[1]


def test_the_password_from_before_is_taken_until_the_release_that_has_it_has_gone(
    run: Run, server: Server
) -> None:
    ours(run)
    server.has("before")
    result(run, ACCOUNT)
    way = f"{account.NATIVE} USING '{native(PASSWORD)}' OR {account.NATIVE}"
    assert f"VIA {way} USING '{native('before')}'" in server.told[1]
    server.rows.clear()
    server.rows += [["account", host, account.NATIVE, native(PASSWORD), "1"] for host in HOSTS]
    run.about.both_passwords, run.detached = True, True
    settled = fields("mysql-settled", "my_app", user="my_app")
    assert result(run, settled)["what"].endswith("still differs: passwords")  # by this server
    assert f"USING '{native(PASSWORD)}';" in server.told[-2]
    assert "OR" not in server.told[-2]
    server.rows = [[*row[:4], "0"] for row in server.rows]
    assert result(run, settled) == {"state": "ok"}


def test_one_password_is_known_without_asking(run: Run, server: Server) -> None:
    assert result(run, fields("mysql-settled", "my_app", user="my_app")) == {"state": "ok"}
    assert server.told == []


def test_rights_of_ours_that_are_too_many_are_taken(run: Run, server: Server) -> None:
    ours(run)
    server.has(PASSWORD, (*RIGHTS, "EVENT"))
    result(run, ACCOUNT)
    assert "REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'my_app'@'localhost'" in server.told[1]
    assert "IDENTIFIED" not in server.told[1]


def test_an_error_of_the_server_is_told_by_its_number(run: Run, server: Server) -> None:
    server.status = 1
    failed = result(run, ACCOUNT)
    assert (failed["what"], failed["why"]) == ("MySQL refused", "error 1064 (42000)")
    assert "hunter2" not in json.dumps(failed)


def test_without_a_password_nothing_is_made(operator: Operator, server: Server) -> None:
    run, dry_run = AnsweredRun(operator.wire), AnsweredRun(operator.wire, "check")
    run.answers = dry_run.answers = server
    operator.say(b"")
    failed = result(run, ACCOUNT)
    assert failed["what"] == "there is no password for the MySQL user my_app"
    operator.say(b"")
    dry = result(dry_run, ACCOUNT)
    assert (dry["state"], dry["diff"][0]) == ("would change", "make the database my_app")


def test_text_and_names_are_quoted() -> None:
    assert mysql_client.literal("a'b\\c\n") == "'a\\'b\\\\c\\n'"
    assert mysql_client.pattern("a_b") == "`a\\_b`"
    for name in ("a`b", "", "a b", "1", "-a"):
        with pytest.raises(Failed):
            mysql_client.identifier(name)
    assert native("secret") == "*14E65567ABDB5135D0CFD9A70B3032C179A49EE7"  # SELECT PASSWORD()
    text = mysql_client.option_file("me", 'a"\\#\n;')
    assert b'password="a\\"\\\\#\\n;"\n' in text


@pytest.mark.parametrize(
    ("text", "package"),
    [
        ("ID=ubuntu\nID_LIKE=debian\n", "mysql-server"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "mysql-server"),
        ("ID=debian\nUBUNTU_CODENAME=x\n", "mariadb-server"),
        ("", "mariadb-server"),
    ],
)
def test_each_distribution_has_its_own(
    text: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "os-release"
    path.write_text(text)
    monkeypatch.setattr(mysql_server, "RELEASE", str(path))
    assert mysql_server.package() == package


@pytest.mark.parametrize(
    ("flags", "path", "runs"),
    [
        ("00010000", "mysqld.sock", True),
        ("00000000", "mysqld.sock", False),  # somebody's connection
        ("00010000", "other.sock", False),
        ("00010000", "@\n\nx\n0: 2 0 00010000 \ud8ff.sock", False),  # somebody's odd name
    ],
)
def test_a_server_runs_when_its_socket_listens(
    flags: str, path: str, runs: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "unix"
    said = UNIX.format(flags, tmp_path / path)
    table.write_bytes(said.encode("utf-8", "surrogatepass"))
    monkeypatch.setattr(mysql_server, "SOCKETS", str(table))
    monkeypatch.setattr(mysql_server, "SOCKET", str(tmp_path / "mysqld.sock"))
    assert mysql_server.is_running() is False  # a name alone is anybody's
    (tmp_path / "mysqld.sock").touch()
    assert mysql_server.is_running() is runs


def test_a_server_that_other_machines_reach_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = tmp_path / "mariadbd"
    server.symlink_to(sys.executable)
    monkeypatch.setattr(mysql_server, "program", lambda names: str(server))
    wants = tmp_path / "mariadb.service"
    wants.touch()
    monkeypatch.setattr(mysql_server, "WANTS", str(tmp_path))
    monkeypatch.setattr(mysql_server, "is_running", lambda: True)
    monkeypatch.setattr(ports, "reachable", lambda: {"1"})
    monkeypatch.setattr(ports, "holders", lambda sockets, only: iter([]))
    assert result(run, fields("mysql-server"))["state"] == "ok"
    monkeypatch.setattr(ports, "holders", lambda sockets, only: iter([(only, os.getpid())]))
    failed = result(run, fields("mysql-server"))
    assert failed["what"] == "mariadbd listens to other machines"
    assert "bind-address = 127.0.0.1" in failed["next"]
    server.unlink()
    server.touch()  # somebody's program that only calls itself so
    assert result(run, fields("mysql-server"))["state"] == "ok"


def test_sockets_that_other_machines_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = [
        *("0100007F", "0200007F", "0" * 24 + "01000000", "0" * 16 + "FFFF00000100007F"),
        *("00000000", "0" * 32, "0101A8C0", "0" * 16 + "FFFF000007000001"),
    ]
    rows = [f"{n}: {a}:0CEA 0:0 0A 0 0 0 0 0 {n}" for n, a in enumerate(addresses)]
    table = tmp_path / "tcp"
    table.write_text("\n".join(["head", *rows, "9: 00000000:0CEA 0:0 01 0 0 0 0 0 9"]))
    monkeypatch.setattr(ports, "TABLES", (str(table),))
    assert ports.reachable() == {"4", "5", "6", "7"}
