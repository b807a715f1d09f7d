"""A stand-in for a certificate authority whose limit is reached; Pebble knows no limits.

It makes accounts and refuses every order with status 429, as RFC 8555 has it.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sandbox.authority import Authority

NOTHING: Mapping[str, str] = {}
WAIT = 7200  # seconds
REFUSED = {
    "type": "urn:ietf:params:acme:error:rateLimited",
    "detail": "too many certificates already issued for this exact set of identifiers",
    "status": 429,
}


@contextmanager
def rate_limited(beside: Authority) -> Iterator[str]:
    """Start it at the address of a real one, with whose certificate it shows itself; its URL."""
    server = ThreadingHTTPServer((beside.address, 0), _Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(beside.ca, beside.root / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"https://{beside.address}:{server.server_address[1]}/dir"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def base(self) -> str:
        return f"https://{self.headers['Host']}"

    def do_GET(self) -> None:
        names = ("newNonce", "newAccount", "newOrder", "revokeCert", "keyChange")
        self.answer(200, {name: f"{self.base}/{name}" for name in names})

    def do_HEAD(self) -> None:
        self.answer(200)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/newOrder":
            self.answer(429, REFUSED, {"Retry-After": str(WAIT)})
        else:
            self.answer(201, {"status": "valid"}, {"Location": f"{self.base}/account/1"})

    def answer(self, status: int, body: object = None, more: Mapping[str, str] = NOTHING) -> None:
        data = json.dumps(body).encode() if body else b""
        kind = "application/json" if status < 400 else "application/problem+json"
        self.send_response(status)
        fields = {"Replay-Nonce": "bm9uY2U", "Content-Type": kind, **more}
        for name, value in {**fields, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *anything: object) -> None:
        """Say nothing."""
