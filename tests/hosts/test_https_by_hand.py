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


def get(site: Live, url: str, *options: str) -> str:
    at = [word for port in (80, 443) for word in ("--resolve", f"{DOMAIN}:{port}:{site.address}")]
    argv = [
        "curl",
        "-sS",
        "--noproxy",
        "*",
        "--cacert",
        str(sandbox.acme().roots),
        *at,
        *options,
        url,
    ]
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


def tls12(site: Live, *suites: str) -> subprocess.CompletedProcess[str]:
    """Speak TLS 1.2 with those suites only."""
    argv = ["openssl", "s_client", "-connect", f"{site.address}:443", "-servername", DOMAIN]
    return subprocess.run([*argv, "-tls1_2", "-cipher", ":".join(suites)], input="",
                          capture_output=True, text=True)  # fmt: skip


def test_a_certificate_can_be_rehearsed_and_there_is_one_already(site: Live) -> None:
    said = site.project.on_host("certs.issue")
    assert said.code == 0, str(said)
    assert f"{DOMAIN}: leads here: {site.address}" in said.out
    assert "clock: right" in said.out and "rehearsal: passed" in said.out
    assert "there is one already" in said.out


def test_a_certificate_is_replaced_before_it_is_revoked(site: Live) -> None:
    live = f"sudo readlink /etc/letsencrypt/live/{DOMAIN}/cert.pem"
    before = site.shell(live)
    assert site.project.on_host("certs.revoke").code == 64  # nobody is here to say yes
    said = site.project.on_host("certs.revoke", "--yes", "--reason", "keycompromise")
    assert said.code == 0, str(said)
    assert f"revoked: /etc/letsencrypt/archive/{DOMAIN}/{Path(before.strip()).name}" in said.out
    assert site.shell(live) != before
    assert "<h1>Guestbook</h1>" in get(site, f"https://{DOMAIN}/")


def test_a_dh_group_for_those_who_want_it(site: Live) -> None:
    suite = "DHE-RSA-AES128-GCM-SHA256"
    assert tls12(site, suite).returncode != 0
    keys = {"domain": DOMAIN, "tls": {"dhparam": "ffdhe2048", "hsts": "include_subdomains"}}
    site.project.declare(host=keys)
    site.deploy()
    said = tls12(site, suite)
    assert f"Cipher is {suite}" in said.stdout and "Server Temp Key: DH, 2048 bits" in said.stdout
    assert tls12(site, "ECDHE-RSA-AES128-GCM-SHA256").returncode == 0
    assert "31536000; includeSubDomains" in get(site, f"https://{DOMAIN}/", "-D-")
    assert "nothing to do" in site.deploy().err


def test_a_certificate_is_deleted_once_no_site_names_it(site: Live) -> None:
    said = site.project.on_host("certs.delete", "--yes")
    assert said.code == 1, str(said)
    assert "is in use, so it is not deleted" in said.err
    site.project.declare(host={"domain": DOMAIN, "tls": {"off": True}})
    site.deploy()
    assert "deleted: by-hand.test" in site.project.on_host("certs.delete", "--yes").out
    assert site.shell("sudo ls /etc/letsencrypt/live").strip() == "README"
    assert "<h1>Guestbook</h1>" in get(site, f"http://{DOMAIN}/")
