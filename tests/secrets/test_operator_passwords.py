"""The operator's own passwords: from where hosts.toml says, and none asked of a keyring in vain."""

from dataclasses import replace

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from flaskwright.errors import Unreachable
from flaskwright.secrets import operator_passwords
from flaskwright.secrets.operator_passwords import sudo_password
from flaskwright.secrets.redactor import HIDDEN, Redactor
from tests.hosts_file import host_in


class Drawer(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self, locked=False):
        super().__init__()
        self.locked = locked

    def get_password(self, service, username):
        if self.locked:
            raise KeyringLocked("prompt dismissed")
        return {("flaskwright/ssh://192.0.2.7", "sudo"): "open sesame"}.get((service, username))

    def set_password(self, service, username, password):
        raise NotImplementedError


def with_backend(monkeypatch, tmp_path, backend):
    """Make the keyring library choose a backend, as PYTHON_KEYRING_BACKEND would at its import."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def test_a_password_is_read_and_hidden_from_then_on(monkeypatch, tmp_path):
    keyring.set_keyring(Drawer())
    made = Redactor()
    monkeypatch.setattr(operator_passwords, "redact", made)
    host = host_in(tmp_path)

    assert sudo_password(host).read() == "open sesame"
    assert sudo_password(replace(host, name="attic", address="192.0.2.8")).read() == ""
    assert sudo_password(host).advice == "keyring set flaskwright/ssh://192.0.2.7 sudo"
    assert made("it is open sesame") == f"it is {HIDDEN}"


@pytest.mark.parametrize(
    ("source", "words", "advice"),
    [
        (
            'environment = "FLASKWRIGHT_CI_"',
            "the variables FLASKWRIGHT_CI_…",
            "set the variable FLASKWRIGHT_CI_FLASKWRIGHT_PI_SUDO",
        ),
        (
            'file = "kept.json"',
            "{0}/kept.json",
            'put {{"flaskwright/pi": {{"sudo": "PASSWORD"}}}} into {0}/kept.json',
        ),
        (
            'command = "cat {{app}}/{{service}}.{{username}}"',
            "`cat`",
            "have this print it: cat blog/flaskwright/pi.sudo",
        ),
    ],
)
def test_it_comes_from_where_hosts_toml_says(monkeypatch, tmp_path, source, words, advice):
    keyring.set_keyring(Drawer())
    monkeypatch.chdir(tmp_path)
    kept = sudo_password(host_in(tmp_path, host=f"keyring = {{ {source.format()} }}"))

    assert kept.read() == ""
    assert (kept.words, kept.advice) == (words.format(tmp_path), advice.format(tmp_path))

    monkeypatch.setenv("FLASKWRIGHT_CI_FLASKWRIGHT_PI_SUDO", "of ours")
    (tmp_path / "kept.json").write_text('{"flaskwright/pi": {"sudo": "of ours"}}')
    (tmp_path / "kept.json").chmod(0o600)
    (tmp_path / "blog" / "flaskwright").mkdir(parents=True)
    (tmp_path / "blog" / "flaskwright" / "pi.sudo").write_text("of ours\n")
    assert kept.read() == "of ours"


@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        ("keyring.backends.fail.Keyring", "no keyring that works without a desktop"),
        ("no.such.Backend", "PYTHON_KEYRING_BACKEND does not name a backend"),
        ("keyring.backends.fail.Nothing", "PYTHON_KEYRING_BACKEND does not name a backend"),
    ],
)
def test_a_machine_without_a_keyring_is_told_what_to_do(monkeypatch, tmp_path, backend, reason):
    with_backend(monkeypatch, tmp_path, backend)

    with pytest.raises(Unreachable) as caught:
        sudo_password(host_in(tmp_path)).read()

    assert caught.value.what == "cannot read sudo of flaskwright/ssh://192.0.2.7 from the keyring"
    assert reason in caught.value.why
    assert "--prompt-for-sudo-password" in caught.value.next


def test_a_locked_keyring_says_so(tmp_path):
    keyring.set_keyring(Drawer(locked=True))

    with pytest.raises(Unreachable) as caught:
        sudo_password(host_in(tmp_path)).read()

    assert caught.value.why == "The keyring does not open: prompt dismissed."
