"""The file that closes a site, and the look at what visitors get; nginx is tested on hosts."""

import pytest

from flaskwright.agent.app.releases import Releases
from flaskwright.agent.web import maintenance
from flaskwright.agent.web.http import Reply

from ..app_host import AppHost
from ..support import ME, fields, result


@pytest.fixture
def host(tmp_path, operator):
    host = AppHost(tmp_path, operator)
    (host.root / "maintenance").mkdir()
    (host.root / "releases" / "1").mkdir()
    Releases(host.place).switch("1")
    return host


@pytest.fixture
def nginx(host, monkeypatch):
    """An nginx that looks for the file, unless it `knows` nothing of it."""
    state = {"knows": True}

    def ask(*args, **options):
        closed = state["knows"] and maintenance.is_on(host.place)
        return Reply(503, {"Retry-After": "300"}, b"") if closed else Reply(404, {}, b"")

    monkeypatch.setattr(maintenance, "ask", ask)
    return state


def wanted(host, on):
    return fields("maintenance", on=on)


def test_on_and_off_each_twice(host, nginx):
    for on, said in ((True, "on, since "), (False, "off")):
        assert result(host.run(), wanted(host, on))["state"] == "changed"
        assert result(host.run(), wanted(host, on))["state"] == "ok"
        assert maintenance.told(host.place).startswith(said)


def test_it_says_who_and_that_it_is_ours(host, nginx):
    result(host.run(), wanted(host, True))

    text = (host.root / "maintenance" / "on").read_text()
    assert text.startswith("# Made by Flaskwright")
    assert maintenance.told(host.place).endswith("by me@here")


def test_before_the_first_deploy_there_is_nothing_to_close(host, nginx):
    Releases(host.place).switch("")
    for on in (True, False):
        assert result(host.run(), wanted(host, on))["what"] == f"{ME} has no release to close"
    assert not maintenance.is_on(host.place)


def test_a_site_that_does_not_look_for_it_stays_open(host, nginx):
    nginx["knows"] = False

    failed = result(host.run(), wanted(host, True))

    assert failed["what"] == "visitors of blog.test get the site"
    assert not maintenance.is_on(host.place)


def test_a_file_that_somebody_has_touched_is_one_too(host):
    (host.root / "maintenance" / "on").touch()
    assert maintenance.told(host.place) == "on"
