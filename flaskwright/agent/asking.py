"""Requests to a web server on this host."""

from __future__ import annotations

import socket
import time

MOST = 1 << 16  # bytes of a body that are read
PORT = 80


class Reply:
    """What was answered."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body


def ask(address: str, path: str, host: str, timeout: float = 10.0) -> Reply:
    """GET a path with the headers that our proxy sends; raises OSError where no answer comes.

    `address` is a socket's path, or an IP address, of which port 80 is asked. It is HTTP/1.0, whose
    answers end with the connection: importing http.client takes longer than all other reading.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    unix = address.startswith("/")
    lines = ["GET %s HTTP/1.0" % path, *("%s: %s" % pair for pair in _headers(host).items())]
    with socket.socket(socket.AF_UNIX if unix else family, socket.SOCK_STREAM) as link:
        link.settimeout(timeout)
        link.connect(address if unix else (address, PORT))
        link.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
        return _parsed(_received(link, time.monotonic() + timeout))


def _received(link: socket.socket, deadline: float) -> bytes:
    data = b""
    while len(data) < MOST and time.monotonic() < deadline:
        more = link.recv(MOST)
        if not more:
            break
        data += more
    return data


def _parsed(data: bytes) -> Reply:
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split()
    if not data:
        raise ConnectionResetError("the connection was closed without an answer")
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdigit():
        raise OSError("what answers does not speak HTTP")
    pairs = (line.partition(":") for line in lines)
    return Reply(int(words[1]), {name.title(): text.strip() for name, _, text in pairs}, body)


def is_good(status: int) -> bool:
    """Tell whether a status says that all is well."""
    return 200 <= status < 400


def _headers(host: str) -> dict[str, str]:
    return {
        "Host": host,
        "Connection": "close",
        "X-Real-IP": "127.0.0.1",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Host": host,
        "X-Forwarded-Proto": "http",
    }
