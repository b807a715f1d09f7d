"""A small DNS server for the bridge: the hosts' names from a file, the rest from the operator.

Run as a program: resolver.py ADDRESS NAMES.json. Standard library only; as root it binds port 53
and then becomes nobody. UDP and TCP (RFC 1035); AAAA of a host's name is empty.
"""

import json
import os
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from io import BufferedIOBase
from pathlib import Path

Ask = Callable[[bytes, str], bytes]  # query, nameserver -> response

A, ANY, IN = 1, 255, 1
NO_ERROR, SERVER_FAILURE, NO_SUCH_NAME = 0, 2, 3
RESPONSE, RECURSION_AVAILABLE = 0x8000, 0x0080
KEPT_FLAGS = 0x7900  # opcode and "recursion desired" go back as they came
PROBE = b"\0\1\1\0\0\1\0\0\0\0\0\0\4test\0\0\1\0\1"
NOBODY = 65534
TTL = 1


def question(query: bytes) -> tuple[str, int, int]:
    """Name, type and end of a query's first question; ValueError when it is not one."""
    labels, at = [], 12
    while len(query) > at and 0 < query[at] < 64:
        labels.append(query[at + 1 : at + 1 + query[at]])
        at += 1 + query[at]
    if len(query) < at + 5 or query[at] or query[2] & 0x80:
        raise ValueError("not a question")
    (kind,) = struct.unpack("!H", query[at + 1 : at + 3])
    return b".".join(labels).decode("ascii", "replace").lower(), kind, at + 5


def local_answer(query: bytes, names: Mapping[str, str]) -> bytes | None:
    """The response for a name that is ours (all of .test is); None for all others."""
    name, kind, _ = question(query)
    if name not in names:
        ours = name == "test" or name.endswith(".test")
        return response(query, NO_SUCH_NAME) if ours else None
    return response(query, NO_ERROR, names[name] if kind in (A, ANY) else "")


def response(query: bytes, status: int, address: str = "") -> bytes:
    """A response with the question and at most one address."""
    _, _, end = question(query)
    (flags,) = struct.unpack("!H", query[2:4])
    flags = flags & KEPT_FLAGS | RESPONSE | RECURSION_AVAILABLE | status
    head = query[:2] + struct.pack("!HHHHH", flags, 1, 1 if address else 0, 0, 0)
    record = struct.pack("!HHHIH", 0xC00C, A, IN, TTL, 4) + socket.inet_aton(address or "0")
    return head + query[12:end] + (record if address else b"")


def forward(query: bytes, ask: Ask, own: str) -> bytes:
    """The response of the first of the operator's nameservers that gives one."""
    for server in nameservers():
        try:
            if server != own:
                return ask(query, server)
        except OSError:
            continue
    return response(query, SERVER_FAILURE)


def nameservers(path: Path = Path("/etc/resolv.conf")) -> list[str]:
    """The operator's nameservers, read each time, for a laptop moves."""
    lines = (line.split() for line in path.read_text().splitlines())
    return [words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"]


def ask_udp(query: bytes, server: str, port: int = 53) -> bytes:
    """Send a DNS query to a server and return its answer, for 3 s; raises OSError."""
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(3)
        sock.connect((server, port))
        sock.send(query)
        return sock.recv(65535)


def ask_tcp(query: bytes, server: str, port: int = 53) -> bytes:
    """The same over TCP, for responses that do not fit."""
    with socket.create_connection((server, port), timeout=5) as sock:
        sock.sendall(struct.pack("!H", len(query)) + query)
        with sock.makefile("rb") as stream:
            return read_message(stream)


def read_message(stream: BufferedIOBase) -> bytes:
    """A message with its length in front; empty at the end of the stream."""
    head = stream.read(2)
    return stream.read(struct.unpack("!H", head)[0]) if len(head) == 2 else b""


def answers(address: str, port: int = 53) -> bool:
    """Whether a resolver of this kind is at work there."""
    try:
        return ask_udp(PROBE, address, port)[:2] == PROBE[:2]
    except OSError:
        return False


class Names:
    """The names of the hosts, read again when the file changes, also as nobody."""

    def __init__(self, path: Path) -> None:
        self.directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
        self.name = path.name
        self.seen = (0, 0)
        self.names: dict[str, str] = {}

    def read(self) -> dict[str, str]:
        """Every name with its address; the file is read again once it has changed."""
        with open(os.open(self.name, os.O_RDONLY, dir_fd=self.directory)) as file:  # noqa: PTH123
            stat = os.fstat(file.fileno())
            if self.seen != (stat.st_mtime_ns, stat.st_ino):
                self.names = json.load(file)
                self.seen = (stat.st_mtime_ns, stat.st_ino)
        return self.names


class Resolver:
    """The answers, for both servers."""

    def __init__(self, names: Names, own: str) -> None:
        self.names = names
        self.own = own

    def reply(self, query: bytes, ask: Ask) -> bytes:
        """The response to a query; empty for what is none."""
        try:
            return local_answer(query, self.names.read()) or forward(query, ask, self.own)
        except (ValueError, IndexError, struct.error):
            return b""


def servers(resolver: Resolver, port: int = 53) -> list[socketserver.BaseServer]:
    """A UDP and a TCP server at the resolver's address."""

    class Datagram(socketserver.DatagramRequestHandler):
        def handle(self) -> None:
            self.wfile.write(resolver.reply(self.rfile.read(), ask_udp))

    class Stream(socketserver.StreamRequestHandler):
        timeout = 10

        def handle(self) -> None:
            with suppress(OSError):  # gone, or silent for too long
                while reply := resolver.reply(read_message(self.rfile), ask_tcp):
                    self.wfile.write(struct.pack("!H", len(reply)) + reply)

    socketserver.ThreadingTCPServer.allow_reuse_address = True
    made: list[socketserver.BaseServer] = [
        socketserver.ThreadingUDPServer((resolver.own, port), Datagram),
        socketserver.ThreadingTCPServer((resolver.own, port), Stream),
    ]
    return made


def main(address: str, names: str) -> None:
    """Serve until ended."""
    udp, tcp = servers(Resolver(Names(Path(names)), address))
    if not os.geteuid():
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    threading.Thread(target=udp.serve_forever, daemon=True).start()
    tcp.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
