"""A TCP connection to a host: its packets go through every path, and a dead link is noticed."""

from __future__ import annotations

import socket
from contextlib import suppress

PACKET = 1280  # bytes: what every path of IPv6 must carry, and tunnels of IPv4 do as well
HEADERS = {int(socket.AF_INET): 40, int(socket.AF_INET6): 60}  # bytes, of IP and TCP
UNACKNOWLEDGED = 20_000  # milliseconds after which the kernel gives up a link


def dial(address: str, port: int, seconds: float) -> socket.socket:
    """Connect, with so many seconds for each of the host's addresses; raises OSError.

    A path that loses large packets without a word would let us log in, and then swallow the plan.
    Both sides keep to the smaller size.
    """
    refusal: OSError | None = None
    for family, kind, protocol, _, place in socket.getaddrinfo(
        address, port, type=socket.SOCK_STREAM
    ):
        sock = socket.socket(family, kind, protocol)
        try:
            _prepare(sock, family)
            sock.settimeout(seconds)
            sock.connect(place)
        except OSError as error:
            sock.close()
            refusal = refusal or error
            continue
        return sock
    raise refusal or OSError(f"{address} has no address")


def _prepare(sock: socket.socket, family: int) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED)
    with suppress(OSError):  # where a system refuses it, the way is as it would be without us
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, PACKET - HEADERS[family])
