"""The resolver, asked over real sockets."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from sandbox import resolver

A, AAAA = 1, 28
NAMES = {"pi.test": "198.18.0.2", "guestbook.example": "198.18.0.3"}


def query(name: str, kind: int = A) -> bytes:
    """A question as a stub resolver sends it."""
    labels = b"".join(struct.pack("B", len(part)) + part.encode() for part in name.split("."))
    return b"\x12\x34\x01\x00\0\1\0\0\0\0\0\0" + labels + struct.pack("!BHH", 0, kind, 1)


def status(response: bytes) -> int:
    return response[3] & 0x0F


def address(response: bytes) -> str | None:
    (answers,) = struct.unpack("!H", response[6:8])
    return socket.inet_ntoa(response[-4:]) if answers else None


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "names.json"
    path.write_text(json.dumps(NAMES))
    return path


@pytest.fixture
def port(names: Path) -> Iterator[int]:
    """A resolver at work on 127.0.0.1."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = int(free.getsockname()[1])
    servers = resolver.servers(resolver.Resolver(resolver.Names(names), "127.0.0.1"), number)
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield number
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("ask", [resolver.ask_udp, resolver.ask_tcp])
@pytest.mark.parametrize(("name", "expected"), NAMES.items())
def test_a_name_of_a_host_has_its_address(ask, name, expected, port):
    assert address(ask(query(name), "127.0.0.1", port)) == expected


def test_the_answer_belongs_to_the_question(port):
    asked = query("pi.test")
    answer = resolver.ask_udp(asked, "127.0.0.1", port)
    assert answer[:2] == asked[:2]
    assert answer[12 : len(asked)] == asked[12:]
    assert answer[2] & 0x80


def test_case_does_not_matter(port):
    assert address(resolver.ask_udp(query("Pi.TEST"), "127.0.0.1", port)) == "198.18.0.2"


def test_a_host_has_no_ipv6_address_but_exists(port):
    answer = resolver.ask_udp(query("pi.test", AAAA), "127.0.0.1", port)
    assert (status(answer), address(answer)) == (resolver.NO_ERROR, None)


def test_another_name_below_test_does_not_exist(port):
    answer = resolver.ask_udp(query("other.test"), "127.0.0.1", port)
    assert status(answer) == resolver.NO_SUCH_NAME


def test_names_published_later_are_known(names, port):
    fresh = names.with_suffix(".new")
    fresh.write_text(json.dumps({"new.test": "198.18.0.9"}))
    fresh.rename(names)
    assert address(resolver.ask_udp(query("new.test"), "127.0.0.1", port)) == "198.18.0.9"


@pytest.mark.parametrize("junk", [b"", b"\0", b"\0" * 12, query("pi.test")[:-3], b"\xff" * 40])
def test_junk_is_not_answered_and_does_no_harm(junk, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(junk, ("127.0.0.1", port))
    assert resolver.answers("127.0.0.1", port)


def test_what_is_not_ours_is_forwarded(port):
    ask = partial(resolver.ask_udp, port=port)
    answer = resolver.forward(query("pi.test"), lambda q, _: ask(q, "127.0.0.1"), own="")
    assert address(answer) == "198.18.0.2"


def test_no_nameserver_that_answers_is_a_server_failure():
    def silent(query: bytes, server: str) -> bytes:
        raise TimeoutError

    assert status(resolver.forward(query("pi.example"), silent, own="")) == resolver.SERVER_FAILURE


def test_nameservers_come_from_resolv_conf(tmp_path):
    conf = tmp_path / "resolv.conf"
    conf.write_text("search lan\nnameserver 192.0.2.1\n# nameserver 192.0.2.9\nnameserver ::1\n")
    assert resolver.nameservers(conf) == ["192.0.2.1", "::1"]


def test_nobody_is_at_a_closed_port():
    assert not resolver.answers("127.0.0.1", 9)
