"""HTTPS by the guide, from a pristine host on: what visitors get, and what renews it."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

import sandbox

from .browser import Browser
from .conftest import Live, on
from .project import Project
from .visitor import ask

pytestmark = on("bookworm", whole=["trixie"])


@pytest.fixture(scope="module")
def site(suite: str, place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A host that was deployed to once, with a domain and an alias."""
    name = f"tls-{suite}"
    sandbox.down(name)
    project = Project(tmp_path_factory.mktemp(suite), name, suite)
    project.declare(host={"domain": domain(name), "aliases": [f"www.{domain(name)}"]})
    yield Live(project, project.on_host("deploy"))
    sandbox.down(name)


def domain(name: str) -> str:
    return f"guestbook.{name}.test"


def domain_of(site: Live) -> str:
    return domain(site.project.name)


def secured(site: Live, name: str, roots: Path | None = None) -> ssl.SSLSocket:
    """Connect to port 443 as a browser does: by name, trusting the sandbox's authority only."""
    trust = ssl.create_default_context(cafile=str(roots or sandbox.acme().roots))
    trust.set_alpn_protocols(["h2", "http/1.1"])
    plain = socket.create_connection((site.address, 443), timeout=20)
    try:
        return trust.wrap_socket(plain, server_hostname=name)
    except BaseException:
        plain.close()
        raise


def fingerprint(site: Live) -> bytes:
    """Return the certificate that port 443 shows."""
    with secured(site, domain_of(site)) as link:
        return link.getpeercert(binary_form=True) or b""


def curl(site: Live, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Ask for a URL, its name leading to the host."""
    name = url.split("/")[2]
    at = [word for port in (80, 443) for word in ("--resolve", f"{name}:{port}:{site.address}")]
    argv = ["curl", "-sS", "--noproxy", "*", "--cacert", str(sandbox.acme().roots), *at, *options]
    return subprocess.run([*argv, url], capture_output=True, text=True)


def test_the_first_deploy_ends_at_an_https_page(site: Live) -> None:
    assert site.said.code == 0, str(site.said)
    url = f"https://{domain_of(site)}/"
    first, *_, look = site.said.out.splitlines()
    assert first == url
    command = look.partition("look")[2].strip()
    shown = subprocess.run(["sh", "-c", f"{command} -s"], capture_output=True, text=True)
    assert "<h1>Guestbook</h1>" in shown.stdout


def test_a_second_deploy_changes_nothing(site: Live) -> None:
    began = time.monotonic()
    said = site.deploy()
    assert "nothing to do" in said.err
    assert time.monotonic() - began < 10
    assert site.project.on_host("deploy", "--dry-run").code == 0


def test_a_browser_finds_it_safe_and_signs_the_book(site: Live, tmp_path: Path) -> None:
    name = domain_of(site)
    names = {name: site.address, f"www.{name}": site.address}
    with Browser(tmp_path / "home", sandbox.acme().roots, names) as browser:
        assert browser.open(f"http://www.{name}/") == ""
        assert browser.tell("location.href") == f"https://{name}/"
        assert browser.tell("isSecureContext")
        sheets = "getComputedStyle(document.body).margin + document.styleSheets.length"
        assert browser.tell(sheets) == "0px1"
        assert browser.tell("document.querySelector('button').click()") is None
        assert browser.tell("document.querySelector('article')") is None  # required fields
        browser.events.clear()
        browser.tell("document.querySelector('#name').value = 'Grace'")
        browser.tell("document.querySelector('#message').value = 'over TLS'")
        browser.tell("document.querySelector('button').click()")
        browser.wait_for("Page.loadEventFired")
        assert browser.tell("document.querySelector('article p').textContent") == "over TLS"
        assert browser.tell("location.protocol") == "https:"
        browser.picture(tmp_path / "guestbook.png")
    assert (tmp_path / "guestbook.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "guestbook.png").stat().st_size > 5000


def test_a_browser_that_does_not_know_the_authority_refuses(site: Live, tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("")
    names = {domain_of(site): site.address}
    with Browser(tmp_path / "home", tmp_path / "none.pem", names) as browser:
        assert browser.open(f"https://{domain_of(site)}/") == "net::ERR_CERT_AUTHORITY_INVALID"


@pytest.mark.parametrize("url", ["http://{}/a?b=c", "http://www.{}/a?b=c", "https://www.{}/a?b=c"])
def test_every_other_address_leads_to_the_domain(site: Live, url: str) -> None:
    answer = curl(site, url.format(domain_of(site)), "-o", "/dev/null", "-w",
                  "%{http_code} %{redirect_url}")  # fmt: skip
    assert answer.stdout == f"301 https://{domain_of(site)}/a?b=c"


def test_a_challenge_is_answered_and_not_redirected(site: Live) -> None:
    place = "/var/lib/letsencrypt/.well-known/acme-challenge"
    site.shell(f"echo an answer | sudo tee {place}/token")
    for name in (domain_of(site), f"www.{domain_of(site)}"):
        answer = ask(site.address, "/.well-known/acme-challenge/token", host=name)
        assert answer is not None and (answer.status, answer.text) == (200, "an answer\n")
    site.shell(f"sudo rm {place}/token")


@pytest.mark.parametrize("name", ["other.test", "localhost"])
def test_unknown_names_are_refused_over_tls(site: Live, name: str) -> None:
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        secured(site, name)


def test_a_visitor_without_a_name_is_refused(site: Live) -> None:
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.check_hostname = False
    trust.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((site.address, 443), timeout=20) as plain,
        pytest.raises(ssl.SSLError),
    ):
        trust.wrap_socket(plain)


def test_http2_is_spoken_and_old_tls_is_not(site: Live) -> None:
    with secured(site, domain_of(site)) as link:
        assert (link.selected_alpn_protocol(), link.version()) == ("h2", "TLSv1.3")
        key = subprocess.run(
            ["openssl", "x509", "-inform", "DER", "-noout", "-text"],
            input=link.getpeercert(binary_form=True), capture_output=True,
        ).stdout.decode()  # fmt: skip
    assert "id-ecPublicKey" in key
    assert f"DNS:{domain_of(site)}, DNS:www.{domain_of(site)}" in key
    for old in ("--tls-max", "1.1"), ("--tls-max", "1.0"):
        assert curl(site, f"https://{domain_of(site)}/", *old).returncode == 35
    assert curl(site, f"https://{domain_of(site)}/", "--tls-max", "1.2").returncode == 0


def test_headers_yield_to_those_of_the_app(site: Live) -> None:
    url = f"https://{domain_of(site)}/"
    for path in ("", "static/style.css", "nothing-here"):
        head = curl(site, url + path, "-D", "-", "-o", "/dev/null").stdout.lower()
        assert "x-frame-options: sameorigin" in head
        assert "x-content-type-options: nosniff" in head
        assert "strict-transport-security: max-age=31536000\n" in head.replace("\r", "")
    site.project.change(
        "app.py", '@app.get("/health")',
        '@app.after_request\ndef framed(response):\n'
        '    response.headers["X-Frame-Options"] = "DENY"\n'
        '    response.headers["Strict-Transport-Security"] = "max-age=60"\n'
        "    return response\n\n\n"
        '@app.get("/health")',
    )  # fmt: skip
    site.deploy()
    head = curl(site, url, "-D", "-", "-o", "/dev/null").stdout.lower()
    assert [line for line in head.splitlines() if "frame" in line] == ["x-frame-options: deny"]
    assert head.count("strict-transport-security") == head.count("max-age=60") == 1


def test_nginx_has_no_remark(site: Live) -> None:
    assert site.project.on_host("nginx.test").code == 0


def looked_at(site: Live) -> tuple[int, dict[str, set[str]]]:
    """Return the exit code of `verify`, and the states under each of its headings."""
    said = site.project.on_host("verify", "--json")
    states: dict[str, set[str]] = {}
    for row in said.told(site.project.name)["outcomes"][0]["answer"]["checks"]:
        states.setdefault(row["heading"], set()).add(row["state"])
    return said.code, states


def test_verify_finds_all_of_it_well(site: Live) -> None:
    code, states = looked_at(site)
    assert (code, set.union(*states.values())) == (0, {"ok"}), states
    assert {"manifest", "processes", "nginx", "site", "redirect", "certificate"} < set(states)
    assert {"headers", "static files", "unknown names", "source files"} < set(states)


def test_verify_finds_what_somebody_has_changed(site: Live) -> None:
    style = "/srv/guestbook/current/code/static/style.css"
    lines = {
        "headers": "add_header X-Frame-Options DENY always;",
        "tuning": "location = /app.py { root /srv/guestbook/current/code; }",
    }
    for name, line in lines.items():
        site.shell(f"echo '{line}' | sudo tee -a /etc/nginx/snippets/flaskwright-{name}.conf")
    site.shell(f"echo | sudo tee -a {style}; sudo systemctl reload nginx")
    said = site.project.on_host("verify")
    for name in lines:
        site.shell(f"sudo sed -i '$ d' /etc/nginx/snippets/flaskwright-{name}.conf")
    site.shell(f"sudo truncate -s -1 {style}; sudo systemctl reload nginx")
    assert said.code == 1, str(said)
    assert "X-Frame-Options is sent 2 times" in said.out
    assert "wrong: code/static/style.css is not as deployed" in said.out
    assert "wrong: visitors get /app.py" in said.out


def test_a_rehearsal_takes_less_than_15_seconds_and_changes_nothing(site: Live) -> None:
    before, began = fingerprint(site), time.monotonic()
    said = site.project.on_host("certs.renew", "--dry-run")
    assert said.code == 0, str(said)
    assert time.monotonic() - began < 15
    assert "rehearsal: passed" in said.out
    assert fingerprint(site) == before


def test_two_rehearsals_at_once_wait_for_each_other(site: Live) -> None:
    """A dry run takes no lock of ours, and certbot fails where another one is at work."""
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(site.project.on_host, "certs.renew", "--dry-run") for _ in "12"]
        said = [one.result() for one in asked]

    for one in said:
        assert one.code == 0, str(one)
        assert "rehearsal: passed" in one.out


def test_a_renewal_that_is_not_due_renews_nothing(site: Live) -> None:
    before = fingerprint(site)
    said = site.project.on_host("certs.renew")
    assert "not due yet" in said.out
    assert fingerprint(site) == before


@contextmanager
def visited(site: Live) -> Iterator[list[str]]:
    """Have visitors over HTTPS all the while; each answer's first line, or what went wrong."""
    trust = ssl.create_default_context(cafile=str(sandbox.acme().roots))
    request = f"GET /health HTTP/1.0\r\nHost: {domain_of(site)}\r\n\r\n".encode()
    ended, told = threading.Event(), list[str]()

    def visit() -> None:
        while not ended.is_set():
            try:
                with (
                    socket.create_connection((site.address, 443), timeout=20) as plain,
                    trust.wrap_socket(plain, server_hostname=domain_of(site)) as link,
                ):
                    link.sendall(request)
                    told.append(link.makefile("rb").readline().decode().strip())
            except OSError as error:
                told.append(repr(error))

    visitors = [threading.Thread(target=visit) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    yield told
    ended.set()
    for visitor in visitors:
        visitor.join()


def test_a_forced_renewal_is_what_visitors_see_and_none_is_turned_away(site: Live) -> None:
    before = fingerprint(site)
    with visited(site) as told:
        said = site.project.on_host("certs.renew", "--force")
    assert said.code == 0, str(said)
    assert fingerprint(site) != before
    assert len(told) > 100 and set(told) == {"HTTP/1.1 200 OK"}
    assert "renewed: yes" in said.out
    assert "nothing to do" in site.deploy().err


def test_the_timer_s_own_certbot_renews_too(site: Live) -> None:
    before = fingerprint(site)
    conf = f"/etc/letsencrypt/renewal/{domain_of(site)}.conf"
    site.shell(f"sudo sed -i '1i renew_before_expiry = 100 days' {conf}")
    site.shell("sudo systemctl start certbot.service")
    until = time.monotonic() + 10
    while fingerprint(site) == before and time.monotonic() < until:
        time.sleep(0.2)
    assert fingerprint(site) != before
    site.shell(f"sudo sed -i 1d {conf}")


def test_status_reads_what_port_443_serves(site: Live) -> None:
    said = site.project.on_host("certs.status")
    assert said.code == 0, str(said)
    assert f"names: {domain_of(site)}, www.{domain_of(site)}" in said.out
    assert "of 90" in said.out
    assert "timer: active, enabled" in said.out
    assert "hook: there" in said.out
    assert "webroot: /var/lib/letsencrypt" in said.out
    assert "proven: 2" in said.out and "warning" not in said.out


def test_it_comes_back_after_a_power_cut(site: Live) -> None:
    before = fingerprint(site)
    sandbox.power_cut(site.project.name)
    sandbox.boot(site.project.name)
    assert fingerprint(site) == before
    assert curl(site, f"https://{domain_of(site)}/").returncode == 0


def test_plain_http_is_there_for_those_who_want_it(site: Live) -> None:
    keys = {"domain": domain_of(site), "aliases": [f"www.{domain_of(site)}"]}
    site.project.declare(host={**keys, "tls": {"off": True}})
    assert site.deploy().out.startswith(f"http://{domain_of(site)}/\n  release ")
    assert "<h1>Guestbook</h1>" in curl(site, f"http://{domain_of(site)}/").stdout
    with pytest.raises(ssl.SSLError):
        secured(site, domain_of(site))
    site.project.declare(host=keys)
    site.deploy()
    assert "<h1>Guestbook</h1>" in curl(site, f"https://{domain_of(site)}/").stdout
