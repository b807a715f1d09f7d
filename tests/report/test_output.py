import pytest

from flaskwright.report.redaction import printable, styled
from flaskwright.secrets.redactor import Redactor


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("plain äöü → text", "plain äöü → text"),
        ("\x1b[2J\x1b[Hcleared", "cleared"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]52;c;Zm9v\x1b\\text", "text"),
        ("over\rwritten\x08\x7f", "overwritten"),
        ("tab\tand line\nstay", "tab\tand line\nstay"),
        ("\x9b31mC1", "C1"),
        ("\x1b[31mred\x1b[0m", "red"),
    ],
)
def test_control_sequences_do_not_get_through(said, shown):
    assert printable(said) == shown


def test_our_own_colours_do_and_only_ours():
    assert printable(styled("red", "31;1")) == "\x1b[31;1mred\x1b[0m"
    assert printable(styled("\x1b[32mgreen\x1b[0m", "31")) == "\x1b[31mgreen\x1b[0m"


def test_secrets_do_not_get_through(monkeypatch):
    redactor = Redactor()
    redactor.add("correct horse")
    monkeypatch.setattr("flaskwright.secrets.redactor.redact", redactor)

    assert "horse" not in printable("it is correct horse, or correct%20horse")
