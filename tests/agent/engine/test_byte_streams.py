"""A program's streams joined to the operator's: every byte, no more ahead than agreed."""

import base64
import json
import os
import random
import threading
from queue import SimpleQueue

import pytest

from flaskwright.agent.engine.byte_streams import AHEAD
from flaskwright.agent.engine.errors import Gone

from ..app_host import AppHost
from ..support import fields, handler, result

DATA = b"\0\xff\r\n\x1b[31m" + random.Random(1).randbytes(1 << 20) + b"no end"


@pytest.fixture
def host(tmp_path, operator, monkeypatch):
    host = AppHost(tmp_path, operator)
    host.builds(monkeypatch)
    host.has("one")
    return host


def piped(host: AppHost, script: str):
    argv = ["sh", "-c", script]
    return fields("app-command", argv=argv, piped=True)


class Person(threading.Thread):
    """Gives a piece of the data whenever it is wanted, and keeps what comes.

    Each in a thread of its own, as the operator's side does: a pipe that is full in one direction
    would else wait for the other.
    """

    def __init__(self, operator, data: bytes) -> None:
        super().__init__(daemon=True)
        self.operator, self.left = operator, data
        self.outbox: SimpleQueue[bytes] = SimpleQueue()
        threading.Thread(target=self.give, daemon=True).start()
        self.out, self.err, self.wanted, self.given = b"", b"", 0, 0
        self.start()

    def run(self) -> None:
        os.set_blocking(self.operator.came, True)
        with os.fdopen(os.dup(self.operator.came), "rb") as events:
            for line in events:
                self.take(json.loads(line))

    def give(self) -> None:
        while True:
            self.operator.say(self.outbox.get())

    def take(self, event) -> None:
        if event["event"] == "want":
            self.wanted += 1
            piece, self.left = self.left[:65536], self.left[65536:]
            self.outbox.put(piece)
            self.given += bool(piece)
        elif event["event"] == "bytes":
            data = base64.b64decode(event["data"])
            self.out += data if event["stream"] == "out" else b""
            self.err += data if event["stream"] == "err" else b""


def ended(host: AppHost, operator, script: str, data: bytes = b""):
    """Run a script to its end; give its status, and the person at the other end."""
    person = Person(operator, data)
    done = result(host.run("check"), piped(host, script))
    operator.agent_out.flush()
    operator.agent_out.close()
    person.join(10)
    return done["answer"]["status"], person


def test_every_byte_goes_through_in_both_directions(host, operator):
    status, person = ended(host, operator, "cat; echo oops >&2; exit 7", DATA)
    assert (status, person.out == DATA, person.err) == (7, True, b"oops\n")


def test_no_input_is_an_end_at_once(host, operator):
    status, person = ended(host, operator, "cat; echo done")
    assert (status, person.out) == (0, b"done\n")


def test_of_what_nobody_reads_no_more_is_asked_for_than_agreed(host, operator):
    status, person = ended(host, operator, "head -c 3; exec sleep 0.5", DATA)
    assert (status, person.out) == (0, DATA[:3])
    assert AHEAD <= person.given <= AHEAD + 1


def test_it_ends_when_the_operator_has_gone(host, operator):
    threading.Timer(0.5, operator.leave).start()
    with pytest.raises(Gone):
        handler(host.run("check"), piped(host, "exec sleep 60")).act()
