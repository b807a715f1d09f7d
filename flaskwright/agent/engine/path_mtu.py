"""Whether the way to a server loses large packets without a word: a path's MTU below the link's.

The same is asked twice, once in packets as large as our link takes them and once in small ones.
Where only the small ones get an answer, the size is what matters.
"""

from __future__ import annotations

import socket
import threading
from itertools import takewhile

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Union

    Link = Union[socket.socket, ssl.SSLSocket]


# bytes of a packet: of DSL, of tunnels in tunnels, and the smallest that IPv6 may have
SIZES = (1492, 1480, 1460, 1450, 1440, 1420, 1400, 1380, 1360, 1340, 1320, 1300, 1280)
LARGE = 3000  # bytes, more than a packet has
PATIENCE = 5.0  # seconds for an answer
HTTPS = 443
REQUEST = "GET %s HTTP/1.0\r\nHost: %s\r\nX-Padding: %s\r\n\r\n"


def largest(address: str, port: int, host: str = "", path: str = "/") -> int:
    """Give the size, in bytes, of the largest packets that arrive where larger ones are lost.

    0 where they are not, or where nothing is known because small ones get no answer either. A GET
    of `path`, sent to whatever listens, is as large as a packet can be; the answer may be too.
    """
    if answers(address, port, host, path, 0) or not answers(address, port, host, path, SIZES[-1]):
        return 0
    found: dict[int, bool] = {}

    def ask(size: int) -> None:
        found[size] = answers(address, port, host, path, size)

    threads = [threading.Thread(target=ask, args=(size,)) for size in SIZES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    smaller = takewhile(found.get, reversed(SIZES))
    return max(smaller, default=SIZES[-1])


def answers(address: str, port: int, host: str, path: str, size: int) -> bool:
    """Tell whether a request is answered in packets of at most `size` bytes, 0: as they come."""
    family, headers = (socket.AF_INET6, 60) if ":" in address else (socket.AF_INET, 40)
    with socket.socket(family, socket.SOCK_STREAM) as plain:
        if size:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, size - headers)
        plain.settimeout(PATIENCE)
        try:
            plain.connect((address, port))
            link = _secured(plain, host) if port == HTTPS else plain
            link.sendall((REQUEST % (path, host, "-" * LARGE)).encode())
            return _has_come(link)
        except (socket.timeout, TimeoutError):
            return False
        except OSError:  # a refusal is an answer
            return True


def _secured(plain: socket.socket, host: str) -> Link:
    import ssl  # slow to import

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(plain, server_hostname=host or None)


def _has_come(link: Link) -> bool:
    """Read until the end, or more than a packet."""
    come = 0
    while come < LARGE:
        more = len(link.recv(LARGE))
        if not more:
            break
        come += more
    return True
