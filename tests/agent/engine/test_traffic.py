"""What a program waits for: real programs, real connections on the loopback."""

import contextlib
import socket
import subprocess
import sys
import time

import pytest

from flaskwright.agent.engine import traffic
from flaskwright.agent.engine.traffic import Traffic, session

CONNECT = (
    "import socket, sys, time\nlink = socket.create_connection(('127.0.0.1', int(sys.argv[1])));"
)


@contextlib.contextmanager
def program(source):
    """Run a Python program with a connection to us; gives its traffic and our end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        argv = [sys.executable, "-c", CONNECT + source, port]
        with subprocess.Popen(argv, start_new_session=True) as process:
            link, _ = server.accept()
            with link:
                yield Traffic(lambda: session(process.pid)), link
            process.kill()


def looked(seen, seconds=1.0):
    """Look several times, as a program is watched."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seen.look()
        time.sleep(0.1)


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(traffic, "SHORT", 0.5)


def test_nothing_comes():
    with program("link.recv(1)") as (seen, link):
        looked(seen)
        assert seen.silent > 0.5
        assert list(seen.stuck) == [link.getsockname()]


def test_what_comes_ends_the_silence():
    with program("link.recv(1); link.recv(1)") as (seen, link):
        looked(seen)
        link.sendall(b"x")
        time.sleep(0.1)
        seen.look()
        assert (seen.silent, seen.received) == (0.0, 1)


def test_who_works_does_not_wait():
    with program("exec('while True: pass')") as (seen, _):
        looked(seen)
        assert seen.silent < 0.5
        assert not seen.stuck


def test_who_waits_for_a_child_does_not_wait_for_a_connection():
    source = "import subprocess; subprocess.run(['sleep', '60'])"
    with program(source) as (seen, _):
        looked(seen, 2.0)
        assert not seen.waits
        assert not seen.stuck


def test_without_a_connection_there_is_nothing_to_wait_for(monkeypatch):
    monkeypatch.setattr(traffic, "IDLE", 0.3)
    with program("time.sleep(1.5); link.close(); time.sleep(60)") as (seen, _):
        looked(seen)
        assert seen.silent > 0.3
        looked(seen, 1.5)
        assert seen.silent == 0.0
