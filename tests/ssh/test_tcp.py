"""A TCP connection whose packets every path takes."""

from __future__ import annotations

import socket

import pytest

from flaskwright.ssh import tcp


@pytest.mark.parametrize(("address", "headers"), [("127.0.0.1", 40), ("::1", 60)])
def test_neither_side_sends_more_than_the_smallest_path_takes(address: str, headers: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        server = socket.create_server((address, 0), family=family)
    except OSError:
        pytest.skip("no IPv6 here")
    with server, tcp.dial(address, server.getsockname()[1], 5) as ours:
        theirs, _ = server.accept()
        with theirs:
            for end in (ours, theirs):
                size = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
                assert size + headers <= tcp.PACKET


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        tcp.dial("127.0.0.1", port, 5)
