import pytest

from flaskwright.report.width import (
    columns_of,
    command,
    fit,
    padded,
    wrapped,
)


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("訪客", 4), ("e\u0301", 1), ("🎉", 2), ("", 0)]
)
def test_columns_that_a_text_takes(text, columns):
    assert columns_of(text) == columns


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 4, "abc…"),
        ("訪客名簿", 6, "訪客…"),
        ("abc def", 5, "abc…"),
    ],
)
def test_what_fits(text, room, shown):
    assert fit(text, room) == shown
    assert columns_of(shown) <= room


def test_nothing_fits_nowhere():
    assert fit("abc", 0) == fit("abc", -3) == ""


def test_columns_below_each_other():
    assert padded("訪客", 6) == "訪客  "


def test_a_text_is_broken_between_words_and_stands_below_itself():
    assert list(wrapped("next  ", "one two three four", 16)) == [
        "next  one two",
        "      three four",
    ]


def test_a_path_is_never_broken():
    assert list(wrapped("  ", "see /a/long/path/that/is/one", 20)) == [
        "  see",
        "  /a/long/path/that/is/one",
    ]


def test_where_there_is_no_terminal_a_text_is_one_line():
    assert list(wrapped("next  ", "one two " * 50, None)) == [
        "next  " + "one two " * 49 + "one two"
    ]


def test_a_command_that_is_broken_is_the_same_for_a_shell():
    given = "curl --connect-to ::192.0.2.7: --cacert '/a b/ca.pem' https://blog.example.org/"
    lines = list(command("  look  ", given, 40))

    assert len(lines) > 2
    assert all(len(line) <= 40 for line in lines)
    assert " ".join("\n".join(lines).replace("\\\n", "").split()) == f"look {given}"
