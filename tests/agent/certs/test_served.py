"""What the agent makes of nginx's versions, of openssl's words and of certbot's."""

import socket

import pytest

from flaskwright.agent.certs import certbot, lineage, prerequisites
from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.engine.output import Output
from flaskwright.agent.git import login
from flaskwright.agent.web.nginx import files as nginx_files

from ..support import handler

CONTENTS = {
    f"{nginx} {openssl}": nginx_text + openssl_text
    for nginx, nginx_text in (("0", "old"), ("1.19.4", "newer"), ("1.25.1", "new"))
    for openssl, openssl_text in (("0", ""), ("3.5", ", newest keys"))
}
OF_DEBIAN = [
    ("1.18.0", "built with OpenSSL 1.1.1n  15 Mar 2022 (running with OpenSSL 1.1.1w)", "old"),
    ("1.22.1", "built with OpenSSL 3.0.15 3 Sep 2024 (running with OpenSSL 3.0.17)", "newer"),
    ("1.26.3", "built with OpenSSL 3.4.1 (running with OpenSSL 3.5.1)", "new, newest keys"),
]


@pytest.mark.parametrize(
    ("version", "with_what", "content"),
    [
        *OF_DEBIAN,
        ("1.14.2", "built with OpenSSL 1.1.1d  10 Sep 2019", "old"),
        ("1.19.4", "built with OpenSSL 3.0.2 15 Mar 2022", "newer"),
        ("1.26.3 (Ubuntu)", "built with OpenSSL 3.0.13 30 Jan 2024", "new"),
        ("1.100.0", "built with OpenSSL 3.10.0", "new, newest keys"),
        ("1.26.0", "built with OpenSSL 3.5.0 (running with OpenSSL 3.4.0)", "new"),
        ("1.27.0", "built with LibreSSL 4.0.0", "new"),
        ("1.27.0", "", "new"),
    ],
)
def test_a_file_fits_the_host_s_nginx(run, monkeypatch, version, with_what, content):
    monkeypatch.setattr(nginx_files, "installed", lambda: True)
    run.cache["nginx -V"] = f"nginx version: nginx/{version}\n{with_what}\nTLS SNI support\n"
    fields = {"path": "/no/such/file", "content": "", "contents": CONTENTS, "check": None}
    file = handler(
        run, {"kind": "fitted", "id": "x", "owner": "r", "group": "r", "mode": 0, **fields}
    )

    file.actual()

    assert file.wanted()["content"] == content


def test_names_are_read_in_any_order():
    text = "X509v3 Subject Alternative Name: \n    DNS:www.x.org, DNS:x.org, IP Address:1.2.3.4\n"

    assert lineage.names_in(text) == "www.x.org, x.org"


SAID = [
    ("requests.exceptions.SSLError: certificate verify failed: self signed", "not who it should"),
    ("There were too many requests: rateLimited: Retry-After", "rate limit"),
    ("urn:ietf:params:acme:error:rejectedIdentifier :: no", "no certificate for this name"),
    ("JWS has an invalid anti-replay nonce: x", "its own nonces"),
    ("Detail: DNS problem: NXDOMAIN looking up A for x.org", "finds no address"),
    ("Detail: 192.0.2.1: Timeout during connect (likely firewall problem)", "reach port 80"),
    ("Detail: Get http://x: dial tcp 1.2.3.4:80: connect: connection refused", "reach port 80"),
    ("Detail: Invalid response from http://x/.well-known: 404", "another answer on port 80"),
    ("Max retries exceeded with url: /dir (Caused by NewConnectionError", "cannot be reached"),
    ("accountDoesNotExist :: no", "does not know the host's account"),
    ("something else", "certbot ended with status 1"),
]


@pytest.mark.parametrize(("line", "meaning"), SAID)
def test_what_certbot_says_is_told_as_what_it_means(line, meaning):
    output = Output("certbot", 1, "", line, ["Saving debug log to /var/log", line])

    failed = certbot.trouble("no certificate", output)

    assert meaning in failed.why
    assert failed.log == [line]


@pytest.mark.parametrize("url", ["ssh://git@x.org/y", "git@x.org:y", "x.org:y/z"])
def test_urls_for_ssh(url):
    assert login.SSH_URL.match(url)


@pytest.mark.parametrize("url", ["https://x.org/y", "git://x.org/y", "/srv/x", "ext::sh -c x"])
def test_urls_that_are_not_for_ssh(url):
    assert not login.SSH_URL.match(url)


def test_own_addresses_can_be_told():
    assert prerequisites.is_own("127.0.0.1")
    assert not prerequisites.is_own("192.0.2.1")


def test_a_name_that_does_not_exist(monkeypatch):
    def none(*words, **more):
        raise socket.gaierror(socket.EAI_NONAME, "none")

    monkeypatch.setattr(socket, "getaddrinfo", none)

    with pytest.raises(Failed, match=r"blog\.test does not exist"):
        prerequisites._addresses("blog.test")


def test_what_etc_hosts_says_of_the_host_itself_is_left_out(monkeypatch):
    found = [(2, 1, 6, "", (address, 80)) for address in ("127.0.1.1", "192.0.2.7", "::1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *words, **more: found)

    assert prerequisites._addresses("blog.test") == ["192.0.2.7"]


@pytest.mark.parametrize(
    ("address", "own", "may"),
    [
        ("8.8.8.8", "192.168.1.7", True),
        ("8.8.8.8", "9.9.9.9", False),
        ("192.168.1.9", "192.168.1.7", False),
        ("2606:4700::1", "fe80::1", False),
    ],
)
def test_silence_says_nothing_only_behind_a_router(monkeypatch, address, own, may):
    monkeypatch.setattr(prerequisites, "_own", lambda address: own)

    assert prerequisites._may_be_the_router(address) is may
