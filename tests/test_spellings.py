"""A secret in each of 26 spellings, past each filter: the app's, the agent's, the operator's."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from flaskwright.agent.common.hiding import HIDDEN, Covered, Hider, Hiding
from flaskwright.agent.common.text import cut
from flaskwright.report.redaction import printable
from flaskwright.secrets import redactor
from flaskwright.secrets.redactor import Redactor
from tests.spellings import SPELLINGS

VALUES = ["Correct-Horse", "s3cr3t", "pa'ss\"wörd", "a+b/c=d&e?f%20", "snow☃man0123456789"]
DOCS = Path(__file__).parent.parent / "docs" / "secrets.md"


def left(shown: str, written: str, value: str) -> int:
    """Return how many characters of what was written are still there."""
    assert HIDDEN in shown, shown
    return len(shown.replace(HIDDEN, "")) - len(written.replace(value, ""))


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("value", VALUES)
def test_it_is_hidden_in_a_text(value: str, spelling: str) -> None:
    written = "".join(SPELLINGS[spelling](value))
    shown = Hider([value])(f"before {written} after")

    assert HIDDEN in shown
    assert len(shown.replace(HIDDEN, "")) <= len("before  after") + 28  # what stood around it


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("value", VALUES)
def test_it_is_hidden_in_what_an_app_prints(value: str, spelling: str) -> None:
    there = io.StringIO()
    stream = Covered(there, Hiding(json.dumps({"entries": {"A": {"b": value}}})))
    for part in SPELLINGS[spelling](value):
        print(part, end="", file=stream, flush=True)
    print(file=stream)

    assert HIDDEN in there.getvalue()
    assert len(there.getvalue()) <= len(HIDDEN) + 30


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("value", VALUES)
def test_it_is_hidden_in_what_is_shown_here(
    monkeypatch: pytest.MonkeyPatch, value: str, spelling: str
) -> None:
    monkeypatch.setattr("flaskwright.secrets.redactor.redact", Redactor([value]))
    shown = printable("".join(SPELLINGS[spelling](value)))

    assert HIDDEN in shown
    assert len(shown) <= len(HIDDEN) + 30


def test_it_is_hidden_over_several_lines_of_a_log() -> None:
    value = "Correct-Horse-Battery"
    hide = Hider([value])

    assert hide.lines(["a", "it is Correct-", "Horse-Battery", "b"]) == [
        "a",
        f"it is {HIDDEN}",
        "b",
    ]
    assert hide.within({"log": ["Correct-Horse", "-Battery"]}) == {"log": [HIDDEN]}


def test_what_a_bound_has_cut_off_is_hidden_too() -> None:
    value = "Correct-Horse-Battery"
    hide = Hider([value])
    line = cut("x" * 4078 + value)

    assert value not in line
    assert "Correct" in line
    assert "Correct" not in hide(line)
    assert "Correct" not in "".join(hide.lines([line, "next"]))


@pytest.mark.parametrize("text", ["a page of the book", "secret", "s e c r e", "the wrong ra"])
def test_other_text_is_left(text: str) -> None:
    assert Hider(["secret-and-more", "guestbook-2026"])(text) == text


@pytest.mark.parametrize("value", ["", "a", "12", "abc", "a\nb", "  "])
def test_what_is_too_short_makes_no_stars(value: str) -> None:
    text = "a page of 12 abc lines   a\nb\nc"
    assert Hider([value])(text) == text


@pytest.mark.parametrize("value", ["abcd", "12 34", "ab\tcd", "     x"])
def test_what_is_short_is_hidden_only_as_it_is(value: str) -> None:
    hide = Hider([value])
    assert hide(f"it is {value}.") == f"it is {HIDDEN}."
    assert hide("a b c d, 1 2 3 4, 12  34") == "a b c d, 1 2 3 4, 12  34"


def test_two_values_that_overlap_leave_nothing() -> None:
    assert Hider(["abcdefgh", "ghijklmn"])("x abcdefghijklmn y") == f"x {HIDDEN} y"


def test_a_long_value_is_no_burden() -> None:
    value = "".join(chr(33 + n % 90) for n in range(60_000))
    assert Hider([value])(f"<{value}>") == f"<{HIDDEN}>"


def test_the_operators_side_has_the_same_list() -> None:
    assert redactor.Redactor is Hider


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_page_on_secrets_names_it(spelling: str) -> None:
    assert f"| {spelling} |" in DOCS.read_text()
