"""What visitors get, from servers of our own in nginx's and in the app's place."""

import socket

import pytest

from flaskwright.agent.web import answer, http

from ..support import fields, result
from ..web_server import Server

SITE = "blog.test"


@pytest.fixture
def serve(tmp_path, run, monkeypatch):
    """Start servers: serve("app", {…}) on the app's socket, serve("nginx", {…}) on the port."""
    run.place.run = str(tmp_path)
    monkeypatch.setattr(answer, "loopback", lambda: ["127.0.0.1"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(http, "HTTP", port)
    started = []

    def start(place, answers):
        address = str(tmp_path / "blog.sock") if place == "app" else ("127.0.0.1", port)
        started.append(Server(address, answers))

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def said(status, server="nginx", kind="text/html"):
    return {SITE: (status, {"Server": server, "Content-Type": kind})}


def asked(run):
    more = {"url_path": "/"}
    return result(run, fields("answer", **more))


@pytest.mark.parametrize("status", [200, 302, 401, 404])
def test_the_app_s_own_answer_is_right_whatever_its_status(run, serve, status):
    serve("app", said(status, "gunicorn"))
    serve("nginx", said(status))

    assert asked(run)["state"] == "ok"


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (said(404), "nginx answers 404 there, the app 200"),
        (said(200, "Apache/2.4"), "Apache/2.4 answers there"),
        (said(200, kind="text/plain"), "nginx answers with text/plain, the app with text/html"),
    ],
)
def test_another_s_answer_is_told(run, serve, answers, why):
    serve("app", said(200, "gunicorn"))
    serve("nginx", answers)

    failed = asked(run)

    assert failed["what"] == "http://blog.test/ is not the app on 127.0.0.1"
    assert failed["why"] == why


def test_names_that_are_nobody_s_must_be_refused(run, serve):
    serve("app", said(200, "gunicorn"))
    serve("nginx", {**said(200), "unknown.invalid": (200, {"Server": "nginx"})})

    failed = asked(run)

    assert failed["what"] == "names that no site here has get an answer on 127.0.0.1"
    assert "default_server" in failed["why"]


def test_nothing_that_listens_is_told(run, serve):
    serve("app", said(200, "gunicorn"))

    assert asked(run)["why"].startswith("no answer: ")


def test_an_app_that_does_not_answer_is_told(run, serve):
    serve("nginx", said(502))

    assert asked(run)["why"].startswith("the app itself gives no answer: ")


def test_a_dry_run_waits_for_the_first_release(dry_run):
    assert asked(dry_run)["state"] == "would run"
