"""A web server in the place of nginx or of the app."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

Answers = dict[str, tuple[int, dict[str, str]]]


class Server(HTTPServer):
    """A server whose `answers` say, by Host, status and headers; an unknown Host gets nothing.

    drops: requests that are not answered before it begins to.
    """

    drops = 0

    def __init__(self, address: str | tuple[str, int], answers: Answers) -> None:
        self.answers = answers
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.address_family = family
        super().__init__(address, Handler, bind_and_activate=False)  # type: ignore[arg-type]
        self.socket.bind(address)
        self.server_activate()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def get_request(self) -> tuple[socket.socket, Any]:
        return self.socket.accept()[0], ("", 0)


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        status, headers = self.server.answers.get(self.headers["Host"], (0, {}))
        self.server.drops -= 1
        if status and self.server.drops < 0:
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

    def log_message(self, *anything: object) -> None:
        pass
