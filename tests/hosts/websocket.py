"""A WebSocket as a browser has it, over TLS: RFC 6455, text of up to 125 bytes."""

from __future__ import annotations

import os
import socket
import ssl
from base64 import b64encode
from pathlib import Path
from typing import BinaryIO

TEXT, CLOSE = 0x1, 0x8


class Refused(Exception):
    """The server answered with another status than 101."""


class WebSocket:
    """Connects in its constructor; raises Refused, and OSError."""

    def __init__(self, address: str, name: str, path: str, roots: Path) -> None:
        trust = ssl.create_default_context(cafile=str(roots))
        plain = socket.create_connection((address, 443), timeout=60)
        self.link = trust.wrap_socket(plain, server_hostname=name)
        self.file: BinaryIO = self.link.makefile("rb")
        lines = [
            f"GET {path} HTTP/1.1", f"Host: {name}", f"Origin: https://{name}",
            "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}", "", "",
        ]  # fmt: skip
        self.link.sendall("\r\n".join(lines).encode())
        status = self.file.readline().decode()
        while self.file.readline().strip():
            pass
        if " 101 " not in status:
            raise Refused(status)

    def send(self, text: str) -> None:
        """Send a text, with a mask as clients have to."""
        data, mask = text.encode(), os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
        self.link.sendall(bytes([0x80 | TEXT, 0x80 | len(data)]) + mask + masked)

    def receive(self) -> str | None:
        """Return the next text; None once the server has closed it, or it was cut."""
        try:
            head = self.file.read(2)
            data = self.file.read(head[1] & 0x7F) if len(head) == 2 else b""
        except (ConnectionError, ssl.SSLEOFError):
            return None
        return data.decode() if head and head[0] & 0xF == TEXT else None

    def close(self) -> None:
        """Close the connection."""
        self.file.close()
        self.link.close()
