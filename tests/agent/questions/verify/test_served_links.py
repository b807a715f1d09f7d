"""Links in what nginx serves, as `verify` tells of them."""

import os

import pytest

from flaskwright.agent.questions.verify import served_links
from flaskwright.agent.questions.verify.site import SiteLook
from flaskwright.agent.system import tree_walk
from flaskwright.agent.web import visit

from ...support import ME
from ...web_answers import Web, fields_of_site

URL = "https://blog.test"
SECRET = b"log of another site\n"
STRANGER = 12345
AWAY = "remove it. A deploy has nginx follow none; the app itself still may"


@pytest.fixture
def web(monkeypatch):
    web = Web()
    web.put(f"{URL}", 404)
    monkeypatch.setattr(visit, "visit", web.visit)
    monkeypatch.setattr(served_links, "USERS", (ME,))
    return web


@pytest.fixture
def place(tmp_path):
    """A release with a static tree, in which `up` is our link to what is shared."""
    (tmp_path / "logs" / "nginx").mkdir(parents=True)
    (tmp_path / "logs" / "nginx" / "access.log").write_bytes(SECRET)
    (tmp_path / "shared" / "static" / "up").mkdir(parents=True)
    static = tmp_path / "current" / "code" / "static"
    static.mkdir(parents=True)
    (static / "style.css").write_text("body {}")
    (static / "up").symlink_to(tmp_path / "shared" / "static" / "up")
    return tmp_path


@pytest.fixture
def told(place, run, web):
    def told(static={"/static/": "static/"}):  # noqa: B006
        return list(served_links.links(SiteLook(fields_of_site(static=static), run)))

    return told


def test_a_tree_without_links_is_fine(told, web):
    assert told() == [
        ("/static/: 0 links that lead out", "ok"),
        ("/static/up/: 0 links that lead out", "ok"),
    ]
    assert web.asked == []


@pytest.mark.parametrize("name", ["x", "__pycache__", "a b"])
@pytest.mark.parametrize("where", ["current/code/static", "shared/static/up"])
def test_what_visitors_get_over_a_link_is_told(told, web, place, name, where):
    (place / where / name).symlink_to(place / "logs")
    url = "/static/" + ("up/" if "shared" in where else "") + name.replace(" ", "%20")
    web.put(f"{URL}{url}/nginx/access.log", body=SECRET)

    (wrong,) = [row for row in told() if row[1] != "ok"]

    log = place / "logs" / "nginx" / "access.log"
    assert wrong[0].endswith(": 1 links that lead out")
    assert (
        wrong[1]
        == f"wrong: visitors get {place / where / name!s}/nginx/access.log, by a link: {AWAY}"
    )
    assert log.exists()


def test_a_link_that_nginx_refuses_is_counted(told, web, place):
    (place / "shared/static/up/file").symlink_to("../../../logs/nginx/access.log")
    (place / "shared/static/up/chain").symlink_to("file")
    (place / "shared/static/up/inside").symlink_to("nothing")

    assert told()[1] == ("/static/up/: 2 links that lead out", "ok")
    assert web.asked == [f"{URL}/static/up/chain", f"{URL}/static/up/file"]


def test_links_within_the_code_are_not_asked_for(told, web, place):
    (place / "current/code/app.py").touch()
    (place / "current/code/static/now.css").symlink_to("style.css")
    (place / "current/code/static/app").symlink_to("../app.py")

    assert told()[0] == ("/static/: 0 links that lead out", "ok")
    assert web.asked == []


def test_a_file_that_is_served_by_itself(told, web, place):
    (place / "shared" / "logo.png").symlink_to(place / "logs/nginx/access.log")
    (place / "current/code/logo.png").symlink_to(place / "shared" / "logo.png")
    web.put(f"{URL}/logo.png", body=SECRET)

    assert told({"/logo.png": "logo.png"})[-1][1].startswith("wrong: visitors get ")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes links for others")
def test_the_place_itself_may_be_a_link_of_the_app(told, web, place):
    up = place / "shared" / "static" / "up"
    up.rmdir()
    up.symlink_to(place / "logs")
    os.chown(up, STRANGER, STRANGER, follow_symlinks=False)
    web.put(f"{URL}/static/up/nginx/access.log", body=SECRET)

    assert told()[1][1].startswith("wrong: visitors get ")


def test_a_link_in_a_circle_ends(told, place):
    (place / "current/code/static/loop").symlink_to("loop")
    up = place / "shared" / "static" / "up"
    up.rmdir()
    up.symlink_to(up)

    assert all(state == "ok" for _, state in told())


def test_pipes_are_not_waited_for(told, web, place):
    os.mkfifo(place / "logs" / "a")
    os.mkfifo(place / "shared/static/up/pipe")
    (place / "shared/static/up/b").symlink_to(place / "logs")

    assert told()[1] == ("/static/up/: 1 links that lead out", "ok")
    assert web.asked == [f"{URL}/static/up/b/nginx/access.log"]


def test_a_tree_without_end_is_told(told, place, monkeypatch):
    monkeypatch.setattr(tree_walk, "MOST", 1)
    (place / "current/code/static/a.css").touch()

    assert told()[0] == ("/static/: 0 links that lead out in the part that was looked at", "ok")


def test_a_closed_site_is_not_asked(told, place):
    (place / "maintenance").mkdir()
    (place / "maintenance" / "on").touch()

    assert told() == []
