"""Why a program has heard nothing from the network: what comes of it when we ask there."""

from __future__ import annotations

import re
import socket
import urllib.parse

from . import activity, path_mtu
from .command import execute
from .errors import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .command import Telling
    from .output import Place


ASKED = 3  # places at most
INTERFACE = re.compile(r"\bdev (\S+)")
WHAT = "large packets are lost on the way from %s to %s"
WHY = "the path's MTU is smaller than the interface's: %s sends up to %s bytes, %d arrive"
NEXT = (
    "on the host: sudo ip link set dev %s mtu %d; when that cures it, set it for good where the "
    "host's network is configured, or have the router clamp the MSS"
)


def lost_packets(
    telling: Telling, places: Iterable[Place], urls: Sequence[str], log: Sequence[str]
) -> Failed | None:
    """Give the failure where large packets are lost on the way to one of the places, else None.

    telling: as in command.execute.
    """
    with telling(lambda: "looks whether large packets get through"):
        for address, port in list(places)[-ASKED:]:
            url = _url(address, port, urls)
            path = url.path or "/"
            size = path_mtu.largest(address, port, url.hostname or address, path)
            if size:
                return _failure(telling, address, url.hostname or address, size, log)
    return None


def _failure(telling: Telling, address: str, name: str, size: int, log: Sequence[str]) -> Failed:
    interface, own = _interface(telling, address)
    what, why = WHAT % (socket.gethostname(), name), WHY % (interface, own, size)
    return Failed(what, why, log, NEXT % (interface, size))


def _interface(telling: Telling, address: str) -> tuple[str, str]:
    """Give the interface that leads to an address, and its MTU."""
    name = "eth0"
    try:
        argv = ["ip", "-o", "route", "get", address]
        found = INTERFACE.search(execute(argv, {"timeout": 10.0}, None, telling).out)
        name = found.group(1) if found else name
        with open("/sys/class/net/%s/mtu" % name, encoding="ascii") as file:
            return name, file.read().strip()
    except (OSError, Failed):
        return name, "1500"


def _url(address: str, port: int, urls: Sequence[str]) -> urllib.parse.SplitResult:
    """Give the URL that led to a place, as far as it is known."""
    hosts = {urllib.parse.urlsplit(url).hostname or "": url for url in reversed(urls)}
    found = hosts.get(activity.shown(address, port, list(hosts)), "")
    return urllib.parse.urlsplit(found)
