"""The names that an app takes on a host."""

from types import SimpleNamespace

import pytest

from flaskwright.agent.app import names
from flaskwright.agent.app.names import AppName
from flaskwright.agent.common.place import Place
from flaskwright.agent.engine.errors import Failed

ROOT = "/srv/blog"


@pytest.fixture
def units(tmp_path, monkeypatch):
    """The directory in which the handler looks for units."""
    monkeypatch.setattr(names, "DIRECTORIES", [str(tmp_path)])
    return tmp_path


def handler(root=ROOT):
    return AppName({"id": "app-name"}, SimpleNamespace(place=Place("blog", str(root))))


def test_a_free_name_is_ours(units):
    assert handler().actual() == handler().wanted()


def test_our_own_units_do_not_take_the_name(units):
    (units / "blog.socket").write_text("# Made by Flaskwright\n[Socket]\n")
    (units / "blog@.service").symlink_to(f"{ROOT}/current/etc/systemd/system/blog@.service")

    assert handler().actual() == handler().wanted()


@pytest.mark.parametrize("name", ["blog.service", "blog@.service", "blog.socket"])
def test_somebody_elses_unit_takes_the_name(units, name):
    (units / name).write_text("[Unit]\nDescription=somebody else's\n")

    with pytest.raises(Failed, match=f"a unit {name} that Flaskwright did not make"):
        handler().actual()


@pytest.mark.parametrize("names", [[], ["shared"], ["repo.git", "venvs", "releases", "notes.txt"]])
def test_a_directory_that_is_ours_or_empty(units, names):
    root = units / "blog"
    for name in names:
        (root / name).mkdir(parents=True)

    assert handler(root).actual() == {"ours": True}


@pytest.mark.parametrize(
    ("names", "told"),
    [([".git", "app.py"], ".git, app.py"), ([".git", "releases"], ".git, releases"), (["x"], "x")],
)
def test_somebody_elses_directory_is_not_taken(units, names, told):
    root = units / "blog"
    for name in names:
        (root / name).mkdir(parents=True)

    with pytest.raises(Failed, match="did not make it") as failed:
        handler(root).actual()

    assert failed.value.why == f"in it: {told}"
