"""Files of variables as people write them."""

import pytest

from flaskwright.errors import UsageError
from flaskwright.secrets import dotenv


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A=b", {"A": "b"}),
        ("A=b\n", {"A": "b"}),
        ("\n# nothing\n  \nA=b\n", {"A": "b"}),
        ("export A=b\n  B = c d  \n", {"A": "b", "B": "c d"}),
        ("A=b # said of it\nC=d#e\n", {"A": "b", "C": "d#e"}),
        ("A=\nB=# empty\n", {"A": "", "B": ""}),
        ("A='b \"c\" $d \\n' # said\n", {"A": 'b "c" $d \\n'}),
        ('A="b\\nc \\"d\\" \\\\ \\$e $f"\n', {"A": 'b\nc "d" \\ $e $f'}),
        ("A='two\nlines'\nB=c", {"A": "two\nlines", "B": "c"}),
        ('A="two\nlines"\nB=c', {"A": "two\nlines", "B": "c"}),
        ("A=b\nA=c\n", {"A": "c"}),
        ("A=pässwörd☃", {"A": "pässwörd☃"}),
        ("A=https://u:p@h/?x=1", {"A": "https://u:p@h/?x=1"}),
        ("", {}),
    ],
)
def test_what_people_write(tmp_path, text, found):
    (tmp_path / ".env").write_text(text)
    assert dotenv.read(tmp_path / ".env") == found


def test_lines_of_another_system(tmp_path):
    (tmp_path / ".env").write_bytes(b"A=b\r\nB='c'\r\n")
    assert dotenv.read(tmp_path / ".env") == {"A": "b", "B": "c"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("hunter2", 1),
        ("A=b\n\nhunter2 hunter2\n", 3),
        ("A='hunter2\n", 1),
        ('A=b\nB="hunter2\n', 2),
        ("A='b' hunter2\n", 1),
        ("1A=hunter2\n", 1),
    ],
)
def test_what_is_none_is_told_by_its_line_and_not_repeated(tmp_path, text, line):
    (tmp_path / ".env").write_text(text)
    with pytest.raises(UsageError) as caught:
        dotenv.read(tmp_path / ".env")

    assert caught.value.what == f".env: line {line} is no variable"
    assert "hunter2" not in f"{caught.value.why}{caught.value.log}{caught.value.next}"


def test_a_file_that_cannot_be_read(tmp_path):
    (tmp_path / "latin").write_bytes(b"A=\xff\xfe")
    for name in ("missing", "latin"):
        with pytest.raises(UsageError, match="cannot read"):
            dotenv.read(tmp_path / name)
