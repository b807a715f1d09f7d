"""No secret in what is shown, however it was written there."""

import base64
import html
import json
import re
import shlex
import subprocess
from urllib.parse import quote, quote_plus, urlencode

import pytest

from flaskwright.secrets.redactor import HIDDEN, Redactor

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
