import json
import sys
import time
import unicodedata

import pytest

from flaskwright.agent.common.text import CUT, LONGEST, clean, cleaned, lines, now, one_line


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
    assert cleaned({"a\u202e": 1}) == {"a": 1}
    json.dumps(cleaned(value)).encode("ascii")


def test_the_time_is_utc_to_the_second() -> None:
    assert len(now()) == len("2026-01-01T00:00:00Z")
    assert now().endswith("Z")


# signs that stand before a number, and joints of hieroglyphs: they can be seen
SEEN = (
    0x600,
    0x601,
    0x602,
    0x603,
    0x604,
    0x605,
    0x6DD,
    0x70F,
    0x890,
    0x891,
    0x8E2,
    0x110BD,
    0x110CD,
)


def test_nothing_that_cannot_be_seen_stays() -> None:
    unseen = ("Cc", "Cf", "Cs", "Zl", "Zp")
    left = {
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in unseen and clean(chr(code))
    }
    assert left - set(SEEN) - set(range(0x13430, 0x13440)) == {9, 10}


@pytest.mark.parametrize(
    "mark", ["\u200b", "\u200e", "\u2028", "\u2069", "\u061c", "\ufeff", "\x7f", "\x85", "\ud800"]
)
def test_marks_go(mark: str) -> None:
    assert clean(f"a{mark}b") == "ab"


def test_an_escape_without_an_end_takes_no_line_but_its_own() -> None:
    assert clean("a\x1b]0;title\nb\x1bPdata\nc") == "a\nb\nc"


def test_only_a_newline_ends_a_line() -> None:
    said = "a\u2028b\u2029c\x0bd\x0ce\x1cf\x1dg\x1eh\x85i\nsecond\r\n\nlast"
    assert lines(said) == [said.split("\n", maxsplit=1)[0], "second", "", "last"]
    assert lines(said.encode() + b"\n") == lines(said)
    assert lines(b"") == lines("") == []


def test_any_byte_is_taken() -> None:
    assert lines(b"\xff\nfine\n\xc3") == ["\ufffd", "fine", "\ufffd"]


def test_lines_are_bounded_each_and_in_number() -> None:
    (line,) = lines("x" * 10_000)
    assert len(line) == LONGEST
    assert line.endswith(CUT)
    assert lines("a\n" * 100 + "b", most=2) == ["a", "b"]


def test_one_line_is_one_line() -> None:
    assert one_line("  a\nb\tc\u2028d\x1b[31m\n") == "  a b cd"
    assert len(one_line("x\n" * 10_000)) == LONGEST


@pytest.mark.parametrize("said", ["\x1b]", "\x1b[", "\x9d", "\x1b[0", "\x1b", "\u202e", " "])
def test_a_great_deal_takes_no_longer_than_it_is_long(said: str) -> None:
    began = time.monotonic()
    clean(said * 200_000)
    assert time.monotonic() - began < 5
