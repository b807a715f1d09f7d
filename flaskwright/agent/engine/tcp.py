"""TCP connections to other machines, as the kernel counts their bytes (sock_diag(7))."""

from __future__ import annotations

import socket
import struct

from . import procfs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


SOCK_DIAG, BY_FAMILY, DUMP = 4, 20, 0x301
DONE, INFO = 3, 2
STATES = 1 << 1 | 1 << 2  # established, and being established
HEAD, FIXED = 16, 72  # bytes of a message of netlink, of what it has of each connection
PORT, THERE, INODE = 6, 24, 68  # places in that
RECEIVED = 128  # place in tcp_info
CHUNK = 1 << 16


class Connection:
    """One to `address` and `port`; `inode` names its socket, `received` is in bytes."""

    def __init__(self, inode: int, address: str, port: int, received: int) -> None:
        self.inode = inode
        self.address = address
        self.port = port
        self.received = received


def connections(pids: Iterable[int]) -> list[Connection]:
    """Give those that these processes hold; none where the kernel does not tell."""
    held = {int(inode) for pid in pids for inode in procfs.sockets(pid)}
    try:
        families = (socket.AF_INET, socket.AF_INET6) if held else ()
        return [one for family in families for one in _all(family) if one.inode in held]
    except OSError:
        return []


def _all(family: int) -> Iterator[Connection]:
    asked = struct.pack("=4BI", family, socket.IPPROTO_TCP, 1 << (INFO - 1), 0, STATES) + bytes(48)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, SOCK_DIAG) as link:
        link.settimeout(1.0)
        link.send(struct.pack("=IHHII", HEAD + len(asked), BY_FAMILY, DUMP, 0, 0) + asked)
        while True:
            data = link.recv(CHUNK)
            while data:
                size, kind = struct.unpack_from("=IH", data)
                if kind != BY_FAMILY:  # that was all, or an error
                    return
                yield _connection(family, data[HEAD:size])
                data = data[size + 3 & ~3 :]


def _connection(family: int, told: bytes) -> Connection:
    size = 4 if family == socket.AF_INET else 16
    address = socket.inet_ntop(family, told[THERE : THERE + size])
    (port,), (inode,) = struct.unpack_from("!H", told, PORT), struct.unpack_from("=I", told, INODE)
    return Connection(inode, address, port, _received(told[FIXED:]))


def _received(attributes: bytes) -> int:
    while len(attributes) > 4:
        size, kind = struct.unpack_from("=HH", attributes)
        if kind == INFO and size >= 4 + RECEIVED + 8:
            return int(struct.unpack_from("=Q", attributes, 4 + RECEIVED)[0])
        attributes = attributes[max(size + 3 & ~3, 4) :]
    return 0
