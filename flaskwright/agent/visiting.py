"""A site as its visitors see it, asked from the host itself."""

from __future__ import annotations

import re
import socket

from .asking import HTTPS, loopback, send, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .asking import Reply

ELSEWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}  # RFC 5737, RFC 3849
PATIENCE = 20.0  # seconds


def addresses() -> list[str]:
    """Give the host's addresses that visitors come to, IPv4 first; without a network loopback."""
    own = [_own(family) for family in (socket.AF_INET, socket.AF_INET6)]
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


def certificate(address: str, name: str, trust: str) -> dict[str, Any]:
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


def _own(family: socket.AddressFamily) -> str:
    """Give the address that the host would talk to others from; nothing is sent."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((ELSEWHERE[family], 9))
            found = str(probe.getsockname()[0])
    except OSError:
        return ""
    return "" if re.match("(?i)fe80", found) else found
