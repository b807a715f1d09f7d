"""Maintenance: what visitors get meanwhile, and what goes on all the same."""

from __future__ import annotations

from subprocess import run

import pytest

import sandbox

from .conftest import Live, on
from .visitor import ask, page

pytestmark = on("bookworm")


@pytest.fixture(scope="module")
def closed(live: Live) -> Live:
    """The sample app, closed."""
    said = live.project.on_host("maintenance.on")
    assert said.code == 0, str(said)
    return live


@pytest.mark.parametrize("path", ["/", "/static/style.css", "/nothing", "/health?x", "//health"])
def test_everything_is_closed(closed: Live, path: str) -> None:
    for address in (closed.address, closed.host.address6):
        answer = ask(address, path, host=closed.address)
        assert answer is not None
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "300"
        assert answer.headers.get_content_type() == "text/html"
        assert "We will be back soon" in answer.text


def test_a_form_gets_the_page_too(closed: Live) -> None:
    answer = ask(closed.address, form={"name": "Ada", "message": "lost"})
    assert answer is not None
    assert (answer.status, "We will be back soon" in answer.text) == (503, True)


def test_the_health_path_is_open(closed: Live) -> None:
    assert '"entries"' in page(closed.address, "/health")


def test_the_page_itself_is_nobodys_to_ask_for(closed: Live) -> None:
    answer = ask(closed.address, "/.flaskwright-maintenance")
    assert answer is not None
    assert answer.status == 404


def test_status_says_so_and_a_second_time_does_nothing(closed: Live) -> None:
    status = closed.project.on_host("status")
    assert "maintenance: on, since just now, by " in status.out, str(status)
    said = closed.project.on_host("maintenance.on")
    assert "nothing to do" in said.err, str(said)


def test_a_deploy_goes_through_meanwhile(closed: Live) -> None:
    before = closed.current()
    closed.project.change("templates/index.html", "<h1>Guestbook", "<h1>Newbook")
    closed.deploy()
    assert closed.current() != before
    assert "nothing to do" in closed.deploy().err
    answer = ask(closed.address)
    assert answer is not None
    assert answer.status == 503


def test_where_the_front_page_is_the_health_path_only_the_host_itself_gets_it(closed: Live) -> None:
    closed.project.declare(health="/")
    closed.deploy()
    answer = ask(closed.address)
    assert answer is not None
    assert answer.status == 503
    curl = "curl -s -o /dev/null -w '%{http_code}' localhost -H Host:"
    assert closed.shell(curl + closed.address) == "200"


def test_and_open_again(closed: Live) -> None:
    dry = closed.project.on_host("maintenance.off", "--dry-run")
    assert dry.code == 2, str(dry)
    said = closed.project.on_host("maintenance.off")
    assert said.code == 0, str(said)
    assert "<h1>Newbook" in page(closed.address)
    assert "maintenance: off" in closed.project.on_host("status").out
    assert "nothing to do" in closed.project.on_host("maintenance.off").err


def test_the_certificate_authority_is_answered_meanwhile(closed: Live) -> None:
    closed.project.declare(host={"domain": "guestbook.test", "tls": {"off": True}})
    closed.deploy()
    assert closed.project.on_host("maintenance.on").code == 0
    place = "/var/lib/letsencrypt/.well-known/acme-challenge"
    closed.shell(f"sudo mkdir -p {place}; echo proof | sudo tee {place}/token")
    name = "guestbook.test"
    assert page(closed.address, "/.well-known/acme-challenge/token", host=name) == "proof\n"
    answer = ask(closed.address, host=name)
    assert answer is not None
    assert answer.status == 503


@pytest.mark.long
def test_over_https(closed: Live) -> None:
    domain = f"guestbook.{closed.project.name}.test"
    closed.project.declare(host={"domain": domain})
    closed.deploy()  # the site is closed still, and so it stays
    at = [word for port in (80, 443) for word in ("--resolve", f"{domain}:{port}:{closed.address}")]
    argv = ["curl", "-sSi", "--noproxy", "*", "--cacert", str(sandbox.acme().roots), *at]
    for path, status in (("/", "503"), ("/static/style.css", "503"), ("/health", "200")):
        shown = run([*argv, f"https://{domain}{path}"], capture_output=True, text=True)
        assert shown.stdout.split()[1] == status, f"{shown}"
        assert "x-frame-options" in shown.stdout.lower()
        assert ("retry-after: 300" in shown.stdout.lower()) == (status == "503")
    shown = run([*argv, f"http://{domain}/"], capture_output=True, text=True)
    assert shown.stdout.split()[1] == "301", f"{shown}"
    assert "nothing to do" in closed.project.on_host("maintenance.on").err


def test_a_site_that_does_not_know_maintenance_is_told_from_one_that_does(closed: Live) -> None:
    site = "/srv/guestbook/current/etc/nginx/sites-available/guestbook"
    assert closed.project.on_host("maintenance.off").code == 0
    closed.shell(f"sudo cp {site} /root/kept; sudo sed -i '/return 503/d' {site}")
    closed.shell("sudo systemctl reload nginx; sleep 1")
    said = closed.project.on_host("maintenance.on")
    assert (said.code, "does not look for" in said.err) == (1, True), str(said)
    assert "maintenance: off" in closed.project.on_host("status").out
    closed.shell(f"sudo cp /root/kept {site}; sudo systemctl reload nginx")
