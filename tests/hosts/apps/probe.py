"""The guestbook, and routes that tell what the app sees and may do inside of its unit."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from app import app
from flask import request

__all__ = ["app"]


@app.get("/probe/headers")
def headers() -> dict[str, str]:
    """The request's headers as they came."""
    return dict(request.headers)


@app.get("/probe/environment/<name>")
def environment(name: str) -> str:
    """One of the app's variables."""
    return os.environ.get(name, "")


@app.get("/probe/write")
def write() -> str:
    """Write a file at `path`, and say how that went."""
    try:
        Path(request.args["path"]).write_text("written by the app")
    except OSError as error:
        return error.__class__.__name__ + ": " + str(error)
    return "written"


@app.get("/probe/read")
def read() -> str:
    """A file at `path`, or why not."""
    try:
        return Path(request.args["path"]).read_text()
    except OSError as error:
        return error.__class__.__name__ + ": " + str(error)


@app.get("/probe/connect/<address>/<int:port>")
def connect(address: str, port: int) -> str:
    """What a server at that place says, or why it cannot be reached."""
    try:
        with socket.create_connection((address, port), timeout=3) as link:
            return link.recv(100).decode()
    except OSError as error:
        return error.__class__.__name__ + ": " + str(error)


@app.get("/probe/keyring/<service>/<username>")
def password(service: str, username: str) -> str:
    """A password from the keyring, as the guide's apps read it."""
    import keyring

    return keyring.get_password(service, username) or ""
