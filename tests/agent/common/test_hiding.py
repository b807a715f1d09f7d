"""Secrets taken out of what a program or the agent tells, in the forms that they take there."""

from __future__ import annotations

import base64
import html
import io
import json
import shlex
import traceback
from urllib.parse import quote, quote_plus

import pytest

from flaskwright.agent.common.hiding import HIDDEN, Covered, Hiding
from flaskwright.agent.engine.run import Run

VALUES = [
    "correct horse",
    "pa'ss\"wörd",
    "$HOME`id`\\n",
    "first line\nsecond line",
    "a+b/c=d&e?f%20",
    "snow☃man",
    base64.b64encode(b"correct horse").decode(),
    "x" * 4096,
]
FORMS = {
    "plain": str,
    "repr": repr,
    "repr of bytes": lambda value: repr(value.encode()),
    "JSON": json.dumps,
    "JSON in JSON": lambda value: json.dumps(json.dumps(value)),
    "repr in JSON": lambda value: json.dumps(repr(value)),
    "URL": lambda value: quote(value, safe=""),
    "form": quote_plus,
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "hexadecimal": lambda value: value.encode().hex(),
    "shell": shlex.quote,
    "HTML": html.escape,
}


def hiding(*values: str, plain: tuple[str, ...] = ()) -> Hiding:
    entries = {"A": {str(number): value for number, value in enumerate(values)}}
    return Hiding(json.dumps({"entries": entries, "plain": plain}))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_in_any_usual_form_is_hidden(value, form):
    shown = hiding(value)(f"before {FORMS[form](value)} after")

    assert HIDDEN in shown
    assert len(shown) <= len("before  after") + 2 * len(HIDDEN) + 10


def test_each_line_is_hidden_where_they_are_torn_apart():
    shown = hiding("first line\nsecond line")("log: first line\nlog: second line")
    assert shown == f"log: {HIDDEN}\nlog: {HIDDEN}"


def test_what_is_plain_is_left():
    assert hiding("localhost", "secret!", plain=("A/0",))("secret! at localhost") == (
        f"{HIDDEN} at localhost"
    )


def test_without_a_credential_nothing_is_hidden():
    assert Hiding("")("anything") == "anything"


def test_a_stream_hides_them_in_prints_and_tracebacks():
    there = io.StringIO()
    stream = Covered(there, hiding("correct horse"))
    try:
        raise RuntimeError("no login with correct horse")
    except RuntimeError:
        traceback.print_exc(file=stream)
    print("correct horse", "and more", file=stream)
    stream.writelines(["correct ", "a correct horse"])
    stream.flush()

    assert "correct horse" not in there.getvalue()
    assert f"RuntimeError: no login with {HIDDEN}" in there.getvalue()
    assert not stream.isatty()


def test_events_tell_nothing_of_them_and_stay_events(operator):
    run = Run(operator.wire)
    run.hide = hiding("changed", "correct horse").within
    run.event("result", id="x", state="changed", log=["a correct horse"], what="correct horse")

    (event,) = operator.events()
    assert event["state"] == "changed"
    assert (event["log"], event["what"]) == ([f"a {HIDDEN}"], HIDDEN)


def test_it_is_the_same_in_every_value_of_an_event(operator):
    assert hiding("secret")("secret") == HIDDEN
    assert hiding("secret").within({"a": ["secret", ("secret", 1)]}) == {"a": [HIDDEN, [HIDDEN, 1]]}
