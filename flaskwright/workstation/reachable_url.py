"""Whether the URL that is printed opens on this machine, as a browser here would open it."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from functools import cache

from ..inventory import Host
from . import tls_grade

HTTP, HTTPS = 80, 443
PATIENCE = 10  # seconds
HAIRPIN = (
    "no answer here ({error}); where this machine is in the host's own network, the router may not "
    "lead its public address back: try it from a phone without WLAN, or: {look}"
)


def open_url(host: Host) -> tuple[str, str, str]:
    """Open the site's URL; returns what was looked at, what is wrong, and what may well not be.

    Any answer will do: whether the app is well is asked on the host. A throw-away host is opened at
    its address, for no name server knows its domain.
    """
    looked_at = f"{host.url} from this machine"
    try:
        place = host.place if host.sandbox else _resolved(host)
    except socket.gaierror as error:
        return looked_at, f"{host.typed_host} has no address here: {error.strerror}", ""
    try:
        return f"{looked_at}: {_status(host, place)}", "", ""
    except ssl.SSLCertVerificationError as error:
        return looked_at, f"a browser would warn: {error.verify_message}", ""
    except (OSError, http.client.HTTPException) as error:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        if host.site.domain and _is_public(place):
            return looked_at, "", HAIRPIN.format(error=said, look=host.look)
        return looked_at, f"no answer from {place}: {said}", ""


def resolve(host: Host) -> tuple[str, ...]:
    """Return the addresses at which this machine reaches the host, by ssh; none: it has no name."""
    return _found((host.found or host.address).strip("[]"))


@cache
def _found(name: str) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


def _resolved(host: Host) -> str:
    name = host.typed_host.strip("[]")
    found = socket.getaddrinfo(name, HTTPS if host.site.https else HTTP, type=socket.SOCK_STREAM)
    return str(found[0][4][0])


def _status(host: Host, place: str) -> str:
    """Ask for `/` at an address, by the site's name; returns status line and where it leads."""
    with socket.create_connection(
        (place.strip("[]"), HTTPS if host.site.https else HTTP), PATIENCE
    ) as link:
        asked = http.client.HTTPConnection(host.typed_host, timeout=PATIENCE)
        asked.sock = _secured(host, link) if host.site.https else link
        asked.putrequest("GET", "/", skip_host=True)
        asked.putheader("Host", host.typed_host)
        asked.putheader("Connection", "close")
        asked.endheaders()
        answer = asked.getresponse()
        to = answer.getheader("Location")
        return f"{answer.status} {answer.reason}" + (f", to {to}" if to else "")


def _secured(host: Host, link: socket.socket) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    if trusted := tls_grade.authorities(host):
        context.load_verify_locations(cadata=trusted)
    return context.wrap_socket(link, server_hostname=host.typed_host)


def _is_public(place: str) -> bool:
    try:
        return ipaddress.ip_address(place.strip("[]").partition("%")[0]).is_global
    except ValueError:
        return False
