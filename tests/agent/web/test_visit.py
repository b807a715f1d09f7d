"""A browser's opinion of a certificate, and the addresses that visitors come to."""

import socket
import ssl
import subprocess
import threading

import pytest

from flaskwright.agent.web import http, visit

SELF_SIGNED = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 9"


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    """A certificate for blog.test that is its own authority, with its key."""
    path = tmp_path_factory.mktemp("tls") / "blog.pem"
    files = ["-keyout", path, "-out", f"{path}.crt", "-subj", "/CN=blog.test"]
    names = ["-addext", "subjectAltName=DNS:blog.test"]
    subprocess.run([*SELF_SIGNED.split(), *files, *names], check=True, capture_output=True)
    certificate = path.with_name("blog.pem.crt").read_text()
    path.write_text(path.read_text() + certificate)
    return path, certificate


@pytest.fixture
def port(pem, monkeypatch):
    """Somebody who speaks TLS with one visitor, at the port that is asked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem[0])
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        link, _ = listener.accept()
        try:
            context.wrap_socket(link, server_side=True).close()
        except OSError:
            link.close()

    thread = threading.Thread(target=serve)
    thread.start()
    monkeypatch.setattr(visit, "HTTPS", listener.getsockname()[1])
    yield
    thread.join()
    listener.close()


@pytest.mark.usefixtures("port")
def test_a_certificate_that_is_trusted_is_told_about(pem):
    found = visit.ask_certificate("127.0.0.1", "blog.test", pem[1])

    assert found["subjectAltName"] == (("DNS", "blog.test"),)
    assert {"notBefore", "notAfter", "issuer"} <= set(found)


@pytest.mark.usefixtures("port")
@pytest.mark.parametrize(
    ("name", "trusts", "why"),
    [("blog.test", False, "self.signed"), ("other.test", True, "Hostname mismatch")],
)
def test_a_certificate_that_a_browser_refuses(pem, name, trusts, why):
    with pytest.raises(ConnectionError, match=why):
        visit.ask_certificate("127.0.0.1", name, pem[1] if trusts else "")


def test_without_a_network_visitors_come_to_loopback(monkeypatch):
    monkeypatch.setattr(visit, "_ipv4", lambda: "")
    monkeypatch.setattr(visit, "_ipv6", lambda table: "")
    monkeypatch.setattr(visit, "loopback", lambda: ["127.0.0.1"])

    assert visit.addresses() == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (["00000000000000000000000000000001 01 80 10 80 lo"], ""),
        (
            [
                "00000000000000000000000000000001 01 80 10 80 lo",
                "fe800000000000005054000000000001 02 40 20 80 eth0",
                "20010db8000000000000000000000007 02 40 00 80 eth0",
            ],
            "2001:db8::7",
        ),
    ],
)
def test_an_address_of_ipv6_that_others_can_reach(lines, address):
    assert visit._ipv6("\n".join(lines).encode()) == address


def test_a_visitor_sends_no_header_of_a_proxy(monkeypatch):
    sent = []
    monkeypatch.setattr(visit, "send", lambda *words: sent.append(words))

    visit.visit("192.0.2.7", "/a", "blog.test", True, Accept_Encoding="gzip")

    ((address, request, server, _),) = sent
    assert (address, server) == ("192.0.2.7", "blog.test")
    assert request == http.written(
        "GET /a HTTP/1.1",
        {
            "Host": "blog.test",
            "Connection": "close",
            "User-Agent": "flaskwright",
            "Accept-Encoding": "gzip",
        },
    )
