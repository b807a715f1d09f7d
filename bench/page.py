"""The page as a visitor gets it: over HTTP, or over HTTPS from an authority that they trust."""

from __future__ import annotations

import socket
import ssl
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

PATIENCE = 5.0  # seconds for an answer


def status(address: str, name: str, path: str, roots: Path | None) -> int | OSError:
    """The status of a site's page at an address, or what is in the way of an answer.

    roots: with them it is asked over HTTPS, and has to show a certificate that they stand for.
    """
    try:
        with closing(HTTPConnection(name, timeout=PATIENCE)) as connection:
            connection.sock = _connected(address, name, roots)
            connection.request("GET", path)
            return connection.getresponse().status
    except OSError as error:
        return error


def _connected(address: str, name: str, roots: Path | None) -> socket.socket:
    if not roots:
        return socket.create_connection((address, 80), PATIENCE)
    trust = ssl.create_default_context(cafile=str(roots))
    with socket.create_connection((address, 443), PATIENCE) as plain:
        return trust.wrap_socket(plain, server_hostname=name)
