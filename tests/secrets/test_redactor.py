"""No secret in what is shown, however it was written there; none asked of a keyring in vain."""

import base64
import html
import json
import re
import shlex
import subprocess
from urllib.parse import quote, quote_plus, urlencode

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from flaskwright import secrets
from flaskwright.errors import Unreachable
from flaskwright.secrets import HIDDEN, Redactor

VALUES = [
    "correct horse",
    "pa'ss\"wörd",
    "$HOME`id`\\n",
    "a+b/c=d&e?f%20",
    "snow☃man",
    "tab\tand\x07bell",
    base64.b64encode(b"correct horse").decode(),
    "x" * 4096,
    "'''''''",
    '"""""',
    "\\\\\\\\\\",
    "[.*](+?)",
]


FORMS = {
    "plain": str,
    "repr": repr,
    "repr of bytes": lambda value: repr(value.encode()),
    "JSON": json.dumps,
    "JSON in UTF-8": lambda value: json.dumps(value, ensure_ascii=False),
    "JSON in JSON": lambda value: json.dumps(json.dumps(value)),
    "repr in JSON": lambda value: json.dumps(repr(value)),
    "URL path": quote,
    "URL component": lambda value: quote(value, safe=""),
    "URL form": lambda value: urlencode({"password": value}),
    "URL plus": quote_plus,
    "URL in lower case": lambda value: re.sub("%..", lambda c: c[0].lower(), quote(value)),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64 for URLs": lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
    "hexadecimal": lambda value: value.encode().hex(),
    "shell": shlex.quote,
    "HTML": html.escape,
}


def redactor(*values: str) -> Redactor:
    made = Redactor()
    for value in values:
        made.add(value)
    return made


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_in_any_usual_form_is_hidden(value, form):
    written = FORMS[form](value)
    shown = redactor(value)(f"before {written} after")

    assert shown.startswith("before ")
    assert shown.endswith(" after")
    assert HIDDEN in shown
    assert len(shown) <= len("before  after") + len(HIDDEN) + 20


@pytest.mark.parametrize("value", [v for v in VALUES if v.isascii() and v.isprintable()])
def test_a_value_as_bash_quotes_it_is_hidden(value):
    argv = ["bash", "-c", 'printf %q "$1"', "-", value]
    written = subprocess.run(argv, capture_output=True, text=True, check=True).stdout

    assert redactor(value)(written) == HIDDEN


@pytest.mark.parametrize("value", ["correct horse", "pa'ss\"wörd", "secret", "snow☃man"])
@pytest.mark.parametrize("before", ["", "u", "us", "user:", "someone:"])
@pytest.mark.parametrize("after", ["", "\n", "xy", "xyz"])
def test_a_value_inside_of_a_text_in_base64_is_hidden(value, before, after):
    written = base64.b64encode(f"{before}{value}{after}".encode()).decode()
    shown = redactor(value)(f"Authorization: Basic {written}")
    left = shown.removeprefix("Authorization: Basic ").replace(HIDDEN, "")

    assert HIDDEN in shown
    assert len(left) <= len(written) - len(value)


def test_the_longest_value_is_hidden_first():
    assert redactor("secret", "secret-and-more")("a secret-and-more, a secret") == (
        f"a {HIDDEN}, a {HIDDEN}"
    )


def test_each_line_of_a_value_is_hidden():
    shown = redactor("first line\nsecond line")("log: first line\nlog: second line")

    assert shown == f"log: {HIDDEN}\nlog: {HIDDEN}"


def test_a_value_added_later_is_hidden_with_the_first():
    redact = redactor("first-one")
    redact.add("other-one")

    assert redact("first-one other-one") == f"{HIDDEN} {HIDDEN}"


@pytest.mark.parametrize("value", ["", "a", "pi", "abc", "\n\n"])
def test_what_is_too_short_to_hide_leaves_text_alone(value):
    text = "a pi and the abc of\n\nhosting"

    assert redactor(value)(text) == text


def test_nothing_is_hidden_at_first():
    assert Redactor()("anything") == "anything"


class Drawer(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self, locked=False):
        super().__init__()
        self.locked = locked

    def get_password(self, service, username):
        if self.locked:
            raise KeyringLocked("prompt dismissed")
        return {("flaskwright/pi", "sudo"): "open sesame"}.get((service, username))

    def set_password(self, service, username, password):
        raise NotImplementedError


def with_backend(monkeypatch, tmp_path, backend):
    """Make the keyring library choose a backend, as PYTHON_KEYRING_BACKEND would at its import."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def test_a_password_is_read_and_hidden_from_then_on(monkeypatch, tmp_path):
    monkeypatch.setattr(keyring.core, "_keyring_backend", Drawer())
    monkeypatch.setattr(secrets, "redact", Redactor())

    assert secrets.sudo_password("pi") == "open sesame"
    assert secrets.sudo_password("attic") is None
    assert secrets.redact("it is open sesame") == f"it is {HIDDEN}"


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
        secrets.password("flaskwright/pi", "sudo")

    assert caught.value.what == "cannot read sudo of flaskwright/pi from the keyring"
    assert reason in caught.value.why
    assert "--prompt-for-sudo-password" in caught.value.next


def test_a_locked_keyring_says_so(monkeypatch):
    monkeypatch.setattr(keyring.core, "_keyring_backend", Drawer(locked=True))

    with pytest.raises(Unreachable) as caught:
        secrets.password("flaskwright/pi", "sudo")

    assert caught.value.why == "The keyring does not open: prompt dismissed."
