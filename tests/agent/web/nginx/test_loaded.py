"""What nginx is noted to have in force."""

import pytest

from flaskwright.agent.web.nginx import loaded

WORKERS = {11: 1.0, 12: 1.5}


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.setattr(loaded, "NOTE", str(tmp_path / "state" / "nginx.json"))
    tree = tmp_path / "nginx"
    tree.mkdir()
    (tmp_path / "one").write_text("server { }\n")
    (tmp_path / "two").write_text("server { }\n")
    (tree / "site").symlink_to(tmp_path / "one")
    loaded.note(WORKERS, loaded.digest(str(tree)))
    return tree


def test_the_same_bytes_behind_another_link_are_the_same(tree):
    (tree / "site").unlink()
    (tree / "site").symlink_to(tree.parent / "two")

    assert loaded.is_noted(WORKERS, str(tree))


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: (tree / "site").write_text("server { listen 81; }\n"),
        lambda tree: (tree / "other").write_text(""),
        lambda tree: (tree / "site").rename(tree / "renamed"),
        lambda tree: (tree / "site").unlink(),
    ],
)
def test_other_bytes_other_names_more_or_less_are_not(tree, change):
    change(tree)

    assert not loaded.is_noted(WORKERS, str(tree))


def test_other_workers_have_read_something_else(tree):
    assert not loaded.is_noted({11: 1.0, 13: 2.0}, str(tree))


def test_without_a_note_nothing_is_known(tree, monkeypatch):
    monkeypatch.setattr(loaded, "NOTE", str(tree / "none"))

    assert not loaded.is_noted(WORKERS, str(tree))
