"""Somebody has followed the guide by hand up to its TLS part; we go on from there."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import sandbox

from .conftest import Live, Shell
from .project import Project

NAME, DOMAIN = "tls-by-hand", "by-hand.test"
SITE = """
server {
    listen 80 default_server;
    listen [::]:80;
    server_name %s;
    location / { return 200 "by hand"; }
}
"""


@pytest.fixture(scope="module")
def site(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A host with a site of that name, which does not answer challenges."""
    project = Project(tmp_path_factory.mktemp("by-hand"), NAME)
    shell = Shell(sandbox.up(NAME, names=[DOMAIN]))
    shell("sudo apt-get -q update; sudo apt-get -q install -y nginx; sudo rm /etc/nginx/*/default")
    place = "/etc/nginx/sites-available/guestbook"
    shell(f"printf '%s' '{SITE % DOMAIN}' | sudo tee {place}")
    shell(f"sudo ln -s {place} /etc/nginx/sites-enabled/; sudo systemctl reload nginx")
    project.declare(host={"domain": DOMAIN})
    yield Live(project, project.on_host("certs.webroot"))
    sandbox.down(NAME)


def get(site: Live, url: str) -> str:
    at = [word for port in (80, 443) for word in ("--resolve", f"{DOMAIN}:{port}:{site.address}")]
    argv = ["curl", "-sS", "--noproxy", "*", "--cacert", str(sandbox.acme().roots), *at, url]
    return subprocess.run(argv, capture_output=True, text=True).stdout


def test_it_serves_what_it_served_when_no_certificate_can_be_had(site: Live) -> None:
    assert site.said.code == 0, str(site.said)
    sandbox.acme().start(refused=[DOMAIN])
    said = site.project.on_host("certs.obtain")
    assert said.code == 1, str(said)
    assert get(site, f"http://{DOMAIN}/") == "by hand"
    assert "challenge" not in site.shell("ls /etc/nginx/conf.d")


def test_it_is_taken_over(site: Live) -> None:
    sandbox.acme().start()
    site.deploy()
    assert "<h1>Guestbook</h1>" in get(site, f"https://{DOMAIN}/")
    assert "by hand" in site.shell("cat /etc/nginx/sites-available/guestbook.before")
    assert "nothing to do" in site.deploy().err
