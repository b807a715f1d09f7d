"""An app's entries, wherever the operator keeps them: found, kept, refused, no value told."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from flaskwright.agent.secrets import store
from flaskwright.errors import Unreachable, UsageError
from flaskwright.inventory import Host, load
from flaskwright.secrets import entries
from flaskwright.secrets.entries import Entries
from flaskwright.secrets.redactor import HIDDEN, Redactor
from tests.hosts_file import host_in

APP = """
secrets = ["MYSQL_AUTH/password"]
plain = ["MYSQL_AUTH/host"]
"""
VALUE = "pa'ss\"wörd $HOME\\n\n☃"
KEY = b"k" * 32


class Drawer(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[tuple[str, str], str] = {}

    def get_password(self, service, username):
        return self.values.get((service, username))

    def set_password(self, service, username, password):
        self.values[service, username] = password

    def delete_password(self, service, username):
        del self.values[service, username]


@pytest.fixture(autouse=True)
def redact(monkeypatch: pytest.MonkeyPatch) -> Redactor:
    made = Redactor()
    monkeypatch.setattr(entries, "redact", made)
    return made


@pytest.fixture
def drawer() -> Drawer:
    made = Drawer()
    keyring.set_keyring(made)
    return made


def of(directory: Path, source: str = "", app: str = APP) -> Entries:
    return Entries(host(directory, source, app))


def host(directory: Path, source: str = "", app: str = APP) -> Host:
    return host_in(directory, app=app, host=f"keyring = {{ {source} }}" if source else "")


def test_an_entry_of_the_host_goes_before_that_of_the_app(tmp_path, drawer):
    here = of(tmp_path)

    here.set("MYSQL_AUTH", "password", "for all hosts", everywhere=True)
    assert of(tmp_path).get("MYSQL_AUTH", "password") == "for all hosts"
    here.set("MYSQL_AUTH", "password", "for this host")
    assert of(tmp_path).get("MYSQL_AUTH", "password") == "for this host"

    assert set(drawer.values) == {
        ("flaskwright/ssh://192.0.2.7/blog/MYSQL_AUTH", "password"),
        ("flaskwright/blog/MYSQL_AUTH", "password"),
    }


def test_what_is_removed_is_not_there_any_more(tmp_path, drawer):
    here = of(tmp_path)
    here.set("MYSQL_AUTH", "password", VALUE)

    assert here.remove("MYSQL_AUTH", "password")
    assert not here.remove("MYSQL_AUTH", "password")
    assert here.get("MYSQL_AUTH", "password") is None


def test_a_generated_value_stays(tmp_path, drawer):
    made = of(tmp_path).generate("MYSQL_AUTH", "password")

    assert len(made) == 32
    assert made.isalnum()
    assert of(tmp_path).generate("MYSQL_AUTH", "password") == made


def test_a_value_is_hidden_as_soon_as_it_is_known(tmp_path, drawer, redact):
    of(tmp_path).set("MYSQL_AUTH", "password", VALUE)
    assert redact(f"it is {VALUE}") == f"it is {HIDDEN}"


def test_a_plain_entry_is_not_hidden(tmp_path, drawer, redact):
    of(tmp_path).set("MYSQL_AUTH", "host", "localhost")

    assert of(tmp_path).get("MYSQL_AUTH", "host") == "localhost"
    assert redact("on localhost") == "on localhost"


@pytest.mark.parametrize("value", ["", "short", "a\0bcdefg", "x" * 70_000])
def test_what_cannot_be_kept_is_refused_before_it_is(tmp_path, drawer, value):
    with pytest.raises(UsageError):
        of(tmp_path).set("MYSQL_AUTH", "password", value)

    assert not drawer.values


@pytest.mark.parametrize(
    ("service", "username"), [("A/B", "c"), ("", "c"), ("A", ""), ("A", "{b}")]
)
def test_what_hosts_toml_could_not_name_is_refused(tmp_path, drawer, service, username):
    with pytest.raises(UsageError, match="should be a keyring entry"):
        of(tmp_path).set(service, username, VALUE)

    assert not drawer.values


def test_a_short_one_may_be_plain(tmp_path, drawer):
    of(tmp_path).set("MYSQL_AUTH", "host", "db")
    assert of(tmp_path).get("MYSQL_AUTH", "host") == "db"


def test_missing_entries_are_told_with_the_commands_that_set_them(tmp_path, drawer):
    of(tmp_path).set("MYSQL_AUTH", "host", "localhost", everywhere=True)
    app = 'secrets = ["MYSQL_AUTH/password", "MAIL/app user"]\nplain = ["MYSQL_AUTH/host"]'

    with pytest.raises(UsageError) as caught:
        of(tmp_path, app=app).must_be_whole()

    assert caught.value.what == "blog on pi has no MYSQL_AUTH/password, MAIL/app user"
    assert caught.value.why == (
        "hosts.toml names them in apps.blog (secrets), and they are not found in your keyring."
    )
    assert caught.value.next == "./fab -H pi secrets.set MYSQL_AUTH password"
    assert caught.value.log[1] == "./fab -H pi secrets.set MAIL 'app user'"


def test_an_entry_that_fills_a_variable_is_needed_too(tmp_path, drawer):
    host_in(tmp_path)
    text = (tmp_path / "hosts.toml").read_text()
    (tmp_path / "hosts.toml").write_text(
        text.replace("env = {", 'env = { API_KEY = "secret:WEATHER/api key",')
    )

    found = load(tmp_path / "hosts.toml").hosts["pi"]

    assert Entries(found).needed == {"WEATHER/api key": "env.API_KEY"}
    assert "API_KEY" not in found.environment


def test_a_machine_without_a_keyring_is_told_of_the_other_sources(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    keyring.core.init_backend()

    with pytest.raises(Unreachable) as caught:
        of(tmp_path).get("MYSQL_AUTH", "password")

    assert caught.value.why == "This machine has no keyring that works without a desktop."
    assert 'in [hosts.pi] of hosts.toml: keyring = { file = "secrets.json" }' in caught.value.next
    assert "apt-get install gnome-keyring" in caught.value.next


def test_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("FLASKWRIGHT_BLOG_MYSQL_AUTH_PASSWORD", VALUE)
    here = of(tmp_path, 'environment = "FLASKWRIGHT_BLOG_"')

    assert here.get("MYSQL_AUTH", "password") == VALUE
    assert here.get("MYSQL_AUTH", "host") is None
    with pytest.raises(UsageError) as caught:
        here.set("MYSQL_AUTH", "host", "localhost")
    assert caught.value.next == "set the variable FLASKWRIGHT_BLOG_MYSQL_AUTH_HOST"


def test_a_file_keeps_entries_for_its_owner_alone(tmp_path):
    here = of(tmp_path, 'file = "secrets.json"')
    here.set("MYSQL_AUTH", "password", VALUE)
    here.set("MYSQL_AUTH", "host", "localhost")

    assert of(tmp_path, 'file = "secrets.json"').get("MYSQL_AUTH", "password") == VALUE
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert here.remove("MYSQL_AUTH", "password")
    assert json.loads((tmp_path / "secrets.json").read_text()) == {
        "MYSQL_AUTH": {"host": "localhost"}
    }


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_may_read_is_refused(tmp_path, mode):
    (tmp_path / "secrets.json").write_text('{"MYSQL_AUTH": {"password": "hunter2hunter2"}}')
    (tmp_path / "secrets.json").chmod(mode)

    with pytest.raises(UsageError) as caught:
        of(tmp_path, 'file = "secrets.json"').get("MYSQL_AUTH", "password")

    assert f"{mode:04o}" in caught.value.why
    assert "chmod 600" in caught.value.next


@pytest.mark.parametrize("text", ["", "hunter2", '{"A": "hunter2"}', '{"A": {"b": 1}}', "[]"])
def test_a_file_that_is_none_is_refused_without_a_word_of_it(tmp_path, text):
    (tmp_path / "secrets.json").write_text(text)
    (tmp_path / "secrets.json").chmod(0o600)

    with pytest.raises(UsageError) as caught:
        of(tmp_path, 'file = "secrets.json"').get("MYSQL_AUTH", "password")

    assert "hunter2" not in f"{caught.value.what}{caught.value.why}{caught.value.__context__}"


def test_a_program_prints_the_value(tmp_path):
    program = tmp_path / "pass"
    program.write_text(f"#!{sys.executable}\nimport sys\nprint('of', *sys.argv[1:])\n")
    program.chmod(0o700)
    command = json.dumps(f"{shlex.quote(str(program))} show '{{app}} {{service}}/{{username}}'")

    assert of(tmp_path, f"command = {command}").get("A", "b c") == "of show blog A/b c"


def test_a_program_is_run_beside_hosts_toml(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    assert of(tmp_path, 'command = "pwd"').get("A", "b") == str(tmp_path)


def test_a_file_that_is_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "secrets.json", 0o600)

    with pytest.raises(UsageError, match="is not a file of secrets"):
        of(tmp_path, 'file = "secrets.json"').get("MYSQL_AUTH", "password")


def test_a_program_that_fails_has_no_value(tmp_path):
    here = of(tmp_path, 'command = "false {username}"')

    assert here.get("MYSQL_AUTH", "password") is None
    with pytest.raises(UsageError) as caught:
        here.must_be_whole()
    assert caught.value.log[0] == "have this print it: false password"


def test_a_program_that_is_not_there(tmp_path):
    with pytest.raises(Unreachable, match="cannot run no-such-program"):
        of(tmp_path, 'command = "no-such-program"').get("MYSQL_AUTH", "password")


def test_what_is_no_text_is_refused(tmp_path):
    with pytest.raises(UsageError, match="not UTF-8"):
        of(tmp_path, r"""command = "printf '\\377\\376'" """).get("MYSQL_AUTH", "password")


def test_a_mark_tells_values_apart_and_hangs_on_the_hosts_key(tmp_path, drawer):
    here = of(tmp_path)
    here.set("MYSQL_AUTH", "password", VALUE)
    one = of(tmp_path).marks(KEY)
    here.set("MYSQL_AUTH", "password", VALUE + "x")

    assert set(json.loads(one)["marks"]) == {"MYSQL_AUTH/password"}
    assert json.loads(one)["plain"] == ["MYSQL_AUTH/host"]
    assert of(tmp_path).marks(KEY) != one
    here.set("MYSQL_AUTH", "password", VALUE)
    assert of(tmp_path).marks(KEY) == one
    assert of(tmp_path).marks(b"another") != one


def test_both_sides_make_the_same_marks(tmp_path, drawer):
    of(tmp_path).set("MYSQL_AUTH", "password", VALUE)
    of(tmp_path).set("MYSQL_AUTH", "host", "db")

    packed = json.loads(of(tmp_path).packed())

    assert store.marks_of(KEY, packed) == json.loads(of(tmp_path).marks(KEY))["marks"]


def test_what_travels_is_what_the_app_needs_and_no_more(tmp_path, drawer):
    here = of(tmp_path)
    here.set("MYSQL_AUTH", "password", VALUE)
    here.set("MYSQL_AUTH", "host", "localhost")
    here.set("OTHER", "password", "not for this app")

    packed = json.loads(of(tmp_path).packed())

    assert packed == {
        "entries": {"MYSQL_AUTH": {"password": VALUE, "host": "localhost"}},
        "plain": ["MYSQL_AUTH/host"],
    }


def test_what_can_be_read_is_hidden_in_other_commands_too(tmp_path, drawer, redact):
    of(tmp_path).set("MYSQL_AUTH", "password", VALUE)
    of(tmp_path).hide()
    assert redact(VALUE) == HIDDEN


def test_a_keyring_that_does_not_open_keeps_nobody_from_looking(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    keyring.core.init_backend()

    of(tmp_path).hide()
