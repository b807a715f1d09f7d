import json

import pytest

from flaskwright.agent.text import clean, cleaned, now


@pytest.mark.parametrize(
    ("dirty", "plain"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0\x1b\\after", "after"),
        ("\x9b31mc1", "c1"),
        ("\x1b(Bset", "set"),
        ("a\rb\x08\x7f\x00c", "abc"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("right\u202eleft", "rightleft"),
        ("lone\udcff", "lone"),
        ("unfinished \x1b[", "unfinished "),
        ("Ünïcode → fine", "Ünïcode → fine"),
    ],
)
def test_control_sequences_go(dirty: str, plain: str) -> None:
    assert clean(dirty) == plain


def test_values_are_cleaned_to_the_bottom() -> None:
    value = {"a": ["\x1b[1mb", {"c": "\x07d"}], "n": 1, "t": ("x\x00",)}
    assert cleaned(value) == {"a": ["b", {"c": "d"}], "n": 1, "t": ["x"]}
    json.dumps(cleaned(value)).encode("ascii")


def test_the_time_is_utc_to_the_second() -> None:
    assert len(now()) == len("2026-01-01T00:00:00Z")
    assert now().endswith("Z")
