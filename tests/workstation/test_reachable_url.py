"""The printed URL, opened on this machine."""

import socket

import pytest

from flaskwright.inventory import Host
from flaskwright.workstation import reachable_url
from tests.agent.web_server import Server


@pytest.fixture
def served(monkeypatch):
    """A web server on this machine; its answers by Host."""
    server = Server(("127.0.0.1", 0), {})
    monkeypatch.setattr(reachable_url, "HTTP", server.socket.getsockname()[1])
    yield server.answers
    server.shutdown()
    server.server_close()


def host(**keys):
    return Host("pi", guide="raspberry-pi", **{"address": "127.0.0.1", **keys})


def test_it_says_what_answers_and_where_that_leads(served):
    served["127.0.0.1"] = (302, {"Location": "/login"})

    assert reachable_url.open_url(host()) == (
        "http://127.0.0.1/ from this machine: 302 Found, to /login",
        "",
        "",
    )


def test_an_empty_reply_is_wrong(served):
    looked_at, wrong, _ = reachable_url.open_url(host())

    assert looked_at == "http://127.0.0.1/ from this machine"
    assert wrong.startswith("no answer from 127.0.0.1: ")


def test_a_domain_without_an_address_is_wrong():
    _, wrong, _ = reachable_url.open_url(host(domain="nowhere.invalid", tls=None))

    assert wrong.startswith("nowhere.invalid has no address here: ")


def test_a_router_that_does_not_lead_back_is_no_fault_of_the_site(monkeypatch):
    def refuse(*anything):
        raise TimeoutError(110, "Connection timed out")

    found = [(None, None, None, "", ("8.8.8.8", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *anything, **more: found)
    monkeypatch.setattr(socket, "create_connection", refuse)

    _, wrong, told = reachable_url.open_url(host(domain="blog.example.org"))

    assert wrong == ""
    assert "Connection timed out" in told and "curl --connect-to" in told
