"""Open connections of processes that end, counted; with real sockets, as the kernel tells."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from flaskwright.agent.engine.run import Run
from flaskwright.agent.processes import drain as module
from flaskwright.agent.processes.drain import Drain, connections

# takes connections at a path, and answers the first of them for each line that it reads
APP = """
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("listens", flush=True)
held = [listener.accept()[0] for _ in range(int(sys.argv[2]))]
print("holds them", flush=True)
for line in sys.stdin:
    held.pop(0).close()
"""


class App:
    """An old process of an app, which has `count` requests to answer."""

    def __init__(self, directory: Path, count: int) -> None:
        self.address = str(directory / "blog.sock")
        argv = [sys.executable, "-c", APP, self.address, str(count)]
        self.process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "listens\n"
        self.visitors = [socket.socket(socket.AF_UNIX) for _ in range(count)]
        for visitor in self.visitors:
            visitor.connect(self.address)
        assert self.process.stdout.readline() == "holds them\n"

    def processes(self, slot: str) -> set[int]:
        return {self.process.pid} if self.process.poll() is None else set()

    def answer(self) -> None:
        """Answer a visitor, who has seen it when this returns."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        assert self.visitors.pop(0).recv(1) == b""

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for visitor in self.visitors:
            visitor.close()


@pytest.fixture
def app(monkeypatch, request):
    place = Path(tempfile.mkdtemp(prefix="app-"))  # a socket's path must be short
    app = App(place, request.param)
    monkeypatch.setattr(module, "processes_in", app.processes)
    monkeypatch.setattr(module, "PAUSE", 60)  # the test says when it looks
    yield app
    app.end()
    shutil.rmtree(place)


def drained(operator, app, drain, *acts):
    """Count while each act is done, with a look after it; what the run tells."""
    run = Run(operator.wire)
    with Drain(run, app.address, ["blog@1.service"], time.monotonic(), drain) as counted:
        for act in acts:
            act()
            counted._look()
    return run.about.told()


@pytest.mark.parametrize("app", [2], indirect=True)
def test_what_is_answered_before_its_process_ends_is_not_cut(operator, app, monkeypatch):
    monkeypatch.setattr(module, "TOLD", 0.0)
    facts = drained(operator, app, 30, app.answer, app.answer, app.end)

    assert facts["drain"]["requests"] == 2
    assert facts["drain"]["cut"] == 0
    assert facts["drained"] == "waited 0 s for 2 requests"


@pytest.mark.parametrize("app", [2], indirect=True)
def test_what_is_open_when_its_process_is_ended_was_cut(operator, app):
    facts = drained(operator, app, 0, app.end)

    assert (facts["drain"]["requests"], facts["drain"]["cut"]) == (2, 2)
    assert facts["drained"] == "waited 0 s for 2 requests; 2 were cut after 0 s (`drain`)"


@pytest.mark.parametrize("app", [1], indirect=True)
def test_who_ends_in_time_has_answered(operator, app):
    """A worker ends in the moment in which it has answered: sooner than anybody looks."""
    facts = drained(operator, app, 30, app.end)

    assert (facts["drain"]["requests"], facts["drain"]["cut"]) == (1, 0)


@pytest.mark.parametrize("app", [1], indirect=True)
def test_who_closes_what_it_cuts_and_then_ends_has_cut_it(operator, app):
    """gunicorn's threads do so."""
    assert drained(operator, app, 0, app.answer, app.end)["drain"]["cut"] == 1


@pytest.mark.parametrize("app", [1], indirect=True)
def test_who_goes_on_for_long_has_answered(operator, app, monkeypatch):
    monkeypatch.setattr(module, "AFTER", 0.0)
    assert drained(operator, app, 0, app.answer, app.end)["drain"]["cut"] == 0


@pytest.mark.parametrize("app", [0], indirect=True)
def test_without_a_request_nothing_is_said(operator, app):
    facts = drained(operator, app, 0, app.end)

    assert facts["drain"] == {"seconds": 0.0, "requests": 0, "cut": 0}
    assert "drained" not in facts


@pytest.mark.parametrize("app", [1], indirect=True)
def test_others_have_nothing_to_do_with_it(app):
    """Neither who listens, nor whoever has asked, nor another address counts."""
    assert len(connections(app.address, [app.process.pid])) == 1
    assert connections(app.address, [os.getpid()]) == {}
    assert connections(app.address + "2", [app.process.pid]) == {}
    assert connections(app.address, [2**22 + 1]) == {}


@pytest.mark.parametrize("app", [1], indirect=True)
def test_whatever_a_stranger_calls_a_socket(app):
    """A line of the kernel's list is cut by a newline in a path."""
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(app.address + "\n\n0: 2 3\n")
        assert len(connections(app.address, [app.process.pid])) == 1


@pytest.mark.parametrize("app", [3], indirect=True)
def test_it_is_told_how_many_are_left(operator, app, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.01)
    told = []
    run = Run(operator.wire)
    with Drain(run, app.address, ["blog@1.service"], time.monotonic(), 30):
        app.answer()
        while LEFT not in told:
            told += [event["text"] for event in operator.events()]


LEFT = "waits for 2 requests that the old processes answer, at most 30 s"
