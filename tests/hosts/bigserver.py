"""A web server beside the hosts whose every answer is larger than a packet."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BODY = b"x" * 200_000


class Server(ThreadingHTTPServer):
    """It does not mind who leaves in the middle."""

    request_queue_size = 64

    def handle_error(self, *anything: object) -> None:
        """Say nothing."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *anything: object) -> None:
        """Say nothing."""


@contextmanager
def serving(address: str) -> Iterator[str]:
    """Serve at an address of this machine; gives the URL."""
    server = Server((address, 0), _Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://{address}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
