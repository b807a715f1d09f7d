"""A secret belongs to the address that it was set for: names are free for every file to take."""

from __future__ import annotations

import json
import pty
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordSetError

from flaskwright.errors import UsageError
from flaskwright.inventory import Host, load
from flaskwright.report import secret_consent
from flaskwright.secrets.addresses import NotAllowed, forget_refusals
from flaskwright.secrets.entries import Entries
from flaskwright.secrets.operator_passwords import git_token, sudo_password
from flaskwright.secrets.redactor import redact
from tests.hosts_file import TEXT, host_in

APP = 'secrets = ["MYSQL_AUTH/password"]'
OLD = "flaskwright/pi/blog/MYSQL_AUTH"
NEW = "flaskwright/ssh://192.0.2.7/blog/MYSQL_AUTH"
ALL = "flaskwright/blog/MYSQL_AUTH"
GIT = "flaskwright/git.example.org"
VALUE = "correct horse"


class Drawer(KeyringBackend):
    """A keyring in a file, as one without a desktop has it."""

    priority = 1

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.read_only = self.forgets = False

    @property
    def entries(self) -> dict[str, str]:
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def get_password(self, service, username):
        return self.entries.get(f"{service} {username}")

    def set_password(self, service, username, password):
        if self.read_only:
            raise PasswordSetError("read only")
        if not self.forgets:
            self.path.write_text(json.dumps({**self.entries, f"{service} {username}": password}))

    def delete_password(self, service, username):
        kept = self.entries
        del kept[f"{service} {username}"]
        self.path.write_text(json.dumps(kept))


@pytest.fixture
def drawer(tmp_path: Path) -> Drawer:
    made = Drawer(tmp_path / "keyring.json")
    keyring.set_keyring(made)
    return made


def password(host: Host) -> str | None:
    return Entries(host).get("MYSQL_AUTH", "password")


def refusal(host: Host) -> NotAllowed:
    with pytest.raises(NotAllowed) as caught:
        password(host)
    assert caught.value.exit_code == 64
    assert VALUE not in f"{caught.value.what}{caught.value.why}{caught.value.next}"
    return caught.value


def test_what_was_kept_under_the_name_is_moved_once_that_was_said(tmp_path, drawer):
    host = host_in(tmp_path, app=APP)
    drawer.set_password(OLD, "password", VALUE)
    drawer.set_password("flaskwright/pi/blog/MAIL", "word", "another one")
    drawer.set_password("flaskwright/pi", "sudo", "open sesame")

    refused = refusal(host)
    assert f"password of {OLD}: is it for ssh://192.0.2.7?" in refused.what
    assert refused.next == "./fab -H pi secrets.allow"
    assert len(drawer.entries) == 3

    refused.wish.answer(yes=True)
    assert password(host) == VALUE
    assert sudo_password(host).read() == "open sesame"
    assert drawer.entries == {
        f"{NEW} password": VALUE,
        "flaskwright/ssh://192.0.2.7 sudo": "open sesame",
        "flaskwright/pi/blog/MAIL word": "another one",
    }
    assert Entries(host).get("MAIL", "word") == "another one"


def test_a_name_that_another_file_takes_gets_nothing(tmp_path, drawer):
    host = host_in(tmp_path, app=APP)
    Entries(host).set("MYSQL_AUTH", "password", VALUE)
    drawer.set_password("flaskwright/ssh://192.0.2.7", "sudo", "open sesame")

    (tmp_path / "clone").mkdir()
    path = tmp_path / "clone" / "hosts.toml"
    path.write_text(
        TEXT.format(app=APP, host="", guide="ubuntu").replace("192.0.2.7", "evil.example.org")
    )
    evil = load(path).hosts["pi"]
    for read in (lambda: password(evil), sudo_password(evil).read):
        with pytest.raises(NotAllowed, match=r"is it for ssh://evil\.example\.org\?") as caught:
            read()
    caught.value.wish.answer(yes=False)
    assert password(evil) is None
    assert sudo_password(evil).read() == ""
    assert sudo_password(replace(evil, name="other")).read() == ""


@pytest.mark.parametrize(
    "keys", [{"user": "eve"}, {"port": 2222}, {"address": "PI.local"}, {"address": "fe80::1"}]
)
def test_each_login_is_another_address(tmp_path, drawer, keys):
    host = host_in(tmp_path, app=APP)
    Entries(host).set("MYSQL_AUTH", "password", VALUE)

    assert "is it for" in refusal(replace(host, **keys)).what


@pytest.mark.parametrize(
    ("keys", "login"),
    [
        ({}, "ssh://192.0.2.7"),
        ({"port": 22}, "ssh://192.0.2.7"),
        ({"user": "pi", "port": 2222}, "ssh://pi@192.0.2.7:2222"),
        ({"address": "Pi.Local"}, "ssh://pi.local"),
        ({"address": "2001:DB8::7", "port": 2222}, "ssh://[2001:db8::7]:2222"),
    ],
)
def test_an_address_is_spelled_in_one_way(tmp_path, keys, login):
    assert replace(host_in(tmp_path), **keys).login == login


def test_a_new_address_is_asked_about_once_and_keeps_the_old_one_s(tmp_path, drawer):
    host = host_in(tmp_path, app=APP)
    Entries(host).set("MYSQL_AUTH", "password", VALUE)
    moved = replace(host, address="192.0.2.8")

    refusal(moved).wish.answer(yes=True)
    assert password(moved) == password(host) == VALUE
    assert len(drawer.entries) == 2


def test_a_sandbox_is_known_by_its_hosts_toml(tmp_path, drawer):
    text = TEXT.format(app=APP, host="", guide="ubuntu")
    text = text.replace('address = "192.0.2.7"', "sandbox = {}")
    hosts = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "hosts.toml").write_text(text)
        hosts.append(load(tmp_path / name / "hosts.toml").hosts["pi"])
    Entries(hosts[0]).set("MYSQL_AUTH", "password", VALUE)

    login = f"sandbox:{tmp_path}/one/hosts.toml:pi"
    assert list(drawer.entries) == [f"flaskwright/{login}/blog/MYSQL_AUTH password"]
    booted = replace(hosts[0], address="198.18.3.2", user="pi", port=22)
    assert password(booted) == VALUE
    assert login in refusal(hosts[1]).what


def test_a_value_for_all_hosts_goes_to_new_ones_once_that_was_said(tmp_path, drawer):
    host = host_in(tmp_path, app=APP)
    drawer.set_password(ALL, "password", VALUE)  # of an earlier version

    refused = refusal(host)
    assert "for every host of blog: may ssh://192.0.2.7 have it?" in refused.what
    refused.wish.answer(yes=True)
    assert password(host) == VALUE
    assert list(drawer.entries) == [f"{ALL} password"]
    assert "ssh://192.0.2.8" in refusal(replace(host, address="192.0.2.8")).what

    Entries(replace(host, address="192.0.2.9")).set("A", "b", "for all", everywhere=True)
    assert password(replace(host, address="192.0.2.9")) == VALUE


def test_a_host_called_like_an_app_does_not_get_what_the_app_has(tmp_path, drawer):
    text = TEXT.format(app=APP, host="", guide="ubuntu").replace("hosts.pi", "hosts.blog")
    (tmp_path / "hosts.toml").write_text(text)
    host = load(tmp_path / "hosts.toml").hosts["blog"]
    drawer.set_password("flaskwright/blog/blog/MYSQL_AUTH", "password", "of the name")
    drawer.set_password("flaskwright/blog/A", "b", VALUE)

    refusal(host).wish.answer(yes=True)
    assert password(host) == "of the name"
    with pytest.raises(NotAllowed):
        Entries(host).get("A", "b")


def test_a_token_is_for_the_hosts_that_may_have_it(tmp_path, drawer):
    host = host_in(tmp_path)
    drawer.set_password(GIT, "git", "glpat-1234")
    token = git_token(host, "git.example.org")

    with pytest.raises(NotAllowed, match=r"may ssh://192\.0\.2\.7 have it") as caught:
        token.read()
    caught.value.wish.answer(yes=True)
    assert token.read() == "glpat-1234"
    with pytest.raises(NotAllowed):
        git_token(replace(host, user="eve"), "git.example.org").read()
    assert git_token(host, "other.example.org").read() == ""


def test_a_keyring_that_is_read_only_is_read_on(tmp_path, drawer):
    host = host_in(tmp_path, app=APP)
    drawer.set_password(OLD, "password", VALUE)
    drawer.read_only = True
    refusal(host).wish.answer(yes=True)

    assert password(host) == VALUE
    assert list(drawer.entries) == [f"{OLD} password"]


def test_an_entry_is_not_lost_by_a_keyring_that_keeps_nothing(tmp_path, drawer):
    host = host_in(tmp_path, app=APP)
    drawer.set_password(OLD, "password", VALUE)
    drawer.forgets = True
    refusal(host).wish.answer(yes=True)

    assert password(host) == VALUE
    assert list(drawer.entries) == [f"{OLD} password"]


def test_what_may_not_be_had_is_hidden_all_the_same(tmp_path, drawer):
    drawer.set_password(OLD, "password", VALUE)
    Entries(host_in(tmp_path, app=APP)).hide()

    assert VALUE not in redact(f"it is {VALUE}")


def test_removing_takes_what_is_under_the_name_too(tmp_path, drawer):
    host = host_in(tmp_path, app=APP)
    drawer.set_password(OLD, "password", VALUE)
    with pytest.raises(NotAllowed) as caught:
        Entries(host).remove("MYSQL_AUTH", "password")
    caught.value.wish.answer(yes=True)

    assert Entries(host).remove("MYSQL_AUTH", "password")
    assert drawer.entries == {}


@pytest.fixture
def typed(monkeypatch):
    """Answer at a terminal; gives what to type."""
    ours, theirs = pty.openpty()
    monkeypatch.setattr("sys.stdin", open(theirs, closefd=False))  # noqa: SIM115

    def type_(answer: str) -> None:
        import os

        os.write(ours, f"{answer}\n".encode())

    return type_


def test_at_a_terminal_it_is_asked_once(tmp_path, drawer, typed, capsys):
    host = host_in(tmp_path, app=APP)
    drawer.set_password(OLD, "password", VALUE)

    typed("yes")
    assert secret_consent.given(lambda: password(host)) == VALUE
    assert secret_consent.given(lambda: password(host)) == VALUE
    assert list(drawer.entries) == [f"{NEW} password"]


def test_an_answer_that_is_neither_does_nothing(tmp_path, drawer, typed):
    host = host_in(tmp_path, app=APP)
    drawer.set_password(OLD, "password", VALUE)

    typed("y")
    with pytest.raises(UsageError, match="neither yes nor no"):
        secret_consent.given(lambda: password(host))
    typed("no")
    assert secret_consent.given(lambda: password(host)) is None
    assert secret_consent.given(lambda: password(host)) is None
    forget_refusals(host.login)
    refusal(host)
