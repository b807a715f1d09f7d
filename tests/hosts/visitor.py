"""A visitor of a site: requests as they are written, answers as they come."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlencode

PATIENCE = 30  # seconds


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(
    address: str,
    path: str = "/",
    *,
    host: str = "",
    headers: Mapping[str, str] = {},
    form: Mapping[str, str] | None = None,
    body: bytes = b"",
    patience: float = PATIENCE,
) -> Answer | None:
    """Send one request; None when the connection is closed without an answer.

    The path is sent as it is, as http.client does: `..` and `//` stay. A form or a body makes a
    POST of it.
    """
    connection = http.client.HTTPConnection(address, 80, timeout=patience)
    body = urlencode(form).encode() if form is not None else body
    known = {"Host": host or address, "Content-Length": str(len(body))}
    if form is not None:
        known["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.putrequest("POST" if body else "GET", path, True, True)
        for name, value in {**known, **headers}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        return Answer(response.status, response.msg, response.read())
    except ConnectionError:  # http.client.RemoteDisconnected is one
        return None
    finally:
        connection.close()


def page(address: str, path: str = "/", host: str = "", patience: float = PATIENCE) -> str:
    """Return a page that has to be there."""
    answer = ask(address, path, host=host, patience=patience)
    assert answer is not None, f"{address}{path}: no answer"
    assert answer.status == 200, f"{address}{path}: {answer.status} {answer.text}"
    return answer.text


def wait_for(address: str, host: str = "", seconds: float = 20) -> str:
    """Return the front page of a site that is about to come up."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            return page(address, host=host)
        except (AssertionError, OSError):
            time.sleep(0.1)
    return page(address, host=host)
