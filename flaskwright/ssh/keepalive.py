"""Whether a host is heard at all: asked for a sign of life now and then, whatever runs there.

A program that says nothing and a cable that is pulled look alike otherwise, until the kernel gives
the link up.
"""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from paramiko import Transport

EACH = 2.5  # seconds between two questions
GIVEN_UP = 60.0  # seconds without an answer after which a link is dead, whatever leads there
QUESTION = "keepalive@openssh.com"  # each server answers one that it does not know, with a refusal


class Pulse:
    """Listens to the other end of a transport within a `with`.

    limit: of seconds without a sign of life, after which the transport is closed. The kernel gives
    up a link of its own; of one through a jump host or a proxy it knows the first part alone.
    each: seconds between two questions, by default EACH.
    """

    def __init__(self, transport: Transport, limit: float = math.inf, each: float = 0.0) -> None:
        self._transport = transport
        self._limit, self._each = limit, each or EACH
        self._over = threading.Event()
        self._heard = time.monotonic()

    def __enter__(self) -> Self:
        packetizer = self._transport.packetizer
        self._read = packetizer.read_message
        packetizer.read_message = self._hear
        for act in (self._ask, self._mind):
            threading.Thread(target=act, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._transport.packetizer.read_message = self._read

    def silence(self) -> float:
        """Return the seconds since anything came from there."""
        return time.monotonic() - self._heard

    def _hear(self) -> Any:
        """Read a message; Paramiko's own thread does so, whatever it is about."""
        message = self._read()
        self._heard = time.monotonic()
        return message

    def _ask(self) -> None:
        while not self._over.wait(self._each) and self._transport.is_active():
            self._transport.global_request(QUESTION, wait=True)

    def _mind(self) -> None:
        while not self._over.wait(self._each):
            if self.silence() > self._limit:
                self._transport.close()
                return
