"""Where hosts.toml is looked for, and what is said when it cannot be read."""

import pytest

from flaskwright.config import hosts_toml
from flaskwright.errors import UsageError

from .files import document, written


def refusal(path):
    with pytest.raises(UsageError) as caught:
        hosts_toml.read(path)
    assert caught.value.exit_code == 64
    return caught.value


def test_a_missing_file_comes_with_an_example_that_is_good(tmp_path):
    error = refusal(tmp_path / "hosts.toml")

    assert error.what == f"hosts.toml: there is none at {tmp_path}/hosts.toml"
    assert "FLASKWRIGHT_HOSTS" in error.next
    hosts_toml.read(written(tmp_path, "\n".join(error.log)))


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("a = 1\nb = [1 2]\n", "line 2, column 8: Unclosed array", "b = [1 2]"),
        ("x = 'a", 'line 1, column 7: Expected "\'"', "x = 'a"),
        ("a = 1\na = 2", "line 2, column 6: Cannot overwrite a value", "a = 2"),
        ("a = \x1b[2J", "line 1, column 5: Invalid value", "a =  [2J"),
        ("a = \n", "line 1, column 5: Invalid value", "a = "),
    ],
)
def test_what_is_not_toml_is_shown_with_its_place(tmp_path, text, what, line):
    error = refusal(written(tmp_path, text))

    assert error.what == f"hosts.toml: {what}"
    assert error.log[0] == line
    assert error.log[1].strip() == "^"


def test_the_mark_that_some_editors_begin_a_file_with_is_passed_over(tmp_path):
    path = written(tmp_path, document())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert hosts_toml.read(path).hosts


def test_what_cannot_be_read(tmp_path):
    binary = tmp_path / "hosts.toml"
    binary.write_bytes(b"\xff\xfe")

    assert refusal(binary).what.endswith("it is not UTF-8")
    assert refusal(tmp_path).what.endswith("Is a directory")


def test_one_problem_is_told_once_and_several_are_listed(tmp_path):
    one = refusal(written(tmp_path, document(app={"workers": 0})))
    two = refusal(written(tmp_path, document(app={"workers": 0, "threads": 0})))

    assert one.log == ()
    assert two.what == two.log[0]
    assert (len(two.log), two.why) == (2, "hosts.toml has 2 problems.")


def test_the_file_is_named_by_its_own_name(tmp_path):
    path = tmp_path / "staging.toml"
    path.write_text(document(app={"workers": 0}))

    assert refusal(path).what.startswith("staging.toml: apps.blog.workers: ")


def test_the_nearest_file_upward_is_taken(tmp_path, monkeypatch):
    monkeypatch.delenv("FLASKWRIGHT_HOSTS", raising=False)
    (tmp_path / "a" / "b").mkdir(parents=True)
    path = written(tmp_path / "a", document())
    monkeypatch.chdir(tmp_path / "a" / "b")

    assert hosts_toml.locate() == path


def test_else_the_one_beside_the_fabfile(tmp_path, monkeypatch):
    monkeypatch.delenv("FLASKWRIGHT_HOSTS", raising=False)
    monkeypatch.chdir(tmp_path)

    assert hosts_toml.locate() == hosts_toml.PROJECT / "hosts.toml"


def test_a_file_that_is_named_comes_first(tmp_path, monkeypatch):
    written(tmp_path, document())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLASKWRIGHT_HOSTS", "elsewhere.toml")

    assert str(hosts_toml.locate()) == "elsewhere.toml"
