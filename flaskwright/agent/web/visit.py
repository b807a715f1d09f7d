"""A site as its visitors see it, asked from the host itself."""

from __future__ import annotations

import socket

from ..system import disk
from .http import HTTPS, loopback, send, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .http import Reply


ELSEWHERE = "192.0.2.1"  # RFC 5737
GLOBAL = "00"  # a scope; 10 is this host only, 20 its link (include/net/ipv6.h)
PATIENCE = 20.0  # seconds


def addresses() -> list[str]:
    """Give the host's addresses that visitors come to, IPv4 first; without a network loopback."""
    own = [_ipv4(), _ipv6(disk.read("/proc/net/if_inet6") or b"")]
    return list(filter(None, own)) or loopback()


def visit(
    address: str, path: str, name: str, https: bool = False, server: str = "", **fields: str
) -> Reply:
    """GET a path of the site of that name as a browser does; raises OSError.

    `server` is the name that TLS is spoken with, where that is another; `fields` are headers.
    """
    headers = {"Host": name, "Connection": "close", "User-Agent": "flaskwright"}
    headers.update((key.replace("_", "-"), value) for key, value in fields.items())
    request = written("GET %s HTTP/1.1" % path, headers)
    return send(address, request, (server or name) if https else "", PATIENCE)


def ask_certificate(address: str, name: str, trust: str) -> dict[str, Any]:
    """Give what a browser learns of the certificate for a name (as ssl.getpeercert does).

    trust: authorities in PEM, beside those that the host trusts. Raises OSError, and
    ConnectionError with the reason where a browser would refuse.
    """
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    if trust:
        context.load_verify_locations(cadata=trust)
    with socket.create_connection((address, HTTPS), PATIENCE) as plain:
        try:
            with context.wrap_socket(plain, server_hostname=name) as link:
                return link.getpeercert() or {}
        except ssl.CertificateError as error:
            raise ConnectionAbortedError(error.verify_message) from None
        except ssl.SSLError as error:
            raise ConnectionAbortedError("the TLS handshake failed: %s" % error.reason) from None


def _ipv4() -> str:
    """Give the address that the host would talk to others from; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((ELSEWHERE, 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def _ipv6(table: bytes) -> str:
    """Give the first address of /proc/net/if_inet6 that is not its link's or machine's only."""
    for line in table.decode("ascii").rstrip().split("\n") if table else ():
        number, _, _, scope, *_ = line.split()
        if scope == GLOBAL:
            return socket.inet_ntop(socket.AF_INET6, bytes.fromhex(number))
    return ""
