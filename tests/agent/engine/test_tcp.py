"""Connections as the kernel counts their bytes."""

import os
import socket

import pytest

from flaskwright.agent.engine import tcp


@pytest.fixture(params=["127.0.0.1", "::1"])
def pair(request):
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.socket(family) as server:
        try:
            server.bind((request.param, 0))
        except OSError:
            pytest.skip("no IPv6 here")
        server.listen()
        with socket.create_connection(server.getsockname()[:2]) as here:
            there, _ = server.accept()
            with there:
                yield here, there


def of(sock):
    place = sock.getpeername()
    inode = os.fstat(sock.fileno()).st_ino
    (found,) = [one for one in tcp.connections([os.getpid()]) if one.inode == inode]
    assert (found.address, found.port) == place[:2]
    return found


def test_a_connection_is_known_by_its_other_end_and_by_what_came(pair):
    here, there = pair
    assert of(here).received == 0
    there.sendall(b"x" * 1000)
    here.recv(1000, socket.MSG_WAITALL)
    assert of(here).received == 1000


def test_what_others_hold_is_not_looked_at(pair):
    assert tcp.connections([]) == []
    assert tcp.connections([1 << 22]) == []


def test_a_kernel_that_does_not_tell(pair, monkeypatch):
    def refuse(family):
        raise OSError("no such protocol")

    monkeypatch.setattr(tcp, "_all", refuse)
    assert tcp.connections([os.getpid()]) == []
