"""The rows of `verify`, of a host and its plain site."""

import json

import pytest

from flaskwright.agent.app.manifest import checksums
from flaskwright.agent.web import http, visit
from flaskwright.agent.web.nginx import server as nginx

from ...slot_host import NEW, OLD, ONE, SITE, TWO
from ...support import fields, result
from ...web_server import Server

HERE = "127.0.0.1"


@pytest.fixture
def host(live, monkeypatch):
    """A host that serves OLD, whose releases are whole, and whose nginx lets only SITE in."""
    for release in (OLD, NEW):
        place, venv = live.root / "releases" / release, live.root / "venvs" / release
        live.has_venv(release)
        (place / ".venv").symlink_to(venv)
        (place / "code" / "app.py").write_text("app = Flask(__name__)")
        manifest = json.loads((place / "manifest.json").read_text())
        (place / "manifest.json").unlink()
        manifest["venv"] = release
        manifest["files"] = checksums(str(place))
        (place / "manifest.json").write_text(json.dumps(manifest))
    live.visitors_get = {SITE: (200, {"Server": "nginx"})}
    proxy = Server((HERE, 0), live.visitors_get)
    monkeypatch.setattr(http, "HTTP", proxy.socket.getsockname()[1])
    monkeypatch.setattr(visit, "addresses", lambda: [HERE])
    monkeypatch.setattr(nginx, "is_live", lambda: True)
    yield live
    proxy.shutdown()
    proxy.server_close()


def verified(host, **more):
    site = {"health": "/", "directory": ""}
    site.update(static={}, outbound=True, trust="", graded=None, opened=None)
    return result(host.run("check"), fields("verify", **{**site, **more}))


def told(found):
    """What is wrong: heading, what was looked at, why."""
    rows = found["answer"]["checks"]
    return [tuple(row.values()) for row in rows if row["state"] != "ok"]


def test_all_is_as_it_was_deployed(host):
    found = verified(host)

    assert found["state"] == "done", told(found)
    assert [tuple(row.values()) for row in found["answer"]["checks"]] == [
        ("manifest", f"live release {OLD}: 3 files", "ok"),  # code, unit, environment
        ("manifest", f"release {NEW}: 3 files", "ok"),
        ("processes", f"{ONE}: 1 processes", "ok"),
        ("processes", f"{host.slash_run}/blog.sock/", "ok"),
        ("nginx", host.etc_nginx.as_posix(), "ok"),
        ("site", f"http://{SITE}/ at {HERE}", "ok"),
        ("unknown names", f"http://unknown.invalid at {HERE}", "ok"),
        ("source files", "/.git/config, /.env, /app.py", "ok"),
    ]


def test_without_a_release_there_is_nothing_to_verify(slots):
    assert verified(slots)["what"] == "blog has no release to verify"


def changed(host):
    (host.root / "releases" / NEW / "code" / "app.py").write_text("by hand")


def without_environment(host):
    (host.root / "venvs" / NEW).rmdir()


def another(host):
    host.releases.switch(NEW)


def left_over(host):
    host.systemd.put(TWO, "deactivating")
    host.systemd.joins(TWO, host.systemd.main(ONE))


def closed(host):
    host.systemd.put("blog.socket", "inactive")


def unwell(host):
    host.says(500)


def silent(host):
    host.says(0)


def under_way(host):
    host.begin(id="7")


def let_in(host):
    host.visitors_get["unknown.invalid"] = (200, {"Server": "nginx"})


def refused(host):
    del host.visitors_get[SITE]


@pytest.mark.parametrize(
    ("trouble", "heading", "why"),
    [
        (changed, "manifest", "code/app.py is not as deployed; no rollback leads to it"),
        (without_environment, "manifest", "it has lost its environment; no rollback leads to it"),
        (another, "processes", f"what runs is {OLD}"),
        (left_over, "processes", f"{TWO} should have ended"),
        (closed, "processes", "blog.socket does not listen"),
        (unwell, "processes", "/ answers 500"),
        (silent, "processes", "/ gives no answer: the connection was closed without an answer"),
        (under_way, "transaction", "it is open; see attach"),
        (let_in, "unknown names", "nginx answers 200"),
        (refused, "site", "/ gives no answer: the connection was closed without an answer"),
    ],
)
def test_what_is_not_so_is_told(host, trouble, heading, why):
    trouble(host)

    found = verified(host)

    assert found["state"] == "failed"
    assert found["what"].startswith("1 of ")
    ((seen, _, state),) = told(found)
    assert (seen, state) == (heading, f"wrong: {why}")


def test_an_app_that_does_not_run_is_told(host):
    host.run().command(["systemctl", "stop", ONE])

    assert ("processes", "blog: 0 processes", "wrong: what runs is nothing") in told(verified(host))


def test_a_configuration_that_nginx_has_not_taken(host, monkeypatch):
    monkeypatch.setattr(nginx, "is_live", lambda: False)

    ((heading, _, state),) = told(verified(host))

    assert (heading, state) == ("nginx", "wrong: it is not in force; nginx.reload puts it so")


def test_during_maintenance_visitors_are_not_asked_about(host):
    (host.root / "maintenance").mkdir()
    (host.root / "maintenance" / "on").write_text("# Made\nsince then, by me\n")
    host.visitors_get[SITE] = (503, {"Server": "nginx"})

    found = verified(host, static={"/static/": "static/"})

    assert found["state"] == "done"
    closed = "closed for maintenance"
    assert told(found) == [
        ("site", f"http://{SITE}/ at {HERE}", closed),
        ("static files", "/static/", closed),
    ]
    assert ("maintenance", "on, since since then, by me", "ok") in [
        tuple(row.values()) for row in found["answer"]["checks"]
    ]


@pytest.mark.parametrize(("why", "state"), [("", "done"), ("no HSTS", "failed")])
def test_the_grade_is_a_row_of_it(host, why, state):
    found = verified(host, graded=["testssl.sh on 192.0.2.7: A", why])

    assert found["state"] == state
    last = found["answer"]["checks"][-1]
    assert last["looked at"] == "testssl.sh on 192.0.2.7: A"
    assert last["state"] == (f"wrong: {why}" if why else "ok")
