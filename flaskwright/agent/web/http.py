"""Requests to a web server on this host."""

from __future__ import annotations

import os
import socket
import stat
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence
    from typing import Tuple

    Field = Tuple[str, str]


MOST = 1 << 16  # bytes of a body that are read
PATIENCE = 10.0  # seconds
HTTP, HTTPS = 80, 443


class Reply:
    """What was answered; `fields` has each header as often as it was sent."""

    def __init__(
        self, status: int, headers: dict[str, str], body: bytes, fields: Sequence[Field] = ()
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.fields = fields


def ask(
    address: str,
    path: str,
    host: str,
    timeout: float = PATIENCE,
    https: bool = False,
    **fields: str,
) -> Reply:
    """GET a path with the headers that our proxy sends; raises OSError where no answer comes.

    fields: further headers. `address` is a socket's path, or an IP address, of which port 80 or
    443 is asked. It speaks
    HTTP/1.0, whose answers end with the connection: importing http.client takes longer than all
    other reading.
    """
    secure = https and not address.startswith("/")
    headers = dict(_headers(host, https), **fields)
    request = written("GET %s HTTP/1.0" % path, headers)
    return send(address, request, host if secure else "", timeout)


def written(line: str, headers: dict[str, str]) -> bytes:
    """Give a request without a body as it is sent."""
    fields = ("%s: %s" % pair for pair in headers.items())
    return "\r\n".join([line, *fields, "", ""]).encode("ascii")


def send(address: str, request: bytes, server: str = "", timeout: float = PATIENCE) -> Reply:
    """Send a request and read the answer, over TLS with `server` if that is given; or OSError."""
    with _connected(address, timeout, bool(server)) as plain:
        link = _secured(plain, server) if server else plain
        link.sendall(request)
        return _parsed(_received(link, time.monotonic() + timeout))


def ask_certificate(address: str, host: str, timeout: float = PATIENCE) -> bytes:
    """Give the certificate that port 443 shows for a name, in DER; raises OSError."""
    with _connected(address, timeout, https=True) as link:
        return _secured(link, host).getpeercert(binary_form=True) or b""


def loopback() -> list[str]:
    """Give the host's loopback addresses; IPv6 may be turned off."""
    try:
        with open("/proc/net/if_inet6", encoding="ascii") as file:
            has_ipv6 = "0" * 31 + "1 " in file.read()
    except FileNotFoundError:
        has_ipv6 = False
    return ["127.0.0.1", "::1"] if has_ipv6 else ["127.0.0.1"]


def _connected(address: str, timeout: float, https: bool) -> socket.socket:
    unix = address.startswith("/")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    link = socket.socket(socket.AF_UNIX if unix else family, socket.SOCK_STREAM)
    try:
        link.settimeout(timeout)
        if unix:
            _connect(link, address)
        else:
            link.connect((address, HTTPS if https else HTTP))
    except BaseException:
        link.close()
        raise
    return link


def _connect(link: socket.socket, path: str) -> None:
    """Connect to the socket that has the path itself: an app may lay a link to another's there."""
    place = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not stat.S_ISSOCK(os.fstat(place).st_mode):
            raise ConnectionRefusedError("%s is no socket" % path)
        link.connect("/proc/self/fd/%d" % place)
    finally:
        os.close(place)


def _secured(link: socket.socket, host: str) -> ssl.SSLSocket:
    """Speak TLS over a link, to whoever is there: we ask ourselves, and look at what is shown."""
    import ssl  # slow to import, and not every site has it

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        return context.wrap_socket(link, server_hostname=host, suppress_ragged_eofs=True)
    except ssl.SSLError as error:
        raise ConnectionResetError("the TLS handshake was refused: %s" % error.reason) from None


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
    parts = (line.partition(":") for line in lines)
    fields = [(name.title(), text.strip()) for name, _, text in parts]
    return Reply(int(words[1]), dict(fields), body, fields)


def _headers(host: str, https: bool) -> dict[str, str]:
    return {
        "Host": host,
        "Connection": "close",
        "X-Real-IP": "127.0.0.1",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Host": host,
        "X-Forwarded-Proto": "https" if https else "http",
    }
