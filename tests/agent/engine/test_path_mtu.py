"""Whether large packets are lost: on the loopback they are not. A path that loses them is in
tests/hosts/test_waits.py.
"""

import socket
import threading

import pytest

from flaskwright.agent.engine import path_mtu


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(path_mtu, "PATIENCE", 0.5)


@pytest.fixture
def server():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def asked(server, answer):
    """Answer one request when all of it is there; gives what came of asking, and the request."""

    def serve():
        link, _ = server.accept()
        with link:
            while not b"".join(said).endswith(b"\r\n\r\n"):
                said.append(link.recv(65536))
            link.sendall(answer)

    said: list[bytes] = []
    thread = threading.Thread(target=serve)
    thread.start()
    size = path_mtu.largest(*server.getsockname(), "a.test", "/x")
    thread.join()
    return size, b"".join(said)


def test_a_path_that_carries_what_we_send(server):
    size, request = asked(server, b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 5000)

    assert size == 0
    assert request.startswith(b"GET /x HTTP/1.0\r\nHost: a.test\r\n")
    assert len(request) > 3000


def test_a_short_answer_is_one(server):
    assert asked(server, b"HTTP/1.0 301 Moved\r\n\r\n")[0] == 0


def test_of_who_answers_nothing_at_all_nothing_is_known(server):
    assert path_mtu.largest(*server.getsockname()) == 0


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = server.getsockname()
    assert path_mtu.largest(*place) == 0


def test_packets_are_kept_small(server):
    seen = []

    def serve():
        link, _ = server.accept()
        with link:
            seen.append(link.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG))

    thread = threading.Thread(target=serve)
    thread.start()
    assert path_mtu.answers(*server.getsockname(), "", "/", 1280)
    thread.join()
    assert seen[0] <= 1280 - 40
