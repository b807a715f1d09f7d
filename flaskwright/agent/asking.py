"""Requests to a web server on this host."""

from __future__ import annotations

import http.client
import socket

MOST = 1 << 16  # bytes of a body that are read
PORT = 80


class Reply:
    """What was answered."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body


def ask(address: str, path: str, host: str, timeout: float = 10.0) -> Reply:
    """GET a path with the headers that our proxy sends; raises OSError or HTTPException.

    `address` is a socket's path, or an IP address, of which port 80 is asked.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    unix = address.startswith("/")
    with socket.socket(socket.AF_UNIX if unix else family, socket.SOCK_STREAM) as link:
        link.settimeout(timeout)
        link.connect(address if unix else (address, PORT))
        connection = http.client.HTTPConnection("localhost")
        connection.sock = link
        connection.request("GET", path, headers=_headers(host))
        response = connection.getresponse()
        return Reply(response.status, dict(response.getheaders()), response.read(MOST))


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
