"""A host that says what it likes: a connection whose other end is a list of bytes."""

from __future__ import annotations

import json
import random
import threading
from types import SimpleNamespace
from typing import Any

from paramiko.ssh_exception import SSHException

WORDS: tuple[Any, ...] = (
    *("", "x", "end", "result", "\ud800", "\u2028", "\x1b]0;t\x07", "--all", "0" * 40, "a\nb"),
    *(None, True, False, 0, -1, 1, 1e400, 10**30, 2.5, [], {}, [[]], [{}], [1], {"a": [{}]}),
    *("ok", "failed", "done", "changed", "out", "err", "secrets", "commit", "token"),
    *({"person": 1}, {"serves": None}, {"release": "x"}, [{"a": 1}, 2], [{}, {"b": 2}]),
)
NAMES = (
    *("hello", "start", "progress", "phase", "notice", "output", "want", "result", "detached"),
    *("locked", "end", "exit", "__init__", "result", "end"),
)
FIELDS = (
    *(
        "id",
        "n",
        "of",
        "text",
        "name",
        "stream",
        "value",
        "state",
        "seconds",
        "diff",
        "log",
        "what",
    ),
    *("why", "next", "note", "answer", "facts", "who", "since", "step", "lost"),
)
USUAL: dict[str, dict[str, Any]] = {
    "start": {"id": "x", "n": 1, "of": 2},
    "progress": {"text": "x"},
    "phase": {"name": "x"},
    "notice": {"text": "x"},
    "output": {"text": "x\n", "stream": "out"},
    "want": {"name": "commit", "value": {}},
    "result": {"id": "x", "state": "ok"},
    "locked": {"who": "x", "since": "y", "what": "z"},
    "end": {"facts": {}},
}


class Channel:
    """A session on which a host says `said`, in pieces, and then ends with a status."""

    closed = False

    def __init__(self, said: bytes, status: int, pieces: random.Random) -> None:
        self.said, self.exit_status, self.pieces = memoryview(said), status, pieces
        self.status_event, self.eof_received = threading.Event(), True
        self.status_event.set()

    def recv(self, size: int) -> bytes:
        part = self.pieces.choice((1, 7, 64, 4096, size))
        given, self.said = self.said[:part], self.said[part:]
        return bytes(given)

    def recv_stderr(self, size: int) -> bytes:
        return b""

    def send(self, data: bytes) -> int:
        if self.pieces.random() < 0.01:
            raise SSHException("gone")
        return len(data)

    def exec_command(self, command: str) -> None: ...

    def sendall(self, data: bytes) -> None: ...

    def settimeout(self, seconds: float | None) -> None: ...

    def close(self) -> None: ...


def connection(host: Any, said: bytes, status: int = 0, seed: int = 0) -> Any:
    """Return what the runner takes for a connection to such a host."""
    channel = Channel(said, status, random.Random(seed))
    sudo = SimpleNamespace(password="")
    return SimpleNamespace(
        host=host,
        user="pi",
        stage="",
        ask_to_stop=None,
        alone=False,
        unheard=float,
        transport=SimpleNamespace(
            packetizer=SimpleNamespace(read_message=None), is_active=lambda: False
        ),
        config=SimpleNamespace(sudo=sudo, run=SimpleNamespace(dry=False)),
        config_file=None,
        create_session=lambda: channel,
        open_meanwhile=lambda then: None,
        begun=None,
        open=lambda: None,
    )


def talk(dice: random.Random, ids: list[str]) -> bytes:
    """Return what a host might say: events, half of them nearly right, and other bytes."""
    said = b'{"event": "hello"}\n' if dice.random() < 0.9 else b""
    for _ in range(dice.randrange(12)):
        said += _line(dice, ids) + dice.choice((b"\n", b"\n", b"\n", b"\r\n", b"", b"\0\n"))
    return said + (b'{"event": "end", "facts": {}}\n' if dice.random() < 0.5 else b"")


def _line(dice: random.Random, ids: list[str]) -> bytes:
    kind = dice.random()
    if kind < 0.1:
        return dice.randbytes(dice.randrange(40))
    if kind < 0.15:
        return b'{"event":' * dice.randrange(3000)
    name = dice.choice(NAMES) if kind < 0.95 else dice.choice(WORDS)
    event = {"event": name, **(USUAL.get(name, {}) if isinstance(name, str) else {})}
    if name == "result" and ids and dice.random() < 0.5:
        event["id"] = dice.choice(ids)
    for _ in range(dice.choice((0, 0, 1, 2, 3))):
        event[dice.choice(FIELDS)] = dice.choice(WORDS)
    line = json.dumps(event).encode()
    return line if dice.random() < 0.95 else line[: dice.randrange(len(line))]
